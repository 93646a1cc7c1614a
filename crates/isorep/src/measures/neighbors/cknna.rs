#![doc = include_str!("cknna.md")]

use super::{Lists, NeighborCount, properties};
use crate::linalg::{Points, Real, dot};
use crate::measure::{Family, Info, Measure, Properties};
use crate::neighbors::{Metric, Neighbors};
use crate::{Error, Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// Kernel alignment restricted to nearest neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cknna {
    /// How many neighbours.
    pub k: NeighborCount,
    /// What near means, and with it the kernel.
    pub metric: Metric,
}

impl Measure for Cknna {
    const INFO: Info = Info {
        id: "cknna",
        title: "Centred kernel nearest-neighbour alignment",
        family: Family::Neighbors,
        formula: "sum over shared neighbours of Kc(i,j) Lc(i,j), over the root of the same for x and for y alone",
        reference: "Huh et al. 2024, arXiv:2405.07987",
        options: &[NeighborCount::OPTION, Metric::OPTION],
        doc: include_str!("cknna.md"),
    };

    /// By Cauchy and Schwarz it is at most 1: the sums for one side alone are over more pairs.
    fn properties(&self) -> Properties {
        properties(self.metric, (-1.0, 1.0), Some(1.0), true)
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let lists = Lists::of(pair, self.metric, self.k)?;
        if pair.is_single() { self.align::<f32>(&lists) } else { self.align::<f64>(&lists) }
    }

    fn prepare(&self, side: &Representation) -> Result<()> {
        side.neighbors(self.metric, self.k.get()).map(drop)
    }

    fn samples() -> Vec<Self> {
        let default = Self::default();
        vec![default, Self { metric: Metric::Euclidean, ..default }]
    }
}

impl Cknna {
    fn align<T: Real>(&self, lists: &Lists<'_>) -> Result<f64> {
        let pair = lists.pair();
        let x = Kernel::<T>::of(pair.x(), self.metric)?;
        let y = Kernel::<T>::of(pair.y(), self.metric)?;
        let mut between = 0.0;
        for i in 0..lists.n {
            let other = lists.y.of(i, lists.k);
            for j in lists.x.of(i, lists.k).iter().filter(|j| other.contains(j)) {
                between += x.centred(i, *j) * y.centred(i, *j);
            }
        }
        let own = |kernel: &Kernel<'_, T>, neighbors: &Neighbors, side: &Representation| {
            let square = |i: usize| {
                neighbors.of(i, lists.k).iter().map(move |j| kernel.centred(i, *j).powi(2)).sum::<f64>()
            };
            let sum: f64 = (0..lists.n).map(square).sum();
            if sum > 0.0 {
                return Ok(sum.sqrt());
            }
            Err(Error::undefined(format!("near inputs of `{}` are no more alike than others", side.name())))
        };
        let value = between / own(&x, &lists.x, pair.x())? / own(&y, &lists.y, pair.y())?;
        Ok(if value.abs() <= 1.0 + 1e-12 { value.clamp(-1.0, 1.0) } else { value })
    }
}

/// Inner products of the inputs of one side, less their mean for each input.
struct Kernel<'a, T> {
    points: &'a Points<T>,
    /// The mean squared length of an input, by which everything is divided: squares of extreme activations would leave
    /// the range of f64.
    size: f64,
    means: Vec<f64>,
}

impl<'a, T: Real> Kernel<'a, T> {
    fn of(side: &'a Representation, metric: Metric) -> Result<Self> {
        let points = side.points::<T>(metric.space())?;
        let mut sum = vec![0.0; points.d()];
        for i in 0..points.n() {
            sum.iter_mut().zip(points.point(i)).for_each(|(s, v)| *s += v.wide());
        }
        let wide = |i: usize| points.point(i).iter().map(|v| v.wide()).collect::<Vec<f64>>();
        let n = points.n() as f64;
        let size = points.squares().iter().map(|square| square / n).sum::<f64>();
        let means = (0..points.n()).map(|i| dot(&wide(i), &sum) / n / size).collect();
        Ok(Self { points, size, means })
    }

    fn centred(&self, i: usize, j: u32) -> f64 {
        let (a, b) = (self.points.point(i), self.points.point(j as usize));
        a.iter().zip(b).map(|(a, b)| a.wide() * b.wide()).sum::<f64>() / self.size - self.means[i]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The paper's sums over all pairs, written out.
    #[test]
    fn equals_the_sums_over_all_pairs() {
        let (n, k) = (12, 4);
        let side = |step: usize| -> Vec<f64> {
            (0..n * 3).map(|i| f64::from(((i * i * step + 5 * i) % 23) as u8) - 9.0).collect()
        };
        let (a, b) = (side(3), side(7));
        let kernel = |values: &[f64]| {
            let unit = |i: usize| {
                let row = &values[i * 3..(i + 1) * 3];
                let length = row.iter().map(|v| v * v).sum::<f64>().sqrt();
                row.iter().map(|v| v / length).collect::<Vec<_>>()
            };
            let inner = |i, j| -> f64 { unit(i).iter().zip(unit(j)).map(|(a, b)| a * b).sum() };
            let rows: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| inner(i, j)).collect()).collect();
            rows
        };
        let nearest = |rows: &[Vec<f64>], i: usize| {
            let mut others: Vec<usize> = (0..n).filter(|j| *j != i).collect();
            others.sort_by(|a, b| rows[i][*b].total_cmp(&rows[i][*a]));
            others.truncate(k);
            others
        };
        let align = |p: &[Vec<f64>], q: &[Vec<f64>]| {
            let centred =
                |rows: &[Vec<f64>], i: usize, j: usize| rows[i][j] - rows[i].iter().sum::<f64>() / n as f64;
            (0..n)
                .flat_map(|i| {
                    let other = nearest(q, i);
                    nearest(p, i).into_iter().filter(move |j| other.contains(j)).map(move |j| (i, j))
                })
                .map(|(i, j)| centred(p, i, j) * centred(q, i, j))
                .sum::<f64>()
        };
        let (p, q) = (kernel(&a), kernel(&b));
        let expected = align(&p, &q) / (align(&p, &p) * align(&q, &q)).sqrt();
        let x = Representation::from_f64("x", n, 3, a).unwrap();
        let y = Representation::from_f64("y", n, 3, b).unwrap();
        let measure = Cknna { k: NeighborCount::new(k).unwrap(), ..Cknna::default() };
        let value = measure.compare(&Pair::new(&x, &y).unwrap()).unwrap();
        assert!((value - expected).abs() < 1e-12, "{value} {expected}");
    }
}
