//! Small random pairs of representations of every kind that has gone wrong somewhere.

use isorep::Matrix;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub(crate) fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

pub(crate) fn normal_value(rng: &mut impl Rng) -> f64 {
    let (radius, angle): (f64, f64) = (rng.random(), rng.random());
    (-2.0 * (1.0 - radius).ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

pub(crate) fn normal(rng: &mut impl Rng, rows: usize, columns: usize) -> Matrix {
    Matrix::from_fn(rows, columns, |_, _| normal_value(rng))
}

pub(crate) fn from_columns(columns: &[Vec<f64>]) -> Matrix {
    Matrix::from_columns(columns[0].len(), columns.len(), columns.concat())
}

pub(crate) fn product(a: &Matrix, b: &Matrix) -> Matrix {
    Matrix::from_fn(a.rows(), b.columns(), |i, j| (0..a.columns()).map(|k| a[(i, k)] * b[(k, j)]).sum())
}

/// a + factor · b
pub(crate) fn sum(a: &Matrix, factor: f64, b: &Matrix) -> Matrix {
    Matrix::from_fn(a.rows(), a.columns(), |i, j| a[(i, j)] + factor * b[(i, j)])
}

pub(crate) fn beside(a: &Matrix, b: &Matrix) -> Matrix {
    Matrix::from_columns(a.rows(), a.columns() + b.columns(), [a.values(), b.values()].concat())
}

/// Orthonormal centred columns.
pub(crate) fn orthonormal(rng: &mut impl Rng, n: usize, k: usize) -> Vec<Vec<f64>> {
    let mut found: Vec<Vec<f64>> = vec![vec![1.0 / (n as f64).sqrt(); n]];
    while found.len() <= k {
        let mut v: Vec<f64> = (0..n).map(|_| normal_value(rng)).collect();
        for _ in 0..2 {
            for q in &found {
                let along: f64 = q.iter().zip(&v).map(|(a, b)| a * b).sum();
                v.iter_mut().zip(q).for_each(|(v, q)| *v -= along * q);
            }
        }
        let norm = v.iter().map(|v| v * v).sum::<f64>().sqrt();
        found.push(v.iter().map(|v| v / norm).collect());
    }
    found.split_off(1)
}

pub(crate) const KINDS: u64 = 9;

/// A pair with at most `most` neurons a side, of the kind `seed % KINDS`.
pub(crate) fn small_pair(seed: u64, most: usize) -> (Matrix, Matrix) {
    let mut rng = rng(seed);
    let (p, q) = (rng.random_range(1..=most), rng.random_range(1..=most));
    let n = rng.random_range(2 * most..=4 * most);
    let noise = 10_f64.powf(rng.random_range(-2.0..0.3));
    let shared = |rng: &mut ChaCha8Rng, k: usize| {
        let signal = normal(rng, n, k);
        let mut side = |d: usize| {
            let (weights, own) = (normal(rng, k, d), normal(rng, n, d));
            sum(&product(&signal, &weights), noise, &own)
        };
        (side(p), side(q))
    };
    match seed % KINDS {
        0 => (normal(&mut rng, n, p), normal(&mut rng, n, q)),
        1 => shared(&mut rng, (p + q).div_ceil(3)),
        // Repeated neurons, within a side and across sides.
        2 => {
            let (mut x, mut y) = shared(&mut rng, 2);
            let first = x.column(0).to_vec();
            x.column_mut(p - 1).copy_from_slice(&first);
            y.column_mut(q - 1).copy_from_slice(&first);
            (x, y)
        }
        // Zero neurons.
        3 => {
            let (mut x, mut y) = shared(&mut rng, 2);
            x.column_mut(p / 2).fill(0.0);
            y.column_mut(q / 2).fill(0.0);
            y.column_mut(0).fill(0.0);
            (x, y)
        }
        // Rank-deficient sides whose spans meet.
        4 => {
            let signal = normal(&mut rng, n, 3);
            let x = product(&signal, &normal(&mut rng, 3, p));
            let tilted = sum(&signal, noise, &normal(&mut rng, n, 3));
            (x, product(&tilted, &normal(&mut rng, 3, q)))
        }
        // Fewer inputs than neurons.
        5 => {
            let n = rng.random_range(1..=most);
            (normal(&mut rng, n, p), normal(&mut rng, n, q))
        }
        // The span of y lies in that of x.
        6 => {
            let x = normal(&mut rng, n, p);
            let y = product(&x, &normal(&mut rng, p, q));
            (x, y)
        }
        // Small integers: many exact ties and dependences.
        7 => {
            let mut integers = |d| Matrix::from_fn(6, d, |_, _| f64::from(rng.random_range(-1..=1)));
            (integers(p), integers(q))
        }
        // Each side has neurons of its own, and some of a shared subspace.
        _ => {
            let (x, y) = shared(&mut rng, 2);
            (beside(&x, &normal(&mut rng, n, 1)), beside(&normal(&mut rng, n, 1), &y))
        }
    }
}
