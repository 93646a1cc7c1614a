//! Which loops a growing complex has, and for how long: persistent homology of dimension 1 over Z/2.
//!
//! The complex is the flag complex of a weighted graph: an edge is there from its weight on, a triangle from its longest
//! edge on (Vietoris and Rips). One vertex, the apex, may enter triangles later than that; collapsing a whole cloud to a
//! point makes such a vertex, so that a cloud of any size costs as much as one vertex.
//!
//! Ways of Bauer's Ripser (doi:10.1007/s41468-021-00071-5): cohomology, so that a column is an edge with the n triangles
//! on it and is never stored; edges of the spanning tree are cleared; an edge that is the longest of a triangle is paired
//! with the first such triangle without any work. What is left to reduce is the relative neighbourhood graph.

mod filtration;
mod reduction;
#[cfg(test)]
mod tests;

use filtration::Filtration;
pub(crate) use filtration::Graph;

use crate::{Error, Result};
use serde::Serialize;

/// A feature of a growing complex: the length at which it appears and the one at which it goes.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize)]
pub struct Bar {
    /// Where it appears.
    pub birth: f64,
    /// Where it goes; above `birth`.
    pub death: f64,
}

impl Bar {
    /// How long it lasts.
    pub fn length(self) -> f64 {
        self.death - self.birth
    }
}

/// Bytes that the filtration of one complex may take, and its reduction once more.
const LIMIT: usize = 2 << 30;
/// Bytes for every two vertices: weights and ranks of edges and of triangles with the apex (twice 12), a copy of the weights
/// with the caller (16), events and their order (36), and what each is paired with (20).
const BYTES_PER_PAIR: usize = 96;

/// The most vertices whose filtration stays within the limit.
pub(crate) fn most_vertices() -> usize {
    (LIMIT / BYTES_PER_PAIR).isqrt()
}

/// Checks before anything is allocated that the complex of so many vertices stays within the limit.
///
/// # Errors
/// [`Error::TooLarge`].
pub(crate) fn affordable(vertices: usize) -> Result<()> {
    if vertices <= most_vertices() {
        return Ok(());
    }
    Err(too_large(format!("a filtration of {vertices} points")))
}

fn too_large(what: String) -> Error {
    Error::TooLarge { what, limit: LIMIT }
}

/// The loops of a growing complex in the order in which they disappear from its end, bars of length 0 left out.
///
/// # Errors
/// [`Error::TooLarge`] if the reduction takes more memory than its limit.
pub(crate) fn loops(graph: &Graph) -> Result<Vec<Bar>> {
    affordable(graph.vertices())?;
    reduction::reduce(&Filtration::of(graph), LIMIT)
}

/// The sum of the lengths of all bars.
pub(crate) fn total_length(bars: &[Bar]) -> f64 {
    bars.iter().map(|bar| bar.length()).sum()
}
