//! Principal axes of one side in the coordinates of an orthonormal basis of its span, so that what is known of the
//! basis (its rank, its inner products with another side's) holds for them too.

use crate::Result;
use crate::linalg::{Eigen, Matrix, Svd, multiply_at_b, squared_norm};

/// Smallest ratio of eigenvalues that squares of singular values may have: below it their own rounding would show.
const TRUSTED_RATIO: f64 = 1e-7;

/// `Xᵀ Q = V diag(values) vectorsᵀ` for an orthonormal basis Q, so `X = Q vectors diag(values) Vᵀ`.
#[derive(Debug, Clone)]
pub(crate) struct Axes {
    /// Singular values of the neurons, largest first, all above 0.
    pub(crate) values: Vec<f64>,
    /// Column k is the axis of `values[k]`: rank × rank, orthogonal.
    pub(crate) vectors: Matrix,
}

impl Axes {
    /// From the inner products of every neuron with every basis vector, d × rank.
    pub(crate) fn of(mut loadings: Matrix) -> Result<Self> {
        let size = squared_norm(&loadings).sqrt();
        // Of unit size no square leaves the range of f64.
        loadings.values_mut().iter_mut().for_each(|v| *v /= size);
        let Eigen { values, vectors } = Eigen::of(&multiply_at_b(&loadings, &loadings))?;
        if values[values.len() - 1] > TRUSTED_RATIO * values[0] {
            return Ok(Self { values: values.iter().map(|v| size * v.sqrt()).collect(), vectors });
        }
        let Svd { values, v, .. } = Svd::of(&loadings)?;
        Ok(Self { values: values.iter().map(|s| size * s).collect(), vectors: v })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::{multiply, multiply_a_bt};
    use crate::overlap::tests::random;

    #[test]
    fn both_ways_rebuild_the_products_of_the_neurons() {
        for faint in [1.0, 1e-6] {
            let mut loadings = random(9, 4, 3);
            loadings.column_mut(2).iter_mut().for_each(|v| *v *= faint);
            let products = multiply_at_b(&loadings, &loadings);
            let axes = Axes::of(loadings).unwrap();
            let mut scaled = axes.vectors.clone();
            for (k, s) in axes.values.iter().enumerate() {
                scaled.column_mut(k).iter_mut().for_each(|v| *v *= s * s);
            }
            let rebuilt = multiply_a_bt(&scaled, &axes.vectors);
            for (a, b) in rebuilt.values().iter().zip(products.values()) {
                assert!((a - b).abs() < 1e-13, "{faint}: {a} {b}");
            }
            let unit = multiply(&axes.vectors.transpose(), &axes.vectors);
            assert!((0..4).all(|k| (unit[(k, k)] - 1.0).abs() < 1e-13));
        }
    }
}
