//! Minimum spanning trees of complete graphs whose n × n weights are never kept.
//!
//! Prim's algorithm would ask for one row of weights at a time, and a row is a product of a matrix with a vector: as
//! slow as memory. Here (Borůvka) every vertex notes its few lightest edges to other components in one pass over tiles,
//! which are products of matrices, and components merge for as long as those notes prove which edge is their lightest.
//! Later passes leave the largest component out, since all others find their way to it. The state is a few numbers a vertex.

use crate::linalg::{Real, TILE, row_blocks};
use std::ops::Range;

/// Columns of a tile: many, since each product packs its operands anew.
const WIDTH: usize = 1024;
/// Edges that a vertex notes in one pass.
const NOTED: usize = 8;
/// A vertex by itself costs up to so many times as much as one of a block of rows.
const SPARED: usize = 16;

/// Which vertices are connected (a forest of parents, with paths halved on the way).
#[derive(Debug, Clone)]
pub(crate) struct Components {
    parent: Vec<usize>,
    count: usize,
}

impl Components {
    /// Every vertex by itself.
    pub(crate) fn new(n: usize) -> Self {
        Self { parent: (0..n).collect(), count: n }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// The vertex that stands for the component of v.
    pub(crate) fn of(&mut self, mut v: usize) -> usize {
        while self.parent[v] != v {
            self.parent[v] = self.parent[self.parent[v]];
            v = self.parent[v];
        }
        v
    }

    /// Connects u and v; false if they were.
    pub(crate) fn join(&mut self, u: usize, v: usize) -> bool {
        let (u, v) = (self.of(u), self.of(v));
        self.parent[u.max(v)] = u.min(v);
        self.count -= usize::from(u != v);
        u != v
    }
}

/// The lightest edges from one vertex to other components, lightest first.
#[derive(Debug, Clone)]
struct Noted<T> {
    edges: [(T, u32); NOTED],
    count: usize,
    /// Whether this vertex was looked at.
    seen: bool,
}

impl<T: Real> Noted<T> {
    fn new(seen: bool) -> Self {
        Self { edges: [(T::default(), 0); NOTED], count: 0, seen }
    }

    /// What a weight must be less than to be noted: all edges below it are.
    fn limit(&self) -> f64 {
        if !self.seen {
            f64::NEG_INFINITY
        } else if self.count < NOTED {
            f64::INFINITY
        } else {
            self.edges[NOTED - 1].0.wide()
        }
    }

    fn note(&mut self, weight: T, end: usize) {
        let mut at = self.count.min(NOTED - 1);
        self.count = (self.count + 1).min(NOTED);
        while at > 0 && weight < self.edges[at - 1].0 {
            self.edges[at] = self.edges[at - 1];
            at -= 1;
        }
        self.edges[at] = (weight, end as u32);
    }
}

/// The n − 1 edges of a minimum spanning tree. `weigh` writes the weights between some vertices and others, row after row;
/// they must not be negative.
pub(crate) fn spanning_tree<T: Real>(
    n: usize,
    weigh: impl Fn(Range<usize>, Range<usize>, &mut [T]) + Sync,
) -> Vec<(usize, usize)> {
    let mut components = Components::new(n);
    let mut tree = Vec::with_capacity(n.saturating_sub(1));
    while components.count() > 1 {
        let of: Vec<usize> = (0..n).map(|v| components.of(v)).collect();
        let noted = note(&of, &weigh);
        while merge_proven(&noted, &mut components, &mut tree) {}
    }
    tree
}

/// What all vertices note, or all but those of the largest component if that spares much.
fn note<T: Real>(
    component: &[usize],
    weigh: &(impl Fn(Range<usize>, Range<usize>, &mut [T]) + Sync),
) -> Vec<Noted<T>> {
    let n = component.len();
    let mut sizes = vec![0; n];
    for of in component {
        sizes[*of] += 1;
    }
    let largest = (0..n).max_by_key(|of| sizes[*of]).unwrap_or(0);
    if (n - sizes[largest]) * SPARED > n {
        return row_blocks(n, TILE, |rows| note_rows(rows, component, weigh)).concat();
    }
    let others: Vec<usize> = (0..n).filter(|v| component[*v] != largest).collect();
    let found = row_blocks(others.len(), 1, |at| {
        let v = others[at.start];
        note_rows(v..v + 1, component, weigh)
    });
    let mut noted = vec![Noted::new(false); n];
    for (v, found) in others.iter().zip(found.into_iter().flatten()) {
        noted[*v] = found;
    }
    noted
}

/// What the vertices of one block of rows note.
fn note_rows<T: Real>(
    rows: Range<usize>,
    component: &[usize],
    weigh: &impl Fn(Range<usize>, Range<usize>, &mut [T]),
) -> Vec<Noted<T>> {
    let n = component.len();
    let mut noted = vec![Noted::new(true); rows.len()];
    let mut tile = vec![T::default(); rows.len() * WIDTH.min(n)];
    for start in (0..n).step_by(WIDTH) {
        let columns = start..(start + WIDTH).min(n);
        weigh(rows.clone(), columns.clone(), &mut tile);
        for ((i, noted), line) in rows.clone().zip(&mut noted).zip(tile.chunks(columns.len())) {
            let mut limit = noted.limit();
            for (j, weight) in columns.clone().zip(line) {
                if weight.wide() < limit && component[i] != component[j] {
                    noted.note(*weight, j);
                    limit = noted.limit();
                }
            }
        }
    }
    noted
}

/// Merges every component along its lightest edge where the notes prove which one that is; false if nowhere.
fn merge_proven<T: Real>(
    noted: &[Noted<T>],
    components: &mut Components,
    tree: &mut Vec<(usize, usize)>,
) -> bool {
    let n = noted.len();
    // For every component: its lightest noted edge, and the weight up to which there is no edge that was not noted.
    let mut lightest: Vec<Option<(f64, usize, usize)>> = vec![None; n];
    let mut complete = vec![f64::INFINITY; n];
    for (i, noted) in noted.iter().enumerate() {
        let own = components.of(i);
        let leaving = noted.edges[..noted.count].iter().find(|(_, j)| components.of(*j as usize) != own);
        match leaving {
            Some((weight, j)) => {
                let edge = (weight.wide(), i, *j as usize);
                if lightest[own].is_none_or(|known| edge.0 < known.0) {
                    lightest[own] = Some(edge);
                }
            }
            None => complete[own] = complete[own].min(noted.limit()),
        }
    }
    let mut merged = false;
    for (edge, complete) in lightest.into_iter().zip(complete) {
        if let Some((weight, i, j)) = edge
            && weight <= complete
            && components.join(i, j)
        {
            tree.push((i, j));
            merged = true;
        }
    }
    merged
}

/// Of the given edges those of a minimum spanning tree, lightest first, each with its weight (Kruskal); equal weights in
/// the order given.
pub(crate) fn lightest_forest(n: usize, mut edges: Vec<(f64, usize, usize)>) -> Vec<(f64, usize, usize)> {
    let mut components = Components::new(n);
    edges.sort_by(|a, b| a.0.total_cmp(&b.0));
    edges.retain(|(_, i, j)| components.join(*i, *j));
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(i: usize, j: usize) -> f64 {
        let (i, j) = (i.min(j) as u64, i.max(j) as u64);
        (i.wrapping_mul(2_654_435_761).wrapping_add(j.wrapping_mul(40_503)) % 10_007) as f64
    }

    fn all(n: usize, weight: impl Fn(usize, usize) -> f64) -> Vec<(f64, usize, usize)> {
        (0..n).flat_map(|j| (0..j).map(move |i| (i, j))).map(|(i, j)| (weight(i, j), i, j)).collect()
    }

    fn total(n: usize, weight: impl Fn(usize, usize) -> f64 + Sync) -> (f64, f64, usize) {
        let tree = spanning_tree::<f64>(n, |rows, columns, out| {
            let pairs = rows.flat_map(|i| columns.clone().map(move |j| (i, j)));
            out.iter_mut().zip(pairs).for_each(|(out, (i, j))| *out = weight(i, j));
        });
        let ours = tree.iter().map(|(i, j)| weight(*i, *j)).sum();
        (ours, lightest_forest(n, all(n, &weight)).iter().map(|edge| edge.0).sum(), tree.len())
    }

    #[test]
    fn as_light_as_kruskals() {
        for n in [1, 2, 3, 17, 300, 700] {
            let (ours, expected, edges) = total(n, weight);
            assert_eq!((ours, edges), (expected, n - 1), "{n}");
        }
    }

    /// A path, where notes run out as components grow; and nothing but ties.
    #[test]
    fn paths_and_ties() {
        let path = |i: usize, j: usize| i.abs_diff(j) as f64;
        assert_eq!(total(600, path), (599.0, 599.0, 599));
        assert_eq!(total(600, |_, _| 2.0), (1198.0, 1198.0, 599));
    }
}
