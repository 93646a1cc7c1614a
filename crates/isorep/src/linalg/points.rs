//! The inputs of one representation as points, and products between any two of them, a tile at a time.
//!
//! Kernels, dissimilarities, neighbours and graphs all look at n × n pairs of inputs. None of them keeps an n × n matrix:
//! they read tiles of inner products, formed by the matrix product, and fold what they need.

use super::kernel::Real;
use super::product::dot;
use super::{Precision, parallelism, widest};
use crate::once::Once;
use crate::{Error, Representation, Result};
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;
use std::ops::Range;

/// Inputs on the side of a square tile: with 512 neurons in f32 both operands and the tile fit the second-level cache.
pub(crate) const TILE: usize = 256;

/// What is done to every input before it is a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Space {
    /// Nothing.
    AsIs,
    /// The mean over all inputs is taken off: distances stay, and rounding of a large offset goes.
    Centred,
    /// Divided by its own length: inner products are cosines. A zero input stays zero.
    Unit,
    /// Its own mean over the neurons is taken off, then divided by its length: inner products are correlations. An input
    /// whose neurons are all equal becomes zero.
    Standardised,
}

impl Space {
    /// How many there are.
    pub(crate) const COUNT: usize = 4;
}

/// n points, row after row, and their squared lengths.
#[derive(Debug)]
pub(crate) struct Points<T> {
    n: usize,
    d: usize,
    values: Vec<T>,
    squares: Vec<f64>,
}

/// The points of one representation, in every space and precision they were asked for.
#[derive(Debug, Default)]
pub(crate) struct PointStore {
    pub(super) single: [Once<Points<f32>>; Space::COUNT],
    pub(super) double: [Once<Points<f64>>; Space::COUNT],
}

impl PointStore {
    /// The points of `x`, whose store this is, computed on first use.
    pub(crate) fn points<T: Real>(&self, x: &Representation, space: Space) -> Result<&Points<T>> {
        T::stored(self)[space as usize].try_get_or(|| Points::of(x, space))
    }
}

impl<T: Real> Points<T> {
    /// The inputs of `x` in a space. What is done to them is done in f64.
    ///
    /// # Errors
    /// [`Error::NeedsRows`], or [`Error::Undefined`] if squares leave the range of T.
    fn of(x: &Representation, space: Space) -> Result<Self> {
        let (n, d) = (x.n(), x.d());
        let rows = x.rows()?;
        let shift = if space == Space::Centred { x.mean() } else { &[] };
        let mut values = vec![T::default(); n * d];
        let mut squares = vec![0.0; n];
        // What is left of a constant input once its mean is taken off is rounding of this size.
        let negligible = d as f64 * (4.0 * f64::EPSILON).powi(2);
        let fill = |(block, (values, squares)): (usize, (&mut [T], &mut [f64]))| {
            let mut row = vec![0.0; d];
            for (i, (out, square)) in values.chunks_exact_mut(d).zip(squares).enumerate() {
                let at = block * TILE + i;
                rows.read_f64(at..at + 1, shift, &mut row);
                if matches!(space, Space::Unit | Space::Standardised) {
                    to_unit_length(&mut row, space == Space::Standardised, negligible);
                }
                out.iter_mut().zip(&row).for_each(|(out, v)| *out = T::narrow(*v));
                row.iter_mut().zip(&*out).for_each(|(v, out)| *v = out.wide());
                *square = dot(&row, &row);
            }
        };
        match parallelism() {
            Par::Seq => values.chunks_mut(TILE * d).zip(squares.chunks_mut(TILE)).enumerate().for_each(fill),
            Par::Rayon(_) => {
                values.par_chunks_mut(TILE * d).zip(squares.par_chunks_mut(TILE)).enumerate().for_each(fill);
            }
        }
        check_squares::<T>(x.name(), &squares)?;
        Ok(Self { n, d, values, squares })
    }

    /// Number of points.
    pub(crate) fn n(&self) -> usize {
        self.n
    }

    /// Number of coordinates.
    pub(crate) fn d(&self) -> usize {
        self.d
    }

    /// The coordinates of one point.
    pub(crate) fn point(&self, i: usize) -> &[T] {
        &self.values[i * self.d..(i + 1) * self.d]
    }

    /// All coordinates, point after point.
    pub(crate) fn values(&self) -> &[T] {
        &self.values
    }

    /// Some of the points, in the order given.
    pub(super) fn select(&self, which: &[usize]) -> Self {
        Self {
            n: which.len(),
            d: self.d,
            values: which.iter().flat_map(|i| self.point(*i)).copied().collect(),
            squares: which.iter().map(|i| self.squares[*i]).collect(),
        }
    }

    /// The squared length of every point, of its coordinates as they are stored here.
    pub(crate) fn squares(&self) -> &[f64] {
        &self.squares
    }

    /// Inner products of some points with others, row after row into the front of `out`.
    ///
    /// The bits of one product depend on neither the number of threads nor, for a given pair of ranges, on anything else.
    pub(crate) fn products(&self, rows: Range<usize>, columns: Range<usize>, out: &mut [T]) {
        let (height, width) = (rows.len(), columns.len());
        let some = |range: Range<usize>| &self.values[range.start * self.d..range.end * self.d];
        let a = MatRef::from_row_major_slice(some(rows), height, self.d);
        let b = MatRef::from_row_major_slice(some(columns), width, self.d);
        let out = MatMut::from_row_major_slice_mut(&mut out[..height * width], height, width);
        matmul(out, Accum::Replace, a, b.transpose(), T::ONE, Par::Seq);
    }

    /// Squared distances between some points and others, row after row into the front of `out`; never negative, and
    /// exactly 0 between a point and itself or its copy.
    ///
    /// They come from inner products; where two points are so near that these cancel, from the differences of their
    /// coordinates, so that every distance has half of its digits at least.
    pub(crate) fn squared_distances(&self, rows: Range<usize>, columns: Range<usize>, out: &mut [T]) {
        self.products(rows.clone(), columns.clone(), out);
        let others = &self.squares[columns.clone()];
        let mut cancelled = Vec::new();
        for (i, line) in rows.zip(out.chunks_exact_mut(columns.len())) {
            let any = distances_from_products(self.squares[i], others, line);
            if any {
                self.find_cancelled(i, columns.start, line, &mut cancelled);
            }
            for j in cancelled.drain(..) {
                line[j] = if i == columns.start + j { T::default() } else { self.near(i, columns.start + j) };
            }
        }
    }

    /// Which values of a line are so small beside the squares they are differences of that they lost half of their digits.
    fn find_cancelled(&self, i: usize, start: usize, line: &[T], found: &mut Vec<usize>) {
        let (own, others) = (self.squares[i], &self.squares[start..start + line.len()]);
        let small = |(value, other): (&T, &f64)| value.wide() < T::CANCELLED * (own + other);
        found.extend(line.iter().zip(others).enumerate().filter(|(_, pair)| small(*pair)).map(|(j, _)| j));
    }

    /// The squared distance of two points from the differences of their coordinates.
    fn near(&self, i: usize, j: usize) -> T {
        let (a, b) = (self.point(i), self.point(j));
        T::narrow(widest(
            #[inline(always)]
            || {
                let mut sums = [0.0; 8];
                for (a, b) in a.chunks(8).zip(b.chunks(8)) {
                    for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
                        *sum += (a.wide() - b.wide()) * (a.wide() - b.wide());
                    }
                }
                sums.iter().sum()
            },
        ))
    }
}

/// Whether squared lengths of points are numbers that T can reckon with.
///
/// # Errors
/// [`Error::Undefined`] if not.
pub(crate) fn check_squares<T: Real>(name: &str, squares: &[f64]) -> Result<()> {
    let largest = squares.iter().copied().fold(0.0, f64::max);
    // Squares that are not normal numbers have lost digits, and those of nearer points have lost all.
    let too_small = largest > 0.0 && largest * T::ROUNDOFF * T::ROUNDOFF < T::LEAST;
    if T::narrow(4.0 * largest).wide().is_finite() && !too_small {
        return Ok(());
    }
    let size = if largest < 1.0 { "small" } else { "large" };
    Err(Error::undefined(format!("the activations of `{name}` are too {size} to be squared")))
}

/// ‖a‖² + ‖b‖² − 2⟨a, b⟩ for one point and a line of others, in place of the inner products; whether any of them cancelled.
fn distances_from_products<T: Real>(own: f64, others: &[f64], line: &mut [T]) -> bool {
    widest(
        #[inline(always)]
        || {
            let mut cancelled = 0u32;
            for (value, other) in line.iter_mut().zip(others) {
                let sum = own + other;
                let distance = sum - 2.0 * value.wide();
                cancelled |= u32::from(distance < T::CANCELLED * sum);
                *value = T::narrow(if distance > 0.0 { distance } else { 0.0 });
            }
            cancelled != 0
        },
    )
}

/// Takes the row's own mean off if asked to, then divides by its length; what is only rounding becomes zero.
fn to_unit_length(row: &mut [f64], standardise: bool, negligible: f64) {
    let largest = row.iter().fold(0.0, |largest: f64, v| largest.max(v.abs()));
    if largest == 0.0 {
        return;
    }
    // Squares of extreme numbers would leave the range of f64.
    row.iter_mut().for_each(|v| *v /= largest);
    if standardise {
        let mean = row.iter().sum::<f64>() / row.len() as f64;
        row.iter_mut().for_each(|v| *v -= mean);
    }
    let square = dot(row, row);
    let length = if standardise && square <= negligible { f64::INFINITY } else { square.sqrt() };
    row.iter_mut().for_each(|v| *v /= length);
}

/// The precision in which tiles of this representation are formed: f32 if it carries no more than that.
pub(crate) fn tile_precision(sides: &[&Representation]) -> Result<Precision> {
    let rows: Vec<_> = sides.iter().map(|side| side.rows()).collect::<Result<_>>()?;
    Ok(Precision::for_score(&rows))
}

/// The tiles on or above the diagonal of an n × n matrix, row of tiles by row of tiles.
fn tiles_above_diagonal(n: usize) -> Vec<(Range<usize>, Range<usize>)> {
    let range = |start: usize| start..(start + TILE).min(n);
    let starts = || (0..n).step_by(TILE);
    starts().flat_map(|i| (i..n).step_by(TILE).map(move |j| (range(i), range(j)))).collect()
}

/// Calls `visit` for every tile on or above the diagonal of an n × n matrix, on all threads that are free, and gives the
/// results in the order of the tiles (row of tiles by row of tiles), whatever the number of threads.
pub(crate) fn upper_tiles<R: Send>(
    n: usize,
    visit: impl Fn(Range<usize>, Range<usize>) -> R + Sync,
) -> Vec<R> {
    each(tiles_above_diagonal(n), |(rows, columns)| visit(rows, columns))
}

/// The same for results that are too large to be held all at once: `fold` takes each, in the order of the tiles, soon
/// after it was computed. `visit` is told the number of its tile.
pub(crate) fn fold_upper_tiles<R: Send>(
    n: usize,
    visit: impl Fn(usize, Range<usize>, Range<usize>) -> R + Sync,
    mut fold: impl FnMut(Range<usize>, Range<usize>, R),
) {
    /// Tiles whose results are held.
    const HELD: usize = 256;
    let tiles: Vec<_> = tiles_above_diagonal(n).into_iter().enumerate().collect();
    for some in tiles.chunks(HELD) {
        let results = each(some.to_vec(), |(at, (rows, columns))| visit(at, rows, columns));
        for ((_, (rows, columns)), result) in some.iter().cloned().zip(results) {
            fold(rows, columns, result);
        }
    }
}

/// Calls `visit` for every block of rows of an n × n matrix, on all threads that are free; results in order.
pub(crate) fn row_blocks<R: Send>(
    n: usize,
    height: usize,
    visit: impl Fn(Range<usize>) -> R + Sync,
) -> Vec<R> {
    each((0..n).step_by(height).collect(), |start: usize| visit(start..(start + height).min(n)))
}

/// Calls `visit` for every item, on all threads that are free; results in the order of the items.
pub(crate) fn each<I: Send, R: Send>(items: Vec<I>, visit: impl Fn(I) -> R + Sync + Send) -> Vec<R> {
    match parallelism() {
        Par::Seq => items.into_iter().map(visit).collect(),
        Par::Rayon(_) => items.into_par_iter().with_max_len(1).map(visit).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Representation {
        let values = (0..600 * 7).map(|k| f64::from((k * k * 7 + k * 13) % 101) / 7.0).collect();
        Representation::from_f64("x", 600, 7, values).unwrap()
    }

    fn row(x: &Representation, i: usize) -> Vec<f64> {
        let mut row = vec![0.0; x.d()];
        x.rows().unwrap().read_f64(i..i + 1, &[], &mut row);
        row
    }

    #[test]
    fn tiles_hold_all_distances_in_order() {
        let x = sample();
        let points = Points::<f64>::of(&x, Space::Centred).unwrap();
        let mut seen = 0;
        for (rows, columns, tile) in upper_tiles(x.n(), |rows, columns| {
            let mut tile = vec![0.0; rows.len() * columns.len()];
            points.squared_distances(rows.clone(), columns.clone(), &mut tile);
            (rows, columns, tile)
        }) {
            for (i, line) in rows.zip(tile.chunks(columns.len())) {
                for (j, value) in columns.clone().zip(line) {
                    let expected: f64 = row(&x, i).iter().zip(row(&x, j)).map(|(a, b)| (a - b).powi(2)).sum();
                    assert!((value - expected).abs() < 1e-10, "{i} {j}");
                    assert!(i != j || *value == 0.0);
                    seen += 1;
                }
            }
        }
        assert_eq!(seen, 3 * 256 * 256 + 2 * 256 * 88 + 88 * 88);
    }

    #[test]
    fn near_points_far_from_the_others_keep_their_distance() {
        let values = vec![1e4, 3.0, 1e4 + 0.125, 3.0, -1e4, 1.0, 1e4, 3.0];
        let x = Representation::from_f64("x", 4, 2, values).unwrap();
        let mut tile = [0f32; 16];
        Points::<f32>::of(&x, Space::AsIs).unwrap().squared_distances(0..4, 0..4, &mut tile);
        assert_eq!((tile[1], tile[3], tile[4], tile[12]), (0.015_625, 0.0, 0.015_625, 0.0));
    }

    #[test]
    fn folding_sees_the_tiles_in_order() {
        let mut seen = Vec::new();
        fold_upper_tiles(
            600,
            |at, rows, columns| (at, rows.start, columns.start),
            |rows, columns, result| {
                assert_eq!((rows.start, columns.start), (result.1, result.2));
                seen.push(result.0);
            },
        );
        assert_eq!(seen, [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn inner_products_are_cosines_and_correlations() {
        let x = sample();
        let (mut cosine, mut correlation) = ([0.0f32; 1], [0.0f64; 1]);
        Points::<f32>::of(&x, Space::Unit).unwrap().products(3..4, 500..501, &mut cosine);
        Points::<f64>::of(&x, Space::Standardised).unwrap().products(3..4, 500..501, &mut correlation);
        let (a, b) = (row(&x, 3), row(&x, 500));
        let inner = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let expected = inner(&a, &b) / (inner(&a, &a) * inner(&b, &b)).sqrt();
        assert!((f64::from(cosine[0]) - expected).abs() < 1e-6);
        let about_mean = |a: &[f64]| {
            let mean = a.iter().sum::<f64>() / a.len() as f64;
            a.iter().map(|v| v - mean).collect::<Vec<_>>()
        };
        let (a, b) = (about_mean(&a), about_mean(&b));
        let expected = inner(&a, &b) / (inner(&a, &a) * inner(&b, &b)).sqrt();
        assert!((correlation[0] - expected).abs() < 1e-12);
    }

    #[test]
    fn what_has_no_direction_is_zero() {
        let x = Representation::from_f64("x", 3, 2, vec![0.0, 0.0, 0.1, 0.1, 1.0, 2.0]).unwrap();
        assert_eq!(Points::<f64>::of(&x, Space::Unit).unwrap().squares()[0], 0.0);
        let correlation = Points::<f64>::of(&x, Space::Standardised).unwrap();
        assert_eq!(correlation.squares()[..2], [0.0, 0.0]);
        assert!((correlation.squares()[2] - 1.0).abs() < 1e-15);
    }

    #[test]
    fn sizes_that_cannot_be_squared_are_refused() {
        let huge = Representation::from_f64("huge", 2, 1, vec![1e200, -1e200]).unwrap();
        assert!(Points::<f64>::of(&huge, Space::Centred).unwrap_err().to_string().contains("`huge`"));
        assert!(Points::<f64>::of(&huge, Space::Unit).is_ok());
    }
}
