//! The distances between a few hundred inputs as a matrix, to nearly full precision.

use super::skeleton::{RtdCompat, distance, no_unit};
use crate::linalg::{Points, Space};
use crate::{Representation, Result};

/// Squared distances this small beside the squares of both points are formed again from differences.
const CANCELLED: f64 = 1e-6;

/// All distances between some inputs, m × m, symmetric, 0 on the diagonal.
pub(super) fn distances_within(side: &Representation, inputs: &[usize]) -> Result<Vec<f64>> {
    let side = if inputs.len() == side.n() { side.clone() } else { side.select(inputs)? };
    let points = side.points::<f64>(Space::Centred)?;
    let m = points.n();
    let mut matrix = vec![0.0; m * m];
    points.squared_distances(0..m, 0..m, &mut matrix);
    for u in 0..m {
        for v in 0..u {
            let length = length(points, u, v, matrix[u * m + v]);
            matrix[u * m + v] = length;
            matrix[v * m + u] = length;
        }
    }
    Ok(matrix)
}

/// The distance of two points, given its square as a product has it.
pub(super) fn length(points: &Points<f64>, u: usize, v: usize, square: f64) -> f64 {
    let squares = points.squares();
    if square < CANCELLED * (squares[u] + squares[v]) { distance(points, u, v) } else { square.sqrt() }
}

/// Divides all distances by their .9-quantile.
pub(super) fn in_units(
    side: &Representation,
    mut distances: Vec<f64>,
    m: usize,
    compat: RtdCompat,
) -> Result<Vec<f64>> {
    let mut pairs: Vec<f64> = (0..m).flat_map(|u| distances[u * m..u * m + u].iter().copied()).collect();
    let (ranks, between) = compat.place(m);
    let (_, low, above) = pairs.select_nth_unstable_by(ranks[0], f64::total_cmp);
    let next = above.iter().copied().fold(f64::INFINITY, f64::min);
    let unit = if ranks[1] > ranks[0] { *low + between * (next - *low) } else { *low };
    if unit == 0.0 {
        return Err(no_unit(side.name()));
    }
    for distance in &mut distances {
        *distance /= unit;
    }
    Ok(distances)
}
