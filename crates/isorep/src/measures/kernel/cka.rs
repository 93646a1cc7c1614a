#![doc = include_str!("cka.md")]

use super::Estimator;
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Error, Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// An estimate this small beside the biased one is what rounding left of it.
const ROUNDING: f64 = 1e-9;

/// Linear centred kernel alignment.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cka {
    /// How HSIC is estimated.
    pub estimator: Estimator,
}

impl Measure for Cka {
    const INFO: Info = Info {
        id: "cka",
        title: "Centred kernel alignment (linear)",
        family: Family::Kernel,
        formula: "HSIC(x, y) / sqrt(HSIC(x, x) HSIC(y, y))",
        reference: "Kornblith et al. 2019, arXiv:1905.00414; Cortes et al. 2012, arXiv:1203.0550",
        options: &[Estimator::OPTION],
        doc: include_str!("cka.md"),
    };

    fn properties(&self) -> Properties {
        // All three are cosines: of centred Gram matrices, without their diagonals (lange), or of U-centred ones (song:
        // Székely and Rizzo 2014), so none can exceed 1.
        let low = if self.estimator == Estimator::Gretton { 0.0 } else { -1.0 };
        Properties {
            kind: Kind::Similarity,
            range: (low, 1.0),
            identity: Some(1.0),
            symmetric: true,
            metric: false,
            aligned: true,
            invariance: Sides::both(Invariance::ORTHOGONAL | Invariance::SCALE | Invariance::TRANSLATION),
            needs: Needs::SELF_TERMS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let between = self.estimator.of_pair(pair)?;
        let own = |side: &Representation| {
            let own = self.estimator.of_self(side)?;
            // What is left of sums that cancelled is rounding.
            if own > ROUNDING * Estimator::Gretton.of_self(side)? {
                return Ok(own.sqrt());
            }
            Err(Error::undefined(format!(
                "the variation of `{}` is that of single inputs: no two of them vary together",
                side.name()
            )))
        };
        let cosine = between / own(pair.x())? / own(pair.y())?;
        Ok(if cosine.abs() <= 1.0 + ROUNDING { cosine.clamp(-1.0, 1.0) } else { cosine })
    }

    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        let ratio = |side: &Representation| Ok(side.self_terms()?.participation_ratio());
        Ok(match self.estimator {
            Estimator::Song => Some(0.0),
            Estimator::Gretton => {
                let product: f64 = ratio(pair.x())? * ratio(pair.y())?;
                Some(product.sqrt() / (pair.n() as f64 - 1.0))
            }
            Estimator::Lange => None,
        })
    }

    fn samples() -> Vec<Self> {
        Estimator::ALL.map(|estimator| Self { estimator }).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x = ±1 along one axis, y the same plus an equally strong independent axis: ⟨K,L⟩ = 16, ‖K‖ = 4, ‖L‖² = 32.
    #[test]
    fn half_shared_by_hand() {
        let x = Representation::from_f64("x", 4, 1, vec![1., 1., -1., -1.]).unwrap();
        let y = Representation::from_f64("y", 4, 2, vec![1., 1., 1., -1., -1., 1., -1., -1.]).unwrap();
        let cka = Cka { estimator: Estimator::Gretton };
        let value = cka.compare(&Pair::new(&x, &y).unwrap()).unwrap();
        assert!((value - 16.0 / (4.0 * 32f64.sqrt())).abs() < 1e-12);
    }

    #[test]
    fn a_dead_layer_is_undefined() {
        let x = Representation::from_f64("x", 5, 1, vec![1., 2., 3., 4., 5.]).unwrap();
        let dead = Representation::from_f32("dead", 5, 2, vec![0.1; 10]).unwrap();
        for estimator in [Estimator::Song, Estimator::Gretton, Estimator::Lange] {
            let error = Cka { estimator }.compare(&Pair::new(&x, &dead).unwrap()).unwrap_err();
            assert!(error.to_string().contains("`dead` is constant"), "{error}");
        }
    }
}
