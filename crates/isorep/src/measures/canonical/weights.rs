//! How strongly the neurons of one side lean on each canonical direction: the weights of PWCCA.
//!
//! Where canonical correlations are equal the directions themselves are not determined; the weight of such a group is
//! then its mean over all choices of directions, so that the result depends on the data and not on the algorithm.

use crate::linalg::{Eigen, Matrix, Svd, multiply, multiply_a_bt, multiply_at_b};
use crate::{Error, Result};

/// Correlations closer than this count as equal.
const TIE: f64 = 1e-9;
/// Error from directions that are nearly equal, relative to the total weight, up to which the squared form is used.
const ACCEPTED: f64 = 1e-10;

/// Canonical correlations, largest first, and the directions of the weighted side in its own basis.
struct Directions {
    correlations: Vec<f64>,
    /// `rank` × number of correlations.
    vectors: Matrix,
}

/// Σ α ρ / Σ α for canonical correlations ρ and weights `α_i = Σ_j |⟨h_i, x_j⟩|` of the canonical directions h.
///
/// `loadings` are `Xᵀ Q_x` of the side that gives the weights, `cosines` are `Q_xᵀ Q_y`.
pub(super) fn weighted_mean(loadings: &Matrix, cosines: &Matrix) -> Result<f64> {
    let squared = Directions::from_squares(cosines)?;
    let (value, error) = squared.mean(loadings)?;
    if error <= ACCEPTED {
        return Ok(value);
    }
    Ok(Directions::from_singular_vectors(cosines)?.mean(loadings)?.0)
}

impl Directions {
    /// From the eigenvectors of the smaller of `M Mᵀ` and `Mᵀ M`, several times cheaper than singular vectors.
    fn from_squares(m: &Matrix) -> Result<Self> {
        let direct = m.rows() <= m.columns();
        let eigen = Eigen::of(&if direct { multiply_a_bt(m, m) } else { multiply_at_b(m, m) })?;
        let correlations: Vec<f64> = eigen.values.iter().map(|v| v.max(0.0).sqrt()).collect();
        if direct {
            return Ok(Self { correlations, vectors: eigen.vectors });
        }
        let mut vectors = multiply(m, &eigen.vectors);
        for (k, correlation) in correlations.iter().enumerate().filter(|(_, c)| **c > TIE) {
            vectors.column_mut(k).iter_mut().for_each(|v| *v /= correlation);
        }
        Ok(Self { correlations, vectors })
    }

    fn from_singular_vectors(m: &Matrix) -> Result<Self> {
        let svd = Svd::of(m)?;
        Ok(Self { correlations: svd.values, vectors: svd.u })
    }

    /// The weighted mean, and an estimate of its error if the vectors come from squared correlations.
    fn mean(&self, loadings: &Matrix) -> Result<(f64, f64)> {
        let Self { correlations, vectors } = self;
        let (rank, m) = (vectors.rows(), correlations.len());
        let on_directions = multiply(loadings, vectors);
        let (mut total, mut weighted, mut error) = (0.0, 0.0, 0.0);
        let mut start = 0;
        while start < m {
            let end = (start + 1..m).find(|k| correlations[k - 1] - correlations[*k] > TIE).unwrap_or(m);
            let (count, weight) = if correlations[start] <= TIE {
                // Any direction at right angles to those before: more may be free than are counted.
                let rest = leftover(loadings, &on_directions, start);
                (rank - start, rest * (m - start) as f64 / (rank - start) as f64)
            } else {
                (end - start, lengths(&on_directions, start..end).iter().sum())
            };
            let weight = weight * mean_absolute_sum(count);
            let mean = correlations[start..end].iter().sum::<f64>() / (end - start) as f64;
            let above = if start == 0 {
                f64::INFINITY
            } else {
                correlations[start - 1].powi(2) - correlations[start].powi(2)
            };
            let below = if end < m {
                correlations[end - 1].powi(2) - correlations[end].powi(2)
            } else if rank > m {
                correlations[end - 1].powi(2)
            } else {
                f64::INFINITY
            };
            if correlations[start] > TIE {
                error += weight * 8.0 * f64::EPSILON / above.min(below);
            }
            total += weight;
            weighted += weight * mean;
            start = if correlations[start] <= TIE { m } else { end };
        }
        if total == 0.0 {
            return Err(Error::undefined("no neuron leans on any canonical direction: all weights are 0"));
        }
        Ok((weighted / total, error / total))
    }
}

/// Lengths of the rows of some columns.
fn lengths(m: &Matrix, columns: std::ops::Range<usize>) -> Vec<f64> {
    let mut squares = vec![0.0; m.rows()];
    for k in columns {
        squares.iter_mut().zip(m.column(k)).for_each(|(s, v)| *s += v * v);
    }
    squares.iter().map(|s| s.sqrt()).collect()
}

/// Σ over neurons of the length of what the first `count` directions leave over.
fn leftover(loadings: &Matrix, on_directions: &Matrix, count: usize) -> f64 {
    let all = lengths(loadings, 0..loadings.columns());
    let used = lengths(on_directions, 0..count);
    all.iter().zip(used).map(|(a, u)| ((a - u) * (a + u)).max(0.0).sqrt()).sum()
}

/// Mean of Σ|vᵢ| over all directions of a unit vector v of `k` numbers: `k Γ(k/2) / (√π Γ((k+1)/2))`.
fn mean_absolute_sum(k: usize) -> f64 {
    let root = std::f64::consts::PI.sqrt();
    // Γ(k/2) / Γ((k+1)/2), of which two in a row multiply to 2/k.
    let ratio = (1..k).fold(root, |ratio, k| 2.0 / (k as f64 * ratio));
    k as f64 * ratio / root
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlap::tests::random;

    #[test]
    fn mean_absolute_sums_by_hand() {
        // One number: 1. A unit vector of the plane: 2 · 2/π. Of space: 3 · 1/2.
        for (k, expected) in [(1, 1.0), (2, 4.0 / std::f64::consts::PI), (3, 1.5)] {
            assert!((mean_absolute_sum(k) - expected).abs() < 1e-15);
        }
    }

    #[test]
    fn both_ways_to_the_directions_agree() {
        for (rows, columns) in [(12, 9), (9, 12), (10, 10), (70, 80)] {
            let m = random(rows, columns, 5);
            let scale = 1.0 / crate::linalg::singular_values(&m).unwrap()[0];
            let m = Matrix::from_fn(rows, columns, |i, j| m[(i, j)] * scale);
            let loadings = random(15, rows, 6);
            let (quick, error) = Directions::from_squares(&m).unwrap().mean(&loadings).unwrap();
            let slow = Directions::from_singular_vectors(&m).unwrap().mean(&loadings).unwrap().0;
            assert!((quick - slow).abs() <= error.max(1e-14), "{quick} {slow} {error:e}");
            assert!(error < 1e-9, "{error:e}");
        }
    }

    /// Two equal correlations: turning the basis of their plane must not change the value.
    #[test]
    fn equal_correlations_do_not_depend_on_the_basis() {
        let correlations = [0.9, 0.5, 0.5, 0.0];
        let loadings = random(7, 4, 8);
        let mut values = Vec::new();
        for turn in [0.0_f64, 0.4, 1.2] {
            let (c, s) = (turn.cos(), turn.sin());
            // M = R diag(ρ) Rᵀ with R a turn of the second and third basis vector, which changes nothing but rounding.
            let r = Matrix::from_fn(4, 4, |i, j| match (i, j) {
                (1, 1) | (2, 2) => c,
                (1, 2) => -s,
                (2, 1) => s,
                _ => f64::from(i == j),
            });
            let scaled = Matrix::from_fn(4, 4, |i, j| r[(i, j)] * correlations[j]);
            let m = multiply_at_b(&scaled.transpose(), &r.transpose());
            values.push(weighted_mean(&loadings, &m).unwrap());
        }
        assert!(values.iter().all(|v| (v - values[0]).abs() < 1e-12), "{values:?}");
    }
}
