//! Where the numbers came from and what was done to them on the way.

use serde::Serialize;

/// One file or folder, and the layers that were taken from it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Source {
    /// As it was given.
    pub path: String,
    /// Layers taken, in the order of the results.
    pub layers: Vec<LayerEntry>,
    /// Arrays that were left out.
    pub skipped: Vec<SkippedEntry>,
    /// What else was noticed while reading.
    pub notes: Vec<String>,
}

/// One layer as it went into the comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayerEntry {
    /// What the file calls it.
    pub name: String,
    /// Sizes of the axes in the file.
    pub shape: Vec<usize>,
    /// Number of inputs (rows).
    pub n: usize,
    /// Number of neurons (columns).
    pub d: usize,
    /// Dimension of the span of the neurons as they are stored.
    pub rank: Option<usize>,
    /// Why there is no rank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank_reason: Option<String>,
    /// What was done to the data of the file, in order; empty if nothing.
    pub steps: Vec<String>,
}

/// An array that is of no use as a representation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SkippedEntry {
    /// What the file calls it.
    pub name: String,
    /// Why it was left out.
    pub reason: String,
}

impl Source {
    /// The layer with this name.
    pub fn layer(&self, name: &str) -> Option<&LayerEntry> {
        self.layers.iter().find(|layer| layer.name == name)
    }
}
