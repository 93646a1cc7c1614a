#![doc = include_str!("svcca.md")]

use super::angles::correlations;
use super::at_most_one;
use crate::linalg::{Eigen, Matrix, Svd, multiply, multiply_at_b, nuclear_norm};
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::overlap::require_room_for_both;
use crate::{Error, Fraction, Pair, Result};
use serde::{Deserialize, Serialize};

/// Relative error that a mean correlation may have, beyond what the components have anyway.
const ACCEPTED: f64 = 1e-10;

/// Mean canonical correlation of the leading principal components.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Svcca {
    /// Share of the variance that the kept components must reach.
    pub variance: Fraction,
}

impl Default for Svcca {
    fn default() -> Self {
        Self { variance: Fraction::constant(0.99) }
    }
}

/// Canonical correlations of the kept principal components.
#[derive(Debug, Clone, PartialEq)]
pub struct SvccaComponents {
    /// Largest first; as many as the smaller number of kept components.
    pub correlations: Vec<f64>,
    /// How many principal components of the first side were kept.
    pub kept_x: usize,
    /// How many principal components of the second side were kept.
    pub kept_y: usize,
}

/// Largest ratio of kept eigenvalues of a scatter matrix for which its eigenvectors are accurate enough.
const TRUSTED_RATIO: f64 = 1e6;
/// Rounding in a cumulative share of variance: a component that reaches the threshold up to this does reach it.
const TIE: f64 = 1e-12;

impl Svcca {
    /// How many components were kept, and their canonical correlations.
    ///
    /// # Errors
    /// As [`Measure::compare`].
    pub fn components(&self, pair: &Pair) -> Result<SvccaComponents> {
        let cosines = self.cosines(pair)?;
        let (kept_x, kept_y) = (cosines.rows(), cosines.columns());
        Ok(SvccaComponents { correlations: correlations(&cosines)?, kept_x, kept_y })
    }

    /// Inner products of the kept components of both sides, each of unit length.
    fn cosines(self, pair: &Pair) -> Result<Matrix> {
        let compacted = pair.compacted()?;
        let pair = compacted.as_ref().unwrap_or(pair);
        let (x, y) = (pair.x(), pair.y());
        let (axes_x, axes_y) = (x.principal()?, y.principal()?);
        let (kept_x, kept_y) = (self.count(&axes_x.values), self.count(&axes_y.values));
        let ratio = |axes: &Eigen, kept: usize| axes.values[0] / axes.values[kept - 1].max(0.0);
        let worst = ratio(axes_x, kept_x).max(ratio(axes_y, kept_y));
        let cosines = if worst <= TRUSTED_RATIO {
            let whitened = |axes: &Eigen, kept: usize| {
                let mut vectors = axes.vectors.leading_columns(kept);
                for j in 0..kept {
                    let by = 1.0 / axes.values[j].sqrt();
                    vectors.column_mut(j).iter_mut().for_each(|v| *v *= by);
                }
                vectors
            };
            let scaled = multiply(pair.cross_scatter()?, &whitened(axes_y, kept_y));
            multiply_at_b(&whitened(axes_x, kept_x), &scaled)
        } else if pair.has_factor() {
            let (f_x, f_y) = pair.factor()?.neurons(x.d(), true);
            multiply_at_b(&self.leading(&f_x)?, &self.leading(&f_y)?)
        } else {
            return Err(Error::NeedsFactor { condition: worst.sqrt() });
        };
        require_room_for_both(pair, (cosines.rows(), cosines.columns()), pair.n() - 1)?;
        Ok(cosines)
    }

    /// The kept components of neurons in any coordinates, from singular values instead of their squares.
    fn leading(self, neurons: &Matrix) -> Result<Matrix> {
        let svd = Svd::of(neurons)?;
        let squares: Vec<f64> = svd.values.iter().map(|s| s * s).collect();
        Ok(svd.u.leading_columns(self.count(&squares).min(svd.rank())))
    }

    /// The fewest leading components that reach the share.
    fn count(self, variances: &[f64]) -> usize {
        let total: f64 = variances.iter().map(|v| v.max(0.0)).sum();
        let needed = (self.variance.get() - TIE) * total;
        let mut sum = 0.0;
        let before = variances.iter().take_while(|v| {
            sum += v.max(0.0);
            sum < needed
        });
        (before.count() + 1).min(variances.len())
    }
}

impl Measure for Svcca {
    const INFO: Info = Info {
        id: "svcca",
        title: "Singular vector canonical correlation analysis",
        family: Family::Canonical,
        formula: "mean canonical correlation of the principal components that carry 99 % of the variance",
        reference: "Raghu et al. 2017, arXiv:1706.05806",
        options: &[(
            "variance",
            "share of the variance that the kept components reach, above 0 and at most 1",
        )],
        doc: include_str!("svcca.md"),
    };

    fn properties(&self) -> Properties {
        // The kept eigenvalues span at most a ratio of d / (1 − variance).
        let needs = if self.variance.get() > 0.999 { Needs::FACTOR } else { Needs::empty() };
        Properties {
            kind: Kind::Similarity,
            range: (0.0, 1.0),
            identity: Some(1.0),
            symmetric: true,
            metric: false,
            aligned: true,
            invariance: Sides::both(Invariance::ORTHOGONAL | Invariance::SCALE | Invariance::TRANSLATION),
            needs: needs | Needs::COMPACT | Needs::PRINCIPAL,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let cosines = self.cosines(pair)?;
        let m = cosines.rows().min(cosines.columns()) as f64;
        Ok(at_most_one(nuclear_norm(&cosines, ACCEPTED)? / m))
    }

    fn samples() -> Vec<Self> {
        vec![Self::default(), Self { variance: Fraction::constant(0.9) }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::singular_values;
    use crate::overlap::tests::{centred, moments, random, representation, sample_pair, uniform};

    /// Means of singular values of `U_xᵀ U_y`, with U from plain singular value decompositions of the centred rows.
    fn reference(pair: &Pair, variance: f64) -> (f64, [usize; 2]) {
        let u = [pair.x(), pair.y()].map(|side| {
            let svd = Svd::of(&centred(side)).unwrap();
            let total: f64 = svd.values.iter().map(|s| s * s).sum();
            let mut sum = 0.0;
            let kept = svd.values.iter().position(|s| {
                sum += s * s;
                sum >= (variance - 1e-12) * total
            });
            svd.u.leading_columns(kept.unwrap() + 1)
        });
        let values = singular_values(&multiply_at_b(&u[0], &u[1])).unwrap();
        (values.iter().sum::<f64>() / values.len() as f64, [u[0].columns(), u[1].columns()])
    }

    #[test]
    fn every_route_agrees_with_plain_decompositions() {
        for (n, d_x, d_y) in [(120, 9, 6), (40, 60, 7), (40, 60, 70)] {
            let pair = sample_pair(n, d_x, d_y);
            for variance in [0.3, 0.6, 0.8] {
                let (expected, [kept_x, kept_y]) = reference(&pair, variance);
                let svcca = Svcca { variance: Fraction::new(variance).unwrap() };
                let value = svcca.compare(&pair).unwrap();
                assert!((value - expected).abs() < 1e-10, "{n} {d_x} {d_y} {variance}: {value} {expected}");
                let found = svcca.components(&pair).unwrap();
                assert_eq!((found.kept_x, found.kept_y), (kept_x, kept_y));
                if n > d_x {
                    assert!((svcca.compare(&moments(&pair, false)).unwrap() - expected).abs() < 1e-10);
                }
            }
        }
    }

    #[test]
    fn faint_components_stay_accurate() {
        let mut x = random(150, 6, 3);
        for (j, strength) in [1.0, 0.5, 1e-3, 1e-4, 2e-5, 1e-5].into_iter().enumerate() {
            x.column_mut(j).iter_mut().for_each(|v| *v *= strength);
        }
        let y = Matrix::from_fn(150, 3, |i, j| x[(i, 3 + j)] * 1e5 + 0.3 * uniform(i * 7 + j));
        let pair = Pair::new(&representation("x", &x), &representation("y", &y)).unwrap();
        let all = Svcca { variance: Fraction::new(1.0).unwrap() };
        let found = all.components(&pair).unwrap();
        assert_eq!((found.kept_x, found.kept_y), (6, 3));
        let expected = super::super::Cca::default().compare(&pair).unwrap();
        assert!((all.compare(&pair).unwrap() - expected).abs() < 1e-9);
        assert!(matches!(all.compare(&moments(&pair, false)), Err(Error::NeedsFactor { .. })));
        assert!((all.compare(&moments(&pair, true)).unwrap() - expected).abs() < 1e-9);
    }

    /// Four neurons at right angles with equal variances: half of the variance is two components, up to rounding.
    #[test]
    fn a_component_that_reaches_the_share_ends_the_count() {
        let count = |variance: f64, v: &[f64]| Svcca { variance: Fraction::new(variance).unwrap() }.count(v);
        assert_eq!((count(0.5, &[0.1; 4]), count(0.3, &[0.1; 10]), count(0.51, &[0.1; 4])), (2, 3, 3));
        assert_eq!((count(1.0, &[2.0, 1.0, 0.0]), count(0.01, &[2.0, 1.0])), (2, 1));
    }
}
