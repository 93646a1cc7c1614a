//! How wide a kernel is: the option that Gaussian and Laplace kernels have, and the rules by which it is found.

use crate::linalg::{Distances, Real, pair_count};
use crate::{Error, Positive, Representation, Result};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The width of a kernel, in text a number or a rule: `2.5`, `median`, `0.5*median`, `kornblith`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Text", into = "Text")]
pub enum Bandwidth {
    /// A number in the units of the activations.
    Fixed(Positive),
    /// A multiple of a typical distance between two inputs of the same side.
    Relative {
        /// The multiple.
        multiple: Positive,
        /// Which distance.
        of: TypicalDistance,
    },
}

/// A typical distance between two inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TypicalDistance {
    /// The median of the distances between two different inputs. With more than 20 000 inputs that of a sample: each input
    /// with 64 others, drawn by a fixed seed.
    Median,
    /// The root of the median of all n² squared distances, the n zeros of inputs with themselves among them: what the
    /// notebook of Kornblith et al. (2019) does, and the packages that follow it.
    Kornblith,
}

impl Bandwidth {
    pub(super) const OPTION: (&'static str, &'static str) = (
        "bandwidth",
        "of rbf and laplace: median (of the distances between inputs), kornblith (the same with the zeros on the \
         diagonal), a multiple such as 0.5*median, or a number",
    );

    /// Whether it grows with the activations.
    pub(crate) fn is_relative(self) -> bool {
        matches!(self, Self::Relative { .. })
    }

    /// The number for one side.
    pub(crate) fn resolve<T: Real>(
        self,
        distances: &mut Distances<'_, T>,
        side: &Representation,
    ) -> Result<f64> {
        let (multiple, of) = match self {
            Self::Fixed(value) => return Ok(value.get()),
            Self::Relative { multiple, of } => (multiple.get(), of),
        };
        let n = side.n();
        let typical = match of {
            TypicalDistance::Median => {
                let pairs = pair_count(n);
                let [low, high] = distances.of_rank_or_sampled([(pairs - 1) / 2, pairs / 2]);
                f64::midpoint(low.sqrt(), high.sqrt())
            }
            TypicalDistance::Kornblith => {
                // Ranks in a list of n zeros and of every other distance twice.
                let ranks = [(n * n - 1) / 2, n * n / 2].map(|rank| rank.checked_sub(n).map(|rest| rest / 2));
                let [low, high] = distances.of_rank_or_sampled(ranks.map(Option::unwrap_or_default));
                let zero_or = |rank: Option<usize>, value| if rank.is_some() { value } else { 0.0 };
                f64::midpoint(zero_or(ranks[0], low), zero_or(ranks[1], high)).sqrt()
            }
        };
        if typical > 0.0 {
            return Ok(multiple * typical);
        }
        Err(Error::undefined(format!(
            "more than half of the distances between inputs of `{}` are 0, so their median is no bandwidth",
            side.name()
        )))
    }
}

impl Default for Bandwidth {
    fn default() -> Self {
        Self::Relative { multiple: Positive::constant(1.0), of: TypicalDistance::Median }
    }
}

impl TryFrom<&str> for Bandwidth {
    type Error = String;
    fn try_from(rule: &str) -> Result<Self, String> {
        Text::Rule(rule.to_owned()).try_into()
    }
}

impl TryFrom<f64> for Bandwidth {
    type Error = crate::options::OutOfRange;
    fn try_from(value: f64) -> Result<Self, Self::Error> {
        Positive::new(value).map(Self::Fixed)
    }
}

impl fmt::Display for TypicalDistance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Median => "median",
            Self::Kornblith => "kornblith",
        })
    }
}

/// What is written: a number, or a rule.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Text {
    Number(f64),
    Rule(String),
}

impl TryFrom<Text> for Bandwidth {
    type Error = String;
    fn try_from(text: Text) -> Result<Self, String> {
        let text = match text {
            Text::Number(value) => {
                return Self::try_from(value).map_err(|error| format!("bandwidth: {error}"));
            }
            Text::Rule(text) => text,
        };
        let (multiple, of) = text.split_once('*').unwrap_or(("1", &text));
        let multiple = multiple.trim().parse().ok().and_then(|value| Positive::new(value).ok());
        let of = match of.trim() {
            "median" => Some(TypicalDistance::Median),
            "kornblith" => Some(TypicalDistance::Kornblith),
            _ => None,
        };
        match (multiple, of) {
            (Some(multiple), Some(of)) => Ok(Self::Relative { multiple, of }),
            _ => Err(format!(
                "bandwidth `{text}` is neither a number above 0 nor `median`, `kornblith` or a multiple such as \
                 `0.5*median`"
            )),
        }
    }
}

impl From<Bandwidth> for Text {
    fn from(bandwidth: Bandwidth) -> Self {
        match bandwidth {
            Bandwidth::Fixed(value) => Self::Number(value.get()),
            Bandwidth::Relative { multiple, of } if multiple.get() == 1.0 => Self::Rule(of.to_string()),
            Bandwidth::Relative { multiple, of } => Self::Rule(format!("{multiple}*{of}")),
        }
    }
}
