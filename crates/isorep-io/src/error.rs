//! The one error type of the crate: the fact in one line that names the file, the remedy in [`Error::hint`].
//!
//! The message of an inner error is part of the line, so it is not repeated through `source()`.

use crate::Problem;
use std::io;
use std::path::{Path, PathBuf};

/// What every fallible function of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a file did not become representations.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused.
    #[error("cannot {action} `{}`: {cause}", file.display())]
    Io {
        /// `read` or `write`.
        action: &'static str,
        /// Which file or folder.
        file: PathBuf,
        /// What it said.
        cause: io::Error,
    },
    /// The bytes are not what they should be.
    #[error("cannot read {}: {problem}", place(file, layer.as_deref()))]
    Unreadable {
        /// Which file or folder.
        file: PathBuf,
        /// Which array of it, if it holds several.
        layer: Option<String>,
        /// What is wrong.
        problem: Problem,
    },
    /// Two arrays of a folder would have the same name.
    #[error("`{}` holds two layers called `{layer}`", file.display())]
    DuplicateLayer {
        /// The folder.
        file: PathBuf,
        /// The name.
        layer: String,
    },
    /// A term of the selection matches no layer.
    #[error("`{}` has no layer for `{term}`; it has {}", file.display(), shortened(available))]
    NoSuchLayer {
        /// Which file or folder.
        file: PathBuf,
        /// The term that matched nothing.
        term: String,
        /// The name most like it, if one is.
        nearest: Option<String>,
        /// All names, in order.
        available: Vec<String>,
    },
    /// The text of a selection cannot be understood.
    #[error("cannot understand the selection `{text}`: {reason}")]
    Selection {
        /// The text as given.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No layout or pooling is written like this.
    #[error("`{text}` is not a {what}: {reason}")]
    Spelling {
        /// `layout` or `pooling`.
        what: &'static str,
        /// The text as given.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// More than two dimensions, and nobody said what they are.
    #[error("{} has the shape {shape:?}, and {missing} not given", place(file, Some(layer)))]
    LayoutNeeded {
        /// Which file.
        file: PathBuf,
        /// Which layer.
        layer: String,
        /// Its shape.
        shape: Vec<usize>,
        /// `its layout is` or `the pooling is`.
        missing: &'static str,
    },
    /// The layout has another number of dimensions.
    #[error("{} has the shape {shape:?}, which is not {layout}", place(file, Some(layer)))]
    LayoutMismatch {
        /// Which file.
        file: PathBuf,
        /// Which layer.
        layer: String,
        /// Its shape.
        shape: Vec<usize>,
        /// The layout asked for.
        layout: crate::Layout,
    },
    /// Rows of the two sides are not the same input at the same position.
    #[error("the rows of `{x}` are {x_rows}, those of `{y}` are {y_rows}")]
    Positions {
        /// First side.
        x: String,
        /// What its rows are.
        x_rows: String,
        /// Second side.
        y: String,
        /// What its rows are.
        y_rows: String,
    },
    /// What should be one label an input is not.
    #[error("cannot take labels from `{}`: {reason}", file.display())]
    Labels {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The numbers do not make a representation.
    #[error("cannot use {}: {cause}", place(file, Some(layer)))]
    Representation {
        /// Which file.
        file: PathBuf,
        /// Which layer.
        layer: String,
        /// What is wrong with them.
        cause: isorep::Error,
    },
}

impl Error {
    pub(crate) fn reading(file: &Path, cause: io::Error) -> Self {
        Self::Io { action: "read", file: file.into(), cause }
    }

    pub(crate) fn writing(file: &Path, cause: io::Error) -> Self {
        Self::Io { action: "write", file: file.into(), cause }
    }

    /// What the caller can do about it, where there is something to do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unreadable { problem, .. } => problem.hint().map(Into::into),
            Self::DuplicateLayer { .. } => Some("rename or remove one of the two files".into()),
            Self::NoSuchLayer { nearest: Some(name), .. } => Some(format!("did you mean `{name}`?")),
            Self::NoSuchLayer { term, .. } if term.contains('*') => Some(
                "`*` stays within a segment between `.` or `/`; `**` as a segment of its own crosses them".into(),
            ),
            Self::LayoutNeeded { shape, missing, .. } => Some(if missing.starts_with("its layout") {
                match shape.len() {
                    3 => "say `ntd` if it is inputs × tokens × channels, or pool with `flatten`".into(),
                    4 => "say `nchw` (PyTorch) or `nhwc` (TensorFlow, JAX), or pool with `flatten`".into(),
                    _ => "only `flatten` is defined for this many dimensions".into(),
                }
            } else {
                "choose `flatten`, `mean`, `max`, `first`, `last` or `positions`".into()
            }),
            Self::LayoutMismatch { .. } => {
                Some("`nd` has 2 dimensions, `ntd` 3, `nchw` and `nhwc` 4; pool with `flatten` for others".into())
            }
            Self::Positions { .. } => Some(
                "positions match only on equal grids and equal draws; pool with `mean` to compare other sizes".into(),
            ),
            Self::Representation { cause, .. } => cause.hint(),
            Self::Labels { .. } => Some(
                "give one integer or name an input: a one-dimensional .npy, an entry of an .npz or .safetensors, or a \
                 .csv or .txt file with one a line"
                    .into(),
            ),
            _ => None,
        }
    }
}

/// `` `file` `` or ``layer `name` of `file` ``.
fn place(file: &Path, layer: Option<&str>) -> String {
    match layer {
        Some(layer) => format!("layer `{layer}` of `{}`", file.display()),
        None => format!("`{}`", file.display()),
    }
}

/// The names, or the first ten of them and how many more.
fn shortened(names: &[String]) -> String {
    const SHOWN: usize = 10;
    let shown = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
