//! Writing arrays: enough for tests, examples, and for handing a capture to other tools.

use crate::npy::write_header;
use crate::tensor::with_values;
use crate::{Error, Problem, Result, Tensor};
use ::safetensors::tensor::View;
use ::safetensors::{Dtype, SafeTensorError};
use isorep::Values;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Writes one array as `.npy`, in C order, little-endian, in its own precision.
///
/// bf16 has no NumPy type; it is written as `ml_dtypes` writes it (`<V2`), which [`open`](crate::open) reads back.
///
/// # Errors
/// [`Error::Io`].
pub fn write_npy(path: impl AsRef<Path>, tensor: &Tensor) -> Result<()> {
    let path = path.as_ref();
    let descr = match tensor.values() {
        Values::F16(_) => "<f2",
        Values::Bf16(_) => "<V2",
        Values::F32(_) => "<f4",
        Values::F64(_) => "<f8",
    };
    let write = || {
        let mut file = BufWriter::new(File::create(path)?);
        file.write_all(&write_header(descr, tensor.shape()))?;
        file.write_all(&little_endian(tensor.values()))?;
        file.flush()
    };
    write().map_err(|cause| Error::writing(path, cause))
}

/// Writes arrays as `.safetensors`, with metadata (text for text; may be empty).
///
/// An existing file is replaced, not overwritten, so that a mapping of it stays valid.
///
/// # Errors
/// [`Error::Io`], or [`Error::DuplicateLayer`] if two tensors have the same name.
pub fn write_safetensors(
    path: impl AsRef<Path>,
    tensors: &[Tensor],
    metadata: &BTreeMap<String, String>,
) -> Result<()> {
    let path = path.as_ref();
    let mut named = BTreeMap::new();
    for tensor in tensors {
        if named.insert(tensor.name(), Stored(tensor)).is_some() {
            return Err(Error::DuplicateLayer { file: path.into(), layer: tensor.name().into() });
        }
    }
    let metadata = (!metadata.is_empty()).then(|| metadata.clone().into_iter().collect());
    ::safetensors::serialize_to_file(named, metadata, path).map_err(|error| match error {
        SafeTensorError::IoError(cause) => Error::writing(path, cause),
        other => Error::Unreadable {
            file: path.into(),
            layer: None,
            problem: Problem::Header { reason: other.to_string() },
        },
    })
}

/// How the safetensors crate wants to see an array.
struct Stored<'a>(&'a Tensor);

impl View for Stored<'_> {
    fn dtype(&self) -> Dtype {
        match self.0.values() {
            Values::F16(_) => Dtype::F16,
            Values::Bf16(_) => Dtype::BF16,
            Values::F32(_) => Dtype::F32,
            Values::F64(_) => Dtype::F64,
        }
    }

    fn shape(&self) -> &[usize] {
        self.0.shape()
    }

    fn data(&self) -> Cow<'_, [u8]> {
        little_endian(self.0.values())
    }

    fn data_len(&self) -> usize {
        with_values!(self.0.values(), v => size_of_val(v))
    }
}

/// The bytes of the numbers; a copy on big-endian machines only.
fn little_endian(values: &Values) -> Cow<'_, [u8]> {
    with_values!(values, v => {
        if cfg!(target_endian = "little") {
            Cow::Borrowed(bytemuck::cast_slice(v))
        } else {
            Cow::Owned(v.iter().flat_map(|value| value.to_le_bytes()).collect())
        }
    })
}
