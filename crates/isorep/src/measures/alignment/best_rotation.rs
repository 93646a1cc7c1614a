//! How far two sides remain apart under the best rotation of the neurons, with the digits that nearness leaves.
//!
//! The squared distance is a difference of sums of squares: of a relative squared distance δ only `eps / δ` is
//! reliable. So it is taken from f32 products where δ is large, from f64 products where it is not, and from the
//! residual itself, computed on the neurons, where even those would fail.

use crate::linalg::{
    Matrix, ShiftedRows, Svd, multiply, multiply_a_bt, nuclear_norm, singular_values, squared_norm,
    squared_residual,
};
use crate::{Pair, Result};

/// Relative squared distances below this are not taken from f32 products.
const SINGLE: f64 = 2e-2;
/// Relative squared distances below this are not taken from sums of squares at all.
const DOUBLE: f64 = 1e-8;

/// Both sides are divided by these before they are compared.
#[derive(Debug, Clone, Copy)]
pub(super) enum Size {
    /// By nothing: sizes count.
    Kept,
    /// By their Frobenius norms.
    Unit,
}

/// `min ‖a Xc Q − b Yc‖²` over orthogonal maps Q, where the narrower side is padded with zeros.
///
/// # Errors
/// [`crate::Error::Undefined`] if a side is constant.
pub(super) fn squared_distance(pair: &Pair, size: Size) -> Result<f64> {
    let (v_x, v_y) = (pair.x().variation()?, pair.y().variation()?);
    if let Some(compact) = pair.compacted()? {
        return of_compact(&compact, size, (v_x, v_y));
    }
    of_compact(pair, size, (v_x, v_y))
}

fn of_compact(pair: &Pair, size: Size, (v_x, v_y): (f64, f64)) -> Result<f64> {
    let (root_x, root_y) = (v_x.sqrt(), v_y.sqrt());
    let (a, b) = match size {
        Size::Kept => (1.0, 1.0),
        Size::Unit => (1.0 / root_x, 1.0 / root_y),
    };
    // In this form nothing overflows that the result would not.
    let total = (a * root_x).powi(2) + (b * root_y).powi(2);
    let without = |nuclear: f64| total - 2.0 * (a * nuclear * b);
    // A product of activations has singular values over so many orders of magnitude that their squares hardly ever
    // give all digits of f64; those of f32 products they do.
    let exact = |cross: &Matrix| Ok::<_, crate::Error>(without(singular_values(cross)?.iter().sum()));
    let mut squared = if pair.is_single() {
        without(nuclear_norm(pair.score_cross_scatter()?, 1e-7)?)
    } else {
        exact(pair.cross_scatter()?)?
    };
    if squared < SINGLE * total && is_unmoved(pair, a, b)? {
        return Ok(0.0);
    }
    if squared < SINGLE * total && pair.is_single() {
        squared = exact(pair.cross_scatter()?)?;
    }
    if squared < DOUBLE * total
        && let Some(residual) = residual(pair, a, b)?
    {
        return Ok(residual);
    }
    // Rounding may have made it a little less than nothing.
    Ok(squared.max(0.0))
}

/// True if both sides are the same as they stand: the diagonal of every table of layers, and cheap to see.
fn is_unmoved(pair: &Pair, a: f64, b: f64) -> Result<bool> {
    let (x, y) = (pair.x(), pair.y());
    let by_rows = x.rows().is_ok() && y.rows().is_ok();
    Ok(by_rows && x.d() == y.d() && squared_residual(x.centred()?, None, y.centred()?, (a, b)) == 0.0)
}

/// ‖a Xc Q − b Yc‖² for the best Q, from the neurons themselves; `None` if only sums over inputs are left.
fn residual(pair: &Pair, a: f64, b: f64) -> Result<Option<f64>> {
    let (x, y) = (pair.x(), pair.y());
    let by_rows = x.rows().is_ok() && y.rows().is_ok();
    if !by_rows && !pair.has_factor() {
        return Ok(None);
    }
    // Q must keep lengths on the side it moves, so the narrower side is the one that is moved.
    let x_moves = x.d() <= y.d();
    let rotation = rotation(pair.cross_scatter()?)?;
    if !by_rows {
        let (f_x, f_y) = pair.factor()?.neurons(x.d(), true);
        let (moved, still, by) = if x_moves {
            (multiply(&f_x, &rotation), f_y, (a, b))
        } else {
            (multiply_a_bt(&f_y, &rotation), f_x, (b, a))
        };
        let gap: Vec<f64> =
            moved.values().iter().zip(still.values()).map(|(m, s)| by.0 * m - by.1 * s).collect();
        return Ok(Some(squared_norm(&Matrix::from_columns(moved.rows(), moved.columns(), gap))));
    }
    let (c_x, c_y): (ShiftedRows<'_>, ShiftedRows<'_>) = (x.centred()?, y.centred()?);
    Ok(Some(if x_moves {
        squared_residual(c_x, Some(&rotation), c_y, (a, b))
    } else {
        squared_residual(c_y, Some(&rotation.transpose()), c_x, (b, a))
    }))
}

/// The orthogonal factor `U Vᵀ` of `XᵀY` = `U Σ Vᵀ`: the rotation that brings X nearest to Y, `d_x` × `d_y`.
pub(super) fn rotation(cross: &Matrix) -> Result<Matrix> {
    let svd = Svd::of(cross)?;
    Ok(multiply_a_bt(&svd.u, &svd.v))
}

/// The same on the directions that both sides share, and zero on the others, which the nearest rotation leaves open: the
/// mean of all nearest rotations.
pub(super) fn rotation_of_range(cross: &Matrix) -> Result<Matrix> {
    let svd = Svd::of(cross)?;
    let rank = svd.rank();
    Ok(multiply_a_bt(&svd.u.leading_columns(rank), &svd.v.leading_columns(rank)))
}
