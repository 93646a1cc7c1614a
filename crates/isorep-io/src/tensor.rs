//! One array as it was read: numbers in C order, its shape, where it came from and what was done to it.

use crate::dtype::byte_length;
use crate::{Error, Problem, Result};
use isorep::Values;
use std::fmt;
use std::path::{Path, PathBuf};

/// Runs the same code on the numbers, whatever their precision.
macro_rules! with_values {
    ($values:expr, $v:ident => $body:expr) => {
        match $values {
            isorep::Values::F16(owner) => {
                let $v = (**owner).as_ref();
                $body
            }
            isorep::Values::Bf16(owner) => {
                let $v = (**owner).as_ref();
                $body
            }
            isorep::Values::F32(owner) => {
                let $v = (**owner).as_ref();
                $body
            }
            isorep::Values::F64(owner) => {
                let $v = (**owner).as_ref();
                $body
            }
        }
    };
}
pub(crate) use with_values;

/// Numbers of any shape, in C order (the last index varies fastest), in the precision they are stored in.
#[derive(Clone)]
pub struct Tensor {
    file: PathBuf,
    name: String,
    shape: Vec<usize>,
    values: Values,
    steps: Vec<String>,
}

impl Tensor {
    /// Wraps numbers of one's own, for example captured from a running model; `file` is where errors say they are from.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if the shape is a scalar's, empty, or does not have as many elements as there are values.
    pub fn new(
        file: impl Into<PathBuf>,
        name: impl Into<String>,
        shape: Vec<usize>,
        values: Values,
    ) -> Result<Self> {
        let (file, name) = (file.into(), name.into());
        let (count, bytes) = with_values!(&values, v => (v.len(), size_of_val(v)));
        let problem = match check_shape(&shape) {
            Err(problem) => Some(problem),
            Ok(()) if byte_length(&shape, bytes / count.max(1)) != Some(bytes) => {
                Some(Problem::Header { reason: format!("the shape {shape:?} does not fit {count} values") })
            }
            Ok(()) => None,
        };
        match problem {
            Some(problem) => Err(Error::Unreadable { file, layer: Some(name), problem }),
            None => Ok(Self { file, name, shape, values, steps: Vec::new() }),
        }
    }

    /// With these as what was done to the data so far, instead of nothing.
    #[must_use]
    pub fn after(mut self, steps: Vec<String>) -> Self {
        self.steps = steps;
        self
    }

    /// Where it came from.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// What the layer is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sizes of the axes, at least one, none of them 0.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The numbers, in C order.
    pub fn values(&self) -> &Values {
        &self.values
    }

    /// What reading did to the data, in order, for people to read. Empty if nothing: the numbers are those of the file.
    pub fn steps(&self) -> &[String] {
        &self.steps
    }
}

impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tensor({} {:?})", self.name, self.shape)
    }
}

/// Refuses shapes that no representation can have.
pub(crate) fn check_shape(shape: &[usize]) -> Result<(), Problem> {
    if shape.is_empty() {
        return Err(Problem::Scalar);
    }
    if shape.contains(&0) {
        return Err(Problem::Empty { shape: shape.to_vec() });
    }
    Ok(())
}
