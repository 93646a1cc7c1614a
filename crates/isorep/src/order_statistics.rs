//! Exact order statistics of the distances between all pairs of inputs, without keeping them all.
//!
//! A sample of pairs gives a bracket that holds the wanted ranks almost surely; one pass over tiles counts what lies below
//! and keeps what lies inside. If the bracket misses, which is seen, it is widened and the pass repeated.

use crate::linalg::{Points, Real, upper_tiles};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Up to so many pairs all distances are kept: 32 MiB in f64.
const KEPT: usize = 1 << 22;
/// Pairs that are sampled for a bracket: its width is then below 1 % of all pairs.
const SAMPLED: usize = 1 << 18;
/// Standard deviations of a sampled rank on either side of the wanted one.
const DEVIATIONS: f64 = 6.0;

/// Squared distances inside a bracket, and how many lie below it and on its ends.
struct Pass<T> {
    below: usize,
    at_low: usize,
    at_high: usize,
    inside: Vec<T>,
}

/// Number of pairs of n inputs.
pub(crate) fn pair_count(n: usize) -> usize {
    n * n.saturating_sub(1) / 2
}

/// The squared distances with these ranks (from 0) among all pairs of points, in ascending order.
pub(crate) fn squared_distances_of_rank<T: Real>(points: &Points<T>, ranks: [usize; 2]) -> [f64; 2] {
    selected(points, ranks, KEPT)
}

fn selected<T: Real>(points: &Points<T>, ranks: [usize; 2], kept: usize) -> [f64; 2] {
    let count = pair_count(points.n());
    let mut deviations = if count <= kept { f64::INFINITY } else { DEVIATIONS };
    let sample = if count <= kept { Vec::new() } else { sample(points) };
    loop {
        let [low, high] = bracket(&sample, ranks, count, deviations);
        let mut pass = pass(points, low, high);
        if let Some(found) = pass.of_rank(ranks, low, high) {
            return found;
        }
        deviations *= 4.0;
    }
}

/// Squared distances of some pairs, in ascending order.
fn sample<T: Real>(points: &Points<T>) -> Vec<f64> {
    let mut random = ChaCha8Rng::seed_from_u64(0);
    let n = points.n();
    let mut values: Vec<f64> = (0..SAMPLED)
        .map(|_| {
            let i = random.random_range(0..n);
            let j = (i + random.random_range(1..n)) % n;
            let between = points.point(i).iter().zip(points.point(j));
            between.map(|(a, b)| (a.wide() - b.wide()).powi(2)).sum()
        })
        .collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// Values that the wanted ranks lie between, up to so many standard deviations of the sample.
fn bracket(sample: &[f64], ranks: [usize; 2], count: usize, deviations: f64) -> [f64; 2] {
    let m = sample.len() as f64;
    let at = |rank: usize, side: f64| {
        let share = (rank as f64 + 0.5) / count as f64;
        let place = share * m + side * deviations * ((share * (1.0 - share) * m).sqrt() + 1.0);
        if place < 0.0 || sample.is_empty() && side < 0.0 {
            return f64::NEG_INFINITY;
        }
        sample.get(place as usize).copied().unwrap_or(f64::INFINITY)
    };
    [at(ranks[0], -1.0), at(ranks[1], 1.0)]
}

fn pass<T: Real>(points: &Points<T>, low: f64, high: f64) -> Pass<T> {
    let tiles = upper_tiles(points.n(), |rows, columns| {
        let mut tile = vec![T::default(); rows.len() * columns.len()];
        points.squared_distances(rows.clone(), columns.clone(), &mut tile);
        let mut pass = Pass { below: 0, at_low: 0, at_high: 0, inside: Vec::new() };
        for (i, line) in rows.zip(tile.chunks(columns.len())) {
            let after = (i + 1).saturating_sub(columns.start).min(line.len());
            for value in &line[after..] {
                let wide = value.wide();
                pass.below += usize::from(wide < low);
                if wide > low && wide < high {
                    pass.inside.push(*value);
                }
                pass.at_low += usize::from(wide == low);
                pass.at_high += usize::from(wide == high && high > low);
            }
        }
        pass
    });
    let mut all = Pass { below: 0, at_low: 0, at_high: 0, inside: Vec::new() };
    for tile in tiles {
        all.below += tile.below;
        all.at_low += tile.at_low;
        all.at_high += tile.at_high;
        all.inside.extend(tile.inside);
    }
    all
}

impl<T: Real> Pass<T> {
    /// `None` if a rank lies outside of the bracket.
    fn of_rank(&mut self, ranks: [usize; 2], low: f64, high: f64) -> Option<[f64; 2]> {
        let inner = self.below + self.at_low;
        let mut one = |rank: usize| {
            if rank < self.below {
                None
            } else if rank < inner {
                Some(low)
            } else if rank < inner + self.inside.len() {
                let order = |a: &T, b: &T| a.wide().total_cmp(&b.wide());
                Some(self.inside.select_nth_unstable_by(rank - inner, order).1.wide())
            } else if rank < inner + self.inside.len() + self.at_high {
                Some(high)
            } else {
                None
            }
        };
        Some([one(ranks[0])?, one(ranks[1])?])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Representation;
    use crate::linalg::Space;

    fn side(n: usize, d: usize, levels: u64) -> Representation {
        let values = (0..(n * d) as u64).map(|k| ((k * k * 31 + k * 17) % 1013 % levels) as f64).collect();
        Representation::from_f64("x", n, d, values).unwrap()
    }

    #[test]
    fn brackets_give_what_sorting_gives() {
        // Many ties in the second.
        for x in [side(300, 5, 1000), side(300, 3, 3)] {
            let points = x.points::<f64>(Space::AsIs).unwrap();
            let count = pair_count(300);
            for rank in [0, 1, count / 2, count * 9 / 10, count - 2] {
                let ranks = [rank, rank + 1];
                let sorted = selected(points, ranks, usize::MAX);
                assert_eq!(selected(points, ranks, 0), sorted, "{rank}");
                assert!(sorted[0] <= sorted[1]);
            }
            let mut all: Vec<f64> = (0..300)
                .flat_map(|j| (0..j).map(move |i| (i, j)))
                .map(|(i, j)| points.point(i).iter().zip(points.point(j)).map(|(a, b)| (a - b).powi(2)).sum())
                .collect();
            all.sort_unstable_by(f64::total_cmp);
            let rank = count * 9 / 10;
            assert!((selected(points, [rank, rank], 0)[0] - all[rank]).abs() < 1e-9);
        }
    }

    #[test]
    fn a_bracket_that_misses_is_widened() {
        let x = side(200, 4, 1000);
        let points = x.points::<f64>(Space::AsIs).unwrap();
        let mut pass = pass(points, 1e9, 2e9);
        assert_eq!(pass.of_rank([5, 6], 1e9, 2e9), None);
        assert_eq!(pass.below, pair_count(200));
    }
}
