//! The kernel as an option: a name, and a width where it has one.

use super::Bandwidth;
use crate::measure::{Invariance, Needs};
use crate::profile::Profile;
use crate::representation::SelfTerms;
use crate::{Representation, Result};
use serde::{Deserialize, Serialize};

/// The kernel whose values for all pairs of inputs are compared.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Kernel {
    /// The inner product ⟨a, b⟩.
    #[default]
    Linear,
    /// The Gaussian kernel exp(−‖a − b‖² / 2σ²).
    Rbf(Bandwidth),
    /// The Laplace kernel exp(−‖a − b‖ / ℓ), with Euclidean distances.
    Laplace(Bandwidth),
}

/// Which kernel, apart from its width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum KernelName {
    #[default]
    Linear,
    Rbf,
    Laplace,
}

impl Kernel {
    pub(super) const OPTION: (&'static str, &'static str) =
        ("kernel", "linear, rbf (Gaussian) or laplace (of Euclidean distance)");

    /// The two options that say which kernel it is.
    pub(super) fn parts(self) -> (KernelName, Bandwidth) {
        match self {
            Self::Linear => (KernelName::Linear, Bandwidth::default()),
            Self::Rbf(bandwidth) => (KernelName::Rbf, bandwidth),
            Self::Laplace(bandwidth) => (KernelName::Laplace, bandwidth),
        }
    }

    /// The kernel that these options describe.
    pub(super) fn of_parts(name: KernelName, bandwidth: Bandwidth) -> Result<Self, &'static str> {
        match name {
            KernelName::Rbf => Ok(Self::Rbf(bandwidth)),
            KernelName::Laplace => Ok(Self::Laplace(bandwidth)),
            KernelName::Linear if bandwidth == Bandwidth::default() => Ok(Self::Linear),
            KernelName::Linear => Err("the linear kernel has no bandwidth: choose rbf or laplace"),
        }
    }

    /// The kernel as a function of distance, which the linear one is not.
    pub(super) fn profile(self) -> Option<Profile> {
        match self {
            Self::Linear => None,
            Self::Rbf(bandwidth) => Some(Profile::Gaussian(bandwidth)),
            Self::Laplace(bandwidth) => Some(Profile::Laplace(bandwidth)),
        }
    }

    /// The centred sums of one side.
    pub(super) fn terms(self, side: &Representation) -> Result<SelfTerms> {
        match self.profile() {
            None => side.self_terms(),
            Some(profile) => Ok(side.profile_sums(profile)?.terms()),
        }
    }

    /// What leaves a ratio of centred sums unchanged.
    pub(super) fn invariance(self) -> Invariance {
        let rigid = Invariance::ORTHOGONAL | Invariance::TRANSLATION;
        if self.profile().is_none_or(Profile::follows_scale) { rigid | Invariance::SCALE } else { rigid }
    }

    /// What it asks of a pair.
    pub(super) fn needs(self) -> Needs {
        if self == Self::Linear { Needs::SELF_TERMS } else { Needs::ROWS }
    }
}
