//! Reduction of the coboundary matrix, one column at a time from the last edge to the first.
//!
//! A column is kept as the list of edges whose coboundaries add up to it, and those are enumerated again when it is needed.

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

/// Triangles modulo 2, the first of them on top.
#[derive(Default)]
struct Column(BinaryHeap<Reverse<u64>>);

impl Column {
    fn add(&mut self, filtration: &Filtration, edge: u32) {
        filtration.for_each_coface(edge, |key| self.0.push(Reverse(key)));
    }

    /// The first triangle that does not cancel.
    fn pivot(&mut self) -> Option<u64> {
        while let Some(Reverse(first)) = self.0.pop() {
            if self.0.peek() != Some(&Reverse(first)) {
                self.0.push(Reverse(first));
                return Some(first);
            }
            self.0.pop();
        }
        None
    }
}

/// The bars of dimension 1, longer than 0, in descending order of births.
pub(super) fn reduce(filtration: &Filtration, limit: usize) -> Result<Vec<Bar>> {
    let events = &filtration.events;
    let edges = || (0..events.len() as u32).filter(|e| events[*e as usize].what == What::Edge);
    let apparent: Vec<Option<u64>> = (0..events.len() as u32)
        .map(|e| (events[e as usize].what == What::Edge).then(|| filtration.apparent(e)).flatten())
        .collect();
    // An edge that connects makes no loop.
    let vertices = events.iter().map(|event| event.v as usize + 1).max().unwrap_or(0);
    let mut components = Components::new(vertices);
    let connecting: Vec<bool> = events
        .iter()
        .map(|event| event.what == What::Edge && components.join(event.u as usize, event.v as usize))
        .collect();

    let mut columns: Vec<Box<[u32]>> = Vec::new();
    let mut stored = 0;
    let mut pairs: HashMap<u64, usize, BuildHasherDefault<Spread>> = HashMap::default();
    let mut bars = Vec::new();
    let left = edges().rev().filter(|e| apparent[*e as usize].is_none() && !connecting[*e as usize]);
    let mut column = Column::default();
    for edge in left {
        let mut sum = vec![edge];
        column.0.clear();
        column.add(filtration, edge);
        while let Some(pivot) = column.pivot() {
            let longest = filtration.event(pivot);
            if apparent[longest as usize] == Some(pivot) {
                sum.push(longest);
                column.add(filtration, longest);
            } else if let Some(owner) = pairs.get(&pivot) {
                sum.extend(&columns[*owner]);
                columns[*owner].iter().for_each(|e| column.add(filtration, *e));
            } else {
                let bar = Bar { birth: events[edge as usize].length, death: filtration.length(pivot) };
                if bar.death > bar.birth {
                    bars.push(bar);
                }
                pairs.insert(pivot, columns.len());
                break;
            }
            if 8 * column.0.len() + 4 * (stored + sum.len()) > limit {
                return Err(too_large("the reduction of this filtration".into()));
            }
        }
        let sum = without_pairs(sum);
        stored += sum.len();
        columns.push(sum);
    }
    Ok(bars)
}

/// What stands in a list an odd number of times.
fn without_pairs(mut list: Vec<u32>) -> Box<[u32]> {
    list.sort_unstable();
    let mut kept: Vec<u32> = Vec::new();
    for item in list {
        if kept.last() == Some(&item) {
            kept.pop();
        } else {
            kept.push(item);
        }
    }
    kept.into()
}
