//! Measures of which inputs are nearest to which.
//!
//! All of them read the same lists, found once for each representation and metric (`crate::neighbors`).

mod cknna;
mod cycle_knn;
mod edit_knn;
mod information_imbalance;
mod knn_jaccard;
mod lcs_knn;
mod mutual_knn;
mod neighbor_rank;
mod second_order_cosine;
mod trustworthiness;

pub use cknna::Cknna;
pub use cycle_knn::{CycleKnn, FirstStep};
pub use edit_knn::EditKnn;
pub use information_imbalance::{InformationImbalance, RankedFrom};
pub use knn_jaccard::KnnJaccard;
pub use lcs_knn::LcsKnn;
pub use mutual_knn::MutualKnn;
pub use neighbor_rank::{NeighborRank, RankWeight};
pub use second_order_cosine::SecondOrderCosine;
pub use trustworthiness::{Direction, Trustworthiness};

use crate::measure::{Invariance, Kind, Needs, Properties, Sides};
use crate::neighbors::{Metric, Neighbors};
use crate::{Error, Pair, Result};
use serde::{Deserialize, Serialize};
use std::num::NonZeroUsize;
use std::sync::Arc;

/// How many nearest neighbours of every input are looked at: 1 or more, 10 by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NeighborCount(NonZeroUsize);

impl NeighborCount {
    /// The nearest alone.
    pub const ONE: Self = Self(NonZeroUsize::MIN);

    /// `None` for 0.
    pub const fn new(count: usize) -> Option<Self> {
        match NonZeroUsize::new(count) {
            Some(count) => Some(Self(count)),
            None => None,
        }
    }

    /// As a plain number.
    pub const fn get(self) -> usize {
        self.0.get()
    }

    const OPTION: (&'static str, &'static str) =
        ("k", "how many nearest neighbours of every input; fewer than inputs");
}

impl Default for NeighborCount {
    fn default() -> Self {
        const { Self(NonZeroUsize::new(10).unwrap()) }
    }
}

/// What a measure of lists promises, apart from its own range.
fn properties(metric: Metric, range: (f64, f64), identity: Option<f64>, symmetric: bool) -> Properties {
    let directions = Invariance::ORTHOGONAL | Invariance::SCALE;
    Properties {
        kind: Kind::Similarity,
        range,
        identity,
        symmetric,
        metric: false,
        aligned: true,
        invariance: Sides::both(match metric {
            Metric::Cosine => directions,
            Metric::Euclidean => directions | Invariance::TRANSLATION,
        }),
        needs: Needs::ROWS,
    }
}

/// The lists of both sides.
struct Lists {
    x: Arc<Neighbors>,
    y: Arc<Neighbors>,
    n: usize,
    k: usize,
}

impl Lists {
    fn of(pair: &Pair, metric: Metric, k: NeighborCount) -> Result<Self> {
        pair.aligned()?;
        let k = k.get();
        Ok(Self { x: pair.x().neighbors(metric, k)?, y: pair.y().neighbors(metric, k)?, n: pair.n(), k })
    }

    /// Inputs that have neighbours on both sides.
    fn inputs(&self) -> impl Iterator<Item = usize> {
        (0..self.n).filter(|i| self.x.is_present(*i) && self.y.is_present(*i))
    }

    /// True if every input has neighbours, and no list was settled by the order of the inputs: then the lists over
    /// permuted inputs are as good as drawn at random.
    fn are_exchangeable(&self) -> bool {
        let settled = self.x.ambiguous(self.k) + self.y.ambiguous(self.k) == 0;
        settled && self.inputs().count() == self.n
    }

    /// The mean over inputs of a number made of both of its lists.
    fn mean(&self, of: impl Fn(&[u32], &[u32]) -> f64) -> Result<f64> {
        self.mean_of_inputs(|i| of(self.x.of(i, self.k), self.y.of(i, self.k)))
    }

    /// The mean over inputs that have neighbours on both sides.
    fn mean_of_inputs(&self, of: impl Fn(usize) -> f64) -> Result<f64> {
        let (mut sum, mut count) = (0.0, 0);
        for i in self.inputs() {
            sum += of(i);
            count += 1;
        }
        if count == 0 {
            return Err(Error::undefined("no input has activations on both sides"));
        }
        Ok(sum / f64::from(count))
    }
}

/// How many inputs are on both lists.
fn shared(a: &[u32], b: &[u32]) -> usize {
    a.iter().filter(|input| b.contains(input)).count()
}
