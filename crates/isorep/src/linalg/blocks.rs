//! Rows of activations as they enter a product: a block at a time, shifted and converted on the way.

use crate::Rows;
use faer::{MatRef, Par};
use rayon::prelude::*;
use std::ops::Range;

/// Rows read at a time: a block of 1 024 neurons fills 8 MB in f32.
pub(super) const BLOCK: usize = 2048;
/// Rows whose products are summed in f32 before they go over to f64.
pub(super) const FLUSH: usize = 2 * BLOCK;

/// The precision products are formed in; sums over more than a few thousand rows are always f64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Precision {
    /// f32 products: enough for a score, half the time; only for data stored in single precision or less.
    Single,
    /// f64 products: where a solve follows.
    Double,
}

impl Precision {
    /// What a score needs: single precision if none of the data has more than that anyway.
    pub(crate) fn for_score(rows: &[&Rows]) -> Self {
        if rows.iter().all(|r| r.is_single()) { Self::Single } else { Self::Double }
    }
}

/// Rows together with what is subtracted from each of them, usually the column means.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ShiftedRows<'a> {
    /// The stored numbers.
    pub(crate) rows: &'a Rows,
    /// One number a neuron, or none at all.
    pub(crate) shift: &'a [f64],
}

/// A float type products can be formed in.
pub(super) trait Real: faer_traits::RealField + Copy + Default + Send + Sync {
    const ONE: Self;
    /// Whether sums over more than [`FLUSH`] rows must be carried on in a wider type.
    const NARROW: bool;
    fn read(x: ShiftedRows<'_>, range: Range<usize>, out: &mut [Self]);
    /// The numbers themselves, if they are stored in this type.
    fn stored(rows: &Rows) -> Option<&[Self]>;
    fn wide(self) -> f64;
}

impl Real for f32 {
    const ONE: Self = 1.0;
    const NARROW: bool = true;
    fn read(x: ShiftedRows<'_>, range: Range<usize>, out: &mut [f32]) {
        x.rows.read_f32(range, x.shift, out);
    }
    fn stored(rows: &Rows) -> Option<&[f32]> {
        rows.as_f32()
    }
    fn wide(self) -> f64 {
        f64::from(self)
    }
}

impl Real for f64 {
    const ONE: Self = 1.0;
    const NARROW: bool = false;
    fn read(x: ShiftedRows<'_>, range: Range<usize>, out: &mut [f64]) {
        x.rows.read_f64(range, x.shift, out);
    }
    fn stored(rows: &Rows) -> Option<&[f64]> {
        rows.as_f64()
    }
    fn wide(self) -> f64 {
        self
    }
}

/// A range of shifted rows: as they are stored if nothing has to be done to them, else read into `buffer` on all
/// threads of `par`.
pub(super) fn read<'b, T: Real>(
    x: ShiftedRows<'b>,
    range: Range<usize>,
    buffer: &'b mut Vec<T>,
    par: Par,
) -> MatRef<'b, T> {
    let d = x.rows.d();
    if let (true, Some(stored)) = (x.shift.is_empty(), T::stored(x.rows)) {
        return MatRef::from_row_major_slice(&stored[range.start * d..range.end * d], range.len(), d);
    }
    buffer.resize(range.len() * d, T::default());
    match par {
        Par::Seq => T::read(x, range.clone(), buffer),
        Par::Rayon(threads) => {
            let share = range.len().div_ceil(threads.get());
            buffer.par_chunks_mut(share * d).enumerate().for_each(|(k, out)| {
                let start = range.start + k * share;
                T::read(x, start..start + out.len() / d, out);
            });
        }
    }
    MatRef::from_row_major_slice(buffer, range.len(), d)
}
