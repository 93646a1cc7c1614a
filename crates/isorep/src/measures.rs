//! The measures: one file each, with its page beside it, in folders by family.

mod alignment;
mod kernel;

pub use alignment::*;
pub use kernel::*;
