//! All distances between the points of one side: any of them by rank, and tiles of them, without an n × n matrix.
//!
//! A rank is found in one pass. A sample of pairs, 64 for each point, gives two bounds that enclose the value wanted; the
//! pass counts what lies below them and collects the little that lies between. Should the bounds be wrong, which counting
//! tells, they are widened. The tiles of that pass are kept for the next one while they are few.

use super::kernel::Real;
use super::points::{TILE, each, fold_upper_tiles};
use super::spare::Buffer;
use super::{Points, widest};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::ops::Range;

/// Bytes of tiles that are kept from one pass to the next.
const KEPT: usize = 64 << 20;
/// From this many points on, ranks are those of a sample.
const EXACT: usize = 20_000;
/// Up to this many pairs all are collected.
const FEW: usize = 1 << 18;
/// Points in a block of the sample: each point is paired with as many others.
const BLOCK: usize = 64;
/// Half the width of the bounds, in standard deviations of the rank of a sampled value.
const DEVIATIONS: f64 = 6.0;

/// The squared distances between points.
#[derive(Debug)]
pub(crate) struct Distances<'a, T: Real> {
    points: &'a Points<T>,
    keeps: bool,
    kept: Vec<Buffer<T>>,
}

/// What one tile, or many, hold of the values asked for.
struct Found<T> {
    below: usize,
    at_low: usize,
    inside: Vec<T>,
    at_high: usize,
}

/// Number of pairs of n points.
pub(crate) fn pair_count(n: usize) -> usize {
    n * n.saturating_sub(1) / 2
}

/// The squared distances with these ranks, from 0 and in ascending order, among those of all pairs of points.
pub(crate) fn squared_distances_of_rank<T: Real>(points: &Points<T>, ranks: [usize; 2]) -> [f64; 2] {
    Distances { keeps: false, ..Distances::new(points) }.of_rank(ranks)
}

impl<'a, T: Real> Distances<'a, T> {
    pub(crate) fn new(points: &'a Points<T>) -> Self {
        Self { points, keeps: true, kept: Vec::new() }
    }

    /// One tile, by its number and its ranges, into the front of `out`.
    pub(crate) fn tile(&self, at: usize, rows: Range<usize>, columns: Range<usize>, out: &mut [T]) {
        match self.kept.get(at) {
            Some(kept) => out[..kept.len()].copy_from_slice(kept),
            None => self.points.squared_distances(rows, columns, out),
        }
    }

    /// The same as [`Distances::of_rank`], but of a sample of 64 pairs for each point if there are more than 20 000.
    pub(crate) fn of_rank_or_sampled(&mut self, ranks: [usize; 2]) -> [f64; 2] {
        if self.points.n() <= EXACT {
            return self.of_rank(ranks);
        }
        let mut sample = self.sample();
        let last = sample.len() - 1;
        self.among(&sample, ranks).map(|rank| nth(&mut sample, rank.min(last)).wide())
    }

    /// Ranks among all pairs as ranks in a sample of them.
    fn among(&self, sample: &[T], ranks: [usize; 2]) -> [usize; 2] {
        let share = sample.len() as f64 / pair_count(self.points.n()) as f64;
        ranks.map(|rank| (rank as f64 * share) as usize)
    }

    /// The squared distances with these ranks, from 0 and in ascending order, among those of all pairs.
    pub(crate) fn of_rank(&mut self, ranks: [usize; 2]) -> [f64; 2] {
        if pair_count(self.points.n()) <= FEW {
            return self.between(None, ranks).unwrap_or_default();
        }
        let mut sample = self.sample();
        let within = self.among(&sample, ranks);
        let mut width = DEVIATIONS * 0.5 * (sample.len() as f64).sqrt();
        loop {
            let (low, high) = (within[0] as f64 - width, within[1] as f64 + width);
            let low = if low < 0.0 { T::narrow(-1.0) } else { nth(&mut sample, low as usize) };
            let high = if high < sample.len() as f64 {
                nth(&mut sample, high as usize)
            } else {
                T::narrow(f64::INFINITY)
            };
            if let Some(values) = self.between(Some((low, high)), ranks) {
                return values;
            }
            width *= 4.0;
        }
    }

    /// The values with these ranks, if they lie within the bounds.
    fn between(&mut self, bounds: Option<(T, T)>, ranks: [usize; 2]) -> Option<[f64; 2]> {
        let n = self.points.n();
        let keep = self.keeps && self.kept.is_empty() && n * (n + TILE) / 2 * size_of::<T>() <= KEPT;
        let (low, high) = bounds.unwrap_or((T::narrow(-1.0), T::narrow(f64::INFINITY)));
        let mut total = Found { below: 0, at_low: 0, inside: Vec::new(), at_high: 0 };
        let mut kept = Vec::new();
        let earlier = &*self;
        fold_upper_tiles(
            n,
            |at, rows, columns| {
                let mut tile = Buffer::<T>::zeros(rows.len() * columns.len());
                earlier.tile(at, rows.clone(), columns.clone(), &mut tile);
                let mut found = Found { below: 0, at_low: 0, inside: Vec::new(), at_high: 0 };
                for (i, line) in rows.zip(tile.chunks_exact(columns.len())) {
                    let first = (i + 1).saturating_sub(columns.start).min(line.len());
                    found.add(&line[first..], low, high);
                }
                (found, keep.then_some(tile))
            },
            |_, _, (found, tile)| {
                total.below += found.below;
                total.at_low += found.at_low;
                total.inside.extend(found.inside);
                total.at_high += found.at_high;
                kept.extend(tile);
            },
        );
        if keep {
            self.kept = kept;
        }
        let [first, second] = ranks.map(|rank| total.value(rank, low, high));
        Some([first?.wide(), second?.wide()])
    }

    /// Squared distances of every point to 64 others that chance picks (by a fixed seed). As every point has its share, the
    /// rank of a value in the sample is nearly that among all pairs.
    fn sample(&self) -> Vec<T> {
        let n = self.points.n();
        let mut order: Vec<usize> = (0..n).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(0));
        let blocks: Vec<&[usize]> = order.chunks_exact(BLOCK).collect();
        let pairs: Vec<usize> = (0..blocks.len()).collect();
        let parts = each(pairs, |k| {
            let some = self.points.select(&[blocks[k], blocks[(k + 1) % blocks.len()]].concat());
            let mut tile = vec![T::default(); BLOCK * BLOCK];
            some.squared_distances(0..BLOCK, BLOCK..2 * BLOCK, &mut tile);
            tile
        });
        parts.concat()
    }
}

impl<T: Real> Found<T> {
    fn add(&mut self, line: &[T], low: T, high: T) {
        widest(
            #[inline(always)]
            || {
                for some in line.chunks(16) {
                    let (mut below, mut above) = (0u32, 0u32);
                    for value in some {
                        below += u32::from(*value < low);
                        above += u32::from(*value > high);
                    }
                    self.below += below as usize;
                    if (below + above) as usize == some.len() {
                        continue;
                    }
                    for value in some.iter().filter(|value| **value >= low && **value <= high) {
                        if *value == low {
                            self.at_low += 1;
                        } else if *value == high {
                            self.at_high += 1;
                        } else {
                            self.inside.push(*value);
                        }
                    }
                }
            },
        );
    }

    fn value(&mut self, rank: usize, low: T, high: T) -> Option<T> {
        let rank = rank.checked_sub(self.below)?;
        let Some(rank) = rank.checked_sub(self.at_low) else { return Some(low) };
        if rank < self.inside.len() {
            return Some(nth(&mut self.inside, rank));
        }
        (rank - self.inside.len() < self.at_high).then_some(high)
    }
}

fn nth<T: Real>(values: &mut [T], rank: usize) -> T {
    *values.select_nth_unstable_by(rank, |a, b| a.wide().total_cmp(&b.wide())).1
}

#[cfg(test)]
mod tests {
    use super::super::Space;
    use super::*;
    use crate::Representation;

    fn sorted(points: &Points<f64>) -> Vec<f64> {
        let n = points.n();
        let mut all = vec![0.0; n * n];
        points.squared_distances(0..n, 0..n, &mut all);
        let mut upper: Vec<f64> = (0..n).flat_map(|i| all[i * n + i + 1..(i + 1) * n].to_vec()).collect();
        upper.sort_by(f64::total_cmp);
        upper
    }

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() <= 1e-12 * (1.0 + b.abs()), "{a} {b}");
    }

    #[test]
    fn ranks_are_those_of_the_sorted_list() {
        // One with few pairs, one that needs bounds, and one where most distances are one of a few.
        for (n, distinct) in [(150, 101), (900, 10_007), (900, 3)] {
            let values = (0..n * 3).map(|k| f64::from((k * k * 7 + k * 13) % distinct) / 7.0).collect();
            let x = Representation::from_f64("x", n as usize, 3, values).unwrap();
            let points = x.points::<f64>(Space::Centred).unwrap();
            let sorted = sorted(points);
            let m = sorted.len();
            for ranks in [[(m - 1) / 2, m / 2], [0, 1], [m - 2, m - 1], [m / 5, m / 5]] {
                let mut distances = Distances::new(points);
                for _ in 0..2 {
                    let found = distances.of_rank(ranks);
                    close(found[0], sorted[ranks[0]]);
                    close(found[1], sorted[ranks[1]]);
                }
            }
        }
    }

    #[test]
    fn bounds_that_are_wrong_are_noticed() {
        let values = (0..90).map(|k| f64::from((k * k) % 31)).collect();
        let x = Representation::from_f64("x", 30, 3, values).unwrap();
        let points = x.points::<f64>(Space::Centred).unwrap();
        let sorted = sorted(points);
        let mut distances = Distances::new(points);
        assert_eq!(distances.between(Some((sorted[300], sorted[400])), [200, 201]), None);
        assert_eq!(distances.between(Some((sorted[100], sorted[150])), [200, 201]), None);
        assert!(distances.between(Some((sorted[100], sorted[300])), [200, 201]).is_some());
    }
}
