//! What kind of map relates two representations: held-out predictions by ever larger families of maps.
//!
//! One number cannot say *how* two layers are alike. The ladder asks a row of questions instead, from strict to loose:
//! do the same neurons do the same thing (identity)? Are they the same neurons in another order, perhaps with their
//! signs flipped (permutation)? Is one space of activations the other one, rotated or reflected (orthogonal)? Does any
//! linear map lead from one to the other (linear), with an offset (affine)? Does a smooth curved one (kernel ridge)?
//!
//! On each rung the best map of that family is learnt on some inputs and judged on others; the share of the variance of
//! the target that it explains there is the rung's value, in both directions. 1 is an exact prediction, 0 is what the
//! mean of the inputs learnt from achieves, and a negative value is worse than that mean. The first rung with a value
//! near 1 names the relation. As each family contains the one before, values should rise; on held-out inputs a larger
//! family may also learn more noise, and then they fall.
//!
//! Beside each value stands its chance level: the mean of the same quantity over permutations of the inputs of one
//! side, where nothing can be predicted. And beside the ladder stands the algebra: the ranks of both sides and of the
//! two together, whose difference is the dimension of the space of neurons they have in common.
//!
//! The first four maps leave zero where it is, as the groups they are named after do: a constant difference of
//! activations counts against them. Widths may differ from the permutation on: the narrower side is filled up with
//! silent neurons for learning, and only the true neurons of the target are judged.

mod kernel;
mod neurons;
mod ranks;
mod rotations;

use crate::folds::{FoldCount, Folds, for_each_of};
use crate::regression::choose;
use crate::{Error, Pair, Result};
use serde::{Serialize, Serializer};
use std::fmt;

pub use ranks::Ranks;

/// How the ladder is climbed.
///
/// ```
/// use isorep::reading::ladder::{Ladder, Map};
/// use isorep::{Pair, Representation};
/// let x: Vec<f64> = (0..120).map(|i| f64::from(i * i % 37) + f64::from(i % 5)).collect();
/// let swapped: Vec<f64> = x.chunks(2).flat_map(|row| [-row[1], row[0]]).collect();
/// let pair = Pair::new(
///     &Representation::from_f64("x", 60, 2, x)?,
///     &Representation::from_f64("swapped", 60, 2, swapped)?,
/// )?;
/// let reading = Ladder::default().climb(&pair)?;
/// let explained = |map| reading.rung(map).forward.clone().map(|held| held.explained);
/// assert!(explained(Map::Identity)? < 0.5);
/// assert!(explained(Map::Permutation)? > 0.999_999);
/// # Ok::<(), isorep::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Ladder {
    /// How many parts the inputs are cut into, each held out once.
    pub folds: FoldCount,
    /// Seed of the folds, of the inputs taken for kernel ridge, and of the permutations.
    pub seed: u64,
    /// Permutations behind each chance level, which needs 2 or more. Rows are permuted within each fold, the first
    /// fold is held out, and the penalty is chosen on the second: so every decomposition is used again.
    pub permutations: usize,
    /// Most inputs that kernel ridge is given, whose time grows with their cube; a seeded choice if there are more.
    pub kernel_inputs: usize,
}

impl Default for Ladder {
    fn default() -> Self {
        Self { folds: FoldCount::default(), seed: 0, permutations: 20, kernel_inputs: 1000 }
    }
}

/// A family of maps; each contains those before it, up to the penalty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Map {
    /// y = x, for equal widths.
    Identity,
    /// Each neuron is another one or its negative, one to one.
    Permutation,
    /// A rotation or reflection, from Procrustes analysis. Directions the data leave open are sent to zero.
    Orthogonal,
    /// A linear map without intercept, by ridge regression.
    Linear,
    /// The same with an intercept: the measure `ridge-cv`.
    Affine,
    /// Ridge regression with a Gaussian kernel as wide as the median distance of the inputs learnt from.
    KernelRidge,
}

impl fmt::Display for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Identity => "identity",
            Self::Permutation => "permutation",
            Self::Orthogonal => "orthogonal",
            Self::Linear => "linear",
            Self::Affine => "affine",
            Self::KernelRidge => "kernel-ridge",
        })
    }
}

/// The whole ladder for one pair.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LadderReading {
    /// Name of the first representation.
    pub x: String,
    /// Name of the second representation.
    pub y: String,
    /// Number of inputs.
    pub n: usize,
    /// Number of neurons of x.
    pub width_x: usize,
    /// Number of neurons of y.
    pub width_y: usize,
    /// Dimensions of the spans of the neurons.
    #[serde(flatten)]
    pub ranks: Ranks,
    /// From strict to loose, one for each [`Map`].
    pub rungs: Vec<Rung>,
    /// How it was climbed.
    pub settings: Ladder,
}

impl LadderReading {
    /// The rung of one family of maps.
    pub fn rung(&self, map: Map) -> &Rung {
        &self.rungs[map as usize]
    }
}

/// One family of maps, in both directions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rung {
    /// Which family.
    pub map: Map,
    /// How many inputs it was learnt and judged on.
    pub inputs: usize,
    /// y from x, or why there is no such number.
    #[serde(serialize_with = "held_or_reason")]
    pub forward: Result<Held>,
    /// x from y, or why there is no such number.
    #[serde(serialize_with = "held_or_reason")]
    pub backward: Result<Held>,
}

/// What a map explains of inputs it has not seen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Held {
    /// Share of the held-out variance of the target, about the mean of the inputs learnt from: at most 1, never clamped.
    pub explained: f64,
    /// The same for permuted inputs; absent with fewer than two permutations.
    pub chance: Option<Chance>,
}

/// What is explained where nothing can be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Chance {
    /// Mean over permutations.
    pub mean: f64,
    /// Standard deviation over permutations, each judged on one fold only.
    pub sd: f64,
}

fn held_or_reason<S: Serializer>(held: &Result<Held>, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Reason {
        undefined: String,
    }
    match held {
        Ok(held) => held.serialize(serializer),
        Err(error) => Reason { undefined: error.to_string() }.serialize(serializer),
    }
}

/// What holds for y from x, and for x from y.
type Ways<T> = [T; 2];

/// Squared errors of one fold.
struct FoldErrors {
    /// Of the mean of the inputs learnt from.
    total: Ways<f64>,
    /// For each map of a family, for every penalty that is tried; one entry where there is no penalty.
    of_maps: Vec<Ways<Vec<f64>>>,
}

/// What errors on a fold are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// To be reported.
    Judge,
    /// To choose a penalty for another fold: maps without one may answer anything.
    ChoosePenalty,
}

/// Maps that are learnt from the same sums.
trait MapFamily: Sync {
    /// What does not depend on how the rows of both sides are matched, for one fold.
    type Prepared: Send + Sync;
    /// What does.
    type Matched: Sync;

    fn maps(&self) -> &'static [Map];
    fn folds(&self) -> &Folds;
    fn prepare(&self, fold: usize) -> Result<Self::Prepared>;
    /// Row k of a fold of x is matched with row k of the same fold in `y_folds`.
    fn match_rows(&self, y_folds: &Folds) -> Result<Self::Matched>;
    fn errors(
        &self,
        prepared: &Self::Prepared,
        matched: &Self::Matched,
        fold: usize,
        purpose: Purpose,
    ) -> Result<FoldErrors>;
}

impl Ladder {
    /// Climbs it.
    ///
    /// # Errors
    /// [`Error::NeedsRows`] for a pair made from moments, [`Error::Undefined`] if one side is constant,
    /// [`Error::TooFewSamples`] with fewer than two inputs a fold. What is undefined on one rung only is said there.
    pub fn climb(&self, pair: &Pair) -> Result<LadderReading> {
        for side in [pair.x(), pair.y()] {
            side.rows()?;
            side.variation()?;
        }
        let folds = Folds::of(pair.n(), self.folds, self.seed)?;
        let ranks = Ranks::of(pair)?;
        let mut rungs = self.rungs_of(&neurons::Neurons::new(pair, &folds)?, pair.n())?;
        rungs.extend(self.rungs_of(&rotations::Rotations::new(pair, &folds)?, pair.n())?);
        rungs.push(self.kernel_rung(pair)?);
        if pair.x().d() != pair.y().d() {
            let reason =
                Error::undefined(format!("widths differ: {} and {} neurons", pair.x().d(), pair.y().d()));
            (rungs[0].forward, rungs[0].backward) = (Err(reason.clone()), Err(reason));
        }
        Ok(LadderReading {
            x: pair.x().name().into(),
            y: pair.y().name().into(),
            n: pair.n(),
            width_x: pair.x().d(),
            width_y: pair.y().d(),
            ranks,
            rungs,
            settings: *self,
        })
    }

    fn kernel_rung(&self, pair: &Pair) -> Result<Rung> {
        let inputs = pair.n().min(self.kernel_inputs);
        let rung = Folds::of(inputs, self.folds, self.seed)
            .and_then(|folds| kernel::Kernels::new(pair, folds, self.seed))
            .and_then(|family| self.rungs_of(&family, inputs));
        match rung {
            Ok(mut rungs) => Ok(rungs.swap_remove(0)),
            Err(error @ (Error::Undefined { .. } | Error::TooFewSamples { .. })) => {
                let forward = Err(error);
                Ok(Rung { map: Map::KernelRidge, inputs, backward: forward.clone(), forward })
            }
            Err(error) => Err(error),
        }
    }

    fn rungs_of<F: MapFamily>(&self, family: &F, inputs: usize) -> Result<Vec<Rung>> {
        /// Folds that permuted rows are judged on: one held out, one to choose the penalty on.
        const FOR_CHANCE: usize = 2;
        let folds = family.folds();
        let matched = family.match_rows(folds)?;
        let real = for_each_of(folds.count(), |fold| {
            let prepared = family.prepare(fold)?;
            let errors = family.errors(&prepared, &matched, fold, Purpose::Judge)?;
            Ok((errors, (fold < FOR_CHANCE && self.permutations > 1).then_some(prepared)))
        })?;
        let (real, prepared): (Vec<FoldErrors>, Vec<_>) = real.into_iter().unzip();
        let prepared: Vec<F::Prepared> = prepared.into_iter().flatten().collect();
        let permuted = if self.permutations > 1 { self.permutations } else { 0 };
        let permuted = for_each_of(permuted, |permutation| {
            let matched = family.match_rows(&folds.shuffled_within(self.seed, permutation as u64 + 1))?;
            let errors = prepared.iter().enumerate().map(|(fold, p)| {
                let purpose = if fold == 0 { Purpose::Judge } else { Purpose::ChoosePenalty };
                family.errors(p, &matched, fold, purpose)
            });
            errors.collect::<Result<Vec<FoldErrors>>>()
        })?;
        let held = |map: usize, way: usize| {
            let values: Vec<f64> = permuted.iter().map(|errors| explained(errors, map, way, 0..1)).collect();
            Held { explained: explained(&real, map, way, 0..real.len()), chance: Chance::of(&values) }
        };
        let rung = |(k, map): (usize, &Map)| Rung {
            map: *map,
            inputs,
            forward: Ok(held(k, 0)),
            backward: Ok(held(k, 1)),
        };
        Ok(family.maps().iter().enumerate().map(rung).collect())
    }
}

/// Share of the variance explained in the folds of `judged`, with the penalty of each chosen on all other folds.
fn explained(folds: &[FoldErrors], map: usize, way: usize, judged: std::ops::Range<usize>) -> f64 {
    let errors: Vec<Vec<f64>> = folds.iter().map(|fold| fold.of_maps[map][way].clone()).collect();
    let error: f64 = judged.clone().map(|fold| errors[fold][choose(&errors, fold)]).sum();
    let total: f64 = judged.map(|fold| folds[fold].total[way]).sum();
    1.0 - error / total
}

impl Chance {
    fn of(values: &[f64]) -> Option<Self> {
        if values.len() < 2 {
            return None;
        }
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let square: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
        Some(Self { mean, sd: (square / (n - 1.0)).sqrt() })
    }
}

#[cfg(test)]
mod tests;
