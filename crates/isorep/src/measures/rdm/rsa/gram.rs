//! Comparators that decompose −½ H D H, the Gram matrix of points whose squared distances are the dissimilarities.

use super::super::definite::{Yardstick, logarithms, without_constant};
use super::dissimilarity::Side;
use super::tiles::places;
use crate::linalg::{Eigen, Matrix, Real};
use crate::measure::Measure;
use crate::measures::Nbs;
use crate::{Error, Pair, Representation, Result};

/// Decompositions take n³ steps.
const MOST: usize = 2048;

/// The Gram matrix, n × n.
fn gram<T: Real>(side: &Side) -> Result<Matrix> {
    let n = side.n();
    if n > MOST {
        return Err(Error::undefined(format!(
            "this comparator decomposes n × n matrices, which takes n³ steps: {n} inputs are more than {MOST}"
        )));
    }
    let tiles = side.tiles::<T>()?;
    let mut d = Matrix::zeros(n, n);
    for place in places(n) {
        let mut values = vec![T::default(); place.rows.len() * place.columns.len()];
        let mut room = values.clone();
        tiles.tile(place.rows.clone(), place.columns.clone(), &mut values, &mut room);
        for (i, line) in place.rows.clone().zip(values.chunks_exact(place.columns.len())) {
            for (j, value) in place.columns.clone().zip(line).filter(|(j, _)| *j > i) {
                d[(i, j)] = value.wide();
                d[(j, i)] = value.wide();
            }
        }
    }
    let means: Vec<f64> = (0..n).map(|j| d.column(j).iter().sum::<f64>() / n as f64).collect();
    let mean = means.iter().sum::<f64>() / n as f64;
    Ok(Matrix::from_fn(n, n, |i, j| -0.5 * (d[(i, j)] - means[i] - means[j] + mean)))
}

/// Points whose squared distances are the dissimilarities (Torgerson 1952).
fn principal_coordinates<T: Real>(side: &Side) -> Result<Representation> {
    let n = side.n();
    let eigen = Eigen::of(&gram::<T>(side)?)?;
    let rank = eigen.values.iter().filter(|v| **v > n as f64 * f64::EPSILON * eigen.values[0]).count();
    let values = (0..n).flat_map(|i| (0..rank).map(move |k| (i, k)));
    let values = values.map(|(i, k)| eigen.vectors[(i, k)] * eigen.values[k].sqrt()).collect();
    Representation::from_f64(side.name(), n, rank, values)
}

/// The normalised Bures similarity of both Gram matrices.
pub(super) fn bures<T: Real>(x: &Side, y: &Side) -> Result<f64> {
    Nbs {}.compare(&Pair::new(&principal_coordinates::<T>(x)?, &principal_coordinates::<T>(y)?)?)
}

/// − min over a, b ≥ 0 of √Σ log² λ(a G_x + b I, G_y), in a basis of what is orthogonal to the constant.
///
/// The best common factor of a and b is known: it takes the mean off the logarithms. What is left is a search along
/// log(b / a), where the sum need not have a single valley; so it is looked at on a grid first, ends included.
pub(super) fn negative_riemannian<T: Real>(x: &Side, y: &Side) -> Result<f64> {
    let (g_x, g_y) = (without_constant(&gram::<T>(x)?), without_constant(&gram::<T>(y)?));
    let yardstick = Yardstick::of(&g_y, || {
        format!(
            "the Gram matrix of the dissimilarities of `{}` does not have rank n − 1: it has no logarithm",
            y.name()
        )
    })?;
    let m = g_x.rows();
    let identity = Matrix::from_fn(m, m, |i, j| f64::from(u8::from(i == j)));
    let (signal, noise) = (yardstick.seen(&g_x), yardstick.seen(&identity));
    let spread = |a: f64, b: f64| -> Result<f64> {
        let mixed = Matrix::from_fn(m, m, |i, j| a * signal[(i, j)] + b * noise[(i, j)]);
        let Some(logs) = logarithms(&mixed)? else { return Ok(f64::INFINITY) };
        let mean = logs.iter().sum::<f64>() / m as f64;
        Ok(logs.iter().map(|log| (log - mean).powi(2)).sum())
    };
    let trace = |a: &Matrix| (0..m).map(|i| a[(i, i)]).sum::<f64>();
    let balance = (trace(&signal) / trace(&noise)).ln();
    let along = |t: f64| spread(1.0, (balance + t).exp());

    let (first, count) = (-24, 33);
    let grid = (0..count).map(|k| along(f64::from(first + k))).collect::<Result<Vec<_>>>()?;
    let lowest = (0..grid.len()).min_by(|a, b| grid[*a].total_cmp(&grid[*b])).unwrap_or(0);
    let middle = f64::from(first) + lowest as f64;
    let valley = golden_section(along, middle - 1.0, middle + 1.0)?;
    let least = [valley, grid[lowest], spread(1.0, 0.0)?, spread(0.0, 1.0)?]
        .into_iter()
        .fold(f64::INFINITY, f64::min);
    Ok(-least.sqrt())
}

/// The lowest value of a function with one valley between two points, to the digits that are left of it there.
fn golden_section(f: impl Fn(f64) -> Result<f64>, low: f64, high: f64) -> Result<f64> {
    const STEPS: usize = 40;
    let ratio = (5f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (low, high);
    let (mut a, mut b) = (high - ratio * (high - low), low + ratio * (high - low));
    let (mut at_a, mut at_b) = (f(a)?, f(b)?);
    for _ in 0..STEPS {
        if at_a <= at_b {
            (high, b, at_b) = (b, a, at_a);
            a = high - ratio * (high - low);
            at_a = f(a)?;
        } else {
            (low, a, at_a) = (a, b, at_b);
            b = low + ratio * (high - low);
            at_b = f(b)?;
        }
    }
    Ok(at_a.min(at_b))
}
