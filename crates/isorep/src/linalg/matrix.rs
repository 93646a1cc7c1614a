//! A dense f64 matrix stored column after column, so that a neuron is a slice.

use std::fmt;
use std::ops::{Index, IndexMut};

/// A dense matrix of f64, column-major.
#[derive(Clone, PartialEq)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    values: Vec<f64>,
}

impl Matrix {
    /// All zeros.
    pub fn zeros(rows: usize, columns: usize) -> Self {
        Self { rows, columns, values: vec![0.0; rows * columns] }
    }

    /// Entry (i, j) is `f(i, j)`.
    pub fn from_fn(rows: usize, columns: usize, mut f: impl FnMut(usize, usize) -> f64) -> Self {
        let values =
            (0..columns).flat_map(|j| (0..rows).map(move |i| (i, j))).map(|(i, j)| f(i, j)).collect();
        Self { rows, columns, values }
    }

    /// Takes column-major values.
    ///
    /// # Panics
    /// If there are not `rows * columns` of them.
    pub fn from_columns(rows: usize, columns: usize, values: Vec<f64>) -> Self {
        assert_eq!(values.len(), rows * columns);
        Self { rows, columns, values }
    }

    /// Takes row-major values and turns them over in tiles that stay in cache.
    ///
    /// # Panics
    /// If there are not `rows * columns` of them.
    pub fn from_rows(rows: usize, columns: usize, values: &[f64]) -> Self {
        const TILE: usize = 16;
        assert_eq!(values.len(), rows * columns);
        let mut matrix = Self::zeros(rows, columns);
        for i_tile in (0..rows).step_by(TILE) {
            for j_tile in (0..columns).step_by(TILE) {
                for j in j_tile..(j_tile + TILE).min(columns) {
                    for i in i_tile..(i_tile + TILE).min(rows) {
                        matrix.values[j * rows + i] = values[i * columns + j];
                    }
                }
            }
        }
        matrix
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Column `j`, from 0.
    pub fn column(&self, j: usize) -> &[f64] {
        &self.values[j * self.rows..(j + 1) * self.rows]
    }

    /// Column `j`, from 0, to write to.
    pub fn column_mut(&mut self, j: usize) -> &mut [f64] {
        &mut self.values[j * self.rows..(j + 1) * self.rows]
    }

    /// All values, column after column.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Rows and columns exchanged.
    #[must_use]
    pub fn transpose(&self) -> Self {
        // Column after column is row after row of the transpose.
        Self::from_rows(self.columns, self.rows, &self.values)
    }

    /// The first `count` columns.
    #[must_use]
    pub fn leading_columns(&self, count: usize) -> Self {
        Self::from_columns(self.rows, count, self.values[..self.rows * count].to_vec())
    }

    /// Column k times `by[k]`.
    #[must_use]
    pub(crate) fn with_scaled_columns(mut self, by: &[f64]) -> Self {
        for (k, by) in by.iter().enumerate() {
            self.column_mut(k).iter_mut().for_each(|v| *v *= by);
        }
        self
    }

    /// All values, column after column, without a copy.
    pub fn into_values(self) -> Vec<f64> {
        self.values
    }

    /// All values, column after column, to write to.
    pub fn values_mut(&mut self) -> &mut [f64] {
        &mut self.values
    }
}

impl Index<(usize, usize)> for Matrix {
    type Output = f64;
    fn index(&self, (i, j): (usize, usize)) -> &f64 {
        debug_assert!(i < self.rows);
        &self.values[j * self.rows + i]
    }
}

impl IndexMut<(usize, usize)> for Matrix {
    fn index_mut(&mut self, (i, j): (usize, usize)) -> &mut f64 {
        debug_assert!(i < self.rows);
        &mut self.values[j * self.rows + i]
    }
}

impl fmt::Debug for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Matrix {} × {}", self.rows, self.columns)?;
        for i in 0..self.rows.min(8) {
            let row: Vec<String> = (0..self.columns.min(8)).map(|j| format!("{:.6}", self[(i, j)])).collect();
            writeln!(f, "  {}", row.join(" "))?;
        }
        Ok(())
    }
}
