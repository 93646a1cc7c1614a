//! A weighted graph, and the order in which its edges and triangles appear.
//!
//! Everything that appears is an event, and events are counted from 0 in order of their lengths: edges, and triangles with
//! the apex that come later than their edges. Reduction then compares whole numbers only, and ties are broken once.

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
        (key >> self.shift) as u32
    }

    /// The length at which a triangle appears.
    pub(super) fn length(&self, key: u64) -> f64 {
        self.events[self.event(key) as usize].length
    }

    /// The event of a triangle with the apex.
    fn rank_with_apex(triangles: &[u32], n: usize, [a, b, c]: [usize; 3]) -> u32 {
        match [a, b, c] {
            [0, u, v] | [u, 0, v] | [u, v, 0] => triangles[u * n + v],
            _ => WITH_EDGES,
        }
    }

    /// Calls `visit` with every triangle on an edge.
    pub(super) fn for_each_coface(&self, edge: u32, mut visit: impl FnMut(u64)) {
        let (n, event) = (self.vertices, self.events[edge as usize]);
        let (u, v) = (event.u as usize, event.v as usize);
        let (from_u, from_v) = (&self.ranks[u * n..(u + 1) * n], &self.ranks[v * n..(v + 1) * n]);
        for (x, (ux, vx)) in from_u.iter().zip(from_v).enumerate() {
            let last = edge.max(*ux).max(*vx);
            if last == NEVER {
                continue;
            }
            if let Some(triangles) = &self.with_apex
                && (x == 0 || u == 0)
            {
                match Self::rank_with_apex(triangles, n, [x, u, v]) {
                    NEVER => continue,
                    WITH_EDGES => {}
                    late => {
                        visit(self.key(late, 0));
                        continue;
                    }
                }
            }
            let opposite = if last == edge {
                x
            } else if last == *ux {
                v
            } else {
                u
            };
            visit(self.key(last, opposite));
        }
    }

    /// The first triangle in which an edge is the longest one, if there is any.
    pub(super) fn apparent(&self, edge: u32) -> Option<u64> {
        let (n, event) = (self.vertices, self.events[edge as usize]);
        let (u, v) = (event.u as usize, event.v as usize);
        let (from_u, from_v) = (&self.ranks[u * n..(u + 1) * n], &self.ranks[v * n..(v + 1) * n]);
        let first = from_u.iter().zip(from_v).enumerate().find(|(x, (ux, vx))| {
            (**ux).max(**vx) < edge
                && self
                    .with_apex
                    .as_ref()
                    .is_none_or(|triangles| Self::rank_with_apex(triangles, n, [*x, u, v]) == WITH_EDGES)
        });
        first.map(|(x, _)| self.key(edge, x))
    }
}
