//! Subspace match against brute force, the released code, closed forms, its laws, and quadruple precision.

mod accuracy;
mod brute_force;
mod counter_examples;
mod data;
mod double_double;
mod laws;
mod minimal;
mod reference;
mod streaming;
