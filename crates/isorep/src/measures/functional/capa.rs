#![doc = include_str!("capa.md")]

use super::{Outputs, truth};
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Error, Pair, Result};
use serde::{Deserialize, Serialize};

/// Chance-adjusted probabilistic agreement, κ_p.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Capa {
    /// What both sides hold.
    pub outputs: Outputs,
}

impl Measure for Capa {
    const INFO: Info = Info {
        id: "capa",
        title: "Chance-adjusted probabilistic agreement (CAPA)",
        family: Family::Functional,
        formula: "(p_o − p_e) / (1 − p_e), p_o the mean of Σ_c p(c) q(c), p_e = a_x a_y + (1 − a_x)(1 − a_y)/(C − 1)",
        reference: "Goel et al. 2025, arXiv:2502.04313",
        options: &[Outputs::OPTION],
        doc: include_str!("capa.md"),
    };

    fn properties(&self) -> Properties {
        Properties {
            kind: Kind::Similarity,
            range: (-1.0, 1.0),
            // A network agrees with itself as often as it is sure.
            identity: None,
            symmetric: true,
            metric: false,
            aligned: true,
            invariance: Sides::both(Invariance::empty()),
            needs: Needs::ROWS | Needs::LABELS | Needs::EQUAL_WIDTHS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        truth(pair)?;
        let terms = pair.soft_terms(self.outputs)?;
        let (right_x, right_y) = terms.right;
        let others = pair.x().d() as f64 - 1.0;
        let expected = right_x * right_y + (1.0 - right_x) * (1.0 - right_y) / others;
        if expected >= 1.0 {
            return Err(Error::undefined(format!(
                "`{}` and `{}` are sure of the same answers, so that agreement is certain",
                pair.x().name(),
                pair.y().name()
            )));
        }
        Ok((terms.agreement - expected) / (1.0 - expected))
    }
}
