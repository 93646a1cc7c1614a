#![doc = include_str!("spectrum_exponent.md")]

use super::Statistic;
use crate::measure::{Family, Info, Invariance, Needs};
use crate::{Error, Representation, Result};
use serde::{Deserialize, Serialize};
use std::num::NonZeroUsize;

/// How fast the variances along the principal axes decay, as a power of their rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SpectrumExponent {
    /// The first rank of the fit, from 1.
    pub first: NonZeroUsize,
    /// The last rank of the fit; there may be fewer.
    pub last: NonZeroUsize,
}

impl Default for SpectrumExponent {
    fn default() -> Self {
        const { Self { first: NonZeroUsize::MIN, last: NonZeroUsize::new(500).unwrap() } }
    }
}

impl Statistic for SpectrumExponent {
    const INFO: Info = Info {
        id: "spectrum-exponent",
        title: "Exponent of the spectrum",
        family: Family::Statistics,
        formula: "| a(x) - a(y) |, -a the slope of log of the k-th largest variance on log k",
        reference: "Stringer et al. 2019, doi:10.1038/s41586-019-1346-5; Agrawal et al. 2022, Advances in Neural \
                    Information Processing Systems 35",
        options: &[
            ("first", "first rank of the variances that are fitted, from 1"),
            ("last", "last rank; there may be fewer"),
        ],
        doc: include_str!("spectrum_exponent.md"),
    };

    fn invariance(&self) -> Invariance {
        Invariance::ORTHOGONAL | Invariance::SCALE | Invariance::TRANSLATION
    }

    fn needs(&self) -> Needs {
        Needs::COMPACT
    }

    fn range(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn of(&self, x: &Representation) -> Result<f64> {
        // Of the compact form, whose products are f64: the logarithm of rounding is no small number.
        let spectrum = x.compact()?.spectrum()?;
        let negligible = 16.0 * x.n().max(x.d()) as f64 * f64::EPSILON * spectrum[0];
        let variances = spectrum.iter().take_while(|variance| **variance > negligible);
        let points: Vec<(f64, f64)> = (1..=self.last.get())
            .zip(variances)
            .skip(self.first.get() - 1)
            .map(|(rank, variance)| ((rank as f64).ln(), (variance / spectrum[0]).ln()))
            .collect();
        if points.len() < 2 {
            return Err(Error::undefined(format!(
                "`{}` varies along fewer than two principal axes of ranks {} to {}",
                x.name(),
                self.first,
                self.last
            )));
        }
        let count = points.len() as f64;
        let mean = points.iter().fold((0.0, 0.0), |mean, (a, b)| (mean.0 + a / count, mean.1 + b / count));
        let product: f64 = points.iter().map(|(a, b)| (a - mean.0) * (b - mean.1)).sum();
        let square: f64 = points.iter().map(|(a, _)| (a - mean.0).powi(2)).sum();
        // A flat spectrum has exponent 0 and not minus rounding.
        Ok((-product / square).max(0.0))
    }

    fn samples() -> Vec<Self> {
        let third = const { NonZeroUsize::new(3).unwrap() };
        let default = Self::default();
        vec![default, Self { last: third, ..default }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exponent(first: usize, last: usize, x: &Representation) -> Result<f64> {
        let rank = |rank| NonZeroUsize::new(rank).unwrap();
        SpectrumExponent { first: rank(first), last: rank(last) }.of(x)
    }

    /// Orthogonal axes of the given lengths.
    fn axes(lengths: [f64; 3]) -> Representation {
        let signs = [[1., 1., 1.], [1., -1., -1.], [-1., 1., -1.], [-1., -1., 1.]];
        let values = signs.iter().flat_map(|row| row.iter().zip(lengths).map(|(s, l)| s * l)).collect();
        Representation::from_f64("x", 4, 3, values).unwrap()
    }

    /// Variances 1, 1/2, 1/3 are a power of −1 of their rank.
    #[test]
    fn a_power_law_by_hand() {
        let x = axes([1.0, 0.5f64.sqrt(), (1.0f64 / 3.0).sqrt()]);
        assert!((exponent(1, 500, &x).unwrap() - 1.0).abs() < 1e-13);
        assert!((exponent(2, 3, &x).unwrap() - 1.0).abs() < 1e-13);
    }

    /// Variances 4, 1, 1: the slope from rank 2 on is 0, from 1 to 2 it is −2.
    #[test]
    fn the_range_decides() {
        let x = axes([2.0, 1.0, 1.0]);
        assert!((exponent(1, 2, &x).unwrap() - 2.0).abs() < 1e-13);
        assert!(exponent(2, 500, &x).unwrap() < 1e-13);
    }

    #[test]
    fn one_axis_has_no_slope() {
        let x = Representation::from_f64("x", 5, 2, vec![1., 3., 2., 6., 4., 12., 7., 21., 5., 15.]).unwrap();
        let error = exponent(1, 500, &x).unwrap_err().to_string();
        assert!(error.contains("fewer than two principal axes of ranks 1 to 500"), "{error}");
        assert!(exponent(3, 2, &axes([3.0, 2.0, 1.0])).is_err());
    }
}
