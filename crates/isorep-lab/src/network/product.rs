//! The matrix product that all training runs on: fast enough, and the same bits on every machine.
//!
//! Each output entry is summed over the inner index in one fixed order, with separate multiplications and
//! additions. Wider registers only hold more entries at once, so the digits do not depend on the processor, which
//! a library that picks fused or differently blocked kernels at run time cannot promise.

use pulp::{Arch, NullaryFnOnce};

/// Output entries held in registers: rows × columns of one tile.
const TILE_ROWS: usize = 6;
const TILE_COLUMNS: usize = 16;
/// Terms summed before the tile is added to the output; keeps both operands in cache.
const DEPTH: usize = 256;

/// The left operand, stored row after row or as the transpose of that.
#[derive(Clone, Copy)]
pub(super) enum Left<'a> {
    Plain(&'a [f32]),
    Transposed(&'a [f32]),
}

/// `out` (m × n) += `left` (m × k) · `right` (k × n), `right` and `out` row-major.
///
/// # Panics
/// If a slice does not have the stated size.
pub(super) fn add_product(m: usize, k: usize, n: usize, left: Left<'_>, right: &[f32], out: &mut [f32]) {
    Arch::new().dispatch(Product::new(m, k, n, left, right, out));
}

struct Product<'a> {
    m: usize,
    k: usize,
    n: usize,
    left: &'a [f32],
    row_stride: usize,
    column_stride: usize,
    right: &'a [f32],
    out: &'a mut [f32],
}

impl<'a> Product<'a> {
    fn new(m: usize, k: usize, n: usize, left: Left<'a>, right: &'a [f32], out: &'a mut [f32]) -> Self {
        let (left, row_stride, column_stride) = match left {
            Left::Plain(values) => (values, k, 1),
            Left::Transposed(values) => (values, 1, m),
        };
        assert_eq!(left.len(), m * k);
        assert_eq!(right.len(), k * n);
        assert_eq!(out.len(), m * n);
        Self { m, k, n, left, row_stride, column_stride, right, out }
    }
}

impl NullaryFnOnce for Product<'_> {
    type Output = ();

    // Inlined into the dispatcher, or the loops would be compiled for the oldest processor only: closures and calls
    // that are not inlined cost a factor of seven, so this is written in plain loops.
    #[inline(always)]
    #[allow(clippy::inline_always)]
    fn call(self) {
        let mut panel = vec![[0.0; TILE_COLUMNS]; DEPTH.min(self.k)];
        for first in (0..self.k).step_by(DEPTH) {
            let depth = DEPTH.min(self.k - first);
            for column in (0..self.n).step_by(TILE_COLUMNS) {
                let columns = TILE_COLUMNS.min(self.n - column);
                for (p, row) in panel[..depth].iter_mut().enumerate() {
                    // Columns past the last one keep old finite values and are never written back.
                    let from = (first + p) * self.n + column;
                    row[..columns].copy_from_slice(&self.right[from..from + columns]);
                }
                let mut row = 0;
                while row + TILE_ROWS <= self.m {
                    let start = row * self.row_stride + first * self.column_stride;
                    let tile = tile::<TILE_ROWS>(
                        &self.left[start..],
                        self.row_stride,
                        self.column_stride,
                        &panel[..depth],
                    );
                    for (r, sums) in tile.iter().enumerate() {
                        let at = (row + r) * self.n + column;
                        self.out[at..at + columns].iter_mut().zip(sums).for_each(|(o, s)| *o += s);
                    }
                    row += TILE_ROWS;
                }
                while row < self.m {
                    let start = row * self.row_stride + first * self.column_stride;
                    let [sums] =
                        tile::<1>(&self.left[start..], self.row_stride, self.column_stride, &panel[..depth]);
                    let at = row * self.n + column;
                    self.out[at..at + columns].iter_mut().zip(&sums).for_each(|(o, s)| *o += s);
                    row += 1;
                }
            }
        }
    }
}

/// The sums of one tile over one panel of the right operand.
#[inline(always)]
#[allow(clippy::inline_always)]
fn tile<const ROWS: usize>(
    left: &[f32],
    row_stride: usize,
    column_stride: usize,
    panel: &[[f32; TILE_COLUMNS]],
) -> [[f32; TILE_COLUMNS]; ROWS] {
    let mut sums = [[0.0; TILE_COLUMNS]; ROWS];
    for (p, right) in panel.iter().enumerate() {
        for (r, sums) in sums.iter_mut().enumerate() {
            let scale = left[r * row_stride + p * column_stride];
            for (sum, value) in sums.iter_mut().zip(right) {
                *sum += scale * value;
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn equals_the_sum_of_products_for_every_remainder() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for (m, k, n) in [(1, 1, 1), (6, 256, 16), (7, 257, 17), (13, 600, 10), (5, 3, 40), (12, 9, 32)] {
            // Small integers: every order of summation is exact, so equality is exact.
            let mut draw =
                |count| (0..count).map(|_| rng.random_range(-4..=4_i8).into()).collect::<Vec<f32>>();
            let (a, b, start) = (draw(m * k), draw(k * n), draw(m * n));
            let transposed: Vec<f32> = (0..k * m).map(|at| a[(at % m) * k + at / m]).collect();
            let expected: Vec<f32> = (0..m * n)
                .map(|at| start[at] + (0..k).map(|p| a[at / n * k + p] * b[p * n + at % n]).sum::<f32>())
                .collect();
            for left in [Left::Plain(&a), Left::Transposed(&transposed)] {
                let mut out = start.clone();
                add_product(m, k, n, left, &b, &mut out);
                assert_eq!(out, expected, "{m} × {k} × {n}");
            }
        }
    }

    #[test]
    fn a_row_has_the_same_bits_whatever_rows_stand_beside_it() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let (m, k, n) = (20, 300, 33);
        let a: Vec<f32> = (0..m * k).map(|_| rng.random()).collect();
        let b: Vec<f32> = (0..k * n).map(|_| rng.random()).collect();
        let mut all = vec![0.0; m * n];
        add_product(m, k, n, Left::Plain(&a), &b, &mut all);
        for row in 0..m {
            let mut one = vec![0.0; n];
            add_product(1, k, n, Left::Plain(&a[row * k..(row + 1) * k]), &b, &mut one);
            assert_eq!(one, all[row * n..(row + 1) * n]);
        }
    }

    #[test]
    fn every_processor_gives_the_same_bits() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let (m, k, n) = (31, 700, 37);
        let a: Vec<f32> = (0..m * k).map(|_| rng.random::<f32>() - 0.5).collect();
        let b: Vec<f32> = (0..k * n).map(|_| rng.random::<f32>() - 0.5).collect();
        let (mut widest, mut plain) = (vec![0.0; m * n], vec![0.0; m * n]);
        add_product(m, k, n, Left::Plain(&a), &b, &mut widest);
        // Not dispatched: compiled for the oldest processor of the target.
        Product::new(m, k, n, Left::Plain(&a), &b, &mut plain).call();
        assert_eq!(widest, plain);
        // And the order is the stated one: from the first term to the last within a block, blocks after that.
        let block = |i: usize, j: usize, p: usize| {
            let terms = (p..k.min(p + DEPTH)).map(|p| a[i * k + p] * b[p * n + j]);
            terms.fold(0.0, |sum, term| sum + term)
        };
        let by_hand = |at: usize| (0..k).step_by(DEPTH).fold(0.0, |sum, p| sum + block(at / n, at % n, p));
        assert_eq!(plain, (0..m * n).map(by_hand).collect::<Vec<f32>>());
    }
}
