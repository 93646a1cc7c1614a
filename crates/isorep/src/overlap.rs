//! Orthonormal bases of the spans of neurons, and the inner products between the bases of two sides.
//!
//! The singular values of those inner products are the canonical correlations; every measure of the canonical family
//! is a function of them. A well-conditioned side keeps its basis implicit, as the Cholesky factor of its scatter
//! matrix; any other gets it from a singular value decomposition of the neurons, which also tells the rank.

use crate::linalg::qr::triangular_factor;
use crate::linalg::{Cholesky, Matrix, ShiftedRows, Svd, multiply_at_b, squared_norm, transpose_multiply};
use crate::{Error, Pair, Representation, Result};

/// Above this condition number of a (unit-diagonal) scatter matrix its Cholesky factor is not trusted: the error of a
/// canonical correlation is about this times the machine precision.
const TRUSTED_CONDITION: f64 = 1e6;

/// Where the basis of one side stands.
#[derive(Debug, Clone)]
pub(crate) enum Basis {
    /// `Q = X_live · diag(scale) · L⁻ᵀ`, never formed.
    Implicit {
        /// Neurons that vary.
        live: Vec<usize>,
        /// One over the norm of each of them.
        scale: Vec<f64>,
        /// Of their correlation matrix.
        cholesky: Cholesky,
    },
    /// Orthonormal columns, in the coordinates of the inputs or of a triangular factor.
    Explicit {
        /// coordinates × rank.
        q: Matrix,
    },
}

/// Bases of both sides and `Q_xᵀ Q_y`.
#[derive(Debug)]
pub(crate) struct Overlap {
    pub(crate) rank_x: usize,
    pub(crate) rank_y: usize,
    /// `rank_x` × `rank_y`; singular values are the canonical correlations.
    pub(crate) cosines: Matrix,
}

impl Overlap {
    /// Of the centred neurons, or of the neurons as they are.
    pub(crate) fn of(pair: &Pair, centred: bool) -> Result<Self> {
        let (x, y) = (pair.x(), pair.y());
        let cosines = match (x.basis(centred), y.basis(centred)) {
            (Ok(a), Ok(b)) => cosines(pair, a, b, centred)?,
            // Moments whose scatter matrix is not good enough: the triangular factor, if it was kept.
            (Err(Error::NeedsFactor { .. }), _) | (_, Err(Error::NeedsFactor { .. }))
                if pair.has_factor() =>
            {
                let (f_x, f_y) = pair.factor()?.neurons(x.d(), centred);
                let q =
                    |f, side: &Representation| Ok::<_, Error>(orthonormal(f, &side.live(centred)?, side)?.0);
                multiply_at_b(&q(f_x, x)?, &q(f_y, y)?)
            }
            (a, b) => return Err(a.err().or(b.err()).unwrap_or(Error::NeedsRows)),
        };
        Ok(Self { rank_x: cosines.rows(), rank_y: cosines.columns(), cosines })
    }

    /// Σ ρ² over the canonical correlations ρ.
    pub(crate) fn squared_correlations(&self) -> f64 {
        squared_norm(&self.cosines)
    }

    /// Refuses a value that would come out the same whatever the data.
    ///
    /// # Errors
    /// [`Error::Saturated`] if the neurons of one side span all directions that n inputs have.
    pub(crate) fn require_unsaturated(&self, pair: &Pair, centred: bool) -> Result<()> {
        let room = pair.n() - usize::from(centred);
        for (side, rank) in [(pair.x(), self.rank_x), (pair.y(), self.rank_y)] {
            require_room(side, rank, room)?;
        }
        Ok(())
    }
}

/// See [`Overlap::require_unsaturated`].
pub(crate) fn require_room(side: &Representation, rank: usize, room: usize) -> Result<()> {
    if rank >= room {
        return Err(Error::Saturated { name: side.name().into(), rank, n: side.n() });
    }
    Ok(())
}

impl Basis {
    pub(crate) fn of(side: &Representation, centred: bool) -> Result<Self> {
        let live = side.live(centred)?;
        if live.is_empty() {
            return Err(Error::undefined(format!(
                "`{}` is constant: every input has the same activations",
                side.name()
            )));
        }
        if !side.is_wide() {
            let scatter = scatter_about(side, centred)?;
            let scale: Vec<f64> = live.iter().map(|j| 1.0 / scatter[(*j, *j)].sqrt()).collect();
            let d = live.len();
            let unit = Matrix::from_fn(d, d, |i, j| scatter[(live[i], live[j])] * scale[i] * scale[j]);
            match Cholesky::of(&unit) {
                Some(cholesky) if cholesky.condition() <= TRUSTED_CONDITION => {
                    return Ok(Self::Implicit { live, scale, cholesky });
                }
                other if side.rows().is_err() => {
                    let condition = other.map_or(f64::INFINITY, |c| c.condition());
                    return Err(Error::NeedsFactor { condition: condition.sqrt() });
                }
                _ => {}
            }
        }
        let zero = vec![0.0; side.d()];
        let neurons = side.shifted_matrix(if centred { side.mean() } else { &zero })?;
        Ok(Self::Explicit { q: orthonormal(neurons, &live, side)?.0 })
    }

    pub(crate) fn rank(&self) -> usize {
        match self {
            Self::Implicit { live, .. } => live.len(),
            Self::Explicit { q } => q.columns(),
        }
    }

    /// `Xᵀ Q`: inner products of every neuron with every basis vector, d × rank.
    pub(crate) fn loadings(&self, side: &Representation) -> Result<Matrix> {
        match self {
            Self::Explicit { q } => Ok(transpose_multiply(side.centred()?, q)),
            Self::Implicit { live, scale, cholesky } => {
                let mut out = Matrix::zeros(side.d(), live.len());
                for j in 0..live.len() {
                    for i in j..live.len() {
                        out[(live[i], j)] = cholesky.lower()[(i, j)] / scale[i];
                    }
                }
                Ok(out)
            }
        }
    }

    /// Turns `Xᵀ m` (d × anything) into `Qᵀ m`; only for an implicit basis.
    pub(crate) fn whiten(&self, x_m: &Matrix) -> Matrix {
        match self {
            Self::Explicit { .. } => x_m.clone(),
            Self::Implicit { live, scale, cholesky } => {
                let mut out = Matrix::from_fn(live.len(), x_m.columns(), |i, j| x_m[(live[i], j)] * scale[i]);
                cholesky.whiten(&mut out);
                out
            }
        }
    }
}

fn cosines(pair: &Pair, x: &Basis, y: &Basis, centred: bool) -> Result<Matrix> {
    let zero = |side: &Representation| vec![0.0; side.d()];
    let transpose_by = |side: &Representation, q: &Matrix| {
        let none = zero(side);
        let shift = if centred { side.mean() } else { &none };
        Ok::<_, Error>(transpose_multiply(ShiftedRows { rows: side.rows()?, shift }, q))
    };
    Ok(match (x, y) {
        (Basis::Implicit { .. }, Basis::Implicit { .. }) => {
            let mut cross = pair.cross_scatter()?.clone();
            if !centred {
                add_means(&mut cross, pair.n(), pair.x().mean(), pair.y().mean());
            }
            y.whiten(&x.whiten(&cross).transpose()).transpose()
        }
        (Basis::Explicit { q: q_x }, Basis::Explicit { q: q_y }) => multiply_at_b(q_x, q_y),
        (Basis::Implicit { .. }, Basis::Explicit { q }) => x.whiten(&transpose_by(pair.x(), q)?),
        (Basis::Explicit { q }, Basis::Implicit { .. }) => y.whiten(&transpose_by(pair.y(), q)?).transpose(),
    })
}

/// `XᵀX` about the means or about zero.
pub(crate) fn scatter_about(side: &Representation, centred: bool) -> Result<Matrix> {
    let mut scatter = side.scatter()?.clone();
    if !centred {
        add_means(&mut scatter, side.n(), side.mean(), side.mean());
    }
    Ok(scatter)
}

fn add_means(m: &mut Matrix, n: usize, mean_x: &[f64], mean_y: &[f64]) {
    for (j, m_y) in mean_y.iter().enumerate() {
        let by = n as f64 * m_y;
        m.column_mut(j).iter_mut().zip(mean_x).for_each(|(v, m_x)| *v += m_x * by);
    }
}

/// Orthonormal columns that span the live neurons, and the singular values of the unit-normalised neurons.
///
/// Neurons are brought to unit length first, so that the rank does not depend on their scales.
pub(crate) fn orthonormal(
    mut neurons: Matrix,
    live: &[usize],
    side: &Representation,
) -> Result<(Matrix, Vec<f64>)> {
    let rows = neurons.rows();
    let mut columns = Vec::with_capacity(rows * live.len());
    for j in live {
        let column = neurons.column_mut(*j);
        let norm = crate::linalg::dot(column, column).sqrt();
        columns.extend(column.iter().map(|v| v / norm));
    }
    let mut unit = Matrix::from_columns(rows, live.len(), columns);
    if unit.columns() > rows {
        unit = triangular_factor(unit.transpose()).transpose();
    }
    let svd = Svd::of(&unit)?;
    let tolerance = side.n().max(side.d()) as f64 * f64::EPSILON;
    let rank = svd.values.iter().filter(|s| **s > tolerance * svd.values[0]).count();
    Ok((svd.u.leading_columns(rank), svd.values))
}
