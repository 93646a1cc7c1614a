//! How far a value would move on other inputs of the same kind: a confidence interval by the delete-a-group jackknife.
//!
//! The inputs are cut into groups, and the measure is taken anew without each of them. Nothing is drawn twice, so
//! measures that look at pairs of inputs see no duplicates, which a bootstrap would show them as pairs at distance 0.

use crate::folds::for_each_of;
use crate::{AnyMeasure, Error, Pair, Result};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// How inputs are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Jackknife {
    /// Number of groups the inputs are cut into.
    pub groups: usize,
    /// Seed of the cut.
    pub seed: u64,
    /// What is left out.
    pub over: Over,
}

/// What is taken for a sample of something larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Over {
    /// The inputs: would other inputs give another value?
    #[default]
    Inputs,
    /// The neurons, of both sides at once: would other neurons of the same layers, as where only some were recorded?
    Neurons,
}

impl Default for Jackknife {
    fn default() -> Self {
        Self { groups: 20, seed: 0, over: Over::Inputs }
    }
}

/// Where the value would be, nineteen times of twenty, for ever more inputs (or neurons) of the same kind.
///
/// The level is reached approximately, and not at the ends of a measure's range: an interval may reach beyond it, because
/// it is symmetric and nothing is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// Standard error of the value.
    pub se: f64,
    /// Groups of inputs (or neurons) that were left out, one after the other.
    pub groups: usize,
}

/// Share of such intervals that hold the value they are about.
pub const CONFIDENCE: f64 = 0.95;

impl Jackknife {
    /// The intervals about what each measure gives for `pair`; `None` where a measure has no value, there or without some of
    /// the inputs. Inputs that the context puts in one group are left out together, as they depend on each other.
    ///
    /// # Errors
    /// [`Error::TooFewSamples`] with fewer than two inputs, or groups of the context, for each group; [`Error::NeedsRows`].
    pub fn intervals(
        &self,
        measures: &[AnyMeasure],
        pair: &Pair,
        values: &[Option<f64>],
    ) -> Result<Vec<Option<Interval>>> {
        let (inputs, neurons) = match self.over {
            Over::Inputs => (self.cut(pair)?, [Vec::new(), Vec::new()]),
            Over::Neurons => (Vec::new(), [self.groups_of(pair.x().d())?, self.groups_of(pair.y().d())?]),
        };
        let without = for_each_of(self.groups.max(2), |k| {
            let rest = match self.over {
                Over::Inputs => pair.select(&all_but(&inputs, k))?,
                Over::Neurons => {
                    pair.select_neurons([&neurons[0], &neurons[1]].map(|groups| all_but(groups, k)))?
                }
            };
            let of = |(measure, value): (&AnyMeasure, &Option<f64>)| {
                value.and_then(|_| measure.compare(&rest).ok())
            };
            Ok(measures.iter().zip(values).map(of).collect::<Vec<_>>())
        })?;
        let interval = |(m, value): (usize, &Option<f64>)| {
            let rest: Option<Vec<f64>> = without.iter().map(|values| values[m]).collect();
            Some(Interval::of((*value)?, &rest?))
        };
        Ok(values.iter().enumerate().map(interval).collect())
    }

    /// The same cut for both sides of as many neurons, so that those with a counterpart keep it.
    fn groups_of(&self, count: usize) -> Result<Vec<Vec<usize>>> {
        self.dealt((0..count).map(|neuron| vec![neuron]).collect())
    }

    /// The groups of inputs that are left out together.
    fn cut(&self, pair: &Pair) -> Result<Vec<Vec<usize>>> {
        self.dealt(match pair.context().groups() {
            Ok(known) => known.members().into_iter().filter(|members| !members.is_empty()).collect(),
            Err(_) => (0..pair.n()).map(|input| vec![input]).collect(),
        })
    }

    /// Units in a seeded order, dealt to the groups in turns.
    fn dealt(&self, mut units: Vec<Vec<usize>>) -> Result<Vec<Vec<usize>>> {
        let needed = 2 * self.groups.max(2);
        if units.len() < needed {
            return Err(Error::TooFewSamples { needed, got: units.len() });
        }
        units.shuffle(&mut ChaCha8Rng::seed_from_u64(self.seed));
        let mut groups = vec![Vec::new(); self.groups.max(2)];
        for (k, unit) in units.into_iter().enumerate() {
            let at = k % groups.len();
            groups[at].extend(unit);
        }
        Ok(groups)
    }
}

/// What is in all groups but one, in ascending order.
fn all_but(groups: &[Vec<usize>], k: usize) -> Vec<usize> {
    let others = groups.iter().enumerate().filter(|(other, _)| *other != k);
    let mut kept: Vec<usize> = others.flat_map(|(_, members)| members).copied().collect();
    kept.sort_unstable();
    kept
}

impl Interval {
    /// From the values without each group.
    fn of(value: f64, without: &[f64]) -> Self {
        let g = without.len() as f64;
        let mean = without.iter().sum::<f64>() / g;
        let se = ((g - 1.0) / g * without.iter().map(|v| (v - mean).powi(2)).sum::<f64>()).sqrt();
        let quantile =
            StudentsT::new(0.0, 1.0, g - 1.0).map_or(2.0, |t| t.inverse_cdf(0.5 + CONFIDENCE / 2.0));
        Self { low: value - quantile * se, high: value + quantile * se, se, groups: without.len() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, Labels, Representation};

    fn one(jackknife: Jackknife, measure: &AnyMeasure, pair: &Pair) -> Result<Interval> {
        let value = measure.compare(pair)?;
        let found = jackknife.intervals(std::slice::from_ref(measure), pair, &[Some(value)])?;
        Ok(found[0].unwrap())
    }

    /// Of a mean, which `disagreement` is, the jackknife gives the textbook error.
    #[test]
    fn the_error_of_a_mean_is_that_of_the_textbook() {
        let n = 20;
        let outputs = |right: &dyn Fn(usize) -> bool| {
            let values = (0..n).flat_map(|i| if right(i) { [1.0, 0.0] } else { [0.0, 1.0] }).collect();
            Representation::from_f64("outputs", n, 2, values).unwrap()
        };
        let pair = Pair::new(&outputs(&|i| i % 4 != 0), &outputs(&|i| i % 5 != 3)).unwrap();
        let pair = pair.with_context(Context::default().with_labels(Labels::of_columns(vec![0; n]))).unwrap();
        let measure: AnyMeasure = "disagreement".parse().unwrap();
        let value = measure.compare(&pair).unwrap();
        let interval = one(Jackknife { groups: 10, ..Jackknife::default() }, &measure, &pair).unwrap();
        // Seven of twenty answers differ: √(.35 · .65 / 20) = .107, give or take the luck of the cut into pairs.
        assert!((value - 0.35).abs() < 1e-12);
        assert!(interval.se > 0.06 && interval.se < 0.16, "{interval:?}");
        assert!((interval.high - value - 2.262_157 * interval.se).abs() < 1e-5);
    }

    #[test]
    fn inputs_that_belong_together_are_left_out_together() {
        let side = |k: usize| {
            let values = (0..90).map(|i| ((i / 3 * i / 3 * k) % 17) as f64).collect();
            Representation::from_f64("x", 90, 1, values).unwrap()
        };
        let pair = Pair::new(&side(3), &side(5)).unwrap();
        let groups = Labels::of_columns((0..90).map(|i| i / 3).collect());
        let grouped = Pair::new(&side(3), &side(5)).unwrap();
        let grouped = grouped.with_context(Context::default().with_groups(groups)).unwrap();
        let cut = Jackknife { groups: 10, seed: 1, ..Jackknife::default() }.cut(&grouped).unwrap();
        assert!(cut.iter().all(|group| group.chunks(3).all(|three| three[2] / 3 == three[0] / 3)));
        // Copies of one input say nothing new: the error without the groups is too small.
        let measure: AnyMeasure = "cka".parse().unwrap();
        let se = |pair: &Pair| {
            one(Jackknife { groups: 10, seed: 1, ..Jackknife::default() }, &measure, pair).unwrap().se
        };
        assert!(se(&grouped) > 1.2 * se(&pair), "{} {}", se(&grouped), se(&pair));
        let error =
            one(Jackknife { groups: 20, seed: 1, ..Jackknife::default() }, &measure, &grouped).unwrap_err();
        assert_eq!(error, Error::TooFewSamples { needed: 40, got: 30 });
    }

    /// Two sides that share one strong neuron each: without it there is little left, so the value hangs on which neurons
    /// were recorded, and the interval over neurons says so; over inputs it is narrow.
    #[test]
    fn an_interval_over_neurons_tells_what_hangs_on_few_of_them() {
        let wave = |i: usize, k: usize| ((i * i * (2 * k + 3) + 5 * i * k) % 97) as f64 / 48.5 - 1.0;
        let side = |shift: usize| {
            let value = |i: usize, j: usize| if j == 0 { 3.0 * wave(i, 1) } else { wave(i, shift + j) };
            let values = (0..120).flat_map(|i| (0..24).map(move |j| (i, j))).map(|(i, j)| value(i, j));
            Representation::from_f64("x", 120, 24, values.collect()).unwrap()
        };
        let pair = Pair::new(&side(10), &side(50)).unwrap();
        let measure: AnyMeasure = "cka".parse().unwrap();
        let se = |over: Over| one(Jackknife { groups: 12, seed: 1, over }, &measure, &pair).unwrap().se;
        assert!(se(Over::Neurons) > 2.0 * se(Over::Inputs), "{} {}", se(Over::Neurons), se(Over::Inputs));
        let few = Jackknife { groups: 13, seed: 1, over: Over::Neurons };
        assert_eq!(one(few, &measure, &pair).unwrap_err(), Error::TooFewSamples { needed: 26, got: 24 });
    }
}
