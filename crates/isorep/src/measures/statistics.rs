//! Statistics of one representation, and their difference as a measure of two.

mod anisotropy;
mod concentricity;
mod directions;
mod effective_rank;
mod magnitude;
mod participation_ratio;
mod two_nn;
mod uniformity;

pub use anisotropy::Anisotropy;
pub use concentricity::Concentricity;
pub use effective_rank::{EffectiveRank, RankForm};
pub use magnitude::{Magnitude, MagnitudeOf};
pub use participation_ratio::{ParticipationRatio, SpectrumEstimator};
pub use two_nn::TwoNn;
pub use uniformity::Uniformity;

use crate::measure::{Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Pair, Representation, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

/// A number that describes one representation.
pub trait Statistic: Debug + Clone + Default + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What it is; also what the measure made of it is called.
    const INFO: Info;

    /// What leaves it unchanged.
    fn invariance(&self) -> Invariance;

    /// What it asks of a representation.
    fn needs(&self) -> Needs;

    /// The number.
    ///
    /// # Errors
    /// [`crate::Error::Undefined`] and its kin where the definition gives no number; never NaN.
    fn of(&self, representation: &Representation) -> Result<f64>;

    /// Option settings worth testing; the first is the default.
    fn samples() -> Vec<Self> {
        vec![Self::default()]
    }
}

/// `|s(x) − s(y)|`: how much two representations differ in a statistic, whichever input is which.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Difference<S>(pub S);

impl<S: Statistic> Measure for Difference<S> {
    const INFO: Info = S::INFO;

    fn properties(&self) -> Properties {
        Properties {
            kind: Kind::Distance,
            range: (0.0, f64::INFINITY),
            identity: Some(0.0),
            symmetric: true,
            metric: true,
            aligned: false,
            invariance: Sides::both(self.0.invariance()),
            needs: self.0.needs(),
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        Ok((self.0.of(pair.x())? - self.0.of(pair.y())?).abs())
    }

    /// Reordering the inputs of one side changes nothing.
    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        self.compare(pair).map(Some)
    }

    fn samples() -> Vec<Self> {
        S::samples().into_iter().map(Self).collect()
    }
}
