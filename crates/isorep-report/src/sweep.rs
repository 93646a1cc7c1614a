//! What `isorep sweep` found: one measure along one of its options or along the number of inputs.

use crate::{Report, Source, csv, text};
use isorep::measure::Kind;
use isorep::reading::Chance;
use serde::Serialize;
use serde_json::Value;

/// The line of every pair of layers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SweepReport {
    /// Version of this form.
    pub schema: u32,
    /// Version of the program.
    pub isorep: String,
    /// What was asked for.
    pub settings: SweepSettings,
    /// The first side.
    pub x: Source,
    /// The second side.
    pub y: Source,
    /// What was found.
    pub pairs: Vec<SweepPair>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SweepSettings {
    /// Seed of permutations and of the order of inputs.
    pub seed: u64,
    /// Orders of the inputs behind chance levels that no closed form gives.
    pub permutations: usize,
    /// Label of the measure.
    pub measure: String,
    /// Whether larger is more alike.
    pub kind: Kind,
    /// Smallest and largest possible value; absent where there is no bound.
    pub range: [Option<f64>; 2],
    /// What changes: an option, or `n` for the number of inputs.
    pub over: String,
}

/// The line of one pair.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SweepPair {
    /// Layer of the first side.
    pub x: String,
    /// Layer of the second side.
    pub y: String,
    /// Number of inputs.
    pub n: usize,
    /// In the order they were asked for.
    pub points: Vec<SweepPoint>,
}

/// One point.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SweepPoint {
    /// The option, or the number of inputs, here.
    pub at: Value,
    /// The measure, here.
    pub label: String,
    /// Number of inputs, here.
    pub n: usize,
    /// The value; `null` exactly if there is a reason.
    pub value: Option<f64>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where it stands among values of permuted inputs.
    pub chance: Option<Chance>,
}

impl Report for SweepReport {
    fn text(&self) -> String {
        text::sweep(self)
    }
    fn csv(&self) -> String {
        csv::sweep(self)
    }
}
