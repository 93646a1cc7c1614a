//! How similar are the learned representations of neural networks, and what is each number worth.

mod assignment;
mod catalogue;
mod error;
mod factor;
mod folds;
mod grid;
pub mod linalg;
pub mod measure;
pub mod measures;
mod moments;
mod once;
mod options;
mod overlap;
mod pair;
pub mod reading;
mod regression;
mod representation;
mod rows;

pub use catalogue::{Entry, MEASURES, find};
pub use error::{Error, Result};
pub use folds::FoldCount;
pub use grid::{Cell, Grid, Reading};
pub use linalg::Matrix;
pub use measure::{AnyMeasure, Measure};
pub use measures::*;
pub use moments::Moments;
pub use options::{Fraction, NonNegative};
pub use pair::{CrossTerms, Pair};
pub use regression::{FixedPenalty, Penalty};
pub use representation::{Representation, SelfTerms};
pub use rows::{Owner, Rows, Values};
