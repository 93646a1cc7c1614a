//! Activations of neural networks from files: `.npy`, `.npz`, `.safetensors`, or a folder with one file per layer.
//!
//! # A tour
//!
//! [`open`] gives a [`Trace`]: the layers of one model on one set of inputs, listed but not yet read. A [`Selection`]
//! chooses layers by name, glob or index. [`Layer::read`] gives a [`Tensor`], and [`prepare`] makes an
//! [`isorep::Representation`] of it, once a [`Layout`] and a [`Pooling`] say what its axes mean.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use isorep_io::{open, prepare, write_npy, Layout, Pooling, Selection, Tensor};
//! use std::sync::Arc;
//!
//! // A folder with one file per layer; here we write it ourselves: 2 images, 3 channels, 2 × 2 pixels.
//! let folder = tempfile::tempdir()?;
//! for (name, offset) in [("conv10", 0.5), ("conv2", 0.0)] {
//!     let numbers: Vec<f32> = (0..24).map(|i| i as f32 + offset).collect();
//!     let tensor = Tensor::new("nowhere", name, vec![2, 3, 2, 2], isorep::Values::F32(Arc::new(numbers)))?;
//!     write_npy(folder.path().join(name).with_extension("npy"), &tensor)?;
//! }
//!
//! let trace = open(folder.path())?;
//! let names: Vec<_> = trace.layers().iter().map(|layer| layer.name()).collect();
//! assert_eq!(names, ["conv2", "conv10"]); // natural order
//!
//! for layer in trace.select(&Selection::parse("conv*")?)? {
//!     let tensor = layer.read()?; // mapped: nothing is copied
//!     let prepared = prepare(&tensor, Layout::Nchw, Some(Pooling::Mean))?;
//!     assert_eq!((prepared.representation.n(), prepared.representation.d()), (2, 3));
//!     assert_eq!(prepared.steps, ["read as nchw", "pooled 2×2 positions by their mean"]);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! What belongs to the inputs and not to a network, their classes or groups, is read by [`read_listing`].
//!
//! # What is promised
//!
//! * **Nothing happens silently.** What was done to the data stands in [`Tensor::steps`] and [`Prepared::steps`], what
//!   was left out in [`Trace::skipped`] and [`Trace::notes`].
//! * **Numbers stay exact.** f16, bf16, f32 and f64 keep their precision and are widened where they are used; integers
//!   become floats that hold them exactly, or an error.
//! * **Files are not trusted.** Every size is checked against the bytes that are there before memory is asked for; no
//!   pickle is ever opened. A damaged file ends in an [`Error`] that names it.
//! * **Nothing is guessed.** Three or more axes without a layout are an error with a hint.
//!
//! Files are memory-mapped. Do not overwrite or truncate a file in place while its numbers are in use: the numbers would
//! change, or the process would be stopped by the operating system. Replacing a file by renaming is safe.

mod decode;
mod dtype;
mod error;
mod folder;
mod format;
mod layout;
mod listing;
mod map;
mod natural;
mod npy;
mod npz;
mod prepare;
mod problem;
mod safetensors;
mod samples;
mod selection;
mod stream;
mod tensor;
mod trace;
mod words;
mod write;

pub use dtype::Dtype;
pub use error::{Error, Result};
pub use format::Format;
pub use layout::{Layout, Pooling};
pub use listing::{Listing, read_listing};
pub use natural::natural_order;
pub use prepare::{Prepared, pool, prepare};
pub use problem::Problem;
pub use samples::Samples;
pub use selection::Selection;
pub use stream::SafetensorsStream;
pub use tensor::Tensor;
pub use trace::{Layer, Skipped, Trace, open};
pub use write::{write_npy, write_safetensors};
