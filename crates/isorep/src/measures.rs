//! The measures: one file each, with its page beside it, in folders by family.

mod canonical;
mod kernel;

pub use canonical::*;
pub use kernel::*;
