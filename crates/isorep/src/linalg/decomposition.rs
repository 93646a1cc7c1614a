//! Symmetric eigenvalues and singular values, on one thread so that their bits do not depend on how many there are.

use super::product::dot;
use super::{Matrix, multiply_transposed, view, view_mut};
use crate::{Error, Result};
use faer::Par;
use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{self, ComputeEigenvectors};
use faer::linalg::svd::{self, ComputeSvdVectors};

/// Eigenvalues in descending order and their orthonormal vectors, column by column.
#[derive(Debug, Clone)]
pub(crate) struct Eigen {
    /// Eigenvalues, largest first.
    pub(crate) values: Vec<f64>,
    /// Eigenvector of `values[k]` in column k.
    pub(crate) vectors: Matrix,
}

impl Eigen {
    /// Of a symmetric matrix.
    ///
    /// # Errors
    /// [`Error::Decomposition`] if the iteration does not converge.
    pub(crate) fn of(symmetric: &Matrix) -> Result<Self> {
        let d = symmetric.rows();
        let mut vectors = Matrix::zeros(d, d);
        let ascending = eigen(symmetric, Some(&mut vectors))?;
        let reversed = (0..d).rev().flat_map(|j| vectors.column(j).to_vec()).collect();
        Ok(Self {
            values: ascending.into_iter().rev().collect(),
            vectors: Matrix::from_columns(d, d, reversed),
        })
    }
}

/// Eigenvalues of a symmetric matrix, largest first.
///
/// # Errors
/// [`Error::Decomposition`] if the iteration does not converge.
pub(crate) fn eigenvalues(symmetric: &Matrix) -> Result<Vec<f64>> {
    let mut values = eigen(symmetric, None)?;
    values.reverse();
    Ok(values)
}

fn eigen(a: &Matrix, vectors: Option<&mut Matrix>) -> Result<Vec<f64>> {
    let d = a.rows();
    let wanted = if vectors.is_some() { ComputeEigenvectors::Yes } else { ComputeEigenvectors::No };
    let mut memory =
        MemBuffer::new(evd::self_adjoint_evd_scratch::<f64>(d, wanted, Par::Seq, Default::default()));
    let mut values = Diag::<f64>::zeros(d);
    evd::self_adjoint_evd(
        view(a),
        values.as_mut(),
        vectors.map(view_mut),
        Par::Seq,
        MemStack::new(&mut memory),
        Default::default(),
    )
    .map_err(|_| Error::Decomposition { what: "symmetric eigenvalue decomposition" })?;
    Ok((0..d).map(|k| values[k]).collect())
}

/// Thin singular value decomposition: `u · diag(values) · vᵀ`.
#[derive(Debug, Clone)]
pub(crate) struct Svd {
    /// Singular values, largest first.
    pub(crate) values: Vec<f64>,
    /// Left singular vectors, one a column.
    pub(crate) u: Matrix,
    /// Right singular vectors, one a column.
    pub(crate) v: Matrix,
}

impl Svd {
    /// Of any matrix.
    ///
    /// # Errors
    /// [`Error::Decomposition`] if the iteration does not converge.
    pub(crate) fn of(a: &Matrix) -> Result<Self> {
        let k = a.rows().min(a.columns());
        let (mut u, mut v) = (Matrix::zeros(a.rows(), k), Matrix::zeros(a.columns(), k));
        let values = singular(a, Some((&mut u, &mut v)))?;
        Ok(Self { values, u, v })
    }

    /// How many singular values count as non-zero: those above `max(rows, columns) · eps` of the largest.
    pub(crate) fn rank(&self) -> usize {
        let tolerance = self.u.rows().max(self.v.rows()) as f64 * f64::EPSILON;
        self.values.iter().filter(|s| **s > tolerance * self.values[0]).count()
    }
}

/// Singular values, largest first.
///
/// # Errors
/// [`Error::Decomposition`] if the iteration does not converge.
pub(crate) fn singular_values(a: &Matrix) -> Result<Vec<f64>> {
    singular(a, None)
}

fn singular(a: &Matrix, vectors: Option<(&mut Matrix, &mut Matrix)>) -> Result<Vec<f64>> {
    let (m, n) = (a.rows(), a.columns());
    if m == 0 || n == 0 {
        return Ok(Vec::new());
    }
    let wanted = if vectors.is_some() { ComputeSvdVectors::Thin } else { ComputeSvdVectors::No };
    let mut memory =
        MemBuffer::new(svd::svd_scratch::<f64>(m, n, wanted, wanted, Par::Seq, Default::default()));
    let mut values = Diag::<f64>::zeros(m.min(n));
    let (u, v) = vectors.map_or((None, None), |(u, v)| (Some(view_mut(u)), Some(view_mut(v))));
    svd::svd(view(a), values.as_mut(), u, v, Par::Seq, MemStack::new(&mut memory), Default::default())
        .map_err(|_| Error::Decomposition { what: "singular value decomposition" })?;
    Ok((0..m.min(n)).map(|k| values[k]).collect())
}

/// The sum of the singular values, to a relative error of about `accepted`.
///
/// Their squares are the eigenvalues of `aᵀa`, three times cheaper to get; what the squaring costs in accuracy is
/// known afterwards. Where it would show, the singular values themselves are computed.
///
/// # Errors
/// [`Error::Decomposition`] if the iteration does not converge.
pub(crate) fn nuclear_norm(a: &Matrix, accepted: f64) -> Result<f64> {
    if a.rows().min(a.columns()) > 64 {
        let squares = eigenvalues(&multiply_transposed(a))?;
        let sum: f64 = squares.iter().map(|square| square.max(0.0).sqrt()).sum();
        if error_of_roots(&squares) <= accepted * sum {
            return Ok(sum);
        }
    }
    Ok(singular_values(a)?.iter().sum())
}

/// How far the sum of the roots of the eigenvalues of `aᵀa` may be from the sum of the singular values of a.
///
/// Forming and decomposing `aᵀa` moves it by a matrix of norm at most `moved`, a small multiple of eps · tr `aᵀa`. By
/// Hoffman and Wielandt the squares of all changes of eigenvalues add up to at most `moved²`. Where an eigenvalue is
/// above `moved` its root changes by at most its change over the root; elsewhere by at most the root of the change. Both
/// sums are bounded by Cauchy and Schwarz, which is what makes the estimate near enough to be of use: the many small
/// singular values of a layer cannot all be moved by the most that one of them could be.
fn error_of_roots(squares: &[f64]) -> f64 {
    let moved = 4.0 * f64::EPSILON * squares.iter().map(|square| square.abs()).sum::<f64>();
    let (large, small): (Vec<f64>, Vec<f64>) = squares.iter().partition(|square| **square > moved);
    let of_large = moved * large.iter().map(|square| 1.0 / square).sum::<f64>().sqrt();
    let of_small = (small.len() as f64).powf(0.75) * moved.sqrt();
    of_large + of_small
}

/// The sum of squares of all entries.
pub(crate) fn squared_norm(a: &Matrix) -> f64 {
    dot(a.values(), a.values())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::multiply_a_bt;

    fn sample(rows: usize, columns: usize) -> Matrix {
        Matrix::from_fn(rows, columns, |i, j| {
            ((i * 7919 + j * 104_729 + i * j * 31) % 1009) as f64 / 1009.0 - 0.5
        })
    }

    #[test]
    fn decompositions_rebuild_their_matrix() {
        let a = sample(9, 6);
        let svd = Svd::of(&a).unwrap();
        let rebuilt =
            Matrix::from_fn(9, 6, |i, j| (0..6).map(|k| svd.u[(i, k)] * svd.values[k] * svd.v[(j, k)]).sum());
        for (r, e) in rebuilt.values().iter().zip(a.values()) {
            assert!((r - e).abs() < 1e-13);
        }
        let s = multiply_transposed(&a);
        let eigen = Eigen::of(&s).unwrap();
        for k in 0..6 {
            assert!((eigen.values[k] - svd.values[k].powi(2)).abs() < 1e-12);
            assert!(k == 0 || eigen.values[k] <= eigen.values[k - 1]);
        }
        assert_eq!(eigenvalues(&s).unwrap().len(), 6);
    }

    #[test]
    fn the_quick_nuclear_norm_equals_the_slow_one() {
        for a in [sample(150, 100), sample(100, 150), multiply_transposed(&sample(10, 90))] {
            let slow: f64 = singular_values(&a).unwrap().iter().sum();
            let quick = nuclear_norm(&a, 1e-13).unwrap();
            assert!((quick - slow).abs() < 1e-12 * slow, "{quick} {slow}");
        }
    }

    /// Spectra that decay to nothing, by a power, or not at all: the bound must hold, and mean something.
    #[test]
    fn what_squaring_costs_is_bounded() {
        let d = 120;
        let rotation = |seed: usize| {
            Svd::of(&Matrix::from_fn(d, d, |i, j| {
                (((i + seed) * 7919 + j * 104_729 + i * j * 31) % 1009) as f64 - 504.0
            }))
            .unwrap()
            .u
        };
        let (u, v) = (rotation(1), rotation(2));
        let spectra: [fn(f64) -> f64; 5] = [
            |k| 1.0 / (1.0 + k),
            |k| (-k / 4.0).exp(),
            |k| (-k).exp(),
            |_| 1.0,
            |k| if k < 20.0 { 1.0 } else { 1e-6 },
        ];
        for (which, value) in spectra.iter().enumerate() {
            let stretched = Matrix::from_fn(d, d, |i, k| u[(i, k)] * value(k as f64));
            let a = multiply_a_bt(&stretched, &v);
            let squares = eigenvalues(&multiply_transposed(&a)).unwrap();
            let sum: f64 = squares.iter().map(|square| square.max(0.0).sqrt()).sum();
            let error = (sum - singular_values(&a).unwrap().iter().sum::<f64>()).abs();
            let bound = error_of_roots(&squares);
            assert!(error <= bound, "spectrum {which}: {error:e}, bounded by {bound:e}");
            assert!(bound < 1e-4 * sum, "spectrum {which}: {bound:e} says nothing");
        }
    }
}
