//! What `isorep parity` found: whether layers give the same numbers, and which is the first that does not.

use crate::{Report, SkippedEntry, csv, text};
use serde::Serialize;

/// Layers of the same name and shape, number by number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ParityReport {
    /// Version of this form.
    pub schema: u32,
    /// Version of the program.
    pub isorep: String,
    /// When a layer counts as another one.
    pub settings: ParitySettings,
    /// The first side, which errors are relative to.
    pub x: String,
    /// The second side.
    pub y: String,
    /// A repetition of the first side, if one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor: Option<String>,
    /// What models were run on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_on: Option<String>,
    /// Number of inputs.
    pub n: usize,
    /// How many inputs were run at a time, if a model was run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<usize>,
    /// The first layer that diverges by the median over inputs; null if none does.
    pub first: Option<FirstEntry>,
    /// The first layer where any input is beyond the limit; null if none is.
    pub first_of_any_input: Option<FirstEntry>,
    /// Where the median error grows most in one step; null if it nowhere doubles.
    pub steepest: Option<StepEntry>,
    /// The inputs with the largest relative errors.
    pub worst: Vec<WorstInput>,
    /// The layer they are the worst of: the first that diverges, or the last.
    pub worst_at: String,
    /// In the order of computation as far as it is known.
    pub layers: Vec<ParityLayer>,
    /// Layers that were not compared, and why.
    pub skipped: Vec<SkippedEntry>,
    /// What else was noticed.
    pub notes: Vec<String>,
}

/// When a layer counts as another one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ParitySettings {
    /// Relative error that the median over inputs may have.
    pub tolerance: f64,
    /// How many times the error of the repetition it may have, where there is one.
    pub times_floor: f64,
}

/// A layer and its place in the list of layers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FirstEntry {
    /// Place in `layers`.
    pub at: usize,
    /// Its name.
    pub layer: String,
}

/// A step from one layer to the next.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepEntry {
    /// Place in `layers`.
    pub at: usize,
    /// Its name.
    pub layer: String,
    /// Its median error over the largest before it; null if that is infinite.
    pub factor: Option<f64>,
}

/// One layer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ParityLayer {
    /// Its name.
    pub name: String,
    /// The operator that makes it, if the first side is a model.
    pub operator: Option<String>,
    /// Its shape without the inputs.
    pub shape: Vec<usize>,
    /// Numbers an input.
    pub d: usize,
    /// Medians over inputs: no single input moves them.
    pub median: ParityFigures,
    /// All inputs together as one long vector.
    pub total: ParityFigures,
    /// Whether every number is the same.
    pub is_identical: bool,
    /// Debiased linear centred kernel alignment; null exactly if there is a reason.
    pub cka: Option<f64>,
    /// How many of the first inputs it is of.
    pub cka_inputs: usize,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cka_reason: Option<String>,
    /// Median relative error of the repetition of the first side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor: Option<f64>,
    /// What the median relative error may be.
    pub limit: f64,
    /// Inputs beyond the limit.
    pub beyond: usize,
    /// Inputs that are infinite or NaN on one side only.
    pub not_finite: usize,
    /// The input with the largest relative error; null if nothing differs.
    pub worst: Option<WorstInput>,
    /// Whether the median is beyond the limit.
    pub diverges: bool,
}

/// How far apart both sides are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ParityFigures {
    /// ‖y − x‖ / ‖x‖; null if it is infinite.
    pub relative_error: Option<f64>,
    /// In dB; null if it is infinite.
    pub signal_to_noise: Option<f64>,
    /// Without centring; null if it is undefined.
    pub cosine: Option<f64>,
    /// Largest difference of a number; null if it is infinite.
    pub largest: Option<f64>,
}

/// One input.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorstInput {
    /// Which, counted from 0.
    pub input: usize,
    /// What it is called, if a file says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// ‖y − x‖ / ‖x‖; null if it is infinite.
    pub relative_error: Option<f64>,
    /// In dB; null if it is infinite.
    pub signal_to_noise: Option<f64>,
    /// Without centring; null if it is undefined.
    pub cosine: Option<f64>,
    /// Largest difference of a number; null if it is infinite.
    pub largest: Option<f64>,
}

/// JSON has no infinities.
pub fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

impl Report for ParityReport {
    fn text(&self) -> String {
        text::parity(self)
    }
    fn csv(&self) -> String {
        csv::parity(self)
    }
}
