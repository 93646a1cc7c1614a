//! From the bytes of an array to numbers in C order: a view where the file already has them so, a converted copy
//! otherwise.
//!
//! Integers of up to 16 bits and booleans become f32 and wider ones f64, so every value stays exact.

use crate::Problem;
use crate::dtype::{Dtype, Encoding};
use crate::map::Bytes;
use bytemuck::AnyBitPattern;
use half::{bf16, f16};
use isorep::{Owner, Values};
use std::ops::Range;
use std::sync::Arc;

/// The largest integer below which f64 holds every integer.
const EXACT: u64 = 1 << 53;

/// The numbers of `shape` that lie in `range`, and what was done to them.
///
/// The caller has checked that `range` has exactly the bytes that `shape` needs.
pub(crate) fn decode(
    bytes: &Bytes,
    range: Range<usize>,
    shape: &[usize],
    encoding: Encoding,
) -> Result<(Values, Vec<String>), Problem> {
    let Encoding { dtype, big_endian, .. } = encoding;
    // With at most one axis longer than 1, both orders are the same sequence.
    let fortran = encoding.fortran && shape.iter().filter(|&&size| size > 1).count() > 1;
    let mut steps = Vec::new();
    if fortran {
        steps.push("reordered from Fortran to C order".to_string());
    }
    if big_endian && dtype.width() > 1 {
        steps.push("swapped from big-endian bytes".to_string());
    }
    let source = Source { bytes, range, shape, fortran, big_endian };
    let values = match dtype {
        Dtype::F16 => Values::F16(source.same(|b| f16::from_bits(u16::from_le_bytes(b)), &mut steps)?),
        Dtype::Bf16 => Values::Bf16(source.same(|b| bf16::from_bits(u16::from_le_bytes(b)), &mut steps)?),
        Dtype::F32 => Values::F32(source.same(f32::from_le_bytes, &mut steps)?),
        Dtype::F64 => Values::F64(source.same(f64::from_le_bytes, &mut steps)?),
        Dtype::Bool => Values::F32(source.copied(|[b]: [u8; 1]| if b == 0 { 0.0 } else { 1.0 })?),
        Dtype::I8 => Values::F32(source.copied(|b| f32::from(i8::from_le_bytes(b)))?),
        Dtype::U8 => Values::F32(source.copied(|b| f32::from(u8::from_le_bytes(b)))?),
        Dtype::I16 => Values::F32(source.copied(|b| f32::from(i16::from_le_bytes(b)))?),
        Dtype::U16 => Values::F32(source.copied(|b| f32::from(u16::from_le_bytes(b)))?),
        Dtype::I32 => Values::F64(source.copied(|b| f64::from(i32::from_le_bytes(b)))?),
        Dtype::U32 => Values::F64(source.copied(|b| f64::from(u32::from_le_bytes(b)))?),
        Dtype::I64 => {
            source.check(i64::from_le_bytes, |v| v.unsigned_abs() <= EXACT)?;
            Values::F64(source.copied(|b| i64::from_le_bytes(b) as f64)?)
        }
        Dtype::U64 => {
            source.check(u64::from_le_bytes, |&v| v <= EXACT)?;
            Values::F64(source.copied(|b| u64::from_le_bytes(b) as f64)?)
        }
    };
    match (&values, dtype) {
        (_, Dtype::F16 | Dtype::Bf16 | Dtype::F32 | Dtype::F64) => {}
        (Values::F32(_), _) => steps.push(format!("converted exactly from {dtype} to f32")),
        _ => steps.push(format!("converted exactly from {dtype} to f64")),
    }
    Ok((values, steps))
}

/// An array as it lies in the file.
struct Source<'a> {
    bytes: &'a Bytes,
    range: Range<usize>,
    shape: &'a [usize],
    fortran: bool,
    big_endian: bool,
}

impl Source<'_> {
    /// Values whose type need not change: shared where possible.
    fn same<T: AnyBitPattern + Send + Sync, const W: usize>(
        &self,
        from: impl Fn([u8; W]) -> T,
        steps: &mut Vec<String>,
    ) -> Result<Owner<T>, Problem> {
        if !self.fortran && !self.big_endian && cfg!(target_endian = "little") {
            if let Some(view) = self.bytes.view(self.range.clone()) {
                return Ok(view);
            }
            steps.push("copied, because the file does not align its values".to_string());
        }
        self.copied(from)
    }

    /// Every value converted, in C order.
    fn copied<T: Copy + Send + Sync + 'static, const W: usize>(
        &self,
        from: impl Fn([u8; W]) -> T,
    ) -> Result<Owner<T>, Problem> {
        let words = self.words::<W>();
        let one = |index: usize| from(self.little_endian(words[index]));
        let mut out = Vec::new();
        let memory = |_| Problem::Memory { bytes: (words.len() * size_of::<T>()) as u64 };
        out.try_reserve_exact(words.len()).map_err(memory)?;
        if self.fortran {
            if let Some(first) = (!words.is_empty()).then(|| one(0)) {
                out.resize(words.len(), first);
                each_fortran_index(self.shape, |to, at| out[to] = one(at));
            }
        } else {
            out.extend((0..words.len()).map(one));
        }
        Ok(Arc::new(out))
    }

    /// Refuses the first value that is not `fine`.
    fn check<T: ToString, const W: usize>(
        &self,
        from: impl Fn([u8; W]) -> T,
        fine: impl Fn(&T) -> bool,
    ) -> Result<(), Problem> {
        let mut values = self.words::<W>().iter().map(|&word| from(self.little_endian(word)));
        match values.find(|value| !fine(value)) {
            Some(value) => Err(Problem::IntegerTooLarge { value: value.to_string() }),
            None => Ok(()),
        }
    }

    fn words<const W: usize>(&self) -> &[[u8; W]] {
        self.bytes.as_ref()[self.range.clone()].as_chunks().0
    }

    fn little_endian<const W: usize>(&self, mut word: [u8; W]) -> [u8; W] {
        if self.big_endian {
            word.reverse();
        }
        word
    }
}

/// Calls `visit(index in C order, index in Fortran order)` for every element of `shape`.
///
/// The first axis is contiguous on one side and the last on the other, so the two are walked in square tiles: each
/// cache line is then used whole on both sides.
fn each_fortran_index(shape: &[usize], mut visit: impl FnMut(usize, usize)) {
    const TILE: usize = 32;
    let [first, middle @ .., last] = shape else { return };
    let between: usize = middle.iter().product();
    // Strides of the first axis in C order and of the last one in Fortran order; the others have stride 1.
    let (first_stride, last_stride) = (between * last, first * between);
    for m in 0..between {
        // `m` is the C index over the middle axes; the same axes in Fortran order:
        let (mut rest, mut reversed, mut size_before) = (m, 0, between);
        for &size in middle.iter().rev() {
            size_before /= size;
            reversed += (rest % size) * size_before;
            rest /= size;
        }
        let (c_base, fortran_base) = (m * last, reversed * first);
        for i0 in (0..*first).step_by(TILE) {
            for k0 in (0..*last).step_by(TILE) {
                for i in i0..(i0 + TILE).min(*first) {
                    for k in k0..(k0 + TILE).min(*last) {
                        visit(i * first_stride + c_base + k, fortran_base + i + k * last_stride);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition: an odometer over all axes.
    fn by_definition(shape: &[usize]) -> Vec<(usize, usize)> {
        let total: usize = shape.iter().product();
        (0..total)
            .map(|c| {
                let (mut rest, mut index) = (c, vec![0; shape.len()]);
                for axis in (0..shape.len()).rev() {
                    index[axis] = rest % shape[axis];
                    rest /= shape[axis];
                }
                let fortran = (0..shape.len()).rev().fold(0, |sum, axis| sum * shape[axis] + index[axis]);
                (c, fortran)
            })
            .collect()
    }

    #[test]
    fn fortran_order_is_undone_for_any_number_of_axes() {
        for shape in [&[3, 4][..], &[40, 70], &[2, 3, 5], &[2, 3, 4, 5], &[33, 2, 3, 1, 35], &[1, 7, 1]] {
            let mut visited = Vec::new();
            each_fortran_index(shape, |c, fortran| visited.push((c, fortran)));
            visited.sort_unstable();
            assert_eq!(visited, by_definition(shape), "{shape:?}");
        }
    }
}
