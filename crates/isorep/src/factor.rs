//! The triangular factor of the neurons of both sides: all that spans and distances between neurons depend on.
//!
//! With R from a QR decomposition of `[X Y]` the columns of R have the same inner products as the neurons, without
//! the squared condition number of a scatter matrix. It is kept for centred neurons, with their means beside it;
//! merging two is a QR of one on top of the other, so it streams.

use crate::linalg::Matrix;
use crate::linalg::qr::{triangular_factor, update_triangular_factor};
use crate::{Error, Representation, Result};
use std::ops::Range;

/// Centred neurons of x then y as columns of a matrix with few rows, and how many inputs it stands for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Factor {
    pub(crate) n: usize,
    /// Mean of every neuron, x then y.
    pub(crate) mean: Vec<f64>,
    /// min(n, neurons) × neurons; `RᵀR` is the joint scatter matrix.
    pub(crate) r: Matrix,
}

/// Rows that go into one QR step, as a multiple of the number of neurons: enough that repeated work is small.
const CHUNK: usize = 4;

impl Factor {
    /// Of two representations with rows.
    pub(crate) fn of(x: &Representation, y: &Representation) -> Result<Self> {
        Self::of_sides(&[x, y])
    }

    /// Of any number of representations of the same inputs, with rows.
    pub(crate) fn of_sides(sides: &[&Representation]) -> Result<Self> {
        let (n, d) = (sides[0].n(), sides.iter().map(|side| side.d()).sum());
        let mean = sides.iter().flat_map(|side| side.mean()).copied().collect();
        let joint = |range: Range<usize>| {
            let mut values = Vec::with_capacity(range.len() * d);
            for side in sides {
                values.extend(side.shifted_rows(range.clone(), side.mean())?.into_values());
            }
            Ok::<_, Error>(Matrix::from_columns(range.len(), d, values))
        };
        if n <= d {
            return Ok(Self { n, mean, r: joint(0..n)? });
        }
        let chunk = (CHUNK * d).max(1024);
        let mut r: Option<Matrix> = None;
        for start in (0..n).step_by(chunk) {
            let block = joint(start..(start + chunk).min(n))?;
            r = Some(match r {
                None => triangular_factor(block),
                Some(r) => update_triangular_factor(Some(&r), &block),
            });
        }
        Ok(Self { n, mean, r: r.unwrap_or_else(|| Matrix::zeros(0, d)) })
    }

    /// The factor of the rows of both.
    pub(crate) fn merge(&self, other: &Self) -> Self {
        let (n, m) = (self.n as f64, other.n as f64);
        let d = self.mean.len();
        let between = (n * m / (n + m)).sqrt();
        let gap: Vec<f64> = self.mean.iter().zip(&other.mean).map(|(a, b)| between * (b - a)).collect();
        let mut below = Matrix::zeros(other.r.rows() + 1, d);
        for (j, gap) in gap.iter().enumerate() {
            below.column_mut(j)[0] = *gap;
            below.column_mut(j)[1..].copy_from_slice(other.r.column(j));
        }
        let mean = self.mean.iter().zip(&other.mean).map(|(a, b)| a + (b - a) * m / (n + m)).collect();
        Self { n: self.n + other.n, mean, r: update_triangular_factor(Some(&self.r), &below) }
    }

    /// Columns that stand for the neurons of x and of y, with the same inner products as the neurons themselves:
    /// about their means, or about zero.
    pub(crate) fn neurons(&self, d_x: usize, centred: bool) -> (Matrix, Matrix) {
        let above = usize::from(!centred);
        let root = (self.n as f64).sqrt();
        let k = self.r.rows();
        let side = |range: std::ops::Range<usize>| {
            let mut m = Matrix::zeros(k + above, range.len());
            for (to, from) in range.enumerate() {
                let column = m.column_mut(to);
                if above == 1 {
                    column[0] = root * self.mean[from];
                }
                column[above..].copy_from_slice(self.r.column(from));
            }
            m
        };
        (side(0..d_x), side(d_x..self.mean.len()))
    }

    /// The triangular factor of `[X Y]`, or of `[1 X Y]` with the constant neuron 1 in front.
    pub(crate) fn with_means(&self, constant: bool) -> Matrix {
        let (k, in_front) = (self.r.rows(), usize::from(constant));
        let root = (self.n as f64).sqrt();
        let mut stacked = Matrix::zeros(k + 1, self.mean.len() + in_front);
        if constant {
            stacked[(0, 0)] = root;
        }
        for (j, mean) in self.mean.iter().enumerate() {
            let column = stacked.column_mut(j + in_front);
            column[0] = root * mean;
            column[1..].copy_from_slice(self.r.column(j));
        }
        stacked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::multiply_at_b;

    fn representation(name: &str, n: usize, d: usize, offset: f64, start: usize) -> Representation {
        let values = (start * d..(start + n) * d)
            .map(|i| ((i * i * 37 + i * 11) % 101) as f64 / 101.0 + offset)
            .collect();
        Representation::from_f64(name, n, d, values).unwrap()
    }

    #[test]
    fn inner_products_survive_merging_in_both_forms() {
        let whole = (representation("x", 60, 4, 3.0, 0), representation("y", 60, 3, -2.0, 0));
        let parts = [(0, 23), (23, 37)].map(|(s, n)| {
            Factor::of(&representation("x", n, 4, 3.0, s), &representation("y", n, 3, -2.0, s)).unwrap()
        });
        let merged = parts[0].merge(&parts[1]);
        for centred in [true, false] {
            let (x, y) = merged.neurons(4, centred);
            let shift = |r: &Representation| {
                r.shifted_matrix(&if centred { r.mean().to_vec() } else { vec![0.0; r.d()] }).unwrap()
            };
            let expected = multiply_at_b(&shift(&whole.0), &shift(&whole.1));
            for (a, b) in multiply_at_b(&x, &y).values().iter().zip(expected.values()) {
                assert!((a - b).abs() < 1e-10 * b.abs().max(1.0), "{centred} {a} {b}");
            }
        }
    }
}
