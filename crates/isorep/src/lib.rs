//! How similar are the learned representations of neural networks, and what is each number worth.

mod error;
pub mod linalg;
pub mod measures;
mod representation;
mod rows;

pub use error::{Error, Result};
pub use linalg::Matrix;
pub use representation::Representation;
pub use rows::{Owner, Rows, Values};
