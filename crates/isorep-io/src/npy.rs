//! NumPy's `.npy`: a magic number, a version, the length of the header, the header (a Python dict), then raw numbers.
//!
//! All three versions are read; they differ in the width of the length (2 or 4 bytes) and in the encoding of the
//! header (Latin-1 before version 3, UTF-8 since). The format is specified in `numpy.lib.format`.

mod literal;

use crate::Problem;
use crate::dtype::{Dtype, Encoding, byte_length};
use crate::map::Bytes;
use crate::tensor::check_shape;
use crate::trace::{Contents, Located, Place, Slot};
use literal::Literal;
use std::io::Read;

/// First bytes of every `.npy` file.
pub(crate) const MAGIC: &[u8] = b"\x93NUMPY";

/// Longest header accepted. NumPy itself stops at 10 000 characters unless told otherwise.
const LONGEST_HEADER: usize = 1 << 16;

/// More axes than any array library allows.
const MOST_AXES: usize = 64;

/// What a `.npy` header says.
#[derive(Debug)]
pub(crate) struct Header {
    /// Bytes before the numbers.
    pub(crate) length: usize,
    /// Type of the numbers as NumPy spells it.
    descr: Literal,
    fortran: bool,
    pub(crate) shape: Vec<usize>,
}

impl Header {
    /// Reads no further than the end of the header.
    pub(crate) fn read(mut file: impl Read) -> Result<Self, Problem> {
        let mut start = [0; 8];
        fill(&mut file, &mut start)?;
        if !start.starts_with(MAGIC) {
            return Err(header("the magic number of .npy is missing"));
        }
        let version = start[6];
        let (prefix, claimed) = match version {
            1 => {
                let mut length = [0; 2];
                fill(&mut file, &mut length)?;
                (10, u64::from(u16::from_le_bytes(length)))
            }
            2 | 3 => {
                let mut length = [0; 4];
                fill(&mut file, &mut length)?;
                (12, u64::from(u32::from_le_bytes(length)))
            }
            _ => return Err(header(format!("version {version} of the .npy format is unknown"))),
        };
        if claimed > LONGEST_HEADER as u64 {
            return Err(Problem::OversizedHeader { claimed, limit: LONGEST_HEADER as u64 });
        }
        let mut text = vec![0; claimed as usize];
        fill(&mut file, &mut text)?;
        let text = if version < 3 {
            text.iter().map(|&byte| char::from(byte)).collect()
        } else {
            String::from_utf8(text).map_err(|_| header("it is not UTF-8"))?
        };
        Self::from_dict(literal::parse(&text)?, prefix + claimed as usize)
    }

    /// NumPy demands exactly these three keys.
    fn from_dict(dict: Literal, length: usize) -> Result<Self, Problem> {
        let Literal::Dict(items) = dict else { return Err(header("it is not a dict")) };
        let (mut descr, mut fortran, mut shape) = (None, None, None);
        for (key, value) in items {
            let repeated = match (key.as_str(), value) {
                ("descr", value) => descr.replace(value).is_some(),
                ("fortran_order", Literal::Boolean(value)) => fortran.replace(value).is_some(),
                ("shape", Literal::Sequence(sizes)) => shape.replace(read_shape(&sizes)?).is_some(),
                ("fortran_order" | "shape", value) => {
                    return Err(header(format!("`{key}` cannot be {value:?}")));
                }
                _ => return Err(header(format!("the key `{key}` is unknown"))),
            };
            if repeated {
                return Err(header(format!("`{key}` stands there twice")));
            }
        }
        let missing = |key| move || header(format!("`{key}` is missing"));
        Ok(Self {
            length,
            descr: descr.ok_or_else(missing("descr"))?,
            fortran: fortran.ok_or_else(missing("fortran_order"))?,
            shape: shape.ok_or_else(missing("shape"))?,
        })
    }

    /// How to read the numbers, if they are real numbers of a supported width.
    ///
    /// # Errors
    /// [`Problem::Dtype`] and [`Problem::Objects`], naming the type.
    pub(crate) fn encoding(&self) -> Result<Encoding, Problem> {
        let Literal::Text(descr) = &self.descr else {
            return Err(Problem::Dtype { dtype: "structured".into(), meaning: "records of several fields" });
        };
        let (big_endian, kind) = match descr.as_bytes() {
            [b'>', kind @ ..] => (true, kind),
            [b'<' | b'|', kind @ ..] | kind => (false, kind),
        };
        let dtype = match kind {
            b"b1" => Dtype::Bool,
            b"i1" => Dtype::I8,
            b"u1" => Dtype::U8,
            b"i2" => Dtype::I16,
            b"u2" => Dtype::U16,
            b"i4" => Dtype::I32,
            b"u4" => Dtype::U32,
            b"i8" => Dtype::I64,
            b"u8" => Dtype::U64,
            b"f2" => Dtype::F16,
            b"f4" => Dtype::F32,
            b"f8" => Dtype::F64,
            // The type `bfloat16` of ml_dtypes (JAX, TensorFlow) is saved like this; plain void data as `|V2`.
            b"V2" if descr.starts_with('<') => Dtype::Bf16,
            [b'O', ..] => return Err(Problem::Objects { dtype: descr.clone() }),
            _ => return Err(Problem::Dtype { dtype: descr.clone(), meaning: meaning(kind) }),
        };
        if dtype.width() > 1 && !descr.starts_with(['<', '>']) {
            return Err(header(format!("the type `{descr}` has no byte order")));
        }
        Ok(Encoding { dtype, big_endian, fortran: self.fortran })
    }

    /// Text of a one-dimensional array of strings: bytes a character, characters a string, byte order.
    pub(crate) fn text(&self) -> Option<Text> {
        let Literal::Text(descr) = &self.descr else { return None };
        let (order, kind) = descr.split_at_checked(1)?;
        let (kind, width) = kind.split_at_checked(1)?;
        let characters: usize = width.parse().ok().filter(|&width| width > 0)?;
        let character_width = match kind {
            "U" => 4,
            "S" => 1,
            _ => return None,
        };
        Some(Text { characters, character_width, big_endian: order == ">" })
    }

    /// Bytes of all numbers.
    pub(crate) fn data_length(&self, encoding: Encoding) -> Result<usize, Problem> {
        byte_length(&self.shape, encoding.dtype.width())
            .ok_or_else(|| Problem::Overflow { shape: self.shape.clone(), dtype: encoding.dtype })
    }
}

/// How the strings of an array of text are stored: padded with zeros to a common width.
pub(crate) struct Text {
    pub(crate) characters: usize,
    pub(crate) character_width: usize,
    pub(crate) big_endian: bool,
}

/// The one array of a `.npy` file; it is called `name`.
pub(crate) fn contents(name: &str, bytes: &Bytes) -> Result<Contents, Located> {
    let all = bytes.as_ref();
    let header = Header::read(all)?;
    let mut contents = Contents::default();
    let readable = header.encoding().and_then(|encoding| check_shape(&header.shape).map(|()| encoding));
    let encoding = match readable {
        Ok(encoding) => encoding,
        Err(problem) => {
            contents.skip(name, problem)?;
            return Ok(contents);
        }
    };
    let needed = header.data_length(encoding)?;
    let got = all.len() - header.length;
    check_length(needed as u64, got as u64)?;
    contents.layers.push(Slot {
        name: name.into(),
        shape: header.shape,
        dtype: encoding.dtype,
        place: Place::Slice { bytes: bytes.clone(), range: header.length..all.len(), encoding },
    });
    Ok(contents)
}

/// The numbers must fill the rest of the file exactly.
pub(crate) fn check_length(needed: u64, got: u64) -> Result<(), Problem> {
    match got.cmp(&needed) {
        std::cmp::Ordering::Less => Err(Problem::Truncated { what: "the array", needed, got }),
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(Problem::Trailing { extra: got - needed }),
    }
}

/// The header of a little-endian array in C order, as version 1, padded so that the numbers start at a multiple of 64.
pub(crate) fn write_header(descr: &str, shape: &[usize]) -> Vec<u8> {
    const PREFIX: usize = 10;
    let sizes: String = shape.iter().map(|size| size.to_string() + ",").collect();
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({sizes}), }}");
    let padded = (PREFIX + text.len() + 1).next_multiple_of(64) - PREFIX;
    text.push_str(&" ".repeat(padded - 1 - text.len()));
    text.push('\n');
    let length = u16::try_from(text.len()).expect("64 axes of 20 digits fit");
    [MAGIC, &[1, 0], &length.to_le_bytes(), text.as_bytes()].concat()
}

fn read_shape(sizes: &[Literal]) -> Result<Vec<usize>, Problem> {
    if sizes.len() > MOST_AXES {
        return Err(header(format!("{} axes; at most {MOST_AXES} are possible", sizes.len())));
    }
    let size = |literal: &Literal| match literal {
        Literal::Integer(size) => usize::try_from(*size).ok(),
        _ => None,
    };
    let shape = sizes.iter().map(size).collect::<Option<Vec<_>>>();
    shape.ok_or_else(|| header(format!("`shape` has a size that is not a count: {sizes:?}")))
}

fn meaning(kind: &[u8]) -> &'static str {
    match kind.first() {
        Some(b'c') => "complex numbers",
        Some(b'U' | b'S' | b'a') => "text",
        Some(b'M') => "dates",
        Some(b'm') => "time spans",
        Some(b'V') => "raw bytes, perhaps of a type of ml_dtypes",
        Some(b'f') => "floating point of an unusual width",
        _ => "of an unknown kind",
    }
}

fn fill(file: &mut impl Read, mut buffer: &mut [u8]) -> Result<(), Problem> {
    let needed = buffer.len() as u64;
    while !buffer.is_empty() {
        match file.read(buffer) {
            Ok(0) => {
                let got = needed - buffer.len() as u64;
                return Err(Problem::Truncated { what: "the header", needed, got });
            }
            Ok(count) => buffer = &mut std::mem::take(&mut buffer)[count..],
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Problem::Archive { reason: error.to_string() }),
        }
    }
    Ok(())
}

fn header(reason: impl Into<String>) -> Problem {
    Problem::Header { reason: reason.into() }
}
