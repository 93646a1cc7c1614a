//! Every pair of points once: whoever may care about an inner product is told of it.
//!
//! An inner product is the same for both of its points, so only tiles on or below the diagonal are formed, and each is
//! offered to the points along its rows and to those along its columns. Points are packed once for all tiles. Most
//! products matter to nobody: one comparison for each side, many products at a time, tells.

use super::kernel::{Multiply, Real, Shape};
use super::points::{each, row_blocks};
use super::spare::{Buffer, Stored};
use super::{dot, widest};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Points on the side of a tile, at most: a tile and the panels in use fit the second-level cache.
const BLOCK: usize = 480;
/// Blocks that there are at least, if there are points enough: work for many threads.
const BLOCKS: usize = 12;

/// What a block of points makes of the inner products it is offered.
pub(crate) trait Collector<T>: Send {
    /// Point j is offered to a point of the block if `low(j) − product` is at most this; one number for each point.
    fn at_most(&self) -> &[T];
    /// The inner product of a point of the block with another point, which is any but itself.
    fn offer(&mut self, within: usize, other: usize, product: T);
}

/// Points made ready for products with each other.
pub(crate) struct Pairs<T: Stored> {
    n: usize,
    shape: Shape,
    block: usize,
    blocks: Vec<Panels<T>>,
    squares: Vec<f64>,
    error: f64,
}

/// Points as the kernel reads them: panels of a few, coordinate after coordinate, cut after so many coordinates.
struct Panels<T: Stored> {
    which: Vec<usize>,
    cuts: Vec<Cut<T>>,
    used: Vec<usize>,
    vectors: Vec<usize>,
}

struct Cut<T: Stored> {
    depth: usize,
    values: Buffer<T>,
}

impl<T: Real> Panels<T> {
    /// Panels of zeros.
    fn new(which: Vec<usize>, d: usize, shape: Shape) -> Self {
        let used: Vec<usize> = which.chunks(shape.rows).map(<[usize]>::len).collect();
        let vectors = used.iter().map(|used| used.div_ceil(shape.lanes)).collect();
        let cut = |start: usize| {
            let depth = T::DEPTH.min(d - start);
            Cut { depth, values: Buffer::zeros(used.len() * shape.rows * depth) }
        };
        let cuts = (0..d).step_by(T::DEPTH).map(cut).collect();
        Self { which, cuts, used, vectors }
    }

    /// Writes the coordinates of one of the points.
    fn set(&mut self, at: usize, point: &[f64], width: usize) {
        for (cut, point) in self.cuts.iter_mut().zip(point.chunks(T::DEPTH)) {
            let panel = &mut cut.values[at / width * width * cut.depth..][..width * cut.depth];
            panel.chunks_exact_mut(width).zip(point).for_each(|(row, v)| row[at % width] = T::narrow(*v));
        }
    }

    /// Copies one point of other panels.
    fn copy(&mut self, at: usize, from: &Self, other: usize, width: usize) {
        for (to, from) in self.cuts.iter_mut().zip(&from.cuts) {
            let start = |at: usize| at / width * width * to.depth;
            let from = from.values[start(other)..].chunks_exact(width);
            let panel = start(at)..start(at) + width * to.depth;
            let rows = to.values[panel].chunks_exact_mut(width);
            rows.zip(from).for_each(|(to, from)| to[at % width] = from[other % width]);
        }
    }
}

/// Points along one side of a tile, and what products with them are subtracted from.
#[derive(Clone, Copy)]
struct Side<'p, T: Stored> {
    panels: &'p Panels<T>,
    lows: &'p [T],
}

/// Who is told of the products of a tile.
enum Told<'c, C> {
    /// The block it is of, once a pair: a tile on the diagonal.
    Both(&'c mut C),
    /// The block along its rows and the one along its columns.
    Each(&'c mut C, &'c mut C),
    /// The block along its rows alone.
    Rows(&'c mut C),
}

impl<T: Real> Pairs<T> {
    /// Takes n points of d coordinates; `read` writes those of one.
    pub(crate) fn of(n: usize, d: usize, read: impl Fn(usize, &mut [f64]) + Sync) -> Self {
        let shape = Shape::of::<T>();
        let block = n.div_ceil(BLOCKS).min(BLOCK).next_multiple_of(shape.rows);
        let packed = row_blocks(n, block, |range| {
            let mut panels = Panels::new(range.clone().collect(), d, shape);
            let mut point = vec![0.0; d];
            let squares: Vec<f64> = range
                .enumerate()
                .map(|(at, i)| {
                    read(i, &mut point);
                    panels.set(at, &point, shape.rows);
                    point.iter_mut().for_each(|v| *v = T::narrow(*v).wide());
                    dot(&point, &point)
                })
                .collect();
            (panels, squares)
        });
        let (blocks, squares): (Vec<_>, Vec<_>) = packed.into_iter().unzip();
        // Of a sum of d rounded terms, which are at most this share of the product of the lengths; and of the points.
        let roundings = d.min(T::DEPTH) + d.div_ceil(T::DEPTH) + 8;
        Self { n, shape, block, blocks, squares: squares.concat(), error: roundings as f64 * T::ROUNDOFF }
    }

    /// The squared length of every point.
    pub(crate) fn squares(&self) -> &[f64] {
        &self.squares
    }

    /// How much a product may be off, and half of the sum of both squares with it, as a share of that sum.
    pub(crate) fn error(&self) -> f64 {
        self.error
    }

    /// As many points as what a block has to say about each of its points must be a multiple of.
    pub(crate) fn multiple(&self) -> usize {
        self.shape.rows
    }

    /// Offers every pair to the blocks of both of its points; `start` makes what a block of points collects. `lows` is what
    /// a product is subtracted from before it is compared, one number a point; infinite for a point that is offered to
    /// nobody. The order of the offers depends on the threads; the products do not.
    pub(crate) fn all<C: Collector<T>>(&self, lows: &[T], start: impl Fn(Range<usize>) -> C) -> Vec<C> {
        let count = self.blocks.len();
        let range = |at: usize| at * self.block..((at + 1) * self.block).min(self.n);
        let collectors: Vec<Mutex<C>> = (0..count).map(|at| Mutex::new(start(range(at)))).collect();
        let lock = |at: usize| collectors[at].lock().unwrap_or_else(PoisonError::into_inner);
        let lows: Vec<Vec<T>> = self.blocks.iter().map(|block| self.lows_of(&block.which, lows)).collect();
        // Along diagonals, so that threads rarely want the same block at the same time.
        let tiles: Vec<(usize, usize)> =
            (0..count).flat_map(|off| (off..count).map(move |row| (row, row - off))).collect();
        each(tiles, |(row, column)| {
            let (rows, columns) = (&self.blocks[row], &self.blocks[column]);
            let sums = self.multiply(rows, columns, row == column);
            let side = |panels, at: usize| Side { panels, lows: &lows[at] };
            // The lower one first, always: no two threads wait for each other.
            let mut second = lock(column);
            let (rows, columns) = (side(rows, row), side(columns, column));
            if row == column {
                self.tell(&sums, rows, columns, Told::Both(&mut *second));
            } else {
                self.tell(&sums, rows, columns, Told::Each(&mut *lock(row), &mut *second));
            }
        });
        collectors.into_iter().map(|c| c.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
    }

    /// Offers every point to each of some points, but not the other way round.
    pub(crate) fn some<C: Collector<T>>(&self, lows: &[T], which: &[usize], collector: &mut C) {
        let d = self.blocks[0].cuts.iter().map(|cut| cut.depth).sum();
        let mut panels = Panels::new(which.to_vec(), d, self.shape);
        for (at, i) in which.iter().enumerate() {
            panels.copy(at, &self.blocks[i / self.block], i % self.block, self.shape.rows);
        }
        let own = self.lows_of(which, lows);
        for columns in &self.blocks {
            let sums = self.multiply(&panels, columns, false);
            let theirs = self.lows_of(&columns.which, lows);
            let (rows, columns) =
                (Side { panels: &panels, lows: &own }, Side { panels: columns, lows: &theirs });
            self.tell(&sums, rows, columns, Told::Rows(collector));
        }
    }

    /// Filled up for points that do not exist.
    fn lows_of(&self, which: &[usize], lows: &[T]) -> Vec<T> {
        let mut of: Vec<T> = which.iter().map(|i| lows[*i]).collect();
        of.resize(which.len().next_multiple_of(self.shape.rows), T::narrow(f64::INFINITY));
        of
    }

    fn multiply(&self, rows: &Panels<T>, columns: &Panels<T>, lower: bool) -> Buffer<T> {
        let width = self.shape.rows;
        let mut sums = Buffer::zeros(rows.used.len() * columns.used.len() * width * width);
        for (left, right) in rows.cuts.iter().zip(&columns.cuts) {
            Multiply {
                shape: self.shape,
                depth: left.depth,
                left: &left.values,
                left_vectors: &rows.vectors,
                right: &right.values,
                right_columns: &columns.used,
                sums: &mut sums,
                lower,
            }
            .run();
        }
        sums
    }

    fn tell<C: Collector<T>>(
        &self,
        sums: &[T],
        rows: Side<'_, T>,
        columns: Side<'_, T>,
        mut told: Told<'_, C>,
    ) {
        let told = &mut told;
        widest(
            #[inline(always)]
            || tell(self.shape, sums, rows, columns, told),
        );
    }
}

#[inline(always)]
fn tell<T: Real, C: Collector<T>>(
    shape: Shape,
    sums: &[T],
    rows: Side<'_, T>,
    columns: Side<'_, T>,
    told: &mut Told<'_, C>,
) {
    let (width, group) = (shape.rows, shape.columns);
    let nobody = T::narrow(f64::NEG_INFINITY);
    let diagonal = matches!(told, Told::Both(_));
    let mut lines = sums.chunks_exact(rows.panels.used.len() * width * group);
    for (right, used) in columns.panels.used.iter().enumerate() {
        for (at, line) in lines.by_ref().take(width / group).enumerate() {
            for (left, block) in line.chunks_exact(width * group).enumerate() {
                if diagonal && left < right {
                    continue;
                }
                for (column, products) in block.chunks_exact(width).enumerate() {
                    let within = at * group + column;
                    if within >= *used {
                        break;
                    }
                    let j = right * width + within;
                    let ours = left * width..(left + 1) * width;
                    let (at_most, theirs) = match told {
                        Told::Both(both) => (&both.at_most()[ours.clone()], both.at_most()[j]),
                        Told::Each(rows, columns) => (&rows.at_most()[ours.clone()], columns.at_most()[j]),
                        Told::Rows(rows) => (&rows.at_most()[ours.clone()], nobody),
                    };
                    let own = columns.lows[j];
                    if !any(products, &rows.lows[ours.clone()], at_most, own, theirs) {
                        continue;
                    }
                    let wanted = which(products, &rows.lows[ours], at_most, own, theirs);
                    // On the diagonal each pair is met twice in the panels that cross it, and each point meets itself.
                    let skip = if diagonal && left == right { within + 1 } else { 0 };
                    offer(told, products, wanted >> skip << skip, (left * width, rows), (j, columns));
                }
            }
        }
    }
}

/// Whether anybody wants one of these products.
#[allow(clippy::needless_bitwise_bool, reason = "without branches it vectorises")]
#[inline(always)]
fn any<T: Real>(products: &[T], lows: &[T], at_most: &[T], low: T, limit: T) -> bool {
    let each = products.iter().zip(lows).zip(at_most);
    each.fold(false, |any, ((p, l), m)| any | (*l - *p <= limit) | (low - *p <= *m))
}

/// Which of them: one bit a product.
#[allow(clippy::needless_bitwise_bool, reason = "without branches it vectorises")]
#[inline(always)]
fn which<T: Real>(products: &[T], lows: &[T], at_most: &[T], low: T, limit: T) -> u64 {
    debug_assert!(products.len() <= 64);
    let each = products.iter().zip(lows).zip(at_most).enumerate();
    each.fold(0, |bits, (at, ((p, l), m))| bits | u64::from((*l - *p <= limit) | (low - *p <= *m)) << at)
}

/// Offers the products marked by bits to those who want them.
fn offer<T: Real, C: Collector<T>>(
    told: &mut Told<'_, C>,
    products: &[T],
    mut wanted: u64,
    (first, rows): (usize, Side<'_, T>),
    (j, columns): (usize, Side<'_, T>),
) {
    let offer = |collector: &mut C, within: usize, low: T, other: usize, product: T| {
        if low - product <= collector.at_most()[within] {
            collector.offer(within, other, product);
        }
    };
    while wanted != 0 {
        let at = wanted.trailing_zeros() as usize;
        wanted &= wanted - 1;
        let (i, product) = (first + at, products[at]);
        let (row, column) = (rows.panels.which.get(i).copied(), columns.panels.which[j]);
        let Some(row) = row else { continue };
        match told {
            Told::Both(both) => {
                offer(both, i, columns.lows[j], column, product);
                offer(both, j, rows.lows[i], row, product);
            }
            Told::Each(of_row, of_column) => {
                offer(of_row, i, columns.lows[j], column, product);
                offer(of_column, j, rows.lows[i], row, product);
            }
            Told::Rows(of_row) => {
                if row != column {
                    offer(of_row, i, columns.lows[j], column, product);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keeps everything that is offered.
    struct All<T> {
        at_most: Vec<T>,
        offers: Vec<(usize, usize, T)>,
        start: usize,
    }

    impl<T: Real> Collector<T> for All<T> {
        fn at_most(&self) -> &[T] {
            &self.at_most
        }
        fn offer(&mut self, within: usize, other: usize, product: T) {
            self.offers.push((self.start + within, other, product));
        }
    }

    fn check<T: Real>(n: usize, d: usize, limit: f64, tolerance: f64) {
        let value = |k: usize| f64::from(((k * k * 7 + k * 13) % 101) as u8) / 50.0 - 1.0;
        let point = |i: usize| (0..d).map(|k| value(i * d + k)).collect::<Vec<f64>>();
        let pairs = Pairs::<T>::of(n, d, |i, to| to.copy_from_slice(&point(i)));
        let lows: Vec<T> =
            (0..n).map(|i| T::narrow(if i == 5 { f64::INFINITY } else { i as f64 / 90.0 })).collect();
        let start = |range: Range<usize>| All {
            at_most: vec![T::narrow(limit); range.len().next_multiple_of(pairs.multiple())],
            offers: Vec::new(),
            start: range.start,
        };
        let mut expected = Vec::new();
        for i in 0..n {
            for j in (0..n).filter(|j| i != *j) {
                let product = dot(&point(i), &point(j));
                if lows[j].wide() - product <= limit {
                    expected.push((i, j, product));
                }
            }
        }
        let same = |mut found: Vec<(usize, usize, T)>, expected: &[(usize, usize, f64)]| {
            found.sort_by_key(|(i, j, _)| (*i, *j));
            assert_eq!(found.len(), expected.len());
            for (a, b) in found.iter().zip(expected) {
                assert_eq!((a.0, a.1), (b.0, b.1));
                assert!((a.2.wide() - b.2).abs() < tolerance);
            }
        };
        same(pairs.all(&lows, start).into_iter().flat_map(|all| all.offers).collect(), &expected);
        let some: Vec<usize> = (0..n).step_by(n / 7).collect();
        let mut collector = start(0..some.len());
        pairs.some(&lows, &some, &mut collector);
        let offers = collector.offers.into_iter().map(|(at, j, product)| (some[at], j, product)).collect();
        expected.retain(|(i, _, _)| some.contains(i));
        same(offers, &expected);
    }

    #[test]
    fn every_pair_that_is_wanted_is_offered_once_to_either_side() {
        check::<f64>(613, 3, f64::MAX, 1e-12);
        check::<f32>(613, 3, 3.001, 1e-5);
        check::<f64>(30, 450, 1.001, 1e-9);
        check::<f32>(120, 850, 1.001, 1e-3);
    }
}
