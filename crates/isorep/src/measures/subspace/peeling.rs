//! Two sets of neurons from which neurons are removed, with the relative residual of each against the span of
//! the other set always at hand. What is removed when is decided by [`super::path`] and [`super::minimal`].

use super::basis::Basis;
use super::neurons::{INDEPENDENT_BELOW, Neurons, sum_of_squares};
use super::{DEPENDENCE_TOLERANCE, Neuron, Ranks};
use crate::Matrix;
use crate::linalg::qr::{Coordinates, coordinates, inverse_norm, pivoted_coordinates, triangular_factor};

/// The neurons that are left. They are numbered as the columns of [`Neurons`], zero neurons not counted.
#[derive(Debug)]
pub(super) struct Peeling {
    left_x: Vec<bool>,
    left_y: Vec<bool>,
    /// Span of x, with the neurons of y as targets.
    span_x: Basis,
    /// Span of y, with the neurons of x as targets.
    span_y: Basis,
}

impl Peeling {
    /// Begins with the columns `s` of x and `t` of y, and says what ranks they have.
    pub(super) fn new(neurons: &Neurons, s: &[usize], t: &[usize]) -> (Self, Ranks) {
        let (x, y) = (columns(&neurons.x.unit, s), columns(&neurons.y.unit, t));
        let of_x = Span::new(x.clone(), y.clone(), neurons.independent);
        let residuals_y = of_x.residuals();
        let order_y = ascending(&residuals_y);
        let of_y = Span::new(columns(&y, &order_y), x, neurons.independent);
        let residuals_x = of_y.residuals();
        let order_x = ascending(&residuals_x);

        let joint = if neurons.independent { s.len() + t.len() } else { of_x.joint_rank(of_y.rank()) };
        let ranks = Ranks { x: of_x.rank(), y: of_y.rank(), joint, ambient: neurons.ambient };

        let targets = |numbers: &[usize], residuals: &[f64]| -> Vec<(usize, f64)> {
            numbers.iter().copied().zip(residuals.iter().copied()).collect()
        };
        // Only now is the order of x known.
        let (of_x, order_x) = of_x.reordered(order_x);
        let peeling = Self {
            left_x: flags(neurons.x.index.len(), s),
            left_y: flags(neurons.y.index.len(), t),
            span_x: Basis::new(&of_x, &pick(s, &order_x), &targets(t, &residuals_y)),
            span_y: Basis::new(&of_y.coordinates, &pick(t, &order_y), &targets(s, &residuals_x)),
        };
        (peeling, ranks)
    }

    /// The neurons left of x, each with its squared relative residual.
    pub(super) fn x(&self) -> impl Iterator<Item = (usize, f64)> {
        self.span_y.targets()
    }

    /// The neurons left of y, each with its squared relative residual.
    pub(super) fn y(&self) -> impl Iterator<Item = (usize, f64)> {
        self.span_x.targets()
    }

    /// The largest squared relative residual; `None` when nobody is left.
    pub(super) fn largest_residual(&self) -> Option<f64> {
        self.x().chain(self.y()).map(|(_, residual)| residual).max_by(f64::total_cmp)
    }

    /// Who is left of x and of y, ascending.
    pub(super) fn members(&self) -> (Vec<usize>, Vec<usize>) {
        let set = |flags: &[bool]| (0..flags.len()).filter(|&number| flags[number]).collect();
        (set(&self.left_x), set(&self.left_y))
    }

    /// Whether this neuron is left.
    pub(super) fn contains(&self, neuron: Neuron) -> bool {
        match neuron {
            Neuron::X(i) => self.left_x[i],
            Neuron::Y(j) => self.left_y[j],
        }
    }

    /// Removes one neuron.
    pub(super) fn remove(&mut self, neuron: Neuron) {
        match neuron {
            Neuron::X(i) => self.left_x[i] = false,
            Neuron::Y(j) => self.left_y[j] = false,
        }
        self.update();
    }

    /// Removes every neuron whose squared residual is at least `bound`, telling each to `removed`; says whether
    /// there was one.
    pub(super) fn remove_from(&mut self, bound: f64, mut removed: impl FnMut(Neuron)) -> bool {
        let Self { left_x, left_y, span_x, span_y } = self;
        let mut any = false;
        for (neuron, _) in span_y.targets().filter(|&(_, residual)| residual >= bound) {
            left_x[neuron] = false;
            removed(Neuron::X(neuron));
            any = true;
        }
        for (neuron, _) in span_x.targets().filter(|&(_, residual)| residual >= bound) {
            left_y[neuron] = false;
            removed(Neuron::Y(neuron));
            any = true;
        }
        if any {
            self.update();
        }
        any
    }

    fn update(&mut self) {
        self.span_x.keep(&self.left_x, &self.left_y);
        self.span_y.keep(&self.left_y, &self.left_x);
    }
}

impl Clone for Peeling {
    fn clone(&self) -> Self {
        Self {
            left_x: self.left_x.clone(),
            left_y: self.left_y.clone(),
            span_x: self.span_x.clone(),
            span_y: self.span_y.clone(),
        }
    }

    /// Reuses the memory, which the derived implementation would not.
    fn clone_from(&mut self, source: &Self) {
        self.left_x.clone_from(&source.left_x);
        self.left_y.clone_from(&source.left_y);
        self.span_x.clone_from(&source.span_x);
        self.span_y.clone_from(&source.span_y);
    }
}

/// Some neurons in triangular form and those of the other side in the same coordinates.
struct Span {
    coordinates: Coordinates,
    /// Whether the neurons are independent beyond doubt, so that any order will do.
    independent: bool,
}

impl Span {
    fn new(basis: Matrix, others: Matrix, independent: bool) -> Self {
        if basis.columns() > basis.rows() {
            let coordinates = pivoted_coordinates(basis, others, DEPENDENCE_TOLERANCE);
            return Self { coordinates, independent: false };
        }
        let plain = coordinates(basis, others);
        if independent || inverse_norm(&plain.basis) < INDEPENDENT_BELOW {
            return Self { coordinates: plain, independent: true };
        }
        // The span lies within the leading rows, where pivoting can go on; the others keep what they have below.
        let Coordinates { basis, mut others, .. } = plain;
        let k = basis.columns();
        let mut pivoted = pivoted_coordinates(basis, leading_rows(&others, k), DEPENDENCE_TOLERANCE);
        for j in 0..others.columns() {
            others.column_mut(j)[..k].copy_from_slice(pivoted.others.column(j));
        }
        pivoted.others = others;
        Self { coordinates: pivoted, independent: false }
    }

    fn rank(&self) -> usize {
        self.coordinates.rank
    }

    /// Squared distances of the others from the span.
    fn residuals(&self) -> Vec<f64> {
        let Coordinates { rank, others, .. } = &self.coordinates;
        (0..others.columns()).map(|j| sum_of_squares(&others.column(j)[*rank..])).collect()
    }

    /// Rank of the neurons and the others, which alone have rank `rank_others`, together.
    fn joint_rank(&self, rank_others: usize) -> usize {
        let Coordinates { rank, others, .. } = &self.coordinates;
        let below = Matrix::from_fn(others.rows() - rank, others.columns(), |i, j| others[(rank + i, j)]);
        let triangle = triangular_factor(below);
        let none = Matrix::zeros(triangle.rows(), 0);
        let gained = pivoted_coordinates(triangle, none, DEPENDENCE_TOLERANCE).rank;
        // Three decisions by a tolerance need not agree exactly.
        (rank + gained).clamp((*rank).max(rank_others), rank + rank_others)
    }

    /// The same span with its neurons in this order, if they may stand in any; and the order they stand in.
    fn reordered(self, order: Vec<usize>) -> (Coordinates, Vec<usize>) {
        let Self { coordinates: old, independent } = self;
        if !independent {
            return (old, (0..order.len()).collect());
        }
        let inside = leading_rows(&old.others, old.rank);
        (coordinates(columns(&old.basis, &order), inside), order)
    }
}

fn leading_rows(matrix: &Matrix, rows: usize) -> Matrix {
    Matrix::from_fn(rows, matrix.columns(), |i, j| matrix[(i, j)])
}

fn columns(matrix: &Matrix, which: &[usize]) -> Matrix {
    let values = which.iter().flat_map(|&j| matrix.column(j)).copied().collect();
    Matrix::from_columns(matrix.rows(), which.len(), values)
}

/// Indices in ascending order of the values, equal ones in their own order.
fn ascending(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    order
}

fn pick(numbers: &[usize], order: &[usize]) -> Vec<usize> {
    order.iter().map(|&j| numbers[j]).collect()
}

fn flags(count: usize, set: &[usize]) -> Vec<bool> {
    let mut flags = vec![false; count];
    for &number in set {
        flags[number] = true;
    }
    flags
}
