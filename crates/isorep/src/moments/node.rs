//! The sums of some inputs, about their own means, and how two such sums become one.

use crate::factor::Factor;
use crate::linalg::{Matrix, dot, transpose_multiply};
use crate::representation::SelfTerms;
use crate::{Pair, Representation, Result};

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) n: usize,
    /// Means of the neurons, x then y.
    pub(super) mean: Vec<f64>,
    pub(super) xx: Block,
    pub(super) xy: Block,
    pub(super) yy: Block,
    pub(super) factor: Option<Factor>,
}

/// Sums over inputs of two sides a and b, which may be the same one, about the means.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Block {
    /// Σ a bᵀ.
    pub(super) scatter: Matrix,
    /// Σ |b|² a.
    pub(super) weighted_a: Vec<f64>,
    /// Σ |a|² b.
    pub(super) weighted_b: Vec<f64>,
    /// Σ |a|² |b|².
    pub(super) product: f64,
}

impl Node {
    /// Sums over all inputs of a pair.
    pub(super) fn of(pair: &Pair, factor: bool) -> Result<Self> {
        let (x, y) = (pair.x(), pair.y());
        Ok(Self {
            n: pair.n(),
            mean: [x.mean(), y.mean()].concat(),
            xx: Block::of(x, x, x.scatter()?.clone())?,
            xy: Block::of(x, y, pair.cross_scatter()?.clone())?,
            yy: Block::of(y, y, y.scatter()?.clone())?,
            factor: if factor { Some(Factor::of(x, y)?) } else { None },
        })
    }

    /// Sums over the inputs of both.
    pub(super) fn merge(&self, other: &Self) -> Self {
        let total = (self.n + other.n) as f64;
        let mean: Vec<f64> =
            self.mean.iter().zip(&other.mean).map(|(a, b)| a + (b - a) * other.n as f64 / total).collect();
        let (mut left, right) = (self.about(&mean), other.about(&mean));
        left.n += right.n;
        for (to, from) in [(&mut left.xx, &right.xx), (&mut left.xy, &right.xy), (&mut left.yy, &right.yy)] {
            to.add(from);
        }
        left.factor = match (&self.factor, &other.factor) {
            (Some(a), Some(b)) => Some(a.merge(b)),
            _ => None,
        };
        left
    }

    /// What the sums of one side say about it.
    pub(super) fn side(&self, name: String, own: &Block, width: usize, start: usize) -> Representation {
        let mean = self.mean[start..start + width].to_vec();
        let terms = SelfTerms {
            trace: own.trace(),
            squared_norm: crate::linalg::squared_norm(&own.scatter),
            diagonal: own.product,
        };
        Representation::from_moments(name, self.n, mean, own.scatter.clone(), terms)
    }

    /// The same sums about other means (the factor is left as it is).
    fn about(&self, mean: &[f64]) -> Self {
        let by: Vec<f64> = self.mean.iter().zip(mean).map(|(own, new)| own - new).collect();
        let (x, y) = by.split_at(self.xx.scatter.rows());
        let (t_x, t_y, n) = (self.xx.trace(), self.yy.trace(), self.n as f64);
        Self {
            n: self.n,
            mean: mean.to_vec(),
            xx: self.xx.shifted(n, (x, t_x), (x, t_x)),
            xy: self.xy.shifted(n, (x, t_x), (y, t_y)),
            yy: self.yy.shifted(n, (y, t_y), (y, t_y)),
            factor: self.factor.clone(),
        }
    }
}

impl Block {
    fn of(a: &Representation, b: &Representation, scatter: Matrix) -> Result<Self> {
        let (norms_a, norms_b) = (a.row_norms()?, b.row_norms()?);
        let weighted = |side: &Representation, weights: &[f64]| {
            let weights = Matrix::from_columns(weights.len(), 1, weights.to_vec());
            Ok::<_, crate::Error>(transpose_multiply(side.centred()?, &weights).values().to_vec())
        };
        Ok(Self {
            scatter,
            weighted_a: weighted(a, norms_b)?,
            weighted_b: weighted(b, norms_a)?,
            product: dot(norms_a, norms_b),
        })
    }

    fn trace(&self) -> f64 {
        (0..self.scatter.rows()).map(|j| self.scatter[(j, j)]).sum()
    }

    /// Every a becomes a + d and every b becomes b + e; `t` are the traces of both sides before.
    fn shifted(&self, n: f64, (d, t_a): (&[f64], f64), (e, t_b): (&[f64], f64)) -> Self {
        let (dd, ee) = (dot(d, d), dot(e, e));
        let mut scatter = self.scatter.clone();
        let mut scatter_e = vec![0.0; d.len()];
        let mut scatter_d = vec![0.0; e.len()];
        for (j, e_j) in e.iter().enumerate() {
            let column = scatter.column_mut(j);
            scatter_e.iter_mut().zip(column.iter()).for_each(|(s, c)| *s += c * e_j);
            scatter_d[j] = dot(column, d);
            column.iter_mut().zip(d).for_each(|(c, d_i)| *c += n * d_i * e_j);
        }
        let product = self.product
            + 2.0 * dot(&self.weighted_b, e)
            + ee * t_a
            + 2.0 * dot(&self.weighted_a, d)
            + 4.0 * dot(d, &scatter_e)
            + dd * (t_b + n * ee);
        let moved = |old: &[f64], by: &[f64], cross: &[f64], factor: f64| {
            old.iter().zip(by).zip(cross).map(|((o, b), c)| o + 2.0 * c + b * factor).collect()
        };
        Self {
            weighted_a: moved(&self.weighted_a, d, &scatter_e, t_b + n * ee),
            weighted_b: moved(&self.weighted_b, e, &scatter_d, t_a + n * dd),
            scatter,
            product,
        }
    }

    fn add(&mut self, other: &Self) {
        let pairs = [
            (self.scatter.values_mut(), other.scatter.values()),
            (&mut self.weighted_a[..], &other.weighted_a[..]),
            (&mut self.weighted_b[..], &other.weighted_b[..]),
        ];
        for (to, from) in pairs {
            to.iter_mut().zip(from).for_each(|(t, f)| *t += f);
        }
        self.product += other.product;
    }
}
