//! Ridge regression judged on held-out rows, from sums over folds alone.
//!
//! With V and s the eigenvectors and eigenvalues of the rows to learn from, A = `VᵀC_xy` of those rows, and B, T the
//! same products of the held-out rows, the squared error of penalty λ is
//! `tr C_yy − 2 Σ g_a (A∘B)_a· + Σ g_a g_b (T ∘ AAᵀ)_ab` with g = 1 / (s + λ): after one decomposition a penalty costs
//! O(d²). The same formula serves a kernel, with the Gram matrix in the place of the scatter matrix.

mod penalty;

pub use penalty::{FixedPenalty, Penalty};
pub(crate) use penalty::{GRID, choose};

use crate::folds::{Split, Sums, split_about};
use crate::linalg::{Cholesky, Eigen, Matrix, dot, multiply, multiply_a_at, multiply_at_b};
use crate::{Error, Result};

/// Above this condition number the Cholesky factor gives way to the eigenvalue decomposition.
const TRUSTED_CONDITION: f64 = 1e12;

/// A predictor on one fold: sums of the rows to learn from and of the rows held out, about one origin.
pub(crate) struct Predictor {
    scatter: Split<Matrix>,
    /// What a penalty of 1 is: the mean eigenvalue about the mean. Zero if nothing varies in the rows to learn from.
    scale: f64,
}

impl Predictor {
    /// `neurons` is how many the mean eigenvalue is taken over.
    pub(crate) fn new(
        of_folds: &[Matrix],
        fold: usize,
        sums: &Split<Sums>,
        origin: &[f64],
        neurons: usize,
    ) -> Self {
        let scatter = split_about(of_folds, fold, (sums, origin), (sums, origin));
        let variation = sums.train.total_about(&sums.train.mean());
        // Of a constant the subtraction of the mean leaves rounding noise of this size.
        let noise = 16.0 * f64::EPSILON * sums.train.squares.iter().sum::<f64>();
        Self { scatter, scale: if variation > noise { variation / neurons as f64 } else { 0.0 } }
    }

    /// Ready for any number of penalties and targets.
    pub(crate) fn decompose(self) -> Result<Decomposed> {
        let Split { train, test } = self.scatter;
        Decomposed::new(&train, self.scale, |v| multiply_at_b(v, &multiply(&test, v)))
    }

    /// Squared held-out error with one penalty, given `C_xy` of both parts and the target's own sum of squares.
    ///
    /// # Errors
    /// [`Error::Undefined`] if the penalty is 0 and the least-squares map is not unique.
    pub(crate) fn error(self, penalty: f64, cross: &Split<Matrix>, target: f64) -> Result<f64> {
        if self.scale == 0.0 {
            return Ok(target);
        }
        let mut damped = self.scatter.train.clone();
        for j in 0..damped.columns() {
            damped[(j, j)] += penalty * self.scale;
        }
        match Cholesky::of(&damped) {
            Some(cholesky) if cholesky.condition() <= TRUSTED_CONDITION => {
                let mut map = cross.train.clone();
                cholesky.whiten(&mut map);
                cholesky.unwhiten(&mut map);
                Ok(error_of_map(&map, &cross.test, &self.scatter.test, target))
            }
            _ if penalty == 0.0 => Err(Error::undefined(
                "the least-squares map is not unique: the neurons are linearly dependent on the inputs to learn \
                 from; a penalty above 0 settles it",
            )),
            _ => {
                let ridge = self.decompose()?;
                let (a, b) = ridge.rotated(cross);
                Ok(ridge.curve(&a, &b, target).error(penalty * ridge.scale))
            }
        }
    }
}

/// Squared error of the map `m` (`d_x` × `d_y`) on rows with these products with the target and with themselves.
pub(crate) fn error_of_map(m: &Matrix, cross: &Matrix, scatter: &Matrix, target: f64) -> f64 {
    let own = if m.columns() < m.rows() {
        dot(m.values(), multiply(scatter, m).values())
    } else {
        dot(multiply_a_at(m).values(), scatter.values())
    };
    target - 2.0 * dot(m.values(), cross.values()) + own
}

/// A predictor in the coordinates where every penalty is diagonal.
pub(crate) struct Decomposed {
    /// Eigenvalues of the rows to learn from.
    values: Vec<f64>,
    pub(crate) vectors: Matrix,
    /// Inner products of the held-out rows in those coordinates.
    held_out: Matrix,
    scale: f64,
}

impl Decomposed {
    /// `train` is the matrix a penalty is added to; `held_out` makes T from its eigenvectors.
    pub(crate) fn new(train: &Matrix, scale: f64, held_out: impl FnOnce(&Matrix) -> Matrix) -> Result<Self> {
        let Eigen { values, vectors } = Eigen::of(train)?;
        let held_out = held_out(&vectors);
        Ok(Self { values: values.into_iter().map(|s| s.max(0.0)).collect(), vectors, held_out, scale })
    }

    /// A and B from `C_xy` of both parts.
    fn rotated(&self, cross: &Split<Matrix>) -> (Matrix, Matrix) {
        (multiply_at_b(&self.vectors, &cross.train), multiply_at_b(&self.vectors, &cross.test))
    }

    /// Squared held-out error for every penalty of [`GRID`], given `C_xy` of both parts.
    pub(crate) fn errors(&self, cross: &Split<Matrix>, target: f64) -> Vec<f64> {
        let (a, b) = self.rotated(cross);
        self.errors_of(&a, &b, target)
    }

    /// Squared held-out error for every penalty of [`GRID`], given A and B.
    pub(crate) fn errors_of(&self, a: &Matrix, b: &Matrix, target: f64) -> Vec<f64> {
        if self.scale == 0.0 {
            return vec![target; GRID.len()];
        }
        let curve = self.curve(a, b, target);
        GRID.iter().map(|penalty| curve.error(penalty * self.scale)).collect()
    }

    fn curve(&self, a: &Matrix, b: &Matrix, target: f64) -> Curve<'_> {
        let mut pull = vec![0.0; a.rows()];
        for j in 0..a.columns() {
            pull.iter_mut().zip(a.column(j).iter().zip(b.column(j))).for_each(|(p, (a, b))| *p += a * b);
        }
        let mut own = multiply_a_at(a);
        own.values_mut().iter_mut().zip(self.held_out.values()).for_each(|(o, t)| *o *= t);
        Curve { values: &self.values, pull, own, target }
    }
}

/// Squared held-out error as a function of the penalty.
struct Curve<'a> {
    values: &'a [f64],
    /// Row sums of `A ∘ B`.
    pull: Vec<f64>,
    /// `T ∘ AAᵀ`.
    own: Matrix,
    target: f64,
}

impl Curve<'_> {
    fn error(&self, penalty: f64) -> f64 {
        let g: Vec<f64> = self.values.iter().map(|s| 1.0 / (s + penalty)).collect();
        let own: f64 = g.iter().enumerate().map(|(b, g_b)| g_b * dot(self.own.column(b), &g)).sum();
        self.target - 2.0 * dot(&g, &self.pull) + own
    }
}
