#![doc = include_str!("dcor.md")]

use super::Estimator;
use super::cka::{cosine, length};
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::profile::Profile;
use crate::{Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// Distance correlation.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dcor {
    /// How it is estimated.
    pub estimator: DistanceEstimator,
}

/// How a distance correlation is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DistanceEstimator {
    /// From U-centred distances: the square of a correlation, 0 on average for unrelated sides.
    #[default]
    BiasCorrected,
    /// The root, from double-centred distances: near 1 for anything if inputs are few.
    Biased,
}

impl DistanceEstimator {
    /// The estimator of HSIC that does the same to a kernel.
    fn of_kernels(self) -> Estimator {
        match self {
            Self::BiasCorrected => Estimator::Song,
            Self::Biased => Estimator::Gretton,
        }
    }
}

impl Measure for Dcor {
    const INFO: Info = Info {
        id: "dcor",
        title: "Distance correlation",
        family: Family::Kernel,
        formula: "<A, B> / (|A| |B|), A and B centred distances between inputs",
        reference: "Székely, Rizzo & Bakirov 2007, doi:10.1214/009053607000000505; Székely & Rizzo 2013, doi:10.1016/j.jmva.2013.02.012",
        options: &[(
            "estimator",
            "bias-corrected (a squared correlation, may be negative), biased (its root, never negative)",
        )],
        doc: include_str!("dcor.md"),
    };

    fn properties(&self) -> Properties {
        let low = if self.estimator == DistanceEstimator::Biased { 0.0 } else { -1.0 };
        Properties {
            kind: Kind::Similarity,
            range: (low, 1.0),
            identity: Some(1.0),
            symmetric: true,
            metric: false,
            aligned: true,
            invariance: Sides::both(Invariance::ORTHOGONAL | Invariance::SCALE | Invariance::TRANSLATION),
            needs: Needs::ROWS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let estimator = self.estimator.of_kernels();
        pair.x().variation()?;
        pair.y().variation()?;
        let between = estimator.of_profile(pair, Profile::Distance)?;
        let own = |side: &Representation| {
            let terms = side.profile_sums(Profile::Distance)?.terms();
            let of = |estimator: Estimator| estimator.of_terms(side.n(), terms);
            length(side, of(estimator), of(Estimator::Gretton))
        };
        let lengths = (own(pair.x())?, own(pair.y())?);
        Ok(match self.estimator {
            DistanceEstimator::BiasCorrected => cosine(between, lengths, -1.0),
            DistanceEstimator::Biased => cosine(between, lengths, 0.0).sqrt(),
        })
    }

    fn chance(&self, _pair: &Pair) -> Result<Option<f64>> {
        Ok((self.estimator == DistanceEstimator::BiasCorrected).then_some(0.0))
    }

    fn prepare(&self, side: &Representation) -> Result<()> {
        side.profile_sums(Profile::Distance).map(drop)
    }

    fn samples() -> Vec<Self> {
        [DistanceEstimator::BiasCorrected, DistanceEstimator::Biased]
            .map(|estimator| Self { estimator })
            .to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Few inputs and many neurons: what the page says of independent noise.
    #[test]
    fn only_the_bias_corrected_form_sees_that_noise_is_unrelated() {
        use rand::{RngExt, SeedableRng};
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        // The sum of twelve uniform numbers is nearly normal.
        let mut normal = || (0..12).map(|_| random.random_range(-0.5..0.5)).sum::<f64>();
        let mut side = |name| {
            Representation::from_f64(name, 40, 500, (0..40 * 500).map(|_| normal()).collect()).unwrap()
        };
        let pair = Pair::new(&side("x"), &side("y")).unwrap();
        let value = |estimator| Dcor { estimator }.compare(&pair).unwrap();
        assert!((value(DistanceEstimator::Biased) - 0.99).abs() < 0.005);
        assert!(value(DistanceEstimator::BiasCorrected).abs() < 0.1);
    }

    /// The definitions, on matrices.
    #[test]
    fn equals_centred_matrices_of_distances() {
        let n = 9;
        let side = |step: usize| -> Vec<f64> {
            (0..n * 2).map(|i| f64::from(((i * i * step + 5 * i) % 23) as u8) - 9.0).collect()
        };
        let distances = |v: &[f64]| {
            let d = |i: usize, j: usize| {
                ((v[2 * i] - v[2 * j]).powi(2) + (v[2 * i + 1] - v[2 * j + 1]).powi(2)).sqrt()
            };
            (0..n).map(|i| (0..n).map(|j| d(i, j)).collect::<Vec<f64>>()).collect::<Vec<_>>()
        };
        let centred = |d: &[Vec<f64>], without_bias: bool| {
            let count = n as f64;
            let rows: Vec<f64> = d.iter().map(|row| row.iter().sum()).collect();
            let all: f64 = rows.iter().sum();
            let (of_row, of_all) = if without_bias {
                (count - 2.0, (count - 1.0) * (count - 2.0))
            } else {
                (count, count * count)
            };
            let entry = |i: usize, j: usize| {
                if without_bias && i == j {
                    0.0
                } else {
                    d[i][j] - (rows[i] + rows[j]) / of_row + all / of_all
                }
            };
            (0..n).flat_map(|i| (0..n).map(move |j| (i, j))).map(|(i, j)| entry(i, j)).collect::<Vec<f64>>()
        };
        let inner = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let (a, b) = (side(3), side(7));
        let pair = Pair::new(
            &Representation::from_f64("x", n, 2, a.clone()).unwrap(),
            &Representation::from_f64("y", n, 2, b.clone()).unwrap(),
        )
        .unwrap();
        for (estimator, without_bias) in
            [(DistanceEstimator::Biased, false), (DistanceEstimator::BiasCorrected, true)]
        {
            let (p, q) = (centred(&distances(&a), without_bias), centred(&distances(&b), without_bias));
            let cosine = inner(&p, &q) / (inner(&p, &p) * inner(&q, &q)).sqrt();
            let expected = if without_bias { cosine } else { cosine.sqrt() };
            let value = Dcor { estimator }.compare(&pair).unwrap();
            assert!((value - expected).abs() < 1e-12, "{estimator:?}: {value} {expected}");
        }
    }
}
