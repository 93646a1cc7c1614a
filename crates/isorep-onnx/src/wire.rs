//! Protocol buffers at the level of bytes: fields of a message one after the other, and how one is written.
//!
//! ONNX needs no more than this, and nothing is allocated on the word of a file: every length is checked against the
//! bytes that are there, and fields are slices of them.

use std::ops::Range;

/// One field of a message.
pub(crate) struct Field<'a> {
    pub(crate) number: u64,
    pub(crate) payload: Payload<'a>,
    /// Where the field is in its message, tag included.
    pub(crate) range: Range<usize>,
}

#[derive(Clone, Copy)]
pub(crate) enum Payload<'a> {
    Number(u64),
    /// A text, a nested message, or packed numbers.
    Bytes(&'a [u8]),
    /// Fixed width: nothing here is read from one.
    Fixed,
}

/// The fields of one message, in the order of the file.
pub(crate) struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

pub(crate) type Result<T> = std::result::Result<T, String>;

impl<'a> Fields<'a> {
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn field(&mut self) -> Result<Field<'a>> {
        let start = self.at;
        let tag = self.number()?;
        let payload = match tag & 7 {
            0 => Payload::Number(self.number()?),
            1 => self.skip(8)?,
            2 => {
                let length = self.number()?;
                let left = self.bytes.len() - self.at;
                let Some(length) = usize::try_from(length).ok().filter(|length| *length <= left) else {
                    return Err(format!("a field claims {length} bytes where {left} are left"));
                };
                let bytes = &self.bytes[self.at..self.at + length];
                self.at += length;
                Payload::Bytes(bytes)
            }
            5 => self.skip(4)?,
            kind => return Err(format!("a field has the unknown wire type {kind}")),
        };
        if tag >> 3 == 0 {
            return Err("a field has the number 0".into());
        }
        Ok(Field { number: tag >> 3, payload, range: start..self.at })
    }

    fn skip(&mut self, width: usize) -> Result<Payload<'a>> {
        if self.bytes.len() - self.at < width {
            return Err("it ends in the middle of a number".into());
        }
        self.at += width;
        Ok(Payload::Fixed)
    }

    fn number(&mut self) -> Result<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = *self.bytes.get(self.at).ok_or("it ends in the middle of a number")?;
            self.at += 1;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err("a number has more than 64 bits".into())
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>>;
    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.at = self.bytes.len();
        }
        Some(field)
    }
}

impl<'a> Payload<'a> {
    pub(crate) fn bytes(self) -> Result<&'a [u8]> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            _ => Err("a number stands where a message should be".into()),
        }
    }

    pub(crate) fn text(self) -> Result<String> {
        let text = std::str::from_utf8(self.bytes()?).map_err(|_| "a name is not valid UTF-8")?;
        Ok(text.to_owned())
    }

    pub(crate) fn number(self) -> Result<u64> {
        match self {
            Self::Number(number) => Ok(number),
            _ => Err("a message stands where a number should be".into()),
        }
    }

    /// One number, or several that are packed into one field.
    pub(crate) fn numbers(self) -> Result<Vec<u64>> {
        match self {
            Self::Number(number) => Ok(vec![number]),
            Self::Bytes(bytes) => {
                let mut packed = Fields::of(bytes);
                let mut numbers = Vec::new();
                while packed.at < bytes.len() {
                    numbers.push(packed.number()?);
                }
                Ok(numbers)
            }
            Self::Fixed => Err("a number has a fixed width where it should not".into()),
        }
    }
}

/// Appends a number.
pub(crate) fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends a field that holds bytes.
pub(crate) fn put_bytes(out: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    put_number(out, field << 3 | 2);
    put_number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut out = Vec::new();
        for number in [0, 1, 127, 128, 300, u64::MAX] {
            put_number(&mut out, 5 << 3);
            put_number(&mut out, number);
        }
        put_bytes(&mut out, 12, b"name");
        let fields: Vec<Field> = Fields::of(&out).map(Result::unwrap).collect();
        let numbers: Vec<u64> = fields[..6].iter().map(|field| field.payload.number().unwrap()).collect();
        assert_eq!(numbers, [0, 1, 127, 128, 300, u64::MAX]);
        assert_eq!((fields[6].number, fields[6].payload.text().unwrap().as_str()), (12, "name"));
        assert_eq!(fields[6].range.end, out.len());
    }

    #[test]
    fn damage_is_an_error_and_the_end() {
        for bytes in [&[0x0a, 5, b'x'][..], &[0x08], &[0x08, 0xff], &[0x0b, 0], &[0x0d, 1, 2], &[0xff; 12]] {
            let fields: Vec<_> = Fields::of(bytes).collect();
            assert!(fields.len() == 1 && fields[0].is_err(), "{bytes:?}");
        }
    }
}
