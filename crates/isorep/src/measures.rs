//! The measures: one file each, with its page beside it, in folders by family.

mod kernel;
pub mod subspace;

pub use kernel::*;
pub use subspace::{MaximumMatch, MeanMatch};
