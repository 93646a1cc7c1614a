//! How sums over pairs of inputs are distributed when the inputs of one side are permuted: mean, variance and third
//! moment over all n! orders, without trying any.
//!
//! A centred matrix of likeness K is taken apart into K̃, which has zeros on its diagonal and sums to zero in every row
//! (U-centred, Székely and Rizzo 2014), and into its centred diagonal f. With those of the other side, L̃ and g,
//! `⟨K, L⟩ = mean + Σ K̃∘L̃ + n/(n − 2) Σ f g`, and the estimates of HSIC differ in the weight of the last sum only: the
//! unbiased one has none. Because all rows of K̃ sum to zero, a sum over any pattern of three of its entries (a triple
//! edge, a path, a star, …) is a multiple of one of two numbers, Σ K̃³ and tr K̃³; with f there are three more. So the
//! moments of every pair follow from a handful of numbers a side.

use super::chance::Null;
use crate::linalg::{
    Buffer, Points, Precision, Real, Space, fold_upper_tiles, multiply, squared_norm, tile_precision, widest,
};
use crate::representation::SelfTerms;
use crate::{Pair, Representation, Result};
use std::ops::Range;

/// What the variance needs of one side, which [`SelfTerms`] know.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Squares {
    /// Σ K̃² over all pairs, in both orders.
    off_diagonal: f64,
    /// Σ f².
    diagonal: f64,
}

/// What the third moment needs of one side besides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cubes {
    /// Σ K̃³ over all pairs, each once.
    edges: f64,
    /// tr K̃³.
    triangles: f64,
    /// Σ f³.
    diagonal: f64,
    /// fᵀ K̃ f.
    bridges: f64,
    /// Σᵢ fᵢ Σⱼ K̃ᵢⱼ².
    spokes: f64,
}

/// The part of Σ f g that belongs to an estimate of ⟨K, L⟩ for n inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Diagonal {
    /// The sum over all pairs, inputs with themselves among them.
    Kept,
    /// The sum over pairs of different inputs.
    LeftOut,
    /// The sum of U-centred matrices.
    Unbiased,
}

impl Diagonal {
    fn weight(self, n: f64) -> f64 {
        match self {
            Self::Kept => n / (n - 2.0),
            Self::LeftOut => 2.0 / (n - 2.0),
            Self::Unbiased => 0.0,
        }
    }

    /// The mean over all orders, from the traces of both centred matrices.
    fn mean(self, n: f64, traces: f64) -> f64 {
        match self {
            Self::Kept => traces / (n - 1.0),
            Self::LeftOut => traces / (n - 1.0) / n,
            Self::Unbiased => 0.0,
        }
    }
}

/// The distribution of `scale` times an estimate of ⟨K, L⟩ over all orders of one side; without a third moment where
/// `cubes` are not known. `None` below 6 inputs, which three pairs of different inputs take.
pub(crate) fn null(
    n: usize,
    diagonal: Diagonal,
    (x, y): (SelfTerms, SelfTerms),
    cubes: Option<(Cubes, Cubes)>,
    scale: f64,
) -> Option<Null> {
    if n < 6 {
        return None;
    }
    let weight = diagonal.weight(n as f64);
    let n = n as f64;
    let (squares_x, squares_y) = (Squares::of(n, x), Squares::of(n, y));
    let variance = 2.0 * squares_x.off_diagonal * squares_y.off_diagonal / (n * (n - 3.0))
        + weight * weight * squares_x.diagonal * squares_y.diagonal / (n - 1.0);
    let skewness = cubes.map(|(x, y)| third_moment(n, weight, x, y) / variance.powf(1.5));
    Some(Null {
        mean: scale * diagonal.mean(n, x.trace * y.trace),
        sd: scale * variance.sqrt(),
        skewness: skewness.filter(|skewness| skewness.is_finite()),
    })
    .filter(|null| null.sd > 0.0 && null.sd.is_finite())
}

impl Squares {
    fn of(n: f64, terms: SelfTerms) -> Self {
        let SelfTerms { trace, squared_norm, diagonal } = terms;
        Self {
            off_diagonal: squared_norm - n / (n - 2.0) * diagonal + trace * trace / ((n - 1.0) * (n - 2.0)),
            diagonal: diagonal - trace * trace / n,
        }
    }
}

/// The third moment about the mean of Σ K̃∘L̃ + w Σ f g.
///
/// The expectation of a product of sums is, for every pattern in which their indices can coincide, the sum of K over that
/// pattern times that of L, over the number of places the pattern has.
fn third_moment(n: f64, w: f64, x: Cubes, y: Cubes) -> f64 {
    let falling = |k: i32| (0..k).map(|i| n - f64::from(i)).product::<f64>();
    let over = |of: f64, and: f64, places: f64| of * and / places;
    // Three pairs: coefficients of Σ K̃³ and of tr K̃³ in the sum over each pattern.
    let patterns = [
        (1.0, 0.0, falling(2) / 2.0),   // the same pair three times
        (-6.0, 0.0, 3.0 * falling(3)),  // one twice, the other next to it
        (0.0, 1.0, falling(3)),         // a triangle
        (3.0, 0.0, 0.75 * falling(4)),  // one twice, the other apart
        (6.0, -3.0, 3.0 * falling(4)),  // a path
        (4.0, 0.0, falling(4)),         // a star
        (-12.0, 3.0, 1.5 * falling(5)), // two in a path, one apart
        (4.0, -1.0, falling(6) / 8.0),  // all apart
    ];
    let sum = |(edges, triangles): (f64, f64), side: Cubes| edges * side.edges + triangles * side.triangles;
    let pairs: f64 =
        patterns.iter().map(|(e, t, places)| over(sum((*e, *t), x), sum((*e, *t), y), *places)).sum();
    // Two pairs and one input: every pattern is a multiple of Σᵢ fᵢ Σⱼ K̃ᵢⱼ².
    let spokes: f64 = [
        (1.0, falling(2)),
        (-1.0, falling(3) / 2.0),
        (-1.0, falling(3)),
        (-2.0, 2.0 * falling(3)),
        (3.0, falling(4)),
        (2.0, falling(4)),
        (-2.0, falling(5) / 4.0),
    ]
    .iter()
    .map(|(factor, places)| over(factor * x.spokes, factor * y.spokes, *places))
    .sum();
    let bridges = over(x.bridges, y.bridges, n * (n - 3.0));
    let diagonal = n * over(x.diagonal, y.diagonal, (n - 1.0) * (n - 2.0));
    // A sum over pairs in both orders is twice that over pairs.
    8.0 * pairs + 3.0 * w * 4.0 * spokes + 3.0 * w * w * 2.0 * bridges + w.powi(3) * diagonal
}

/// What the third moment needs of both sides, if they have rows.
pub(crate) fn linear_cubes(pair: &Pair) -> Option<(Cubes, Cubes)> {
    Some((*pair.x().cubes().ok()?, *pair.y().cubes().ok()?))
}

/// Sums over the tiles of K̃.
#[derive(Default)]
struct Share {
    edges: f64,
    bridges: f64,
    rows: Vec<f64>,
    columns: Vec<f64>,
}

impl Cubes {
    /// Of the inner products of centred inputs: one pass over all pairs of them.
    pub(crate) fn of(side: &Representation) -> Result<Self> {
        match tile_precision(&[side])? {
            Precision::Single => Self::of_points(side, side.points::<f32>(Space::Centred)?),
            Precision::Double => Self::of_points(side, side.points::<f64>(Space::Centred)?),
        }
    }

    fn of_points<T: Real>(side: &Representation, points: &Points<T>) -> Result<Self> {
        let own = side.row_norms()?;
        let n = own.len() as f64;
        let trace: f64 = own.iter().sum();
        let f: Vec<f64> = own.iter().map(|k| k - trace / n).collect();
        // K̃ᵢⱼ = Kᵢⱼ − uᵢ − uⱼ off the diagonal; u follows from the sums of rows, which are minus the diagonal there.
        let u: Vec<f64> = own.iter().map(|k| (trace / (2.0 * (n - 1.0)) - k) / (n - 2.0)).collect();
        let mut squares = vec![0.0; own.len()];
        let (mut edges, mut bridges) = (0.0, 0.0);
        fold_upper_tiles(
            own.len(),
            |_, rows, columns| {
                let mut tile = Buffer::<T>::zeros(rows.len() * columns.len());
                points.products(rows.clone(), columns.clone(), &mut tile);
                Share::of(&tile, (rows, columns), &u, &f)
            },
            |rows, columns, share| {
                edges += share.edges;
                bridges += 2.0 * share.bridges;
                for (range, sums) in [(rows, share.rows), (columns, share.columns)] {
                    squares[range].iter_mut().zip(sums).for_each(|(total, sum)| *total += sum);
                }
            },
        );
        let total: f64 = squares.iter().sum();
        let spokes: f64 = f.iter().zip(&squares).map(|(f, square)| f * square).sum();
        // K = K̃ + R with R = u 1ᵀ + 1 uᵀ + diag(δ); what R adds to tr K³ is taken off.
        let delta: Vec<f64> = own.iter().zip(&u).map(|(k, u)| k - 2.0 * u).collect();
        let mean_delta = delta.iter().sum::<f64>() / n;
        let with_one = n / (n - 2.0) * spokes + mean_delta * total;
        let with_two = -n * bridges / (n - 2.0).powi(2);
        let triangles = side.cubic_trace()? - 3.0 * with_one - 3.0 * with_two - cube_of_rest(&u, &delta);
        Ok(Self { edges, triangles, diagonal: f.iter().map(|f| f.powi(3)).sum(), bridges, spokes })
    }
}

impl Share {
    fn of<T: Real>(tile: &[T], (rows, columns): (Range<usize>, Range<usize>), u: &[f64], f: &[f64]) -> Self {
        let on_diagonal = rows == columns;
        let mut share =
            Self { rows: vec![0.0; rows.len()], columns: vec![0.0; columns.len()], ..Self::default() };
        let width = columns.len();
        let (u_columns, f_columns) = (&u[columns.clone()], &f[columns]);
        for (at, (i, line)) in rows.zip(tile.chunks_exact(width)).enumerate() {
            // On the diagonal every pair is met twice: only what lies above it counts.
            let from = if on_diagonal { at + 1 } else { 0 };
            let (u_i, f_i) = (u[i], f[i]);
            let (mut edges, mut bridges, mut squares) = ([0.0; 8], [0.0; 8], [0.0; 8]);
            let mut add = |k: usize, value: f64, u_j: f64, f_j: f64, column: &mut f64| {
                let entry = value - u_i - u_j;
                let square = entry * entry;
                edges[k] += square * entry;
                bridges[k] += entry * f_j;
                squares[k] += square;
                *column += square;
            };
            widest(
                #[inline(always)]
                || {
                    let mut values = line[from..].chunks_exact(8);
                    let mut us = u_columns[from..].chunks_exact(8);
                    let mut fs = f_columns[from..].chunks_exact(8);
                    let mut sums = share.columns[from..].chunks_exact_mut(8);
                    for (((value, u), f), sum) in (&mut values).zip(&mut us).zip(&mut fs).zip(&mut sums) {
                        for k in 0..8 {
                            add(k, value[k].wide(), u[k], f[k], &mut sum[k]);
                        }
                    }
                    let rest = values.remainder().iter().zip(us.remainder()).zip(fs.remainder());
                    for (((value, u), f), sum) in rest.zip(sums.into_remainder()) {
                        add(0, value.wide(), *u, *f, sum);
                    }
                },
            );
            share.edges += edges.iter().sum::<f64>();
            share.bridges += f_i * bridges.iter().sum::<f64>();
            share.rows[at] += squares.iter().sum::<f64>();
        }
        share
    }
}

/// tr R³ of R = u 1ᵀ + 1 uᵀ + diag(δ).
fn cube_of_rest(u: &[f64], delta: &[f64]) -> f64 {
    let n = u.len() as f64;
    let s: f64 = u.iter().sum();
    let p: f64 = u.iter().map(|u| u * u).sum();
    let mixed: f64 = u
        .iter()
        .zip(delta)
        .map(|(u, d)| 3.0 * d * (2.0 * s * u + n * u * u + p) + 6.0 * u * d * d + d.powi(3))
        .sum();
    2.0 * s.powi(3) + 6.0 * s * n * p + mixed
}

/// tr C³ of a symmetric matrix.
pub(crate) fn cubic_trace(c: &crate::linalg::Matrix) -> f64 {
    debug_assert!(squared_norm(c).is_finite());
    multiply(c, c).values().iter().zip(c.values()).map(|(square, c)| square * c).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sides(n: usize) -> (Representation, Representation) {
        let values =
            |d: usize, k: usize| (0..n * d).map(|i| ((i * i * k + 7 * i) % 31) as f64 + 0.3).collect();
        (
            Representation::from_f64("x", n, 2, values(2, 3)).unwrap(),
            Representation::from_f64("y", n, 3, values(3, 5)).unwrap(),
        )
    }

    fn all_orders(n: usize) -> Vec<Vec<usize>> {
        if n == 0 {
            return vec![Vec::new()];
        }
        let shorter = all_orders(n - 1);
        (0..n)
            .flat_map(|at| {
                shorter.iter().map(move |order| {
                    let mut order = order.clone();
                    order.insert(at, n - 1);
                    order
                })
            })
            .collect()
    }

    /// Against all 5 040 orders of seven inputs, for every estimate of HSIC.
    #[test]
    fn moments_are_those_of_all_orders() {
        let (x, y) = sides(7);
        let pair = Pair::new(&x, &y).unwrap();
        for label in
            ["hsic", "hsic(estimator=gretton)", "hsic(estimator=lange)", "cka", "cka(estimator=lange)"]
        {
            let measure: crate::AnyMeasure = label.parse().unwrap();
            let values: Vec<f64> = all_orders(7)
                .iter()
                .map(|order| measure.compare(&Pair::new(&x, &y.select(order).unwrap()).unwrap()).unwrap())
                .collect();
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            let moment = |k: i32| values.iter().map(|v| (v - mean).powi(k)).sum::<f64>() / n;
            let null = measure.null(&pair).unwrap().unwrap();
            let skewness = null.skewness.unwrap();
            assert!((null.mean - mean).abs() < 1e-9 * moment(2).sqrt(), "{label}: {null:?}, not {mean}");
            assert!(
                (null.sd / moment(2).sqrt() - 1.0).abs() < 1e-9,
                "{label}: {null:?}, not {}",
                moment(2).sqrt()
            );
            let expected = moment(3) / moment(2).powf(1.5);
            assert!((skewness - expected).abs() < 1e-9, "{label}: {null:?}, not {expected}");
        }
    }

    /// The unbiased cosine has a spread that no data can change.
    #[test]
    fn debiased_cka_has_a_spread_without_data() {
        let (x, y) = sides(40);
        let pair = Pair::new(&x, &y).unwrap();
        let null = "cka".parse::<crate::AnyMeasure>().unwrap().null(&pair).unwrap().unwrap();
        assert!((null.sd - (2.0f64 / (40.0 * 37.0)).sqrt()).abs() < 1e-12);
        assert_eq!(null.mean, 0.0);
    }

    #[test]
    fn single_precision_agrees() {
        let (x, y) = sides(300);
        let single = |side: &Representation| {
            let mut values = vec![0.0; side.n() * side.d()];
            side.rows().unwrap().read_f64(0..side.n(), &[], &mut values);
            Representation::from_f32("s", side.n(), side.d(), values.iter().map(|v| *v as f32).collect())
                .unwrap()
        };
        let measure: crate::AnyMeasure = "cka".parse().unwrap();
        let skewness = |x: &Representation, y: &Representation| {
            measure.null(&Pair::new(x, y).unwrap()).unwrap().unwrap().skewness.unwrap()
        };
        let (double, quick) = (skewness(&x, &y), skewness(&single(&x), &single(&y)));
        assert!((double - quick).abs() < 1e-4, "{double} {quick}");
    }
}
