#![doc = include_str!("hsic.md")]

use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// How HSIC is estimated from n inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Estimator {
    /// The unbiased U-statistic of Song et al. (2012): zero on average for independent inputs.
    #[default]
    Song,
    /// The biased V-statistic of Gretton et al. (2005).
    Gretton,
    /// Centred Gram matrices with their diagonals left out, Lange et al. (2023): less biased, not unbiased.
    Lange,
}

/// Hilbert–Schmidt independence criterion with linear kernels.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hsic {
    /// How it is estimated.
    pub estimator: Estimator,
}

impl Estimator {
    pub(super) const ALL: [Self; 3] = [Self::Song, Self::Gretton, Self::Lange];
    pub(super) const OPTION: (&'static str, &'static str) =
        ("estimator", "song (unbiased), gretton (biased), lange (diagonals left out)");

    /// Fewest inputs for which the estimator exists.
    pub(super) fn least(self) -> usize {
        match self {
            Self::Song => 4,
            Self::Gretton => 2,
            Self::Lange => 3,
        }
    }

    /// HSIC up to a factor of n only: from ⟨K, L⟩, the sum over its diagonal, and both traces, of centred inputs.
    fn estimate(self, n: usize, product: f64, diagonal: f64, traces: f64) -> f64 {
        let n = n as f64;
        match self {
            Self::Gretton => product / (n - 1.0).powi(2),
            Self::Lange => (product - diagonal) / (n * (n - 3.0).max(1.0)),
            Self::Song => {
                (product - n / (n - 2.0) * diagonal + traces / ((n - 1.0) * (n - 2.0))) / (n * (n - 3.0))
            }
        }
    }

    /// HSIC of a representation with itself.
    pub(super) fn of_self(self, side: &Representation) -> Result<f64> {
        let terms = side.self_terms()?;
        Ok(self.estimate(side.n(), terms.squared_norm, terms.diagonal, terms.trace.powi(2)))
    }

    /// HSIC of both sides.
    pub(super) fn of_pair(self, pair: &Pair) -> Result<f64> {
        pair.at_least(self.least())?;
        let terms = pair.cross_terms()?;
        let traces = pair.x().variation()? * pair.y().variation()?;
        Ok(self.estimate(pair.n(), terms.squared_norm, terms.diagonal, traces))
    }
}

impl Measure for Hsic {
    const INFO: Info = Info {
        id: "hsic",
        title: "Hilbert–Schmidt independence criterion",
        family: Family::Kernel,
        formula: "tr(K H L H) / (n - 1)^2, or an estimate without its bias",
        reference: "Gretton et al. 2005, doi:10.1007/11564089_7; Song et al. 2012, arXiv:0704.2668",
        options: &[Estimator::OPTION],
        doc: include_str!("hsic.md"),
    };

    fn properties(&self) -> Properties {
        let biased = self.estimator == Estimator::Gretton;
        Properties {
            kind: Kind::Similarity,
            range: (if biased { 0.0 } else { f64::NEG_INFINITY }, f64::INFINITY),
            identity: None,
            symmetric: true,
            metric: false,
            aligned: true,
            invariance: Sides::both(Invariance::ORTHOGONAL | Invariance::TRANSLATION),
            needs: Needs::SELF_TERMS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        self.estimator.of_pair(pair)
    }

    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        let n = pair.n() as f64;
        Ok(match self.estimator {
            Estimator::Song => Some(0.0),
            Estimator::Gretton => Some(pair.x().variation()? * pair.y().variation()? / (n - 1.0).powi(3)),
            Estimator::Lange => None,
        })
    }

    fn samples() -> Vec<Self> {
        Estimator::ALL.map(|estimator| Self { estimator }).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x = y = 1, 2, 3, 6 (one neuron): centred −2, −1, 0, 3, so ⟨K, L⟩ = 14² = 196, diagonal 16+1+0+81 = 98.
    #[test]
    fn estimators_by_hand() {
        let x = Representation::from_f64("x", 4, 1, vec![1.0, 2.0, 3.0, 6.0]).unwrap();
        let pair = Pair::new(&x, &x).unwrap();
        let value = |estimator| Hsic { estimator }.compare(&pair).unwrap();
        assert!((value(Estimator::Gretton) - 196.0 / 9.0).abs() < 1e-12);
        assert!((value(Estimator::Lange) - 98.0 / 4.0).abs() < 1e-12);
        assert!((value(Estimator::Song) - (196.0 - 2.0 * 98.0 + 196.0 / 6.0) / 4.0).abs() < 1e-12);
    }

    #[test]
    fn too_few_inputs_are_refused() {
        let x = Representation::from_f64("x", 3, 1, vec![1.0, 2.0, 4.0]).unwrap();
        let error = Hsic::default().compare(&Pair::new(&x, &x).unwrap()).unwrap_err();
        assert_eq!(error, crate::Error::TooFewSamples { needed: 4, got: 3 });
    }
}
