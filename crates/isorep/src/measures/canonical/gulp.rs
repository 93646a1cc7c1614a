#![doc = include_str!("gulp.md")]

use super::Angles;
use crate::linalg::{Eigen, Matrix, Svd, multiply, multiply_a_bt, multiply_at_b, squared_norm};
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Error, NonNegative, Pair, Result};
use serde::{Deserialize, Serialize};

/// Largest difference between ridge predictions from both sides, over all targets.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gulp {
    /// The ridge penalty λ, for representations scaled to a mean squared length of 1.
    pub penalty: NonNegative,
}

impl Default for Gulp {
    fn default() -> Self {
        Self { penalty: NonNegative::constant(0.01) }
    }
}

/// Below this penalty eigenvalues of a scatter matrix are too rough.
const SMALL_PENALTY: f64 = 1e-6;
/// Below this share of its parts d² would lose too many digits by subtraction.
const CANCELLED: f64 = 1e-6;

impl Gulp {
    /// d², from traces of products of both sides, and the sum of the parts it is the rest of.
    fn by_products(self, pair: &Pair) -> Result<(f64, f64)> {
        let (axes_x, axes_y) = (pair.x().principal()?, pair.y().principal()?);
        let total = |axes: &Eigen| axes.values.iter().map(|v| v.max(0.0)).sum::<f64>();
        let penalty = self.penalty.get();
        // Σ (s / (s + λ))² over eigenvalues s of sum 1.
        let own = |axes: &Eigen| {
            let total = total(axes);
            axes.values.iter().map(|v| v.max(0.0) / total).map(|s| (s / (s + penalty)).powi(2)).sum::<f64>()
        };
        // V diag(s + λ)^-½, of unit total variation.
        let whitened = |axes: &Eigen| {
            let total = total(axes);
            let mut vectors = axes.vectors.clone();
            for (j, v) in axes.values.iter().enumerate() {
                let by = 1.0 / (v.max(0.0) + penalty * total).sqrt();
                vectors.column_mut(j).iter_mut().for_each(|v| *v *= by);
            }
            vectors
        };
        let cross = multiply_at_b(&whitened(axes_x), &multiply(pair.cross_scatter()?, &whitened(axes_y)));
        let parts = own(axes_x) + own(axes_y);
        Ok((parts - 2.0 * squared_norm(&cross), parts))
    }

    /// d as the Frobenius norm of the difference of both ridge hat matrices, which does not cancel.
    fn by_factor(self, pair: &Pair) -> Result<f64> {
        let (x, y) = pair.factor()?.neurons(pair.x().d(), true);
        let (hat_x, hat_y) = (self.hat(&x)?, self.hat(&y)?);
        let difference = hat_x.values().iter().zip(hat_y.values()).map(|(a, b)| (a - b).powi(2));
        Ok(difference.sum::<f64>().sqrt())
    }

    /// `X (XᵀX + λ)⁻¹ Xᵀ` for neurons in any coordinates, scaled to unit total variation.
    fn hat(self, neurons: &Matrix) -> Result<Matrix> {
        let Svd { values, mut u, .. } = Svd::of(neurons)?;
        let total: f64 = values.iter().map(|s| s * s).sum();
        for (j, s) in values.iter().map(|s| s * s / total).enumerate() {
            let root = (s / (s + self.penalty.get())).sqrt();
            u.column_mut(j).iter_mut().for_each(|v| *v *= root);
        }
        Ok(multiply_a_bt(&u, &u))
    }

    /// λ = 0: `rank_x + rank_y − 2 Σρ²`, which is the surplus of ranks and twice Σ sin²θ.
    fn unpenalized(pair: &Pair) -> Result<f64> {
        let overlap = pair.overlap(true)?;
        overlap.require_unsaturated(pair)?;
        let parts = (overlap.rank_x + overlap.rank_y) as f64;
        let squared = parts - 2.0 * overlap.squared_correlations();
        if squared > CANCELLED * parts {
            return Ok(squared.sqrt());
        }
        let Angles { angles, rank_x, rank_y, .. } = Angles::of(pair)?;
        let sines: f64 = angles.iter().map(|t| t.sin().powi(2)).sum();
        Ok((rank_x.abs_diff(rank_y) as f64 + 2.0 * sines).sqrt())
    }
}

impl Measure for Gulp {
    const INFO: Info = Info {
        id: "gulp",
        title: "GULP: uniform linear probe distance",
        family: Family::Canonical,
        formula: "|| X (X'X + n L)^-1 X' - Y (Y'Y + n L)^-1 Y' ||, with penalty L and ||X||^2 = n",
        reference: "Boix-Adserà et al. 2022, arXiv:2210.06545",
        options: &[("penalty", "ridge penalty, at least 0, for representations of mean squared length 1")],
        doc: include_str!("gulp.md"),
    };

    fn properties(&self) -> Properties {
        let free = self.penalty.get() == 0.0;
        let rotations = Invariance::ORTHOGONAL | Invariance::SCALE | Invariance::TRANSLATION;
        Properties {
            kind: Kind::Distance,
            range: (0.0, f64::INFINITY),
            identity: Some(0.0),
            symmetric: true,
            metric: true,
            aligned: true,
            invariance: Sides::both(if free { Invariance::AFFINE } else { rotations }),
            needs: if free {
                Needs::FACTOR | Needs::BASIS
            } else if self.penalty.get() < SMALL_PENALTY {
                Needs::FACTOR
            } else {
                Needs::COMPACT | Needs::PRINCIPAL
            },
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let penalty = self.penalty.get();
        if penalty == 0.0 {
            return Self::unpenalized(pair);
        }
        pair.x().variation()?;
        pair.y().variation()?;
        let compacted = pair.compacted()?;
        let pair = compacted.as_ref().unwrap_or(pair);
        if penalty < SMALL_PENALTY {
            return if pair.has_factor() {
                self.by_factor(pair)
            } else {
                Err(Error::NeedsFactor { condition: penalty.sqrt().recip() })
            };
        }
        let (squared, parts) = self.by_products(pair)?;
        if squared <= CANCELLED * parts && pair.has_factor() {
            return self.by_factor(pair);
        }
        Ok(squared.max(0.0).sqrt())
    }

    fn samples() -> Vec<Self> {
        [0.01, 1.0, 0.0].map(|penalty| Self { penalty: NonNegative::constant(penalty) }).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Representation;
    use crate::overlap::tests::{
        centred, moments, random, representation, rotated_by, sample_pair, with_known_angles,
    };

    fn gulp(penalty: f64) -> Gulp {
        Gulp { penalty: NonNegative::new(penalty).unwrap() }
    }

    /// One neuron each, at right angles and of unit variation: d² = 2 (1 / (1 + λ))².
    #[test]
    fn two_neurons_by_hand() {
        let x = Representation::from_f64("x", 4, 1, vec![1., 1., -1., -1.]).unwrap();
        let y = Representation::from_f64("y", 4, 1, vec![3., -3., 3., -3.]).unwrap();
        let pair = Pair::new(&x, &y).unwrap();
        for penalty in [0.0, 1e-9, 0.01, 1.0] {
            let value = gulp(penalty).compare(&pair).unwrap();
            assert!((value - 2f64.sqrt() / (1.0 + penalty)).abs() < 1e-14, "{penalty} {value}");
        }
    }

    #[test]
    fn every_route_agrees_with_hat_matrices_of_the_inputs() {
        for (n, d_x, d_y) in [(50, 6, 4), (30, 45, 5), (30, 45, 40)] {
            let pair = sample_pair(n, d_x, d_y);
            for penalty in [1e-8, 0.01, 0.5] {
                let hat = |side| gulp(penalty).hat(&centred(side)).unwrap();
                let (a, b) = (hat(pair.x()), hat(pair.y()));
                let expected: f64 = a.values().iter().zip(b.values()).map(|(a, b)| (a - b).powi(2)).sum();
                let mut pairs = vec![moments(&pair, true)];
                if penalty > SMALL_PENALTY {
                    pairs.push(moments(&pair, false));
                }
                for p in std::iter::once(&pair).chain(&pairs) {
                    let value = gulp(penalty).compare(p).unwrap();
                    assert!((value - expected.sqrt()).abs() < 1e-10, "{n} {d_x} {penalty}: {value}");
                }
            }
        }
    }

    #[test]
    fn small_distances_keep_their_digits() {
        let x = random(200, 5, 1);
        let same = Pair::new(&representation("x", &x), &representation("y", &rotated_by(&x, 0.3))).unwrap();
        for penalty in [0.0, 0.01] {
            let value = gulp(penalty).compare(&same).unwrap();
            assert!(value < 1e-13, "{value:e}");
        }
        let value = gulp(0.0).compare(&with_known_angles(80, &[1e-8, 0.0], 0)).unwrap();
        assert!((value - 2f64.sqrt() * 1e-8).abs() < 1e-13, "{value:e}");
    }

    #[test]
    fn what_gives_no_number_says_why() {
        let pair = sample_pair(20, 30, 3);
        assert!(matches!(gulp(0.0).compare(&pair), Err(Error::Saturated { .. })));
        assert!(gulp(0.01).compare(&pair).is_ok());
        let dead = Representation::from_f64("dead", 20, 1, vec![2.0; 20]).unwrap();
        assert!(matches!(
            gulp(0.01).compare(&Pair::new(pair.x(), &dead).unwrap()),
            Err(Error::Undefined { .. })
        ));
        assert!(matches!(
            gulp(1e-9).compare(&moments(&sample_pair(20, 3, 3), false)),
            Err(Error::NeedsFactor { .. })
        ));
    }
}
