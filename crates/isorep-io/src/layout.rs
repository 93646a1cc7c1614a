//! What the axes of an array mean, and how more than two of them become inputs × neurons.

use crate::{Error, Result};
use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

/// What the axes of an array are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Layout {
    /// Taken from the number of axes where that is beyond doubt (one or two), else asked for.
    #[default]
    Auto,
    /// Inputs × neurons.
    Nd,
    /// Inputs × tokens × channels.
    Ntd,
    /// Inputs × channels × height × width (PyTorch, ONNX).
    Nchw,
    /// Inputs × height × width × channels (TensorFlow, JAX).
    Nhwc,
}

impl Layout {
    /// Every layout, in the order of the documentation.
    pub const ALL: [Self; 5] = [Self::Auto, Self::Nd, Self::Ntd, Self::Nchw, Self::Nhwc];

    /// As it is written: `auto`, `nd`, `ntd`, `nchw` or `nhwc`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Nd => "nd",
            Self::Ntd => "ntd",
            Self::Nchw => "nchw",
            Self::Nhwc => "nhwc",
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Layout {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|layout| layout.name() == text).ok_or_else(|| Error::Spelling {
            what: "layout",
            text: text.into(),
            reason: "expected `auto`, `nd`, `ntd`, `nchw` or `nhwc`".into(),
        })
    }
}

/// How the positions of an input (pixels, tokens) become neurons or rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pooling {
    /// Every position of every channel is a neuron. Needs no layout.
    Flatten,
    /// Mean over the positions, summed in f64.
    Mean,
    /// Maximum over the positions.
    Max,
    /// The first position: the class token of many transformers.
    First,
    /// The last position.
    Last,
    /// Every position is a row of its own, image by image. The rows of one input are not independent of each other.
    Positions {
        /// At most this many rows, drawn without replacement; all of them if `None`.
        draw: Option<NonZeroUsize>,
        /// Seed of the draw, which depends on nothing else but the sizes: both sides of a pair get the same positions.
        seed: u64,
    },
}

/// Rows drawn by `positions` unless another number is given.
const DEFAULT_DRAW: NonZeroUsize = NonZeroUsize::new(10_000).expect("not 0");

impl Pooling {
    /// `positions`: at most 10 000 rows, seed 0.
    pub const POSITIONS: Self = Self::Positions { draw: Some(DEFAULT_DRAW), seed: 0 };
}

/// Prints only what differs from the default: `mean`, `positions`, `positions(500)`, `positions(all)`,
/// `positions(seed=3)`.
impl fmt::Display for Pooling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Positions { draw, seed } = *self else {
            return f.write_str(match self {
                Self::Flatten => "flatten",
                Self::Mean => "mean",
                Self::Max => "max",
                Self::First => "first",
                Self::Last => "last",
                Self::Positions { .. } => unreachable!("handled above"),
            });
        };
        let draw = match draw {
            Some(DEFAULT_DRAW) => None,
            Some(draw) => Some(draw.to_string()),
            None => Some("all".into()),
        };
        let seed = (seed != 0).then(|| format!("seed={seed}"));
        let options: Vec<_> = draw.into_iter().chain(seed).collect();
        if options.is_empty() {
            f.write_str("positions")
        } else {
            write!(f, "positions({})", options.join(", "))
        }
    }
}

impl FromStr for Pooling {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let wrong =
            |reason: &str| Error::Spelling { what: "pooling", text: text.into(), reason: reason.into() };
        for pooling in [Self::Flatten, Self::Mean, Self::Max, Self::First, Self::Last, Self::POSITIONS] {
            if pooling.to_string() == text {
                return Ok(pooling);
            }
        }
        let options = text.strip_prefix("positions(").and_then(|rest| rest.strip_suffix(')')).ok_or_else(|| {
            wrong("expected `flatten`, `mean`, `max`, `first`, `last`, `positions` or `positions(1000, seed=1)`")
        })?;
        let (mut draw, mut seed) = (None, None);
        for option in options.split(',').map(str::trim) {
            let repeated = if let Some(value) = option.strip_prefix("seed=") {
                seed.replace(value.parse().map_err(|_| wrong("the seed must be a whole number"))?).is_some()
            } else if option == "all" {
                draw.replace(None).is_some()
            } else {
                let count =
                    option.parse().map_err(|_| wrong("expected a number of rows above 0, or `all`"))?;
                draw.replace(Some(count)).is_some()
            };
            if repeated {
                return Err(wrong("an option stands there twice"));
            }
        }
        Ok(Self::Positions { draw: draw.unwrap_or(Some(DEFAULT_DRAW)), seed: seed.unwrap_or(0) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_identities() {
        let draw = |count| NonZeroUsize::new(count);
        let all = [
            Pooling::Flatten,
            Pooling::Mean,
            Pooling::Max,
            Pooling::First,
            Pooling::Last,
            Pooling::POSITIONS,
            Pooling::Positions { draw: None, seed: 0 },
            Pooling::Positions { draw: draw(7), seed: 0 },
            Pooling::Positions { draw: draw(10_000), seed: 7 },
            Pooling::Positions { draw: None, seed: u64::MAX },
        ];
        for pooling in all {
            assert_eq!(pooling.to_string().parse::<Pooling>().unwrap(), pooling);
        }
        for layout in Layout::ALL {
            assert_eq!(layout.to_string().parse::<Layout>().unwrap(), layout);
        }
    }

    #[test]
    fn misspellings_are_refused() {
        for text in [
            "",
            "avg",
            "positions()",
            "positions(0)",
            "positions(-1)",
            "positions(5",
            "positions(5,6)",
            "positions(seed=x)",
        ] {
            assert!(matches!(text.parse::<Pooling>(), Err(Error::Spelling { .. })), "{text}");
        }
        assert!("NCHW".parse::<Layout>().is_err());
    }
}
