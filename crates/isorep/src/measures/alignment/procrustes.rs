#![doc = include_str!("procrustes.md")]

use super::best_rotation::{Size, rotation, squared_distance};
use crate::linalg::singular_values;
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Matrix, Pair, Result};
use serde::{Deserialize, Serialize};
use std::f64::consts::{FRAC_PI_2, SQRT_2};

/// The distance that remains under the best rotation.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Procrustes {
    /// Which distance between shapes.
    pub form: Form,
}

/// How the remaining distance is expressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// `‖X Q − Y‖`, in units of the activations: size counts.
    #[default]
    SizeAndShape,
    /// The same after both sides are brought to unit norm: √(2 − 2 cos θ).
    Normalized,
    /// The angle θ itself, in radians.
    Angular,
    /// With the best scale as well: sin θ.
    Full,
}

impl Form {
    pub(super) const OPTION: (&'static str, &'static str) = (
        "form",
        "size-and-shape (norm), normalized (both sides of unit norm), angular (angle), full (sine: best scale)",
    );

    /// The distance between sides of unit norm, from 1 − cos θ.
    pub(super) fn of_gap(self, gap: f64) -> f64 {
        match self {
            Self::Angular => 2.0 * (gap / 2.0).sqrt().asin(),
            // The best scale of an obtuse angle is 0.
            Self::Full if gap > 1.0 => 1.0,
            Self::Full => (gap * (2.0 - gap)).sqrt(),
            Self::Normalized | Self::SizeAndShape => (2.0 * gap).sqrt(),
        }
    }
}

/// The similarity transformation that brings x nearest to y: `scale · (x − mean of x) · rotation + mean of y`.
#[derive(Debug, Clone, PartialEq)]
pub struct Alignment {
    /// `d_x` × `d_y` with orthonormal rows or columns, whichever are fewer.
    pub rotation: Matrix,
    /// The best factor, given the rotation.
    pub scale: f64,
    /// What is added after rotating and scaling x as it is: the mean of y minus that of x, moved.
    pub translation: Vec<f64>,
}

impl Procrustes {
    /// The map of x onto y behind the distance. Sizes count in the form `size-and-shape`, so its scale is 1.
    ///
    /// Where fewer directions are shared than there are neurons the rotation of the others is arbitrary.
    ///
    /// # Errors
    /// As [`Measure::compare`]; [`crate::Error::Decomposition`].
    pub fn align(&self, pair: &Pair) -> Result<Alignment> {
        pair.at_least(2)?;
        let (variation, _) = (pair.x().variation()?, pair.y().variation()?);
        let cross = pair.cross_scatter()?;
        let rotation = rotation(cross)?;
        let scale = match self.form {
            Form::SizeAndShape => 1.0,
            _ => singular_values(cross)?.iter().sum::<f64>() / variation,
        };
        let (mean_x, mean_y) = (pair.x().mean(), pair.y().mean());
        let moved = |j: usize| crate::linalg::dot(mean_x, rotation.column(j));
        let translation = mean_y.iter().enumerate().map(|(j, m)| m - scale * moved(j)).collect();
        Ok(Alignment { rotation, scale, translation })
    }
}

impl Measure for Procrustes {
    const INFO: Info = Info {
        id: "procrustes",
        title: "Orthogonal Procrustes distance",
        family: Family::Alignment,
        formula: "min over rotations Q of ||X Q - Y||",
        reference: "Schönemann 1966, doi:10.1007/BF02289451; Williams et al. 2021, arXiv:2110.14739",
        options: &[Form::OPTION],
        doc: include_str!("procrustes.md"),
    };

    fn properties(&self) -> Properties {
        let shape = Invariance::ORTHOGONAL | Invariance::TRANSLATION;
        let (high, invariance) = match self.form {
            Form::SizeAndShape => (f64::INFINITY, shape),
            Form::Normalized => (SQRT_2, shape | Invariance::SCALE),
            Form::Angular => (FRAC_PI_2, shape | Invariance::SCALE),
            Form::Full => (1.0, shape | Invariance::SCALE),
        };
        Properties {
            kind: Kind::Distance,
            range: (0.0, high),
            identity: Some(0.0),
            symmetric: true,
            metric: true,
            aligned: true,
            invariance: Sides::both(invariance),
            needs: Needs::empty(),
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        pair.at_least(2)?;
        if self.form == Form::SizeAndShape {
            return Ok(squared_distance(pair, Size::Kept)?.sqrt());
        }
        // 1 − cos θ, small where the sides are near.
        let gap = squared_distance(pair, Size::Unit)?.min(2.0) / 2.0;
        Ok(self.form.of_gap(gap))
    }

    fn samples() -> Vec<Self> {
        [Form::SizeAndShape, Form::Normalized, Form::Angular, Form::Full].map(|form| Self { form }).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Error, Representation};

    fn pair(n: usize, d: (usize, usize), x: Vec<f64>, y: Vec<f64>) -> Pair {
        let x = Representation::from_f64("x", n, d.0, x).unwrap();
        Pair::new(&x, &Representation::from_f64("y", n, d.1, y).unwrap()).unwrap()
    }

    /// x = ±1 on one axis, y the same and as much again on a second: the nuclear norm is 4, ‖X‖² = 4, ‖Y‖² = 8, cos θ = √½.
    #[test]
    fn forms_by_hand() {
        let pair = pair(4, (1, 2), vec![1., 1., -1., -1.], vec![1., 1., 1., -1., -1., 1., -1., -1.]);
        let half = 0.5f64.sqrt();
        for (form, expected) in [
            (Form::SizeAndShape, 2.0),
            (Form::Normalized, (2.0 - 2.0 * half).sqrt()),
            (Form::Angular, std::f64::consts::FRAC_PI_4),
            (Form::Full, half),
        ] {
            let value = Procrustes { form }.compare(&pair).unwrap();
            assert!((value - expected).abs() < 1e-14, "{form:?}: {value}");
        }
    }

    /// A quarter turn, a factor of 3, and a shift.
    #[test]
    fn a_known_transformation_is_found() {
        let x = vec![1.0, 0.5, -1.0, 2.0, 0.0, -1.5, 4.0, 1.0];
        let y = x.chunks(2).flat_map(|r| [5.0 - 3.0 * r[1], 7.0 + 3.0 * r[0]]).collect();
        let pair = pair(4, (2, 2), x, y);
        let found = Procrustes { form: Form::Full }.align(&pair).unwrap();
        assert!((found.scale - 3.0).abs() < 1e-12);
        for ((i, j), expected) in [((0, 0), 0.0), ((1, 0), -1.0), ((0, 1), 1.0), ((1, 1), 0.0)] {
            assert!((found.rotation[(i, j)] - expected).abs() < 1e-12);
        }
        assert!((found.translation[0] - 5.0).abs() < 1e-12 && (found.translation[1] - 7.0).abs() < 1e-12);
        assert!(Procrustes { form: Form::Full }.compare(&pair).unwrap() < 1e-12);
        assert_eq!(Procrustes::default().align(&pair).unwrap().scale, 1.0);
    }

    #[test]
    fn distances_far_below_the_root_of_the_machine_precision_keep_their_digits() {
        let x: Vec<f64> = (0..60).map(|i| f64::from((i * i * 7 + i * 3) % 31) - 15.0).collect();
        for by in [1e-5, 1e-9] {
            // Moving one neuron by ±by: no rotation can undo much of so small and so irregular a change.
            let y: Vec<f64> = x
                .iter()
                .enumerate()
                .map(|(i, v)| if i % 3 == 0 && (i / 3) % 4 == 1 { v + by } else { *v })
                .collect();
            let value = Procrustes::default().compare(&pair(20, (3, 3), x.clone(), y)).unwrap();
            // Five of twenty inputs moved: √(20 · ¼ · ¾) · by about the mean, less what a rotation takes away.
            let upper = (20.0f64 * 0.25 * 0.75).sqrt() * by;
            assert!(value <= upper * 1.000_001 && value > 0.8 * upper, "{value} {upper}");
        }
    }

    #[test]
    fn one_input_is_too_few() {
        let error = Procrustes::default().compare(&pair(1, (1, 1), vec![1.0], vec![2.0])).unwrap_err();
        assert_eq!(error, Error::TooFewSamples { needed: 2, got: 1 });
    }
}
