//! A weighted graph, and the order in which its edges and triangles appear.
//!
//! Everything that appears is an event, and events are counted from 0 in order of their lengths: edges, and triangles with
//! the apex that come later than their edges. Reduction then compares whole numbers only, and ties are broken once.

use crate::linalg::widest;

/// The rank of what never appears.
pub(super) const NEVER: u32 = u32::MAX;
/// The rank of a triangle with the apex that comes with the last of its edges. (Rank 0 is an edge.)
const WITH_EDGES: u32 = 0;

/// A complete graph with weights, and perhaps an apex: vertex 0 if there is one.
#[derive(Debug, Clone)]
pub(crate) struct Graph {
    vertices: usize,
    /// vertices × vertices, symmetric.
    weights: Vec<f64>,
    /// From where on apex, u and v are a triangle; not below any of its edges.
    with_apex: Option<Vec<f64>>,
}

impl Graph {
    /// Weights of all pairs, n × n and symmetric.
    #[cfg(test)]
    pub(crate) fn new(vertices: usize, weights: Vec<f64>) -> Self {
        debug_assert_eq!(weights.len(), vertices * vertices);
        Self { vertices, weights, with_apex: None }
    }

    /// With an apex that every vertex v is connected to from `edges[v]` on; pairs u, v are triangles with it from
    /// `triangles[u * n + v]` on, or from the last edge of the triangle on if that is later.
    pub(crate) fn coned(n: usize, weights: &[f64], edges: &[f64], triangles: &[f64]) -> Self {
        let vertices = n + 1;
        let mut all = vec![0.0; vertices * vertices];
        let mut with_apex = vec![0.0; vertices * vertices];
        for u in 0..n {
            all[u + 1] = edges[u];
            all[(u + 1) * vertices] = edges[u];
            for v in 0..n {
                let at = (u + 1) * vertices + v + 1;
                all[at] = weights[u * n + v];
                with_apex[at] = triangles[u * n + v].max(all[at]).max(edges[u]).max(edges[v]);
            }
        }
        Self { vertices, weights: all, with_apex: Some(with_apex) }
    }

    pub(crate) fn vertices(&self) -> usize {
        self.vertices
    }

    /// From where on no loop is left: some vertex is connected to every other one, and in a triangle with every edge.
    fn end(&self) -> f64 {
        let first = usize::from(self.with_apex.is_some());
        let n = self.vertices;
        let reach = |u: usize| {
            let farthest = |values: &[f64]| values[u * n..(u + 1) * n].iter().copied().fold(0.0, f64::max);
            farthest(&self.weights).max(self.with_apex.as_deref().map_or(0.0, farthest))
        };
        (first..n).map(reach).fold(f64::INFINITY, f64::min)
    }
}

/// What appears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Edge,
    /// Of the apex and these two.
    Triangle,
}

/// What appears, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Event {
    pub(super) length: f64,
    pub(super) what: What,
    pub(super) u: u32,
    pub(super) v: u32,
}

/// The order of events, and the number of every edge in it.
#[derive(Debug)]
pub(super) struct Filtration {
    vertices: usize,
    /// Bits of the number of a vertex.
    shift: u32,
    pub(super) events: Vec<Event>,
    /// vertices × vertices; [`NEVER`] on the diagonal and beyond the end.
    ranks: Vec<u32>,
    /// The same for triangles with the apex.
    with_apex: Option<Vec<u32>>,
}

impl Filtration {
    pub(super) fn of(graph: &Graph) -> Self {
        let n = graph.vertices;
        let end = graph.end();
        let mut events = Vec::new();
        let pairs = |first: usize| (first..n).flat_map(move |v| (first..v).map(move |u| (u, v)));
        for (u, v) in pairs(0) {
            let length = graph.weights[u * n + v];
            if length <= end {
                events.push(Event { length, what: What::Edge, u: u as u32, v: v as u32 });
            }
        }
        if let Some(with_apex) = &graph.with_apex {
            for (u, v) in pairs(1) {
                let length = with_apex[u * n + v];
                let edges = graph.weights[u * n + v].max(graph.weights[u]).max(graph.weights[v]);
                if length <= end && length > edges {
                    events.push(Event { length, what: What::Triangle, u: u as u32, v: v as u32 });
                }
            }
        }
        // A stable sort: ties in the order of vertices, edges first.
        events.sort_by(|a, b| a.length.total_cmp(&b.length));
        let mut ranks = vec![NEVER; n * n];
        let mut triangles = graph.with_apex.as_ref().map(|with_apex| -> Vec<u32> {
            with_apex.iter().map(|length| if *length <= end { WITH_EDGES } else { NEVER }).collect()
        });
        for (rank, event) in events.iter().enumerate() {
            let (u, v) = (event.u as usize, event.v as usize);
            let table = match (event.what, &mut triangles) {
                (What::Triangle, Some(triangles)) => triangles,
                _ => &mut ranks,
            };
            table[u * n + v] = rank as u32;
            table[v * n + u] = rank as u32;
        }
        let shift = usize::BITS - n.leading_zeros();
        Self { vertices: n, shift, events, ranks, with_apex: triangles }
    }

    /// A number for a triangle by which triangles are ordered: its event, then the vertex opposite to the longest edge.
    fn key(&self, event: u32, opposite: usize) -> u64 {
        u64::from(event) << self.shift | opposite as u64
    }

    /// The event with which a triangle appears.
    pub(super) fn event(&self, key: u64) -> u32 {
        (key >> self.shift).min(u64::from(NEVER)) as u32
    }

    /// The length at which a triangle appears.
    pub(super) fn length(&self, key: u64) -> f64 {
        self.events[self.event(key) as usize].length
    }

    /// The triangle with which the loop that an edge closes is gone at the latest: the one of the edge and the apex, if the
    /// edge is the last of its edges.
    pub(super) fn latest_end(&self, edge: u32) -> u64 {
        let (n, event) = (self.vertices, self.events[edge as usize]);
        let (u, v) = (event.u as usize, event.v as usize);
        match &self.with_apex {
            Some(triangles) if u > 0 && self.ranks[u].max(self.ranks[v]) < edge => {
                match triangles[u * n + v] {
                    WITH_EDGES | NEVER => u64::MAX,
                    late => self.key(late, 0),
                }
            }
            _ => u64::MAX,
        }
    }

    /// The first triangle on an edge, in the order of keys, that is not below a given one.
    pub(super) fn first_coface(&self, edge: u32, from: u64) -> Option<u64> {
        let event = self.event(from);
        if event <= edge {
            let opposite = if event < edge { 0 } else { (from & ((1 << self.shift) - 1)) as usize };
            if let Some(key) = self.first_as_longest(edge, opposite) {
                return Some(key);
            }
        }
        // No two triangles on an edge appear with the same event, other than the edge itself.
        let Event { u, v, .. } = self.events[edge as usize];
        let next = self.first_event(edge, event.max(edge + 1));
        let key = |next: Event, rank: u32| match next.what {
            What::Triangle => self.key(rank, 0),
            What::Edge if next.u == u || next.v == u => self.key(rank, v as usize),
            What::Edge => self.key(rank, u as usize),
        };
        let key = (next != NEVER).then(|| key(self.events[next as usize], next))?;
        // The event itself may be that of `from` with a smaller vertex opposite to it.
        if key >= from { Some(key) } else { self.first_coface(edge, self.key(next + 1, 0)) }
    }

    /// The first event, not before a given one that comes after the edge, with which a triangle on the edge appears.
    fn first_event(&self, edge: u32, from: u32) -> u32 {
        let (n, event) = (self.vertices, self.events[edge as usize]);
        let (u, v) = (event.u as usize, event.v as usize);
        let (from_u, from_v) = (&self.ranks[u * n..(u + 1) * n], &self.ranks[v * n..(v + 1) * n]);
        // A triangle that comes late is later than its edges, one that does not has rank 0.
        match &self.with_apex {
            None => first_not_before(from, from_u, from_v, from_v),
            Some(triangles) if u == 0 => {
                first_not_before(from, from_u, from_v, &triangles[v * n..(v + 1) * n])
            }
            Some(triangles) => {
                let with_apex = from_u[0].max(from_v[0]).max(triangles[u * n + v]);
                let others = first_not_before(from, &from_u[1..], &from_v[1..], &from_v[1..]);
                if with_apex < from { others } else { others.min(with_apex) }
            }
        }
    }

    /// The first triangle in which an edge is the longest one, if there is any.
    pub(super) fn apparent(&self, edge: u32) -> Option<u64> {
        self.first_as_longest(edge, 0)
    }

    /// The same among triangles with vertices from `first` on.
    fn first_as_longest(&self, edge: u32, first: usize) -> Option<u64> {
        let (n, event) = (self.vertices, self.events[edge as usize]);
        let (u, v) = (event.u as usize, event.v as usize);
        let (from_u, from_v) = (&self.ranks[u * n..(u + 1) * n], &self.ranks[v * n..(v + 1) * n]);
        let mut before = from_u.iter().zip(from_v).enumerate().skip(first);
        let is_in_time = |x: usize| match (&self.with_apex, [x, u, v]) {
            (Some(triangles), [0, u, v] | [v, 0, u]) => triangles[u * n + v] == WITH_EDGES,
            _ => true,
        };
        let found = before.find(|(x, (ux, vx))| (**ux).max(**vx) < edge && is_in_time(*x));
        found.map(|(x, _)| self.key(edge, x))
    }
}

/// The smallest of the largest of three, place by place, that is not below `from`.
fn first_not_before(from: u32, a: &[u32], b: &[u32], c: &[u32]) -> u32 {
    widest(|| scan(from, a, b, c))
}

#[inline(always)]
fn scan(from: u32, a: &[u32], b: &[u32], c: &[u32]) -> u32 {
    /// Numbers compared at once.
    const LANES: usize = 16;
    let mut lanes = [NEVER; LANES];
    let (a, b, c) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>(), c.as_chunks::<LANES>());
    for ((a, b), c) in a.0.iter().zip(b.0).zip(c.0) {
        for k in 0..LANES {
            let last = a[k].max(b[k]).max(c[k]);
            let later = if last < from { NEVER } else { last };
            lanes[k] = lanes[k].min(later);
        }
    }
    let rest = a.1.iter().zip(b.1).zip(c.1).map(|((a, b), c)| *a.max(b).max(c));
    lanes.into_iter().chain(rest.filter(|last| *last >= from)).fold(NEVER, u32::min)
}
