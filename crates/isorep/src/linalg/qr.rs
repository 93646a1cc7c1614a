//! QR decompositions: the triangular factor of tall data, which carries everything distances between columns
//! and spans of columns need, and coordinates in which the span of some columns is the leading rows.
//!
//! All calls run on the calling thread, so that results do not depend on how many threads there are.

use super::{Matrix, view, view_mut};
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::householder;
use faer::linalg::qr::{col_pivoting, no_pivoting};
use faer::linalg::triangular_inverse::invert_upper_triangular;
use faer::{Conj, Mat, MatMut, MatRef, Par};

/// Some columns in triangular form, and others in the same rotated coordinates.
#[derive(Debug)]
pub struct Coordinates {
    /// How many columns span the triangle: it is the leading `rank` rows and columns of `basis`.
    pub rank: usize,
    /// Which given column became column j of `basis`.
    pub order: Vec<usize>,
    /// The basis columns, upper trapezoidal; columns from `rank` on depend on those before.
    pub basis: Matrix,
    /// The other columns. Rows from `rank` on are their components orthogonal to the span of the basis.
    pub others: Matrix,
}

/// The triangular factor R of a QR decomposition of `a`: min(rows, columns) × columns, upper trapezoidal,
/// with `RᵀR` = `AᵀA`, computed without forming `AᵀA`.
pub fn triangular_factor(mut a: Matrix) -> Matrix {
    if a.rows() > 0 && a.columns() > 0 {
        factor_in_place(view_mut(&mut a));
    }
    upper_trapezoid(&a)
}

/// The triangular factor of all rows seen so far, given that of the earlier ones (`None` at first) and a
/// further chunk of rows: the streaming form of [`triangular_factor`].
///
/// # Panics
/// If the numbers of columns differ.
pub fn update_triangular_factor(factor: Option<&Matrix>, chunk: &Matrix) -> Matrix {
    let Some(factor) = factor else { return triangular_factor(chunk.clone()) };
    assert_eq!(factor.columns(), chunk.columns());
    let mut stacked = Matrix::zeros(factor.rows() + chunk.rows(), chunk.columns());
    for j in 0..chunk.columns() {
        let (above, below) = stacked.column_mut(j).split_at_mut(factor.rows());
        above.copy_from_slice(factor.column(j));
        below.copy_from_slice(chunk.column(j));
    }
    triangular_factor(stacked)
}

/// Rotates so that `basis`, in its given order, becomes upper triangular, and `others` along with it. `rank` is
/// the number of columns, also if they are dependent: [`pivoted_coordinates`] finds out whether they are.
///
/// # Panics
/// If the row counts differ or there are more basis columns than rows.
pub fn coordinates(mut basis: Matrix, mut others: Matrix) -> Coordinates {
    assert_eq!(basis.rows(), others.rows());
    assert!(basis.columns() <= basis.rows());
    let rank = basis.columns();
    // Rows in which every basis column is zero, as in columns that come from a triangular factor, stay as
    // they are.
    let used = basis.values().chunks_exact(basis.rows().max(1)).map(used_rows).fold(rank, usize::max);
    if rank > 0 {
        let reflections = factor_in_place(view_mut(&mut basis).subrows_mut(0, used));
        reflect(view(&basis).subrows(0, used), &reflections, view_mut(&mut others).subrows_mut(0, used));
    }
    Coordinates { rank, order: (0..rank).collect(), basis: upper_trapezoid(&basis), others }
}

/// Length of the column without the zeros at its end.
fn used_rows(column: &[f64]) -> usize {
    column.iter().rposition(|&value| value != 0.0).map_or(0, |last| last + 1)
}

/// Like [`coordinates`], but chooses the order of the basis columns itself, largest remaining part first, and
/// stops where no column has a part of at least `tolerance` (absolute) left: `rank` is how many had.
///
/// # Panics
/// If the row counts differ.
pub fn pivoted_coordinates(mut basis: Matrix, mut others: Matrix, tolerance: f64) -> Coordinates {
    assert_eq!(basis.rows(), others.rows());
    let (m, k) = (basis.rows(), basis.columns());
    if basis.values().iter().all(|&value| value == 0.0) {
        return Coordinates { rank: 0, order: (0..k).collect(), basis, others };
    }
    let block = no_pivoting::factor::recommended_block_size::<f64>(m, k);
    let mut reflections = Mat::<f64>::zeros(block, m.min(k));
    let (mut order, mut inverse) = (vec![0_usize; k], vec![0_usize; k]);
    let scratch =
        col_pivoting::factor::qr_in_place_scratch::<usize, f64>(m, k, block, Par::Seq, faer::Spec::default());
    col_pivoting::factor::qr_in_place(
        view_mut(&mut basis),
        reflections.as_mut(),
        &mut order,
        &mut inverse,
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        faer::Spec::default(),
    );
    let rank = (0..m.min(k)).take_while(|&j| basis[(j, j)].abs() >= tolerance).count();
    reflect(view(&basis), &reflections, view_mut(&mut others));
    Coordinates { rank, order, basis: upper_trapezoid(&basis), others }
}

/// Frobenius norm of the inverse of the square triangular factor `r`: its reciprocal is a lower bound of the
/// smallest singular value. Infinite if `r` is not square or has a zero on its diagonal.
pub fn inverse_norm(r: &Matrix) -> f64 {
    let k = r.columns();
    if r.rows() != k || (0..k).any(|j| r[(j, j)] == 0.0) {
        return f64::INFINITY;
    }
    let mut inverse = Mat::<f64>::zeros(k, k);
    invert_upper_triangular(inverse.as_mut(), view(r), Par::Seq);
    let norm = inverse.norm_l2();
    if norm.is_finite() { norm } else { f64::INFINITY }
}

/// Householder QR; returns the block reflection factors.
fn factor_in_place(mut a: MatMut<'_, f64>) -> Mat<f64> {
    let (m, k) = (a.nrows(), a.ncols());
    let block = no_pivoting::factor::recommended_block_size::<f64>(m, k);
    let mut reflections = Mat::<f64>::zeros(block, m.min(k));
    let scratch =
        no_pivoting::factor::qr_in_place_scratch::<f64>(m, k, block, Par::Seq, faer::Spec::default());
    no_pivoting::factor::qr_in_place(
        a.as_mut(),
        reflections.as_mut(),
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        faer::Spec::default(),
    );
    reflections
}

/// others ← Qᵀ others.
fn reflect(basis: MatRef<'_, f64>, reflections: &Mat<f64>, others: MatMut<'_, f64>) {
    if others.ncols() == 0 {
        return;
    }
    let scratch = householder::apply_block_householder_sequence_transpose_on_the_left_in_place_scratch::<f64>(
        basis.nrows(),
        reflections.nrows(),
        others.ncols(),
    );
    householder::apply_block_householder_sequence_transpose_on_the_left_in_place_with_conj(
        basis.subcols(0, reflections.ncols()),
        reflections.as_ref(),
        Conj::No,
        others,
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
    );
}

/// The upper trapezoid of a factored matrix, without the reflections below it.
fn upper_trapezoid(a: &Matrix) -> Matrix {
    let rows = a.rows().min(a.columns());
    let mut r = Matrix::zeros(rows, a.columns());
    for j in 0..a.columns() {
        let filled = rows.min(j + 1);
        r.column_mut(j)[..filled].copy_from_slice(&a.column(j)[..filled]);
    }
    r
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(rows: usize, columns: usize) -> Matrix {
        let mut state = 1_u64;
        Matrix::from_fn(rows, columns, |_, _| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
        })
    }

    fn dot(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    fn gram_error(a: &Matrix, b: &Matrix) -> f64 {
        let pairs = (0..a.columns()).flat_map(|i| (0..=i).map(move |j| (i, j)));
        pairs
            .map(|(i, j)| (dot(a.column(i), a.column(j)) - dot(b.column(i), b.column(j))).abs())
            .fold(0.0, f64::max)
    }

    #[test]
    fn triangular_factor_keeps_every_inner_product() {
        for (rows, columns) in [(1, 1), (7, 3), (3, 7), (200, 70), (70, 200)] {
            let a = sample(rows, columns);
            let r = triangular_factor(a.clone());
            assert_eq!(r.rows(), rows.min(columns));
            assert!(gram_error(&a, &r) < 1e-12);
            assert!((0..columns).all(|j| r.column(j).iter().skip(j + 1).all(|&value| value == 0.0)));
        }
    }

    #[test]
    fn triangular_factor_keeps_inner_products_of_zero_and_repeated_columns() {
        let mut a = sample(40, 9);
        a.column_mut(0).fill(0.0);
        let third = a.column(3).to_vec();
        a.column_mut(5).copy_from_slice(&third);
        a.column_mut(8).copy_from_slice(&third);
        assert!(gram_error(&a, &triangular_factor(a.clone())) < 1e-13);
    }

    #[test]
    fn streamed_factor_equals_the_whole() {
        let a = sample(90, 8);
        let mut factor = None;
        for (start, end) in [(0, 3), (3, 50), (50, 51), (51, 90)] {
            let chunk = Matrix::from_fn(end - start, 8, |i, j| a[(start + i, j)]);
            factor = Some(update_triangular_factor(factor.as_ref(), &chunk));
        }
        assert!(gram_error(&a, &factor.unwrap()) < 1e-13);
    }

    #[test]
    fn coordinates_split_columns_into_inside_and_orthogonal() {
        let (basis, others) = (sample(50, 6), sample(50, 11));
        let found = coordinates(basis.clone(), others.clone());
        // Component of each column outside the span, by Gram-Schmidt on the columns themselves.
        let mut directions: Vec<Vec<f64>> = Vec::new();
        let outside = |column: &[f64], directions: &[Vec<f64>]| {
            let mut rest = column.to_vec();
            for q in directions.iter().chain(directions) {
                let along = dot(q, &rest);
                rest.iter_mut().zip(q).for_each(|(r, q)| *r -= along * q);
            }
            rest
        };
        for j in 0..6 {
            let rest = outside(basis.column(j), &directions);
            let norm = dot(&rest, &rest).sqrt();
            assert!((found.basis[(j, j)].abs() - norm).abs() < 1e-13);
            directions.push(rest.iter().map(|value| value / norm).collect());
        }
        for j in 0..11 {
            let rest = outside(others.column(j), &directions);
            let below = &found.others.column(j)[6..];
            assert!((dot(&rest, &rest) - dot(below, below)).abs() < 1e-13);
        }
    }

    #[test]
    fn coordinates_of_dependent_columns_are_a_rotation() {
        let mut basis = sample(30, 6);
        let first = basis.column(0).to_vec();
        basis.column_mut(2).copy_from_slice(&first);
        basis.column_mut(3).fill(0.0);
        basis.column_mut(5).copy_from_slice(&first);
        let others = sample(30, 4);
        let beside = |a: &Matrix, b: &Matrix| {
            let padded =
                Matrix::from_fn(b.rows(), a.columns(), |i, j| if i < a.rows() { a[(i, j)] } else { 0.0 });
            Matrix::from_columns(b.rows(), a.columns() + b.columns(), [padded.values(), b.values()].concat())
        };
        let before = beside(&basis, &others);
        for found in [coordinates(basis.clone(), others.clone()), pivoted_coordinates(basis, others, 1e-12)] {
            let order: Vec<usize> = found.order.iter().copied().chain(6..10).collect();
            let reordered = Matrix::from_fn(30, 10, |i, j| before[(i, order[j])]);
            assert!(gram_error(&reordered, &beside(&found.basis, &found.others)) < 1e-12);
        }
    }

    #[test]
    fn pivoting_finds_the_rank_and_puts_dependent_columns_last() {
        let mut basis = sample(30, 7);
        let (first, second) = (basis.column(1).to_vec(), basis.column(4).to_vec());
        basis.column_mut(2).copy_from_slice(&first);
        basis
            .column_mut(6)
            .iter_mut()
            .zip(first.iter().zip(&second))
            .for_each(|(c, (a, b))| *c = a - 2.0 * b);
        basis.column_mut(0).fill(0.0);
        let found = pivoted_coordinates(basis.clone(), sample(30, 2), 1e-12);
        assert_eq!(found.rank, 4);
        let reordered = Matrix::from_fn(30, 7, |i, j| basis[(i, found.order[j])]);
        assert!(gram_error(&reordered, &found.basis) < 1e-13);
        assert_eq!(pivoted_coordinates(Matrix::zeros(5, 3), Matrix::zeros(5, 1), 1e-12).rank, 0);
    }

    #[test]
    fn inverse_norm_bounds_the_smallest_singular_value() {
        let diagonal = Matrix::from_fn(3, 3, |i, j| if i == j { [1.0, 0.5, 1e-3][i] } else { 0.0 });
        assert!((inverse_norm(&diagonal) - (1.0_f64 + 4.0 + 1e6).sqrt()).abs() < 1e-9);
        assert_eq!(inverse_norm(&Matrix::zeros(2, 2)), f64::INFINITY);
        assert_eq!(inverse_norm(&Matrix::zeros(2, 3)), f64::INFINITY);
    }
}
