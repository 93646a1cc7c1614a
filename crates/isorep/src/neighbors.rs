//! The nearest neighbours of every input, exact, with memory for the lists and a tile of distances.
//!
//! Tiles of inner products are scanned against the k-th best distance so far; what may belong among the k nearest, given
//! the rounding of the product, is kept and measured again in f64. So the lists are those of exact distances even where
//! the products are f32, equal inputs are exactly equally far, and ties go to the lower index on any number of threads.

use crate::linalg::{Points, Precision, Real, Space, row_blocks, tile_precision, widest};
use crate::{Error, Representation, Result};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

/// How far two inputs are from each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// One minus the cosine of the angle between their activations; an input without activations has no neighbours.
    #[default]
    Cosine,
    /// The length of the difference of their activations.
    Euclidean,
}

impl Metric {
    pub(crate) const OPTION: (&'static str, &'static str) =
        ("metric", "cosine (of the activations as they are), euclidean: how far inputs are from each other");

    /// Whether two distances are the same but for rounding.
    fn are_tied(self, a: f64, b: f64) -> bool {
        // Rounding of unit vectors leaves this much between parallel ones.
        let floor = if self == Self::Cosine { TIE * TIE } else { 0.0 };
        (a - b).abs() <= TIE * a.max(b) + floor
    }

    pub(crate) fn space(self) -> Space {
        match self {
            Self::Cosine => Space::Unit,
            Self::Euclidean => Space::Centred,
        }
    }
}

/// The k nearest other inputs of every input, nearest first.
#[derive(Debug)]
pub(crate) struct Neighbors {
    k: usize,
    indices: Vec<u32>,
    distances: Vec<f64>,
    /// Inputs that have neighbours; under [`Metric::Cosine`] a zero input has none.
    present: Vec<bool>,
    /// For every place of a list, whether the next neighbour is equally far: cut there, the list depends on the order of
    /// the inputs.
    tied: Vec<bool>,
}

/// Distances that differ by less than this, relatively, are equal: parallel activations have the same direction up to
/// rounding only, and rounding must not decide who is nearer.
const TIE: f64 = 1e-12;

impl Neighbors {
    /// The `k` nearest inputs of input `i`, nearest first; none if it is not present.
    ///
    /// # Panics
    /// If `k` is more than was asked for.
    pub(crate) fn of(&self, i: usize, k: usize) -> &[u32] {
        assert!(k <= self.k);
        if self.present[i] { &self.indices[i * self.k..i * self.k + k] } else { &[] }
    }

    /// How far each of them is.
    pub(crate) fn distances(&self, i: usize, k: usize) -> &[f64] {
        assert!(k <= self.k);
        if self.present[i] { &self.distances[i * self.k..i * self.k + k] } else { &[] }
    }

    /// For how many inputs it is the order of the inputs that decides who is on a list of `k`.
    ///
    /// # Panics
    /// If `k` is 0 or more than was asked for.
    pub(crate) fn ambiguous(&self, k: usize) -> usize {
        assert!(0 < k && k <= self.k);
        self.tied.iter().skip(k - 1).step_by(self.k).filter(|tied| **tied).count()
    }
}

/// The lists of one representation, one set a metric; a request for longer ones replaces them.
#[derive(Debug, Default)]
pub(crate) struct NeighborStore([Mutex<Option<Arc<Neighbors>>>; 2]);

impl NeighborStore {
    /// At least `k` neighbours of every input of `x`, whose store this is.
    ///
    /// # Errors
    /// [`Error::TooFewSamples`] if there are not `k` others; [`Error::Undefined`] if nothing varies; [`Error::NeedsRows`].
    pub(crate) fn neighbors(&self, x: &Representation, metric: Metric, k: usize) -> Result<Arc<Neighbors>> {
        let slot = &self.0[metric as usize];
        let known =
            || slot.lock().unwrap_or_else(PoisonError::into_inner).clone().filter(|known| known.k >= k);
        if let Some(known) = known() {
            return Ok(known);
        }
        // The lock is not held meanwhile: see `once.rs`.
        let found = Arc::new(match reordered(x, metric, k)? {
            Some(lists) => lists,
            None => search(x, metric, k)?,
        });
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.as_ref().is_none_or(|known| known.k < k) {
            *slot = Some(found.clone());
        }
        Ok(found)
    }
}

/// The lists that are known for another order of the inputs, if no tie makes them depend on it.
fn reordered(x: &Representation, metric: Metric, k: usize) -> Result<Option<Neighbors>> {
    let Some((origin, order)) = x.reordered_from() else { return Ok(None) };
    let lists = origin.neighbors(metric, k)?;
    Ok((!lists.tied.contains(&true)).then(|| lists.reordered(order)))
}

impl Neighbors {
    /// The lists of the same inputs, input `order[i]` being input i.
    fn reordered(&self, order: &[usize]) -> Self {
        let mut place = vec![0; order.len()];
        order.iter().enumerate().for_each(|(to, from)| place[*from] = to as u32);
        let of = |from: &usize| *from * self.k..(*from + 1) * self.k;
        Self {
            k: self.k,
            indices: order.iter().flat_map(|i| &self.indices[of(i)]).map(|j| place[*j as usize]).collect(),
            distances: order.iter().flat_map(|i| &self.distances[of(i)]).copied().collect(),
            present: order.iter().map(|i| self.present[*i]).collect(),
            tied: vec![false; self.tied.len()],
        }
    }
}

/// Where one input stands among the neighbours of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rank {
    /// Inputs that are nearer.
    nearer: usize,
    /// Others that are equally far, and those of them that have a lower index.
    tied: usize,
    tied_before: usize,
}

impl Rank {
    /// From 1, the lower index first where inputs are equally far: as in [`Neighbors`].
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
/// As [`NeighborStore::neighbors`].
pub(crate) fn ranks(x: &Representation, metric: Metric, wanted: &[&[u32]]) -> Result<Vec<Vec<Rank>>> {
    x.variation()?;
    match tile_precision(&[x])? {
        Precision::Single => Search::<f32>::of(x, metric, 0).map(|search| search.ranks(wanted)),
        Precision::Double => Search::<f64>::of(x, metric, 0).map(|search| search.ranks(wanted)),
    }
}

fn search(x: &Representation, metric: Metric, k: usize) -> Result<Neighbors> {
    x.variation()?;
    if x.n() <= k {
        return Err(Error::TooFewSamples { needed: k + 1, got: x.n() });
    }
    match tile_precision(&[x])? {
        Precision::Single => Search::<f32>::of(x, metric, k).map(|search| search.run()),
        Precision::Double => Search::<f64>::of(x, metric, k).map(|search| search.run()),
    }
}

/// Rows and columns of a tile of products: large, since each one packs its operands anew.
const HEIGHT: usize = 256;
const WIDTH: usize = 1024;

struct Search<'a, T> {
    x: &'a Representation,
    metric: Metric,
    k: usize,
    points: &'a Points<T>,
    /// Half the squared length of every point; infinite for one that nobody may have as a neighbour.
    half_squares: Vec<T>,
    present: Vec<bool>,
    /// Relative error of a product: of a sum of d rounded terms, and of the rounded points themselves.
    rounding: f64,
}

/// An input that may be among the nearest: half its squared distance, as the product gives it, and its index.
#[derive(Clone, Copy)]
struct Candidate {
    half: f64,
    index: u32,
}

impl<'a, T: Real> Search<'a, T> {
    fn of(x: &'a Representation, metric: Metric, k: usize) -> Result<Self> {
        let points = x.points::<T>(metric.space())?;
        let present: Vec<bool> =
            points.squares().iter().map(|square| metric == Metric::Euclidean || *square > 0.0).collect();
        let count = present.iter().filter(|present| **present).count();
        if count <= k {
            return Err(Error::undefined(format!(
                "only {count} inputs of `{}` have activations, and {k} neighbours are asked for",
                x.name()
            )));
        }
        let half = |(square, present): (&f64, &bool)| if *present { square / 2.0 } else { f64::INFINITY };
        let half_squares = points.squares().iter().zip(&present).map(half).map(T::narrow).collect();
        let unit = if T::NARROW { f64::from(f32::EPSILON) } else { f64::EPSILON } / 2.0;
        Ok(Self {
            x,
            metric,
            k,
            points,
            half_squares,
            present,
            rounding: (x.d() + 8) as f64 * unit + 4.0 * TIE,
        })
    }

    fn run(&self) -> Neighbors {
        let (n, k) = (self.points.n(), self.k);
        let mut all = Neighbors {
            k,
            indices: Vec::with_capacity(n * k),
            distances: Vec::with_capacity(n * k),
            present: self.present.clone(),
            tied: Vec::with_capacity(n * k),
        };
        for ranked in row_blocks(n, HEIGHT, |rows| self.block(rows)).into_iter().flatten() {
            for place in 0..k {
                // An input that is not present has an empty list, which takes as much room.
                let (distance, index) = ranked.get(place).copied().unwrap_or_default();
                all.indices.push(index);
                all.distances.push(distance);
                all.tied
                    .push(ranked.get(place + 1).is_some_and(|next| self.metric.are_tied(next.0, distance)));
            }
        }
        all
    }

    /// For some inputs, the k nearest and at least one more if there are more, nearest first.
    fn block(&self, rows: std::ops::Range<usize>) -> Vec<Vec<(f64, u32)>> {
        let n = self.points.n();
        let mut tile = vec![T::default(); rows.len() * WIDTH.min(n)];
        let mut found: Vec<Nearest> = rows.clone().map(|_| Nearest::new(self.k + 1)).collect();
        for start in (0..n).step_by(WIDTH) {
            let columns = start..(start + WIDTH).min(n);
            self.points.products(rows.clone(), columns.clone(), &mut tile);
            let half_squares = &self.half_squares[columns.clone()];
            let largest = self.points.squares()[columns.clone()].iter().copied().fold(0.0, f64::max);
            for ((i, found), products) in rows.clone().zip(&mut found).zip(tile.chunks_exact(columns.len())) {
                let own = self.points.squares()[i];
                let slack = self.rounding * (own + largest);
                found.scan(products, half_squares, (own / 2.0, slack), |within| start + within != i, start);
            }
        }
        let mut exact = Exact::new(self.x, self.metric);
        rows.zip(found)
            .map(|(i, nearest)| {
                if !self.present[i] {
                    return Vec::new();
                }
                let mut ranked = exact.ranked(i, &nearest.candidates());
                ranked.truncate(self.k + 1);
                ranked
            })
            .collect()
    }
}

impl<T: Real> Search<'_, T> {
    fn ranks(&self, wanted: &[&[u32]]) -> Vec<Vec<Rank>> {
        let n = self.points.n();
        row_blocks(n, HEIGHT, |rows| self.ranks_of(rows, wanted)).into_iter().flatten().collect()
    }

    fn ranks_of(&self, rows: std::ops::Range<usize>, wanted: &[&[u32]]) -> Vec<Vec<Rank>> {
        let n = self.points.n();
        let mut exact = Exact::new(self.x, self.metric);
        let mut asked: Vec<Vec<Asked>> = rows.clone().map(|i| self.asked(i, wanted[i], &mut exact)).collect();
        let mut tile = vec![T::default(); rows.len() * WIDTH.min(n)];
        for start in (0..n).step_by(WIDTH) {
            let columns = start..(start + WIDTH).min(n);
            self.points.products(rows.clone(), columns.clone(), &mut tile);
            let largest = self.points.squares()[columns.clone()].iter().copied().fold(0.0, f64::max);
            for ((i, asked), products) in rows.clone().zip(&mut asked).zip(tile.chunks_exact(columns.len())) {
                let own = self.points.squares()[i];
                let slack = self.rounding * (own + largest);
                for asked in asked.iter_mut() {
                    for (j, product) in columns.clone().zip(products) {
                        let half = own / 2.0 + (self.half_squares[j].wide() - product.wide());
                        // Half the exact squared distance of the wanted input; the product is off by the slack at most.
                        if half > asked.half + slack
                            || j == i
                            || j == asked.index as usize
                            || !self.present[j]
                        {
                            continue;
                        }
                        asked.count(half < asked.half - slack, j, &mut exact, i);
                    }
                }
            }
        }
        asked.into_iter().map(|asked| asked.into_iter().map(|asked| asked.rank).collect()).collect()
    }

    fn asked(&self, i: usize, wanted: &[u32], exact: &mut Exact<'_>) -> Vec<Asked> {
        let one = |&index: &u32| {
            debug_assert!(self.present[i] && self.present[index as usize]);
            let distance = exact.ranked(i, &[index])[0].0;
            let half = match self.metric {
                Metric::Cosine => distance,
                Metric::Euclidean => distance * distance / 2.0,
            };
            Asked { index, distance, half, rank: Rank { nearer: 0, tied: 0, tied_before: 0 } }
        };
        wanted.iter().map(one).collect()
    }
}

/// An input whose rank is wanted, how far it is, and what was counted so far.
struct Asked {
    index: u32,
    distance: f64,
    half: f64,
    rank: Rank,
}

impl Asked {
    /// Counts input `j`, which is surely nearer or as near as rounding can tell: then it is measured again.
    fn count(&mut self, surely: bool, j: usize, exact: &mut Exact<'_>, i: usize) {
        let mut order = || {
            let distance = exact.ranked(i, &[j as u32])[0].0;
            if exact.metric.are_tied(distance, self.distance) {
                Ordering::Equal
            } else {
                distance.total_cmp(&self.distance)
            }
        };
        match if surely { Ordering::Less } else { order() } {
            Ordering::Less => self.rank.nearer += 1,
            Ordering::Equal => {
                self.rank.tied += 1;
                self.rank.tied_before += usize::from(j < self.index as usize);
            }
            Ordering::Greater => {}
        }
    }
}

/// The inputs that may be among the k nearest of one input, and a bound on the half squared distance of the k-th.
struct Nearest {
    k: usize,
    candidates: Vec<Candidate>,
    /// What half a squared distance may be at most, as computed, to be kept.
    bound: f64,
    /// The largest slack of any tile so far.
    slack: f64,
    /// How many are collected before the list is cut down again.
    room: usize,
}

impl Nearest {
    fn new(k: usize) -> Self {
        let room = 4 * k + 32;
        Self { k, candidates: Vec::with_capacity(room + 16), bound: f64::INFINITY, slack: 0.0, room }
    }

    /// Looks through the products of one input with others. `half_own` is half its own squared length.
    fn scan<T: Real>(
        &mut self,
        products: &[T],
        half_squares: &[T],
        (half_own, slack): (f64, f64),
        may_be: impl Fn(usize) -> bool,
        start: usize,
    ) {
        const LANES: usize = 32;
        self.slack = self.slack.max(slack);
        // Half a squared distance is half_own + half_square − product.
        let mut at_most = T::narrow_up(self.bound - half_own + self.slack);
        for (chunk, (p, h)) in products.chunks(LANES).zip(half_squares.chunks(LANES)).enumerate() {
            if !any_at_most(p, h, at_most) {
                continue;
            }
            for (lane, (p, h)) in p.iter().zip(h).enumerate() {
                let within = chunk * LANES + lane;
                let half = half_own + (h.wide() - p.wide());
                if half <= self.bound + self.slack && half.is_finite() && may_be(within) {
                    self.candidates.push(Candidate { half, index: (start + within) as u32 });
                }
            }
            if self.candidates.len() > self.room {
                self.cut();
                at_most = T::narrow_up(self.bound - half_own + self.slack);
            }
        }
    }

    /// Drops what cannot be among the k nearest any more.
    fn cut(&mut self) {
        if self.candidates.len() < self.k {
            return;
        }
        self.candidates.select_nth_unstable_by(self.k - 1, |a, b| a.half.total_cmp(&b.half));
        // The k-th as computed may be too small by the slack, and so may those that compete with it.
        self.bound = self.candidates[self.k - 1].half + self.slack;
        let keep = self.bound + self.slack;
        self.candidates.retain(|candidate| candidate.half <= keep);
        self.room = self.room.max(2 * self.candidates.len());
    }

    fn candidates(mut self) -> Vec<u32> {
        self.cut();
        self.candidates.into_iter().map(|candidate| candidate.index).collect()
    }
}

/// Whether any `half_square − product` is at most this.
fn any_at_most<T: Real>(products: &[T], half_squares: &[T], at_most: T) -> bool {
    widest(
        #[inline(always)]
        || products.iter().zip(half_squares).fold(false, |any, (p, h)| any || (*h - *p <= at_most)),
    )
}

/// Distances in f64 from the stored numbers.
struct Exact<'a> {
    x: &'a Representation,
    metric: Metric,
    own: Vec<f64>,
    other: Vec<f64>,
}

impl<'a> Exact<'a> {
    fn new(x: &'a Representation, metric: Metric) -> Self {
        Self { x, metric, own: vec![0.0; x.d()], other: vec![0.0; x.d()] }
    }

    /// Exact distances of input `i` from others, nearest first, the lower index first where they are equal.
    fn ranked(&mut self, i: usize, others: &[u32]) -> Vec<(f64, u32)> {
        self.read(i, true);
        let mut ranked: Vec<(f64, u32)> = others
            .iter()
            .map(|&other| {
                self.read(other as usize, false);
                (self.distance(), other)
            })
            .collect();
        ranked.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        for tied in ranked.chunk_by_mut(|a, b| self.metric.are_tied(a.0, b.0)) {
            tied.sort_unstable_by_key(|(_, index)| *index);
        }
        ranked
    }

    fn read(&mut self, i: usize, own: bool) {
        let to = if own { &mut self.own } else { &mut self.other };
        if let Ok(rows) = self.x.rows() {
            rows.read_f64(i..i + 1, &[], to);
        }
        if self.metric == Metric::Cosine {
            let largest = to.iter().fold(0.0, |largest: f64, v| largest.max(v.abs()));
            to.iter_mut().for_each(|v| *v /= largest);
            let length = to.iter().map(|v| v * v).sum::<f64>().sqrt();
            to.iter_mut().for_each(|v| *v /= length);
        }
    }

    fn distance(&self) -> f64 {
        let square = squared_distance(&self.own, &self.other);
        match self.metric {
            // Half the squared length of the difference of unit vectors, which keeps its digits near 0.
            Metric::Cosine => square / 2.0,
            Metric::Euclidean => square.sqrt(),
        }
    }
}

/// In eight running sums, so that it vectorises, always in the same order.
fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    widest(
        #[inline(always)]
        || {
            let mut sums = [0.0; 8];
            let (a_head, b_head) = (a.chunks_exact(8), b.chunks_exact(8));
            let tail: f64 =
                a_head.remainder().iter().zip(b_head.remainder()).map(|(a, b)| (a - b) * (a - b)).sum();
            for (a, b) in a_head.zip(b_head) {
                for k in 0..8 {
                    sums[k] += (a[k] - b[k]) * (a[k] - b[k]);
                }
            }
            sums.iter().sum::<f64>() + tail
        },
    )
}

#[cfg(test)]
mod tests;
