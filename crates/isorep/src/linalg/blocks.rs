//! Rows of activations as they enter a product: a block at a time, shifted and converted on the way.

use crate::Rows;
use faer::{MatRef, Par};
use rayon::prelude::*;
use std::ops::Range;

/// Rows read at a time: a block of 1 024 neurons fills 8 MB.
pub(super) const BLOCK: usize = 1024;

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

/// A range of shifted rows in f64: as they are stored if nothing has to be done to them, else read into `buffer` on all
/// threads of `par`.
pub(super) fn read<'b>(
    x: ShiftedRows<'b>,
    range: Range<usize>,
    buffer: &'b mut Vec<f64>,
    par: Par,
) -> MatRef<'b, f64> {
    let d = x.rows.d();
    if let (true, Some(stored)) = (x.shift.is_empty(), x.rows.as_f64()) {
        return MatRef::from_row_major_slice(&stored[range.start * d..range.end * d], range.len(), d);
    }
    buffer.resize(range.len() * d, 0.0);
    match par {
        Par::Seq => x.rows.read_f64(range.clone(), x.shift, buffer),
        Par::Rayon(threads) => {
            let share = range.len().div_ceil(threads.get());
            buffer.par_chunks_mut(share * d).enumerate().for_each(|(k, out)| {
                let start = range.start + k * share;
                x.rows.read_f64(start..start + out.len() / d, x.shift, out);
            });
        }
    }
    MatRef::from_row_major_slice(buffer, range.len(), d)
}
