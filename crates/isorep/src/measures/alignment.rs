//! Measures of how well the best map of some kind carries one side to the other.

mod ridge_cv;

pub use ridge_cv::{Predict, RidgeCv};
