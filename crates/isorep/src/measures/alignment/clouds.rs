//! Clouds of repetitions, one for every input, and the rotation that brings the clouds of two sides together.
//!
//! Both problems are solved by majorisation: of the current rotation a linear (gaussian) or quadratic (energy) bound is
//! made whose optimum is a polar factor, so the distance never grows. They are not convex. Starts are made in the
//! coordinates of each side's principal axes, so that the outcome depends neither on the coordinates nor on the order of
//! the sides.

use super::best_rotation::rotation;
use crate::linalg::{Eigen, Matrix, Svd, dot, multiply, multiply_a_bt, multiply_at_b, squared_norm};
use crate::{Error, Labels, Representation, Result};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// Steps from every start; the best of them goes on.
const FIRST: usize = 8;
/// Steps at most.
const STEPS: usize = 300;
/// A step that gains less than this share of the whole is the last.
const CONVERGED: f64 = 1e-13;
/// Below this share of the whole a squared distance is rounding, or has to be computed from differences.
const CANCELLED: f64 = 1e-8;

/// How two distributions are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// The Wasserstein distance of order 2 between normal distributions of the same means and covariances.
    #[default]
    Gaussian,
    /// The energy distance between the repetitions themselves.
    Energy,
}

/// The repetitions of every input of one side, in the coordinates of its principal axes.
pub(super) struct Clouds {
    /// One row an input.
    means: Matrix,
    /// Repetitions minus their mean, over the root of their number less one: `AᵀA` is the covariance.
    spread: Vec<Matrix>,
    /// The repetitions themselves.
    rows: Vec<Matrix>,
}

impl Clouds {
    pub(super) fn of(side: &Representation, groups: &Labels, center: bool) -> Result<Self> {
        side.rows()?;
        side.variation()?;
        let members: Vec<Vec<usize>> = groups.members().into_iter().filter(|m| !m.is_empty()).collect();
        if members.iter().any(|m| m.len() < 2) {
            return Err(Error::undefined(
                "an input was shown once only, so nothing is known of its distribution",
            ));
        }
        let zero = vec![0.0; side.d()];
        let rotated;
        let side = match (side.is_wide(), center) {
            (false, _) => side,
            (true, true) => side.compact()?,
            (true, false) => {
                rotated = side.rotated(&zero)?;
                &rotated
            }
        };
        let shift = if center { mean_of_means(side, &members)? } else { vec![0.0; side.d()] };
        let rows = along_axes(&side.shifted_matrix(&shift)?)?;
        let d = rows.columns();
        let mean = |m: &[usize], j: usize| m.iter().map(|i| rows[(*i, j)]).sum::<f64>() / m.len() as f64;
        let means = Matrix::from_fn(members.len(), d, |g, j| mean(&members[g], j));
        let of = |f: &dyn Fn(usize, usize, usize) -> f64| {
            members
                .iter()
                .enumerate()
                .map(|(g, m)| Matrix::from_fn(m.len(), d, |i, j| f(g, m[i], j)))
                .collect()
        };
        let room = |g: usize| (members[g].len() as f64 - 1.0).sqrt();
        let spread = of(&|g, i, j| (rows[(i, j)] - means[(g, j)]) / room(g));
        Ok(Self { rows: of(&|_, i, j| rows[(i, j)]), means, spread })
    }

    fn d(&self) -> usize {
        self.means.columns()
    }
}

/// The mean over inputs, whatever the number of their repetitions.
fn mean_of_means(side: &Representation, members: &[Vec<usize>]) -> Result<Vec<f64>> {
    let mut row = vec![0.0; side.d()];
    let mut sum = side.mean().to_vec();
    for m in members {
        for i in m {
            side.rows()?.read_f64(*i..i + 1, side.mean(), &mut row);
            let by = 1.0 / (m.len() * members.len()) as f64;
            sum.iter_mut().zip(&row).for_each(|(s, v)| *s += by * v);
        }
    }
    Ok(sum)
}

/// The rows in the coordinates of their principal axes, each pointing where the third power of the rows does.
fn along_axes(rows: &Matrix) -> Result<Matrix> {
    let mut turned = multiply(rows, &Eigen::of(&multiply_at_b(rows, rows))?.vectors);
    for j in 0..turned.columns() {
        let column = turned.column_mut(j);
        if column.iter().map(|v| v.powi(3)).sum::<f64>() < 0.0 {
            column.iter_mut().for_each(|v| *v = -*v);
        }
    }
    Ok(turned)
}

impl Ground {
    /// The least mean squared distance that was found.
    pub(super) fn search(self, x: &Clouds, y: &Clouds, restarts: usize, seed: u64) -> Result<f64> {
        let whole = self.whole(x, y);
        let mut best: Option<(f64, Matrix)> = None;
        for start in starts(x, y, restarts, seed)? {
            let found = self.improve(x, y, start, FIRST)?;
            // Of equals the first: the axes themselves, where nothing has to be turned.
            if best.as_ref().is_none_or(|(least, _)| found.0 < *least - CONVERGED * whole) {
                best = Some(found);
            }
        }
        let (mut least, mut q) = best.ok_or(Error::Decomposition { what: "search for a rotation" })?;
        if least > 0.0 {
            (least, q) = self.improve(x, y, q, STEPS)?;
        }
        Ok(match self {
            _ if least > CANCELLED * whole => least,
            Self::Gaussian => wasserstein_from_differences(x, y, &q)?,
            // A sum of distances less others: what is left of it is rounding.
            Self::Energy if least < 64.0 * f64::EPSILON * whole => 0.0,
            Self::Energy => least.max(0.0),
        })
    }

    /// At most so many steps from a rotation: the squared distance under the last one, and that one.
    fn improve(self, x: &Clouds, y: &Clouds, mut q: Matrix, steps: usize) -> Result<(f64, Matrix)> {
        let whole = self.whole(x, y);
        let (mut least, mut next) = self.step(x, y, &q)?;
        for _ in 0..steps {
            let candidate = rotation(&next)?;
            let (squared, after) = self.step(x, y, &candidate)?;
            if least - squared <= CONVERGED * whole {
                break;
            }
            (least, q, next) = (squared, candidate, after);
        }
        Ok((least, q))
    }

    /// What the squared distance is the rest of.
    fn whole(self, x: &Clouds, y: &Clouds) -> f64 {
        let n = x.means.rows() as f64;
        let size = |c: &Clouds| squared_norm(&c.means) + c.spread.iter().map(squared_norm).sum::<f64>();
        match self {
            Self::Gaussian => (size(x) + size(y)) / n,
            Self::Energy => ((size(x) + size(y)) / n).sqrt(),
        }
    }

    /// The squared distance under a rotation, and the matrix whose polar factor is the next one.
    fn step(self, x: &Clouds, y: &Clouds, q: &Matrix) -> Result<(f64, Matrix)> {
        match self {
            Self::Gaussian => wasserstein(x, y, q),
            Self::Energy => Ok(energy(x, y, q)),
        }
    }
}

/// Rotations to start from: nearest for the means, none at all, and random ones with their transposes.
fn starts(x: &Clouds, y: &Clouds, restarts: usize, seed: u64) -> Result<Vec<Matrix>> {
    let (d_x, d_y) = (x.d(), y.d());
    let mut starts = vec![Matrix::from_fn(d_x, d_y, |i, j| f64::from(u8::from(i == j)))];
    starts.push(rotation(&multiply_at_b(&x.means, &y.means))?);
    let widest = d_x.max(d_y);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    for _ in 0..restarts {
        let noise = Matrix::from_fn(widest, widest, |_, _| {
            // Twelve uniform numbers make one that is nearly normal.
            (0..12).map(|_| random.random_range(-0.5..0.5)).sum()
        });
        for whole in [noise.transpose(), noise] {
            starts.push(rotation(&Matrix::from_fn(d_x, d_y, |i, j| whole[(i, j)]))?);
        }
    }
    Ok(starts)
}

/// ‖μQ − ν‖² + tr Σ + tr Λ − 2 ‖A Q Bᵀ‖*, the mean over inputs. The nuclear norm is convex in Q: its slope is a lower bound.
fn wasserstein(x: &Clouds, y: &Clouds, q: &Matrix) -> Result<(f64, Matrix)> {
    let mut slope = multiply_at_b(&x.means, &y.means);
    let mut along = dot(slope.values(), q.values());
    for (a, b) in x.spread.iter().zip(&y.spread) {
        let svd = Svd::of(&multiply_a_bt(&multiply(a, q), b))?;
        along += svd.values.iter().sum::<f64>();
        add(&mut slope, &multiply_at_b(a, &multiply(&multiply_a_bt(&svd.u, &svd.v), b)));
    }
    Ok((Ground::Gaussian.whole(x, y) - 2.0 * along / x.means.rows() as f64, slope))
}

/// The same from the differences themselves, which do not cancel: `‖Rᵀ A Q − B‖²` for the best orthogonal R.
fn wasserstein_from_differences(x: &Clouds, y: &Clouds, q: &Matrix) -> Result<f64> {
    let moved = multiply(&x.means, q);
    let mut sum = squared_gap(&moved, &y.means) + lost(&x.means, &moved).iter().sum::<f64>();
    for (a, b) in x.spread.iter().zip(&y.spread) {
        let moved = multiply(a, q);
        let turn = rotation(&multiply_a_bt(&moved, b))?;
        sum += squared_gap(&multiply_at_b(&turn, &moved), b) + lost(a, &moved).iter().sum::<f64>();
    }
    Ok(sum.max(0.0) / x.means.rows() as f64)
}

/// Mean distance between repetitions of both sides, less half of that within each. A distance r is at most (r² / c + c) / 2.
fn energy(x: &Clouds, y: &Clouds, q: &Matrix) -> (f64, Matrix) {
    let n = x.means.rows() as f64;
    let floor = Ground::Energy.whole(x, y) * 1e-9;
    let (mut sum, mut slope) = (0.0, Matrix::zeros(x.d(), y.d()));
    for (a, b) in x.rows.iter().zip(&y.rows) {
        let per = 1.0 / (a.rows() * b.rows()) as f64;
        let moved = multiply(a, q);
        let lost = lost(a, &moved);
        let (between, within_x, within_y) = (distances(&moved, b), distances(a, a), distances(b, b));
        let between = Matrix::from_fn(a.rows(), b.rows(), |i, j| between[(i, j)].hypot(lost[i].sqrt()));
        let total = |m: &Matrix| m.values().iter().sum::<f64>();
        sum += per * (total(&between) - 0.5 * (total(&within_x) + total(&within_y)));
        let weights = Matrix::from_fn(a.rows(), b.rows(), |i, j| per / between[(i, j)].max(floor));
        add(&mut slope, &multiply_at_b(a, &multiply(&weights, b)));
    }
    (sum / n, slope)
}

/// What of each squared row a narrower side cannot reach.
fn lost(rows: &Matrix, moved: &Matrix) -> Vec<f64> {
    if rows.columns() <= moved.columns() {
        return vec![0.0; rows.rows()];
    }
    squares(rows).iter().zip(squares(moved)).map(|(all, kept)| (all - kept).max(0.0)).collect()
}

fn squares(m: &Matrix) -> Vec<f64> {
    (0..m.rows()).map(|i| (0..m.columns()).map(|j| m[(i, j)].powi(2)).sum()).collect()
}

/// Distances between the rows of both.
fn distances(a: &Matrix, b: &Matrix) -> Matrix {
    let square = |i: usize, j: usize| (0..a.columns()).map(|k| (a[(i, k)] - b[(j, k)]).powi(2)).sum::<f64>();
    Matrix::from_fn(a.rows(), b.rows(), |i, j| square(i, j).sqrt())
}

fn squared_gap(a: &Matrix, b: &Matrix) -> f64 {
    a.values().iter().zip(b.values()).map(|(a, b)| (a - b).powi(2)).sum()
}

fn add(to: &mut Matrix, by: &Matrix) {
    to.values_mut().iter_mut().zip(by.values()).for_each(|(t, b)| *t += b);
}
