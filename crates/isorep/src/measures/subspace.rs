//! Subspace match: which neurons of one network span which neurons of the other, up to a relative error ε.
//!
//! For sets X, Y of neurons (vectors over the inputs) and 0 ≤ ε < 1, (S, T) with S ⊆ X, T ⊆ Y is an ε-match if
//! dist(x, span T) ≤ ε‖x‖ for every x ∈ S and dist(y, span S) ≤ ε‖y‖ for every y ∈ T. Unions of ε-matches are
//! ε-matches, so there is one *maximum match* M(ε); a *simple match* is a non-empty one that is not the union
//! of strictly smaller ones (Wang et al. 2018).
//!
//! [`Neurons`] brings both sides into common coordinates, [`Path`] finds M(ε) for every ε at once, and
//! [`minimal_match`] and [`simple_matches`] take one maximum match apart.

mod basis;
mod epsilon;
mod maximum_match;
mod mean_match;
mod minimal;
mod neurons;
mod path;
mod peeling;
mod ranks;

pub use epsilon::Epsilon;
pub use maximum_match::MaximumMatch;
pub use mean_match::MeanMatch;
pub use minimal::{minimal_match, simple_matches};
pub use neurons::Neurons;
pub use path::{Match, Path, Step, ZeroNeurons};
pub use ranks::Ranks;

/// One neuron of a pair of representations, counted from 0 on its side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Neuron {
    /// Of the first representation.
    X(usize),
    /// Of the second representation.
    Y(usize),
}

/// A residual may exceed ε by this much and still count as at most ε: residuals are rounded numbers, and a
/// neuron that lies in a span exactly has a computed residual of about 1e-16.
pub const TIE_TOLERANCE: f64 = 1e-12;

/// A unit vector nearer than this to the span of others is taken to lie in it.
const DEPENDENCE_TOLERANCE: f64 = 1e-12;
