//! The two strictest rungs, which look at single neurons: the same neurons, or the same ones in another order.
//!
//! Both need only inner products of neurons of x with neurons of y, and sums of squares of each, about zero.

use super::{FoldErrors, Map, MapFamily, Purpose};
use crate::assignment::maximum_assignment;
use crate::folds::{Folds, Origin, SideSums, Split, Sums, cross_scatters, split_about};
use crate::linalg::Matrix;
use crate::{Pair, Result};

pub(super) struct Neurons<'a> {
    pair: &'a Pair,
    folds: &'a Folds,
    x: SideSums,
    y: SideSums,
}

/// One side on one fold.
pub(super) struct Side {
    sums: Split<Sums>,
    /// Zero as stored, about which everything is taken.
    zero: Vec<f64>,
    /// Squares of the held-out rows, for each neuron.
    squares: Vec<f64>,
    /// The same about the mean of the rows learnt from, for all neurons.
    total: f64,
}

impl Side {
    fn new(side: &SideSums, fold: usize) -> Self {
        let sums = side.split(fold);
        let zero = side.origin(&sums.train, Origin::Zero);
        let squares = sums.test.squares_about(&zero);
        let total = sums.test.total_about(&sums.train.mean());
        Self { sums, zero, squares, total }
    }
}

impl<'a> Neurons<'a> {
    pub(super) fn new(pair: &'a Pair, folds: &'a Folds) -> Result<Self> {
        let (x, y) = (SideSums::of(pair.x(), folds)?, SideSums::of(pair.y(), folds)?);
        Ok(Self { pair, folds, x, y })
    }
}

impl MapFamily for Neurons<'_> {
    type Prepared = (Side, Side);
    /// `XᵀY` of every fold.
    type Matched = Vec<Matrix>;

    fn maps(&self) -> &'static [Map] {
        &[Map::Identity, Map::Permutation]
    }

    fn folds(&self) -> &Folds {
        self.folds
    }

    fn prepare(&self, fold: usize) -> Result<Self::Prepared> {
        Ok((Side::new(&self.x, fold), Side::new(&self.y, fold)))
    }

    fn match_rows(&self, y_folds: &Folds) -> Result<Self::Matched> {
        cross_scatters((self.pair.x(), self.folds), (self.pair.y(), y_folds))
    }

    fn errors(
        &self,
        (x, y): &Self::Prepared,
        crosses: &Self::Matched,
        fold: usize,
        purpose: Purpose,
    ) -> Result<FoldErrors> {
        let total = [y.total, x.total];
        if purpose == Purpose::ChoosePenalty {
            return Ok(FoldErrors { total, of_maps: vec![[vec![0.0], vec![0.0]]; 2] });
        }
        let cross = split_about(crosses, fold, (&x.sums, &x.zero), (&y.sums, &y.zero));
        // Σ‖y‖² over all target neurons, and what each of the given pairs takes off or adds.
        let error =
            |target: &Side, other: &[f64], pairs: &[(usize, usize, f64)], of: fn(usize, usize) -> usize| {
                let own: f64 = target.squares.iter().sum();
                let change = |(i, j, sign): &(usize, usize, f64)| {
                    other[of(*i, *j)] - 2.0 * sign * cross.test[(*i, *j)]
                };
                own + pairs.iter().map(change).sum::<f64>()
            };
        let both = |pairs: &[(usize, usize, f64)]| {
            [error(y, &x.squares, pairs, |i, _| i), error(x, &y.squares, pairs, |_, j| j)].map(|e| vec![e])
        };
        let same: Vec<_> = (0..x.squares.len().min(y.squares.len())).map(|i| (i, i, 1.0)).collect();
        let mut strength = cross.train.clone();
        strength.values_mut().iter_mut().for_each(|v| *v = v.abs());
        let signed = |(i, j): (usize, usize)| (i, j, if cross.train[(i, j)] < 0.0 { -1.0 } else { 1.0 });
        let assigned: Vec<_> = maximum_assignment(&strength).into_iter().map(signed).collect();
        Ok(FoldErrors { total, of_maps: vec![both(&same), both(&assigned)] })
    }
}
