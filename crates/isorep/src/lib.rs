//! How similar are the learned representations of neural networks, and what is each number worth.

mod catalogue;
mod error;
mod factor;
mod grid;
pub mod linalg;
pub mod measure;
pub mod measures;
mod moments;
mod once;
mod options;
mod overlap;
mod pair;
mod representation;
mod rows;

pub use catalogue::{Entry, MEASURES, find};
pub use error::{Error, Result};
pub use grid::{Cell, Grid, Reading};
pub use linalg::Matrix;
pub use measure::{AnyMeasure, Measure};
pub use measures::*;
pub use moments::Moments;
pub use options::{Fraction, NonNegative};
pub use pair::{CrossTerms, Pair};
pub use representation::{Representation, SelfTerms};
pub use rows::{Owner, Rows, Values};
