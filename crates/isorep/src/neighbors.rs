//! The nearest neighbours of every input, exact, with memory for the lists and a tile of distances.
//!
//! Inner products only propose who may be near, given their rounding (`estimate.rs`); distances measured again in f64
//! decide (`exact.rs`). So the lists (`search.rs`) and ranks (`ranks.rs`) are those of exact distances even where the
//! products are f32, equal inputs are exactly equally far, and ties go to the lower index on any number of threads.

mod estimate;
mod exact;
mod ranks;
mod search;

pub(crate) use ranks::{Rank, ranks};

use crate::linalg::Space;
use crate::{Representation, Result};
use search::search;
use serde::{Deserialize, Serialize};
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

#[cfg(test)]
mod tests;
