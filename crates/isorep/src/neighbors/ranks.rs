//! Where some inputs stand among all others, by distance from one.

use super::Metric;
use super::estimate::{Bounds, Estimate};
use super::exact::Exact;
use crate::linalg::{Collector, Precision, Real, tile_precision};
use crate::{Representation, Result};
use std::cmp::Ordering;
use std::ops::Range;

/// Where one input stands among the neighbours of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Rank {
    /// Inputs that are nearer.
    nearer: usize,
    /// Others that are equally far, and those of them that have a lower index.
    tied: usize,
    tied_before: usize,
}

impl Rank {
    /// From 1, the lower index first where inputs are equally far: as in [`super::Neighbors`].
    pub(crate) fn ordinal(&self) -> usize {
        1 + self.nearer + self.tied_before
    }

    /// From 1, the mean over all orders of those that are equally far.
    pub(crate) fn middle(&self) -> f64 {
        1.0 + self.nearer as f64 + self.tied as f64 / 2.0
    }
}

/// The rank of each wanted input among all others, by distance from input i, for every i. Under [`Metric::Cosine`] all
/// inputs must have activations.
///
/// # Errors
/// As [`super::NeighborStore::neighbors`].
pub(crate) fn ranks(x: &Representation, metric: Metric, wanted: &[&[u32]]) -> Result<Vec<Vec<Rank>>> {
    x.variation()?;
    Ok(match tile_precision(&[x])? {
        Precision::Single => run(&Estimate::<f32>::of(x, metric, 0)?, wanted),
        Precision::Double => run(&Estimate::<f64>::of(x, metric, 0)?, wanted),
    })
}

fn run<T: Real>(estimate: &Estimate<'_, T>, wanted: &[&[u32]]) -> Vec<Vec<Rank>> {
    let start = |range: Range<usize>| Counts::new(estimate, range.start, &wanted[range]);
    let blocks = estimate.pairs.all(&estimate.lows(), start);
    blocks.into_iter().flat_map(|counts| counts.lists).map(Asked::ranks).collect()
}

/// The counts of a block of inputs.
struct Counts<'a, T: Real> {
    exact: Exact<'a>,
    estimate: &'a Estimate<'a, T>,
    start: usize,
    at_most: Vec<T>,
    lists: Vec<Asked>,
}

/// Inputs whose ranks are wanted, by their distance, and what was counted so far.
struct Asked {
    /// Sorted by distance.
    places: Vec<Place>,
    /// How many are surely nearer than this place and all after it, but not than the one before.
    nearer: Vec<usize>,
}

struct Place {
    /// Where it stands among those wanted.
    at: usize,
    index: u32,
    distance: f64,
    around: Bounds,
    rank: Rank,
}

impl<'a, T: Real> Counts<'a, T> {
    fn new(estimate: &'a Estimate<'a, T>, start: usize, wanted: &[&[u32]]) -> Self {
        let mut exact = Exact::new(&estimate.inputs);
        let length = wanted.len().next_multiple_of(estimate.pairs.multiple());
        let mut at_most = vec![T::narrow(f64::NEG_INFINITY); length];
        let one = |((within, wanted), at_most): ((usize, &&[u32]), &mut T)| {
            let i = start + within;
            let place = |(at, index): (usize, &u32)| {
                debug_assert!(estimate.present[i] && estimate.present[*index as usize]);
                let distance = exact.distance(i, *index);
                let half = match estimate.inputs.metric {
                    Metric::Cosine => distance,
                    Metric::Euclidean => distance * distance / 2.0,
                };
                Place { at, index: *index, distance, around: estimate.around(i, half), rank: Rank::default() }
            };
            let mut places: Vec<Place> = wanted.iter().enumerate().map(place).collect();
            places.sort_by(|a, b| a.distance.total_cmp(&b.distance));
            if let Some(farthest) = places.last() {
                *at_most = T::narrow_up(farthest.around.high);
            }
            let nearer = vec![0; places.len()];
            Asked { places, nearer }
        };
        let lists = wanted.iter().enumerate().zip(&mut at_most).map(one).collect();
        Self { exact, estimate, start, at_most, lists }
    }
}

impl<T: Real> Collector<T> for Counts<'_, T> {
    fn at_most(&self) -> &[T] {
        &self.at_most
    }

    fn offer(&mut self, within: usize, other: usize, product: T) {
        let Self { exact, estimate, start, lists, .. } = self;
        if !estimate.present[other] {
            return;
        }
        let Bounds { low, high } = estimate.bounds(other, product.wide());
        let Asked { places, nearer } = &mut lists[within];
        // Those before are surely nearer than the other input, those from `sure` on surely farther.
        let before = places.iter().filter(|place| place.around.high < low).count();
        let sure = places.iter().filter(|place| place.around.low <= high).count();
        if let Some(nearer) = nearer.get_mut(sure) {
            *nearer += 1;
        }
        if before < sure {
            let distance = exact.distance(*start + within, other as u32);
            places[before..sure]
                .iter_mut()
                .for_each(|place| place.compare(other, distance, estimate.inputs.metric));
        }
    }
}

impl Place {
    /// Counts an input that is as near as rounding can tell.
    fn compare(&mut self, other: usize, distance: f64, metric: Metric) {
        if other == self.index as usize {
            return;
        }
        let order = if metric.are_tied(distance, self.distance) {
            Ordering::Equal
        } else {
            distance.total_cmp(&self.distance)
        };
        match order {
            Ordering::Less => self.rank.nearer += 1,
            Ordering::Equal => {
                self.rank.tied += 1;
                self.rank.tied_before += usize::from(other < self.index as usize);
            }
            Ordering::Greater => {}
        }
    }
}

impl Asked {
    /// In the order in which they were asked for.
    fn ranks(self) -> Vec<Rank> {
        let mut ranks = vec![Rank::default(); self.places.len()];
        let mut nearer = 0;
        for (place, more) in self.places.into_iter().zip(self.nearer) {
            nearer += more;
            ranks[place.at] = Rank { nearer: nearer + place.rank.nearer, ..place.rank };
        }
        ranks
    }
}
