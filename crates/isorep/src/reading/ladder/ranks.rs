//! How many dimensions the neurons of both sides span, alone and together.

use crate::linalg::{Cholesky, Matrix, dot, singular_values};
use crate::overlap::scatter_about;
use crate::{Pair, Representation, Result};
use serde::Serialize;

/// Dimensions of the spans of the neurons, as they are stored (not centred).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Ranks {
    /// Of the neurons of x.
    pub rank_x: usize,
    /// Of the neurons of y.
    pub rank_y: usize,
    /// Of the neurons of both.
    pub rank_joint: usize,
    /// Of the intersection of both spans: `rank_x + rank_y − rank_joint`.
    pub common_dimension: usize,
}

/// Below this condition number of the inner products of unit neurons they are independent beyond doubt.
const SURELY_INDEPENDENT: f64 = 1e5;

impl Ranks {
    /// A direction counts if its singular value, of neurons brought to unit length, is above what rounding in the
    /// arithmetic and in the stored precision can make of zero.
    ///
    /// # Errors
    /// [`crate::Error::Decomposition`] if an iteration does not converge.
    pub fn of(pair: &Pair) -> Result<Self> {
        let (x, y) = (pair.x(), pair.y());
        let live = [x.live(false)?.len(), y.live(false)?.len()];
        let [rank_x, rank_y, rank_joint] = if surely_independent(pair)? {
            [live[0], live[1], live[0] + live[1]]
        } else {
            let (a, b) = pair.factor()?.neurons(x.d(), false);
            let (a, b) = (unit(&a, &x.live(false)?), unit(&b, &y.live(false)?));
            let joint =
                Matrix::from_columns(a.rows(), a.columns() + b.columns(), [a.values(), b.values()].concat());
            let tolerance = |m: &Matrix| {
                let roundoff = stored_roundoff(x).max(stored_roundoff(y));
                roundoff * (m.columns() as f64).sqrt()
            };
            let rank = |m: &Matrix| -> Result<usize> {
                let values = singular_values(m)?;
                let largest = values.first().copied().unwrap_or(0.0);
                let arithmetic = pair.n().max(m.columns()) as f64 * f64::EPSILON * largest;
                let least = arithmetic.max(tolerance(m));
                Ok(values.iter().filter(|s| **s > least).count())
            };
            [rank(&a)?, rank(&b)?, rank(&joint)?]
        };
        // Tolerances grow with the number of columns, so the three may disagree by a direction at the very limit.
        let rank_joint = rank_joint.clamp(rank_x.max(rank_y), rank_x + rank_y);
        Ok(Self { rank_x, rank_y, rank_joint, common_dimension: rank_x + rank_y - rank_joint })
    }
}

/// Relative error with which a value of this precision was stored; none is assumed of f64.
fn stored_roundoff(side: &Representation) -> f64 {
    match side.rows().map(crate::Rows::precision) {
        Ok("f16") => f64::from(half::f16::EPSILON) / 2.0,
        Ok("bf16") => f64::from(half::bf16::EPSILON) / 2.0,
        Ok("f32") => f64::from(f32::EPSILON) / 2.0,
        _ => 0.0,
    }
}

/// The named columns, each brought to length one.
fn unit(m: &Matrix, live: &[usize]) -> Matrix {
    let columns = live.iter().flat_map(|j| {
        let norm = dot(m.column(*j), m.column(*j)).sqrt();
        m.column(*j).iter().map(move |v| v / norm)
    });
    Matrix::from_columns(m.rows(), live.len(), columns.collect())
}

/// Whether inner products alone show that all live neurons of both sides together are independent: the usual case.
fn surely_independent(pair: &Pair) -> Result<bool> {
    let (x, y) = (pair.x(), pair.y());
    let (live_x, live_y) = (x.live(false)?, y.live(false)?);
    let (k, all) = (live_x.len(), live_x.len() + live_y.len());
    if all > pair.n() || stored_roundoff(x).max(stored_roundoff(y)) > 1e-4 {
        return Ok(false);
    }
    let (own_x, own_y) = (scatter_about(x, false)?, scatter_about(y, false)?);
    let cross = pair.cross_scatter()?;
    let n = pair.n() as f64;
    let product = |i: usize, j: usize| match (i < k, j < k) {
        (true, true) => own_x[(live_x[i], live_x[j])],
        (false, false) => own_y[(live_y[i - k], live_y[j - k])],
        (true, false) => {
            let (i, j) = (live_x[i], live_y[j - k]);
            cross[(i, j)] + n * x.mean()[i] * y.mean()[j]
        }
        (false, true) => {
            let (i, j) = (live_y[i - k], live_x[j]);
            cross[(j, i)] + n * x.mean()[j] * y.mean()[i]
        }
    };
    let scale: Vec<f64> = (0..all).map(|i| product(i, i).sqrt().recip()).collect();
    let joint = Matrix::from_fn(all, all, |i, j| product(i, j) * scale[i] * scale[j]);
    Ok(Cholesky::of(&joint).is_some_and(|c| c.condition() < SURELY_INDEPENDENT))
}
