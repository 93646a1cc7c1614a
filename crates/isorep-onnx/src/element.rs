//! Types of numbers as ONNX counts them.

use std::fmt;

/// The type of the numbers of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Element(u64);

/// Code, name, bytes a number.
const KNOWN: [(u64, &str, usize); 15] = [
    (1, "f32", 4),
    (2, "u8", 1),
    (3, "i8", 1),
    (4, "u16", 2),
    (5, "i16", 2),
    (6, "i32", 4),
    (7, "i64", 8),
    (8, "text", 0),
    (9, "bool", 1),
    (10, "f16", 2),
    (11, "f64", 8),
    (12, "u32", 4),
    (13, "u64", 8),
    (14, "complex", 8),
    (16, "bf16", 2),
];

impl Element {
    pub(crate) const F32: Self = Self(1);
    pub(crate) const U8: Self = Self(2);
    pub(crate) const I8: Self = Self(3);
    pub(crate) const I32: Self = Self(6);
    pub(crate) const I64: Self = Self(7);
    pub(crate) const BOOL: Self = Self(9);
    pub(crate) const F64: Self = Self(11);

    pub(crate) fn of(code: u64) -> Self {
        Self(code)
    }

    /// As in the other reports: `f32`, `i64`, …
    pub fn name(self) -> &'static str {
        KNOWN.iter().find(|known| known.0 == self.0).map_or("unknown", |known| known.1)
    }

    /// Bytes of one number, where they are whole.
    pub(crate) fn width(self) -> Option<usize> {
        KNOWN.iter().find(|known| known.0 == self.0).map(|known| known.2).filter(|width| *width > 0)
    }

    /// Whether the runtime has tensors of this type, or a wider one that it uses instead.
    pub(crate) fn can_be_a_weight(self) -> bool {
        [Self::F32, Self::U8, Self::I8, Self::I32, Self::I64, Self::BOOL, Self::F64].contains(&self)
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
