//! The eigenvalue of largest magnitude of a large symmetric matrix that is kept in tiles (Lanczos 1950).

use super::differences::DifferenceTile;
use crate::linalg::{Eigen, Matrix, dot, each};
use crate::{Error, Result};

/// Steps before giving up; a dozen are usual.
const STEPS: usize = 500;
/// How much of its vector may be left over, as a share of the eigenvalue: the value itself is off by its square.
const ACCEPTED: f64 = 1e-10;

/// # Errors
/// [`Error::Decomposition`] if it does not settle.
pub(super) fn largest_magnitude(n: usize, tiles: &[DifferenceTile]) -> Result<f64> {
    // A start without symmetry that is the same every time.
    let mut vector: Vec<f64> = (0..n).map(|i| 1.0 + 0.5 * (1.7 * (i as f64 + 1.0)).sin()).collect();
    let length = dot(&vector, &vector).sqrt();
    for v in &mut vector {
        *v /= length;
    }
    let (mut basis, mut diagonal, mut beside): (Vec<Vec<f64>>, Vec<f64>, Vec<f64>) = Default::default();
    while basis.len() < STEPS.min(n) {
        let mut next = times(tiles, &vector);
        diagonal.push(dot(&next, &vector));
        basis.push(vector);
        // Twice: what rounding leaves after the first time would grow.
        for other in basis.iter().chain(&basis) {
            let along = dot(&next, other);
            next.iter_mut().zip(other).for_each(|(v, o)| *v -= along * o);
        }
        let left = dot(&next, &next).sqrt();
        let (value, last) = extreme(&diagonal, &beside)?;
        if left * last <= ACCEPTED * value || basis.len() == n {
            return Ok(value);
        }
        beside.push(left);
        vector = next.into_iter().map(|v| v / left).collect();
    }
    Err(Error::Decomposition { what: "search for the largest eigenvalue" })
}

/// Of a tridiagonal matrix: the eigenvalue of largest magnitude, and the last entry of its vector, both without sign.
fn extreme(diagonal: &[f64], beside: &[f64]) -> Result<(f64, f64)> {
    let k = diagonal.len();
    let eigen = Eigen::of(&Matrix::from_fn(k, k, |i, j| match i.abs_diff(j) {
        0 => diagonal[i],
        1 => beside[i.min(j)],
        _ => 0.0,
    }))?;
    let at = if eigen.values[0].abs() >= eigen.values[k - 1].abs() { 0 } else { k - 1 };
    Ok((eigen.values[at].abs(), eigen.vectors[(k - 1, at)].abs()))
}

/// The matrix times a vector; tiles below the diagonal are those above, transposed.
fn times(tiles: &[DifferenceTile], vector: &[f64]) -> Vec<f64> {
    let parts = each(tiles.iter().collect(), |tile: &DifferenceTile| {
        let across = &vector[tile.columns.clone()];
        let mut down = vec![0.0; tile.columns.len()];
        let along: Vec<f64> = tile
            .lines()
            .map(|(i, line)| {
                down.iter_mut().zip(line).for_each(|(sum, v)| *sum += v * vector[i]);
                dot(line, across)
            })
            .collect();
        (tile, along, down)
    });
    let mut product = vec![0.0; vector.len()];
    for (tile, along, down) in parts {
        product[tile.rows.clone()].iter_mut().zip(along).for_each(|(sum, v)| *sum += v);
        if tile.rows != tile.columns {
            product[tile.columns.clone()].iter_mut().zip(down).for_each(|(sum, v)| *sum += v);
        }
    }
    product
}
