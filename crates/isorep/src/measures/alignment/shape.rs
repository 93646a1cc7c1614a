#![doc = include_str!("shape.md")]

use super::best_rotation::{Size, rotation, squared_distance};
use crate::linalg::{Matrix, Svd, multiply, multiply_at_b, nuclear_norm, squared_norm};
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::overlap::Overlap;
use crate::{Error, Pair, Representation, Result, Share};
use serde::{Deserialize, Serialize};
use std::f64::consts::FRAC_PI_2;

/// Relative squared distances below this are taken from the neurons themselves.
const CANCELLED: f64 = 1e-8;
/// The eigenvalue that netrep gives to directions in which nothing varies.
const NETREP_FLOOR: f64 = 1e-7;

/// Distance under the best rotation after partial whitening: from canonical correlations to Procrustes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shape {
    /// 0 whitens fully, 1 not at all.
    pub alpha: Share,
    /// Which distance.
    pub form: ShapeForm,
    /// Whose units the activations are in.
    pub compat: ShapeCompat,
}

/// How the remaining distance is expressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShapeForm {
    /// The angle in radians.
    #[default]
    Angular,
    /// The norm of the difference.
    Euclidean,
}

/// Whose convention decides what α between 0 and 1 means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShapeCompat {
    /// The total variation is brought to the rank first: neither the scale nor the number of inputs counts.
    #[default]
    None,
    /// The activations are taken as they are, and get their total variation back after whitening.
    Netrep,
}

impl Default for Shape {
    fn default() -> Self {
        Self { alpha: Share::constant(0.5), form: ShapeForm::Angular, compat: ShapeCompat::None }
    }
}

impl Shape {
    /// The singular values after partial whitening, and after sizes are brought to what the form compares.
    fn whitened(self, values: &[f64], widest: usize) -> Vec<f64> {
        let alpha = self.alpha.get();
        let variation: f64 = values.iter().map(|s| s * s).sum();
        let rank = values.len() as f64;
        let unit = match self.compat {
            ShapeCompat::None => (rank / variation).sqrt(),
            ShapeCompat::Netrep => 1.0,
        };
        let mut whitened: Vec<f64> = values.iter().map(|s| alpha * s * unit + (1.0 - alpha)).collect();
        let size: f64 = whitened.iter().map(|s| s * s).sum();
        let factor = match (self.form, self.compat) {
            (ShapeForm::Angular, _) => 1.0 / size,
            (ShapeForm::Euclidean, ShapeCompat::None) => 1.0,
            (ShapeForm::Euclidean, ShapeCompat::Netrep) => {
                let empty = (widest as f64 - rank) * (alpha * NETREP_FLOOR.sqrt() + (1.0 - alpha)).powi(2);
                variation / (size + empty)
            }
        };
        whitened.iter_mut().for_each(|s| *s *= factor.sqrt());
        whitened
    }

    /// Squared distance under the best rotation.
    fn squared(self, pair: &Pair) -> Result<f64> {
        let overlap = pair.overlap(true)?;
        if self.alpha.get() == 0.0 {
            overlap.require_unsaturated(pair)?;
        }
        let widest = pair.x().d().max(pair.y().d());
        let (axes_x, axes_y) = (overlap.axes_x(pair)?, overlap.axes_y(pair)?);
        let (s_x, s_y) = (self.whitened(&axes_x.values, widest), self.whitened(&axes_y.values, widest));
        let (a, b) = (axes_x.vectors.with_scaled_columns(&s_x), axes_y.vectors.with_scaled_columns(&s_y));
        let total: f64 = s_x.iter().chain(&s_y).map(|s| s * s).sum();
        let cross = multiply_at_b(&a, &multiply(&overlap.cosines, &b));
        let squared = total - 2.0 * nuclear_norm(&cross, overlap.error().max(1e-13))?;
        let lost = 8.0 * overlap.condition * f64::EPSILON;
        if squared < CANCELLED.max(lost * 1e4) * total && pair.has_factor() {
            return self.residual(pair, overlap, widest);
        }
        Ok(squared.max(0.0))
    }

    /// The same from the difference itself, in the coordinates of the triangular factor.
    fn residual(self, pair: &Pair, overlap: &Overlap, widest: usize) -> Result<f64> {
        let (x, y) = pair.factor()?.neurons(pair.x().d(), true);
        let whiten = |neurons: &Matrix, rank: usize| {
            let svd = Svd::of(neurons)?;
            let by = self.whitened(&svd.values[..rank], widest);
            Ok::<_, Error>(svd.u.leading_columns(rank).with_scaled_columns(&by))
        };
        let (mut x, mut y) = (whiten(&x, overlap.rank_x)?, whiten(&y, overlap.rank_y)?);
        if x.columns() > y.columns() {
            (x, y) = (y, x);
        }
        let moved = multiply(&x, &rotation(&multiply_at_b(&x, &y))?);
        let gap = moved.values().iter().zip(y.values()).map(|(m, s)| m - s).collect();
        Ok(squared_norm(&Matrix::from_columns(y.rows(), y.columns(), gap)))
    }
}

impl Measure for Shape {
    const INFO: Info = Info {
        id: "shape",
        title: "Generalised linear shape distance (partial whitening)",
        family: Family::Alignment,
        formula: "min over rotations Q of the distance of X (a I + (1 - a) C^-1/2) Q from the same of Y",
        reference: "Williams et al. 2021, arXiv:2110.14739",
        options: &[
            ("alpha", "from 0 (whitened: canonical correlations) to 1 (as it is: Procrustes)"),
            ("form", "angular (in radians) or euclidean (norm of the difference)"),
            ("compat", "none, or netrep: activations as they are instead of a total variation of the rank"),
        ],
        doc: include_str!("shape.md"),
    };

    fn properties(&self) -> Properties {
        let alpha = self.alpha.get();
        let angular = self.form == ShapeForm::Angular;
        let netrep = self.compat == ShapeCompat::Netrep;
        let mut invariance = Invariance::ORTHOGONAL | Invariance::TRANSLATION;
        if alpha == 0.0 && (angular || !netrep) {
            invariance = Invariance::AFFINE;
        } else if !netrep || (angular && alpha == 1.0) {
            invariance |= Invariance::SCALE;
        }
        Properties {
            kind: Kind::Distance,
            range: (0.0, if angular { FRAC_PI_2 } else { f64::INFINITY }),
            identity: Some(0.0),
            symmetric: true,
            // Sizes that depend on the other side's width obey no inequality.
            metric: angular || !netrep || alpha == 1.0,
            aligned: true,
            invariance: Sides::both(invariance),
            needs: Needs::FACTOR | Needs::BASIS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        pair.at_least(2)?;
        let whole = self.alpha.get() == 1.0;
        let squared = match (self.form, self.compat) {
            (ShapeForm::Angular, _) if whole => squared_distance(pair, Size::Unit)?,
            (ShapeForm::Euclidean, ShapeCompat::Netrep) if whole => squared_distance(pair, Size::Kept)?,
            _ => self.squared(pair)?,
        };
        Ok(match self.form {
            // Both sides are of unit norm: the distance is a chord of the angle, of a right one at most.
            ShapeForm::Angular => 2.0 * (squared.min(2.0).sqrt() / 2.0).asin(),
            ShapeForm::Euclidean => squared.sqrt(),
        })
    }

    fn prepare(&self, side: &Representation) -> Result<()> {
        if self.alpha.get() < 1.0 {
            side.axes()?;
        }
        Ok(())
    }

    fn samples() -> Vec<Self> {
        let of = |alpha, form, compat| Self { alpha: Share::constant(alpha), form, compat };
        vec![
            Self::default(),
            of(0.0, ShapeForm::Angular, ShapeCompat::None),
            of(0.5, ShapeForm::Euclidean, ShapeCompat::None),
            of(1.0, ShapeForm::Angular, ShapeCompat::None),
            of(0.5, ShapeForm::Angular, ShapeCompat::Netrep),
            of(0.0, ShapeForm::Euclidean, ShapeCompat::Netrep),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlap::tests::{moments, sample_pair, with_known_angles};
    use crate::{Cca, CcaSummary, Form, Procrustes};

    fn shape(alpha: f64, form: ShapeForm) -> Shape {
        Shape { alpha: Share::new(alpha).unwrap(), form, ..Shape::default() }
    }

    #[test]
    fn the_ends_are_canonical_correlations_and_procrustes() {
        let pair = sample_pair(80, 9, 6);
        let value = |alpha, form| shape(alpha, form).compare(&pair).unwrap();
        let cca = Cca { summary: CcaSummary::Angular }.compare(&pair).unwrap();
        let procrustes = Procrustes { form: Form::Angular }.compare(&pair).unwrap();
        assert!((value(0.0, ShapeForm::Angular) - cca).abs() < 1e-12);
        assert!((value(1.0, ShapeForm::Angular) - procrustes).abs() < 1e-12);
        let nearly = value(1.0 - 1e-12, ShapeForm::Angular);
        assert!((nearly - procrustes).abs() < 1e-9, "{nearly} {procrustes}");
        for p in [moments(&pair, false), moments(&pair, true)] {
            let streamed = shape(0.3, ShapeForm::Angular).compare(&p).unwrap();
            assert!((streamed - value(0.3, ShapeForm::Angular)).abs() < 1e-11);
        }
    }

    /// Fully whitened, the squared distance is `rank_x + rank_y − 2 Σ cos θ`; a surplus direction costs 1.
    #[test]
    fn whitened_distances_are_those_of_the_angles() {
        let angles = [0.2_f64, 0.7, 1e-9];
        for surplus in [0, 2] {
            let pair = with_known_angles(70, &angles, surplus);
            let chords: f64 = angles.iter().map(|t| 4.0 * (t / 2.0).sin().powi(2)).sum();
            let value = shape(0.0, ShapeForm::Euclidean).compare(&pair).unwrap();
            assert!((value - (chords + surplus as f64).sqrt()).abs() < 1e-12);
        }
        let near = with_known_angles(70, &[1e-7, 0.0], 0);
        for (form, expected) in [(ShapeForm::Euclidean, 1e-7), (ShapeForm::Angular, 1e-7 / 2f64.sqrt())] {
            let value = shape(0.0, form).compare(&near).unwrap();
            assert!((value - expected).abs() < 1e-13, "{value:e}");
        }
    }

    /// x has two orthogonal neurons with variations 36 and 4, so singular values 6 and 2; brought to a total of 2 they
    /// are 6/√20 and 2/√20. y is the first neuron alone: 1. With α = ½ they become (s + 1) / 2.
    #[test]
    fn partial_whitening_by_hand() {
        let x: Vec<f64> = [[3., 1.], [3., -1.], [-3., 1.], [-3., -1.]].concat();
        let x = Representation::from_f64("x", 4, 2, x).unwrap();
        let y = Representation::from_f64("y", 4, 1, vec![1., 1., -1., -1.]).unwrap();
        let pair = Pair::new(&x, &y).unwrap();
        let half = |s: f64| f64::midpoint(s, 1.0);
        let (first, second) = (half(6.0 / 20f64.sqrt()), half(2.0 / 20f64.sqrt()));
        let value = shape(0.5, ShapeForm::Angular).compare(&pair).unwrap();
        assert!((value - (first / first.hypot(second)).acos()).abs() < 1e-12, "{value}");
        let value = shape(0.5, ShapeForm::Euclidean).compare(&pair).unwrap();
        assert!((value - (first - 1.0).hypot(second)).abs() < 1e-12, "{value}");
        // netrep: as they are, (6 + 1) / 2 and (2 + 1) / 2; y is 2, (2 + 1) / 2.
        let netrep = Shape { compat: ShapeCompat::Netrep, ..shape(0.5, ShapeForm::Angular) };
        assert!((netrep.compare(&pair).unwrap() - (3.5 / 3.5f64.hypot(1.5)).acos()).abs() < 1e-12);
    }
}
