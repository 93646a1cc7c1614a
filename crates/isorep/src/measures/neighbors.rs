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

    pub(super) const OPTION: (&'static str, &'static str) =
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

/// The lists of both sides, of the inputs that have a direction on both.
struct Lists<'a> {
    given: &'a Pair,
    common: Option<Pair>,
    x: Arc<Neighbors>,
    y: Arc<Neighbors>,
    n: usize,
    k: usize,
}

impl<'a> Lists<'a> {
    fn of(given: &'a Pair, metric: Metric, k: NeighborCount) -> Result<Self> {
        let (common, k) = (common(given, metric)?, k.get());
        let pair = common.as_ref().unwrap_or(given);
        let (x, y, n) = (pair.x().neighbors(metric, k)?, pair.y().neighbors(metric, k)?, pair.n());
        Ok(Self { given, common, x, y, n, k })
    }

    /// The inputs that the lists are about.
    fn pair(&self) -> &Pair {
        self.common.as_ref().unwrap_or(self.given)
    }

    /// True if no input had to be left out, and no list was settled by the order of the inputs: then the lists over
    /// permuted inputs are as good as drawn at random.
    fn are_exchangeable(&self) -> bool {
        self.common.is_none() && self.x.ambiguous(self.k) + self.y.ambiguous(self.k) == 0
    }

    /// The mean over inputs of a number made of both of its lists.
    fn mean(&self, of: impl Fn(&[u32], &[u32]) -> f64) -> f64 {
        self.mean_of_inputs(|i| of(self.x.of(i, self.k), self.y.of(i, self.k)))
    }

    /// The mean over inputs.
    fn mean_of_inputs(&self, of: impl Fn(usize) -> f64) -> f64 {
        (0..self.n).map(of).sum::<f64>() / self.n as f64
    }
}

/// The pair of those inputs that have a direction on both sides; `None` if all of them have.
///
/// An input without activations is as far from one input as from any other. If only the side that shows none left it
/// out, it would fill the lists of the other side, where nothing can agree with it.
fn common(pair: &Pair, metric: Metric) -> Result<Option<Pair>> {
    pair.aligned()?;
    if metric != Metric::Cosine {
        return Ok(None);
    }
    pair.x().variation()?;
    pair.y().variation()?;
    let (x, y) = (pair.x().inputs_with_activations()?, pair.y().inputs_with_activations()?);
    if x.len() == pair.n() && y.len() == pair.n() {
        return Ok(None);
    }
    let both: Vec<usize> = x.iter().copied().filter(|i| y.binary_search(i).is_ok()).collect();
    if both.is_empty() {
        return Err(Error::undefined("no input has activations on both sides"));
    }
    Pair::new(&pair.x().select(&both)?, &pair.y().select(&both)?).map(Some)
}

/// How many inputs are on both lists.
fn shared(a: &[u32], b: &[u32]) -> usize {
    a.iter().filter(|input| b.contains(input)).count()
}

#[cfg(test)]
mod tests {
    use crate::{MEASURES, Pair, Representation, measure::Family};

    /// Rows of small numbers; those of `zero` have no activations.
    fn side(name: &str, step: usize, zero: impl Fn(usize) -> bool) -> Representation {
        let value = |k: usize| f64::from(((k * k * step + 5 * k) % 23) as u8) - 9.0;
        let values = (0..60 * 3).map(|k| if zero(k / 3) { 0.0 } else { value(k) }).collect();
        Representation::from_f64(name, 60, 3, values).unwrap()
    }

    #[test]
    fn inputs_without_a_direction_on_either_side_are_as_if_not_given() {
        let (x, y) = (side("x", 3, |i| i % 4 == 0), side("y", 7, |i| i == 5));
        let both: Vec<usize> = (0..60).filter(|i| i % 4 != 0 && *i != 5).collect();
        let given = Pair::new(&x, &y).unwrap();
        let without = Pair::new(&x.select(&both).unwrap(), &y.select(&both).unwrap()).unwrap();
        let mut compared = 0;
        for measure in MEASURES.iter().filter(|entry| entry.info().family == Family::Neighbors) {
            for measure in measure.samples() {
                if measure.options().get("metric").is_none_or(|metric| metric == "cosine") {
                    let value = measure.compare(&given).unwrap();
                    assert_eq!(value, measure.compare(&without).unwrap(), "{measure}");
                    assert_eq!(measure.chance(&given).unwrap(), None, "{measure}: not all orders are alike");
                    compared += 1;
                }
            }
        }
        assert!(compared >= 10);
    }

    #[test]
    fn sides_that_are_never_active_together_are_undefined() {
        let pair = Pair::new(&side("x", 3, |i| i % 2 == 0), &side("y", 7, |i| i % 2 == 1)).unwrap();
        let error = "mutual-knn".parse::<crate::AnyMeasure>().unwrap().compare(&pair).unwrap_err();
        assert!(error.to_string().contains("no input has activations on both sides"), "{error}");
    }
}
