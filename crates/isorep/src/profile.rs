//! Kernels that depend on the distance of two inputs alone, and the sums over all pairs of inputs that every estimate of
//! HSIC consists of.
//!
//! Such a kernel is used minus its value at distance 0. The constant falls out of every centred sum, what is left is
//! exact for the nearest inputs and for the widest kernels, and its diagonal is 0, so that one tile is like any other.
//! One pass over the tiles fills all sums: `⟨HKH, HLH⟩ = ΣK∘L − 2/n r·s + Σr Σs / n²` with the sums of rows r and s.

use crate::linalg::{
    Buffer, Distances, Precision, Real, Space, TILE, dot, fold_upper_tiles, tile_precision, widest,
};
use crate::measures::Bandwidth;
use crate::pair::CrossTerms;
use crate::representation::SelfTerms;
use crate::{Error, Pair, Representation, Result};
use std::ops::Range;
use std::sync::Arc;

/// A kernel as a function of distance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Profile {
    /// exp(−d² / 2σ²).
    Gaussian(Bandwidth),
    /// exp(−d / ℓ).
    Laplace(Bandwidth),
    /// −d.
    Distance,
}

/// The sums of one side.
#[derive(Debug)]
pub(crate) struct ProfileSums {
    function: Function,
    /// Σ K over each row.
    rows: Vec<f64>,
    /// Σ K² over all pairs, in both orders.
    squares: f64,
}

/// The centred sums of both sides: what [`SelfTerms`] and [`CrossTerms`] are for the linear kernel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProfileTerms {
    pub(crate) x: SelfTerms,
    pub(crate) y: SelfTerms,
    pub(crate) cross: CrossTerms,
}

/// A profile with its bandwidth: what is done to a squared distance.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Function {
    of_root: bool,
    factor: f64,
    exponential: bool,
}

impl Profile {
    /// Whether multiplying all activations by a number changes nothing, or only a factor.
    pub(crate) fn follows_scale(self) -> bool {
        match self {
            Self::Gaussian(bandwidth) | Self::Laplace(bandwidth) => bandwidth.is_relative(),
            Self::Distance => true,
        }
    }

    fn bandwidth(self) -> Option<Bandwidth> {
        match self {
            Self::Gaussian(bandwidth) | Self::Laplace(bandwidth) => Some(bandwidth),
            Self::Distance => None,
        }
    }

    fn function<T: Real>(self, distances: &mut Distances<'_, T>, side: &Representation) -> Result<Function> {
        let bandwidth = match self.bandwidth() {
            Some(bandwidth) => bandwidth.resolve(distances, side)?,
            None => 1.0,
        };
        let function = match self {
            Self::Gaussian(_) => {
                Function { of_root: false, factor: 0.5 / bandwidth / bandwidth, exponential: true }
            }
            Self::Laplace(_) => Function { of_root: true, factor: 1.0 / bandwidth, exponential: true },
            Self::Distance => Function { of_root: true, factor: 1.0, exponential: false },
        };
        if T::narrow(function.factor).wide().is_normal() {
            return Ok(function);
        }
        Err(Error::undefined(format!(
            "the bandwidth of `{}` is too {} to be used",
            side.name(),
            if bandwidth < 1.0 { "small" } else { "large" }
        )))
    }
}

impl Function {
    fn apply<T: Real>(self, values: &mut [T], out: &mut [f64]) {
        let factor = T::narrow(-self.factor);
        widest(
            #[inline(always)]
            || {
                if self.of_root {
                    values.iter_mut().for_each(|value| *value = value.root().times(factor));
                } else {
                    values.iter_mut().for_each(|value| *value = value.times(factor));
                }
                if self.exponential {
                    values.iter_mut().for_each(|value| *value = value.exponential_minus_one());
                }
                out.iter_mut().zip(values).for_each(|(out, value)| *out = value.wide());
            },
        );
    }
}

/// Something whose values for all pairs of inputs can be had in tiles.
trait Tiles: Sync {
    /// One tile, by its number and its ranges, row after row.
    fn tile(&self, at: usize, rows: Range<usize>, columns: Range<usize>, out: &mut [f64]);
}

/// The kernel of one side.
struct Side<'a> {
    function: Function,
    distances: AnyDistances<'a>,
    known: Option<Arc<ProfileSums>>,
}

enum AnyDistances<'a> {
    Single(Distances<'a, f32>),
    Double(Distances<'a, f64>),
}

impl<'a> Side<'a> {
    /// In the precision of the side itself, so that its sums are the same in every pair.
    fn of(x: &'a Representation, profile: Profile) -> Result<Self> {
        x.variation()?;
        let known = x.known_profile_sums(profile);
        Ok(match tile_precision(&[x])? {
            Precision::Single => {
                let mut distances = Distances::new(x.points::<f32>(Space::Centred)?);
                let function = match &known {
                    Some(known) => known.function,
                    None => profile.function(&mut distances, x)?,
                };
                Self { function, distances: AnyDistances::Single(distances), known }
            }
            Precision::Double => {
                let mut distances = Distances::new(x.points::<f64>(Space::Centred)?);
                let function = match &known {
                    Some(known) => known.function,
                    None => profile.function(&mut distances, x)?,
                };
                Self { function, distances: AnyDistances::Double(distances), known }
            }
        })
    }
}

impl Tiles for Side<'_> {
    fn tile(&self, at: usize, rows: Range<usize>, columns: Range<usize>, out: &mut [f64]) {
        fn fill<T: Real>(
            distances: &Distances<'_, T>,
            function: Function,
            at: usize,
            (rows, columns): (Range<usize>, Range<usize>),
            out: &mut [f64],
        ) {
            let mut values = Buffer::<T>::zeros(out.len());
            distances.tile(at, rows, columns, &mut values);
            function.apply(&mut values, out);
        }
        match &self.distances {
            AnyDistances::Single(distances) => fill(distances, self.function, at, (rows, columns), out),
            AnyDistances::Double(distances) => fill(distances, self.function, at, (rows, columns), out),
        }
    }
}

/// a K − b L.
struct Difference<'a> {
    x: (&'a Side<'a>, f64),
    y: (&'a Side<'a>, f64),
}

impl Tiles for Difference<'_> {
    fn tile(&self, at: usize, rows: Range<usize>, columns: Range<usize>, out: &mut [f64]) {
        let mut other = Buffer::<f64>::zeros(out.len());
        self.x.0.tile(at, rows.clone(), columns.clone(), out);
        self.y.0.tile(at, rows, columns, &mut other);
        let (a, b) = (self.x.1, self.y.1);
        out.iter_mut().zip(other.iter()).for_each(|(x, y)| *x = a * *x - b * y);
    }
}

/// The share of one tile in the sums of a side.
struct Share {
    rows: Vec<f64>,
    /// Empty on the diagonal, whose tiles hold both orders of a pair.
    columns: Vec<f64>,
    squares: f64,
}

impl Share {
    fn of(tile: &[f64], width: usize, on_diagonal: bool) -> Self {
        let height = tile.len() / width;
        let mut share = Self { rows: vec![0.0; height], columns: vec![0.0; width], squares: 0.0 };
        widest(
            #[inline(always)]
            || {
                for (sum, line) in share.rows.iter_mut().zip(tile.chunks_exact(width)) {
                    let (mut sums, mut squares) = ([0.0; 8], [0.0; 8]);
                    let whole = line.chunks_exact(8);
                    let rest = whole.remainder();
                    for (some, columns) in whole.zip(share.columns.chunks_exact_mut(8)) {
                        for k in 0..8 {
                            sums[k] += some[k];
                            squares[k] += some[k] * some[k];
                            columns[k] += some[k];
                        }
                    }
                    for (value, column) in rest.iter().zip(&mut share.columns[width - rest.len()..]) {
                        sums[0] += value;
                        squares[0] += value * value;
                        *column += value;
                    }
                    *sum = sums.iter().sum();
                    share.squares += squares.iter().sum::<f64>();
                }
            },
        );
        if on_diagonal {
            share.columns.clear();
        } else {
            share.squares *= 2.0;
        }
        share
    }
}

/// Sums of a side that is being gone through.
struct Growing {
    rows: Vec<f64>,
    squares: f64,
}

impl Growing {
    fn new(n: usize) -> Self {
        Self { rows: vec![0.0; n], squares: 0.0 }
    }

    fn add(&mut self, rows: Range<usize>, columns: Range<usize>, share: &Share) {
        for (range, sums) in [(rows, &share.rows), (columns, &share.columns)] {
            self.rows[range].iter_mut().zip(sums).for_each(|(total, sum)| *total += sum);
        }
        self.squares += share.squares;
    }
}

/// The sums of one matrix, in one pass.
fn sums(n: usize, tiles: &impl Tiles) -> Growing {
    let mut total = Growing::new(n);
    fold_upper_tiles(
        n,
        |at, rows, columns| {
            let mut tile = Buffer::zeros(rows.len() * columns.len());
            tiles.tile(at, rows.clone(), columns.clone(), &mut tile);
            Share::of(&tile, columns.len(), rows == columns)
        },
        |rows, columns, share| total.add(rows, columns, &share),
    );
    total
}

/// Σ K∘L over all pairs in both orders, and in the same pass the sums of each side that does not know its own.
fn product(n: usize, x: &Side<'_>, y: &Side<'_>) -> (f64, Growing, Growing) {
    let mut total = 0.0;
    let (mut own_x, mut own_y) = (Growing::new(n), Growing::new(n));
    let lacking = |side: &Side<'_>, tile: &[f64], width, on_diagonal| {
        side.known.is_none().then(|| Share::of(tile, width, on_diagonal))
    };
    fold_upper_tiles(
        n,
        |at, rows, columns| {
            let length = rows.len() * columns.len();
            let (mut k, mut l) = (Buffer::zeros(length), Buffer::zeros(length));
            x.tile(at, rows.clone(), columns.clone(), &mut k);
            y.tile(at, rows.clone(), columns.clone(), &mut l);
            let (width, on_diagonal) = (columns.len(), rows == columns);
            let product: f64 = k.chunks(TILE).zip(l.chunks(TILE)).map(|(k, l)| dot(k, l)).sum();
            let product = if on_diagonal { product } else { 2.0 * product };
            (product, lacking(x, &k, width, on_diagonal), lacking(y, &l, width, on_diagonal))
        },
        |rows, columns, (product, share_x, share_y)| {
            total += product;
            for (own, share) in [(&mut own_x, share_x), (&mut own_y, share_y)] {
                if let Some(share) = share {
                    own.add(rows.clone(), columns.clone(), &share);
                }
            }
        },
    );
    (total, own_x, own_y)
}

/// The diagonal of a centred matrix whose own diagonal is 0, from the sums of its rows.
fn centred_diagonal(rows: &[f64]) -> Vec<f64> {
    let n = rows.len() as f64;
    let total: f64 = rows.iter().sum();
    rows.iter().map(|row| (total / n - 2.0 * row) / n).collect()
}

/// ⟨HKH, HLH⟩ from ΣK∘L and the sums of rows.
fn centred_product(product: f64, r: &[f64], s: &[f64]) -> f64 {
    let n = r.len() as f64;
    let (total_r, total_s): (f64, f64) = (r.iter().sum(), s.iter().sum());
    product - 2.0 / n * dot(r, s) + (total_r / n) * (total_s / n)
}

impl Growing {
    fn terms(&self) -> SelfTerms {
        terms(&self.rows, self.squares)
    }

    fn kept(self, function: Function) -> ProfileSums {
        ProfileSums { function, rows: self.rows, squares: self.squares }
    }
}

fn terms(rows: &[f64], squares: f64) -> SelfTerms {
    let diagonal = centred_diagonal(rows);
    SelfTerms {
        trace: diagonal.iter().sum(),
        squared_norm: centred_product(squares, rows, rows),
        diagonal: dot(&diagonal, &diagonal),
    }
}

impl ProfileSums {
    /// Of one side alone.
    pub(crate) fn of(x: &Representation, profile: Profile) -> Result<Self> {
        let side = Side::of(x, profile)?;
        Ok(sums(x.n(), &side).kept(side.function))
    }

    /// The sums of the same inputs in another order.
    pub(crate) fn reordered(&self, order: &[usize]) -> Self {
        Self { rows: order.iter().map(|i| self.rows[*i]).collect(), ..*self }
    }

    /// The centred sums.
    pub(crate) fn terms(&self) -> SelfTerms {
        terms(&self.rows, self.squares)
    }
}

/// Σ K∘L of a pair, keeping what each side learns about itself on the way.
pub(crate) fn profile_product(pair: &Pair, profile: Profile) -> Result<f64> {
    let (x, y) = (Side::of(pair.x(), profile)?, Side::of(pair.y(), profile)?);
    let (total, own_x, own_y) = product(pair.n(), &x, &y);
    for (representation, side, own) in [(pair.x(), &x, own_x), (pair.y(), &y, own_y)] {
        if side.known.is_none() {
            representation.keep_profile_sums(profile, own.kept(side.function));
        }
    }
    Ok(total)
}

/// The terms of a pair whose product is known.
pub(crate) fn profile_terms(product: f64, x: &ProfileSums, y: &ProfileSums) -> ProfileTerms {
    let diagonals = [&x.rows, &y.rows].map(|rows| centred_diagonal(rows));
    ProfileTerms {
        x: x.terms(),
        y: y.terms(),
        cross: CrossTerms {
            squared_norm: centred_product(product, &x.rows, &y.rows),
            diagonal: dot(&diagonals[0], &diagonals[1]),
        },
    }
}

/// The terms of `a K − b L`, in a pass of its own: nothing cancels where both are near.
pub(crate) fn profile_residual(pair: &Pair, profile: Profile, (a, b): (f64, f64)) -> Result<SelfTerms> {
    let (x, y) = (Side::of(pair.x(), profile)?, Side::of(pair.y(), profile)?);
    Ok(sums(pair.n(), &Difference { x: (&x, a), y: (&y, b) }).terms())
}

#[cfg(test)]
mod tests;
