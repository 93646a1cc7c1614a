//! The inputs without repetitions, for statistics that take logarithms of distances to neighbours.

use crate::neighbors::Metric;
use crate::{Representation, Result};

/// Every input once; `None` if no two are equal. A neighbour at no distance has no logarithm.
pub(super) fn distinct(x: &Representation) -> Result<Option<Representation>> {
    let lists = x.neighbors(Metric::Euclidean, 1)?;
    // Of equal inputs the first is nearest to all others.
    let repeats = |i: &usize| lists.distances(*i, 1) == [0.0] && (lists.of(*i, 1)[0] as usize) < *i;
    let first: Vec<usize> = (0..x.n()).filter(|i| !repeats(i)).collect();
    if first.len() == x.n() { Ok(None) } else { x.select(&first).map(Some) }
}
