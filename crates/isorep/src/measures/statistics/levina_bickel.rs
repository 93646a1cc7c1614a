#![doc = include_str!("levina_bickel.md")]

use super::Statistic;
use super::distinct::distinct;
use crate::measure::{Family, Info, Invariance, Needs};
use crate::neighbors::Metric;
use crate::{Error, Representation, Result};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Intrinsic dimension by maximum likelihood, from the distances to the k nearest neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LevinaBickel {
    /// How many neighbours.
    pub k: NeighborhoodSize,
    /// How the estimates of single inputs are put together.
    pub average: LocalAverage,
}

/// What is averaged over inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LocalAverage {
    /// Their inverses, which is the likelihood of one dimension for all inputs (MacKay and Ghahramani).
    #[default]
    Inverses,
    /// The estimates themselves, as in the paper.
    Estimates,
}

/// How many nearest neighbours a dimension is estimated from: 2 or more, 10 by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "usize", into = "usize")]
pub struct NeighborhoodSize(usize);

impl NeighborhoodSize {
    /// `None` below 2: the distance to one neighbour is no ratio.
    pub const fn new(count: usize) -> Option<Self> {
        if count >= 2 { Some(Self(count)) } else { None }
    }

    /// As a plain number.
    pub const fn get(self) -> usize {
        self.0
    }
}

impl Default for NeighborhoodSize {
    fn default() -> Self {
        Self(10)
    }
}

impl TryFrom<usize> for NeighborhoodSize {
    type Error = String;

    fn try_from(count: usize) -> Result<Self, String> {
        Self::new(count).ok_or_else(|| format!("there must be at least 2 neighbours, not {count}"))
    }
}

impl From<NeighborhoodSize> for usize {
    fn from(count: NeighborhoodSize) -> Self {
        count.0
    }
}

impl fmt::Display for NeighborhoodSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Statistic for LevinaBickel {
    const INFO: Info = Info {
        id: "levina-bickel",
        title: "Intrinsic dimension by maximum likelihood",
        family: Family::Statistics,
        formula: "| D(x) - D(y) |, 1 / D = mean over inputs and j < k of log(r_k / r_j)",
        reference: "Levina & Bickel 2004, Advances in Neural Information Processing Systems 17; Ansuini et al. 2019, \
                    arXiv:1905.12784",
        options: &[
            ("k", "how many nearest neighbours of every input; 2 or more, fewer than inputs"),
            ("average", "inverses (of the estimates of single inputs), estimates (themselves)"),
        ],
        doc: include_str!("levina_bickel.md"),
    };

    fn invariance(&self) -> Invariance {
        Invariance::ORTHOGONAL | Invariance::SCALE | Invariance::TRANSLATION
    }

    fn needs(&self) -> Needs {
        Needs::ROWS
    }

    fn range(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn of(&self, x: &Representation) -> Result<f64> {
        let distinct = distinct(x)?;
        let x = distinct.as_ref().unwrap_or(x);
        let (n, k) = (x.n() as f64, self.k.get());
        let lists = x.neighbors(Metric::Euclidean, k)?;
        let inverse = |i: usize| {
            let distances = lists.distances(i, k);
            let farthest = distances[k - 1];
            distances[..k - 1].iter().map(|near| (farthest / near).ln()).sum::<f64>() / (k as f64 - 1.0)
        };
        let mut inverses = (0..x.n()).map(inverse);
        match self.average {
            LocalAverage::Inverses => {
                let mean = inverses.sum::<f64>() / n;
                if mean > ROUNDING { Ok(1.0 / mean) } else { Err(equally_far(x, "every input", k)) }
            }
            LocalAverage::Estimates => {
                let sum = inverses.try_fold(0.0, |sum, inverse| {
                    if inverse > ROUNDING {
                        Ok(sum + 1.0 / inverse)
                    } else {
                        Err(equally_far(x, "an input", k))
                    }
                })?;
                Ok(sum / n)
            }
        }
    }

    fn samples() -> Vec<Self> {
        let default = Self::default();
        vec![
            default,
            Self { k: NeighborhoodSize(4), ..default },
            Self { average: LocalAverage::Estimates, ..default },
        ]
    }
}

/// A logarithm this small is that of a ratio of 1, but for rounding.
const ROUNDING: f64 = 1e-9;

fn equally_far(x: &Representation, which: &str, k: usize) -> Error {
    Error::undefined(format!("{which} of `{}` is equally far from its {k} nearest neighbours", x.name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(values: Vec<f64>) -> Representation {
        Representation::from_f64("x", values.len(), 1, values).unwrap()
    }

    fn of(k: usize, average: LocalAverage, x: &Representation) -> Result<f64> {
        LevinaBickel { k: NeighborhoodSize(k), average }.of(x)
    }

    /// 0, 1, 3, 7: distances 1, 3, 7 of the first, 1, 2, 6, then 2, 3, 4, then 4, 6, 7.
    #[test]
    fn a_line_by_hand_with_and_without_repetitions() {
        let inverse = |near: [f64; 2], far: f64| near.map(|r| (far / r).ln()).iter().sum::<f64>() / 2.0;
        let inverses =
            [inverse([1., 3.], 7.), inverse([1., 2.], 6.), inverse([2., 3.], 4.), inverse([4., 6.], 7.)];
        let mean = inverses.iter().sum::<f64>() / 4.0;
        for values in [vec![0., 1., 3., 7.], vec![0., 1., 1., 3., 7., 0., 1.]] {
            let x = line(values);
            assert!((of(3, LocalAverage::Inverses, &x).unwrap() - 1.0 / mean).abs() < 1e-13);
            let estimates = inverses.iter().map(|inverse| 1.0 / inverse).sum::<f64>() / 4.0;
            assert!((of(3, LocalAverage::Estimates, &x).unwrap() - estimates).abs() < 1e-13);
        }
        assert!(matches!(
            of(4, LocalAverage::Inverses, &line(vec![0., 1., 3., 7., 7.])),
            Err(Error::TooFewSamples { needed: 5, got: 4 })
        ));
    }

    /// One input amid a cross is as far from four others; those have farther neighbours too.
    #[test]
    fn equal_distances_have_no_dimension() {
        let values = vec![0., 0., 1., 0., -1., 0., 0., 1., 0., -1.];
        let cross = Representation::from_f64("cross", 5, 2, values).unwrap();
        assert!(of(4, LocalAverage::Inverses, &cross).is_ok());
        let error = of(4, LocalAverage::Estimates, &cross).unwrap_err().to_string();
        assert!(error.contains("an input of `cross` is equally far from its 4"), "{error}");
        let corners = Representation::from_f64("corners", 3, 3, vec![1., 0., 0., 0., 1., 0., 0., 0., 1.]);
        let error = of(2, LocalAverage::Inverses, &corners.unwrap()).unwrap_err().to_string();
        assert!(error.contains("every input of `corners`"), "{error}");
    }

    #[test]
    fn one_neighbour_is_refused() {
        let error = "levina-bickel(k=1)".parse::<crate::AnyMeasure>().unwrap_err().to_string();
        assert!(error.contains("at least 2 neighbours, not 1"), "{error}");
    }
}
