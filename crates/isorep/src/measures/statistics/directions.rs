//! The direction of every input: its activations divided by their length.

use crate::linalg::dot;
use crate::{Error, Representation, Result};

/// Shows the direction of every input that has one, in their order, with its number.
///
/// # Errors
/// [`Error::NeedsRows`].
pub(super) fn for_each_direction(x: &Representation, mut visit: impl FnMut(usize, &[f64])) -> Result<()> {
    let rows = x.rows()?;
    let mut row = vec![0.0; x.d()];
    for i in 0..x.n() {
        rows.read_f64(i..i + 1, &[], &mut row);
        if let Some(direction) = direction(&row) {
            visit(i, &direction);
        }
    }
    Ok(())
}

/// The sum of the directions of all inputs that have one, and how many these are.
///
/// # Errors
/// [`Error::NeedsRows`]; [`Error::Undefined`] if no input has activations.
pub(super) fn sum_of_directions(x: &Representation) -> Result<(Vec<f64>, usize)> {
    let (mut sum, mut count) = (vec![0.0; x.d()], 0);
    for_each_direction(x, |_, direction| {
        sum.iter_mut().zip(direction).for_each(|(s, v)| *s += v);
        count += 1;
    })?;
    if count == 0 {
        return Err(Error::undefined(format!("all activations of `{}` are zero", x.name())));
    }
    Ok((sum, count))
}

/// The direction of the mean of all inputs, if it has one beyond rounding of the stored numbers.
pub(super) fn mean_direction(x: &Representation) -> Option<Vec<f64>> {
    // Centred data keep a mean of the size of what storing them rounded; a few of its units in the worst case, as when
    // the mean that was taken off was itself summed in that precision.
    const UNITS: f64 = 128.0;
    let spread = (x.variation().ok()? / x.n() as f64).sqrt();
    let length = dot(x.mean(), x.mean()).sqrt();
    if length <= UNITS * x.roundoff() * spread { None } else { direction(x.mean()) }
}

fn direction(row: &[f64]) -> Option<Vec<f64>> {
    let largest = row.iter().fold(0.0, |largest: f64, v| largest.max(v.abs()));
    if largest == 0.0 {
        return None;
    }
    // Squares of extreme activations would leave the range of f64.
    let moderate: Vec<f64> = row.iter().map(|v| v / largest).collect();
    let length = dot(&moderate, &moderate).sqrt();
    Some(moderate.into_iter().map(|v| v / length).collect())
}
