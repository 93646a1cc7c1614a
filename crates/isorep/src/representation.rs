//! One representation: the activations of one layer on one set of inputs, and what has been computed from them.

use crate::{Error, Owner, Result, Rows, Values};
use std::sync::Arc;

/// A named matrix of activations: `n` inputs (rows) × `d` neurons (columns), all finite.
#[derive(Debug, Clone)]
pub struct Representation {
    name: String,
    rows: Rows,
}

impl Representation {
    /// Checks that every value is finite and wraps the rows.
    ///
    /// # Errors
    /// [`Error::NotFinite`], naming the first such cell and how many there are.
    pub fn new(name: impl Into<String>, rows: Rows) -> Result<Self> {
        let name = name.into();
        if let Some((at, value, count)) = rows.find_not_finite(0..rows.n()) {
            return Err(Error::NotFinite { name, row: at / rows.d(), column: at % rows.d(), value, count });
        }
        Ok(Self { name, rows })
    }

    /// From `n * d` row-major values.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::Shape`] or [`Error::NotFinite`].
    pub fn from_f64(name: impl Into<String>, n: usize, d: usize, values: Vec<f64>) -> Result<Self> {
        let (name, values): (String, Owner<f64>) = (name.into(), Arc::new(values));
        let rows = Rows::new(&name, n, d, Values::F64(values))?;
        Self::new(name, rows)
    }

    /// From `n * d` row-major values.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::Shape`] or [`Error::NotFinite`].
    pub fn from_f32(name: impl Into<String>, n: usize, d: usize, values: Vec<f32>) -> Result<Self> {
        let (name, values): (String, Owner<f32>) = (name.into(), Arc::new(values));
        let rows = Rows::new(&name, n, d, Values::F32(values))?;
        Self::new(name, rows)
    }

    /// What it is called: a layer name, a file name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The stored numbers.
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// Number of inputs.
    pub fn n(&self) -> usize {
        self.rows.n()
    }

    /// Number of neurons.
    pub fn d(&self) -> usize {
        self.rows.d()
    }
}
