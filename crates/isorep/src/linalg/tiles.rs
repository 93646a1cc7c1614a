//! Several products of the same rows at once, cut into tiles.
//!
//! Each block of rows is read once for all products it takes part in. A tile is one task, so a symmetric product costs
//! half of a full one on any number of threads; the tiles, and with them every bit of the result, depend on the shapes
//! alone.

use super::blocks::{BLOCK, FLUSH, Precision, Real, ShiftedRows, read};
use super::product::{dot, mirror};
use super::{Matrix, parallelism};
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;
use std::ops::Range;

/// Most columns of a tile.
const TILE: usize = 512;
/// Symmetric products below this size are formed in full: packing a smaller part costs more than it saves.
const LEAF: usize = 64;

/// Sums over rows of one product, in tiles.
#[derive(Debug)]
pub(crate) struct Tiled {
    rows: usize,
    columns: usize,
    tiles: Vec<Sum>,
}

/// The sums of one tile.
#[derive(Debug)]
enum Sum {
    Single(Tile<f32>),
    Double(Tile<f64>),
}

#[derive(Debug)]
struct Tile<T> {
    /// Which of the wanted products it belongs to.
    product: usize,
    /// Which two sources that product is of.
    of: (usize, usize),
    rows: Range<usize>,
    columns: Range<usize>,
    /// Sums of the current window of rows, column-major; on the diagonal of a symmetric product the lower triangle.
    part: Vec<T>,
    /// Sums of the windows before, if there is more than one and `T` is too narrow to hold them all.
    total: Vec<f64>,
}

/// For each wanted pair (a, b) of sources, Σ a bᵀ over their rows; symmetric if a = b.
pub(crate) fn products(
    sources: &[ShiftedRows<'_>],
    wanted: &[(usize, usize)],
    precision: Precision,
) -> Vec<Tiled> {
    match precision {
        Precision::Single => sums::<f32>(sources, wanted, Sum::Single),
        Precision::Double => sums::<f64>(sources, wanted, Sum::Double),
    }
}

fn sums<T: Real>(
    sources: &[ShiftedRows<'_>],
    wanted: &[(usize, usize)],
    keep: fn(Tile<T>) -> Sum,
) -> Vec<Tiled> {
    let (n, par) = (sources[0].rows.n(), parallelism());
    let width = |source: usize| sources[source].rows.d();
    let mut tiles: Vec<Tile<T>> = Vec::new();
    for (product, of) in wanted.iter().enumerate() {
        for columns in panels(width(of.1)) {
            for rows in panels(width(of.0)).filter(|rows| of.0 != of.1 || rows.start >= columns.start) {
                tiles.push(Tile::new(product, *of, rows, columns.clone()));
            }
        }
    }
    let mut buffers: Vec<Vec<T>> = sources.iter().map(|_| Vec::new()).collect();
    for start in (0..n).step_by(BLOCK) {
        let range = start..(start + BLOCK).min(n);
        let blocks: Vec<MatRef<'_, T>> = sources
            .iter()
            .zip(&mut buffers)
            .map(|(x, buffer)| read(*x, range.clone(), buffer, par))
            .collect();
        let flush = T::NARROW && range.end.is_multiple_of(FLUSH) && range.end < n;
        let step = |tile: &mut Tile<T>| tile.add(&blocks, flush);
        match par {
            Par::Seq => tiles.iter_mut().for_each(step),
            Par::Rayon(_) => tiles.par_iter_mut().with_max_len(1).for_each(step),
        }
    }
    let mut products: Vec<Tiled> = wanted
        .iter()
        .map(|of| Tiled { rows: width(of.0), columns: width(of.1), tiles: Vec::new() })
        .collect();
    for tile in tiles {
        products[tile.product].tiles.push(keep(tile));
    }
    products
}

/// Equal shares of `d` columns, at most [`TILE`] each and a multiple of 32.
fn panels(d: usize) -> impl Iterator<Item = Range<usize>> {
    let share = d.div_ceil(d.div_ceil(TILE)).next_multiple_of(32);
    (0..d).step_by(share).map(move |start| start..(start + share).min(d))
}

impl<T: Real> Tile<T> {
    fn new(product: usize, of: (usize, usize), rows: Range<usize>, columns: Range<usize>) -> Self {
        let part = vec![T::default(); rows.len() * columns.len()];
        Self { product, of, rows, columns, part, total: Vec::new() }
    }

    fn is_diagonal(&self) -> bool {
        self.of.0 == self.of.1 && self.rows == self.columns
    }

    fn add(&mut self, blocks: &[MatRef<'_, T>], flush: bool) {
        let side = |of: usize, columns: &Range<usize>| blocks[of].subcols(columns.start, columns.len());
        let (a, b) = (side(self.of.0, &self.rows), side(self.of.1, &self.columns));
        let diagonal = self.is_diagonal();
        let sum = MatMut::from_column_major_slice_mut(&mut self.part, self.rows.len(), self.columns.len());
        if diagonal {
            add_lower(sum, a.transpose());
        } else {
            matmul(sum, Accum::Add, a.transpose(), b, T::ONE, Par::Seq);
        }
        if flush {
            self.total.resize(self.part.len(), 0.0);
            self.total.iter_mut().zip(&mut self.part).for_each(|(t, p)| {
                *t += p.wide();
                *p = T::default();
            });
        }
    }

    /// Column `j` of the tile, all windows together.
    fn column(&self, j: usize, out: &mut Vec<f64>) {
        let range = j * self.rows.len()..(j + 1) * self.rows.len();
        out.clear();
        out.extend(self.part[range.clone()].iter().map(|p| p.wide()));
        if !self.total.is_empty() {
            out.iter_mut().zip(&self.total[range]).for_each(|(o, t)| *o += t);
        }
    }

    /// Sum of squares of what the tile stands for: its mirror image included.
    fn squared_norm(&self) -> f64 {
        let mut column = Vec::new();
        let (mut lower, mut diagonal) = (0.0, 0.0);
        for j in 0..self.columns.len() {
            self.column(j, &mut column);
            if self.is_diagonal() {
                lower += dot(&column[j + 1..], &column[j + 1..]);
                diagonal += column[j] * column[j];
            } else {
                lower += dot(&column, &column);
            }
        }
        if self.of.0 == self.of.1 { diagonal + 2.0 * lower } else { lower }
    }

    fn write(&self, out: &mut Matrix) {
        let mut column = Vec::new();
        for (j, at) in self.columns.clone().enumerate() {
            self.column(j, &mut column);
            out.column_mut(at)[self.rows.clone()].copy_from_slice(&column);
        }
    }
}

impl Tiled {
    /// The sum of squares of all entries.
    pub(crate) fn squared_norm(&self) -> f64 {
        let of_tile = |sum: &Sum| match sum {
            Sum::Single(tile) => tile.squared_norm(),
            Sum::Double(tile) => tile.squared_norm(),
        };
        let norms: Vec<f64> = match parallelism() {
            Par::Seq => self.tiles.iter().map(of_tile).collect(),
            Par::Rayon(_) => self.tiles.par_iter().map(of_tile).collect(),
        };
        norms.iter().sum()
    }

    /// The whole matrix.
    pub(crate) fn matrix(&self) -> Matrix {
        let mut matrix = Matrix::zeros(self.rows, self.columns);
        let mut symmetric = false;
        for sum in &self.tiles {
            match sum {
                Sum::Single(tile) => tile.write(&mut matrix),
                Sum::Double(tile) => tile.write(&mut matrix),
            }
            symmetric |= match sum {
                Sum::Single(tile) => tile.of.0 == tile.of.1,
                Sum::Double(tile) => tile.of.0 == tile.of.1,
            };
        }
        if symmetric {
            mirror(&mut matrix);
        }
        matrix
    }
}

/// Adds the lower triangle of `a aᵀ`; what stands above the diagonal afterwards means nothing.
///
/// faer's own triangular product goes down to 16 columns; stopping at [`LEAF`] is a seventh faster at 1 024.
fn add_lower<T: Real>(sum: MatMut<'_, T>, a: MatRef<'_, T>) {
    let d = a.nrows();
    if d <= LEAF {
        matmul(sum, Accum::Add, a, a.transpose(), T::ONE, Par::Seq);
        return;
    }
    let half = (d / 2).next_multiple_of(32);
    let (upper_left, _, lower_left, lower_right) = sum.split_at_mut(half, half);
    let (above, below) = a.split_at_row(half);
    add_lower(upper_left, above);
    matmul(lower_left, Accum::Add, below, above.transpose(), T::ONE, Par::Seq);
    add_lower(lower_right, below);
}
