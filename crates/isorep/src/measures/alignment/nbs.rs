#![doc = include_str!("nbs.md")]

use super::best_rotation::{Size, squared_distance};
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Pair, Result};
use serde::{Deserialize, Serialize};

/// Normalised Bures similarity: the cosine of the angular Procrustes distance.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Nbs {}

impl Measure for Nbs {
    const INFO: Info = Info {
        id: "nbs",
        title: "Normalised Bures similarity",
        family: Family::Alignment,
        formula: "||X'Y||_* / (||X|| ||Y||)",
        reference: "Tang et al. 2020, arXiv:2003.11498; Harvey, Larsen & Williams 2023, arXiv:2311.11436",
        options: &[],
        doc: include_str!("nbs.md"),
    };

    fn properties(&self) -> Properties {
        Properties {
            kind: Kind::Similarity,
            range: (0.0, 1.0),
            identity: Some(1.0),
            symmetric: true,
            metric: false,
            aligned: true,
            invariance: Sides::both(Invariance::ORTHOGONAL | Invariance::SCALE | Invariance::TRANSLATION),
            needs: Needs::empty(),
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        pair.at_least(2)?;
        Ok((1.0 - squared_distance(pair, Size::Unit)? / 2.0).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Representation;

    /// As for Procrustes: nuclear norm 4, squared norms 4 and 8.
    #[test]
    fn by_hand() {
        let x = Representation::from_f64("x", 4, 1, vec![1., 1., -1., -1.]).unwrap();
        let y = Representation::from_f64("y", 4, 2, vec![1., 1., 1., -1., -1., 1., -1., -1.]).unwrap();
        let value = Nbs {}.compare(&Pair::new(&x, &y).unwrap()).unwrap();
        assert!((value - 0.5f64.sqrt()).abs() < 1e-14);
    }
}
