#![doc = include_str!("ensd.md")]

use super::about_zero::AboutZero;
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// Effective number of shared dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ensd {
    /// Whether the mean of every neuron is subtracted first.
    pub center: bool,
}

impl Default for Ensd {
    fn default() -> Self {
        Self { center: true }
    }
}

impl Ensd {
    /// tr K / ‖K‖ of both sides, ⟨K, L⟩ / (‖K‖ ‖L‖), and the mean of the latter over permutations.
    fn parts(self, pair: &Pair) -> Result<(f64, f64, f64)> {
        if !self.center {
            let sums = AboutZero::of(pair)?;
            let spread = (sums.x.trace / sums.x.length) * (sums.y.trace / sums.y.length);
            let cosine = |between: f64| between / sums.x.length / sums.y.length;
            return Ok((spread, cosine(sums.between), cosine(sums.between_by_chance)));
        }
        let own = |side: &Representation| -> Result<(f64, f64)> {
            Ok((side.variation()?, side.self_terms()?.squared_norm.sqrt()))
        };
        let ((trace_x, length_x), (trace_y, length_y)) = (own(pair.x())?, own(pair.y())?);
        let spread = (trace_x / length_x) * (trace_y / length_y);
        let cosine = pair.cross_terms()?.squared_norm / length_x / length_y;
        Ok((spread, cosine, spread / (pair.n() as f64 - 1.0)))
    }
}

impl Measure for Ensd {
    const INFO: Info = Info {
        id: "ensd",
        title: "Effective number of shared dimensions",
        family: Family::Kernel,
        formula: "tr K tr L <K, L> / (||K||^2 ||L||^2)",
        reference: "Giaffar, Rullán Buxó & Aoi 2024, doi:10.1101/2023.07.27.550815",
        options: &[("center", "whether the mean of every neuron is subtracted first: true or false")],
        doc: include_str!("ensd.md"),
    };

    fn properties(&self) -> Properties {
        let directions = Invariance::ORTHOGONAL | Invariance::SCALE;
        Properties {
            kind: Kind::Similarity,
            range: (0.0, f64::INFINITY),
            identity: None,
            symmetric: true,
            metric: false,
            aligned: true,
            invariance: Sides::both(if self.center {
                directions | Invariance::TRANSLATION
            } else {
                directions
            }),
            needs: Needs::SELF_TERMS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let (spread, cosine, _) = self.parts(pair)?;
        Ok(spread * cosine)
    }

    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        let (spread, _, by_chance) = self.parts(pair)?;
        Ok(Some(spread * by_chance))
    }

    fn samples() -> Vec<Self> {
        [true, false].map(|center| Self { center }).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ParticipationRatio, Statistic};

    /// x = ±1 along one axis; y the same and as strong an independent one: tr K = 4, tr L = 8, ⟨K, L⟩ = 16, ‖K‖² = 16,
    /// ‖L‖² = 32.
    #[test]
    fn one_of_two_dimensions_is_shared() {
        let x = Representation::from_f64("x", 4, 1, vec![1., 1., -1., -1.]).unwrap();
        let y = Representation::from_f64("y", 4, 2, vec![1., 1., 1., -1., -1., 1., -1., -1.]).unwrap();
        let value = |x: &Representation, y: &Representation| {
            Ensd::default().compare(&Pair::new(x, y).unwrap()).unwrap()
        };
        assert!((value(&x, &y) - 1.0).abs() < 1e-14);
        assert!((value(&y, &y) - 2.0).abs() < 1e-14);
        assert!((value(&y, &y) - ParticipationRatio::default().of(&y).unwrap()).abs() < 1e-14);
        let chance = Ensd::default().chance(&Pair::new(&x, &y).unwrap()).unwrap().unwrap();
        assert!((chance - 2.0 / 3.0).abs() < 1e-14);
    }

    /// x = y = 1, 2 has one dimension either way; about zero the other order of y is worth 16 / 25 of it.
    #[test]
    fn centring_is_an_option() {
        let x = Representation::from_f64("x", 2, 1, vec![1., 2.]).unwrap();
        let y = Representation::from_f64("y", 2, 1, vec![2., 1.]).unwrap();
        let pair = Pair::new(&x, &y).unwrap();
        assert!((Ensd { center: false }.compare(&pair).unwrap() - 0.64).abs() < 1e-14);
        assert!((Ensd { center: true }.compare(&pair).unwrap() - 1.0).abs() < 1e-14);
    }
}
