#![doc = include_str!("mean_match.md")]

use super::maximum_match::{SHARED_OPTIONS, path, properties};
use super::{Path, ZeroNeurons};
use crate::measure::{Family, Info, Measure, Properties};
use crate::{Pair, Result};
use serde::{Deserialize, Serialize};

/// The maximum match averaged over every ε: subspace match without a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MeanMatch {
    /// What becomes of neurons that are zero on every input.
    pub zero_neurons: ZeroNeurons,
    /// Whether the mean of every neuron is subtracted first.
    pub center: bool,
}

impl MeanMatch {
    /// The critical ε of every neuron.
    ///
    /// # Errors
    /// As [`super::MaximumMatch::path`].
    pub fn path(&self, pair: &Pair) -> Result<Path> {
        path(pair, self.center, self.zero_neurons)
    }
}

impl Measure for MeanMatch {
    const INFO: Info = Info {
        id: "mean-match",
        title: "Subspace match: mean over every ε",
        family: Family::Subspace,
        formula: "1 - mean critical ε = integral of the maximum match similarity over 0 ≤ ε ≤ 1",
        reference: "after Wang et al. 2018, arXiv:1810.11750",
        options: &SHARED_OPTIONS,
        doc: include_str!("mean_match.md"),
    };

    fn properties(&self) -> Properties {
        properties(self.center, self.zero_neurons)
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        Ok(self.path(pair)?.score())
    }

    fn samples() -> Vec<Self> {
        vec![
            Self::default(),
            Self { center: true, zero_neurons: ZeroNeurons::Excluded },
            Self { zero_neurons: ZeroNeurons::Matched, ..Self::default() },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Representation;

    /// y₁ = e₁ + ¾ e₃ has critical ε .6, as e₁ has; e₂ never matches: 1 − (.6 + 1 + .6) / 3.
    #[test]
    fn one_minus_the_mean_critical_epsilon() {
        let x = Representation::from_f64("x", 4, 2, vec![1., 0., 0., 1., 0., 0., 0., 0.]).unwrap();
        let y = Representation::from_f64("y", 4, 1, vec![1., 0., 0.75, 0.]).unwrap();
        let value = MeanMatch::default().compare(&Pair::new(&x, &y).unwrap()).unwrap();
        assert!((value - (1.0 - 2.2 / 3.0)).abs() < 1e-12, "{value}");
    }
}
