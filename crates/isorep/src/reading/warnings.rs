//! What a reader should know before quoting a number, under codes that do not change.
//!
//! Some warnings are about the data of a pair, whatever the measure ([`of_pair`]); others about one value and its evidence
//! ([`of_value`]). Each code has a page. Where a warning rests on a test, its rate of false alarms is stated there and
//! held by a test here.

use super::chance::{Origin, best, sign};
use super::orders::suspicious_order;
use super::study::Evidence;
use crate::measure::{Family, Properties};
use crate::overlap::Basis;
use crate::{AnyMeasure, Pair, Representation};
use serde::{Serialize, Serializer};
use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::str::FromStr;

macro_rules! codes {
    ($($name:ident = $number:literal, $doc:literal;)*) => {
        /// What a warning is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $doc] $name = $number,)*
        }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// One line.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $doc,)* }
            }

            /// The page: Markdown.
            pub fn page(self) -> &'static str {
                match self { $(Self::$name => include_str!(concat!("warnings/", stringify!($name), ".md")),)* }
            }
        }
    };
}
codes! {
    TooFewInputs = 1, "Too few inputs for so many neurons.";
    OwnedByInputs = 2, "The value is owned by few inputs.";
    ConstantNeurons = 3, "Some neurons are the same for every input.";
    LooksShuffled = 4, "The inputs agree better in another order.";
    LooksTransposed = 5, "The columns agree where the rows do not.";
    DuplicateInputs = 6, "Some inputs occur more than once.";
    AtTheLimit = 8, "Activations stand at the limit of half precision.";
    FewDigits = 9, "The activations differ in their last digits only.";
    NotAboveChance = 10, "The value is not above chance.";
    NotAboveFloor = 11, "The value is not above that of a reference.";
    FamiliesDisagree = 12, "Families of measures disagree.";
    MassiveNeuron = 13, "One neuron holds most of the variation.";
    OneDirection = 14, "The value is that of the first principal component.";
    HighByChance = 15, "Unrelated sides would score high.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("IR{:03}", *self as u16))
    }
}

impl FromStr for Code {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.iter().find(|code| code.to_string().eq_ignore_ascii_case(text));
        known.copied().ok_or_else(|| format!("there is no warning `{text}`"))
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One warning.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Warning {
    /// What it is about.
    pub code: Code,
    /// What was found, in a sentence without the full stop.
    pub message: String,
}

impl Warning {
    /// With its message.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// What is wrong with the data of a pair, whatever the measure.
pub fn of_pair(pair: &Pair) -> Vec<Warning> {
    let mut found = Vec::new();
    let sides: Vec<&Representation> =
        if pair.x().is_same(pair.y()) { vec![pair.x()] } else { vec![pair.x(), pair.y()] };
    for side in sides {
        found.extend(constant_neurons(side));
        found.extend(massive_neurons(side));
        found.extend(at_the_limit(side));
        found.extend(few_digits(side));
        found.extend(duplicates(side));
    }
    if pair.aligned().is_ok() {
        found.extend(too_few_inputs(pair));
        found.extend(suspicious_order(pair));
    }
    found
}

fn too_few_inputs(pair: &Pair) -> Option<Warning> {
    let rank = |side: &Representation| side.basis(true).map_or(side.d(), Basis::rank);
    let (rank_x, rank_y) = (rank(pair.x()), rank(pair.y()));
    let room = pair.n().saturating_sub(1);
    (rank_x + rank_y > room).then(|| {
        Warning::new(
            Code::TooFewInputs,
            format!(
                "{} inputs for spans of {rank_x} and {rank_y} dimensions: any two such spans meet, so measures of spans have no \
                 value; {} inputs would do",
                pair.n(),
                5 * (rank_x + rank_y)
            ),
        )
    })
}

fn constant_neurons(side: &Representation) -> Option<Warning> {
    let dead = side.d() - side.live(true).ok()?.len();
    (dead > 0 && dead < side.d()).then(|| {
        Warning::new(
            Code::ConstantNeurons,
            format!("{dead} of {} neurons of `{}` are the same for every input", side.d(), side.name()),
        )
    })
}

fn massive_neurons(side: &Representation) -> Option<Warning> {
    let massive = super::influence::massive(side, true).ok()?;
    let first = massive.first()?;
    Some(Warning::new(
        Code::MassiveNeuron,
        format!(
            "neuron {} of `{}` holds {:.0} % of its variation, so measures of inner products see little else",
            first.neuron,
            side.name(),
            100.0 * first.share
        ),
    ))
}

fn at_the_limit(side: &Representation) -> Option<Warning> {
    let count = side.rows().ok()?.count_at_half_limit();
    (count > 0).then(|| {
        Warning::new(
            Code::AtTheLimit,
            format!("{count} values of `{}` are ±65504, the largest number of half precision", side.name()),
        )
    })
}

fn few_digits(side: &Representation) -> Option<Warning> {
    /// Above this share of the spread rounding can be seen in a similarity.
    const VISIBLE: f64 = 1e-2;
    let spread = side.variation().ok()? / side.n() as f64;
    let level: f64 = side.mean().iter().map(|m| m * m).sum();
    let rounding = side.roundoff() * level.sqrt() / spread.sqrt();
    (rounding > VISIBLE).then(|| {
        Warning::new(
            Code::FewDigits,
            format!(
                "the activations of `{}` are {:.0e} times their spread away from 0, and rounding of the stored numbers is \
                 {:.0} % of the spread",
                side.name(),
                (level / spread).sqrt(),
                100.0 * rounding
            ),
        )
    })
}

fn duplicates(side: &Representation) -> Option<Warning> {
    let rows = side.rows().ok()?;
    let mut seen = HashSet::with_capacity(side.n());
    let mut row = vec![0.0; side.d()];
    let repeated = (0..side.n())
        .filter(|i| {
            rows.read_f64(*i..*i + 1, &[], &mut row);
            // Of a million different rows two have the same 64 bits once in forty million sets.
            let mut hasher = DefaultHasher::new();
            row.iter().for_each(|v| v.to_bits().hash(&mut hasher));
            !seen.insert(hasher.finish())
        })
        .count();
    // Answers of a classifier with few outputs may well repeat; whole rows of many neurons do not.
    (repeated > 0 && side.d() > 1).then(|| {
        Warning::new(
            Code::DuplicateInputs,
            format!("{repeated} of {} rows of `{}` repeat another one", side.n(), side.name()),
        )
    })
}

/// A value with all that is known about it.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Which measure.
    pub measure: &'a AnyMeasure,
    /// What it gave.
    pub value: f64,
    /// The evidence about it.
    pub evidence: &'a Evidence,
}

/// What is wrong with one value.
pub fn of_value(known: Known<'_>) -> Vec<Warning> {
    let Known { measure, value, evidence } = known;
    let properties = measure.properties();
    let mut found = Vec::new();
    // What does not look at rows together is the same for permuted ones: that says nothing about it.
    let Some(chance) = evidence.chance.filter(|_| properties.aligned) else { return found };
    if chance.is_significant() == Some(false) {
        let how = match chance.origin {
            Origin::Exact => String::new(),
            Origin::Permutations(count) => format!(", {count} permutations"),
        };
        let p = chance.p.unwrap_or(1.0);
        found.push(Warning::new(
            Code::NotAboveChance,
            format!("permuted inputs give as much with probability {p:.2}{how}"),
        ));
    }
    if let Some(share) = share_of_best(chance.mean, &properties).filter(|share| *share > 0.5) {
        found.push(Warning::new(
            Code::HighByChance,
            format!("permuted inputs reach {:.0} % of the best value on average", 100.0 * share),
        ));
    }
    let Some(influence) = &evidence.influence else { return found };
    // How much of what is above chance goes away with somebody.
    let lost = |without: &crate::Result<f64>| {
        let above = value - chance.mean;
        let without = without.as_ref().ok()?;
        (chance.is_significant() != Some(false) && above != 0.0).then(|| (value - without) / above)
    };
    let owned = [(1, &influence.without_input), (influence.prominent, &influence.without_prominent)];
    if let Some((count, share)) = owned
        .iter()
        .filter_map(|(count, without)| Some((*count, lost(without)?)))
        .find(|(_, share)| *share > 0.5)
    {
        let who = if count == 1 {
            format!("input {}", influence.input)
        } else {
            format!("the {count} most prominent inputs, input {} first,", influence.input)
        };
        found.push(Warning::new(
            Code::OwnedByInputs,
            format!("{who} owns {:.0} % of what is above chance", 100.0 * share.min(1.0)),
        ));
    } else if chance.is_significant() == Some(true) {
        let alone = match (&influence.without_input, influence.chance_without_input) {
            (_, Some(without)) if without.is_significant() == Some(false) => Some("nothing is above chance"),
            (Err(_), _) if f64::midpoint(influence.shares[0], influence.shares[1]) > 0.1 => {
                Some("there is no value")
            }
            _ => None,
        };
        let owned =
            |what| Warning::new(Code::OwnedByInputs, format!("without input {} {what}", influence.input));
        found.extend(alone.map(owned));
    }
    let first = influence.peeled.first().and_then(|peeled| lost(&peeled.value));
    if measure.info().family != Family::Statistics && first.is_some_and(|share| share > 0.5) {
        let share = 100.0 * first.unwrap_or(0.0).min(1.0);
        found.push(Warning::new(
            Code::OneDirection,
            format!("without the first principal component of each side {share:.0} % of what is above chance is gone"),
        ));
    }
    found
}

/// Where a chance level stands between the worst and the best value; `None` without such ends.
fn share_of_best(mean: f64, properties: &Properties) -> Option<f64> {
    let best = best(properties)?;
    let worst = if sign(properties.kind) > 0.0 { properties.range.0.max(0.0) } else { properties.range.1 };
    worst.is_finite().then(|| (mean - worst) / (best - worst))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rows, Values};
    use half::f16;
    use std::sync::Arc;

    fn side(n: usize, d: usize, value: impl Fn(usize, usize) -> f64) -> Representation {
        let values = (0..n).flat_map(|i| (0..d).map(move |j| (i, j))).map(|(i, j)| value(i, j)).collect();
        Representation::from_f64("layer", n, d, values).unwrap()
    }

    fn wave(i: usize, j: usize) -> f64 {
        ((i * i * (j + 3) + 7 * i * j + 13 * i) % 101) as f64 / 50.0 - 1.0
    }

    fn codes(x: &Representation, y: &Representation) -> Vec<Code> {
        of_pair(&Pair::new(x, y).unwrap()).iter().map(|warning| warning.code).collect()
    }

    #[test]
    fn sound_data_raise_nothing() {
        let x = side(90, 4, wave);
        assert_eq!(codes(&x, &side(90, 4, |i, j| wave(i, j) + 0.1 * wave(i, j + 5))), []);
    }

    #[test]
    fn each_defect_of_the_data_is_named() {
        let y = side(90, 4, wave);
        let with = |value: &dyn Fn(usize, usize) -> f64, d: usize| codes(&side(90, d, value), &y);
        assert!(with(&|i, j| if j == 2 { 5.0 } else { wave(i, j) }, 4).contains(&Code::ConstantNeurons));
        assert!(with(&|i, j| wave(i / 2, j), 4).contains(&Code::DuplicateInputs));
        assert!(
            with(&|i, j| if j == 3 { 100.0 } else { 1.0 } * wave(i, j), 12).contains(&Code::MassiveNeuron)
        );
        assert!(with(&|i, j| wave(i, j), 88).contains(&Code::TooFewInputs));
        let single = |offset: f32| {
            let values = (0..360).map(|at| offset + wave(at / 4, at % 4) as f32).collect();
            Representation::from_f32("layer", 90, 4, values).unwrap()
        };
        assert!(!codes(&single(10.0), &y).contains(&Code::FewDigits));
        assert!(codes(&single(1e6), &y).contains(&Code::FewDigits));
    }

    #[test]
    fn values_at_the_limit_of_half_precision_are_counted() {
        let halves = (0..360).map(|at| f16::from_f64(if at == 9 { 65504.0 } else { wave(at / 4, at % 4) }));
        let rows = Rows::new("half", 90, 4, Values::F16(Arc::new(halves.collect::<Vec<f16>>()))).unwrap();
        let x = Representation::new("half", rows).unwrap();
        let warnings = of_pair(&Pair::new(&x, &side(90, 4, wave)).unwrap());
        let found = warnings.iter().find(|warning| warning.code == Code::AtTheLimit).unwrap();
        assert!(found.message.starts_with("1 values of `half`"), "{found:?}");
    }

    #[test]
    fn codes_are_read_back_and_have_pages() {
        for code in Code::ALL {
            assert_eq!(code.to_string().parse(), Ok(*code));
            assert_eq!(code.page().lines().next(), Some(code.title()));
        }
        assert!("IR999".parse::<Code>().is_err());
    }
}
