//! Measures of the inner products between inputs.

mod cka;
mod hsic;

pub use cka::Cka;
pub use hsic::{Estimator, Hsic};
