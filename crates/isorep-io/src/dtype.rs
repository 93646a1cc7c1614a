//! What the bytes of an array mean: number type, byte order and storage order.

use std::fmt;

/// A number type that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dtype {
    /// One byte, 0 or 1 (any other value counts as 1).
    Bool,
    /// Signed, 8 bits.
    I8,
    /// Unsigned, 8 bits.
    U8,
    /// Signed, 16 bits.
    I16,
    /// Unsigned, 16 bits.
    U16,
    /// Signed, 32 bits.
    I32,
    /// Unsigned, 32 bits.
    U32,
    /// Signed, 64 bits.
    I64,
    /// Unsigned, 64 bits.
    U64,
    /// IEEE half precision.
    F16,
    /// The upper half of an f32.
    Bf16,
    /// Single precision.
    F32,
    /// Double precision.
    F64,
}

impl Dtype {
    /// Bytes of one number.
    pub fn width(self) -> usize {
        match self {
            Self::Bool | Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 | Self::F16 | Self::Bf16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }

    /// Its usual short name: `f32`, `bf16`, `i64`, `bool`, …
    pub fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::I8 => "i8",
            Self::U8 => "u8",
            Self::I16 => "i16",
            Self::U16 => "u16",
            Self::I32 => "i32",
            Self::U32 => "u32",
            Self::I64 => "i64",
            Self::U64 => "u64",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
            Self::F32 => "f32",
            Self::F64 => "f64",
        }
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How an array is laid out in its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Encoding {
    pub(crate) dtype: Dtype,
    pub(crate) big_endian: bool,
    /// The first axis varies fastest (Fortran) instead of the last (C).
    pub(crate) fortran: bool,
}

impl Encoding {
    /// C order, least significant byte first: what safetensors prescribes and NumPy usually writes.
    pub(crate) fn plain(dtype: Dtype) -> Self {
        Self { dtype, big_endian: false, fortran: false }
    }
}

/// Bytes that `shape` needs, or `None` if that is more than memory can address.
pub(crate) fn byte_length(shape: &[usize], width: usize) -> Option<usize> {
    let bytes = shape.iter().try_fold(width, |product, &size| product.checked_mul(size))?;
    isize::try_from(bytes).is_ok().then_some(bytes)
}
