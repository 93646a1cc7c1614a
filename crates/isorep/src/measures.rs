//! The measures: one file each, with its page beside it, in folders by family.

mod alignment;
mod canonical;
mod functional;
mod kernel;
mod neighbors;
mod rdm;
mod statistics;
pub mod subspace;
mod topology;

pub use alignment::*;
pub use canonical::*;
pub use functional::*;
pub use kernel::*;
pub use neighbors::*;
pub use rdm::*;
pub use statistics::*;
pub use subspace::{MaximumMatch, MeanMatch};
pub use topology::*;
