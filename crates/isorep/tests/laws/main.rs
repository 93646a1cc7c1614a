//! The laws: what every measure promises, held against numbers, for every sampled setting of its options.
//!
//! Listing a measure in the catalogue tests it; there is nothing to add here. Promises are tested both ways: what is
//! promised must hold, and what is not promised must be seen to fail.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../data/mod.rs"]
mod data;

mod chance;
mod computation;
mod context;
mod edges;
mod invariance;
mod labels;
mod outputs;
mod streaming;
mod values;
