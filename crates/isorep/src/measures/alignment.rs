//! Measures of the best map of some kind from one side to the other.

mod best_rotation;
mod linear_regression;
mod nbs;
mod procrustes;

pub use linear_regression::{LinearRegression, Predict};
pub use nbs::Nbs;
pub use procrustes::{Alignment, Form, Procrustes};
