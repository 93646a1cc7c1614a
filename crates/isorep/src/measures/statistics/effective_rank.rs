#![doc = include_str!("effective_rank.md")]

use super::Statistic;
use crate::measure::{Family, Info, Invariance, Needs};
use crate::{Representation, Result};
use serde::{Deserialize, Serialize};

/// How many directions the representation uses, by the entropy of its spectrum.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EffectiveRank {
    /// Which number.
    pub form: RankForm,
}

/// How a spectrum is turned into a number of directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RankForm {
    /// The exponential of the entropy of the singular values, as shares of their sum.
    #[default]
    SingularValues,
    /// The same of the variances along the principal axes.
    Variances,
    /// The total variance over the largest: the stable rank.
    Stable,
}

impl Statistic for EffectiveRank {
    const INFO: Info = Info {
        id: "effective-rank",
        title: "Effective rank",
        family: Family::Statistics,
        formula: "|R(x) - R(y)|, R = exp(-sum p_k log p_k), p_k = s_k / sum of s",
        reference: "Roy & Vetterli 2007, doi:10.5281/zenodo.40566; Garrido et al. 2023, arXiv:2210.02885",
        options: &[(
            "form",
            "singular-values, variances (entropy of either), stable (total over largest variance)",
        )],
        doc: include_str!("effective_rank.md"),
    };

    fn invariance(&self) -> Invariance {
        Invariance::ORTHOGONAL | Invariance::SCALE | Invariance::TRANSLATION
    }

    fn needs(&self) -> Needs {
        Needs::COMPACT
    }

    fn range(&self) -> (f64, f64) {
        (1.0, f64::INFINITY)
    }

    fn of(&self, x: &Representation) -> Result<f64> {
        // Of the compact form, whose products are f64: those of a wide layer may be f32, and the root of their rounding
        // is no small number.
        let spectrum = x.compact()?.spectrum()?;
        // What is only rounding beside the largest variance has no singular value: its root would be far from rounding.
        let negligible = 16.0 * x.n().max(x.d()) as f64 * f64::EPSILON * spectrum[0];
        let variances = spectrum.iter().copied().filter(|variance| *variance > negligible);
        Ok(match self.form {
            RankForm::SingularValues => exponential_of_entropy(variances.map(f64::sqrt)),
            RankForm::Variances => exponential_of_entropy(variances),
            RankForm::Stable => variances.sum::<f64>() / spectrum[0],
        })
    }

    fn samples() -> Vec<Self> {
        [RankForm::SingularValues, RankForm::Variances, RankForm::Stable].map(|form| Self { form }).to_vec()
    }
}

fn exponential_of_entropy(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    let sum: f64 = values.iter().sum();
    values.iter().map(|value| -(value / sum) * (value / sum).ln()).sum::<f64>().exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two orthogonal neurons of singular values 2 and 4, variances in the ratio of 1 to 4.
    #[test]
    fn two_directions_by_hand() {
        let x = Representation::from_f64("x", 4, 2, vec![1., 2., 1., -2., -1., 2., -1., -2.]).unwrap();
        let of = |form| EffectiveRank { form }.of(&x).unwrap();
        let entropy = |p: f64| -p * p.ln() - (1.0 - p) * (1.0 - p).ln();
        assert!((of(RankForm::SingularValues) - entropy(1.0 / 3.0).exp()).abs() < 1e-14);
        assert!((of(RankForm::Variances) - entropy(0.2).exp()).abs() < 1e-14);
        assert!((of(RankForm::Stable) - 1.25).abs() < 1e-14);
    }

    #[test]
    fn one_direction_counts_one_however_many_neurons_show_it() {
        let x = Representation::from_f64("x", 5, 2, vec![1., 3., 2., 6., 4., 12., 7., 21., 5., 15.]).unwrap();
        assert!((EffectiveRank::default().of(&x).unwrap() - 1.0).abs() < 1e-12);
    }
}
