#![doc = include_str!("magnitude.md")]

use super::Statistic;
use crate::linalg::dot;
use crate::measure::{Family, Info, Invariance, Needs};
use crate::{Representation, Result};
use serde::{Deserialize, Serialize};

/// How large the activations are.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Magnitude {
    /// Of what.
    pub of: MagnitudeOf,
}

/// Whose length is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MagnitudeOf {
    /// The length of the mean of all inputs.
    #[default]
    MeanVector,
    /// The mean length of an input.
    MeanNorm,
}

impl Statistic for Magnitude {
    const INFO: Info = Info {
        id: "magnitude",
        title: "Magnitude",
        family: Family::Statistics,
        formula: "| ||mean of x_i|| - ||mean of y_i|| |",
        reference: "Wang et al. 2022, doi:10.1109/TKDE.2020.2989512; Klabunde et al. 2025, doi:10.1145/3728458",
        options: &[("of", "mean-vector (length of the mean), mean-norm (mean length)")],
        doc: include_str!("magnitude.md"),
    };

    fn invariance(&self) -> Invariance {
        Invariance::ORTHOGONAL
    }

    fn needs(&self) -> Needs {
        if self.of == MagnitudeOf::MeanVector { Needs::empty() } else { Needs::ROWS }
    }

    fn range(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn of(&self, x: &Representation) -> Result<f64> {
        x.variation()?;
        if self.of == MagnitudeOf::MeanVector {
            return Ok(dot(x.mean(), x.mean()).sqrt());
        }
        let mut row = vec![0.0; x.d()];
        let mut sum = 0.0;
        for i in 0..x.n() {
            x.rows()?.read_f64(i..i + 1, &[], &mut row);
            sum += dot(&row, &row).sqrt();
        }
        Ok(sum / x.n() as f64)
    }

    fn samples() -> Vec<Self> {
        [MagnitudeOf::MeanVector, MagnitudeOf::MeanNorm].map(|of| Self { of }).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lengths_by_hand() {
        // (3, 4) and (3, −4): mean (3, 0), each of length 5.
        let x = Representation::from_f64("x", 2, 2, vec![3.0, 4.0, 3.0, -4.0]).unwrap();
        assert_eq!(Magnitude { of: MagnitudeOf::MeanVector }.of(&x).unwrap(), 3.0);
        assert_eq!(Magnitude { of: MagnitudeOf::MeanNorm }.of(&x).unwrap(), 5.0);
    }
}
