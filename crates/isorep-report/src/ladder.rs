//! What `isorep ladder` found: how much of each layer the best map of each kind explains of the other.

use crate::{Report, Source, csv, text};
use serde::Serialize;

/// The ladder of pairs of layers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LadderReport {
    /// Version of this form.
    pub schema: u32,
    /// Version of the program.
    pub isorep: String,
    /// How it was climbed.
    pub settings: LadderSettings,
    /// The first side.
    pub x: Source,
    /// The second side.
    pub y: Source,
    /// What was found.
    pub pairs: Vec<LadderPair>,
}

/// How it was climbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LadderSettings {
    /// Seed of folds and permutations.
    pub seed: u64,
    /// Parts the inputs were cut into, each held out once.
    pub folds: usize,
    /// Permutations behind each chance level.
    pub permutations: usize,
    /// Most inputs the kernel rung was given.
    pub kernel_inputs: usize,
}

/// One pair of layers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LadderPair {
    /// Layer of the first side.
    pub x: String,
    /// Layer of the second side.
    pub y: String,
    /// Number of inputs.
    pub n: usize,
    /// Number of neurons of x.
    pub d_x: usize,
    /// Number of neurons of y.
    pub d_y: usize,
    /// Rank of the neurons of x, as they are stored.
    pub rank_x: Option<usize>,
    /// Rank of the neurons of y, as they are stored.
    pub rank_y: Option<usize>,
    /// Rank of the neurons of both together, as they are stored.
    pub rank_joint: Option<usize>,
    /// From strict to loose; empty if there is a reason.
    pub rungs: Vec<RungEntry>,
    /// Why the ladder cannot be climbed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One kind of map, in both directions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RungEntry {
    /// Which kind.
    pub map: String,
    /// Inputs it was learnt and judged on.
    pub inputs: usize,
    /// y predicted from x.
    pub forward: RungValue,
    /// x predicted from y.
    pub backward: RungValue,
}

/// What the best map explains of inputs it has not seen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RungValue {
    /// Share of the held-out variance, at most 1; `null` exactly if there is a reason.
    pub explained: Option<f64>,
    /// Mean of the same over permuted inputs.
    pub chance: Option<f64>,
    /// Standard deviation of the same over permutations.
    pub chance_sd: Option<f64>,
    /// Why there is no number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Report for LadderReport {
    fn text(&self) -> String {
        text::ladder(self)
    }
    fn csv(&self) -> String {
        csv::ladder(self)
    }
}
