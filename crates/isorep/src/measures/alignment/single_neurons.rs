//! Single neurons of both sides as vectors over the inputs: their inner products, and the distances between matched ones.
//!
//! All measures that match neurons with neurons start from here. Inner products are enough for them, so moments are;
//! where matched neurons nearly coincide, and there are rows, distances are taken from the neurons themselves.

use crate::linalg::Matrix;
use crate::transport::Share;
use crate::{Error, Pair, Representation, Result};

/// The neurons that are compared, each multiplied by a factor.
pub(super) struct Neurons<'a> {
    pair: &'a Pair,
    center: bool,
    pub(super) x: Side,
    pub(super) y: Side,
    /// Inner products, rows for x and columns for y.
    pub(super) cross: Matrix,
}

/// The neurons of one side.
pub(super) struct Side {
    /// Which neurons of the representation these are, counted from 0.
    pub(super) kept: Vec<usize>,
    /// What each of them is multiplied by.
    factors: Vec<f64>,
    /// The squared length of each, multiplied.
    pub(super) squares: Vec<f64>,
}

impl Side {
    /// All neurons as they are.
    fn of(side: &Representation, center: bool) -> Result<Self> {
        side.variation()?;
        let n = side.n() as f64;
        let of_mean = |mean: f64| if center { 0.0 } else { n * mean * mean };
        let variation = side.neuron_variation()?.iter();
        let squares: Vec<f64> = variation.zip(side.mean()).map(|(v, mean)| v + of_mean(*mean)).collect();
        Ok(Self { kept: (0..side.d()).collect(), factors: vec![1.0; side.d()], squares })
    }

    /// The neurons that vary, about their means and of unit length.
    fn standardised(side: &Representation) -> Result<Self> {
        side.variation()?;
        let variation = side.neuron_variation()?;
        let kept = side.live(true)?;
        if kept.is_empty() {
            return Err(Error::undefined(format!("no neuron of `{}` varies", side.name())));
        }
        let factors = kept.iter().map(|j| variation[*j].sqrt().recip()).collect();
        Ok(Self { squares: vec![1.0; kept.len()], kept, factors })
    }

    /// Squared lengths of all neurons together.
    pub(super) fn size(&self) -> f64 {
        self.squares.iter().sum()
    }

    fn multiply(&mut self, by: f64) {
        self.factors.iter_mut().for_each(|f| *f *= by);
        self.squares.iter_mut().for_each(|s| *s = *s * by * by);
    }
}

impl<'a> Neurons<'a> {
    /// All neurons as they are, or about their means.
    ///
    /// # Errors
    /// [`Error::Undefined`] if a side is constant, [`Error::TooFewSamples`] for one input.
    pub(super) fn of(pair: &'a Pair, center: bool) -> Result<Self> {
        pair.at_least(2)?;
        let (x, y) = (Side::of(pair.x(), center)?, Side::of(pair.y(), center)?);
        let mut cross = pair.cross_scatter()?.clone();
        if !center {
            let n = pair.n() as f64;
            for (j, mean_y) in pair.y().mean().iter().enumerate() {
                let column = cross.column_mut(j).iter_mut();
                column.zip(pair.x().mean()).for_each(|(c, mean_x)| *c += n * mean_x * mean_y);
            }
        }
        Ok(Self { pair, center, x, y, cross })
    }

    /// The neurons that vary, about their means and of unit length: inner products are correlations.
    ///
    /// # Errors
    /// [`Error::Undefined`] if a side is constant, [`Error::TooFewSamples`] below three inputs, where every correlation
    /// is 1 or −1.
    pub(super) fn standardised(pair: &'a Pair) -> Result<Self> {
        pair.at_least(3)?;
        let (x, y) = (Side::standardised(pair.x())?, Side::standardised(pair.y())?);
        let products = pair.cross_scatter()?;
        // Beyond 1 there is nothing but rounding.
        let correlation = |i: usize, j: usize| {
            (products[(x.kept[i], y.kept[j])] * x.factors[i] * y.factors[j]).clamp(-1.0, 1.0)
        };
        let cross = Matrix::from_fn(x.kept.len(), y.kept.len(), correlation);
        Ok(Self { pair, center: true, x, y, cross })
    }

    /// Each side multiplied by a factor.
    pub(super) fn multiplied(mut self, by_x: f64, by_y: f64) -> Self {
        self.x.multiply(by_x);
        self.y.multiply(by_y);
        self.cross.values_mut().iter_mut().for_each(|c| *c = *c * by_x * by_y);
        self
    }

    /// Squared distances between all neurons of x and all of y.
    pub(super) fn squared_distances(&self) -> Matrix {
        let distance = |i, j| (self.x.squares[i] + self.y.squares[j] - 2.0 * self.cross[(i, j)]).max(0.0);
        Matrix::from_fn(self.cross.rows(), self.cross.columns(), distance)
    }

    /// The sum of squared distances between matched neurons, each with its weight.
    ///
    /// # Errors
    /// None once the products exist.
    pub(super) fn matched_distance(&self, shares: &[Share]) -> Result<f64> {
        /// Below this share of the squared lengths their difference has lost too many digits.
        const NEAR: f64 = 1e-5;
        let sum = |f: &dyn Fn(usize, usize) -> f64| shares.iter().map(|(i, j, w)| w * f(*i, *j)).sum::<f64>();
        let total = sum(&|i, j| self.x.squares[i] + self.y.squares[j]);
        let squared = total - 2.0 * sum(&|i, j| self.cross[(i, j)]);
        if squared < NEAR * total && self.pair.x().rows().is_ok() && self.pair.y().rows().is_ok() {
            return self.distance_by_rows(shares);
        }
        // Rounding may have made it a little less than nothing.
        Ok(squared.max(0.0))
    }

    fn distance_by_rows(&self, shares: &[Share]) -> Result<f64> {
        const ROWS: usize = 256;
        let (x, y) = (self.pair.x(), self.pair.y());
        let shift = |side: &'a Representation| if self.center { side.mean() } else { &[] };
        let mut sum = 0.0;
        for start in (0..x.n()).step_by(ROWS) {
            let range = start..(start + ROWS).min(x.n());
            let (x_rows, y_rows) =
                (x.shifted_rows(range.clone(), shift(x))?, y.shifted_rows(range, shift(y))?);
            for (i, j, weight) in shares {
                let (a, b) = (self.x.factors[*i], self.y.factors[*j]);
                let neurons = x_rows.column(self.x.kept[*i]).iter().zip(y_rows.column(self.y.kept[*j]));
                sum += weight * neurons.map(|(u, v)| (a * u - b * v).powi(2)).sum::<f64>();
            }
        }
        Ok(sum)
    }
}
