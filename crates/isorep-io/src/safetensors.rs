//! `.safetensors`: the length of a JSON header, the header, then raw little-endian numbers in C order.
//!
//! The `safetensors` crate checks that offsets, shapes and types agree and cover the file without gap or overlap. What
//! it lets pass is added here: a name that stands in the header twice, and a tighter bound on the header.

use crate::dtype::Encoding;
use crate::map::Bytes;
use crate::tensor::check_shape;
use crate::trace::{Contents, Located, Place, Slot};
use crate::{Dtype, Problem};
use ::safetensors::{SafeTensorError, SafeTensors};
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use std::collections::BTreeSet;
use std::fmt;

/// Longest header accepted: room for some hundred thousand tensors.
const LONGEST_HEADER: u64 = 16 << 20;
/// Bytes that hold the length of the header.
const PREFIX: usize = 8;
/// The metadata entry that holds sample ids, as a JSON array of strings.
const IDS: &str = "ids";

/// True if the start of the file is that of a safetensors file: a length, then a JSON object.
pub(crate) fn looks_alike(bytes: &[u8]) -> bool {
    matches!(bytes.get(PREFIX), Some(b'{')) && header_length(bytes).is_some_and(|length| length < 1 << 40)
}

/// The tensors of the file.
pub(crate) fn contents(bytes: &Bytes) -> Result<Contents, Located> {
    let all = bytes.as_ref();
    let truncated = |what, needed| Problem::Truncated { what, needed, got: all.len() as u64 };
    let claimed = header_length(all).ok_or_else(|| truncated("the length of the header", PREFIX as u64))?;
    if claimed > LONGEST_HEADER {
        return Err(Problem::OversizedHeader { claimed, limit: LONGEST_HEADER }.into());
    }
    let end = PREFIX + claimed as usize;
    let header = all.get(PREFIX..end).ok_or_else(|| truncated("the header", end as u64))?;
    refuse_repeated_names(header)?;
    let metadata = match SafeTensors::read_metadata(all) {
        Ok((_, metadata)) => metadata,
        Err(SafeTensorError::MetadataIncompleteBuffer) => return Err(wrong_length(header, all, end).into()),
        Err(error) => return Err(Problem::Header { reason: describe(&error) }.into()),
    };
    let mut contents = Contents::default();
    if let Some(entries) = metadata.metadata() {
        contents.metadata = entries.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        if let Some(text) = contents.metadata.get(IDS) {
            let ids = serde_json::from_str(text)
                .map_err(|error| Problem::Header { reason: format!("the metadata entry `ids`: {error}") })?;
            contents.ids = Some(ids);
        }
    }
    for name in metadata.offset_keys() {
        let Some(info) = metadata.info(&name) else { continue };
        let dtype = match dtype(info.dtype).and_then(|dtype| check_shape(&info.shape).map(|()| dtype)) {
            Ok(dtype) => dtype,
            Err(problem) => {
                contents.skip(&name, problem)?;
                continue;
            }
        };
        let (start, stop) = info.data_offsets;
        contents.layers.push(Slot {
            name,
            shape: info.shape.clone(),
            dtype,
            place: Place::Slice {
                bytes: bytes.clone(),
                range: end + start..end + stop,
                encoding: Encoding::plain(dtype),
            },
        });
    }
    if contents.layers.is_empty() && contents.skipped.is_empty() {
        return Err(Problem::NoArrays { found: None }.into());
    }
    Ok(contents)
}

fn header_length(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk::<PREFIX>().map(|length| u64::from_le_bytes(*length))
}

/// The tensors and the rest of the file differ in length.
fn wrong_length(header: &[u8], all: &[u8], end: usize) -> Problem {
    let got = (all.len() - end) as u64;
    let metadata: Result<::safetensors::tensor::Metadata, _> = serde_json::from_slice(header);
    match metadata.map(|metadata| metadata.data_len() as u64) {
        Ok(needed) if needed > got => Problem::Truncated { what: "the data of its tensors", needed, got },
        Ok(needed) => Problem::Trailing { extra: got - needed },
        Err(error) => Problem::Header { reason: error.to_string() },
    }
}

fn describe(error: &SafeTensorError) -> String {
    match error {
        SafeTensorError::InvalidOffset(name) => {
            format!(
                "the data of `{name}` overlaps that of another tensor, leaves a gap, or ends before it starts"
            )
        }
        SafeTensorError::TensorInvalidInfo => {
            "the shape and type of a tensor do not agree with the length of its data".into()
        }
        SafeTensorError::ValidationOverflow => "the shape of a tensor is more than memory can address".into(),
        other => other.to_string(),
    }
}

fn dtype(stored: ::safetensors::Dtype) -> Result<Dtype, Problem> {
    use ::safetensors::Dtype as Stored;
    Ok(match stored {
        Stored::BOOL => Dtype::Bool,
        Stored::I8 => Dtype::I8,
        Stored::U8 => Dtype::U8,
        Stored::I16 => Dtype::I16,
        Stored::U16 => Dtype::U16,
        Stored::I32 => Dtype::I32,
        Stored::U32 => Dtype::U32,
        Stored::I64 => Dtype::I64,
        Stored::U64 => Dtype::U64,
        Stored::F16 => Dtype::F16,
        Stored::BF16 => Dtype::Bf16,
        Stored::F32 => Dtype::F32,
        Stored::F64 => Dtype::F64,
        Stored::C64 => return Err(Problem::Dtype { dtype: "C64".into(), meaning: "complex numbers" }),
        other => {
            return Err(Problem::Dtype {
                dtype: other.to_string(),
                meaning: "a quantised type of 8 bits or fewer",
            });
        }
    })
}

/// JSON allows a key to stand twice and readers then disagree on which one counts.
fn refuse_repeated_names(header: &[u8]) -> Result<(), Problem> {
    struct Names;
    impl<'de> Visitor<'de> for Names {
        type Value = ();
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a JSON object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            let mut seen = BTreeSet::new();
            while let Some(name) = map.next_key::<String>()? {
                map.next_value::<IgnoredAny>()?;
                if let Some(name) = seen.replace(name) {
                    return Err(A::Error::custom(format_args!("the name `{name}` stands there twice")));
                }
            }
            Ok(())
        }
    }
    let mut json = serde_json::Deserializer::from_slice(header);
    json.deserialize_map(Names).map_err(|error| Problem::Header { reason: error.to_string() })
}
