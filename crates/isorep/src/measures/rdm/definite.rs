//! Positive definite matrices as points of a curved space: their generalised eigenvalues, and Gram matrices without the
//! one direction in which centring makes them singular.

use crate::linalg::{Cholesky, Matrix, eigenvalues};
use crate::{Error, Result};

/// Above this condition number a matrix is as good as singular.
const SINGULAR: f64 = 1e12;

/// The matrix B that others are measured by.
pub(super) struct Yardstick(Cholesky);

impl Yardstick {
    /// # Errors
    /// [`Error::Undefined`] with `reason` if the matrix is singular.
    pub(super) fn of(matrix: &Matrix, reason: impl FnOnce() -> String) -> Result<Self> {
        let cholesky = Cholesky::of(matrix).filter(|cholesky| cholesky.condition() < SINGULAR);
        cholesky.map(Self).ok_or_else(|| Error::undefined(reason()))
    }

    /// `C⁻¹ A C⁻ᵀ` with B = C Cᵀ: its eigenvalues are the generalised ones of A and B.
    pub(super) fn seen(&self, a: &Matrix) -> Matrix {
        let mut half = a.clone();
        self.0.whiten(&mut half);
        let mut seen = half.transpose();
        self.0.whiten(&mut seen);
        seen
    }
}

/// Logarithms of the eigenvalues of a symmetric matrix; `None` unless all are positive, beyond rounding.
pub(super) fn logarithms(symmetric: &Matrix) -> Result<Option<Vec<f64>>> {
    let values = eigenvalues(symmetric)?;
    let (most, least) = (values[0], values[values.len() - 1]);
    let positive = least > 0.0 && most.is_finite() && least * SINGULAR > most;
    Ok(positive.then(|| values.into_iter().map(f64::ln).collect()))
}

/// A centred Gram matrix of n inputs in an orthonormal basis of what is orthogonal to the constant: n − 1 × n − 1.
///
/// The basis is what is left of the unit vectors after the reflection that takes the constant to the first of them.
pub(super) fn without_constant(gram: &Matrix) -> Matrix {
    let n = gram.rows();
    // The reflection is I − v vᵀ with v = (1, c, c, …) up to length √2.
    let root = (n as f64).sqrt();
    let mut v = vec![1.0 / root; n];
    v[0] += 1.0;
    let scale = (2.0 / v.iter().map(|v| v * v).sum::<f64>()).sqrt();
    for v in &mut v {
        *v *= scale;
    }
    let w: Vec<f64> = (0..n).map(|i| (0..n).map(|j| gram[(i, j)] * v[j]).sum()).collect();
    let vw: f64 = v.iter().zip(&w).map(|(v, w)| v * w).sum();
    Matrix::from_fn(n - 1, n - 1, |i, j| {
        let (i, j) = (i.max(j) + 1, i.min(j) + 1);
        gram[(i, j)] - v[i] * w[j] - w[i] * v[j] + vw * v[i] * v[j]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvalues_of_a_centred_gram_stay_without_the_constant() {
        // Centred: rows sum to zero.
        let gram = Matrix::from_rows(3, 3, &[2.0, -1.5, -0.5, -1.5, 3.0, -1.5, -0.5, -1.5, 2.0]);
        let (all, rest) = (eigenvalues(&gram).unwrap(), eigenvalues(&without_constant(&gram)).unwrap());
        assert!((all[0] - rest[0]).abs() < 1e-14 && (all[1] - rest[1]).abs() < 1e-14 && all[2].abs() < 1e-14);
    }

    #[test]
    fn a_matrix_seen_by_itself_is_the_identity() {
        let a = Matrix::from_rows(2, 2, &[2.0, 0.3, 0.3, 0.5]);
        let yardstick = Yardstick::of(&a, String::new).unwrap();
        let logs = logarithms(&yardstick.seen(&a)).unwrap().unwrap();
        assert!(logs.iter().all(|l| l.abs() < 1e-15));
        assert!(Yardstick::of(&Matrix::zeros(2, 2), || "flat".into()).is_err());
        assert_eq!(logarithms(&Matrix::from_rows(2, 2, &[1.0, 2.0, 2.0, 1.0])).unwrap(), None);
    }
}
