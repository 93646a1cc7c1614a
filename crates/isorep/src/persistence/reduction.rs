//! Reduction of the coboundary matrix, one column at a time from the last edge to the first.
//!
//! A column is a sum of coboundaries of edges. It is kept as the list of those edges, and each of them shows only the first
//! of its triangles that has not been dealt with: the next one is found by a scan of two rows of ranks when it is needed.

use super::filtration::{Filtration, What};
use super::{Bar, too_large};
use crate::Result;
use crate::spanning::Components;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

/// Triangles are numbered in order: one multiplication spreads them.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }
    fn write_u64(&mut self, key: u64) {
        self.0 = (self.0 ^ key).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(26);
    }
}

/// Where an edge stands with the column that is being reduced.
#[derive(Debug, Clone, Copy, Default)]
struct State {
    /// Whether its coboundary is part of the sum (modulo 2).
    is_part: bool,
    /// Whether it shows a triangle.
    is_shown: bool,
}

/// The column that is being reduced.
struct Column<'a> {
    filtration: &'a Filtration,
    /// Triangles beyond this one are of no account.
    limit: u64,
    /// The next triangle of every edge that is part of the sum, first of all on top.
    shown: BinaryHeap<Reverse<(u64, u32)>>,
    states: Vec<State>,
    /// Edges that are or were part of the sum.
    touched: Vec<u32>,
}

impl Column<'_> {
    /// Adds the coboundary of an edge, as far as it is not below a triangle up to which everything has cancelled.
    fn add(&mut self, edge: u32, from: u64) {
        let state = &mut self.states[edge as usize];
        state.is_part = !state.is_part;
        self.touched.push(edge);
        if state.is_part && !state.is_shown {
            self.show(edge, from);
        }
    }

    fn show(&mut self, edge: u32, from: u64) {
        let next = self.filtration.first_coface(edge, from).filter(|key| *key <= self.limit);
        self.states[edge as usize].is_shown = next.is_some();
        if let Some(key) = next {
            self.shown.push(Reverse((key, edge)));
        }
    }

    /// The first triangle that does not cancel.
    fn pivot(&mut self) -> Option<u64> {
        loop {
            let Reverse((first, _)) = *self.shown.peek()?;
            // A triangle has three edges.
            let mut edges = [0; 3];
            let mut count = 0;
            while let Some(Reverse((key, edge))) = self.shown.peek().copied()
                && key == first
            {
                self.shown.pop();
                if self.states[edge as usize].is_part {
                    edges[count] = edge;
                    count += 1;
                } else {
                    self.states[edge as usize].is_shown = false;
                }
            }
            if count % 2 == 1 {
                edges[..count].iter().for_each(|edge| self.shown.push(Reverse((first, *edge))));
                return Some(first);
            }
            edges[..count].iter().for_each(|edge| self.show(*edge, first + 1));
        }
    }

    /// Empties the column and gives the edges whose coboundaries it was the sum of.
    fn take(&mut self) -> Box<[u32]> {
        self.shown.clear();
        self.touched.sort_unstable();
        self.touched.dedup();
        let parts = self.touched.iter().copied().filter(|edge| self.states[*edge as usize].is_part).collect();
        for edge in self.touched.drain(..) {
            self.states[edge as usize] = State::default();
        }
        parts
    }
}

/// The bars of dimension 1, longer than 0, in descending order of births.
pub(super) fn reduce(filtration: &Filtration, memory: usize) -> Result<Vec<Bar>> {
    let events = &filtration.events;
    let is_edge = |event: u32| events[event as usize].what == What::Edge;
    let all = 0..events.len() as u32;
    let apparent: Vec<Option<u64>> =
        all.clone().map(|event| is_edge(event).then(|| filtration.apparent(event)).flatten()).collect();
    // An edge that connects makes no loop.
    let vertices = events.iter().map(|event| event.v as usize + 1).max().unwrap_or(0);
    let mut components = Components::new(vertices);
    let makes_loop: Vec<bool> = all
        .clone()
        .map(|event| (event, events[event as usize]))
        .map(|(event, e)| is_edge(event) && !components.join(e.u as usize, e.v as usize))
        .collect();

    let states = vec![State::default(); events.len()];
    let mut column =
        Column { filtration, limit: u64::MAX, shown: BinaryHeap::new(), states, touched: Vec::new() };
    let mut columns: Vec<Box<[u32]>> = Vec::new();
    let mut stored = 0;
    let mut pairs: HashMap<u64, usize, BuildHasherDefault<Spread>> = HashMap::default();
    let mut bars = Vec::new();
    for edge in all.rev().filter(|e| makes_loop[*e as usize] && apparent[*e as usize].is_none()) {
        column.limit = filtration.latest_end(edge);
        column.add(edge, 0);
        while let Some(pivot) = column.pivot() {
            let longest = filtration.event(pivot);
            if apparent[longest as usize] == Some(pivot) {
                column.add(longest, pivot);
            } else if let Some(owner) = pairs.get(&pivot) {
                columns[*owner].iter().for_each(|part| column.add(*part, pivot));
            } else {
                let bar = Bar { birth: events[edge as usize].length, death: filtration.length(pivot) };
                if bar.death > bar.birth {
                    bars.push(bar);
                }
                pairs.insert(pivot, columns.len());
                break;
            }
            if 4 * (stored + column.touched.len()) > memory {
                return Err(too_large("the reduction of this filtration".into()));
            }
        }
        let parts = column.take();
        stored += parts.len();
        columns.push(parts);
    }
    Ok(bars)
}
