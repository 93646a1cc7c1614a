//! Who owns a value: what is left of it without the most prominent inputs, neurons and directions.
//!
//! An input or a neuron that varies far more than all others can carry a similarity alone. Each is found by its share of
//! the variation, in one pass, and the measure is taken again without it, so the answer holds for every measure.

use super::chance::Chance;
use super::permutations::Permutations;
use crate::measure::{Family, Invariance, Needs};
use crate::{AnyMeasure, Pair, Representation, Result};
use serde::{Serialize, Serializer};

/// What is left of a value without those who could own it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Influence {
    /// The input with the largest share of the variation, as the mean of both sides, from 0.
    pub input: usize,
    /// Its share of the variation of x and of y.
    pub shares: [f64; 2],
    /// The value without it.
    #[serde(serialize_with = "value_or_none")]
    pub without_input: Result<f64>,
    /// Where the value without it stands among values of permuted inputs without it; absent unless its share is so large
    /// that it may own the value.
    pub chance_without_input: Option<Chance>,
    /// How many inputs are the most prominent hundredth, at least one.
    pub prominent: usize,
    /// The value without them.
    #[serde(serialize_with = "value_or_none")]
    pub without_prominent: Result<f64>,
    /// Neurons that hold more than half of the variation of their side.
    pub massive: Vec<MassiveNeuron>,
    /// The value without them; absent if there are none, if every column has its own meaning, or if there is no
    /// value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without_massive: Option<f64>,
    /// The value without the first principal components of both sides, for measures that rotations do not change.
    pub peeled: Vec<Peeled>,
}

/// A neuron that holds more than half of the variation of its side.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MassiveNeuron {
    /// Whether it is a neuron of x; otherwise of y.
    pub of_x: bool,
    /// Its column, from 0.
    pub neuron: usize,
    /// Its share of the variation.
    pub share: f64,
}

/// The value without the first principal components of both sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Peeled {
    /// How many.
    pub components: usize,
    /// The value without them.
    #[serde(serialize_with = "value_or_none")]
    pub value: Result<f64>,
}

/// A neuron is massive above this share, and only where there are this many to compare it with.
const MASSIVE: f64 = 0.5;
const FEWEST_NEURONS: usize = 8;
/// An input with a larger mean share of the variation may own what is above chance.
const DOMINANT: f64 = 0.1;
/// Orders that tell whether anything is above chance without it.
const ORDERS: usize = 39;
/// How many principal components are taken off.
const PEELS: [usize; 2] = [1, 4];

fn value_or_none<S: Serializer>(value: &Result<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    value.as_ref().ok().serialize(serializer)
}

/// What is left of a pair without those who could own a value: the same for every measure.
#[derive(Debug)]
pub(super) struct Suspects {
    input: usize,
    shares: [f64; 2],
    without_input: Result<Pair>,
    prominent: usize,
    without_prominent: Result<Pair>,
    massive: Vec<MassiveNeuron>,
    without_massive: Option<Result<Pair>>,
    peeled: Vec<(usize, Result<Pair>)>,
}

impl Suspects {
    /// Finds them.
    ///
    /// # Errors
    /// [`crate::Error::NeedsRows`] for a pair of moments, [`crate::Error::NotAligned`], or
    /// [`crate::Error::Undefined`] if a side is constant.
    pub(super) fn of(pair: &Pair) -> Result<Self> {
        pair.aligned()?;
        pair.x().rows()?;
        pair.y().rows()?;
        let shares = |side: &Representation| -> Result<Vec<f64>> {
            let variation = side.variation()?;
            Ok(side.row_norms()?.iter().map(|norm| norm / variation).collect())
        };
        let (x, y) = (shares(pair.x())?, shares(pair.y())?);
        let mut order: Vec<usize> = (0..pair.n()).collect();
        order.sort_by(|a, b| (x[*b] + y[*b]).total_cmp(&(x[*a] + y[*a])));
        let without = |count: usize| {
            let mut kept = order[count..].to_vec();
            kept.sort_unstable();
            pair.select(&kept)
        };
        let prominent = pair.n().div_ceil(100);
        let massive: Vec<MassiveNeuron> = [massive(pair.x(), true)?, massive(pair.y(), false)?].concat();
        let without_massive = (!massive.is_empty()).then(|| without_neurons(pair, &massive));
        Ok(Self {
            input: order[0],
            shares: [x[order[0]], y[order[0]]],
            without_input: without(1),
            prominent,
            without_prominent: without(prominent),
            without_massive,
            massive,
            peeled: PEELS
                .iter()
                .filter_map(|count| peeled(pair, *count).map(|pair| (*count, pair)))
                .collect(),
        })
    }

    /// What is left of the value of one measure.
    pub(super) fn influence(&self, measure: &AnyMeasure, seed: u64) -> Influence {
        let compare =
            |pair: &Result<Pair>| pair.as_ref().map_err(Clone::clone).and_then(|pair| measure.compare(pair));
        let properties = measure.properties();
        let invariance = properties.invariance.x & properties.invariance.y;
        let may_rotate = invariance.contains(Invariance::ORTHOGONAL);
        // The columns of outputs are classes, and rates have no principal components that are rates.
        let may_drop = measure.info().family != Family::Functional;
        let may_peel = may_rotate && !properties.needs.contains(Needs::NON_NEGATIVE);
        let without_input = compare(&self.without_input);
        let is_dominant = f64::midpoint(self.shares[0], self.shares[1]) > DOMINANT;
        Influence {
            input: self.input,
            shares: self.shares,
            chance_without_input: match (&self.without_input, &without_input) {
                (Ok(pair), Ok(value)) if is_dominant => chance(measure, pair, *value, seed),
                _ => None,
            },
            without_input,
            prominent: self.prominent,
            without_prominent: if self.prominent == 1 {
                compare(&self.without_input)
            } else {
                compare(&self.without_prominent)
            },
            massive: self.massive.clone(),
            without_massive: self
                .without_massive
                .as_ref()
                .filter(|_| may_drop)
                .and_then(|pair| compare(pair).ok()),
            peeled: if may_peel {
                let value = |(components, pair): &(usize, Result<Pair>)| Peeled {
                    components: *components,
                    value: compare(pair),
                };
                self.peeled.iter().map(value).collect()
            } else {
                Vec::new()
            },
        }
    }
}

pub(super) fn massive(side: &Representation, of_x: bool) -> Result<Vec<MassiveNeuron>> {
    if side.d() < FEWEST_NEURONS {
        return Ok(Vec::new());
    }
    let variation = side.variation()?;
    let shares = side.neuron_variation()?.iter().map(|v| v / variation).enumerate();
    Ok(shares
        .filter(|(_, share)| *share > MASSIVE)
        .map(|(neuron, share)| MassiveNeuron { of_x, neuron, share })
        .collect())
}

/// Where a value stands, from a few orders where no closed form is known.
fn chance(measure: &AnyMeasure, pair: &Pair, value: f64, seed: u64) -> Option<Chance> {
    let properties = measure.properties();
    if let Ok(Some(null)) = measure.null(pair) {
        return Some(Chance::from_null(value, &null, &properties));
    }
    let orders = Permutations { count: ORDERS, seed, ..Permutations::default() };
    let one = |number: usize| measure.compare(&pair.permuted(&orders.order(pair.n(), number)?)?);
    let permuted: Vec<f64> = (0..ORDERS).filter_map(|number| one(number).ok()).collect();
    Chance::from_permuted(value, &permuted, &properties)
}

/// Where both sides have the same neurons they stay so: what is massive on one side goes on both.
fn without_neurons(pair: &Pair, massive: &[MassiveNeuron]) -> Result<Pair> {
    let same = pair.x().d() == pair.y().d();
    let kept = |side: &Representation, is_x: bool| {
        let gone = |j: &usize| massive.iter().any(|m| m.neuron == *j && (same || m.of_x == is_x));
        (0..side.d()).filter(|j| !gone(j)).collect::<Vec<_>>()
    };
    pair.select_neurons([kept(pair.x(), true), kept(pair.y(), false)])
}

/// Both sides without their first principal components; `None` where these would be half of all or more.
fn peeled(pair: &Pair, count: usize) -> Option<Result<Pair>> {
    let few = |side: &Representation| 2 * count >= side.d().min(side.n() - 1);
    if few(pair.x()) || few(pair.y()) {
        return None;
    }
    let peel = || {
        let (x, y) = (pair.x().peeled(count)?, pair.y().peeled(count)?);
        Pair::new(&x, &y)?.with_context(pair.context().clone())
    };
    Some(peel())
}
