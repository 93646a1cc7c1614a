//! Which format a file has, by its first bytes and, where they say nothing, by its extension.

use crate::{Problem, npy, safetensors};
use std::path::Path;

/// A file format that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// One NumPy array.
    Npy,
    /// A zip archive of NumPy arrays.
    Npz,
    /// The format of Hugging Face.
    Safetensors,
}

/// Beginnings of formats that people will try, to name them in the error.
const OTHERS: [(&[u8], &str); 6] = [
    (b"\x89HDF\r\n\x1a\n", "HDF5"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PAR1", "Parquet"),
    (b"ARROW1", "Arrow"),
    (b"GGUF", "GGUF"),
    (b"\x80", "a Python pickle (an old PyTorch file)"),
];

impl Format {
    pub(crate) fn detect(bytes: &[u8], path: &Path) -> Result<Self, Problem> {
        if bytes.starts_with(npy::MAGIC) {
            return Ok(Self::Npy);
        }
        if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
            return Ok(Self::Npz);
        }
        if safetensors::looks_alike(bytes) {
            return Ok(Self::Safetensors);
        }
        // A known extension gets the error of its own reader: truncated, header invalid, …
        let looks_like = OTHERS.iter().find(|(start, _)| bytes.starts_with(start)).map(|&(_, name)| name);
        match (looks_like, path.extension().and_then(|extension| extension.to_str())) {
            (None, Some("npy")) => Ok(Self::Npy),
            (None, Some("npz")) => Ok(Self::Npz),
            (None, Some("safetensors")) => Ok(Self::Safetensors),
            _ => Err(Problem::UnknownFormat { looks_like }),
        }
    }
}
