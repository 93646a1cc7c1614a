//! Orthonormal bases of the spans of neurons, and the inner products between the bases of two sides.
//!
//! The singular values of those inner products are the canonical correlations; every measure of the canonical family
//! is a function of them. A well-conditioned side keeps its basis implicit, as the Cholesky factor of its scatter
//! matrix; any other gets it from a singular value decomposition of the neurons, which also tells the rank.

use crate::axes::Axes;
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
    Implicit(Implicit),
    /// Orthonormal columns in the coordinates of the inputs: n × rank.
    Explicit {
        /// The columns.
        q: Matrix,
        /// Whether they span the neurons about their means.
        centred: bool,
    },
}

/// What turns inner products with neurons into inner products with an orthonormal basis of their span.
#[derive(Debug, Clone)]
pub(crate) struct Implicit {
    /// Neurons that vary (about zero: that are not zero).
    live: Vec<usize>,
    /// One over the norm of each of them.
    scale: Vec<f64>,
    /// Of their unit-diagonal scatter matrix.
    cholesky: Cholesky,
}

/// Bases of both sides and `Q_xᵀ Q_y`.
#[derive(Debug)]
pub(crate) struct Overlap {
    pub(crate) rank_x: usize,
    pub(crate) rank_y: usize,
    /// `rank_x` × `rank_y`; singular values are the canonical correlations.
    pub(crate) cosines: Matrix,
    /// The larger condition number of the scatter matrices that went into it; 1 where none did.
    pub(crate) condition: f64,
    centred: bool,
    /// Both bases in the coordinates of the pair's triangular factor, if that is where they come from.
    factored: Option<[Matrix; 2]>,
}

impl Overlap {
    /// Of the centred neurons, or of the neurons as they are.
    pub(crate) fn of(pair: &Pair, centred: bool) -> Result<Self> {
        pair.x().variation()?;
        pair.y().variation()?;
        match (pair.x().basis(centred), pair.y().basis(centred)) {
            (Ok(x), Ok(y)) => Ok(Self {
                rank_x: x.rank(),
                rank_y: y.rank(),
                cosines: cosines(pair, x, y, centred)?,
                condition: x.condition().max(y.condition()),
                centred,
                factored: None,
            }),
            // Moments whose scatter matrix is not good enough: the triangular factor, if it was kept.
            (Err(Error::NeedsFactor { .. }), Ok(_) | Err(Error::NeedsFactor { .. }))
            | (Ok(_), Err(Error::NeedsFactor { .. }))
                if pair.has_factor() =>
            {
                let [x, y] = factored_bases(pair, centred)?;
                Ok(Self {
                    rank_x: x.columns(),
                    rank_y: y.columns(),
                    cosines: multiply_at_b(&x, &y),
                    condition: 1.0,
                    centred,
                    factored: Some([x, y]),
                })
            }
            (Err(error), _) | (_, Err(error)) => Err(error),
        }
    }

    /// The smaller rank: how many canonical correlations there are.
    pub(crate) fn count(&self) -> usize {
        self.rank_x.min(self.rank_y)
    }

    /// Σ ρ² over the canonical correlations ρ.
    pub(crate) fn squared_correlations(&self) -> f64 {
        squared_norm(&self.cosines)
    }

    /// What an entry of `cosines`, and so a canonical correlation, may be off by.
    pub(crate) fn error(&self) -> f64 {
        8.0 * f64::EPSILON * self.condition.max(8.0)
    }

    /// `Xᵀ Q_x`: inner products of every neuron of x with every basis vector of x, `d_x` × `rank_x`.
    pub(crate) fn loadings_x(&self, pair: &Pair) -> Result<Matrix> {
        match &self.factored {
            Some([q, _]) => Ok(multiply_at_b(&pair.factor()?.neurons(pair.x().d(), self.centred).0, q)),
            None => pair.x().basis(self.centred)?.loadings(pair.x()),
        }
    }

    /// `Yᵀ Q_y`, as [`Overlap::loadings_x`].
    pub(crate) fn loadings_y(&self, pair: &Pair) -> Result<Matrix> {
        match &self.factored {
            Some([_, q]) => Ok(multiply_at_b(&pair.factor()?.neurons(pair.x().d(), self.centred).1, q)),
            None => pair.y().basis(self.centred)?.loadings(pair.y()),
        }
    }

    /// The principal axes of the centred neurons of x in the coordinates of its basis here.
    pub(crate) fn axes_x(&self, pair: &Pair) -> Result<Axes> {
        if self.factored.is_some() { Axes::of(self.loadings_x(pair)?) } else { pair.x().axes().cloned() }
    }

    /// As [`Overlap::axes_x`], of y.
    pub(crate) fn axes_y(&self, pair: &Pair) -> Result<Axes> {
        if self.factored.is_some() { Axes::of(self.loadings_y(pair)?) } else { pair.y().axes().cloned() }
    }

    /// `1ᵀP1 / n` for the projections P onto both spans: how much of a constant lies in each, between 0 and 1.
    pub(crate) fn constant_shares(&self, pair: &Pair) -> Result<[f64; 2]> {
        if self.centred {
            return Ok([0.0; 2]);
        }
        if let Some(bases) = &self.factored {
            // The first coordinate of a factor about zero is along the constant.
            return Ok(bases.each_ref().map(|q| (0..q.columns()).map(|j| q[(0, j)].powi(2)).sum()));
        }
        let share = |side: &Representation| Ok(side.basis(false)?.constant_share(side));
        Ok([share(pair.x())?, share(pair.y())?])
    }

    /// Refuses a value that would come out the same whatever the data.
    ///
    /// # Errors
    /// As [`require_room_for_both`].
    pub(crate) fn require_unsaturated(&self, pair: &Pair) -> Result<()> {
        require_room_for_both(pair, (self.rank_x, self.rank_y), pair.n() - usize::from(self.centred))
    }
}

/// Refuses spans that must meet by counting dimensions: some of their canonical correlations would be 1 for any data,
/// and the others larger than the data warrants.
///
/// # Errors
/// [`Error::Saturated`] if one side alone fills the room, [`Error::Crowded`] if both together do.
pub(crate) fn require_room_for_both(
    pair: &Pair,
    (rank_x, rank_y): (usize, usize),
    room: usize,
) -> Result<()> {
    require_room(pair.x(), rank_x, room)?;
    require_room(pair.y(), rank_y, room)?;
    if rank_x + rank_y > room {
        return Err(Error::Crowded { rank_x, rank_y, n: pair.n() });
    }
    Ok(())
}

/// Refuses a side whose neurons span all directions that the inputs have.
pub(crate) fn require_room(side: &Representation, rank: usize, room: usize) -> Result<()> {
    if rank >= room {
        return Err(Error::Saturated { name: side.name().into(), rank, n: side.n() });
    }
    Ok(())
}

/// The centred neurons of one side projected on the span of the other's.
#[derive(Debug)]
pub(crate) struct Projection {
    /// Rank of the side that spans.
    pub(crate) rank: usize,
    /// ‖Qᵀ T‖² for an orthonormal basis Q of it and the neurons T of the other side.
    pub(crate) explained: f64,
}

impl Projection {
    /// Of y on the span of x, or of x on the span of y.
    pub(crate) fn of(pair: &Pair, on_x: bool) -> Result<Self> {
        let (from, to) = if on_x { (pair.x(), pair.y()) } else { (pair.y(), pair.x()) };
        let coordinates = match from.basis(true) {
            Ok(Basis::Explicit { q, .. }) => transpose_by(to, q, true)?,
            Ok(Basis::Implicit(basis)) if on_x => basis.whiten(pair.cross_scatter()?),
            Ok(Basis::Implicit(basis)) => basis.whiten(&pair.cross_scatter()?.transpose()),
            // Moments whose scatter matrix is not good enough: the triangular factor, if it was kept.
            Err(Error::NeedsFactor { .. }) if pair.has_factor() => {
                let (f_x, f_y) = pair.factor()?.neurons(pair.x().d(), true);
                let (f_from, f_to) = if on_x { (f_x, f_y) } else { (f_y, f_x) };
                let q = orthonormal(f_from, &from.live(true)?, from)?;
                return Ok(Self { rank: q.columns(), explained: squared_norm(&multiply_at_b(&q, &f_to)) });
            }
            Err(error) => return Err(error),
        };
        Ok(Self { rank: from.basis(true)?.rank(), explained: squared_norm(&coordinates) })
    }
}

/// Bases of both sides as orthonormal columns in the same coordinates: never those of a scatter matrix.
///
/// # Errors
/// [`Error::NeedsRows`] for moments without a triangular factor.
pub(crate) fn explicit_bases(pair: &Pair, centred: bool) -> Result<[Matrix; 2]> {
    pair.x().variation()?;
    pair.y().variation()?;
    match (pair.x().basis(centred), pair.y().basis(centred)) {
        (Ok(Basis::Explicit { q: x, .. }), Ok(Basis::Explicit { q: y, .. })) => Ok([x.clone(), y.clone()]),
        _ => factored_bases(pair, centred),
    }
}

fn factored_bases(pair: &Pair, centred: bool) -> Result<[Matrix; 2]> {
    let (x, y) = pair.factor()?.neurons(pair.x().d(), centred);
    let basis = |neurons, side: &Representation| orthonormal(neurons, &side.live(centred)?, side);
    Ok([basis(x, pair.x())?, basis(y, pair.y())?])
}

impl Basis {
    pub(crate) fn of(side: &Representation, centred: bool) -> Result<Self> {
        let live = side.live(centred)?;
        if live.is_empty() {
            let what = if centred { "constant: every input has the same activations" } else { "zero" };
            return Err(Error::undefined(format!("`{}` is {what}", side.name())));
        }
        if !side.is_wide() {
            let scatter = scatter_about(side, centred)?;
            let lengths = lengths(side)?;
            // Rounding of the stored numbers, as a share of the neuron it hits hardest.
            let noise = live.iter().map(|j| lengths[*j] / scatter[(*j, *j)].sqrt()).fold(0.0, f64::max)
                * noise_floor(side);
            let trusted = TRUSTED_CONDITION.min(0.25 / noise.powi(2));
            match Implicit::of(&scatter, live.clone()) {
                Some(implicit) if implicit.cholesky.condition() <= trusted => {
                    return Ok(Self::Implicit(implicit));
                }
                other if side.rows().is_err() => {
                    let condition = other.map_or(f64::INFINITY, |i| i.cholesky.condition());
                    return Err(Error::NeedsFactor { condition: condition.sqrt() });
                }
                _ => {}
            }
        }
        let zero = vec![0.0; side.d()];
        let neurons = side.shifted_matrix(if centred { side.mean() } else { &zero })?;
        Ok(Self::Explicit { q: orthonormal(neurons, &live, side)?, centred })
    }

    /// The basis of the same neurons for inputs in another order.
    pub(crate) fn reordered(&self, order: &[usize]) -> Self {
        match self {
            Self::Implicit(implicit) => Self::Implicit(implicit.clone()),
            Self::Explicit { q, centred } => {
                let q = Matrix::from_fn(q.rows(), q.columns(), |i, j| q[(order[i], j)]);
                Self::Explicit { q, centred: *centred }
            }
        }
    }

    pub(crate) fn rank(&self) -> usize {
        match self {
            Self::Implicit(implicit) => implicit.live.len(),
            Self::Explicit { q, .. } => q.columns(),
        }
    }

    /// Condition number of the scatter matrix it comes from, 1 if from none.
    fn condition(&self) -> f64 {
        match self {
            Self::Implicit(implicit) => implicit.cholesky.condition(),
            Self::Explicit { .. } => 1.0,
        }
    }

    /// `Xᵀ Q`: inner products of every neuron with every basis vector, d × rank.
    pub(crate) fn loadings(&self, side: &Representation) -> Result<Matrix> {
        match self {
            Self::Implicit(implicit) => Ok(implicit.loadings(side.d())),
            Self::Explicit { q, centred } => transpose_by(side, q, *centred),
        }
    }

    /// `Q`: the inputs in coordinates whose scatter matrix is the identity, n × rank.
    ///
    /// # Errors
    /// [`Error::NeedsRows`] if only moments were kept.
    pub(crate) fn coordinates(&self, side: &Representation) -> Result<Matrix> {
        match self {
            Self::Explicit { q, .. } => Ok(q.clone()),
            Self::Implicit(implicit) => {
                side.rows()?;
                Ok(implicit.whiten(&side.centred_matrix()?.transpose()).transpose())
            }
        }
    }

    fn constant_share(&self, side: &Representation) -> f64 {
        let n = side.n() as f64;
        match self {
            Self::Implicit(implicit) => {
                let sums = side.mean().iter().map(|m| n * m).collect();
                squared_norm(&implicit.whiten(&Matrix::from_columns(side.d(), 1, sums))) / n
            }
            Self::Explicit { q, .. } => {
                (0..q.columns()).map(|j| q.column(j).iter().sum::<f64>().powi(2)).sum::<f64>() / n
            }
        }
    }
}

impl Implicit {
    fn of(scatter: &Matrix, live: Vec<usize>) -> Option<Self> {
        let scale: Vec<f64> = live.iter().map(|j| 1.0 / scatter[(*j, *j)].sqrt()).collect();
        let d = live.len();
        let unit = Matrix::from_fn(d, d, |i, j| scatter[(live[i], live[j])] * scale[i] * scale[j]);
        Some(Self { live, scale, cholesky: Cholesky::of(&unit)? })
    }

    /// The rows of L, brought back to the lengths of the neurons: `Xᵀ X_live diag(scale) L⁻ᵀ`.
    fn loadings(&self, d: usize) -> Matrix {
        let mut out = Matrix::zeros(d, self.live.len());
        for j in 0..self.live.len() {
            for i in j..self.live.len() {
                out[(self.live[i], j)] = self.cholesky.lower()[(i, j)] / self.scale[i];
            }
        }
        out
    }

    /// Turns `Xᵀ m` (d × anything) into `Qᵀ m`.
    fn whiten(&self, x_m: &Matrix) -> Matrix {
        let mut out =
            Matrix::from_fn(self.live.len(), x_m.columns(), |i, j| x_m[(self.live[i], j)] * self.scale[i]);
        self.cholesky.whiten(&mut out);
        out
    }
}

fn cosines(pair: &Pair, x: &Basis, y: &Basis, centred: bool) -> Result<Matrix> {
    Ok(match (x, y) {
        (Basis::Implicit(x), Basis::Implicit(y)) => {
            let whitened = if centred {
                x.whiten(pair.cross_scatter()?)
            } else {
                let mut cross = pair.cross_scatter()?.clone();
                add_means(&mut cross, pair.n(), pair.x().mean(), pair.y().mean());
                x.whiten(&cross)
            };
            y.whiten(&whitened.transpose()).transpose()
        }
        (Basis::Explicit { q: x, .. }, Basis::Explicit { q: y, .. }) => multiply_at_b(x, y),
        (Basis::Implicit(x), Basis::Explicit { q, .. }) => x.whiten(&transpose_by(pair.x(), q, centred)?),
        (Basis::Explicit { q, .. }, Basis::Implicit(y)) => {
            y.whiten(&transpose_by(pair.y(), q, centred)?).transpose()
        }
    })
}

/// `Xᵀ m` for the rows about their means or about zero.
fn transpose_by(side: &Representation, m: &Matrix, centred: bool) -> Result<Matrix> {
    let zero = vec![0.0; side.d()];
    let shift = if centred { side.mean() } else { &zero };
    Ok(transpose_multiply(ShiftedRows { rows: side.rows()?, shift }, m))
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

/// The length of every neuron as it is stored, offset and all: rounding is proportional to it.
fn lengths(side: &Representation) -> Result<Vec<f64>> {
    let n = side.n() as f64;
    Ok(side.neuron_variation()?.iter().zip(side.mean()).map(|(v, m)| (v + n * m * m).sqrt()).collect())
}

/// Largest singular value that rounding alone is likely to make, for neurons stored with unit length.
///
/// The stored numbers carry n × d independent errors of about 0.4 of the unit roundoff each (with a margin of two
/// here); subtracting a rounded mean adds a multiple of the constant to every neuron.
fn noise_floor(side: &Representation) -> f64 {
    let (n, d) = (side.n() as f64, side.d() as f64);
    side.roundoff() * (1.0 + (d / n).sqrt()) + 8.0 * f64::EPSILON * d.sqrt()
}

/// Orthonormal columns that span the live neurons.
///
/// Neurons are brought to the same rounding error first (unit length as stored), so that the rank depends neither on
/// their scales nor on their offsets: a direction counts if it stands out of that error.
fn orthonormal(neurons: Matrix, live: &[usize], side: &Representation) -> Result<Matrix> {
    let rows = neurons.rows();
    let lengths = lengths(side)?;
    let mut columns = Vec::with_capacity(rows * live.len());
    for j in live {
        columns.extend(neurons.column(*j).iter().map(|v| v / lengths[*j]));
    }
    drop(neurons);
    let mut unit = Matrix::from_columns(rows, live.len(), columns);
    if unit.columns() > rows {
        unit = triangular_factor(unit.transpose()).transpose();
    }
    let svd = Svd::of(&unit)?;
    let tolerance = (side.n().max(side.d()) as f64 * f64::EPSILON * svd.values[0]).max(noise_floor(side));
    let rank = svd.values.iter().filter(|s| **s > tolerance).count();
    if rank == 0 {
        return Err(Error::undefined(format!("`{}` varies by no more than rounding does", side.name())));
    }
    Ok(svd.u.leading_columns(rank))
}

#[cfg(test)]
pub(crate) mod tests;
