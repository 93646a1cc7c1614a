#![doc = include_str!("hsic.md")]

use super::option::KernelName;
use super::{Bandwidth, Kernel};
use crate::measure::{Family, Info, Invariance, Kind, Measure, Properties, Sides};
use crate::profile::Profile;
use crate::reading::Null;
use crate::reading::exact::{self, Diagonal};
use crate::representation::SelfTerms;
use crate::{Error, Pair, Positive, Representation, Result};
use serde::{Deserialize, Serialize};

/// An estimate this small beside the biased one is what rounding left of it.
pub(super) const ROUNDING: f64 = 1e-9;

/// How HSIC is estimated from n inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Estimator {
    /// The unbiased U-statistic of Song et al. (2012): zero on average for independent inputs.
    #[default]
    Song,
    /// The biased V-statistic of Gretton et al. (2005).
    Gretton,
    /// Centred Gram matrices with their diagonals left out, Lange et al. (2023): less biased, not unbiased.
    Lange,
}

/// Hilbert–Schmidt independence criterion.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "Options", into = "Options")]
pub struct Hsic {
    /// How it is estimated.
    pub estimator: Estimator,
    /// The kernel of both sides.
    pub kernel: Kernel,
}

/// The options as they are written.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    estimator: Estimator,
    kernel: KernelName,
    bandwidth: Bandwidth,
}

impl TryFrom<Options> for Hsic {
    type Error = &'static str;
    fn try_from(options: Options) -> Result<Self, Self::Error> {
        let kernel = Kernel::of_parts(options.kernel, options.bandwidth)?;
        Ok(Self { estimator: options.estimator, kernel })
    }
}

impl From<Hsic> for Options {
    fn from(hsic: Hsic) -> Self {
        let (kernel, bandwidth) = hsic.kernel.parts();
        Self { estimator: hsic.estimator, kernel, bandwidth }
    }
}

impl Estimator {
    pub(super) const ALL: [Self; 3] = [Self::Song, Self::Gretton, Self::Lange];
    pub(super) const OPTION: (&'static str, &'static str) =
        ("estimator", "song (unbiased), gretton (biased), lange (diagonals left out)");

    /// Fewest inputs for which the estimator exists.
    pub(super) fn least(self) -> usize {
        match self {
            Self::Song => 4,
            Self::Gretton => 2,
            Self::Lange => 3,
        }
    }

    /// HSIC up to a factor of n only: from ⟨K, L⟩, the sum over its diagonal, and both traces, of centred inputs.
    pub(super) fn estimate(self, n: usize, product: f64, diagonal: f64, traces: f64) -> f64 {
        let units = self.units(n);
        let n = n as f64;
        let sum = match self {
            Self::Gretton => product,
            Self::Lange => product - diagonal,
            Self::Song => product - n / (n - 2.0) * diagonal + traces / ((n - 1.0) * (n - 2.0)),
        };
        sum / units
    }

    /// HSIC of a matrix with itself, from its centred sums.
    pub(super) fn of_terms(self, n: usize, terms: SelfTerms) -> f64 {
        self.estimate(n, terms.squared_norm, terms.diagonal, terms.trace.powi(2))
    }

    /// HSIC of both sides.
    pub(super) fn of_pair(self, pair: &Pair, kernel: Kernel) -> Result<f64> {
        if let Some(profile) = kernel.profile() {
            let value = self.of_profile(pair, profile)?;
            for side in [pair.x(), pair.y()] {
                Self::require_likeness(side, kernel.terms(side)?)?;
            }
            return Ok(value);
        }
        pair.at_least(self.least())?;
        let terms = pair.cross_terms()?;
        let traces = pair.x().variation()? * pair.y().variation()?;
        Ok(self.estimate(pair.n(), terms.squared_norm, terms.diagonal, traces))
    }

    /// Which part of the diagonals it keeps.
    fn diagonal(self) -> Diagonal {
        match self {
            Self::Song => Diagonal::Unbiased,
            Self::Gretton => Diagonal::Kept,
            Self::Lange => Diagonal::LeftOut,
        }
    }

    /// How HSIC, over `lengths`, is distributed over permuted inputs.
    pub(super) fn null(self, pair: &Pair, kernel: Kernel, lengths: f64) -> Result<Option<Null>> {
        pair.at_least(self.least())?;
        let terms = (kernel.terms(pair.x())?, kernel.terms(pair.y())?);
        let cubes = if kernel == Kernel::Linear { exact::linear_cubes(pair) } else { None };
        Ok(exact::null(pair.n(), self.diagonal(), terms, cubes, 1.0 / self.units(pair.n()) / lengths))
    }

    /// What a sum over pairs of inputs is divided by.
    fn units(self, n: usize) -> f64 {
        let n = n as f64;
        match self {
            Self::Gretton => (n - 1.0).powi(2),
            Self::Lange => n * (n - 3.0).max(1.0),
            Self::Song => n * (n - 3.0),
        }
    }

    /// Refuses a kernel so narrow that every input is like itself alone: it says the same of any data.
    fn require_likeness(side: &Representation, terms: SelfTerms) -> Result<()> {
        let n = side.n();
        if n < Self::Song.least()
            || Self::Song.of_terms(n, terms) > ROUNDING * Self::Gretton.of_terms(n, terms)
        {
            return Ok(());
        }
        Err(Error::undefined(format!(
            "in `{}` no two inputs vary together, or the bandwidth is far below all distances between them",
            side.name()
        )))
    }

    /// HSIC of both sides for a kernel of distance.
    pub(super) fn of_profile(self, pair: &Pair, profile: Profile) -> Result<f64> {
        pair.at_least(self.least())?;
        let terms = pair.profile_terms(profile)?;
        let traces = terms.x.trace * terms.y.trace;
        Ok(self.estimate(pair.n(), terms.cross.squared_norm, terms.cross.diagonal, traces))
    }
}

impl Measure for Hsic {
    const INFO: Info = Info {
        id: "hsic",
        title: "Hilbert–Schmidt independence criterion",
        family: Family::Kernel,
        formula: "tr(K H L H) / (n - 1)^2, or an estimate without its bias",
        reference: "Gretton et al. 2005, doi:10.1007/11564089_7; Song et al. 2012, arXiv:0704.2668",
        options: &[Estimator::OPTION, Kernel::OPTION, Bandwidth::OPTION],
        doc: include_str!("hsic.md"),
    };

    fn properties(&self) -> Properties {
        let biased = self.estimator == Estimator::Gretton;
        Properties {
            kind: Kind::Similarity,
            range: (if biased { 0.0 } else { f64::NEG_INFINITY }, f64::INFINITY),
            identity: None,
            symmetric: true,
            metric: false,
            aligned: true,
            invariance: Sides::both(self.kernel.invariance() - self.units()),
            needs: self.kernel.needs(),
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        self.estimator.of_pair(pair, self.kernel)
    }

    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        let n = pair.n() as f64;
        Ok(match self.estimator {
            Estimator::Song => Some(0.0),
            Estimator::Gretton => {
                let (x, y) = (self.kernel.terms(pair.x())?, self.kernel.terms(pair.y())?);
                Some(x.trace * y.trace / (n - 1.0).powi(3))
            }
            Estimator::Lange => None,
        })
    }

    fn null(&self, pair: &Pair) -> Result<Option<Null>> {
        self.estimator.null(pair, self.kernel, 1.0)
    }

    fn prepare(&self, side: &Representation) -> Result<()> {
        self.kernel.terms(side).map(drop)
    }

    fn samples() -> Vec<Self> {
        let linear = Estimator::ALL.map(|estimator| Self { estimator, ..Self::default() });
        let fixed = Kernel::Laplace(Bandwidth::Fixed(Positive::constant(2.5)));
        let kernels = [
            Self { kernel: Kernel::Rbf(Bandwidth::default()), ..Self::default() },
            Self { kernel: fixed, estimator: Estimator::Gretton },
        ];
        [&linear[..], &kernels].concat()
    }
}

impl Hsic {
    /// What a change of units changes: everything that a kernel made of inner products leaves of it.
    fn units(self) -> Invariance {
        if self.kernel == Kernel::Linear { Invariance::SCALE } else { Invariance::empty() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x = y = 1, 2, 3, 6 (one neuron): centred −2, −1, 0, 3, so ⟨K, L⟩ = 14² = 196, diagonal 16+1+0+81 = 98.
    #[test]
    fn estimators_by_hand() {
        let x = Representation::from_f64("x", 4, 1, vec![1.0, 2.0, 3.0, 6.0]).unwrap();
        let pair = Pair::new(&x, &x).unwrap();
        let value = |estimator| Hsic { estimator, ..Hsic::default() }.compare(&pair).unwrap();
        assert!((value(Estimator::Gretton) - 196.0 / 9.0).abs() < 1e-12);
        assert!((value(Estimator::Lange) - 98.0 / 4.0).abs() < 1e-12);
        assert!((value(Estimator::Song) - (196.0 - 2.0 * 98.0 + 196.0 / 6.0) / 4.0).abs() < 1e-12);
    }

    /// Inputs 0, 0, 1, 1: two kinds of pairs, exp(−d/ℓ) = 1 and e⁻¹. Centred kernels are ±(1 − e⁻¹)/2 in all places.
    #[test]
    fn a_laplace_kernel_by_hand() {
        let x = Representation::from_f64("x", 4, 1, vec![0.0, 0.0, 1.0, 1.0]).unwrap();
        let hsic: crate::AnyMeasure = "hsic(estimator=gretton, kernel=laplace, bandwidth=1)".parse().unwrap();
        let level = 0.5 * (1.0 - (-1f64).exp());
        assert!(
            (hsic.compare(&Pair::new(&x, &x).unwrap()).unwrap() - 16.0 * level * level / 9.0).abs() < 1e-12
        );
    }

    #[test]
    fn a_linear_kernel_has_no_bandwidth() {
        let error = "hsic(bandwidth=2)".parse::<crate::AnyMeasure>().unwrap_err().to_string();
        assert!(error.contains("linear kernel has no bandwidth"), "{error}");
        let error = "hsic(kernel=rbf, bandwidth=-2)".parse::<crate::AnyMeasure>().unwrap_err().to_string();
        assert!(error.contains("above 0"), "{error}");
    }

    #[test]
    fn a_kernel_that_tells_all_inputs_apart_is_refused() {
        let x = Representation::from_f64("x", 5, 1, vec![0.0, 1.0, 2.0, 4.0, 9.0]).unwrap();
        for estimator in Estimator::ALL {
            let kernel = Kernel::Rbf(Bandwidth::Fixed(Positive::constant(0.01)));
            let error =
                Hsic { estimator, kernel }.compare(&Pair::new(&x, &x).unwrap()).unwrap_err().to_string();
            assert!(error.contains("bandwidth is far below"), "{error}");
        }
    }

    #[test]
    fn too_few_inputs_are_refused() {
        let x = Representation::from_f64("x", 3, 1, vec![1.0, 2.0, 4.0]).unwrap();
        let error = Hsic::default().compare(&Pair::new(&x, &x).unwrap()).unwrap_err();
        assert_eq!(error, crate::Error::TooFewSamples { needed: 4, got: 3 });
    }
}
