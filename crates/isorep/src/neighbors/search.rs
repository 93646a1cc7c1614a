//! The lists of nearest neighbours of all inputs.

use super::estimate::{Bounds, Estimate};
use super::exact::Exact;
use super::{Metric, Neighbors};
use crate::linalg::{Collector, Precision, Real, each, tile_precision};
use crate::{Error, Representation, Result};

/// The k nearest of every input.
///
/// # Errors
/// [`Error::TooFewSamples`] if there are not `k` others; [`Error::Undefined`] if nothing varies; [`Error::NeedsRows`].
pub(super) fn search(x: &Representation, metric: Metric, k: usize) -> Result<Neighbors> {
    x.variation()?;
    if x.n() <= k {
        return Err(Error::TooFewSamples { needed: k + 1, got: x.n() });
    }
    Ok(match tile_precision(&[x])? {
        Precision::Single => run(&Estimate::<f32>::of(x, metric, k)?, k),
        Precision::Double => run(&Estimate::<f64>::of(x, metric, k)?, k),
    })
}

/// For one input, its neighbours with their distances, nearest first, and one more if there are more.
type Ranked = Vec<(f64, u32)>;

fn run<T: Real>(estimate: &Estimate<'_, T>, k: usize) -> Neighbors {
    let (n, wanted) = (estimate.present.len(), k + 1);
    let (pairs, lows) = (&estimate.pairs, estimate.lows());
    let most = Some(8 * wanted + 256);
    let blocks = pairs.all(&lows, |range| Lists::new(estimate, range.collect(), wanted, most));
    let mut ranked: Vec<Option<Ranked>> = each(blocks, Lists::ranked).into_iter().flatten().collect();
    // Inputs with many others at nearly the distance of the k-th, a few at a time: their candidates may be everybody.
    let crowded: Vec<usize> = (0..n).filter(|i| ranked[*i].is_none()).collect();
    let groups: Vec<&[usize]> = crowded.chunks(pairs.multiple()).collect();
    let again = each(groups, |group| {
        let mut lists = Lists::new(estimate, group.to_vec(), wanted, None);
        pairs.some(&lows, group, &mut lists);
        lists.ranked()
    });
    for (i, list) in crowded.into_iter().zip(again.into_iter().flatten()) {
        ranked[i] = list;
    }
    let mut all = Neighbors {
        k,
        indices: Vec::with_capacity(n * k),
        distances: Vec::with_capacity(n * k),
        present: estimate.present.clone(),
        tied: Vec::with_capacity(n * k),
    };
    for ranked in ranked {
        let ranked = ranked.unwrap_or_default();
        for place in 0..k {
            // An input that is not present has an empty list, which takes as much room.
            let (distance, index) = ranked.get(place).copied().unwrap_or_default();
            all.indices.push(index);
            all.distances.push(distance);
            let tied =
                ranked.get(place + 1).is_some_and(|next| estimate.inputs.metric.are_tied(next.0, distance));
            all.tied.push(tied);
        }
    }
    all
}

/// The lists of some inputs while they are collected.
struct Lists<'a, T: Real> {
    estimate: &'a Estimate<'a, T>,
    which: Vec<usize>,
    at_most: Vec<T>,
    nearest: Vec<Nearest>,
    /// Candidates that a list may have, if there is a limit.
    most: Option<usize>,
}

impl<'a, T: Real> Lists<'a, T> {
    fn new(estimate: &'a Estimate<'a, T>, which: Vec<usize>, wanted: usize, most: Option<usize>) -> Self {
        let length = which.len().next_multiple_of(estimate.pairs.multiple());
        let mut at_most = vec![T::narrow(f64::NEG_INFINITY); length];
        for (at_most, i) in at_most.iter_mut().zip(&which) {
            if estimate.present[*i] {
                *at_most = T::narrow(f64::INFINITY);
            }
        }
        let nearest = which.iter().map(|_| Nearest::new(wanted)).collect();
        Self { estimate, which, at_most, nearest, most }
    }

    /// Of every input, what its candidates come to; `None` if they were too many.
    fn ranked(self) -> Vec<Option<Ranked>> {
        let mut exact = Exact::new(&self.estimate.inputs);
        let one = |(i, mut list): (usize, Nearest)| {
            if list.crowded {
                return None;
            }
            list.cut(|high| self.estimate.low_within(i, high));
            let mut ranked = exact.ranked(i, list.candidates.iter().map(|candidate| candidate.index));
            ranked.truncate(list.wanted);
            Some(ranked)
        };
        self.which.into_iter().zip(self.nearest).map(one).collect()
    }
}

impl<T: Real> Collector<T> for Lists<'_, T> {
    fn at_most(&self) -> &[T] {
        &self.at_most
    }

    fn offer(&mut self, within: usize, other: usize, product: T) {
        let (i, list) = (self.which[within], &mut self.nearest[within]);
        let bounds = self.estimate.bounds(other, product.wide());
        if list.crowded || !self.estimate.present[other] || bounds.low > list.limit {
            return;
        }
        list.candidates.push(Candidate { bounds, index: other as u32 });
        if list.candidates.len() <= list.room {
            return;
        }
        list.cut(|high| self.estimate.low_within(i, high));
        self.at_most[within] = T::narrow_up(list.limit);
        if self.most.is_some_and(|most| list.candidates.len() > most) {
            *list = Nearest { crowded: true, ..Nearest::new(list.wanted) };
            self.at_most[within] = T::narrow(f64::NEG_INFINITY);
        }
    }
}

/// An input that may be among the nearest.
#[derive(Clone, Copy)]
struct Candidate {
    bounds: Bounds,
    index: u32,
}

/// The inputs that may be among the nearest of one input.
///
/// In the end they are those whose lower bound is at most the wanted smallest of all upper bounds, whatever the order in
/// which they came.
struct Nearest {
    wanted: usize,
    candidates: Vec<Candidate>,
    /// What a lower bound may be at most to be kept.
    limit: f64,
    /// How many are collected before the list is cut down again.
    room: usize,
    /// Whether there were too many, and the list was given up.
    crowded: bool,
}

impl Nearest {
    fn new(wanted: usize) -> Self {
        Self { wanted, candidates: Vec::new(), limit: f64::INFINITY, room: 2 * wanted + 8, crowded: false }
    }

    /// Drops what cannot be among the nearest any more.
    fn cut(&mut self, low_within: impl Fn(f64) -> f64) {
        if self.candidates.len() < self.wanted {
            return;
        }
        let by_high = |a: &Candidate, b: &Candidate| a.bounds.high.total_cmp(&b.bounds.high);
        let (_, last, _) = self.candidates.select_nth_unstable_by(self.wanted - 1, by_high);
        self.limit = low_within(last.bounds.high);
        self.candidates.retain(|candidate| candidate.bounds.low <= self.limit);
        self.room = self.room.max(2 * self.candidates.len());
    }
}
