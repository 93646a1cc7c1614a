//! Readings: numbers with the evidence needed to judge them.
//!
//! A similarity says little by itself. What would it be if the sides had nothing in common ([`Chance`])? How far would it
//! move on other inputs ([`Interval`])? Is it owned by one input, one neuron or one direction ([`Influence`])? What
//! do the raw input, an untrained network, or a second run of the same one give ([`Reference`])? [`warnings`] names what a
//! reader should know before quoting a number, [`verdict`] says in a paragraph what the numbers of several families
//! support together, and [`ladder`] which kind of map leads from one side to the other.

pub mod chance;
pub(crate) mod exact;
mod influence;
mod interval;
pub mod ladder;
mod orders;
pub mod parity;
mod permutations;
mod references;
mod study;
pub mod verdict;
pub mod warnings;

pub use chance::{Chance, Null, Origin};
pub use influence::{Influence, MassiveNeuron, Peeled};
pub use interval::{CONFIDENCE, Interval, Jackknife, Over};
pub use permutations::{Permutations, Scheme};
pub use references::{Reference, ReferenceValue, Role};
pub use study::{Best, Evidence, Findings, Study};
