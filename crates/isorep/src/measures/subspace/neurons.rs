//! The neurons of both sides as unit vectors in common coordinates of least dimension.
//!
//! Residuals are relative, so every neuron is scaled to length one first (by its largest value before its
//! norm, so that no scale overflows). Distances between neurons and spans of neurons survive any rotation, so
//! the inputs are replaced by the triangular factor of [X Y] wherever that is smaller; a factor accumulated
//! from a stream of inputs serves just as well.

use super::DEPENDENCE_TOLERANCE;
use crate::Matrix;
use crate::linalg::qr::{inverse_norm, triangular_factor};

/// A centred neuron whose length is below this share of its length before centring was constant.
const CONSTANT_TOLERANCE: f64 = 1e-13;

/// Below this norm of the inverse triangular factor all neurons together are independent beyond doubt: every
/// one is at least 1e-8 away from the span of the others, far above [`DEPENDENCE_TOLERANCE`].
pub(super) const INDEPENDENT_BELOW: f64 = 1e-4 / DEPENDENCE_TOLERANCE;

/// Both sides of a comparison, ready to be matched.
#[derive(Debug, Clone)]
pub struct Neurons {
    pub(super) x: Side,
    pub(super) y: Side,
    pub(super) ambient: usize,
    /// Whether all non-zero neurons together are independent beyond doubt.
    pub(super) independent: bool,
}

/// The neurons of one representation.
#[derive(Debug, Clone)]
pub(super) struct Side {
    /// The non-zero ones, at unit length, one in each column.
    pub(super) unit: Matrix,
    /// Which neuron column j of `unit` is.
    pub(super) index: Vec<usize>,
    /// How many there are, the zero ones included.
    pub(super) count: usize,
}

impl Neurons {
    /// From activations: `x` is n × `d_x` and `y` is n × `d_y`, both finite; row i of both is the same input.
    ///
    /// # Panics
    /// If the numbers of rows differ or a value is not finite.
    pub fn new(x: &Matrix, y: &Matrix) -> Self {
        let zero = vec![0.0; x.columns().max(y.columns())];
        Self::assemble(x, y, [&zero, &zero], x.rows())
    }

    /// As [`Neurons::new`], with the mean of every neuron over the inputs subtracted first, so that neurons
    /// do not match through a common offset.
    ///
    /// # Panics
    /// If the numbers of rows differ or a value is not finite.
    pub fn centred(x: &Matrix, y: &Matrix) -> Self {
        let (centred_x, zero_below_x) = centre(x);
        let (centred_y, zero_below_y) = centre(y);
        let ambient = x.rows().saturating_sub(1);
        Self::assemble(&centred_x, &centred_y, [&zero_below_x, &zero_below_y], ambient)
    }

    /// From the triangular factor of [X Y] over `n` inputs, whose first `d_x` columns are those of X: the same
    /// neurons as [`Neurons::new`] of the activations.
    ///
    /// # Panics
    /// If `factor` has fewer than `d_x` columns or a value is not finite.
    pub fn from_factor(factor: &Matrix, d_x: usize, n: usize) -> Self {
        let (x, y) = (block(factor, 0, 0..d_x), block(factor, 0, d_x..factor.columns()));
        let zero = vec![0.0; factor.columns()];
        Self::assemble(&x, &y, [&zero, &zero], n)
    }

    /// From the triangular factor of [1 X Y] over `n` inputs, whose first column belongs to a neuron that is 1
    /// on every input: the same neurons as [`Neurons::centred`] of the activations.
    ///
    /// # Panics
    /// If `factor` has fewer than 1 + `d_x` columns or a value is not finite.
    pub fn centred_from_factor(factor: &Matrix, d_x: usize, n: usize) -> Self {
        let columns = [1..1 + d_x, 1 + d_x..factor.columns()];
        let bound = |j| CONSTANT_TOLERANCE * scaled_norm(factor.column(j)).unwrap_or(0.0);
        let [zero_below_x, zero_below_y] = columns.clone().map(|range| range.map(bound).collect::<Vec<_>>());
        let [x, y] = columns.map(|range| block(factor, 1, range));
        Self::assemble(&x, &y, [&zero_below_x, &zero_below_y], n.saturating_sub(1))
    }

    /// Numbers of neurons of x and of y.
    pub fn counts(&self) -> (usize, usize) {
        (self.x.count, self.y.count)
    }

    /// The neurons of x that are zero on every input (constant, if centred), which span nothing.
    pub fn zero_x(&self) -> Vec<usize> {
        self.x.zeros()
    }

    /// The neurons of y that are zero on every input (constant, if centred), which span nothing.
    pub fn zero_y(&self) -> Vec<usize> {
        self.y.zeros()
    }

    fn assemble(x: &Matrix, y: &Matrix, zero_below: [&[f64]; 2], ambient: usize) -> Self {
        assert_eq!(x.rows(), y.rows(), "row i of both sides must be the same input");
        let index_x = lengths(x, zero_below[0]);
        let index_y = lengths(y, zero_below[1]);
        let (kept_x, kept_y) = (index_x.len(), index_y.len());
        let mut joint = Matrix::zeros(x.rows(), kept_x + kept_y);
        for (j, &(neuron, scale)) in index_x.iter().enumerate() {
            write_unit(x.column(neuron), scale, joint.column_mut(j));
        }
        for (j, &(neuron, scale)) in index_y.iter().enumerate() {
            write_unit(y.column(neuron), scale, joint.column_mut(kept_x + j));
        }
        if joint.rows() > joint.columns() {
            joint = triangular_factor(joint);
        }
        let triangular = joint.rows() == joint.columns()
            && (0..joint.columns()).all(|j| joint.column(j)[j + 1..].iter().all(|&value| value == 0.0));
        Self {
            x: Side::new(block(&joint, 0, 0..kept_x), &index_x, x.columns()),
            y: Side::new(block(&joint, 0, kept_x..kept_x + kept_y), &index_y, y.columns()),
            ambient,
            independent: triangular && inverse_norm(&joint) < INDEPENDENT_BELOW,
        }
    }
}

impl Side {
    fn new(unit: Matrix, index: &[(usize, f64)], count: usize) -> Self {
        Self { unit, index: index.iter().map(|&(neuron, _)| neuron).collect(), count }
    }

    fn zeros(&self) -> Vec<usize> {
        (0..self.count).filter(|neuron| self.index.binary_search(neuron).is_err()).collect()
    }
}

/// The neurons longer than their bound, each with its largest absolute value.
fn lengths(side: &Matrix, zero_below: &[f64]) -> Vec<(usize, f64)> {
    (0..side.columns())
        .filter_map(|j| {
            let scale = largest(side.column(j));
            assert!(
                scale > 0.0 || side.column(j).iter().all(|&value| value == 0.0),
                "activations must be finite"
            );
            let long = scale > zero_below[j] || scaled_norm(side.column(j))? > zero_below[j];
            long.then_some((j, scale))
        })
        .collect()
}

/// Writes `column / ‖column‖`, dividing by the largest value first.
fn write_unit(column: &[f64], scale: f64, unit: &mut [f64]) {
    unit.iter_mut().zip(column).for_each(|(u, value)| *u = value / scale);
    let norm = sum_of_squares(unit).sqrt();
    assert!(norm.is_finite(), "activations must be finite");
    let inverse = norm.recip(); // of a norm between 1 and √n
    for u in unit {
        *u *= inverse;
    }
}

/// Columns minus their means, and for each the length below which nothing but rounding is left of it.
fn centre(side: &Matrix) -> (Matrix, Vec<f64>) {
    let mut centred = side.clone();
    let mut zero_below = vec![0.0; side.columns()];
    for (j, bound) in zero_below.iter_mut().enumerate() {
        *bound = CONSTANT_TOLERANCE * scaled_norm(side.column(j)).unwrap_or(0.0);
        // The second pass removes the rounding error of the first mean.
        for _ in 0..2 {
            let column = centred.column_mut(j);
            let n = column.len() as f64;
            let mean: f64 = column.iter().map(|value| value / n).sum();
            for value in column {
                *value -= mean;
            }
        }
    }
    (centred, zero_below)
}

fn block(matrix: &Matrix, first_row: usize, columns: std::ops::Range<usize>) -> Matrix {
    let rows = matrix.rows().saturating_sub(first_row);
    let values =
        columns.clone().flat_map(|j| matrix.column(j)[matrix.rows() - rows..].iter().copied()).collect();
    Matrix::from_columns(rows, columns.len(), values)
}

fn largest(column: &[f64]) -> f64 {
    column.iter().fold(0.0, |largest, value| value.abs().max(largest))
}

/// Euclidean norm without overflow or underflow of its squares; `None` for a zero column.
fn scaled_norm(column: &[f64]) -> Option<f64> {
    let scale = largest(column);
    (scale > 0.0).then(|| scale * column.iter().map(|value| (value / scale).powi(2)).sum::<f64>().sqrt())
}

/// Sum of squares in eight running sums, which the compiler can keep in vector registers.
pub(super) fn sum_of_squares(values: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let chunks = values.chunks_exact(8);
    let rest: f64 = chunks.remainder().iter().map(|value| value * value).sum();
    for chunk in chunks {
        sums.iter_mut().zip(chunk).for_each(|(sum, value)| *sum += value * value);
    }
    sums.iter().sum::<f64>() + rest
}
