#![doc = include_str!("two_nn.md")]

use super::Statistic;
use super::distinct::distinct;
use crate::measure::{Family, Info, Invariance, Needs};
use crate::neighbors::Metric;
use crate::{Error, Representation, Result};
use serde::{Deserialize, Serialize};

/// Intrinsic dimension from the distances to the two nearest neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TwoNn {}

impl Statistic for TwoNn {
    const INFO: Info = Info {
        id: "two-nn",
        title: "Intrinsic dimension from two nearest neighbours",
        family: Family::Statistics,
        formula: "| D(x) - D(y) |, D = (n - 1) / sum of log(r_2 / r_1)",
        reference: "Facco et al. 2017, doi:10.1038/s41598-017-11873-y",
        options: &[],
        doc: include_str!("two_nn.md"),
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
        if x.n() < 3 {
            return Err(Error::TooFewSamples { needed: 3, got: x.n() });
        }
        let lists = x.neighbors(Metric::Euclidean, 2)?;
        let logarithm = |i: usize| match lists.distances(i, 2) {
            [first, second] => (second / first).ln(),
            _ => 0.0,
        };
        let sum: f64 = (0..x.n()).map(logarithm).sum();
        if sum <= 1e-9 * x.n() as f64 {
            return Err(Error::undefined(format!(
                "every input of `{}` is equally far from its two nearest neighbours",
                x.name()
            )));
        }
        Ok((x.n() as f64 - 1.0) / sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 0, 1, 3, 7: ratios 3, 2, 3/2 and 6/4.
    #[test]
    fn a_line_by_hand_with_and_without_repetitions() {
        let expected = 3.0 / (3.0f64.ln() + 2.0f64.ln() + 2.0 * 1.5f64.ln());
        for values in [vec![0.0, 1.0, 3.0, 7.0], vec![0.0, 1.0, 1.0, 3.0, 7.0, 0.0, 1.0]] {
            let x = Representation::from_f64("x", values.len(), 1, values).unwrap();
            assert!((TwoNn {}.of(&x).unwrap() - expected).abs() < 1e-14);
        }
    }

    #[test]
    fn a_grid_has_no_ratio() {
        let x = Representation::from_f64("x", 3, 3, vec![1., 0., 0., 0., 1., 0., 0., 0., 1.]).unwrap();
        assert!(TwoNn {}.of(&x).unwrap_err().to_string().contains("equally far"));
    }
}
