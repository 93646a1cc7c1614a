//! The stored numbers of one representation: inputs × neurons, row after row, in whatever precision they came.
//!
//! f16, bf16 and f32 are storage formats only: readers widen a block of rows at a time, so nothing else in the
//! crate is generic over a float type. The owner of the numbers may be a vector or a memory map.

use crate::linalg::widest;
use crate::{Error, Result};
use half::{bf16, f16};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Whatever owns a slice of numbers: a `Vec`, a memory-mapped file, a buffer of another library.
pub type Owner<T> = Arc<dyn AsRef<[T]> + Send + Sync>;

/// The numbers themselves, row-major, in the precision they were stored in.
#[derive(Clone)]
pub enum Values {
    /// IEEE half precision.
    F16(Owner<f16>),
    /// The upper half of an f32.
    Bf16(Owner<bf16>),
    /// Single precision.
    F32(Owner<f32>),
    /// Double precision.
    F64(Owner<f64>),
}

/// `n` inputs × `d` neurons of activations.
#[derive(Clone)]
pub struct Rows {
    n: usize,
    d: usize,
    values: Values,
}

macro_rules! with_values {
    ($values:expr, $v:ident => $body:expr) => {
        match $values {
            Values::F16(owner) => {
                let $v = (**owner).as_ref();
                $body
            }
            Values::Bf16(owner) => {
                let $v = (**owner).as_ref();
                $body
            }
            Values::F32(owner) => {
                let $v = (**owner).as_ref();
                $body
            }
            Values::F64(owner) => {
                let $v = (**owner).as_ref();
                $body
            }
        }
    };
}

/// A storage precision and how it widens.
trait Stored: Copy {
    fn to_f64(self) -> f64;
    fn to_f32(self) -> f32;
}
macro_rules! stored {
    ($($t:ty: $wide:expr, $single:expr;)*) => {$(
        impl Stored for $t {
            fn to_f64(self) -> f64 { ($wide)(self) }
            fn to_f32(self) -> f32 { ($single)(self) }
        }
    )*};
}
stored! {
    f16: f16::to_f64, f16::to_f32;
    bf16: bf16::to_f64, bf16::to_f32;
    f32: f64::from, |v| v;
    f64: |v| v, |v| v as f32;
}

impl Rows {
    /// Wraps `n * d` row-major values. `name` is used in the error only.
    ///
    /// # Errors
    /// [`Error::Empty`] if `n` or `d` is 0, [`Error::Shape`] if the number of values is not `n * d`.
    pub fn new(name: &str, n: usize, d: usize, values: Values) -> Result<Self> {
        let got = with_values!(&values, v => v.len());
        if n == 0 || d == 0 {
            return Err(Error::Empty { name: name.into(), rows: n, columns: d });
        }
        if n.checked_mul(d) != Some(got) {
            return Err(Error::Shape { name: name.into(), rows: n, columns: d, got });
        }
        Ok(Self { n, d, values })
    }

    /// Number of inputs.
    pub fn n(&self) -> usize {
        self.n
    }

    /// Number of neurons.
    pub fn d(&self) -> usize {
        self.d
    }

    /// True if the numbers carry no more than single precision, so that f32 products lose nothing of them.
    pub fn is_single(&self) -> bool {
        !matches!(self.values, Values::F64(_))
    }

    /// Largest relative error of storing a number.
    pub(crate) fn roundoff(&self) -> f64 {
        0.5 * match self.values {
            Values::F16(_) => f16::EPSILON.to_f64(),
            Values::Bf16(_) => bf16::EPSILON.to_f64(),
            Values::F32(_) => f64::from(f32::EPSILON),
            Values::F64(_) => f64::EPSILON,
        }
    }

    /// `f16`, `bf16`, `f32` or `f64`.
    pub fn precision(&self) -> &'static str {
        match self.values {
            Values::F16(_) => "f16",
            Values::Bf16(_) => "bf16",
            Values::F32(_) => "f32",
            Values::F64(_) => "f64",
        }
    }

    /// Writes the given rows, minus `shift` (one number a column, or none at all), to `out`, row-major.
    ///
    /// # Panics
    /// If `out` is not `rows.len() * d` long, or `shift` neither `d` nor 0.
    pub fn read_f64(&self, rows: Range<usize>, shift: &[f64], out: &mut [f64]) {
        self.read(rows, shift, out, |v| v);
    }

    /// As [`Rows::read_f64`], rounded to single precision after the subtraction.
    ///
    /// # Panics
    /// If `out` is not `rows.len() * d` long, or `shift` neither `d` nor 0.
    pub fn read_f32(&self, rows: Range<usize>, shift: &[f64], out: &mut [f32]) {
        self.read(rows, shift, out, |v| v as f32);
    }

    fn read<T>(&self, rows: Range<usize>, shift: &[f64], out: &mut [T], round: impl Fn(f64) -> T) {
        assert_eq!(out.len(), rows.len() * self.d);
        self.read_columns(rows, 0..self.d, shift, self.d, out, round);
    }

    /// Writes some columns of the given rows, minus `shift`, to the front of every `stride` values of `out`.
    pub(crate) fn read_columns<T>(
        &self,
        rows: Range<usize>,
        columns: Range<usize>,
        shift: &[f64],
        stride: usize,
        out: &mut [T],
        round: impl Fn(f64) -> T,
    ) {
        assert!(shift.is_empty() || shift.len() == self.d);
        let shift = shift.get(columns.clone()).unwrap_or_default();
        with_values!(&self.values, v => {
            let block = &v[rows.start * self.d..rows.end * self.d];
            widest(
                #[inline(always)]
                || {
                    for (from, to) in block.chunks_exact(self.d).zip(out.chunks_exact_mut(stride)) {
                        let from = &from[columns.clone()];
                        if shift.is_empty() {
                            to.iter_mut().zip(from).for_each(|(o, v)| *o = round(v.to_f64()));
                        } else {
                            for ((o, v), s) in to.iter_mut().zip(from).zip(shift) {
                                *o = round(v.to_f64() - s);
                            }
                        }
                    }
                },
            );
        });
    }

    /// The numbers, if they are stored as f64.
    pub(crate) fn as_f64(&self) -> Option<&[f64]> {
        if let Values::F64(owner) = &self.values { Some((**owner).as_ref()) } else { None }
    }

    /// Adds each column of the given rows to `sums`.
    pub(crate) fn add_columns(&self, rows: Range<usize>, sums: &mut [f64]) {
        with_values!(&self.values, v => {
            let block = &v[rows.start * self.d..rows.end * self.d];
            widest(
                #[inline(always)]
                || {
                    for row in block.chunks_exact(self.d) {
                        for (s, v) in sums.iter_mut().zip(row) {
                            *s += v.to_f64();
                        }
                    }
                },
            );
        });
    }

    /// How many values are the largest number of half precision, or minus that: what a conversion makes of larger ones.
    pub(crate) fn count_at_half_limit(&self) -> usize {
        let limit = f16::MAX.to_f64();
        with_values!(&self.values, v => v.iter().filter(|v| v.to_f64().abs() == limit).count())
    }

    /// Where the first value that is not finite stands, what it is, and how many there are in these rows.
    pub(crate) fn find_not_finite(&self, rows: Range<usize>) -> Option<(usize, f64, usize)> {
        with_values!(&self.values, v => {
            let block = &v[rows.start * self.d..rows.end * self.d];
            // A sum of products with zero is zero unless something is not finite: branch-free in the usual case.
            if block.iter().map(|v| v.to_f32() * 0.0).sum::<f32>() == 0.0 {
                return None;
            }
            let offending = || block.iter().enumerate().filter(|(_, v)| !v.to_f64().is_finite());
            let (at, first) = offending().next()?;
            Some((rows.start * self.d + at, first.to_f64(), offending().count()))
        })
    }

    #[must_use]
    /// The rows with these indices, in this order, in the same precision.
    ///
    /// # Panics
    /// If an index is out of range or there are none.
    pub fn select(&self, indices: &[usize]) -> Self {
        fn gather<T: Copy + Send + Sync + 'static>(v: &[T], d: usize, indices: &[usize]) -> Owner<T> {
            let mut out = Vec::with_capacity(indices.len() * d);
            for &i in indices {
                out.extend_from_slice(&v[i * d..(i + 1) * d]);
            }
            Arc::new(out)
        }
        assert!(!indices.is_empty(), "at least one row must remain");
        let d = self.d;
        let values = match &self.values {
            Values::F16(o) => Values::F16(gather((**o).as_ref(), d, indices)),
            Values::Bf16(o) => Values::Bf16(gather((**o).as_ref(), d, indices)),
            Values::F32(o) => Values::F32(gather((**o).as_ref(), d, indices)),
            Values::F64(o) => Values::F64(gather((**o).as_ref(), d, indices)),
        };
        Self { n: indices.len(), d, values }
    }
}

impl Rows {
    /// The columns with these indices, in this order, in the same precision.
    ///
    /// # Panics
    /// If an index is out of range or there are none.
    #[must_use]
    pub(crate) fn select_columns(&self, columns: &[usize]) -> Self {
        fn gather<T: Copy + Send + Sync + 'static>(v: &[T], d: usize, columns: &[usize]) -> Owner<T> {
            let rows = v.chunks_exact(d);
            Arc::new(rows.flat_map(|row| columns.iter().map(|j| row[*j])).collect::<Vec<T>>())
        }
        assert!(!columns.is_empty(), "at least one column must remain");
        let values = match &self.values {
            Values::F16(o) => Values::F16(gather((**o).as_ref(), self.d, columns)),
            Values::Bf16(o) => Values::Bf16(gather((**o).as_ref(), self.d, columns)),
            Values::F32(o) => Values::F32(gather((**o).as_ref(), self.d, columns)),
            Values::F64(o) => Values::F64(gather((**o).as_ref(), self.d, columns)),
        };
        Self { n: self.n, d: columns.len(), values }
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rows({} × {} {})", self.n, self.d, self.precision())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_precision_reads_the_same() {
        let exact = [1.0, -2.5, 0.0, 4.0, 0.125, 3.0];
        let all = [
            Values::F64(Arc::new(exact.to_vec())),
            Values::F32(Arc::new(exact.map(|v| v as f32).to_vec())),
            Values::F16(Arc::new(exact.map(f16::from_f64).to_vec())),
            Values::Bf16(Arc::new(exact.map(bf16::from_f64).to_vec())),
        ];
        for values in all {
            let rows = Rows::new("x", 3, 2, values).unwrap();
            let (mut wide, mut single) = ([0.0; 4], [0.0; 4]);
            rows.read_f64(1..3, &[1.0, 2.0], &mut wide);
            rows.read_f32(1..3, &[1.0, 2.0], &mut single);
            assert_eq!(wide, [-1.0, 2.0, -0.875, 1.0]);
            assert_eq!(single, [-1.0, 2.0, -0.875, 1.0]);
        }
    }

    #[test]
    fn shapes_that_do_not_fit_are_refused() {
        let values = || Values::F64(Arc::new(vec![0.0; 6]));
        assert!(matches!(Rows::new("x", 2, 2, values()), Err(Error::Shape { got: 6, .. })));
        assert!(matches!(Rows::new("x", usize::MAX, 2, values()), Err(Error::Shape { .. })));
        assert!(matches!(Rows::new("x", 0, 2, values()), Err(Error::Empty { .. })));
    }
}
