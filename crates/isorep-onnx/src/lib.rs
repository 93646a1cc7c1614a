//! Activations of ONNX models: lists the values inside a model, runs it in process, and hands out any of them.
//!
//! # A tour
//!
//! [`Model::open`] lists what is in a file. [`Model::bind`] takes arrays as what the model is fed, [`Model::load`] finds
//! which values are layers (floating-point numbers whose first axis counts the inputs), and [`Loaded::run`] goes over all
//! inputs, batch by batch.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use isorep_io::Selection;
//! use isorep_onnx::{BATCH, Model};
//!
//! let model = Model::open("model.onnx")?;
//! let inputs = model.bind(&isorep_io::open("inputs.npz")?)?;
//! let loaded = model.load(Some(&Selection::parse("/encoder/**")?), &inputs)?;
//! let all: Vec<usize> = (0..loaded.layers.len()).collect();
//! for batch in loaded.run(&all, &inputs, BATCH) {
//!     for tensor in batch?.tensors {
//!         println!("{} {:?}", tensor.name(), tensor.shape());
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What is promised
//!
//! * **A value is addressed by its name** in the file; nodes often have none. A second name of a value (`Identity`) gives
//!   the same numbers.
//! * **Numbers do not depend on which layers are asked for**: every operator is computed as it stands in the file.
//! * **Files are not trusted.** Sizes are checked against the bytes that are there before anything is loaded, and a
//!   damaged file ends in an [`Error`] that names it.
//! * **What cannot be reached is said**: values inside of `If` and `Loop`, constants, values without an axis of inputs.

mod element;
mod error;
mod graph;
mod inputs;
mod model;
mod run;
mod session;
mod wire;

pub use element::Element;
pub use error::{Error, Result};
pub use graph::{Dimension, Input, Value};
pub use inputs::{Inputs, sizes};
pub use model::{Layer, LeftOut, Loaded, Model};
pub use run::{BATCH, Batch, Run};
