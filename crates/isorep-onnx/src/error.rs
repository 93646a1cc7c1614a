//! The one error type of the crate: the fact in one line that names the file, the remedy in [`Error::hint`].

use std::io;
use std::path::PathBuf;

/// What every fallible function of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a model gave no activations.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused.
    #[error("cannot read `{}`: {cause}", file.display())]
    Io {
        /// Which file.
        file: PathBuf,
        /// What it said.
        cause: io::Error,
    },
    /// The bytes are not an ONNX model, or not a whole one.
    #[error("`{}` is not a sound ONNX model: {reason}", file.display())]
    Damaged {
        /// Which file.
        file: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The runtime has no such operator.
    #[error("`{}` cannot be run: the operator {operator} is not supported", file.display())]
    Operator {
        /// Which file.
        file: PathBuf,
        /// Its type, such as `LRN`.
        operator: String,
    },
    /// The runtime has no numbers of this type.
    #[error("`{}` cannot be run: {what} are {element}", file.display())]
    Element {
        /// Which file.
        file: PathBuf,
        /// Which values.
        what: String,
        /// Their type.
        element: crate::Element,
    },
    /// A file with weights is not beside the model.
    #[error("`{}` keeps weights in `{location}`, which cannot be read: {reason}", file.display())]
    External {
        /// The model.
        file: PathBuf,
        /// The other file, as the model calls it.
        location: String,
        /// Why not.
        reason: String,
    },
    /// The runtime refused the model or stopped while it was running.
    #[error("`{}` cannot be run: {reason}", file.display())]
    Runtime {
        /// Which file.
        file: PathBuf,
        /// What the runtime said.
        reason: String,
    },
    /// The arrays do not fit what the model asks for.
    #[error("cannot run `{}` on `{}`: {reason}", file.display(), inputs.display())]
    Inputs {
        /// The model.
        file: PathBuf,
        /// The file of arrays.
        inputs: PathBuf,
        /// What does not fit.
        reason: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// A value that was asked for cannot be a layer.
    #[error("`{}` has no layer `{name}`: {reason}", file.display())]
    NoLayer {
        /// The model.
        file: PathBuf,
        /// What was asked for.
        name: String,
        /// Why not.
        reason: String,
    },
    /// A file of arrays cannot be read, or a selection matches nothing.
    #[error(transparent)]
    Read(#[from] isorep_io::Error),
}

impl Error {
    /// What the caller can do about it, where there is something to do.
    pub fn hint(&self) -> Option<String> {
        const ELSEWHERE: &str = "run it where it can be run, for example with onnxruntime in Python, save its layers with \
                                 `numpy.savez`, and give that file instead of the model";
        match self {
            Self::Io { .. } => None,
            Self::Damaged { .. } => {
                Some("the copy or download was perhaps interrupted; make or fetch the file again".into())
            }
            Self::Operator { .. } | Self::Runtime { .. } => Some(ELSEWHERE.into()),
            Self::Element { .. } => Some(format!("convert the model to f32, or {ELSEWHERE}")),
            Self::External { location, .. } => Some(format!("put `{location}` into the folder of the model")),
            Self::Inputs { hint, .. } => hint.clone(),
            Self::NoLayer { .. } => Some("`isorep layers` lists the values that can be read".into()),
            Self::Read(error) => error.hint(),
        }
    }
}
