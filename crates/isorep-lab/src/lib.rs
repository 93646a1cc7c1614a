//! The laboratory: small networks trained in process from seeds on data that ships with the project,
//! pairs of representations whose measures are known in closed form, and experiments on both.
//!
//! Everything is a function of its seeds: the same call gives the same bits on any machine and any number of
//! threads.

pub mod counterexamples;
pub mod digits;
mod error;
pub mod experiments;
pub mod network;
mod neurons;

pub use error::{Error, Result};
pub use neurons::Neurons;
