//! Distances in f64 from the stored numbers.

use super::Metric;
use crate::Representation;
use crate::linalg::{dot, row_blocks, widest};
use std::borrow::Cow;

/// Inputs of a block of work.
const BLOCK: usize = 256;

/// What makes an input a unit vector: two factors, because one alone may leave the range of f64.
#[derive(Debug, Clone, Copy)]
struct Scale {
    /// A power of two that brings the largest activation near 1.
    power: f64,
    /// One over the length after that; 0 for an input without activations.
    inverse: f64,
}

impl Scale {
    const NONE: Self = Self { power: 1.0, inverse: 1.0 };

    fn of(row: &mut [f64]) -> Self {
        let largest = row.iter().fold(0.0, |largest: f64, v| largest.max(v.abs()));
        if largest == 0.0 {
            return Self { power: 1.0, inverse: 0.0 };
        }
        // Within bounds, so that the power is a normal number; what is left then can be squared.
        let power = f64::from_bits((2046 - (largest.to_bits() >> 52)).clamp(23, 2023) << 52);
        row.iter_mut().for_each(|v| *v *= power);
        Self { power, inverse: 1.0 / dot(row, row).sqrt() }
    }
}

/// The inputs of one side as a metric sees them.
pub(super) struct Inputs<'a> {
    pub(super) x: &'a Representation,
    pub(super) metric: Metric,
    /// Empty where inputs are taken as they are.
    scales: Vec<Scale>,
    /// The mean of the inputs as they are measured: distances are the same about it, and products are smaller.
    mean: Cow<'a, [f64]>,
}

impl<'a> Inputs<'a> {
    pub(super) fn of(x: &'a Representation, metric: Metric) -> Self {
        if metric == Metric::Euclidean {
            return Self { x, metric, scales: Vec::new(), mean: x.mean().into() };
        }
        let blocks = row_blocks(x.n(), BLOCK, |rows| {
            let (mut row, mut sum) = (vec![0.0; x.d()], vec![0.0; x.d()]);
            let scales: Vec<Scale> = rows
                .map(|i| {
                    read(x, i, &mut row);
                    let scale = Scale::of(&mut row);
                    sum.iter_mut().zip(&row).for_each(|(sum, v)| *sum += v * scale.inverse);
                    scale
                })
                .collect();
            (scales, sum)
        });
        let (mut scales, mut mean) = (Vec::with_capacity(x.n()), vec![0.0; x.d()]);
        for (some, sum) in blocks {
            scales.extend(some);
            mean.iter_mut().zip(sum).for_each(|(mean, sum)| *mean += sum / x.n() as f64);
        }
        Self { x, metric, scales, mean: mean.into() }
    }

    /// Whether an input has a direction, where that is what counts.
    pub(super) fn is_present(&self, i: usize) -> bool {
        self.scales.get(i).is_none_or(|scale| scale.inverse > 0.0)
    }

    /// One input, as it is measured.
    fn read(&self, i: usize, to: &mut [f64]) {
        read(self.x, i, to);
        if let Some(Scale { power, inverse }) = self.scales.get(i) {
            to.iter_mut().for_each(|v| *v = *v * power * inverse);
        }
    }

    /// The same, less the mean of all.
    pub(super) fn read_centred(&self, i: usize, to: &mut [f64]) {
        self.read(i, to);
        to.iter_mut().zip(&*self.mean).for_each(|(v, mean)| *v -= mean);
    }
}

fn read(x: &Representation, i: usize, to: &mut [f64]) {
    if let Ok(rows) = x.rows() {
        rows.read_f64(i..i + 1, &[], to);
    }
}

/// Measures distances from one input after the other.
pub(super) struct Exact<'a> {
    inputs: &'a Inputs<'a>,
    /// The input whose coordinates `own` holds.
    at: usize,
    own: Vec<f64>,
    other: Vec<f64>,
}

impl<'a> Exact<'a> {
    pub(super) fn new(inputs: &'a Inputs<'a>) -> Self {
        let d = inputs.x.d();
        Self { inputs, at: usize::MAX, own: vec![0.0; d], other: vec![0.0; d] }
    }

    /// The distance of input `i` from another.
    pub(super) fn distance(&mut self, i: usize, other: u32) -> f64 {
        if self.at != i {
            self.at = i;
            self.inputs.read(i, &mut self.own);
        }
        read(self.inputs.x, other as usize, &mut self.other);
        let scale = self.inputs.scales.get(other as usize).copied().unwrap_or(Scale::NONE);
        let square = squared_distance(&self.own, &self.other, scale);
        match self.inputs.metric {
            // Half the squared length of the difference of unit vectors, which keeps its digits near 0.
            Metric::Cosine => square / 2.0,
            Metric::Euclidean => square.sqrt(),
        }
    }

    /// Distances of input `i` from others, nearest first, the lower index first where they are equal.
    pub(super) fn ranked(&mut self, i: usize, others: impl Iterator<Item = u32>) -> Vec<(f64, u32)> {
        let mut ranked: Vec<(f64, u32)> = others.map(|other| (self.distance(i, other), other)).collect();
        // By index too: candidates come in an order that depends on the threads.
        ranked.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for tied in ranked.chunk_by_mut(|a, b| self.inputs.metric.are_tied(a.0, b.0)) {
            tied.sort_unstable_by_key(|(_, index)| *index);
        }
        ranked
    }
}

/// From a to b brought to its scale, in eight running sums, so that it vectorises, always in the same order.
fn squared_distance(a: &[f64], b: &[f64], Scale { power, inverse }: Scale) -> f64 {
    let square = |a: &f64, b: &f64| {
        let gap = a - b * power * inverse;
        gap * gap
    };
    widest(
        #[inline(always)]
        || {
            let mut sums = [0.0; 8];
            let (a_head, b_head) = (a.chunks_exact(8), b.chunks_exact(8));
            let tail: f64 =
                a_head.remainder().iter().zip(b_head.remainder()).map(|(a, b)| square(a, b)).sum();
            for (a, b) in a_head.zip(b_head) {
                for k in 0..8 {
                    sums[k] += square(&a[k], &b[k]);
                }
            }
            sums.iter().sum::<f64>() + tail
        },
    )
}
