//! What inner products tell about distances, given their rounding.
//!
//! Half the squared distance of i and j is h(i) + h(j) − ⟨i, j⟩ with h half a squared length. Rounding is off by at most
//! 2 r (h(i) + h(j)), so that for point i, up to a constant of its own, it is between `low(j) − ⟨i, j⟩` and
//! `high(j) − ⟨i, j⟩` with low and high (1 ∓ 2 r) h(j). Each pair has its own error: one far point makes no other list long.

use super::exact::Inputs;
use super::{Metric, TIE};
use crate::linalg::{Pairs, Real, check_squares};
use crate::{Error, Representation, Result};

/// The points of one side and how much their products may be off.
pub(super) struct Estimate<'a, T: Real> {
    pub(super) inputs: Inputs<'a>,
    pub(super) pairs: Pairs<T>,
    /// Inputs that may be a neighbour.
    pub(super) present: Vec<bool>,
    rounding: f64,
}

/// Half a squared distance, less half the squared length of one's own point.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl<'a, T: Real> Estimate<'a, T> {
    /// # Errors
    /// [`Error::Undefined`] if there are not more than `k` inputs that may be neighbours, or squares leave the range of T.
    pub(super) fn of(x: &'a Representation, metric: Metric, k: usize) -> Result<Self> {
        let inputs = Inputs::of(x, metric);
        let present: Vec<bool> = (0..x.n()).map(|i| inputs.is_present(i)).collect();
        let count = present.iter().filter(|present| **present).count();
        if count <= k {
            return Err(Error::undefined(format!(
                "only {count} inputs of `{}` have activations, and {k} neighbours are asked for",
                x.name()
            )));
        }
        let pairs = Pairs::<T>::of(x.n(), x.d(), |i, to| inputs.read_centred(i, to));
        check_squares::<T>(x.name(), pairs.squares())?;
        // With room for what is tied up to rounding of the distances themselves.
        let rounding = 2.0 * (pairs.error() + 4.0 * TIE);
        Ok(Self { inputs, pairs, present, rounding })
    }

    /// `low` of every point, to compare a product with: never too large.
    pub(super) fn lows(&self) -> Vec<T> {
        let low = |j: usize| if self.present[j] { self.bounds(j, 0.0).low } else { f64::INFINITY };
        (0..self.present.len()).map(|j| T::narrow_down(low(j))).collect()
    }

    fn half(&self, i: usize) -> f64 {
        self.pairs.squares()[i] / 2.0
    }

    /// Of the distance to point j by a product with it.
    pub(super) fn bounds(&self, j: usize, product: f64) -> Bounds {
        let half = self.half(j);
        Bounds { low: (1.0 - self.rounding) * half - product, high: (1.0 + self.rounding) * half - product }
    }

    /// What `low` may be at most if the distance from point i is to be no more than one with this upper bound.
    pub(super) fn low_within(&self, i: usize, high: f64) -> f64 {
        high + 2.0 * self.rounding * self.half(i)
    }

    /// What `low` is at most, and `high` at least, where half a squared distance from point i is this.
    pub(super) fn around(&self, i: usize, half_square: f64) -> Bounds {
        let half = self.half(i);
        Bounds {
            low: half_square - (1.0 + self.rounding) * half,
            high: half_square - (1.0 - self.rounding) * half,
        }
    }
}
