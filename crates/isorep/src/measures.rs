//! The measures, one module for each family.

pub mod subspace;
