//! The same activations with the inputs in another order, for comparing with what chance gives.
//!
//! Most of what is dear about one side does not depend on the order of its inputs, and the rest is what the other order
//! has, moved to new places. So a permuted side computes nothing of its own: it asks the side it came from.

use super::{Inner, Representation};
use crate::linalg::Matrix;
use crate::{Error, Result};
use std::sync::Arc;

/// Where a reordered representation comes from.
#[derive(Debug, Clone)]
pub(super) struct Reordering {
    pub(super) origin: Representation,
    /// Input i here is this input there.
    order: Arc<[usize]>,
}

impl Reordering {
    /// What belongs to the inputs, in their order here.
    pub(super) fn of<T: Copy>(&self, values: &[T]) -> Vec<T> {
        self.order.iter().map(|i| values[*i]).collect()
    }

    /// A matrix over pairs of inputs, in their order here.
    pub(super) fn of_pairs(&self, values: &Matrix) -> Matrix {
        Matrix::from_fn(self.order.len(), self.order.len(), |i, j| values[(self.order[i], self.order[j])])
    }

    pub(super) fn order(&self) -> &[usize] {
        &self.order
    }
}

impl Representation {
    /// The representation whose inputs these are in another order, and that order.
    pub(crate) fn reordered_from(&self) -> Option<(&Self, &[usize])> {
        self.inner.reordering.as_ref().map(|reordering| (&reordering.origin, reordering.order()))
    }

    /// Input `order[i]` in place i. What was or will be computed of `self` serves the result too.
    ///
    /// # Errors
    /// [`Error::NeedsRows`] if only moments were kept; [`Error::Undefined`] if `order` does not name every input once.
    pub fn reordered(&self, order: &[usize]) -> Result<Self> {
        let n = self.n();
        let mut seen = vec![false; n];
        order.iter().filter(|i| **i < n).for_each(|i| seen[*i] = true);
        if order.len() != n || seen.contains(&false) {
            return Err(Error::undefined("an order must name every input once"));
        }
        let rows = self.rows()?.select(order);
        let mut inner = Inner::new(self.name().into(), n, self.d(), self.mean().to_vec(), Some(rows));
        inner.reordering = Some(Reordering { origin: self.clone(), order: order.into() });
        Ok(Self { inner: Arc::new(inner) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AnyMeasure, MEASURES, Pair};

    fn side(name: &str, d: usize, seed: usize) -> Representation {
        let values = (0..40 * d).map(|i| ((i * i * seed + 11 * i) % 37) as f64 + 0.01 * (i % 7) as f64);
        Representation::from_f64(name, 40, d, values.collect()).unwrap()
    }

    /// Every measure gives what it gives for rows that were put in this order before anything was computed.
    #[test]
    fn a_reordered_side_is_a_side_in_that_order() {
        let order: Vec<usize> = (0..40).map(|i| (i * 23 + 5) % 40).collect();
        for d in [5, 60] {
            let (x, y) = (side("x", 5, 3), side("y", d, 5));
            for measure in MEASURES.iter().flat_map(crate::Entry::samples) {
                let measure: AnyMeasure = measure;
                let compare = |y: &Representation| measure.compare(&Pair::new(&x, y).unwrap());
                // What is kept must be moved, whether it is known before or found on the way.
                let _ = compare(&y);
                match (compare(&y.reordered(&order).unwrap()), compare(&y.select(&order).unwrap())) {
                    (Ok(a), Ok(b)) => {
                        assert!((a - b).abs() <= 1e-9 * b.abs().max(1.0), "{measure} {d}: {a}, not {b}");
                    }
                    (a, b) => assert_eq!(a.is_err(), b.is_err(), "{measure} {d}: {a:?}, {b:?}"),
                }
            }
        }
    }

    #[test]
    fn what_does_not_depend_on_the_order_is_computed_once() {
        let (x, y) = (side("x", 5, 3), side("y", 6, 5));
        let cka: AnyMeasure = "cka".parse().unwrap();
        for shift in 1..5 {
            let order: Vec<usize> = (0..40).map(|i| (i + shift) % 40).collect();
            let moved = y.reordered(&order).unwrap();
            cka.compare(&Pair::new(&x, &moved).unwrap()).unwrap();
            assert!(moved.computations().iter().all(|(what, times)| *what == "row_norms" || *times == 0));
        }
        assert!(y.computations().contains(&("self_terms", 1)));
    }

    #[test]
    fn an_order_names_every_input_once() {
        let y = side("y", 2, 5);
        let mut order: Vec<usize> = (0..40).collect();
        order[3] = 4;
        assert!(y.reordered(&order).is_err());
        assert!(y.reordered(&order[..39]).is_err());
    }
}
