//! Several products of the same rows at once, cut into tiles.
//!
//! Each block of rows is read and packed once for all products it takes part in. A tile is one task, so a symmetric
//! product costs half of a full one on any number of threads; the tiles, and with them every bit of the result, depend
//! on the shapes alone.

use super::blocks::{Precision, ShiftedRows};
use super::kernel::{Multiply, Real, Shape};
use super::product::{dot, mirror};
use super::spare::{Buffer, Stored};
use super::{Matrix, parallelism};
use faer::Par;
use rayon::prelude::*;
use std::ops::Range;

/// Most neurons along the rows of a tile: many, because each group of columns is loaded once for all of them.
const ROWS: usize = 1056;
/// Most neurons along its columns: few, so that there are tiles enough for all threads.
const COLUMNS: usize = 288;
/// Blocks of rows whose products are summed in f32 before they go over to f64.
const FLUSH: usize = 5;

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

/// Rows that enter a product, and the same rows packed beforehand if many products share them.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    /// The rows.
    pub(crate) rows: ShiftedRows<'a>,
    /// What [`Packed::of`] made of them.
    pub(crate) packed: Option<&'a Packed>,
}

impl<'a> From<ShiftedRows<'a>> for Source<'a> {
    fn from(rows: ShiftedRows<'a>) -> Self {
        Self { rows, packed: None }
    }
}

/// All rows of one source as the kernel reads them, in one precision.
pub(crate) struct Packed(Blocks);

enum Blocks {
    Single(Vec<Panels<f32>>),
    Double(Vec<Panels<f64>>),
}

impl Packed {
    /// Packs everything: as much memory as the rows themselves in this precision.
    pub(crate) fn of(x: ShiftedRows<'_>, precision: Precision) -> Self {
        Self(match precision {
            Precision::Single => Blocks::Single(pack_all(x)),
            Precision::Double => Blocks::Double(pack_all(x)),
        })
    }
}

impl std::fmt::Debug for Packed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (blocks, precision) = match &self.0 {
            Blocks::Single(blocks) => (blocks.len(), "f32"),
            Blocks::Double(blocks) => (blocks.len(), "f64"),
        };
        write!(f, "Packed({blocks} blocks of {precision})")
    }
}

fn pack_all<T: Kept>(x: ShiftedRows<'_>) -> Vec<Panels<T>> {
    let (shape, par) = (Shape::of::<T>(), parallelism());
    let pack = |range: Range<usize>| {
        let mut panels = Panels::new(x.rows.d(), range.len(), shape);
        panels.pack(x, range, par);
        panels
    };
    blocks_of_rows(x.rows.n(), T::DEPTH).map(pack).collect()
}

fn blocks_of_rows(n: usize, depth: usize) -> impl Iterator<Item = Range<usize>> {
    (0..n).step_by(depth).map(move |start| start..(start + depth).min(n))
}

/// A float type whose tiles and packed rows can be told from those of the other one.
trait Kept: Real {
    fn packed(packed: &Packed) -> Option<&[Panels<Self>]>;
    fn keep(tile: Tile<Self>) -> Sum;
}

impl Kept for f32 {
    fn packed(packed: &Packed) -> Option<&[Panels<f32>]> {
        if let Blocks::Single(blocks) = &packed.0 { Some(blocks) } else { None }
    }
    fn keep(tile: Tile<f32>) -> Sum {
        Sum::Single(tile)
    }
}

impl Kept for f64 {
    fn packed(packed: &Packed) -> Option<&[Panels<f64>]> {
        if let Blocks::Double(blocks) = &packed.0 { Some(blocks) } else { None }
    }
    fn keep(tile: Tile<f64>) -> Sum {
        Sum::Double(tile)
    }
}

/// For each wanted pair (a, b) of sources, Σ a bᵀ over their rows; symmetric if a = b.
pub(crate) fn products(
    sources: &[Source<'_>],
    wanted: &[(usize, usize)],
    precision: Precision,
) -> Vec<Tiled> {
    match precision {
        Precision::Single => sums::<f32>(sources, wanted),
        Precision::Double => sums::<f64>(sources, wanted),
    }
}

fn sums<T: Kept>(sources: &[Source<'_>], wanted: &[(usize, usize)]) -> Vec<Tiled> {
    let (n, shape, par) = (sources[0].rows.rows.n(), Shape::of::<T>(), parallelism());
    let width = |source: usize| sources[source].rows.rows.d();
    let panels_of = |neurons: usize| neurons.div_ceil(shape.rows);
    let ready: Vec<Option<&[Panels<T>]>> = sources.iter().map(|x| x.packed.and_then(T::packed)).collect();
    let mut scratch: Vec<Option<Panels<T>>> = (0..sources.len())
        .map(|k| ready[k].is_none().then(|| Panels::new(width(k), n.min(T::DEPTH), shape)))
        .collect();
    let mut tiles: Vec<Tile<T>> = Vec::new();
    for (product, of) in wanted.iter().enumerate() {
        for columns in shares(0..panels_of(width(of.1)), COLUMNS / shape.rows) {
            let first = if of.0 == of.1 { columns.start } else { 0 };
            for rows in shares(first..panels_of(width(of.0)), ROWS / shape.rows) {
                tiles.push(Tile::new(product, *of, rows, columns.clone(), shape));
            }
        }
    }
    for (block, range) in blocks_of_rows(n, T::DEPTH).enumerate() {
        for (x, panels) in sources.iter().zip(&mut scratch) {
            if let Some(panels) = panels {
                panels.pack(x.rows, range.clone(), par);
            }
        }
        let panels: Vec<&Panels<T>> = ready
            .iter()
            .zip(&scratch)
            .filter_map(|(ready, own)| own.as_ref().or_else(|| ready.map(|r| &r[block])))
            .collect();
        let flush = T::NARROW && (block + 1).is_multiple_of(FLUSH) && range.end < n;
        let step = |tile: &mut Tile<T>| tile.add(&panels, flush);
        match par {
            Par::Seq => tiles.iter_mut().for_each(step),
            Par::Rayon(_) => tiles.par_iter_mut().with_max_len(1).for_each(step),
        }
    }
    let mut products: Vec<Tiled> = wanted
        .iter()
        .map(|of| Tiled { rows: width(of.0), columns: width(of.1), tiles: Vec::new() })
        .collect();
    for mut tile in tiles {
        tile.clip(width(tile.of.0), width(tile.of.1));
        products[tile.product].tiles.push(T::keep(tile));
    }
    products
}

/// Equal shares of a range, of at most `most` each.
fn shares(range: Range<usize>, most: usize) -> impl Iterator<Item = Range<usize>> {
    let share = range.len().div_ceil(range.len().div_ceil(most.max(1)));
    range.clone().step_by(share).map(move |start| start..(start + share).min(range.end))
}

/// The rows of one source as the kernel reads them: panels of a few neurons, row after row in each.
struct Panels<T: Stored> {
    shape: Shape,
    neurons: usize,
    /// Rows that are packed now.
    depth: usize,
    values: Buffer<T>,
    /// For each panel, how many of its neurons exist, and in how many vectors.
    used: Vec<usize>,
    vectors: Vec<usize>,
}

impl<T: Kept> Panels<T> {
    fn new(neurons: usize, depth: usize, shape: Shape) -> Self {
        let used: Vec<usize> =
            (0..neurons).step_by(shape.rows).map(|start| shape.rows.min(neurons - start)).collect();
        let vectors = used.iter().map(|used| used.div_ceil(shape.lanes)).collect();
        let values = Buffer::zeros(used.len() * shape.rows * depth);
        Self { shape, neurons, depth, values, used, vectors }
    }

    fn pack(&mut self, x: ShiftedRows<'_>, range: Range<usize>, par: Par) {
        self.depth = range.len();
        let (width, neurons) = (self.shape.rows, self.neurons);
        let length = width * self.depth;
        self.values.truncate(self.used.len() * length);
        let one = |(p, panel): (usize, &mut [T])| {
            let columns = p * width..((p + 1) * width).min(neurons);
            x.rows.read_columns(range.clone(), columns, x.shift, width, panel, T::narrow);
        };
        match par {
            Par::Seq => self.values.chunks_exact_mut(length).enumerate().for_each(one),
            Par::Rayon(_) => self.values.par_chunks_exact_mut(length).enumerate().for_each(one),
        }
    }

    fn of(&self, panels: &Range<usize>) -> &[T] {
        let length = self.shape.rows * self.depth;
        &self.values[panels.start * length..panels.end * length]
    }
}

#[derive(Debug)]
struct Tile<T: Stored> {
    /// Which of the wanted products it belongs to.
    product: usize,
    /// Which two sources that product is of.
    of: (usize, usize),
    shape: Shape,
    /// Panels of the first source, then neurons once all rows were added.
    rows: Range<usize>,
    /// The same of the second source.
    columns: Range<usize>,
    /// Sums of the current window of rows, in the order of the kernel.
    part: Buffer<T>,
    /// Sums of the windows before, if there is more than one and `T` is too narrow to hold them all.
    total: Vec<f64>,
    /// Panels of rows: the distance, in blocks of sums, from one group of columns to the next.
    height: usize,
}

impl<T: Kept> Tile<T> {
    fn new(
        product: usize,
        of: (usize, usize),
        rows: Range<usize>,
        columns: Range<usize>,
        shape: Shape,
    ) -> Self {
        let height = rows.len();
        let part = Buffer::zeros(height * columns.len() * shape.rows * shape.rows);
        Self { product, of, shape, rows, columns, part, total: Vec::new(), height }
    }

    fn is_diagonal(&self) -> bool {
        self.of.0 == self.of.1 && self.rows.start == self.columns.start
    }

    fn add(&mut self, panels: &[&Panels<T>], flush: bool) {
        let (left, right) = (panels[self.of.0], panels[self.of.1]);
        Multiply {
            shape: self.shape,
            depth: left.depth,
            left: left.of(&self.rows),
            left_vectors: &left.vectors[self.rows.clone()],
            right: right.of(&self.columns),
            right_columns: &right.used[self.columns.clone()],
            sums: &mut self.part,
            lower: self.of.0 == self.of.1 && self.rows.start == self.columns.start,
        }
        .run();
        if flush {
            self.total.resize(self.part.len(), 0.0);
            self.total.iter_mut().zip(self.part.iter_mut()).for_each(|(t, p)| {
                *t += p.wide();
                *p = T::default();
            });
        }
    }

    /// From panels to neurons.
    fn clip(&mut self, rows: usize, columns: usize) {
        let width = self.shape.rows;
        self.rows = self.rows.start * width..(self.rows.end * width).min(rows);
        self.columns = self.columns.start * width..(self.columns.end * width).min(columns);
    }

    /// Column `j` of the tile, all windows together.
    fn column(&self, j: usize, out: &mut Vec<f64>) {
        let Shape { rows: width, columns: group, .. } = self.shape;
        let (panel, within) = (j / width, j % width);
        let first =
            (panel * (width / group) + within / group) * self.height * width * group + within % group * width;
        out.clear();
        for block in 0..self.height {
            let start = first + block * width * group;
            let count = width.min(self.rows.len() - block * width);
            out.extend(self.part[start..start + count].iter().map(|p| p.wide()));
            if !self.total.is_empty() {
                let so_far = out.len() - count;
                out[so_far..].iter_mut().zip(&self.total[start..]).for_each(|(o, t)| *o += t);
            }
        }
    }

    /// Sum of squares of what the tile stands for: its mirror image included.
    fn squared_norm(&self) -> f64 {
        let mut column = Vec::new();
        let (mut all, mut diagonal) = (0.0, 0.0);
        for j in 0..self.columns.len() {
            self.column(j, &mut column);
            if self.is_diagonal() {
                all += dot(&column[j + 1..], &column[j + 1..]);
                diagonal += column[j] * column[j];
            } else {
                all += dot(&column, &column);
            }
        }
        if self.of.0 == self.of.1 { diagonal + 2.0 * all } else { all }
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
            let of = match sum {
                Sum::Single(tile) => {
                    tile.write(&mut matrix);
                    tile.of
                }
                Sum::Double(tile) => {
                    tile.write(&mut matrix);
                    tile.of
                }
            };
            symmetric |= of.0 == of.1;
        }
        if symmetric {
            mirror(&mut matrix);
        }
        matrix
    }
}
