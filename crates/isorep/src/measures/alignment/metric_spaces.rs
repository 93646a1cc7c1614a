//! Couplings of two sets of points, of which only the distances within each are known, that distort them least.
//!
//! For Euclidean distances the distortion is a concave function of the coupling, so some vertex is best, and the step to the
//! coupling that the gradient likes best never makes it worse: local search goes from vertex to vertex, each the solution
//! of an assignment or a transportation problem, and where that ends two pairs of points exchange partners. It starts from
//! couplings that depend on distances only and never on the order of the points, and so does its result.

use crate::assignment::maximum_assignment;
use crate::linalg::{Matrix, multiply};
use crate::options::Fraction;
use crate::transport::{Share, uniform_coupling};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use std::cmp::Ordering;

/// A set of points of equal weight, in an order that their distances determine.
pub(super) struct MetricSpace {
    /// Which point of the input each is.
    pub(super) points: Vec<usize>,
    distances: Matrix,
    /// Column j: the distances from point j to all points, ascending.
    profiles: Matrix,
}

impl MetricSpace {
    /// From the symmetric matrix of distances: points with near others come first.
    pub(super) fn new(distances: &Matrix) -> Self {
        let n = distances.rows();
        let sorted = |j: usize| {
            let mut profile = distances.column(j).to_vec();
            profile.sort_unstable_by(f64::total_cmp);
            profile
        };
        let profiles: Vec<Vec<f64>> = (0..n).map(sorted).collect();
        // Sums of sorted numbers have the same bits in any order of the points.
        let totals: Vec<f64> = profiles.iter().map(|profile| profile.iter().sum()).collect();
        let mut points: Vec<usize> = (0..n).collect();
        points.sort_by(|a, b| {
            totals[*a].total_cmp(&totals[*b]).then_with(|| lexicographic(&profiles[*a], &profiles[*b]))
        });
        let distances = Matrix::from_fn(n, n, |i, j| distances[(points[i], points[j])]);
        let profiles = Matrix::from_columns(n, n, points.iter().flat_map(|i| profiles[*i].clone()).collect());
        Self { points, distances, profiles }
    }

    pub(super) fn len(&self) -> usize {
        self.points.len()
    }

    /// An order of spaces that does not depend on that of their points.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let total = |space: &Self| space.profiles.values().iter().sum::<f64>();
        self.len().cmp(&other.len()).then_with(|| total(self).total_cmp(&total(other)))
    }
}

fn lexicographic(a: &[f64], b: &[f64]) -> Ordering {
    a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// The best coupling found from one start, and its distortion `Σ (D_x(i,k) − D_y(j,l))² P_ij P_kl`.
pub(super) fn descend(x: &MetricSpace, y: &MetricSpace, start: usize, seed: u64) -> (f64, Vec<Share>) {
    let mut plan = initial(x, y, start, seed);
    loop {
        let mut slope = slope(x, y, &plan);
        let agreement =
            |plan: &[Share]| plan.iter().map(|(i, j, weight)| weight * slope[(*i, *j)]).sum::<f64>();
        let better = strongest(&slope);
        let (now, then) = (agreement(&plan), agreement(&better));
        let least = GAIN * now.abs();
        if then - now > least {
            plan = better;
        } else if !exchange(x, y, &mut plan, &mut slope, least) {
            return (distortion(x, y, &plan), plan);
        }
    }
}

/// Gains below this share of the whole are rounding, which must not decide between equals.
const GAIN: f64 = 1e-12;

/// Lets matched points change partners two by two, as much as both have, as long as that helps; says whether it did.
///
/// The change of `⟨D_x P D_y, P⟩` is known from its slope and two distances, and the new slope is the old one and a
/// product of two vectors.
fn exchange(x: &MetricSpace, y: &MetricSpace, plan: &mut Vec<Share>, slope: &mut Matrix, least: f64) -> bool {
    let mut helped = false;
    let mut at = 0;
    // Every share against all before it, until each has been tried since the last change.
    let mut quiet = 0;
    while quiet < plan.len() {
        let before = helped;
        helped = false;
        for other in 0..at {
            let ((i, j, w), (k, l, v)) = (plan[at], plan[other]);
            let amount = w.min(v);
            let straight = slope[(i, j)] + slope[(k, l)];
            let crossed = slope[(i, l)] + slope[(k, j)];
            let bend = 4.0 * x.distances[(i, k)] * y.distances[(j, l)];
            if amount * (2.0 * (crossed - straight) + amount * bend) <= least {
                continue;
            }
            helped = true;
            (plan[at], plan[other]) = ((i, l, amount), (k, j, amount));
            // What the larger of both has left stays where it was.
            if w > v {
                plan.push((i, j, w - v));
            } else if v > w {
                plan.push((k, l, v - w));
            }
            let (of_i, of_k) = (x.distances.column(i), x.distances.column(k));
            let (of_j, of_l) = (y.distances.column(j), y.distances.column(l));
            for (column, (b, a)) in of_j.iter().zip(of_l).enumerate() {
                let by = amount * (a - b);
                let entries = slope.column_mut(column).iter_mut().zip(of_i.iter().zip(of_k));
                entries.for_each(|(entry, (a, b))| *entry += by * (a - b));
            }
        }
        quiet = if helped { 0 } else { quiet + 1 };
        helped |= before;
        at = if at + 1 < plan.len() { at + 1 } else { 0 };
    }
    helped
}

/// Start 0 matches points with similar distances to all others, start 1 central points with central ones; the rest are
/// random.
fn initial(x: &MetricSpace, y: &MetricSpace, start: usize, seed: u64) -> Vec<Share> {
    if start == 0 {
        return uniform_coupling(&profile_distances(x, y), Fraction::constant(1.0));
    }
    let mut order: Vec<usize> = (0..x.len()).collect();
    if start > 1 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(start as u64);
        order.shuffle(&mut random);
    }
    in_order(&order, y.len())
}

/// The points of x in this order go to those of y in theirs, each split as far as it must.
fn in_order(order: &[usize], l: usize) -> Vec<Share> {
    let k = order.len();
    let (mut shares, mut at, mut to) = (Vec::with_capacity(k + l), 0, 0);
    // In units of 1 / (k l): a point of x holds l of them, one of y k.
    let (mut left, mut wanted) = (l, k);
    while at < k && to < l {
        let amount = left.min(wanted);
        shares.push((order[at], to, amount as f64 / (k * l) as f64));
        left -= amount;
        wanted -= amount;
        if left == 0 {
            (at, left) = (at + 1, l);
        }
        if wanted == 0 {
            (to, wanted) = (to + 1, k);
        }
    }
    shares
}

/// Mean squared differences of the quantiles of the distances from a point of x and of those from a point of y.
fn profile_distances(x: &MetricSpace, y: &MetricSpace) -> Matrix {
    let (k, l) = (x.len(), y.len());
    let m = k.max(l);
    let quantiles = |space: &MetricSpace, j: usize| -> Vec<f64> {
        let profile = space.profiles.column(j);
        (0..m).map(|q| profile[(2 * q + 1) * profile.len() / (2 * m)]).collect()
    };
    let of_x: Vec<Vec<f64>> = (0..k).map(|i| quantiles(x, i)).collect();
    let of_y: Vec<Vec<f64>> = (0..l).map(|j| quantiles(y, j)).collect();
    let distance = |i: usize, j: usize| {
        of_x[i].iter().zip(&of_y[j]).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / m as f64
    };
    Matrix::from_fn(k, l, distance)
}

/// `D_x P D_y`: half of how fast `⟨D_x P D_y, P⟩`, which is large where the distortion is small, grows with each entry.
fn slope(x: &MetricSpace, y: &MetricSpace, plan: &[Share]) -> Matrix {
    let mut carried = Matrix::zeros(x.len(), y.len());
    for (i, j, weight) in plan {
        let to = carried.column_mut(*j).iter_mut();
        to.zip(x.distances.column(*i)).for_each(|(sum, distance)| *sum += weight * distance);
    }
    multiply(&carried, &y.distances)
}

/// The coupling with the largest sum of entries.
fn strongest(slope: &Matrix) -> Vec<Share> {
    let (k, l) = (slope.rows(), slope.columns());
    if k == l {
        return maximum_assignment(slope).into_iter().map(|(i, j)| (i, j, 1.0 / k as f64)).collect();
    }
    let cost = Matrix::from_columns(k, l, slope.values().iter().map(|s| -s).collect());
    uniform_coupling(&cost, Fraction::constant(1.0))
}

fn distortion(x: &MetricSpace, y: &MetricSpace, plan: &[Share]) -> f64 {
    let from = |(i, j, weight): &Share| {
        let (of_x, of_y) = (x.distances.column(*i), y.distances.column(*j));
        weight * plan.iter().map(|(k, l, other)| other * (of_x[*k] - of_y[*l]).powi(2)).sum::<f64>()
    };
    plan.iter().map(from).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;

    fn line(random: &mut ChaCha8Rng, n: usize, d: usize) -> Matrix {
        let points: Vec<Vec<f64>> =
            (0..n).map(|_| (0..d).map(|_| random.random_range(-1.0..1.0)).collect()).collect();
        let distance =
            |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
        Matrix::from_fn(n, n, |i, j| distance(&points[i], &points[j]))
    }

    fn orders(n: usize) -> Vec<Vec<usize>> {
        if n == 0 {
            return vec![Vec::new()];
        }
        let longer = |order: Vec<usize>| {
            (0..n).map(move |at| {
                let mut order = order.clone();
                order.insert(at, n - 1);
                order
            })
        };
        orders(n - 1).into_iter().flat_map(longer).collect()
    }

    /// Ten starts find the best of all 720 permutations of six points, or come near to it, and never less.
    #[test]
    fn the_best_permutation_of_few_points_is_found() {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        let all = orders(6);
        let mut missed = 0;
        for _ in 0..60 {
            let (x, y) =
                (MetricSpace::new(&line(&mut random, 6, 2)), MetricSpace::new(&line(&mut random, 6, 3)));
            let of = |order: &Vec<usize>| {
                distortion(
                    &x,
                    &y,
                    &order.iter().enumerate().map(|(i, j)| (i, *j, 1.0 / 6.0)).collect::<Vec<_>>(),
                )
            };
            let best = all.iter().map(of).fold(f64::INFINITY, f64::min);
            let found = (0..10).map(|start| descend(&x, &y, start, 0).0).fold(f64::INFINITY, f64::min);
            assert!(found > best - 1e-12);
            missed += usize::from(found > best + 1e-12);
        }
        assert!(missed <= 3, "missed {missed} of 60");
    }

    #[test]
    fn couplings_have_the_right_margins_and_descent_descends() {
        let mut random = ChaCha8Rng::seed_from_u64(4);
        let (x, y) =
            (MetricSpace::new(&line(&mut random, 12, 2)), MetricSpace::new(&line(&mut random, 9, 2)));
        for start in 0..6 {
            let first = initial(&x, &y, start, 0);
            let (value, plan) = descend(&x, &y, start, 0);
            for shares in [&first, &plan] {
                let (mut rows, mut columns) = ([0.0; 12], [0.0; 9]);
                for (i, j, weight) in shares {
                    rows[*i] += weight;
                    columns[*j] += weight;
                }
                assert!(rows.iter().all(|r| (r - 1.0 / 12.0).abs() < 1e-15));
                assert!(columns.iter().all(|c| (c - 1.0 / 9.0).abs() < 1e-15));
            }
            assert!(value <= distortion(&x, &y, &first) + 1e-15);
        }
    }
}
