//! The loosest rung: a smooth map, by ridge regression with a Gaussian kernel.
//!
//! The kernel is `exp(−‖a − b‖² / 2σ²)` with σ the median distance between the inputs learnt from, and is centred over
//! them, which leaves the intercept free of the penalty. Time and memory grow with the cube and the square of the number
//! of inputs, so only so many are used.

use super::{FoldErrors, Map, MapFamily, Purpose};
use crate::folds::Folds;
use crate::linalg::{Matrix, Precision, gram, multiply, multiply_at_b};
use crate::regression::Decomposed;
use crate::{Error, Pair, Representation, Result};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

pub(super) struct Kernels {
    folds: Folds,
    x: Side,
    y: Side,
}

/// One side: the chosen rows, and the squared distances between them.
struct Side {
    rows: Representation,
    squared_distances: Matrix,
}

/// One side as the predictor on one fold.
pub(super) struct Smooth {
    ridge: Decomposed,
    /// Kernel of held-out with training inputs, in the eigenvectors of the kernel of the latter.
    held_out: Matrix,
}

impl Kernels {
    pub(super) fn new(pair: &Pair, folds: Folds, seed: u64) -> Result<Self> {
        let inputs: usize = (0..folds.count()).map(|fold| folds.held_out(fold).len()).sum();
        let mut order: Vec<usize> = (0..pair.n()).collect();
        if inputs < pair.n() {
            order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
            order.truncate(inputs);
        }
        let side = |side: &Representation| {
            let rows = side.select(&order)?;
            rows.variation()?;
            let products = gram(rows.centred()?, Precision::Double);
            let squared_distances = Matrix::from_fn(inputs, inputs, |i, j| {
                (products[(i, i)] + products[(j, j)] - 2.0 * products[(i, j)]).max(0.0)
            });
            Ok::<_, Error>(Side { rows, squared_distances })
        };
        Ok(Self { x: side(pair.x())?, y: side(pair.y())?, folds })
    }
}

impl Side {
    fn smooth(&self, folds: &Folds, fold: usize) -> Result<Smooth> {
        let (train, test) = (folds.train(fold), folds.held_out(fold));
        let n = train.len();
        let squares = &self.squared_distances;
        let mut between: Vec<f64> = (0..n)
            .flat_map(|j| (0..j).map(move |i| (i, j)))
            .map(|(i, j)| squares[(train[i], train[j])])
            .collect();
        let middle = between.len() / 2;
        let median = *between.select_nth_unstable_by(middle, f64::total_cmp).1;
        if median == 0.0 {
            return Err(Error::undefined(format!(
                "half of all pairs of inputs are equal in `{}`: no width for the kernel",
                self.rows.name()
            )));
        }
        let kernel = |i: usize, j: usize| (-squares[(i, j)] / (2.0 * median)).exp();
        let mut own = Matrix::from_fn(n, n, |i, j| kernel(train[i], train[j]));
        let mut across = Matrix::from_fn(test.len(), n, |t, i| kernel(test[t], train[i]));
        let means: Vec<f64> = (0..n).map(|j| own.column(j).iter().sum::<f64>() / n as f64).collect();
        let mean = means.iter().sum::<f64>() / n as f64;
        let mut row_means = vec![0.0; test.len()];
        for j in 0..n {
            row_means.iter_mut().zip(across.column(j)).for_each(|(m, k)| *m += k / n as f64);
        }
        for j in 0..n {
            own.column_mut(j).iter_mut().zip(&means).for_each(|(k, m)| *k += mean - m - means[j]);
            across.column_mut(j).iter_mut().zip(&row_means).for_each(|(k, m)| *k += mean - m - means[j]);
        }
        let scale = (0..n).map(|i| own[(i, i)]).sum::<f64>() / n as f64;
        let mut held_out = Matrix::zeros(0, 0);
        let ridge = Decomposed::new(&own, scale, |vectors| {
            held_out = multiply(&across, vectors);
            multiply_at_b(&held_out, &held_out)
        })?;
        Ok(Smooth { ridge, held_out })
    }

    /// The given rows minus the mean of the training rows.
    fn targets(&self, y_folds: &Folds, fold: usize) -> Result<(Matrix, Matrix)> {
        let train = self.rows.select(&y_folds.train(fold))?;
        let test = self.rows.select(y_folds.held_out(fold))?;
        Ok((train.centred_matrix()?, test.shifted_matrix(train.mean())?))
    }
}

impl Smooth {
    /// Squared error for every penalty, and of the mean.
    fn errors(&self, (train, test): &(Matrix, Matrix)) -> (Vec<f64>, f64) {
        let total = crate::linalg::squared_norm(test);
        let a = multiply_at_b(&self.ridge.vectors, train);
        let b = multiply_at_b(&self.held_out, test);
        (self.ridge.errors_of(&a, &b, total), total)
    }
}

impl MapFamily for Kernels {
    type Prepared = (Smooth, Smooth);
    /// The folds of y.
    type Matched = Folds;

    fn maps(&self) -> &'static [Map] {
        &[Map::KernelRidge]
    }

    fn folds(&self) -> &Folds {
        &self.folds
    }

    fn prepare(&self, fold: usize) -> Result<Self::Prepared> {
        Ok((self.x.smooth(&self.folds, fold)?, self.y.smooth(&self.folds, fold)?))
    }

    fn match_rows(&self, y_folds: &Folds) -> Result<Self::Matched> {
        Ok(y_folds.clone())
    }

    fn errors(
        &self,
        (x, y): &Self::Prepared,
        y_folds: &Self::Matched,
        fold: usize,
        _: Purpose,
    ) -> Result<FoldErrors> {
        let targets = self.y.targets(y_folds, fold)?;
        let (forward, y_total) = x.errors(&targets);
        // Back, x is put in that order instead: the inverse permutation, which is as good a draw.
        let (backward, x_total) = y.errors(&self.x.targets(y_folds, fold)?);
        Ok(FoldErrors { total: [y_total, x_total], of_maps: vec![[forward, backward]] })
    }
}
