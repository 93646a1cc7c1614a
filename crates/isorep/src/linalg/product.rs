//! Products of tall matrices of activations: scatter matrices (neurons × neurons) and Gram matrices (inputs × inputs).
//!
//! Rows are read a block at a time, centred and widened on the way into a small buffer, so memory is O(d²) whatever
//! n is. Single-precision data may be multiplied in single precision: sums then go over to f64 every few thousand
//! rows, which keeps the relative error of a score near 1e-7 at any n and any offset.

use super::blocks::{BLOCK, Precision, ShiftedRows, read};
use super::kernel::Real;
use super::tiles::products;
use super::{Matrix, parallelism, view, view_mut, widest};
use crate::Rows;
use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;
use std::ops::Range;

/// Σ x xᵀ over shifted rows: d × d, symmetric.
pub(crate) fn scatter(x: ShiftedRows<'_>, precision: Precision) -> Matrix {
    products(&[x.into()], &[(0, 0)], precision)[0].matrix()
}

/// Σ x yᵀ over shifted rows: `d_x` × `d_y`.
pub(crate) fn cross_scatter(x: ShiftedRows<'_>, y: ShiftedRows<'_>, precision: Precision) -> Matrix {
    products(&[x.into(), y.into()], &[(0, 1)], precision)[0].matrix()
}

/// Inner products of all pairs of shifted rows: n × n, symmetric.
pub(crate) fn gram(x: ShiftedRows<'_>, precision: Precision) -> Matrix {
    match precision {
        Precision::Single => inner_products::<f32>(x),
        Precision::Double => inner_products::<f64>(x),
    }
}

/// Squared lengths of the shifted rows.
pub(crate) fn squared_row_norms(x: ShiftedRows<'_>) -> Vec<f64> {
    let (n, d) = (x.rows.n(), x.rows.d());
    let mut norms = vec![0.0; n];
    let block = |(k, out): (usize, &mut [f64])| {
        let mut row = vec![0.0; d];
        for (i, o) in out.iter_mut().enumerate() {
            let at = k * BLOCK + i;
            x.rows.read_f64(at..at + 1, x.shift, &mut row);
            *o = dot(&row, &row);
        }
    };
    match parallelism() {
        Par::Seq => norms.chunks_mut(BLOCK).enumerate().for_each(block),
        Par::Rayon(_) => norms.par_chunks_mut(BLOCK).enumerate().for_each(block),
    }
    norms
}

/// Squared lengths of the columns of shifted rows, summed block by block in a fixed order.
pub(crate) fn squared_column_norms(x: ShiftedRows<'_>) -> Vec<f64> {
    sum_columns(x.rows, |range, sums| {
        let mut row = vec![0.0; x.rows.d()];
        for i in range {
            x.rows.read_f64(i..i + 1, x.shift, &mut row);
            sums.iter_mut().zip(&row).for_each(|(s, v)| *s += v * v);
        }
    })
}

/// `Xᵀ m` for shifted rows X and a matrix with as many rows.
pub(crate) fn transpose_multiply(x: ShiftedRows<'_>, m: &Matrix) -> Matrix {
    let par = parallelism();
    let mut buffer = Vec::<f64>::new();
    let mut total = Matrix::zeros(x.rows.d(), m.columns());
    for start in (0..x.rows.n()).step_by(BLOCK) {
        let range = start..(start + BLOCK).min(x.rows.n());
        let part = view(m).subrows(range.start, range.len());
        let block = read(x, range, &mut buffer, par);
        matmul(view_mut(&mut total), Accum::Add, block.transpose(), part, 1.0, par);
    }
    total
}

/// ‖a X m − b Y‖² for shifted rows X and Y and a matrix m (the identity if `None`), from differences of f64 products:
/// nothing cancels where the two are near.
pub(crate) fn squared_residual(
    x: ShiftedRows<'_>,
    m: Option<&Matrix>,
    y: ShiftedRows<'_>,
    (a, b): (f64, f64),
) -> f64 {
    let par = parallelism();
    let (mut x_buffer, mut y_buffer) = (Vec::<f64>::new(), Vec::<f64>::new());
    let mut sum = 0.0;
    for start in (0..x.rows.n()).step_by(BLOCK) {
        let range = start..(start + BLOCK).min(x.rows.n());
        let mut gap = Matrix::zeros(range.len(), y.rows.d());
        let x_block = read(x, range.clone(), &mut x_buffer, par);
        let y_block = read(y, range, &mut y_buffer, par);
        match m {
            Some(m) => {
                matmul(view_mut(&mut gap), Accum::Replace, x_block, view(m), a, par);
            }
            None => {
                for j in 0..gap.columns() {
                    gap.column_mut(j).iter_mut().enumerate().for_each(|(i, g)| *g = a * x_block[(i, j)]);
                }
            }
        }
        for j in 0..gap.columns() {
            gap.column_mut(j).iter_mut().enumerate().for_each(|(i, g)| *g -= b * y_block[(i, j)]);
        }
        sum += dot(gap.values(), gap.values());
    }
    sum
}

/// Means of the columns, summed block by block in f64 in a fixed order.
pub(crate) fn column_means(rows: &Rows) -> Vec<f64> {
    let sums = sum_columns(rows, |range, sums| rows.add_columns(range, sums));
    sums.into_iter().map(|sum| sum / rows.n() as f64).collect()
}

/// Sums over blocks of rows, one number a column; `add` adds one block.
fn sum_columns(rows: &Rows, add: impl Fn(Range<usize>, &mut [f64]) + Sync) -> Vec<f64> {
    let blocks = rows.n().div_ceil(BLOCK);
    let sum = |k: usize| {
        let mut sums = vec![0.0; rows.d()];
        add(k * BLOCK..((k + 1) * BLOCK).min(rows.n()), &mut sums);
        sums
    };
    let parts: Vec<Vec<f64>> = match parallelism() {
        Par::Seq => (0..blocks).map(sum).collect(),
        Par::Rayon(_) => (0..blocks).into_par_iter().map(sum).collect(),
    };
    let mut total = vec![0.0; rows.d()];
    for part in parts {
        total.iter_mut().zip(part).for_each(|(t, p)| *t += p);
    }
    total
}

/// Inner products of row i of both matrices.
pub(crate) fn row_products(a: &Matrix, b: &Matrix) -> Vec<f64> {
    let mut sums = vec![0.0; a.rows()];
    for j in 0..a.columns() {
        sums.iter_mut().zip(a.column(j).iter().zip(b.column(j))).for_each(|(s, (a, b))| *s += a * b);
    }
    sums
}

/// The inner product of two vectors, in eight running sums so that it vectorises, always in the same order.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    widest(
        #[inline(always)]
        || dot_in_order(a, b),
    )
}

#[inline(always)]
fn dot_in_order(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (a_head, b_head) = (a.chunks_exact(8), b.chunks_exact(8));
    let tail: f64 = a_head.remainder().iter().zip(b_head.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a_head.zip(b_head) {
        for k in 0..8 {
            sums[k] += a[k] * b[k];
        }
    }
    sums.iter().sum::<f64>() + tail
}

fn inner_products<T: Real>(x: ShiftedRows<'_>) -> Matrix {
    let (n, par) = (x.rows.n(), parallelism());
    let mut buffer = Vec::new();
    buffer.resize(n * x.rows.d(), T::default());
    x.rows.read_columns(0..n, 0..x.rows.d(), x.shift, x.rows.d(), &mut buffer, T::narrow);
    let block = MatRef::from_row_major_slice(&buffer, n, x.rows.d());
    let mut products = vec![T::default(); n * n];
    add_symmetric(MatMut::from_column_major_slice_mut(&mut products, n, n), block, par);
    let mut gram = Matrix::from_columns(n, n, products.iter().map(|p| p.wide()).collect());
    mirror(&mut gram);
    gram
}

/// Adds the lower triangle of `a aᵀ`.
fn add_symmetric<T: Real>(sum: MatMut<'_, T>, a: MatRef<'_, T>, par: Par) {
    use BlockStructure::{Rectangular, TriangularLower};
    triangular::matmul(
        sum,
        TriangularLower,
        Accum::Add,
        a,
        Rectangular,
        a.transpose(),
        Rectangular,
        T::ONE,
        par,
    );
}

/// Copies the lower triangle to the upper one, in tiles that stay in cache.
pub(super) fn mirror(m: &mut Matrix) {
    const TILE: usize = 32;
    let n = m.rows();
    for j_tile in (0..n).step_by(TILE) {
        for i_tile in (j_tile..n).step_by(TILE) {
            for j in j_tile..(j_tile + TILE).min(n) {
                for i in i_tile.max(j + 1)..(i_tile + TILE).min(n) {
                    m[(j, i)] = m[(i, j)];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Values;
    use std::sync::Arc;

    fn sample(n: usize, d: usize, seed: u64) -> Vec<f64> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / f64::from(1u32 << 31) - 0.5
        };
        (0..n * d).map(|_| next()).collect()
    }

    #[test]
    fn blocks_add_up_to_the_plain_sum() {
        let (n, d_x, d_y) = (9_077, 70, 53);
        let (x, y) = (sample(n, d_x, 1), sample(n, d_y, 2));
        let rows = |v: &[f64], d| Rows::new("x", n, d, Values::F64(Arc::new(v.to_vec()))).unwrap();
        let narrow = |v: &[f64], d| {
            Rows::new("x", n, d, Values::F32(Arc::new(v.iter().map(|v| *v as f32).collect::<Vec<_>>())))
                .unwrap()
        };
        let shift_x: Vec<f64> = (0..d_x).map(|j| (j % 8) as f64 / 8.0).collect();
        let shift_y = vec![0.25; d_y];
        for (precision, tolerance) in [(Precision::Double, 1e-13), (Precision::Single, 3e-7)] {
            let (rx, ry) = if precision == Precision::Double {
                (rows(&x, d_x), rows(&y, d_y))
            } else {
                (narrow(&x, d_x), narrow(&y, d_y))
            };
            let sx = ShiftedRows { rows: &rx, shift: &shift_x };
            let sy = ShiftedRows { rows: &ry, shift: &shift_y };
            let (cross, own) = (cross_scatter(sx, sy, precision), scatter(sx, precision));
            for i in 0..d_x {
                let column = |j: usize, v: &[f64], d: usize, s: &[f64]| {
                    (0..n).map(|k| v[k * d + j] - s[j]).collect::<Vec<_>>()
                };
                let xi = column(i, &x, d_x, &shift_x);
                for j in 0..d_y {
                    let expected = dot(&xi, &column(j, &y, d_y, &shift_y));
                    assert!(
                        (cross[(i, j)] - expected).abs() <= tolerance * n as f64,
                        "{precision:?} {i} {j}"
                    );
                }
                for j in 0..d_x {
                    let expected = dot(&xi, &column(j, &x, d_x, &shift_x));
                    assert!((own[(i, j)] - expected).abs() <= tolerance * n as f64);
                    assert_eq!(own[(i, j)], own[(j, i)]);
                }
            }
        }
    }

    #[test]
    fn the_gram_matrix_holds_all_inner_products() {
        let rows = Rows::new("x", 3, 2, Values::F64(Arc::new(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))).unwrap();
        let x = ShiftedRows { rows: &rows, shift: &[1.0, 2.0] };
        assert_eq!(gram(x, Precision::Double).values(), [0., 0., 0., 0., 8., 16., 0., 16., 32.]);
        assert_eq!(squared_row_norms(x), [0.0, 8.0, 32.0]);
        assert_eq!(column_means(&rows), [3.0, 4.0]);
    }
}
