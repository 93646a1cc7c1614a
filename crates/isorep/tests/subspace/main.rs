//! Subspace match against brute force, the released code, closed forms, its laws, and quadruple precision.

#![allow(clippy::unwrap_used)] // the helpers of tests fail as tests do

mod accuracy;
mod brute_force;
mod counter_examples;
mod data;
mod double_double;
mod laws;
mod minimal;
#[path = "../recorded/mod.rs"]
mod recorded;
mod reference;
mod streaming;
