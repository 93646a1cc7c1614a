//! How similar are the learned representations of neural networks, and what is each number worth.

mod assignment;
mod catalogue;
mod error;
mod factor;
mod folds;
pub mod linalg;
pub mod measure;
pub mod measures;
mod once;
mod overlap;
mod pair;
pub mod reading;
mod regression;
mod representation;
mod rows;

pub use catalogue::{Entry, MEASURES, find};
pub use error::{Error, Result};
pub use folds::FoldCount;
pub use linalg::Matrix;
pub use measure::{AnyMeasure, Measure};
pub use measures::*;
pub use pair::{CrossTerms, Pair};
pub use regression::{FixedPenalty, Penalty};
pub use representation::{Representation, SelfTerms};
pub use rows::{Owner, Rows, Values};
