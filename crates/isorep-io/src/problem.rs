//! What can be wrong with the bytes of a file, whatever the file is called.
//!
//! Readers work on bytes and return a [`Problem`]; the crate's [`Error`](crate::Error) adds the file and the layer.

use crate::Dtype;

/// Why a file, or one array in it, cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// No known format.
    #[error("it is not a .npy, .npz or .safetensors file{}", looks_like.map_or(String::new(), |l| format!(" but looks like {l}")))]
    UnknownFormat {
        /// What the first bytes look like, if they are known.
        looks_like: Option<&'static str>,
    },
    /// Fewer bytes than the header promises.
    #[error("it is truncated: {what} needs {needed} bytes and {got} are there")]
    Truncated {
        /// Which part.
        what: &'static str,
        /// Bytes promised.
        needed: u64,
        /// Bytes found.
        got: u64,
    },
    /// More bytes than the header explains.
    #[error("it has {extra} byte(s) or more after the end of the array")]
    Trailing {
        /// How many were seen.
        extra: u64,
    },
    /// A header longer than any real one.
    #[error("its header claims {claimed} bytes; at most {limit} are accepted")]
    OversizedHeader {
        /// What it claims.
        claimed: u64,
        /// What is accepted.
        limit: u64,
    },
    /// A header that breaks the rules of its format.
    #[error("its header is invalid: {reason}")]
    Header {
        /// Which rule, where.
        reason: String,
    },
    /// A number type that is not a real number, or of a width that is not supported.
    #[error("its values are {dtype} ({meaning}), not real numbers of a supported width")]
    Dtype {
        /// The type as the file spells it.
        dtype: String,
        /// What that is.
        meaning: &'static str,
    },
    /// Python objects: reading them would run code of the file.
    #[error("it is an array of Python objects ({dtype}), which is never unpickled")]
    Objects {
        /// The type as the file spells it.
        dtype: String,
    },
    /// A single number instead of an array.
    #[error("it is a single number, without a dimension for the inputs")]
    Scalar,
    /// A dimension of size 0.
    #[error("it is empty: its shape is {shape:?}")]
    Empty {
        /// The shape.
        shape: Vec<usize>,
    },
    /// A shape that no memory can hold.
    #[error("the shape {shape:?} of {dtype} is more than memory can address")]
    Overflow {
        /// The shape.
        shape: Vec<usize>,
        /// The type of its numbers.
        dtype: Dtype,
    },
    /// An integer that f64 cannot hold exactly.
    #[error("it holds the integer {value}, beyond ±2^53, where doubles stop being exact")]
    IntegerTooLarge {
        /// The first such integer, in decimal.
        value: String,
    },
    /// A member that expands more than real data or deflate itself can.
    #[error("{packed} compressed bytes claim to become {unpacked}: {why}")]
    Bomb {
        /// Bytes in the archive.
        packed: u64,
        /// Bytes claimed.
        unpacked: u64,
        /// Why that is not believed.
        why: &'static str,
    },
    /// An archive that contradicts itself or does not inflate.
    #[error("the archive is damaged: {reason}")]
    Archive {
        /// What was found.
        reason: String,
    },
    /// Memory for the array could not be had.
    #[error("there is no memory for the {bytes} bytes of this array")]
    Memory {
        /// Bytes asked for.
        bytes: u64,
    },
    /// As many ids as inputs are needed.
    #[error("it has {inputs} inputs, and the file has {ids} ids")]
    Ids {
        /// Number of ids.
        ids: usize,
        /// Number of inputs.
        inputs: usize,
    },
    /// A container without the array that was asked for.
    #[error("it holds no array `{entry}`; it holds {found}")]
    NoEntry {
        /// What was asked for.
        entry: String,
        /// What it holds instead.
        found: String,
    },
    /// A container without a single array.
    #[error("it holds no array{}", found.as_ref().map_or(String::new(), |f| format!("; it holds {f}")))]
    NoArrays {
        /// What it holds instead.
        found: Option<String>,
    },
}

impl Problem {
    /// What the caller can do about it, where there is something to do.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::UnknownFormat { looks_like: Some(_) } | Self::NoArrays { .. } => Some(
                "load it in Python and save the activations with `numpy.savez` or `safetensors.numpy.save_file`",
            ),
            Self::Trailing { .. } => Some(
                "`numpy.save` was perhaps called twice on one file; use `numpy.savez` for several arrays",
            ),
            Self::Truncated { .. } | Self::Archive { .. } => {
                Some("the copy or download was perhaps interrupted; make or fetch the file again")
            }
            Self::Objects { .. } => Some(
                "convert before saving: `numpy.asarray(x, dtype=numpy.float32)`; rows must have equal length",
            ),
            Self::NoEntry { .. } => Some("name one of its arrays, as in `FILE:NAME`"),
            Self::Dtype { .. } => Some("convert before saving: `x.astype(numpy.float32)`"),
            Self::Scalar => Some("an activation needs at least one dimension: inputs first"),
            Self::IntegerTooLarge { .. } => {
                Some("such integers are ids or hashes rather than activations; leave this array out")
            }
            Self::Bomb { .. } => {
                Some("if the file is trusted, save it again with `numpy.savez`, uncompressed")
            }
            _ => None,
        }
    }

    /// True if the array is sound but of no use here, so that the other arrays of its file can still be read.
    pub(crate) fn spares_the_file(&self) -> bool {
        matches!(self, Self::Dtype { .. } | Self::Objects { .. } | Self::Scalar | Self::Empty { .. })
    }
}
