#![doc = include_str!("rsa.md")]

mod dissimilarity;
mod gram;
mod linear;
mod ranked;
mod repetitions;
mod tiles;

pub use dissimilarity::Rdm;

use crate::linalg::{Points, Precision, Real, tile_precision};
use crate::measure::{Family, Info, Kind, Measure, Needs, Properties, Sides};
use crate::measures::Nbs;
use crate::ranking::Ordered;
use crate::{Error, Pair, Representation, Result};
use dissimilarity::Side;
use linear::Sums;
use serde::{Deserialize, Serialize};

/// How two lists of dissimilarities are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Comparator {
    /// Pearson's correlation.
    Pearson,
    /// Spearman's: Pearson's of average ranks.
    Spearman,
    /// Kendall's τ-a: concordant less discordant among all pairs of dissimilarities.
    KendallA,
    /// Kendall's τ-b: the same among those that are not tied.
    KendallB,
    /// Spearman's on average, if ties are broken at random.
    RhoA,
    /// The cosine, about zero.
    Cosine,
    /// The cosine, weighted by the inverse covariance of estimated squared distances.
    CosineCov,
    /// The same about the mean dissimilarities.
    CorrCov,
    /// Minus the Riemannian distance of the Gram matrices, with x scaled and noise added to it at best.
    NegRiem,
    /// The normalised Bures similarity of the Gram matrices.
    Bures,
}

/// Representational similarity analysis.
///
/// Both options must be given, and some do not go together, so it is made by [`Rsa::new`] or read from a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Choice", into = "Choice")]
pub struct Rsa {
    rdm: Rdm,
    comparator: Comparator,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    rdm: Rdm,
    comparator: Comparator,
}

impl TryFrom<Choice> for Rsa {
    type Error = &'static str;
    fn try_from(choice: Choice) -> Result<Self, Self::Error> {
        let made = Self { rdm: choice.rdm, comparator: choice.comparator };
        made.objection().map_or(Ok(made), Err)
    }
}

impl From<Rsa> for Choice {
    fn from(rsa: Rsa) -> Self {
        Self { rdm: rsa.rdm, comparator: rsa.comparator }
    }
}

/// Which setting stands for the measure in lists; not one to use unseen.
impl Default for Rsa {
    fn default() -> Self {
        Self { rdm: Rdm::Euclidean, comparator: Comparator::Spearman }
    }
}

impl Rsa {
    /// # Errors
    /// [`Error::InvalidOptions`] if the comparator has no meaning for these dissimilarities.
    pub fn new(rdm: Rdm, comparator: Comparator) -> Result<Self> {
        let made = Self { rdm, comparator };
        match made.objection() {
            None => Ok(made),
            Some(reason) => Err(Error::InvalidOptions {
                label: crate::AnyMeasure::from(made).label(),
                reason: reason.into(),
            }),
        }
    }

    /// How the dissimilarities are made.
    pub fn rdm(&self) -> Rdm {
        self.rdm
    }

    /// How they are compared.
    pub fn comparator(&self) -> Comparator {
        self.comparator
    }

    /// Why these options do not go together.
    fn objection(self) -> Option<&'static str> {
        let (rdm, comparator) = (self.rdm, self.comparator);
        let decomposes = matches!(comparator, Comparator::NegRiem | Comparator::Bures);
        let by_gram = decomposes || matches!(comparator, Comparator::CosineCov | Comparator::CorrCov);
        match rdm {
            Rdm::Poisson if by_gram => Some(
                "this comparator reads dissimilarities as squared distances of points, and divergences of Poisson rates \
                 are not: no points have them",
            ),
            Rdm::Crossnobis if decomposes => Some(
                "this comparator needs a Gram matrix without negative eigenvalues, and crossnobis estimates may be \
                 negative",
            ),
            _ => None,
        }
    }

    /// Whether sums over the inputs are enough.
    fn streams(self) -> bool {
        use Comparator::{Bures, CorrCov, Cosine, CosineCov, Pearson};
        self.rdm == Rdm::SquaredEuclidean
            && matches!(self.comparator, Pearson | Cosine | CosineCov | CorrCov | Bures)
    }

    /// Both sides' linear sums, and what they are called.
    fn sums(self, pair: &Pair) -> Result<Sums> {
        if self.streams() {
            return Sums::of_points(pair);
        }
        let (x, y) = self.sides(pair)?;
        if self.rdm.has_coordinates() {
            return Sums::of_points(&Pair::new(&x.coordinates()?, &y.coordinates()?)?);
        }
        if is_double(&x, pair)? { Sums::of_tiles::<f64>(&x, &y) } else { Sums::of_tiles::<f32>(&x, &y) }
    }

    fn sides(self, pair: &Pair) -> Result<(Side, Side)> {
        let side = |side| Side::of(self.rdm, side, pair.context());
        Ok((side(pair.x())?, side(pair.y())?))
    }

    fn ranked<T: Real + Ordered>(self, x: &Side, y: &Side) -> Result<f64> {
        let (constant, value) = if matches!(self.comparator, Comparator::KendallA | Comparator::KendallB) {
            let counts = ranked::counts::<T>(x, y)?;
            let is_a = self.comparator == Comparator::KendallA;
            (counts.constant(), if is_a { counts.tau_a() } else { counts.tau_b() })
        } else {
            let sums = ranked::sums::<T>(x, y)?;
            let is_a = self.comparator == Comparator::RhoA;
            (sums.constant(), if is_a { sums.rho_a() } else { sums.spearman() })
        };
        let same = [x, y].into_iter().zip(constant).find(|(_, constant)| *constant);
        let name = same.map_or(x, |(side, _)| side).name();
        value
            .filter(|_| same.is_none())
            .ok_or_else(|| Error::undefined(format!("all dissimilarities of `{name}` are the same")))
    }

    fn compare_defined(self, pair: &Pair) -> Result<f64> {
        let names = [pair.x().name(), pair.y().name()];
        match self.comparator {
            Comparator::Pearson => self.sums(pair)?.pearson(names),
            Comparator::Cosine => Ok(self.sums(pair)?.cosine(names)?[0]),
            Comparator::CosineCov => Ok(self.sums(pair)?.cosine_cov(names)?[0]),
            Comparator::CorrCov => self.sums(pair)?.corr_cov(names),
            Comparator::Bures if self.streams() => Nbs {}.compare(pair),
            Comparator::Bures if self.rdm.has_coordinates() => {
                let (x, y) = self.sides(pair)?;
                Nbs {}.compare(&Pair::new(&x.coordinates()?, &y.coordinates()?)?)
            }
            Comparator::Bures => {
                let (x, y) = self.sides(pair)?;
                if is_double(&x, pair)? { gram::bures::<f64>(&x, &y) } else { gram::bures::<f32>(&x, &y) }
            }
            Comparator::NegRiem => {
                let (x, y) = self.sides(pair)?;
                // Logarithms of the smallest eigenvalues need all digits there are.
                gram::negative_riemannian::<f64>(&x, &y)
            }
            _ => {
                let (x, y) = self.sides(pair)?;
                if is_double(&x, pair)? { self.ranked::<f64>(&x, &y) } else { self.ranked::<f32>(&x, &y) }
            }
        }
    }
}

fn is_double(x: &Side, pair: &Pair) -> Result<bool> {
    Ok(x.is_double() || tile_precision(&[pair.x(), pair.y()])? == Precision::Double)
}

impl Measure for Rsa {
    const INFO: Info = Info {
        id: "rsa",
        title: "Representational similarity analysis",
        family: Family::Rdm,
        formula: "comparator(rdm(x), rdm(y)) over all pairs of inputs",
        reference: "Kriegeskorte, Mur & Bandettini 2008, doi:10.3389/neuro.06.004.2008; Schütt et al. 2023, \
                    arXiv:2112.09200",
        options: &[
            ("rdm", Rdm::CHOICES),
            (
                "comparator",
                "pearson, spearman, kendall-a, kendall-b, rho-a, cosine, cosine-cov, corr-cov, neg-riem or bures",
            ),
        ],
        doc: include_str!("rsa.md"),
    };

    const REQUIRED: &'static [&'static str] = &["rdm", "comparator"];

    fn properties(&self) -> Properties {
        let never_negative = self.rdm != Rdm::Crossnobis;
        let (range, identity) = match self.comparator {
            Comparator::NegRiem => ((f64::NEG_INFINITY, 0.0), Some(0.0)),
            Comparator::Bures => ((0.0, 1.0), Some(1.0)),
            Comparator::Cosine | Comparator::CosineCov if never_negative => ((0.0, 1.0), Some(1.0)),
            // Ties count in their denominators.
            Comparator::KendallA | Comparator::RhoA => ((-1.0, 1.0), None),
            _ => ((-1.0, 1.0), Some(1.0)),
        };
        let needs = match self.comparator {
            Comparator::Bures if self.streams() => Needs::empty(),
            _ if self.streams() => Needs::SELF_TERMS,
            // Two inputs alike leave the Gram matrix without its full rank.
            Comparator::NegRiem => self.rdm.needs() | Needs::DISTINCT,
            _ => self.rdm.needs(),
        };
        Properties {
            kind: Kind::Similarity,
            range,
            identity,
            symmetric: self.comparator != Comparator::NegRiem,
            metric: false,
            aligned: true,
            invariance: Sides::both(self.rdm.invariance()),
            needs,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        // Whatever else is wrong with the other side, a constant one is named.
        pair.x().variation()?;
        pair.y().variation()?;
        pair.at_least(3)?;
        match self.with_directions(pair)? {
            Some(kept) => self.compare_defined(&kept),
            None => self.compare_defined(pair),
        }
    }

    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        // Orders of the inputs move repetitions to other groups, and inputs without a direction to other partners.
        if self.rdm == Rdm::Crossnobis || self.with_directions(pair)?.is_some() {
            return Ok(None);
        }
        let names = [pair.x().name(), pair.y().name()];
        Ok(match self.comparator {
            Comparator::Cosine => Some(self.sums(pair)?.cosine(names)?[1]),
            Comparator::CosineCov => Some(self.sums(pair)?.cosine_cov(names)?[1]),
            Comparator::NegRiem | Comparator::Bures => None,
            // Two pairs of inputs are exchanged by as many orders as not, so every deviation meets its opposite.
            _ => Some(0.0),
        })
    }

    fn prepare(&self, side: &Representation) -> Result<()> {
        let Some(space) = self.rdm.directions() else { return Ok(()) };
        match tile_precision(&[side])? {
            Precision::Single => side.points::<f32>(space).map(|_| ()),
            Precision::Double => side.points::<f64>(space).map(|_| ()),
        }
    }

    fn samples() -> Vec<Self> {
        use Comparator::{
            Bures, CorrCov, Cosine, CosineCov, KendallA, KendallB, NegRiem, Pearson, RhoA, Spearman,
        };
        [
            (Rdm::Euclidean, Spearman),
            (Rdm::SquaredEuclidean, Pearson),
            (Rdm::SquaredEuclidean, Cosine),
            (Rdm::SquaredEuclidean, CosineCov),
            (Rdm::SquaredEuclidean, Bures),
            (Rdm::Cosine, CorrCov),
            (Rdm::Cosine, KendallB),
            (Rdm::Correlation, Spearman),
            (Rdm::Correlation, Bures),
            (Rdm::Mahalanobis, Pearson),
            (Rdm::Gaussian, CosineCov),
            (Rdm::Euclidean, NegRiem),
            (Rdm::Poisson, KendallA),
            (Rdm::Poisson, Cosine),
            (Rdm::Crossnobis, CorrCov),
            (Rdm::Crossnobis, RhoA),
        ]
        .map(|(rdm, comparator)| Self { rdm, comparator })
        .to_vec()
    }
}

impl Rsa {
    /// The pair without inputs that have no direction on one side; `None` if there are none.
    fn with_directions(self, pair: &Pair) -> Result<Option<Pair>> {
        let Some(space) = self.rdm.directions() else { return Ok(None) };
        let squares = |side: &Representation| -> Result<Vec<f64>> {
            side.variation()?;
            Ok(match tile_precision(&[side])? {
                Precision::Single => side.points::<f32>(space).map(Points::squares)?.to_vec(),
                Precision::Double => side.points::<f64>(space).map(Points::squares)?.to_vec(),
            })
        };
        let (x, y) = (squares(pair.x())?, squares(pair.y())?);
        let kept: Vec<usize> = (0..pair.n()).filter(|i| x[*i] > 0.0 && y[*i] > 0.0).collect();
        if kept.len() == pair.n() {
            return Ok(None);
        }
        for (side, squares) in [(pair.x(), x), (pair.y(), y)] {
            let defined = squares.iter().filter(|square| **square > 0.0).count();
            if defined < 3 {
                return Err(Error::undefined(format!(
                    "only {defined} inputs of `{}` have a direction",
                    side.name()
                )));
            }
        }
        if kept.len() < 3 {
            return Err(Error::TooFewSamples { needed: 3, got: kept.len() });
        }
        Pair::new(&pair.x().select(&kept)?, &pair.y().select(&kept)?).map(Some)
    }
}

#[cfg(test)]
mod tests;
