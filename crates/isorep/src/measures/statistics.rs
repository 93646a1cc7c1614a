//! Statistics of one representation, and their difference as a measure of two.

mod anisotropy;
mod concentricity;
mod directions;
mod distinct;
mod effective_rank;
mod feature_split_stability;
mod instance_statistics;
mod levina_bickel;
mod magnitude;
mod modularity;
mod participation_ratio;
mod spectrum_exponent;
mod tolerance;
mod two_nn;
mod uniformity;

pub use anisotropy::Anisotropy;
pub use concentricity::Concentricity;
pub use effective_rank::{EffectiveRank, RankForm};
pub use feature_split_stability::FeatureSplitStability;
pub use instance_statistics::{InstanceComparison, InstanceQuantity, InstanceStatistics};
pub use levina_bickel::{LevinaBickel, LocalAverage, NeighborhoodSize};
pub use magnitude::{Magnitude, MagnitudeOf};
pub use modularity::{EdgeWeight, Modularity};
pub use participation_ratio::{ParticipationRatio, SpectrumEstimator};
pub use spectrum_exponent::SpectrumExponent;
pub use tolerance::Tolerance;
pub use two_nn::TwoNn;
pub use uniformity::Uniformity;

use crate::measure::{Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Context, Pair, Representation, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

/// A number that describes one representation.
pub trait Statistic: Debug + Clone + Default + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What it is; also what the measure made of it is called.
    const INFO: Info;

    /// What leaves it unchanged.
    fn invariance(&self) -> Invariance;

    /// What it asks of a representation, and of the [`Context`] of its inputs.
    fn needs(&self) -> Needs;

    /// Smallest and largest possible value.
    fn range(&self) -> (f64, f64);

    /// The number, of inputs of which nothing is known.
    ///
    /// # Errors
    /// [`crate::Error::Undefined`] and its kin where the definition gives no number; never NaN.
    /// [`crate::Error::NeedsContext`] if something must be known of the inputs.
    fn of(&self, representation: &Representation) -> Result<f64>;

    /// The number, with what is known of the inputs: to be written by a statistic that needs it.
    ///
    /// # Errors
    /// As [`Statistic::of`].
    fn in_context(&self, representation: &Representation, _inputs: &Context) -> Result<f64> {
        self.of(representation)
    }

    /// Option settings worth testing; the first is the default.
    fn samples() -> Vec<Self> {
        vec![Self::default()]
    }
}

/// `|s(x) − s(y)|`: how much two representations differ in a statistic, whichever input is which.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Difference<S>(pub S);

impl<S: Statistic> Difference<S> {
    /// Whether something must be known of the inputs, which both sides then share.
    fn needs_context(&self) -> bool {
        self.0.needs().intersects(Needs::LABELS | Needs::GROUPS | Needs::INPUT)
    }
}

impl<S: Statistic> Measure for Difference<S> {
    const INFO: Info = S::INFO;

    fn properties(&self) -> Properties {
        let (low, high) = self.0.range();
        Properties {
            kind: Kind::Distance,
            range: (0.0, high - low),
            identity: Some(0.0),
            symmetric: true,
            metric: true,
            aligned: self.needs_context(),
            invariance: Sides::both(self.0.invariance()),
            needs: self.0.needs(),
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let of = |side| self.0.in_context(side, pair.context());
        Ok((of(pair.x())? - of(pair.y())?).abs())
    }

    /// Reordering the inputs of one side changes nothing, unless something is known of each of them.
    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        if self.needs_context() { Ok(None) } else { self.compare(pair).map(Some) }
    }

    fn samples() -> Vec<Self> {
        S::samples().into_iter().map(Self).collect()
    }
}
