//! The span of some neurons of one side, from which neurons can be taken away one by one, and the squared
//! distances of the neurons of the other side (the targets) from it.
//!
//! Independent neurons, the *basis*, are kept as a triangular matrix R in coordinates of their span; dependent
//! ones wait in *reserve* and, like the targets, are kept as their coordinates in the span. Taking a basis
//! neuron away leaves R with one entry too many in each later column; a sweep of Givens rotations moves them
//! all into the last row. If a neuron in reserve has a component along that last direction, it steps in and
//! the span is the same as before. Otherwise the direction is lost, and the squares of the last row are added
//! to the squared residuals of the targets: sums of non-negative numbers, in which nothing can cancel.
//!
//! A deletion at position j of k costs k − j rotations, so the basis should be ordered with the neurons that
//! are expected to leave early last. One row of storage holds one coordinate of everything, so a rotation
//! combines two contiguous slices.

use super::DEPENDENCE_TOLERANCE;
use crate::linalg::qr::Coordinates;
use pulp::Arch;

/// One neuron and where in each row its coordinate stands.
#[derive(Debug, Clone, Copy)]
struct Entry {
    neuron: usize,
    slot: usize,
}

/// A neuron of the other side: its coordinates within the span and its squared distance from it.
#[derive(Debug, Clone, Copy)]
struct Target {
    entry: Entry,
    residual: f64,
}

/// See the module's text.
#[derive(Debug)]
pub(super) struct Basis {
    /// Coordinate i of everything is `values[i * stride..][..stride]`: basis, reserve, targets.
    values: Vec<f64>,
    stride: usize,
    /// In the order of their triangle: the neuron at position i has no coordinates after the i-th.
    independent: Vec<Entry>,
    reserve: Vec<Entry>,
    targets: Vec<Target>,
    /// Slots from here on have coordinates in every row, or once had.
    full_from: usize,
    /// One row, while rows are repacked.
    scratch: Vec<f64>,
}

impl Basis {
    /// Column j of `coordinates.basis` is the neuron `basis[coordinates.order[j]]`; the columns of
    /// `coordinates.others` are the targets, given by number and squared residual.
    pub(super) fn new(coordinates: &Coordinates, basis: &[usize], targets: &[(usize, f64)]) -> Self {
        let Coordinates { rank, order, basis: triangle, others } = coordinates;
        let (k, rank) = (basis.len(), *rank);
        let stride = k + targets.len();
        let mut values = vec![0.0; rank * stride];
        for slot in 0..stride {
            let column = if slot < k { triangle.column(slot) } else { others.column(slot - k) };
            for (row, value) in column[..rank.min(column.len())].iter().enumerate() {
                values[row * stride + slot] = *value;
            }
        }
        let entry = |slot| Entry { neuron: basis[order[slot]], slot };
        let target = |(slot, &(neuron, residual))| Target { entry: Entry { neuron, slot }, residual };
        Self {
            values,
            stride,
            independent: (0..rank).map(entry).collect(),
            reserve: (rank..k).map(entry).collect(),
            targets: (k..).zip(targets).map(target).collect(),
            full_from: rank,
            scratch: vec![0.0; stride],
        }
    }

    /// The targets that are left, each with its squared residual.
    pub(super) fn targets(&self) -> impl Iterator<Item = (usize, f64)> {
        self.targets.iter().map(|target| (target.entry.neuron, target.residual))
    }

    /// Takes neurons away from the span, and targets from those whose residuals are kept: all for which the
    /// flags, by number, are not set any more.
    pub(super) fn keep(&mut self, basis: &[bool], targets: &[bool]) {
        self.targets.retain(|target| targets[target.entry.neuron]);
        self.reserve.retain(|entry| basis[entry.neuron]);
        if self.targets.is_empty() {
            return; // nobody asks for this span any more
        }
        if !self.independent.iter().any(|entry| basis[entry.neuron]) && self.reserve.is_empty() {
            self.lose_everything();
            return;
        }
        // From the last position on: what stands after a position makes its deletion dearer.
        for position in (0..self.independent.len()).rev() {
            if !basis[self.independent[position].neuron] {
                self.delete(position);
            }
        }
        self.repack();
    }

    fn lose_everything(&mut self) {
        for row in 0..self.independent.len() {
            self.lose_direction(row);
        }
        self.independent.clear();
    }

    fn delete(&mut self, position: usize) {
        self.independent.remove(position);
        self.sweep(position);
        let last = self.independent.len();
        let row = &self.values[last * self.stride..][..self.stride];
        let candidates = self.reserve.iter().map(|entry| row[entry.slot].abs());
        let strongest = candidates.enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
        match strongest {
            Some((at, component)) if component > DEPENDENCE_TOLERANCE => {
                self.independent.push(self.reserve.swap_remove(at));
            }
            _ => self.lose_direction(last),
        }
    }

    /// Restores the triangle after the neuron at `position` left it: all but the last row.
    fn sweep(&mut self, position: usize) {
        let Self { values, stride, independent, full_from, .. } = self;
        let (stride, full_from) = (*stride, *full_from);
        Arch::default().dispatch(
            #[inline(always)]
            || {
                for (i, entry) in independent.iter().enumerate().skip(position) {
                    let (above, below) = values[i * stride..].split_at_mut(stride);
                    let below = &mut below[..stride];
                    let (a, b) = (above[entry.slot], below[entry.slot]);
                    if b == 0.0 {
                        continue;
                    }
                    let length = a.hypot(b);
                    let (cosine, sine) = (a / length, b / length);
                    // Earlier neurons of the triangle are zero in both rows.
                    let start = entry.slot.min(full_from);
                    for (a, b) in above[start..].iter_mut().zip(&mut below[start..]) {
                        (*a, *b) = (cosine * *a + sine * *b, cosine * *b - sine * *a);
                    }
                    below[entry.slot] = 0.0;
                }
            },
        );
    }

    fn lose_direction(&mut self, row: usize) {
        let row = &self.values[row * self.stride..][..self.stride];
        for target in &mut self.targets {
            target.residual += row[target.entry.slot] * row[target.entry.slot];
        }
    }

    /// Closes the gaps in the rows once they are a quarter of them.
    fn repack(&mut self) {
        let live = self.independent.len() + self.reserve.len() + self.targets.len();
        if 4 * live >= 3 * self.stride {
            return;
        }
        for i in 0..self.independent.len() {
            let targets = self.targets.iter().map(|target| &target.entry);
            let entries = self.independent.iter().chain(&self.reserve).chain(targets);
            let row = &self.values[i * self.stride..][..self.stride];
            entries.zip(&mut self.scratch).for_each(|(entry, value)| *value = row[entry.slot]);
            self.values[i * live..][..live].copy_from_slice(&self.scratch[..live]);
        }
        let targets = self.targets.iter_mut().map(|target| &mut target.entry);
        let entries = self.independent.iter_mut().chain(&mut self.reserve).chain(targets);
        entries.enumerate().for_each(|(slot, entry)| entry.slot = slot);
        self.stride = live;
        self.values.truncate(self.independent.len() * live);
        self.full_from = self.independent.len();
    }
}

impl Clone for Basis {
    fn clone(&self) -> Self {
        Self {
            values: self.values.clone(),
            stride: self.stride,
            independent: self.independent.clone(),
            reserve: self.reserve.clone(),
            targets: self.targets.clone(),
            full_from: self.full_from,
            scratch: self.scratch.clone(),
        }
    }

    /// Reuses the memory, which the derived implementation would not.
    fn clone_from(&mut self, source: &Self) {
        self.values.clone_from(&source.values);
        self.stride = source.stride;
        self.independent.clone_from(&source.independent);
        self.reserve.clone_from(&source.reserve);
        self.targets.clone_from(&source.targets);
        self.full_from = source.full_from;
        self.scratch.clone_from(&source.scratch);
    }
}
