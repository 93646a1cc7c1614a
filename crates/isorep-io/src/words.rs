//! Arrays of text or of integers, as words: what inputs are called, which class they are of.

use crate::Problem;
use crate::dtype::Dtype;
use crate::npy::{Header, Text};

/// One word an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) words: Vec<String>,
    /// Whether all of them are integers and were stored as such.
    pub(crate) are_integers: bool,
}

/// How many words the array has: one dimension, or a single column. `what` they are is for the error.
pub(crate) fn count(header: &Header, what: &str) -> Result<usize, Problem> {
    match *header.shape.as_slice() {
        [count] | [count, 1] => Ok(count),
        _ => Err(invalid(format!("{what} must be one-dimensional"))),
    }
}

/// Bytes that so many words take.
pub(crate) fn length(header: &Header, count: usize) -> Result<usize, Problem> {
    let width = match (header.text(), header.encoding()) {
        (Some(text), _) => text.characters.checked_mul(text.character_width),
        (None, Ok(encoding)) => Some(encoding.dtype.width()),
        (None, Err(problem)) => return Err(problem),
    };
    width.and_then(|width| width.checked_mul(count)).ok_or_else(|| invalid("it is too large"))
}

/// The words that lie in these bytes; `what` they are is for the error.
pub(crate) fn decode(bytes: &[u8], header: &Header, what: &str) -> Result<Words, Problem> {
    if let Some(text) = header.text() {
        let words = bytes
            .chunks_exact(text.characters * text.character_width)
            .map(|word| {
                read_text(word, &text).ok_or_else(|| invalid(format!("one of the {what} is not valid text")))
            })
            .collect::<Result<_, _>>()?;
        return Ok(Words { words, are_integers: false });
    }
    let words =
        read_integers(bytes, header).ok_or_else(|| invalid(format!("{what} must be strings or integers")))?;
    Ok(Words { words, are_integers: true })
}

fn invalid(reason: impl Into<String>) -> Problem {
    Problem::Header { reason: reason.into() }
}

fn read_text(bytes: &[u8], text: &Text) -> Option<String> {
    let word = if text.character_width == 1 {
        std::str::from_utf8(bytes).ok()?.to_string()
    } else {
        let words = bytes.as_chunks::<4>().0.iter();
        let code = |&word| if text.big_endian { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) };
        words.map(|word| char::from_u32(code(word))).collect::<Option<String>>()?
    };
    Some(word.trim_end_matches('\0').to_string())
}

/// Whether numbers of this type are whole.
pub(crate) fn is_integer(dtype: Dtype) -> bool {
    !matches!(dtype, Dtype::Bool | Dtype::F16 | Dtype::Bf16 | Dtype::F32 | Dtype::F64)
}

fn read_integers(bytes: &[u8], header: &Header) -> Option<Vec<String>> {
    let encoding = header.encoding().ok()?;
    let width = encoding.dtype.width();
    if !is_integer(encoding.dtype) {
        return None;
    }
    let signed = matches!(encoding.dtype, Dtype::I8 | Dtype::I16 | Dtype::I32 | Dtype::I64);
    let one = |word: &[u8]| {
        let mut word = word.to_vec();
        if encoding.big_endian {
            word.reverse();
        }
        let negative = signed && word[width - 1] >= 0x80;
        word.resize(16, if negative { 0xff } else { 0 });
        i128::from_le_bytes(word.try_into().unwrap_or_default()).to_string()
    };
    Some(bytes.chunks_exact(width).map(one).collect())
}
