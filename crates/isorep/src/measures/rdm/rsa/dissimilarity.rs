//! What makes the dissimilarities of one side, and the dissimilarities a tile at a time.
//!
//! Every kind is a function of inner products between points, so a tile costs one matrix product (two for `poisson`).

use super::repetitions;
use crate::linalg::{Points, Precision, Real, Space, dot, tile_precision};
use crate::measure::{Invariance, Needs};
use crate::{Context, Error, Representation, Result};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// How the dissimilarity of two inputs is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rdm {
    /// The distance ‖x − x′‖.
    Euclidean,
    /// Its square.
    SquaredEuclidean,
    /// 1 − the cosine of the angle between two inputs.
    Cosine,
    /// 1 − Pearson's correlation of two inputs over the neurons.
    Correlation,
    /// The squared distance in units of the covariance of the inputs: (x − x′)ᵀ Σ⁻¹ (x − x′).
    Mahalanobis,
    /// 1 − exp(−d² / mean d²), with the mean over all pairs of inputs.
    Gaussian,
    /// The symmetrised Kullback–Leibler divergence of Poisson rates: (λ − λ′)ᵀ (log λ − log λ′).
    Poisson,
    /// The squared distance of the means of repeated inputs in units of the noise between repetitions, without bias.
    Crossnobis,
}

/// Rates of the Poisson kind: (x + weight · rate) / (1 + weight), which a count of zero needs.
const PRIOR: (f64, f64) = (1.0, 0.1);

impl Rdm {
    pub(super) const CHOICES: &'static str =
        "euclidean, squared-euclidean, cosine, correlation, mahalanobis, gaussian, poisson or crossnobis";

    /// What leaves the RDM of a side unchanged up to a positive factor.
    pub(super) fn invariance(self) -> Invariance {
        let scale = Invariance::SCALE;
        match self {
            Self::Euclidean | Self::SquaredEuclidean | Self::Gaussian => {
                Invariance::ORTHOGONAL | scale | Invariance::TRANSLATION
            }
            Self::Cosine => Invariance::ORTHOGONAL | scale,
            Self::Correlation => Invariance::PERMUTATION | scale,
            Self::Mahalanobis | Self::Crossnobis => Invariance::AFFINE,
            Self::Poisson => Invariance::PERMUTATION,
        }
    }

    pub(super) fn needs(self) -> Needs {
        match self {
            Self::Mahalanobis => Needs::ROWS | Needs::BASIS,
            Self::Crossnobis => Needs::ROWS | Needs::GROUPS,
            Self::Poisson => Needs::ROWS | Needs::NON_NEGATIVE,
            _ => Needs::ROWS,
        }
    }

    /// Whether it is the squared distance of points that can be written down.
    pub(super) fn has_coordinates(self) -> bool {
        matches!(self, Self::SquaredEuclidean | Self::Cosine | Self::Correlation | Self::Mahalanobis)
    }

    /// The space in which inputs of this kind need a direction.
    pub(super) fn directions(self) -> Option<Space> {
        match self {
            Self::Cosine => Some(Space::Unit),
            Self::Correlation => Some(Space::Standardised),
            _ => None,
        }
    }
}

/// One side, ready for its dissimilarities.
pub(super) struct Side {
    rdm: Rdm,
    points: Representation,
    space: Space,
    /// Of the Poisson kind: what is subtracted.
    other: Option<Representation>,
    /// Of the crossnobis kind: estimates of the squared lengths, without bias.
    squares: Vec<f64>,
    /// Of the Gaussian kind.
    mean_square: f64,
}

impl Side {
    /// # Errors
    /// [`Error::Undefined`] for a constant side and what the kind cannot take; [`Error::Saturated`] for Mahalanobis
    /// distances, all equal, of as many independent neurons as inputs; [`Error::NeedsContext`].
    pub(super) fn of(rdm: Rdm, side: &Representation, context: &Context) -> Result<Self> {
        let variation = side.variation()?;
        side.rows()?;
        let n = side.n();
        let mut made = Self {
            rdm,
            points: side.clone(),
            space: rdm.directions().unwrap_or(Space::Centred),
            other: None,
            squares: Vec::new(),
            mean_square: 2.0 * variation / (n as f64 - 1.0),
        };
        match rdm {
            Rdm::Mahalanobis => made.points = whitened(side)?,
            Rdm::Poisson => {
                let (sum, difference) = rates(side)?;
                (made.points, made.other) = (sum, Some(difference));
            }
            Rdm::Crossnobis => {
                (made.points, made.squares) = repetitions::means(side, context.groups()?)?;
                made.space = Space::AsIs;
            }
            _ => {}
        }
        if rdm.directions().is_some() {
            made.spread_out()?;
        }
        Ok(made)
    }

    /// Of directions that nearly agree 1 − cos keeps few digits: then it is half the squared distance of unit vectors
    /// about their mean.
    fn spread_out(&mut self) -> Result<()> {
        /// Mean cosine from which on a digit is lost.
        const AGREE: f64 = 0.9;
        let points: &Points<f64> = match tile_precision(&[&self.points])? {
            Precision::Single if mean_cosine(self.points.points::<f32>(self.space)?) <= AGREE => {
                return Ok(());
            }
            _ => self.points.points(self.space)?,
        };
        if mean_cosine(points) > AGREE {
            let (name, n, d) = (self.points.name(), self.points.n(), self.points.d());
            self.points = Representation::from_f64(name, n, d, points.values().to_vec())?;
            (self.space, self.rdm) = (Space::Centred, Rdm::SquaredEuclidean);
        }
        Ok(())
    }

    pub(super) fn name(&self) -> &str {
        self.points.name()
    }

    /// How many things there are between which there are dissimilarities.
    pub(super) fn n(&self) -> usize {
        self.points.n()
    }

    /// Whether tiles must be formed in double precision whatever the data are stored in.
    pub(super) fn is_double(&self) -> bool {
        matches!(self.rdm, Rdm::Mahalanobis | Rdm::Poisson | Rdm::Crossnobis)
    }

    /// The dissimilarities.
    pub(super) fn tiles<T: Real>(&self) -> Result<Dissimilarities<'_, T>> {
        self.tiles_of(self.rdm)
    }

    /// Dissimilarities of the same order, less dear and better told apart.
    pub(super) fn ordered_tiles<T: Real>(&self) -> Result<Dissimilarities<'_, T>> {
        let by_square = matches!(self.rdm, Rdm::Euclidean | Rdm::Gaussian);
        self.tiles_of(if by_square { Rdm::SquaredEuclidean } else { self.rdm })
    }

    fn tiles_of<T: Real>(&self, rdm: Rdm) -> Result<Dissimilarities<'_, T>> {
        let other = self.other.as_ref().map(|other| other.points(self.space)).transpose()?;
        let (squares, mean_square) = (&self.squares[..], self.mean_square);
        Ok(Dissimilarities { rdm, points: self.points.points(self.space)?, other, squares, mean_square })
    }

    /// Points whose squared distances are the dissimilarities, up to one factor.
    pub(super) fn coordinates(&self) -> Result<Representation> {
        if self.rdm.directions().is_none() {
            return Ok(self.points.clone());
        }
        let (n, d) = (self.points.n(), self.points.d());
        if tile_precision(&[&self.points])? == Precision::Single {
            let points: &Points<f32> = self.points.points(self.space)?;
            return Representation::from_f32(self.name(), n, d, points.values().to_vec());
        }
        let points: &Points<f64> = self.points.points(self.space)?;
        Representation::from_f64(self.name(), n, d, points.values().to_vec())
    }
}

/// The mean cosine of two unit vectors: the squared length of their mean.
fn mean_cosine<T: Real>(points: &Points<T>) -> f64 {
    let mut sum = vec![0.0; points.d()];
    for point in points.values().chunks_exact(points.d()) {
        sum.iter_mut().zip(point).for_each(|(sum, v)| *sum += v.wide());
    }
    dot(&sum, &sum) / (points.n() as f64).powi(2)
}

/// The inputs in units of their covariance.
fn whitened(side: &Representation) -> Result<Representation> {
    side.rows()?;
    let basis = side.basis(true)?;
    crate::overlap::require_room(side, basis.rank(), side.n() - 1)?;
    let q = basis.coordinates(side)?;
    let (n, rank) = (q.rows(), q.columns());
    let values = q.transpose().into_values();
    Representation::from_f64(side.name(), n, rank, values)
}

/// λ + log λ and λ − log λ: a quarter of the difference of their squared distances is (λ − λ′)ᵀ(log λ − log λ′).
fn rates(side: &Representation) -> Result<(Representation, Representation)> {
    let (n, d) = (side.n(), side.d());
    let mut values = vec![0.0; n * d];
    side.rows()?.read_f64(0..n, &[], &mut values);
    if let Some(at) = values.iter().position(|v| *v < 0.0) {
        return Err(Error::undefined(format!(
            "`{}` holds a negative activation at row {}, column {}, and rates are never negative",
            side.name(),
            at / d,
            at % d
        )));
    }
    let (rate, weight) = PRIOR;
    for v in &mut values {
        *v = (*v + rate * weight) / (1.0 + weight);
    }
    let made = |sign: f64| {
        let values = values.iter().map(|v| v + sign * v.ln()).collect();
        Representation::from_f64(side.name(), n, d, values)
    };
    Ok((made(1.0)?, made(-1.0)?))
}

/// The dissimilarities of one side.
pub(super) struct Dissimilarities<'a, T> {
    rdm: Rdm,
    points: &'a Points<T>,
    other: Option<&'a Points<T>>,
    squares: &'a [f64],
    mean_square: f64,
}

impl<T: Real> Dissimilarities<'_, T> {
    /// What to add to a dissimilarity so that those that differ by no more than rounding become equal: the sum has no
    /// digits left for it. Equal ones that were computed in different ways (two inputs alike, activations without
    /// overlap) would else be put in an order that rounding made. `digits` are those of the sum, in bits.
    pub(super) fn granularity(&self, digits: i32) -> f64 {
        /// Bits that dissimilarities keep, relative to their usual size.
        const KEPT: i32 = 22;
        let size = if matches!(self.rdm, Rdm::Cosine | Rdm::Correlation) {
            2.0
        } else {
            // Most inputs, not the mean: one far input must not blur the others.
            let mut squares = self.points.squares().to_vec();
            let middle = squares.len() / 2;
            4.0 * *squares.select_nth_unstable_by(middle, f64::total_cmp).1
        };
        // Single precision keeps 22 of 24 bits, double 40 of 53.
        let kept = if digits > 24 { KEPT + 18 } else { KEPT };
        size * f64::from(digits - 2 - kept).exp2()
    }

    /// Between some and others, row after row into the front of `out`; `room` is for as many numbers.
    pub(super) fn tile(&self, rows: Range<usize>, columns: Range<usize>, out: &mut [T], room: &mut [T]) {
        let size = rows.len() * columns.len();
        let out = &mut out[..size];
        match self.rdm {
            Rdm::Cosine | Rdm::Correlation => {
                self.points.products(rows, columns, out);
                for v in out {
                    *v = T::ONE - *v;
                }
            }
            Rdm::Crossnobis => {
                self.points.products(rows.clone(), columns.clone(), out);
                for (i, line) in rows.zip(out.chunks_exact_mut(columns.len())) {
                    for (value, square) in line.iter_mut().zip(&self.squares[columns.clone()]) {
                        *value = T::narrow(self.squares[i] + square - 2.0 * value.wide());
                    }
                }
            }
            Rdm::SquaredEuclidean | Rdm::Mahalanobis => self.points.squared_distances(rows, columns, out),
            Rdm::Euclidean => {
                self.points.squared_distances(rows, columns, out);
                for v in out {
                    *v = T::narrow(v.wide().sqrt());
                }
            }
            Rdm::Gaussian => {
                self.points.squared_distances(rows, columns, out);
                let scale = -1.0 / self.mean_square;
                for v in out {
                    *v = T::narrow(-(scale * v.wide()).exp_m1());
                }
            }
            Rdm::Poisson => {
                self.points.squared_distances(rows.clone(), columns.clone(), out);
                if let Some(other) = self.other {
                    other.squared_distances(rows, columns, room);
                }
                for (value, other) in out.iter_mut().zip(room) {
                    *value = T::narrow((0.25 * (value.wide() - other.wide())).max(0.0));
                }
            }
        }
    }
}
