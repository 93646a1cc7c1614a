#![doc = include_str!("feature_split_stability.md")]

use super::Statistic;
use crate::measure::{Family, Info, Invariance, Measure, Needs};
use crate::measures::{Comparator, Rdm, Rsa};
use crate::{Error, Matrix, Pair, Representation, Result};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use std::num::NonZeroUsize;

/// How alike two halves of the neurons see the inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FeatureSplitStability {
    /// How many random halvings are averaged.
    pub splits: NonZeroUsize,
    /// Seed of the halvings.
    pub seed: u64,
}

impl Default for FeatureSplitStability {
    fn default() -> Self {
        const { Self { splits: NonZeroUsize::new(30).unwrap(), seed: 0 } }
    }
}

/// Fewest neurons of which both halves have a direction that can turn.
const LEAST: usize = 4;

impl Statistic for FeatureSplitStability {
    const INFO: Info = Info {
        id: "feature-split-stability",
        title: "Feature-split stability (Shesha)",
        family: Family::Statistics,
        formula: "| S(x) - S(y) |, S = mean over halvings of the neurons of the rank correlation of both halves' cosine RDMs",
        reference: "Raju 2026, arXiv:2601.09173",
        options: &[
            ("splits", "how many random halvings of the neurons are averaged"),
            ("seed", "seed of the halvings"),
        ],
        doc: include_str!("feature_split_stability.md"),
    };

    /// Whatever moves neurons puts others into the halves of a seed.
    fn invariance(&self) -> Invariance {
        Invariance::SCALE
    }

    fn needs(&self) -> Needs {
        Needs::ROWS
    }

    fn range(&self) -> (f64, f64) {
        (-1.0, 1.0)
    }

    fn of(&self, x: &Representation) -> Result<f64> {
        x.rows()?;
        x.variation()?;
        if x.d() < LEAST {
            return Err(Error::undefined(format!(
                "`{}` has {} neurons, and halves of them need at least {LEAST}",
                x.name(),
                x.d()
            )));
        }
        let rsa = Rsa::new(Rdm::Cosine, Comparator::Spearman)?;
        let rows = x.shifted_matrix(&[])?;
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        let mut sum = 0.0;
        for _ in 0..self.splits.get() {
            let mut order: Vec<usize> = (0..x.d()).collect();
            order.shuffle(&mut random);
            let (first, second) = order.split_at(x.d() / 2);
            let (first, second) = (half(x, &rows, first)?, half(x, &rows, second)?);
            sum += rsa.compare(&Pair::new(&first, &second)?)?;
        }
        Ok(sum / self.splits.get() as f64)
    }

    fn samples() -> Vec<Self> {
        let few = const { NonZeroUsize::new(5).unwrap() };
        vec![Self::default(), Self { splits: few, seed: 1 }]
    }
}

/// Some of the neurons.
fn half(x: &Representation, rows: &Matrix, neurons: &[usize]) -> Result<Representation> {
    let at = |i: usize| neurons.iter().map(move |j| rows[(i, *j)]);
    Representation::from_f64(x.name(), x.n(), neurons.len(), (0..x.n()).flat_map(at).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(splits: usize, seed: u64, x: &Representation) -> Result<f64> {
        FeatureSplitStability { splits: NonZeroUsize::new(splits).unwrap(), seed }.of(x)
    }

    /// Neurons come as four copies of two: whatever halves they fall into, those with both kinds see the same angles.
    #[test]
    fn halves_that_are_copies_agree() {
        let value = |i: usize, j: usize| ((i * i * 3 + 5 * i + 7 * (j % 2) * i + j % 2) % 11) as f64 + 0.5;
        let one = |i: usize| (0..2).map(move |j| value(i, j));
        let values: Vec<f64> = (0..9).flat_map(|i| one(i).cycle().take(40)).collect();
        let copies = Representation::from_f64("copies", 9, 40, values).unwrap();
        // Halves of 20 with unequal shares of both kinds stretch the angles a little.
        assert!(of(30, 0, &copies).unwrap() > 0.9);
    }

    #[test]
    fn the_seed_decides_the_halves() {
        let values = (0..12 * 6).map(|k| f64::from((k * k * 3 + 5 * k) % 23)).collect();
        let x = Representation::from_f64("x", 12, 6, values).unwrap();
        let (some, same, other) = (of(3, 0, &x).unwrap(), of(3, 0, &x).unwrap(), of(3, 1, &x).unwrap());
        assert_eq!(some, same);
        assert_ne!(some, other);
        // The first split is the same however many there are: three times the mean less twice that of two is the third.
        let third = 3.0 * some - 2.0 * of(2, 0, &x).unwrap();
        assert!((-1.0 - 1e-12..=1.0 + 1e-12).contains(&third));
    }

    #[test]
    fn three_neurons_are_too_few() {
        let values = (0..30).map(|k| f64::from((k * k) % 13)).collect();
        let x = Representation::from_f64("narrow", 10, 3, values).unwrap();
        let error = of(1, 0, &x).unwrap_err().to_string();
        assert!(error.contains("`narrow` has 3 neurons"), "{error}");
    }
}
