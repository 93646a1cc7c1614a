//! What `isorep demo` saw: networks that differ in their seed only, and two networks that compute the same function.

use crate::{Report, RungEntry, csv, text};
use serde::Serialize;

/// The whole demonstration.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DemoReport {
    /// Version of this form.
    pub schema: u32,
    /// Version of the program.
    pub isorep: String,
    /// Times each network saw the training images.
    pub epochs: usize,
    /// Training images.
    pub train_images: usize,
    /// Held-out images, on which everything below was measured.
    pub test_images: usize,
    /// ε of every match.
    pub epsilon: f64,
    /// The networks.
    pub networks: Vec<DemoNetwork>,
    /// Each layer, over all pairs of networks.
    pub layers: Vec<DemoLayer>,
    /// Seeds of the two networks whose ladder was climbed.
    pub ladder_seeds: [u64; 2],
    /// Permutations behind the chance levels of the ladder.
    pub permutations: usize,
    /// Two networks with the same output.
    pub zero_match: ZeroMatch,
    /// What the numbers say, computed from them; one paragraph each.
    pub closing: Vec<String>,
}

/// One trained network.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DemoNetwork {
    /// Its seed.
    pub seed: u64,
    /// Mean training loss of the last epoch.
    pub loss: f64,
    /// Share of the training images it classifies correctly.
    pub train_accuracy: f64,
    /// Share of the held-out images it classifies correctly.
    pub test_accuracy: f64,
    /// The same before training.
    pub untrained_accuracy: f64,
}

/// One layer of all pairs of networks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DemoLayer {
    /// What it is called.
    pub name: String,
    /// What counts as a neuron and as an input.
    pub read: String,
    /// Number of inputs.
    pub n: usize,
    /// Number of neurons.
    pub d: usize,
    /// Smallest and largest rank among the trained networks, as far as they are known.
    pub ranks: Option<[usize; 2]>,
    /// Mean values over pairs of networks.
    pub measures: Vec<DemoMeasure>,
    /// The ladder of two trained networks.
    pub rungs: Vec<RungEntry>,
    /// Why there is no ladder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One measure of one layer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DemoMeasure {
    /// Its label.
    pub label: String,
    /// Mean over pairs of trained networks, if it is defined for one at least.
    pub trained: Option<f64>,
    /// Mean over pairs of the same networks before training.
    pub untrained: Option<f64>,
    /// Why there is no number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Two networks with the same output whose hidden layers do not match.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ZeroMatch {
    /// The parameters of the pair.
    pub parameters: String,
    /// Number of inputs.
    pub n: usize,
    /// Largest absolute output.
    pub output_size: f64,
    /// Largest absolute difference between the outputs.
    pub output_difference: f64,
    /// Share of the variance of one hidden layer that the other determines by a linear map: the shared output.
    pub shared_variance: f64,
    /// Ranks of the hidden layers, and of both together.
    pub ranks: [usize; 3],
    /// The match at each of a few ε.
    pub matches: Vec<crate::CurvePoint>,
    /// Smallest ε at which a neuron matches.
    pub least_critical_epsilon: f64,
    /// Other measures.
    pub measures: Vec<DemoMeasure>,
    /// The ladder.
    pub rungs: Vec<RungEntry>,
}

impl Report for DemoReport {
    fn text(&self) -> String {
        text::demo(self)
    }
    fn csv(&self) -> String {
        csv::demo(self)
    }
}
