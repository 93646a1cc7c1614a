//! The maximum match for every ε at once.
//!
//! Let r(v) be the relative residual of neuron v against the span of what is left of the other side. It can
//! only grow when neurons are removed, so, as with the cores of a graph, one peeling answers for all ε: start
//! from all non-zero neurons, remove again and again the one with the largest residual, and let the *critical
//! ε* of each be the smallest "largest residual" met up to its removal. Then M(ε) = {v : critical ε of v ≤ ε}:
//! the running minimum exceeds ε exactly as long as the neurons left still contain one that no ε-match can
//! hold. All neurons with residuals at or above the running minimum may go at once. Residuals are compared
//! as squares throughout: comparing r with √(r²)² could go on for ever.

use super::neurons::{Neurons, Side};
use super::peeling::Peeling;
use super::{Epsilon, Neuron, Ranks, TIE_TOLERANCE};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// What becomes of neurons that are zero on every input (with centring: constant).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ZeroNeurons {
    /// Never matched, but counted: as the code released with the paper does.
    #[default]
    Unmatched,
    /// Matched at every ε, as the inequality of the paper, 0 ≤ ε · 0, has it.
    Matched,
    /// Left out on both sides of the fraction.
    Excluded,
}

/// A set of neurons of each side, by number and ascending.
#[derive(Debug, Clone, PartialEq, Eq, Default, PartialOrd, Ord, Serialize)]
pub struct Match {
    /// Neurons of x.
    pub x: Vec<usize>,
    /// Neurons of y.
    pub y: Vec<usize>,
}

impl Match {
    /// How many neurons it has.
    pub fn len(&self) -> usize {
        self.x.len() + self.y.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.x.is_empty() && self.y.is_empty()
    }
}

/// One step of the curve of the similarity over ε.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Step {
    /// From this ε on …
    pub epsilon: f64,
    /// … up to the next step, the similarity is this.
    pub similarity: f64,
}

/// The critical ε of every neuron, from which the maximum match for every ε can be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    critical_x: Vec<f64>,
    critical_y: Vec<f64>,
    /// How many neurons the similarity counts.
    counted: usize,
    /// How many neurons have a critical ε of 1 for being zero, and are not counted.
    excluded: usize,
    ranks: Ranks,
}

impl Path {
    /// Peels.
    ///
    /// # Errors
    /// [`Error::Undefined`] if no neuron is left to count.
    pub fn new(neurons: &Neurons, zero: ZeroNeurons) -> Result<Self> {
        let (count_x, count_y) = neurons.counts();
        let (kept_x, kept_y) = (neurons.x.index.len(), neurons.y.index.len());
        let zeros = count_x + count_y - kept_x - kept_y;
        let excluded = if zero == ZeroNeurons::Excluded { zeros } else { 0 };
        let counted = count_x + count_y - excluded;
        if counted == 0 {
            return Err(Error::undefined("no neuron differs from zero on any input"));
        }
        let all = |count: usize| (0..count).collect::<Vec<_>>();
        let (mut peeling, ranks) = Peeling::new(neurons, &all(kept_x), &all(kept_y));
        let (mut critical_x, mut critical_y) = (vec![1.0; kept_x], vec![1.0; kept_y]);
        // No residual exceeds 1 but by rounding.
        let mut level = 1.0_f64;
        while let Some(largest) = peeling.largest_residual() {
            level = level.min(largest);
            peeling.remove_from(level, |neuron| match neuron {
                Neuron::X(i) => critical_x[i] = level.sqrt(),
                Neuron::Y(j) => critical_y[j] = level.sqrt(),
            });
        }
        let of_zero = if zero == ZeroNeurons::Matched { 0.0 } else { 1.0 };
        Ok(Self {
            critical_x: by_neuron(&neurons.x, &critical_x, of_zero),
            critical_y: by_neuron(&neurons.y, &critical_y, of_zero),
            counted,
            excluded,
            ranks,
        })
    }

    /// The smallest ε at which each neuron of x is in the maximum match, in [0, 1]; 1 for one that never is.
    pub fn critical_x(&self) -> &[f64] {
        &self.critical_x
    }

    /// The smallest ε at which each neuron of y is in the maximum match, in [0, 1]; 1 for one that never is.
    pub fn critical_y(&self) -> &[f64] {
        &self.critical_y
    }

    /// Dimensions of the two sides and their union, to be read beside every match.
    pub fn ranks(&self) -> Ranks {
        self.ranks
    }

    /// The maximum match M(ε). A critical ε above ε by no more than [`super::TIE_TOLERANCE`] counts as equal.
    pub fn maximum_match(&self, epsilon: Epsilon) -> Match {
        let members = |critical: &[f64]| {
            (0..critical.len()).filter(|&neuron| matched(critical[neuron], epsilon)).collect()
        };
        Match { x: members(&self.critical_x), y: members(&self.critical_y) }
    }

    /// Share of the neurons of both sides that are in the maximum match, in [0, 1].
    pub fn similarity(&self, epsilon: Epsilon) -> f64 {
        let critical = self.critical_x.iter().chain(&self.critical_y);
        critical.filter(|&&critical| matched(critical, epsilon)).count() as f64 / self.counted as f64
    }

    /// One minus the mean critical ε: the area under the similarity as a function of ε over [0, 1], a score
    /// without a parameter, in [0, 1].
    pub fn score(&self) -> f64 {
        let sum: f64 = self.critical_x.iter().chain(&self.critical_y).sum();
        1.0 - (sum - self.excluded as f64) / self.counted as f64
    }

    /// The similarity as a function of ε: before the first step it is 0. There are at most as many steps as
    /// neurons; neurons whose critical ε differ by no more than [`super::TIE_TOLERANCE`] share one.
    pub fn steps(&self) -> Vec<Step> {
        let mut critical: Vec<f64> = self.critical_x.iter().chain(&self.critical_y).copied().collect();
        critical.sort_by(f64::total_cmp);
        critical.retain(|&critical| critical < 1.0 - TIE_TOLERANCE);
        let mut steps: Vec<Step> = Vec::new();
        for (before, epsilon) in critical.into_iter().enumerate() {
            let similarity = (before + 1) as f64 / self.counted as f64;
            match steps.last_mut() {
                Some(step) if epsilon - step.epsilon <= TIE_TOLERANCE => step.similarity = similarity,
                _ => steps.push(Step { epsilon, similarity }),
            }
        }
        steps
    }
}

/// Whether this critical ε belongs to the maximum match at ε. At 1 it belongs to none.
fn matched(critical: f64, epsilon: Epsilon) -> bool {
    critical <= epsilon.get() + TIE_TOLERANCE && critical < 1.0
}

fn by_neuron(side: &Side, critical: &[f64], of_zero: f64) -> Vec<f64> {
    let mut all = vec![of_zero; side.count];
    side.index.iter().zip(critical).for_each(|(&neuron, &critical)| all[neuron] = critical);
    all
}
