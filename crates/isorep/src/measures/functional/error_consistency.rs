#![doc = include_str!("error_consistency.md")]

use super::{Correctness, OF_DECISIONS, beyond_chance};
use crate::measure::{Family, Info, Kind, Measure, Needs, Properties};
use crate::{Error, Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// Whether two networks are wrong on the same inputs, beyond what their accuracies explain.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ErrorConsistency {}

impl Measure for ErrorConsistency {
    const INFO: Info = Info {
        id: "error-consistency",
        title: "Error consistency",
        family: Family::Functional,
        formula: "(p_o − p_e) / (1 − p_e), p_o the share where both are right or both wrong, p_e = a_x a_y + (1 − a_x)(1 − a_y)",
        reference: "Geirhos, Meding & Wichmann 2020, arXiv:2006.16736",
        options: &[],
        doc: include_str!("error_consistency.md"),
    };

    fn properties(&self) -> Properties {
        Properties {
            kind: Kind::Similarity,
            range: (-1.0, 1.0),
            identity: Some(1.0),
            symmetric: true,
            metric: false,
            aligned: true,
            invariance: OF_DECISIONS,
            needs: Needs::ROWS | Needs::LABELS | Needs::EQUAL_WIDTHS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let counts = Correctness::of(pair)?;
        let ((right_x, right_y), (wrong_x, wrong_y)) = (counts.right(), counts.wrong());
        let alike = counts.n - counts.only_x - counts.only_y;
        let expected = right_x as u128 * right_y as u128 + wrong_x as u128 * wrong_y as u128;
        beyond_chance(counts.n, alike, expected).ok_or_else(|| {
            Error::undefined(format!(
                "`{}` and `{}` are both {} on every input",
                pair.x().name(),
                pair.y().name(),
                if wrong_x == 0 { "right" } else { "wrong" }
            ))
        })
    }

    fn prepare(&self, side: &Representation) -> Result<()> {
        side.decisions().map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, Labels};

    fn compare(x: [f64; 8], y: [f64; 8], truth: [usize; 4]) -> Result<f64> {
        let side = |name, values: [f64; 8]| Representation::from_f64(name, 4, 2, values.to_vec()).unwrap();
        let context = Context::default().with_labels(Labels::of_columns(truth.to_vec()));
        ErrorConsistency {}.compare(&Pair::new(&side("x", x), &side("y", y)).unwrap().with_context(context)?)
    }

    /// x is right on the first three, y on the first two: alike on 3 of 4, expected ¾·½ + ¼·½ = ½, so ½.
    #[test]
    fn by_hand() {
        let x = [1., 0., 1., 0., 1., 0., 0., 1.];
        let y = [1., 0., 1., 0., 0., 1., 0., 1.];
        assert_eq!(compare(x, y, [0; 4]), Ok(0.5));
    }

    #[test]
    fn two_perfect_networks_are_undefined() {
        let outputs = [1., 0., 2., 0., 0., 1., 0., 1.];
        let error = compare(outputs, outputs, [0, 0, 1, 1]).unwrap_err().to_string();
        assert!(error.contains("both right on every input"), "{error}");
        let error = compare(outputs, outputs, [1, 1, 0, 0]).unwrap_err().to_string();
        assert!(error.contains("both wrong on every input"), "{error}");
    }
}
