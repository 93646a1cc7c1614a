#![doc = include_str!("anisotropy.md")]

use super::Statistic;
use super::directions::sum_of_directions;
use crate::linalg::dot;
use crate::measure::{Family, Info, Invariance, Needs};
use crate::{Error, Representation, Result};
use serde::{Deserialize, Serialize};

/// The mean cosine between two inputs.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Anisotropy {}

impl Statistic for Anisotropy {
    const INFO: Info = Info {
        id: "anisotropy",
        title: "Anisotropy: mean cosine between inputs",
        family: Family::Statistics,
        formula: "| A(x) - A(y) |, A = mean over i ≠ j of cos(x_i, x_j)",
        reference: "Ethayarajh 2019, arXiv:1909.00512",
        options: &[],
        doc: include_str!("anisotropy.md"),
    };

    fn invariance(&self) -> Invariance {
        Invariance::ORTHOGONAL | Invariance::SCALE
    }

    fn needs(&self) -> Needs {
        Needs::ROWS
    }

    fn range(&self) -> (f64, f64) {
        (-1.0, 1.0)
    }

    fn of(&self, x: &Representation) -> Result<f64> {
        x.variation()?;
        let (sum, count) = sum_of_directions(x)?;
        if count < 2 {
            return Err(Error::TooFewSamples { needed: 2, got: count });
        }
        // The square of the sum holds every pair twice, and every input once with itself.
        let n = count as f64;
        Ok((dot(&sum, &sum) - n) / (n * (n - 1.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_directions_by_hand() {
        // Angles 0°, 90°, 180°: cosines 0, 0, −1.
        let x = Representation::from_f64("x", 3, 2, vec![2.0, 0.0, 0.0, 1.0, -3.0, 0.0]).unwrap();
        assert!((Anisotropy {}.of(&x).unwrap() + 1.0 / 3.0).abs() < 1e-15);
    }
}
