//! Measures of kernels between inputs: of inner products, or of distances.

mod bandwidth;
mod cka;
mod dcor;
mod hsic;
mod option;
mod residual;

pub use bandwidth::{Bandwidth, TypicalDistance};
pub use cka::{Cka, CosineForm};
pub use dcor::{Dcor, DistanceEstimator};
pub use hsic::{Estimator, Hsic};
pub use option::Kernel;
