//! What `isorep capture` saved.

use crate::{Report, csv, text};
use serde::Serialize;

/// Layers of a model that were saved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaptureReport {
    /// Version of this form.
    pub schema: u32,
    /// Version of the program.
    pub isorep: String,
    /// The model, as it was given.
    pub model: String,
    /// What it was run on.
    pub inputs: String,
    /// Number of inputs.
    pub n: usize,
    /// How many were run at a time.
    pub batch: usize,
    /// Where the layers were saved.
    pub file: String,
    /// Size of that file.
    pub bytes: u64,
    /// What was saved, in the order of computation.
    pub layers: Vec<CapturedEntry>,
    /// What was done to the inputs.
    pub steps: Vec<String>,
    /// What else was noticed.
    pub notes: Vec<String>,
}

/// A layer that was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CapturedEntry {
    /// What the model calls the value.
    pub name: String,
    /// The operator that makes it.
    pub operator: String,
    /// Its shape in the model, over all inputs.
    pub value_shape: Vec<usize>,
    /// Its shape as it was saved.
    pub shape: Vec<usize>,
    /// What was done to it, in order; empty if nothing.
    pub steps: Vec<String>,
}

impl Report for CaptureReport {
    fn text(&self) -> String {
        text::capture(self)
    }
    fn csv(&self) -> String {
        csv::capture(self)
    }
}
