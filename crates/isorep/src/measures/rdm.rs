//! Measures of the dissimilarities between inputs: one matrix of them a side (RDM), and how the two agree.

mod definite;
mod rsa;

pub use rsa::{Comparator, Rdm, Rsa};
