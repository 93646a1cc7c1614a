//! What `isorep layers` lists: the values of a model, or the arrays of a file.

use crate::{Report, SkippedEntry, csv, text};
use serde::Serialize;

/// What a model or a file of activations holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayersReport {
    /// Version of this form.
    pub schema: u32,
    /// Version of the program.
    pub isorep: String,
    /// The model, file or folder, as it was given.
    pub path: String,
    /// What the model is fed; empty for a file of activations.
    pub inputs: Vec<InputEntry>,
    /// What it was run on to tell shapes, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_on: Option<String>,
    /// What there is: in the order of computation for a model.
    pub layers: Vec<ValueEntry>,
    /// What cannot be a layer, and why, as far as it is known.
    pub skipped: Vec<SkippedEntry>,
    /// What else was noticed.
    pub notes: Vec<String>,
}

/// Something a model is fed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InputEntry {
    /// Its name.
    pub name: String,
    /// Type of its numbers.
    pub dtype: String,
    /// Sizes of its axes; null if they are not known.
    pub shape: Option<Vec<Axis>>,
}

/// A value of a model, or an array of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ValueEntry {
    /// Its name.
    pub name: String,
    /// The operator that makes it; null for a file of activations.
    pub operator: Option<String>,
    /// Type of its numbers; null if it is not known.
    pub dtype: Option<String>,
    /// Sizes of its axes; null if they are not known.
    pub shape: Option<Vec<Axis>>,
    /// The value that it is another name of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias_of: Option<String>,
    /// Whether it is an output of the model.
    pub is_output: bool,
}

/// The size of an axis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Axis {
    /// Always the same.
    Size(usize),
    /// Any size, and what it is called: `null` if it has no name.
    Open(Option<String>),
}

impl Report for LayersReport {
    fn text(&self) -> String {
        text::layers(self)
    }
    fn csv(&self) -> String {
        csv::layers(self)
    }
}
