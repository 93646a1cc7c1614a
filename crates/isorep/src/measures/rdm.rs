//! Measures of the dissimilarities between inputs: one matrix of them a side, and how the two agree.

mod definite;
mod differences;
mod riemann;
mod rsa;
mod rsm_norm;
mod spectral;
mod stress;

pub use differences::PairwiseValue;
pub use riemann::{DefiniteMatrix, Riemann};
pub use rsa::{Comparator, Rdm, Rsa};
pub use rsm_norm::{MatrixNorm, RsmNorm};
pub use stress::{Rescale, Stress};
