#![doc = include_str!("correlation_match.md")]

use super::single_neurons::Neurons;
use super::{Matching, Sign};
use crate::linalg::Matrix;
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Pair, Result};
use serde::{Deserialize, Serialize};

/// Mean correlation of matched neurons.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CorrelationMatch {
    /// Which neurons are compared with which.
    pub matching: Matching,
    /// Whether a negative correlation is as good as a positive one.
    pub sign: Sign,
}

impl Default for CorrelationMatch {
    fn default() -> Self {
        Self { matching: Matching::OneToOne, sign: Sign::default() }
    }
}

impl CorrelationMatch {
    /// Which neuron of x goes with which of y, counted from 0, with what weight (1 in all), and how they correlate.
    ///
    /// # Errors
    /// As [`Measure::compare`].
    pub fn matched(&self, pair: &Pair) -> Result<Vec<(usize, usize, f64, f64)>> {
        let neurons = Neurons::standardised(pair)?;
        let correlations = &neurons.cross;
        let values = correlations.values().iter().map(|c| self.sign.strength(*c)).collect();
        let strength = Matrix::from_columns(correlations.rows(), correlations.columns(), values);
        let shares = self.matching.shares(&strength).into_iter();
        Ok(shares.map(|(i, j, w)| (neurons.x.kept[i], neurons.y.kept[j], w, correlations[(i, j)])).collect())
    }
}

impl Measure for CorrelationMatch {
    const INFO: Info = Info {
        id: "correlation-match",
        title: "Correlation of matched neurons",
        family: Family::Alignment,
        formula: "sum_ij P_ij corr(x_i, y_j) for the best matching P of a kind",
        reference: "Li et al. 2016, arXiv:1511.07543; Khosla & Williams 2023, arXiv:2311.09466",
        options: &[Matching::OPTION, Sign::OPTION],
        doc: include_str!("correlation_match.md"),
    };

    fn properties(&self) -> Properties {
        Properties {
            kind: Kind::Similarity,
            range: self.sign.range(),
            identity: Some(1.0),
            symmetric: self.matching.is_symmetric(),
            metric: false,
            aligned: true,
            invariance: Sides::both(Invariance::PERMUTATION | Invariance::SCALE | Invariance::TRANSLATION),
            needs: Needs::empty(),
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let matched = self.matched(pair)?;
        let mean: f64 = matched.iter().map(|(_, _, w, c)| w * self.sign.strength(*c)).sum();
        let (low, high) = self.sign.range();
        // The weights sum to 1 up to rounding.
        Ok(mean.clamp(low, high))
    }

    fn samples() -> Vec<Self> {
        let default = Self::default();
        let with = |matching| Self { matching, ..default };
        vec![
            default,
            with(Matching::Semi),
            Self { sign: Sign::Absolute, ..with(Matching::SemiX) },
            with(Matching::SemiY),
            with(Matching::Transport),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Representation;

    /// Orthogonal patterns a, b, c of equal length. x = (a, −b, (a + b)/√2), y = (b, c), so the correlations are, in rows
    /// for y: b with x: (0, −1, √½); c with x: (0, 0, 0).
    fn pair() -> Pair {
        let (a, b, c) = ([1.0, 1.0, -1.0, -1.0], [1.0, -1.0, 1.0, -1.0], [1.0, -1.0, -1.0, 1.0]);
        let x = (0..4).flat_map(|i| [a[i], -3.0 * b[i], a[i] + b[i] + 7.0]).collect();
        let y = (0..4).flat_map(|i| [b[i], c[i]]).collect();
        let (x, y) = (
            Representation::from_f64("x", 4, 3, x).unwrap(),
            Representation::from_f64("y", 4, 2, y).unwrap(),
        );
        Pair::new(&x, &y).unwrap()
    }

    #[test]
    fn matchings_by_hand() {
        let (pair, half) = (pair(), 0.5f64.sqrt());
        // One to one: b with the third; c with any of the others. Weights of the wider side, 1/3 each, for the transport: the
        // whole third goes to b, and so does a sixth of a. Absolute: b with the second.
        for (matching, sign, expected) in [
            (Matching::OneToOne, Sign::Signed, half / 2.0),
            (Matching::OneToOne, Sign::Absolute, 0.5),
            (Matching::SemiX, Sign::Signed, half / 3.0),
            (Matching::SemiX, Sign::Absolute, (1.0 + half) / 3.0),
            (Matching::SemiY, Sign::Signed, half / 2.0),
            (Matching::SemiY, Sign::Absolute, 0.5),
            (Matching::Semi, Sign::Signed, half * (1.0 / 6.0 + 0.25)),
            (Matching::Transport, Sign::Signed, half / 3.0),
            (Matching::Transport, Sign::Absolute, 1.0 / 3.0 + half / 6.0),
        ] {
            let value = CorrelationMatch { matching, sign }.compare(&pair).unwrap();
            assert!((value - expected).abs() < 1e-14, "{matching:?} {sign:?}: {value} {expected}");
        }
    }

    #[test]
    fn dead_neurons_do_not_count() {
        let values = vec![1.0, 0.1, 2.0, 0.1, 4.0, 0.1, -1.0, 0.1];
        let x = Representation::from_f64("x", 4, 2, values).unwrap();
        let matched = CorrelationMatch::default().matched(&Pair::new(&x, &x).unwrap()).unwrap();
        assert_eq!(matched, [(0, 0, 1.0, 1.0)]);
    }

    #[test]
    fn two_inputs_are_too_few() {
        let x = Representation::from_f64("x", 2, 1, vec![1.0, 2.0]).unwrap();
        let error = CorrelationMatch::default().compare(&Pair::new(&x, &x).unwrap()).unwrap_err();
        assert_eq!(error, crate::Error::TooFewSamples { needed: 3, got: 2 });
    }
}
