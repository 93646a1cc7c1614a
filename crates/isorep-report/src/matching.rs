//! What `isorep match` found: which neurons of one layer span which neurons of the other.

use crate::{Report, Source, csv, text};
use isorep::measures::subspace::ZeroNeurons;
use serde::Serialize;

/// Subspace match of pairs of layers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MatchReport {
    /// Version of this form.
    pub schema: u32,
    /// Version of the program.
    pub isorep: String,
    /// What was asked for.
    pub settings: MatchSettings,
    /// The first side.
    pub x: Source,
    /// The second side.
    pub y: Source,
    /// What was found.
    pub pairs: Vec<MatchPair>,
}

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MatchSettings {
    /// The relative error allowed.
    pub epsilon: f64,
    /// What becomes of neurons that are zero on every input.
    pub zero_neurons: ZeroNeurons,
    /// Whether the mean of every neuron was subtracted first.
    pub center: bool,
    /// Seed of the first draw of positions; the k-th draw has this plus k.
    pub seed: u64,
}

/// One pair of layers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MatchPair {
    /// Layer of the first side.
    pub x: String,
    /// Layer of the second side.
    pub y: String,
    /// Number of inputs of a draw.
    pub n: usize,
    /// Number of neurons of x.
    pub d_x: usize,
    /// Number of neurons of y.
    pub d_y: usize,
    /// What was found, if the match is defined.
    pub figures: Option<MatchFigures>,
    /// Why it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The match of one pair: means over the draws, where there are several.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MatchFigures {
    /// Share of the neurons of both sides in the maximum match at ε.
    pub similarity: f64,
    /// One minus the mean critical ε: the score without a parameter.
    pub score: f64,
    /// Every draw by itself; one if the inputs are taken as they are.
    pub draws: Vec<Draw>,
    /// The match as a function of ε.
    pub curve: Vec<CurvePoint>,
    /// For each neuron of x the smallest ε at which it is matched; 1 if never.
    pub critical_x: Vec<f64>,
    /// For each neuron of y the smallest ε at which it is matched; 1 if never.
    pub critical_y: Vec<f64>,
    /// The smallest parts of the maximum match at ε in the first draw, if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub simple_matches: Option<Vec<SimpleMatch>>,
}

/// One draw of inputs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Draw {
    /// Share of the neurons of both sides in the maximum match at ε.
    pub similarity: f64,
    /// The score without a parameter.
    pub score: f64,
    /// Neurons of x in the maximum match at ε.
    pub matched_x: usize,
    /// Neurons of y in the maximum match at ε.
    pub matched_y: usize,
    /// Rank of the neurons of x.
    pub rank_x: usize,
    /// Rank of the neurons of y.
    pub rank_y: usize,
    /// Rank of the neurons of both together.
    pub rank_joint: usize,
    /// Dimension of the space they live in.
    pub ambient: usize,
    /// The larger rank as a share of the available dimensions; at 1 the match means nothing.
    pub saturation: f64,
    /// Relative error at which an unrelated neuron of y begins to match the span of x, √(1 − rank of x / ambient).
    pub chance_epsilon_of_x: f64,
    /// Relative error at which an unrelated neuron of x begins to match the span of y.
    pub chance_epsilon_of_y: f64,
}

/// One point of the curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurvePoint {
    /// The relative error allowed.
    pub epsilon: f64,
    /// The share of neurons matched.
    pub similarity: f64,
}

/// Neurons that hold each other up, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SimpleMatch {
    /// Neurons of x.
    pub x: Vec<usize>,
    /// Neurons of y.
    pub y: Vec<usize>,
}

impl Report for MatchReport {
    fn text(&self) -> String {
        text::matching(self)
    }
    fn csv(&self) -> String {
        csv::matching(self)
    }
}
