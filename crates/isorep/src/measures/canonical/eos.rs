#![doc = include_str!("eos.md")]

use super::at_most_one;
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::overlap::Overlap;
use crate::{Pair, Result};
use serde::{Deserialize, Serialize};

/// Eigenspace overlap score, of neurons as they are.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Eos {
    /// What the overlap is divided by.
    pub normalize: EosNormalization,
}

/// What the overlap is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EosNormalization {
    /// The larger number of neurons, as in the paper.
    #[default]
    Width,
    /// The larger rank, so that a representation against itself gives 1.
    Rank,
}

impl Eos {
    fn divisor(self, pair: &Pair, overlap: &Overlap) -> f64 {
        let divisor = match self.normalize {
            EosNormalization::Width => pair.x().d().max(pair.y().d()),
            EosNormalization::Rank => overlap.rank_x.max(overlap.rank_y),
        };
        divisor as f64
    }
}

impl Measure for Eos {
    const INFO: Info = Info {
        id: "eos",
        title: "Eigenspace overlap score",
        family: Family::Canonical,
        formula: "||Ux' Uy||^2 / max(d_x, d_y), U = left singular vectors of the uncentred neurons",
        reference: "May et al. 2019, arXiv:1909.01264",
        options: &[("normalize", "width (larger number of neurons) or rank (larger rank)")],
        doc: include_str!("eos.md"),
    };

    fn properties(&self) -> Properties {
        Properties {
            kind: Kind::Similarity,
            range: (0.0, 1.0),
            identity: (self.normalize == EosNormalization::Rank).then_some(1.0),
            symmetric: true,
            metric: false,
            aligned: true,
            invariance: Sides::both(Invariance::LINEAR),
            needs: Needs::FACTOR | Needs::BASIS_ABOUT_ZERO,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let overlap = pair.overlap(false)?;
        overlap.require_unsaturated(pair)?;
        Ok(at_most_one(overlap.squared_correlations() / self.divisor(pair, overlap)))
    }

    /// A permutation leaves the constant where it is and mixes the n − 1 directions at right angles to it evenly.
    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        let overlap = pair.overlap(false)?;
        let [p, q] = overlap.constant_shares(pair)?;
        let mixed = (overlap.rank_x as f64 - p) * (overlap.rank_y as f64 - q) / (pair.n() as f64 - 1.0);
        Ok(Some((p * q + mixed) / self.divisor(pair, overlap)))
    }

    fn samples() -> Vec<Self> {
        [EosNormalization::Width, EosNormalization::Rank].map(|normalize| Self { normalize }).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Representation;
    use crate::overlap::tests::{moments, sample_pair};

    /// x = (1,1,0,0) once and doubled, y = (1,0,1,0): one direction each at 60°, so cos² = 1/4; widths 2 and 1.
    #[test]
    fn two_lines_by_hand() {
        let x = Representation::from_f64("x", 4, 2, vec![1., 2., 1., 2., 0., 0., 0., 0.]).unwrap();
        let y = Representation::from_f64("y", 4, 1, vec![1., 0., 1., 0.]).unwrap();
        let pair = Pair::new(&x, &y).unwrap();
        let value = |normalize| Eos { normalize }.compare(&pair).unwrap();
        assert!((value(EosNormalization::Width) - 0.125).abs() < 1e-14);
        assert!((value(EosNormalization::Rank) - 0.25).abs() < 1e-14);
        // Both have half of their length along the constant: 1/4 + 1/2 · 1/2 / 3.
        let chance = Eos { normalize: EosNormalization::Rank }.chance(&pair).unwrap().unwrap();
        assert!((chance - 1.0 / 3.0).abs() < 1e-14);
    }

    #[test]
    fn chance_is_the_mean_over_rotations_of_the_rows() {
        // All cyclic shifts move every row to every place once, which is all that the mean depends on for one neuron.
        let y: Vec<f64> = vec![1.0, 4.0, -2.0, 0.5, 3.0];
        let x = Representation::from_f64("x", 5, 1, vec![2.0, 1.0, 1.0, 0.0, -1.0]).unwrap();
        let mut values = Vec::new();
        permutations(&mut y.clone(), 0, &mut |y| {
            let y = Representation::from_f64("y", 5, 1, y.to_vec()).unwrap();
            values.push(Eos::default().compare(&Pair::new(&x, &y).unwrap()).unwrap());
        });
        let y = Representation::from_f64("y", 5, 1, y).unwrap();
        let chance = Eos::default().chance(&Pair::new(&x, &y).unwrap()).unwrap().unwrap();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        assert!(values.len() == 120 && (mean - chance).abs() < 1e-12, "{mean} {chance}");
    }

    fn permutations(y: &mut [f64], at: usize, visit: &mut impl FnMut(&[f64])) {
        if at == y.len() {
            return visit(y);
        }
        for k in at..y.len() {
            y.swap(at, k);
            permutations(y, at + 1, visit);
            y.swap(at, k);
        }
    }

    #[test]
    fn moments_give_the_same_value_and_chance() {
        let pair = sample_pair(60, 6, 4);
        for from in [moments(&pair, false), moments(&pair, true)] {
            let eos = Eos::default();
            assert!((eos.compare(&from).unwrap() - eos.compare(&pair).unwrap()).abs() < 1e-12);
            let chances = [&from, &pair].map(|p| eos.chance(p).unwrap().unwrap());
            assert!((chances[0] - chances[1]).abs() < 1e-12);
        }
    }
}
