#![doc = include_str!("cka.md")]

use super::hsic::ROUNDING;
use super::option::KernelName;
use super::residual::residual;
use super::{Bandwidth, Estimator, Kernel};
use crate::measure::{Family, Info, Kind, Measure, Properties, Sides};
use crate::reading::Null;
use crate::{Error, Pair, Positive, Representation, Result};
use serde::{Deserialize, Serialize};
use std::f64::consts::{FRAC_PI_2, PI};

/// From this cosine on the angle comes from the difference of both matrices, because arccos loses digits near 1.
pub(super) const NEAR: f64 = 0.99;

/// Centred kernel alignment.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "Options", into = "Options")]
pub struct Cka {
    /// How HSIC is estimated.
    pub estimator: Estimator,
    /// The kernel of both sides.
    pub kernel: Kernel,
    /// The cosine, or the angle.
    pub form: CosineForm,
}

/// What is made of a cosine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CosineForm {
    /// The cosine itself, a similarity.
    #[default]
    Cosine,
    /// The angle in radians, a distance that obeys the triangle inequality.
    Angular,
}

/// The options as they are written.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    estimator: Estimator,
    kernel: KernelName,
    bandwidth: Bandwidth,
    form: CosineForm,
}

impl TryFrom<Options> for Cka {
    type Error = &'static str;
    fn try_from(options: Options) -> Result<Self, Self::Error> {
        let kernel = Kernel::of_parts(options.kernel, options.bandwidth)?;
        Ok(Self { estimator: options.estimator, kernel, form: options.form })
    }
}

impl From<Cka> for Options {
    fn from(cka: Cka) -> Self {
        let (kernel, bandwidth) = cka.kernel.parts();
        Self { estimator: cka.estimator, kernel, bandwidth, form: cka.form }
    }
}

impl CosineForm {
    pub(super) const OPTION: (&'static str, &'static str) =
        ("form", "cosine, or angular (the angle, a metric)");
}

/// The cosine of two matrices, from what they have in common and the length of each.
pub(super) fn cosine(between: f64, (x, y): (f64, f64), low: f64) -> f64 {
    let cosine = between / x / y;
    if cosine.abs() <= 1.0 + ROUNDING { cosine.clamp(low, 1.0) } else { cosine }
}

/// The length of a side's matrix: the root of its HSIC with itself.
pub(super) fn length(side: &Representation, own: f64, biased: f64) -> Result<f64> {
    // What is left of sums that cancelled is rounding.
    if own > ROUNDING * biased {
        return Ok(own.sqrt());
    }
    Err(Error::undefined(format!(
        "the variation of `{}` is that of single inputs: no two of them vary together",
        side.name()
    )))
}

impl Cka {
    /// The smallest cosine there is. All three estimators are cosines: of centred matrices, without their diagonals
    /// (lange), or of U-centred ones (song: Székely and Rizzo 2014), so none can exceed 1.
    fn low(self) -> f64 {
        if self.estimator == Estimator::Gretton { 0.0 } else { -1.0 }
    }

    fn length(self, side: &Representation) -> Result<f64> {
        let terms = self.kernel.terms(side)?;
        let of = |estimator: Estimator| estimator.of_terms(side.n(), terms);
        length(side, of(self.estimator), of(Estimator::Gretton))
    }
}

impl Measure for Cka {
    const INFO: Info = Info {
        id: "cka",
        title: "Centred kernel alignment",
        family: Family::Kernel,
        formula: "HSIC(x, y) / sqrt(HSIC(x, x) HSIC(y, y))",
        reference: "Kornblith et al. 2019, arXiv:1905.00414; Cortes et al. 2012, arXiv:1203.0550",
        options: &[Estimator::OPTION, Kernel::OPTION, Bandwidth::OPTION, CosineForm::OPTION],
        doc: include_str!("cka.md"),
    };

    fn properties(&self) -> Properties {
        let angular = self.form == CosineForm::Angular;
        let largest_angle = if self.estimator == Estimator::Gretton { FRAC_PI_2 } else { PI };
        Properties {
            kind: if angular { Kind::Distance } else { Kind::Similarity },
            range: if angular { (0.0, largest_angle) } else { (self.low(), 1.0) },
            identity: Some(if angular { 0.0 } else { 1.0 }),
            symmetric: true,
            metric: angular,
            aligned: true,
            invariance: Sides::both(self.kernel.invariance()),
            needs: self.kernel.needs(),
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let between = self.estimator.of_pair(pair, self.kernel)?;
        let lengths = (self.length(pair.x())?, self.length(pair.y())?);
        let cosine = cosine(between, lengths, self.low());
        match self.form {
            CosineForm::Cosine => Ok(cosine),
            CosineForm::Angular if cosine < NEAR => Ok(cosine.acos()),
            CosineForm::Angular => {
                let terms = residual(pair, self.kernel, (1.0 / lengths.0, 1.0 / lengths.1))?;
                let squared =
                    terms.map_or(2.0 - 2.0 * cosine, |terms| self.estimator.of_terms(pair.n(), terms));
                Ok(2.0 * (0.5 * squared.max(0.0).sqrt()).asin())
            }
        }
    }

    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        let ratio = |side: &Representation| Ok(self.kernel.terms(side)?.participation_ratio());
        Ok(match (self.form, self.estimator) {
            (CosineForm::Cosine, Estimator::Song) => Some(0.0),
            (CosineForm::Cosine, Estimator::Gretton) => {
                let product: f64 = ratio(pair.x())? * ratio(pair.y())?;
                Some(product.sqrt() / (pair.n() as f64 - 1.0))
            }
            (CosineForm::Cosine, Estimator::Lange) | (CosineForm::Angular, _) => None,
        })
    }

    fn null(&self, pair: &Pair) -> Result<Option<Null>> {
        if self.form == CosineForm::Angular {
            return Ok(None);
        }
        self.estimator.null(pair, self.kernel, self.length(pair.x())? * self.length(pair.y())?)
    }

    fn prepare(&self, side: &Representation) -> Result<()> {
        self.kernel.terms(side).map(drop)
    }

    fn samples() -> Vec<Self> {
        let linear = Estimator::ALL.map(|estimator| Self { estimator, ..Self::default() });
        let half: Result<Bandwidth, _> = "0.5*kornblith".try_into();
        let kernels = [
            Self { kernel: Kernel::Rbf(Bandwidth::default()), ..Self::default() },
            Self {
                kernel: Kernel::Laplace(half.unwrap_or_default()),
                estimator: Estimator::Gretton,
                ..Self::default()
            },
            Self {
                kernel: Kernel::Rbf(Bandwidth::Fixed(Positive::constant(4.0))),
                estimator: Estimator::Lange,
                form: CosineForm::Angular,
            },
        ];
        let angles =
            Estimator::ALL.map(|estimator| Self { estimator, form: CosineForm::Angular, ..Self::default() });
        [&linear[..], &kernels, &angles].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x = ±1 along one axis, y the same plus an equally strong independent axis: ⟨K,L⟩ = 16, ‖K‖ = 4, ‖L‖² = 32.
    #[test]
    fn half_shared_by_hand() {
        let x = Representation::from_f64("x", 4, 1, vec![1., 1., -1., -1.]).unwrap();
        let y = Representation::from_f64("y", 4, 2, vec![1., 1., 1., -1., -1., 1., -1., -1.]).unwrap();
        let cka = Cka { estimator: Estimator::Gretton, ..Cka::default() };
        let value = cka.compare(&Pair::new(&x, &y).unwrap()).unwrap();
        assert!((value - 16.0 / (4.0 * 32f64.sqrt())).abs() < 1e-12);
    }

    #[test]
    fn a_dead_layer_is_undefined() {
        let x = Representation::from_f64("x", 5, 1, vec![1., 2., 3., 4., 5.]).unwrap();
        let dead = Representation::from_f32("dead", 5, 2, vec![0.1; 10]).unwrap();
        for estimator in [Estimator::Song, Estimator::Gretton, Estimator::Lange] {
            let error =
                Cka { estimator, ..Cka::default() }.compare(&Pair::new(&x, &dead).unwrap()).unwrap_err();
            assert!(error.to_string().contains("`dead` is constant"), "{error}");
        }
    }

    /// The widest Gaussian kernel is the linear one (Alvarez 2022), and no digits are lost on the way.
    #[test]
    fn a_wide_kernel_is_linear() {
        let values = |k: usize| (0..90).map(|i| ((i * i * k + 7 * i) % 31) as f64).collect();
        let (x, y) = (
            Representation::from_f64("x", 30, 3, values(3)),
            Representation::from_f64("y", 30, 3, values(5)),
        );
        let pair = Pair::new(&x.unwrap(), &y.unwrap()).unwrap();
        for estimator in Estimator::ALL {
            let wide = Kernel::Rbf("1e6*median".try_into().unwrap());
            let wide = Cka { estimator, kernel: wide, ..Cka::default() }.compare(&pair).unwrap();
            let linear = Cka { estimator, ..Cka::default() }.compare(&pair).unwrap();
            assert!((wide - linear).abs() < 1e-9, "{wide} {linear}");
        }
    }

    /// Far below the digits that the cosine has: a second neuron of size t adds its own kernel, of size t².
    #[test]
    fn small_angles_keep_their_digits() {
        let angle = |by: f64, label: &str| {
            let side = |t: f64| vec![1.0, t, 1.0, -t, -1.0, 0.0, -1.0, 0.0, 0.5, 3.0 * t];
            let (x, y) = (
                Representation::from_f64("x", 5, 2, side(0.0)),
                Representation::from_f64("y", 5, 2, side(by)),
            );
            let measure: crate::AnyMeasure = label.parse().unwrap();
            measure.compare(&Pair::new(&x.unwrap(), &y.unwrap()).unwrap()).unwrap()
        };
        for label in [
            "cka(form=angular, estimator=gretton)",
            "cka(form=angular)",
            "cka(form=angular, estimator=lange)",
        ] {
            let (one, ten) = (angle(1e-6, label), angle(1e-5, label));
            assert!(one > 0.0 && (ten / one - 100.0).abs() < 0.1, "{label}: {one} {ten}");
        }
    }
}
