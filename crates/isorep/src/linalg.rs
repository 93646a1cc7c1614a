//! The linear algebra this crate needs and no more; the only module that names faer.
//!
//! Products run on as many threads as are free (`parallelism`) and give the same bits on any number of them.
//! Decompositions run on one thread, because theirs would not; work is spread over pairs instead.

mod blocks;
mod cholesky;
mod decomposition;
mod distances;
mod exponential;
mod kernel;
mod matrix;
mod pairs;
mod points;
mod product;
pub mod qr;
mod spare;
mod tiles;

pub(crate) use blocks::{Precision, ShiftedRows};
pub(crate) use cholesky::Cholesky;
pub(crate) use decomposition::{Eigen, Svd, eigenvalues, nuclear_norm, singular_values, squared_norm};
pub(crate) use distances::{Distances, pair_count, squared_distances_of_rank};
pub(crate) use kernel::Real;
pub use matrix::Matrix;
pub(crate) use pairs::{Collector, Pairs};
pub(crate) use points::{
    PointStore, Points, Space, TILE, check_squares, each, fold_upper_tiles, row_blocks, tile_precision,
    upper_tiles,
};
pub(crate) use product::{
    column_means, cross_scatter, dot, gram, row_products, scatter, squared_column_norms, squared_residual,
    squared_row_norms, transpose_multiply,
};
pub(crate) use spare::Buffer;
pub(crate) use tiles::{Packed, Source, Tiled, products};

use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, MatMut, MatRef, Par};

/// All threads of the pool for a caller outside of it, one for a caller that already runs inside a parallel task.
fn parallelism() -> Par {
    if rayon::current_thread_index().is_some() { Par::Seq } else { Par::rayon(0) }
}

/// Runs a loop compiled for the widest vectors this processor has. Element-wise loops give the same bits at any width.
#[inline]
pub(crate) fn widest<R>(loops: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(loops)
}

fn view(m: &Matrix) -> MatRef<'_, f64> {
    MatRef::from_column_major_slice(m.values(), m.rows(), m.columns())
}

fn view_mut(m: &mut Matrix) -> MatMut<'_, f64> {
    let (rows, columns) = (m.rows(), m.columns());
    MatMut::from_column_major_slice_mut(m.values_mut(), rows, columns)
}

/// `a b`.
pub(crate) fn multiply(a: &Matrix, b: &Matrix) -> Matrix {
    product_of(view(a), view(b))
}

/// `aᵀ b`.
pub(crate) fn multiply_at_b(a: &Matrix, b: &Matrix) -> Matrix {
    product_of(view(a).transpose(), view(b))
}

/// `a bᵀ`.
pub(crate) fn multiply_a_bt(a: &Matrix, b: &Matrix) -> Matrix {
    product_of(view(a), view(b).transpose())
}

fn product_of(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Matrix {
    let mut out = Matrix::zeros(a.nrows(), b.ncols());
    matmul(view_mut(&mut out), Accum::Replace, a, b, 1.0, parallelism());
    out
}

/// The smaller of `aᵀa` and `aaᵀ`: both have the squared singular values as eigenvalues.
pub(crate) fn multiply_transposed(a: &Matrix) -> Matrix {
    symmetric_product_of(if a.rows() >= a.columns() { view(a).transpose() } else { view(a) })
}

/// `a aᵀ`.
pub(crate) fn multiply_a_at(a: &Matrix) -> Matrix {
    symmetric_product_of(view(a))
}

fn symmetric_product_of(a: MatRef<'_, f64>) -> Matrix {
    let d = a.nrows();
    let mut out = Matrix::zeros(d, d);
    let (dense, lower) = (BlockStructure::Rectangular, BlockStructure::TriangularLower);
    triangular::matmul(
        view_mut(&mut out),
        lower,
        Accum::Replace,
        a,
        dense,
        a.transpose(),
        dense,
        1.0,
        parallelism(),
    );
    product::mirror(&mut out);
    out
}
