#![doc = include_str!("participation_ratio.md")]

use super::Statistic;
use crate::measure::{Family, Info, Invariance, Needs};
use crate::{Error, Representation, Result};
use serde::{Deserialize, Serialize};

/// How many directions carry the variance.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ParticipationRatio {
    /// How it is estimated.
    pub estimator: SpectrumEstimator,
}

/// How a function of the spectrum is estimated from n inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpectrumEstimator {
    /// Of the covariance of the inputs at hand: at most n − 1.
    #[default]
    Biased,
    /// Numerator and denominator each without bias: may be any number, and may not exist.
    Unbiased,
}

impl Statistic for ParticipationRatio {
    const INFO: Info = Info {
        id: "participation-ratio",
        title: "Participation ratio",
        family: Family::Statistics,
        formula: "|PR(x) - PR(y)|, PR = (tr C)^2 / tr C^2",
        reference: "Gao et al. 2017, doi:10.1101/214262; Chun et al. 2025, arXiv:2509.26560",
        options: &[("estimator", "biased (at most n - 1), unbiased (ratio of two unbiased estimates)")],
        doc: include_str!("participation_ratio.md"),
    };

    fn invariance(&self) -> Invariance {
        Invariance::ORTHOGONAL | Invariance::SCALE | Invariance::TRANSLATION
    }

    fn needs(&self) -> Needs {
        Needs::empty()
    }

    fn range(&self) -> (f64, f64) {
        match self.estimator {
            SpectrumEstimator::Biased => (1.0, f64::INFINITY),
            SpectrumEstimator::Unbiased => (f64::NEG_INFINITY, f64::INFINITY),
        }
    }

    fn of(&self, x: &Representation) -> Result<f64> {
        let least = match self.estimator {
            SpectrumEstimator::Biased => 2,
            SpectrumEstimator::Unbiased => 4,
        };
        if x.n() < least {
            return Err(Error::TooFewSamples { needed: least, got: x.n() });
        }
        x.variation()?;
        let terms = x.self_terms()?;
        if self.estimator == SpectrumEstimator::Biased {
            return Ok(terms.participation_ratio());
        }
        // Both are averages over quadruples of different inputs i, j, k, l: of ¼‖xᵢ−xⱼ‖²‖xₖ−xₗ‖² and of
        // ((xᵢ−xⱼ)·(xₖ−xₗ))²/4, written in sums over the centred inputs and without their common factor.
        let n = x.n() as f64;
        let (square, product) = (terms.trace * terms.trace, terms.squared_norm);
        let diagonal = n * (n - 1.0) * terms.diagonal;
        let of_trace = (n * n - 3.0 * n + 1.0) * square + 2.0 * product - diagonal;
        let of_square = square + (n - 1.0) * (n - 2.0) * product - diagonal;
        if of_square <= ROUNDING * diagonal {
            return Err(Error::undefined(format!(
                "the variation of `{}` is that of single inputs: nothing is left of tr C² without its bias",
                x.name()
            )));
        }
        Ok(of_trace / of_square)
    }

    fn samples() -> Vec<Self> {
        [SpectrumEstimator::Biased, SpectrumEstimator::Unbiased].map(|estimator| Self { estimator }).to_vec()
    }
}

/// A difference of sums that is this small beside them is rounding.
const ROUNDING: f64 = 1e-12;

#[cfg(test)]
mod tests {
    use super::*;

    fn unbiased(n: usize, d: usize, values: Vec<f64>) -> Result<f64> {
        let x = Representation::from_f64("x", n, d, values).unwrap();
        ParticipationRatio { estimator: SpectrumEstimator::Unbiased }.of(&x)
    }

    /// Two orthogonal neurons, one of twice the scale: variances 1 and 4, (1 + 4)² / (1 + 16).
    #[test]
    fn two_directions_by_hand() {
        let x = Representation::from_f64("x", 4, 2, vec![1., 2., 1., -2., -1., 2., -1., -2.]).unwrap();
        let value = ParticipationRatio::default().of(&x).unwrap();
        assert!((value - 25.0 / 17.0).abs() < 1e-14);
    }

    /// One neuron has one direction, whatever the sample.
    #[test]
    fn one_neuron_is_one_direction() {
        let value = unbiased(6, 1, vec![1.0, 4.0, 2.0, 8.0, 5.0, 7.0]).unwrap();
        assert!((value - 1.0).abs() < 1e-12);
    }

    /// The averages over quadruples, written out.
    #[test]
    fn the_unbiased_form_is_an_average_over_quadruples() {
        let (n, d) = (6, 3);
        let values: Vec<f64> = (0..n * d).map(|i| f64::from(((i * i * 5 + i) % 17) as u8)).collect();
        let row = |i: usize| &values[i * d..(i + 1) * d];
        let product =
            |i, j, k, l| -> f64 { (0..d).map(|c| (row(i)[c] - row(j)[c]) * (row(k)[c] - row(l)[c])).sum() };
        let (mut of_trace, mut of_square) = (0.0, 0.0);
        for i in 0..n {
            for j in (0..n).filter(|j| *j != i) {
                for k in (0..n).filter(|k| ![i, j].contains(k)) {
                    for l in (0..n).filter(|l| ![i, j, k].contains(l)) {
                        of_trace += product(i, j, i, j) * product(k, l, k, l);
                        of_square += product(i, j, k, l).powi(2);
                    }
                }
            }
        }
        let expected = of_trace / of_square;
        let value = unbiased(n, d, values.clone()).unwrap();
        assert!((value - expected).abs() < 1e-12 * expected, "{value} {expected}");
    }

    #[test]
    fn one_deviating_input_leaves_no_unbiased_value() {
        let mut values = vec![0.0; 20];
        values[6] = 1.0;
        assert!(matches!(unbiased(10, 2, values), Err(Error::Undefined { .. })));
    }
}
