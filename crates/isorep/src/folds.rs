//! Which rows are held out together: the assignment of inputs to folds, and sums over the rows of every fold.
//!
//! Rows are shuffled with a seed and cut into blocks of nearly equal size, so that neither the order of a data set nor
//! chance of the day decides. What a linear map needs to know of a fold are sums over its rows about one common point;
//! the rows to learn from are the sum of the *other* folds, never total minus fold, so that an outlier in the held-out
//! fold leaves no rounding error in the rest.

use crate::linalg::{Matrix, Precision, ShiftedRows, cross_scatter, scatter};
use crate::{Error, Representation, Result};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How many parts the inputs are cut into, each held out once: 2 or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "usize", into = "usize")]
pub struct FoldCount(usize);

impl FoldCount {
    /// `None` below 2.
    pub const fn new(count: usize) -> Option<Self> {
        if count >= 2 { Some(Self(count)) } else { None }
    }

    /// As a plain number.
    pub const fn get(self) -> usize {
        self.0
    }
}

impl Default for FoldCount {
    fn default() -> Self {
        Self(5)
    }
}

impl TryFrom<usize> for FoldCount {
    type Error = String;

    fn try_from(count: usize) -> Result<Self, String> {
        Self::new(count).ok_or_else(|| format!("there must be at least 2 folds, not {count}"))
    }
}

impl From<FoldCount> for usize {
    fn from(count: FoldCount) -> Self {
        count.0
    }
}

impl fmt::Display for FoldCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The rows of every fold.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Folds(Vec<Vec<usize>>);

impl Folds {
    /// Shuffles the rows with `ChaCha8` of this seed and cuts the order into consecutive blocks; the first `n % count`
    /// of them have one row more.
    ///
    /// # Errors
    /// [`Error::TooFewSamples`] if a fold would have fewer than two rows.
    pub(crate) fn of(n: usize, count: FoldCount, seed: u64) -> Result<Self> {
        let count = count.get();
        if n / 2 < count {
            return Err(Error::TooFewSamples { needed: count.saturating_mul(2), got: n });
        }
        let mut order: Vec<usize> = (0..n).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        let mut rest = order.as_slice();
        let fold = |k: usize| {
            let (block, after) = rest.split_at(n / count + usize::from(k < n % count));
            rest = after;
            block.to_vec()
        };
        Ok(Self((0..count).map(fold).collect()))
    }

    /// The same folds with the rows inside each of them in another order, different for every `stream`.
    ///
    /// Pairing these with the rows of `self` breaks every relation between two sides, and leaves all sums over one
    /// side as they are.
    pub(crate) fn shuffled_within(&self, seed: u64, stream: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(stream);
        let mut folds = self.clone();
        folds.0.iter_mut().for_each(|fold| fold.shuffle(&mut random));
        folds
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The rows of one fold.
    pub(crate) fn held_out(&self, fold: usize) -> &[usize] {
        &self.0[fold]
    }

    /// The rows of all other folds.
    pub(crate) fn train(&self, fold: usize) -> Vec<usize> {
        let others = self.0.iter().enumerate().filter(|(k, _)| *k != fold);
        others.flat_map(|(_, rows)| rows.iter().copied()).collect()
    }
}

/// Calls `f` for 0, …, count − 1 on all threads, or one after the other if this already is a parallel task.
pub(crate) fn for_each_of<T: Send>(
    count: usize,
    f: impl Fn(usize) -> Result<T> + Send + Sync,
) -> Result<Vec<T>> {
    if rayon::current_thread_index().is_some() {
        (0..count).map(f).collect()
    } else {
        (0..count).into_par_iter().map(f).collect()
    }
}

/// Sums of one side over some rows, about the mean of all rows.
#[derive(Debug, Clone)]
pub(crate) struct Sums {
    pub(crate) n: f64,
    /// Sum of each neuron.
    pub(crate) sum: Vec<f64>,
    /// Sum of squares of each neuron.
    pub(crate) squares: Vec<f64>,
}

impl Sums {
    pub(crate) fn mean(&self) -> Vec<f64> {
        self.sum.iter().map(|s| s / self.n).collect()
    }

    /// Sum of squares of each neuron about another origin.
    pub(crate) fn squares_about(&self, origin: &[f64]) -> Vec<f64> {
        let moved = |((q, s), o): ((&f64, &f64), &f64)| q - 2.0 * s * o + self.n * o * o;
        self.squares.iter().zip(&self.sum).zip(origin).map(moved).collect()
    }

    /// Sum of all squares about another origin.
    pub(crate) fn total_about(&self, origin: &[f64]) -> f64 {
        self.squares_about(origin).iter().sum()
    }

    fn add(&mut self, other: &Self) {
        self.n += other.n;
        add(&mut self.sum, &other.sum);
        add(&mut self.squares, &other.squares);
    }
}

/// The sums of one side for every fold.
#[derive(Debug)]
pub(crate) struct SideSums {
    /// Mean over all rows: what all sums are about.
    pub(crate) mean: Vec<f64>,
    folds: Vec<Sums>,
}

/// Something of the rows to learn from, and the same of the rows held out.
#[derive(Debug, Clone)]
pub(crate) struct Split<T> {
    pub(crate) train: T,
    pub(crate) test: T,
}

/// The point that maps leave where it is, relative to the mean of all rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The mean of the rows to learn from: a map may have an intercept.
    TrainMean,
    /// Zero as stored: a map may not.
    Zero,
}

impl SideSums {
    pub(crate) fn of(side: &Representation, folds: &Folds) -> Result<Self> {
        let of_fold = |fold: usize| {
            let (rows, d) = (side.rows()?, side.d());
            let (mut sum, mut squares, mut row) = (vec![0.0; d], vec![0.0; d], vec![0.0; d]);
            for i in folds.held_out(fold) {
                rows.read_f64(*i..i + 1, side.mean(), &mut row);
                for ((s, q), v) in sum.iter_mut().zip(&mut squares).zip(&row) {
                    *s += v;
                    *q += v * v;
                }
            }
            Ok(Sums { n: folds.held_out(fold).len() as f64, sum, squares })
        };
        Ok(Self { mean: side.mean().to_vec(), folds: for_each_of(folds.count(), of_fold)? })
    }

    pub(crate) fn split(&self, fold: usize) -> Split<Sums> {
        let d = self.mean.len();
        let mut train = Sums { n: 0.0, sum: vec![0.0; d], squares: vec![0.0; d] };
        self.folds.iter().enumerate().filter(|(k, _)| *k != fold).for_each(|(_, s)| train.add(s));
        Split { train, test: self.folds[fold].clone() }
    }

    /// Where the origin lies relative to the mean of all rows.
    pub(crate) fn origin(&self, train: &Sums, origin: Origin) -> Vec<f64> {
        match origin {
            Origin::TrainMean => train.mean(),
            Origin::Zero => self.mean.iter().map(|m| -m).collect(),
        }
    }
}

/// `XᵀX` for every fold, about the mean of all rows.
pub(crate) fn scatters(side: &Representation, folds: &Folds) -> Result<Vec<Matrix>> {
    let of_fold = |fold| {
        let rows = side.rows()?.select(folds.held_out(fold));
        Ok(scatter(ShiftedRows { rows: &rows, shift: side.mean() }, Precision::Double))
    };
    (0..folds.count()).map(of_fold).collect()
}

/// `XᵀY` for every fold, about the means of all rows, where the folds of y may hold their rows in another order.
pub(crate) fn cross_scatters(
    (x, x_folds): (&Representation, &Folds),
    (y, y_folds): (&Representation, &Folds),
) -> Result<Vec<Matrix>> {
    let of_fold = |fold| {
        let (x_rows, y_rows) =
            (x.rows()?.select(x_folds.held_out(fold)), y.rows()?.select(y_folds.held_out(fold)));
        let (x, y) =
            (ShiftedRows { rows: &x_rows, shift: x.mean() }, ShiftedRows { rows: &y_rows, shift: y.mean() });
        Ok(cross_scatter(x, y, Precision::Double))
    };
    (0..x_folds.count()).map(of_fold).collect()
}

/// The sum over the other folds, and the one of this fold.
pub(crate) fn split(of_folds: &[Matrix], fold: usize) -> Split<Matrix> {
    let test = of_folds[fold].clone();
    let mut train = Matrix::zeros(test.rows(), test.columns());
    for (_, m) in of_folds.iter().enumerate().filter(|(k, _)| *k != fold) {
        add(train.values_mut(), m.values());
    }
    Split { train, test }
}

/// Moves a product of two sides over the same rows (a and b may be the same side) to other origins.
pub(crate) fn move_origins(product: &mut Matrix, (a, o_a): (&Sums, &[f64]), (b, o_b): (&Sums, &[f64])) {
    for (j, o) in o_b.iter().enumerate() {
        let rest = b.sum[j] - a.n * o;
        let column = product.column_mut(j).iter_mut();
        column.zip(&a.sum).zip(o_a).for_each(|((m, s), o_i)| *m -= s * o + o_i * rest);
    }
}

/// As [`split`], about the origins given for both sides (a and b may be the same side).
pub(crate) fn split_about(
    of_folds: &[Matrix],
    fold: usize,
    (a, o_a): (&Split<Sums>, &[f64]),
    (b, o_b): (&Split<Sums>, &[f64]),
) -> Split<Matrix> {
    let mut both = split(of_folds, fold);
    move_origins(&mut both.train, (&a.train, o_a), (&b.train, o_b));
    move_origins(&mut both.test, (&a.test, o_a), (&b.test, o_b));
    both
}

fn add(to: &mut [f64], by: &[f64]) {
    to.iter_mut().zip(by).for_each(|(t, b)| *t += b);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::multiply_at_b;

    #[test]
    fn every_row_is_held_out_once_and_permutations_stay_inside_folds() {
        let folds = Folds::of(23, FoldCount::default(), 7).unwrap();
        let mut all: Vec<usize> = (0..5).flat_map(|k| folds.held_out(k).to_vec()).collect();
        assert_eq!((0..5).map(|k| folds.held_out(k).len()).collect::<Vec<_>>(), [5, 5, 5, 4, 4]);
        all.sort_unstable();
        assert_eq!(all, (0..23).collect::<Vec<_>>());
        let shuffled = folds.shuffled_within(7, 1);
        assert_ne!(shuffled, folds);
        for k in 0..5 {
            assert_eq!(folds.train(k).len() + folds.held_out(k).len(), 23);
            let sorted = |f: &Folds| {
                let mut rows = f.held_out(k).to_vec();
                rows.sort_unstable();
                rows
            };
            assert_eq!(sorted(&shuffled), sorted(&folds));
        }
        assert_ne!(Folds::of(23, FoldCount::default(), 8).unwrap(), folds);
        let error = Folds::of(9, FoldCount::default(), 0).unwrap_err();
        assert_eq!(error, Error::TooFewSamples { needed: 10, got: 9 });
    }

    #[test]
    fn sums_about_any_origin_equal_the_plain_ones() {
        let side = |name: &str, d: usize, offset: f64| {
            let value = |i: usize| ((i * i * 37 + i * 11 * d) % 101) as f64 / 101.0 + offset;
            Representation::from_f64(name, 30, d, (0..30 * d).map(value).collect()).unwrap()
        };
        let (x, y) = (side("x", 3, 5.0), side("y", 2, -1.0));
        let folds = Folds::of(30, FoldCount::new(3).unwrap(), 1).unwrap();
        let (x_sums, y_sums) = (SideSums::of(&x, &folds).unwrap(), SideSums::of(&y, &folds).unwrap());
        let crosses = cross_scatters((&x, &folds), (&y, &folds)).unwrap();
        for origin in [Origin::Zero, Origin::TrainMean] {
            let (x_split, y_split) = (x_sums.split(1), y_sums.split(1));
            let (o_x, o_y) = (x_sums.origin(&x_split.train, origin), y_sums.origin(&y_split.train, origin));
            let mut cross = split(&crosses, 1).test;
            move_origins(&mut cross, (&x_split.test, &o_x), (&y_split.test, &o_y));
            let plain = |side: &Representation| {
                let train = side.select(&folds.train(1)).unwrap();
                let shift = if origin == Origin::Zero { vec![0.0; side.d()] } else { train.mean().to_vec() };
                side.select(folds.held_out(1)).unwrap().shifted_matrix(&shift).unwrap()
            };
            let (p_x, p_y) = (plain(&x), plain(&y));
            for (a, b) in cross.values().iter().zip(multiply_at_b(&p_x, &p_y).values()) {
                assert!((a - b).abs() < 1e-11, "{origin:?} {a} {b}");
            }
            let squares: f64 = p_y.values().iter().map(|v| v * v).sum();
            assert!((y_split.test.total_about(&o_y) - squares).abs() < 1e-11);
        }
    }
}
