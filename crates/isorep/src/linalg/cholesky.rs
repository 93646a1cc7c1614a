//! Cholesky factors of scatter matrices, with the condition number that says whether they may be trusted.

use super::{Matrix, multiply, parallelism, squared_norm, view, view_mut};
use faer::Par;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor;
use faer::linalg::triangular_solve::{solve_lower_triangular_in_place, solve_upper_triangular_in_place};

/// `L` with `L Lᵀ` = a positive definite matrix.
#[derive(Debug, Clone)]
pub(crate) struct Cholesky {
    lower: Matrix,
    condition: f64,
}

impl Cholesky {
    /// Of a symmetric matrix; `None` if it is not numerically positive definite.
    pub(crate) fn of(symmetric: &Matrix) -> Option<Self> {
        let mut lower = symmetric.clone();
        let d = lower.rows();
        let mut memory =
            MemBuffer::new(factor::cholesky_in_place_scratch::<f64>(d, Par::Seq, Default::default()));
        let stack = MemStack::new(&mut memory);
        factor::cholesky_in_place(
            view_mut(&mut lower),
            Default::default(),
            Par::Seq,
            stack,
            Default::default(),
        )
        .ok()?;
        for j in 1..d {
            lower.column_mut(j)[..j].fill(0.0);
        }
        let mut cholesky = Self { lower, condition: f64::INFINITY };
        cholesky.condition =
            largest_eigenvalue(d, |v| multiply(symmetric, v)) * largest_eigenvalue(d, |v| cholesky.solve(v));
        cholesky.condition.is_finite().then_some(cholesky)
    }

    /// Condition number of the matrix: largest over smallest eigenvalue, estimated from below by a few power steps.
    pub(crate) fn condition(&self) -> f64 {
        self.condition
    }

    /// `L`, lower triangular.
    pub(crate) fn lower(&self) -> &Matrix {
        &self.lower
    }

    /// Replaces `b` by `L⁻¹ b`.
    pub(crate) fn whiten(&self, b: &mut Matrix) {
        solve_lower_triangular_in_place(view(&self.lower), view_mut(b), parallelism());
    }

    /// Replaces `b` by `L⁻ᵀ b`.
    pub(crate) fn unwhiten(&self, b: &mut Matrix) {
        solve_upper_triangular_in_place(view(&self.lower).transpose(), view_mut(b), parallelism());
    }

    fn solve(&self, v: &Matrix) -> Matrix {
        let mut v = v.clone();
        self.whiten(&mut v);
        self.unwhiten(&mut v);
        v
    }
}

/// A few power steps from a fixed start without symmetry: within a factor of about two, which is all that is asked.
fn largest_eigenvalue(d: usize, apply: impl Fn(&Matrix) -> Matrix) -> f64 {
    const STEPS: usize = 6;
    let mut v = Matrix::from_fn(d, 1, |i, _| {
        1.0 + 0.5 * (1.7 * (i as f64 + 1.0)).sin() * if i % 2 == 0 { 1.0 } else { -1.0 }
    });
    let mut value = 0.0;
    for _ in 0..STEPS {
        let norm = squared_norm(&v).sqrt();
        v.values_mut().iter_mut().for_each(|x| *x /= norm);
        v = apply(&v);
        value = squared_norm(&v).sqrt();
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factor_squares_to_the_matrix_and_knows_its_condition() {
        let d = 40;
        let a = Matrix::from_fn(d, d, |i, j| if i == j { 0.1_f64.powf((i % 5) as f64) } else { 0.0 });
        let cholesky = Cholesky::of(&a).unwrap();
        assert!((cholesky.condition() / 1e4 - 1.0).abs() < 0.1, "{}", cholesky.condition());
        let b = Matrix::from_fn(d, 3, |i, j| (i + j) as f64);
        let mut x = b.clone();
        cholesky.whiten(&mut x);
        cholesky.unwhiten(&mut x);
        for (back, b) in multiply(&a, &x).values().iter().zip(b.values()) {
            assert!((back - b).abs() < 1e-12 * (1.0 + b.abs()));
        }
    }

    #[test]
    fn a_singular_matrix_has_none_or_says_how_bad_it_is() {
        let a = Matrix::from_fn(3, 3, |_, _| 1.0);
        assert!(Cholesky::of(&a).is_none_or(|c| c.condition() > 1e12));
        assert!(Cholesky::of(&Matrix::zeros(2, 2)).is_none());
    }
}
