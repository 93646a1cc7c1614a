#![doc = include_str!("accuracy_difference.md")]

use super::{Correctness, OF_DECISIONS};
use crate::measure::{Family, Info, Kind, Measure, Needs, Properties};
use crate::{Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// How far apart two accuracies are.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccuracyDifference {}

impl Measure for AccuracyDifference {
    const INFO: Info = Info {
        id: "accuracy-difference",
        title: "Difference of accuracies",
        family: Family::Functional,
        formula: "|accuracy of x − accuracy of y|",
        reference: "Klabunde et al. 2025, doi:10.1145/3728458",
        options: &[],
        doc: include_str!("accuracy_difference.md"),
    };

    fn properties(&self) -> Properties {
        Properties {
            kind: Kind::Distance,
            range: (0.0, 1.0),
            identity: Some(0.0),
            symmetric: true,
            metric: true,
            aligned: true,
            invariance: OF_DECISIONS,
            needs: Needs::ROWS | Needs::LABELS | Needs::EQUAL_WIDTHS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let counts = Correctness::of(pair)?;
        Ok(counts.only_x.abs_diff(counts.only_y) as f64 / counts.n as f64)
    }

    fn prepare(&self, side: &Representation) -> Result<()> {
        side.decisions().map(|_| ())
    }
}
