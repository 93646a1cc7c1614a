#![doc = include_str!("softmax_difference.md")]

use super::Outputs;
use crate::linalg::dot;
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Pair, Result};
use serde::{Deserialize, Serialize};

/// Mean distance between the probabilities that two networks give to the classes of an input.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SoftmaxDifference {
    /// What both sides hold.
    pub outputs: Outputs,
    /// How the difference of two distributions is measured.
    pub norm: Norm,
}

/// The size of a difference of distributions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Norm {
    /// ½ Σ |p − q|: total variation, the largest difference of the probabilities of any event.
    #[default]
    L1,
    /// √Σ (p − q)².
    L2,
    /// Σ (p − q)².
    Squared,
}

impl Measure for SoftmaxDifference {
    const INFO: Info = Info {
        id: "softmax-difference",
        title: "Difference of softmax outputs",
        family: Family::Functional,
        formula: "mean over the inputs of ½ ‖p − q‖₁, or of ‖p − q‖₂ or its square",
        reference: "Klabunde & Lemmerich 2022, arXiv:2205.10070",
        options: &[
            Outputs::OPTION,
            ("norm", "l1 (half of it: total variation), l2, squared (of l2): the size of a difference"),
        ],
        doc: include_str!("softmax_difference.md"),
    };

    fn properties(&self) -> Properties {
        Properties {
            kind: Kind::Distance,
            range: match self.norm {
                Norm::L1 => (0.0, 1.0),
                Norm::L2 => (0.0, std::f64::consts::SQRT_2),
                Norm::Squared => (0.0, 2.0),
            },
            identity: Some(0.0),
            symmetric: true,
            metric: self.norm != Norm::Squared,
            aligned: true,
            invariance: Sides::both(Invariance::empty()),
            needs: Needs::ROWS | Needs::EQUAL_WIDTHS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let terms = pair.soft_terms(self.outputs)?;
        let value = match self.norm {
            Norm::L1 => terms.total_variation,
            Norm::L2 => terms.euclidean,
            Norm::Squared => terms.squared,
        };
        // Sums of probabilities are 1 up to rounding.
        let highest = self.properties().range.1;
        Ok(if value < highest * (1.0 + 1e-9) { value.min(highest) } else { value })
    }

    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        if self.norm != Norm::Squared {
            return Ok(None);
        }
        let terms = pair.soft_terms(self.outputs)?;
        Ok(Some(terms.x.squared + terms.y.squared - 2.0 * dot(&terms.x.p, &terms.y.p)))
    }

    fn samples() -> Vec<Self> {
        [Norm::L1, Norm::L2, Norm::Squared].map(|norm| Self { norm, ..Self::default() }).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Representation;

    /// (1, 0) against (0, 1), then (½, ½) against (½, ½).
    #[test]
    fn by_hand() {
        let side = |name, values: [f64; 4]| Representation::from_f64(name, 2, 2, values.to_vec()).unwrap();
        let pair = Pair::new(&side("x", [1., 0., 0.5, 0.5]), &side("y", [0., 1., 0.5, 0.5])).unwrap();
        let of = |norm| SoftmaxDifference { outputs: Outputs::Probabilities, norm }.compare(&pair).unwrap();
        assert_eq!((of(Norm::L1), of(Norm::L2), of(Norm::Squared)), (0.5, 0.5 * 2f64.sqrt(), 1.0));
    }
}
