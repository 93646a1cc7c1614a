//! How similar are the learned representations of neural networks, and what is each number worth.
//!
//! The library has three nouns and a verb: a [`Measure`] *compares* a [`Pair`] of [`Representation`]s. It reads no files
//! and prints nothing; the command `isorep` does both.
//!
//! # A representation
//!
//! One named matrix of activations, n inputs (rows) × d neurons (columns), in f16, bf16, f32 or f64; see [`Rows`] for
//! data in a memory map. What is computed from it is kept with it and shared by its clones.
//!
//! The example that runs through this page is two layers of two neurons, `o ± 3w` and `o ± 3v`. The mean of the two
//! neurons is `o` in both, so both networks can read out the same function.
//!
//! ```
//! # use isorep::{Representation, Result};
//! fn layer(name: &str, private: usize) -> Result<Representation> {
//!     let n = 100;
//!     let wave = |k: usize, i: usize| (std::f64::consts::TAU * (k * i) as f64 / n as f64).cos();
//!     let neurons = |i| [wave(1, i) + 3.0 * wave(private, i), wave(1, i) - 3.0 * wave(private, i)];
//!     Representation::from_f64(name, n, 2, (0..n).flat_map(neurons).collect())
//! }
//! let (x, y) = (layer("x", 2)?, layer("y", 3)?);
//! assert_eq!((x.n(), x.d()), (100, 2));
//! # Ok::<(), isorep::Error>(())
//! ```
//!
//! # A pair, and a measure
//!
//! Row i of both sides of a pair is the same input. A measure is a value whose public fields are its options. Its
//! [`properties`](Measure::properties) say what it promises with these options: range, symmetry, and what may be done to
//! each side without changing the value.
//!
//! ```
//! # use isorep::{Representation, Result};
//! # fn layer(name: &str, private: usize) -> Result<Representation> {
//! #     let n = 100;
//! #     let wave = |k: usize, i: usize| (std::f64::consts::TAU * (k * i) as f64 / n as f64).cos();
//! #     let neurons = |i| [wave(1, i) + 3.0 * wave(private, i), wave(1, i) - 3.0 * wave(private, i)];
//! #     Representation::from_f64(name, n, 2, (0..n).flat_map(neurons).collect())
//! # }
//! use isorep::{Cka, Estimator, MaximumMatch, Measure, Pair};
//!
//! let pair = Pair::new(&layer("x", 2)?, &layer("y", 3)?)?;
//! assert_eq!(MaximumMatch::default().compare(&pair)?, 0.0);
//! let biased = Cka { estimator: Estimator::Gretton, ..Cka::default() };
//! assert!((biased.compare(&pair)? - 4.0 / 328.0).abs() < 1e-9);
//! // Some measures know more than one number: here the smallest ε at which each neuron is matched.
//! let path = MaximumMatch::default().path(&pair)?;
//! assert!((path.critical_x()[0] - 0.9_f64.sqrt()).abs() < 1e-9);
//! # Ok::<(), isorep::Error>(())
//! ```
//!
//! What is undefined is an [`Error`] with its reason and never NaN; what is 1 for any data is [`Error::Saturated`].
//!
//! # The catalogue, and a grid
//!
//! [`MEASURES`] lists every measure. An [`AnyMeasure`] prints as a label, `cka(estimator=gretton)`, and is read from it.
//! A [`Grid`] compares many layers under many measures on all threads; the numbers do not depend on how many there are.
//!
//! ```
//! # use isorep::{Representation, Result};
//! # fn layer(name: &str, private: usize) -> Result<Representation> {
//! #     let n = 100;
//! #     let wave = |k: usize, i: usize| (std::f64::consts::TAU * (k * i) as f64 / n as f64).cos();
//! #     let neurons = |i| [wave(1, i) + 3.0 * wave(private, i), wave(1, i) - 3.0 * wave(private, i)];
//! #     Representation::from_f64(name, n, 2, (0..n).flat_map(neurons).collect())
//! # }
//! use isorep::{AnyMeasure, Grid, MEASURES};
//! use std::ops::ControlFlow;
//!
//! let measures: Vec<AnyMeasure> = MEASURES.iter().map(|entry| entry.default_measure()).collect();
//! let layers = vec![layer("first", 2)?, layer("second", 3)?];
//! let cells = Grid::new(layers.clone(), layers, measures).run(|_| ControlFlow::Continue(()));
//! assert_eq!(cells.len(), 4);
//! assert_eq!(cells[1].readings.len(), MEASURES.len());
//! # Ok::<(), isorep::Error>(())
//! ```
//!
//! # Moments
//!
//! [`Moments`] are what can be kept of a pair without its activations. They are filled in pieces, merge in any order with
//! the same bits, and make a [`Pair`] for every measure whose [`needs`](measure::Properties::needs) do not include rows.
//!
//! ```
//! # use isorep::{Representation, Result};
//! # fn layer(name: &str, private: usize) -> Result<Representation> {
//! #     let n = 100;
//! #     let wave = |k: usize, i: usize| (std::f64::consts::TAU * (k * i) as f64 / n as f64).cos();
//! #     let neurons = |i| [wave(1, i) + 3.0 * wave(private, i), wave(1, i) - 3.0 * wave(private, i)];
//! #     Representation::from_f64(name, n, 2, (0..n).flat_map(neurons).collect())
//! # }
//! use isorep::{MaximumMatch, Measure, Moments};
//!
//! let (x, y) = (layer("x", 2)?, layer("y", 3)?);
//! let mut moments = Moments::new("x", 2, "y", 2).with_factor(); // subspace match needs the triangular factor
//! for leaf in 0..4 {
//!     let inputs: Vec<usize> = (25 * leaf..25 * (leaf + 1)).collect();
//!     moments.update(leaf as u64, x.select(&inputs)?.rows()?, y.select(&inputs)?.rows()?)?;
//! }
//! assert_eq!(MaximumMatch::default().compare(&moments.pair()?)?, 0.0);
//! # Ok::<(), isorep::Error>(())
//! ```
//!
//! # The ladder
//!
//! A zero alone does not tell how two layers differ. The [`ladder`](reading::ladder) fits maps from strict to loose,
//! reports what each explains of inputs that were held out, and counts the dimensions that both spans share exactly.
//!
//! ```
//! # use isorep::{Representation, Result};
//! # fn layer(name: &str, private: usize) -> Result<Representation> {
//! #     let n = 100;
//! #     let wave = |k: usize, i: usize| (std::f64::consts::TAU * (k * i) as f64 / n as f64).cos();
//! #     let neurons = |i| [wave(1, i) + 3.0 * wave(private, i), wave(1, i) - 3.0 * wave(private, i)];
//! #     Representation::from_f64(name, n, 2, (0..n).flat_map(neurons).collect())
//! # }
//! use isorep::Pair;
//! use isorep::reading::ladder::{Ladder, Map};
//!
//! let reading = Ladder::default().climb(&Pair::new(&layer("x", 2)?, &layer("y", 3)?)?)?;
//! // Two and two dimensions, three together: one is shared, o.
//! assert_eq!((reading.ranks.rank_x, reading.ranks.rank_y, reading.ranks.rank_joint), (2, 2, 3));
//! // It is a tenth of the variance, and that is what a linear map can carry over.
//! assert!(reading.rung(Map::Linear).forward.as_ref().is_ok_and(|held| held.explained < 0.12));
//! # Ok::<(), isorep::Error>(())
//! ```

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
mod readme {}

mod assignment;
mod axes;
mod catalogue;
mod context;
mod error;
mod factor;
mod folds;
mod grid;
pub mod linalg;
pub mod measure;
pub mod measures;
mod moments;
mod neighbors;
mod once;
mod options;
mod overlap;
mod pair;
mod partial_least_squares;
mod persistence;
mod profile;
mod ranking;
pub mod reading;
mod regression;
mod representation;
mod rows;
mod spanning;
mod transport;

pub use catalogue::{Entry, MEASURES, find};
pub use context::{Context, Labels};
pub use error::{Error, Result};
pub use folds::FoldCount;
pub use grid::{Cell, Grid, Reading};
pub use linalg::Matrix;
pub use measure::{AnyMeasure, Measure};
pub use measures::*;
pub use moments::Moments;
pub use neighbors::Metric;
pub use options::{Fraction, NonNegative, Positive, Share};
pub use pair::{CrossTerms, Pair};
pub use persistence::Bar;
pub use regression::{FixedPenalty, Penalty};
pub use representation::{Representation, SelfTerms};
pub use rows::{Owner, Rows, Values};
