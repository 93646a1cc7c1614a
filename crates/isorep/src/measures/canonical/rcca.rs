#![doc = include_str!("rcca.md")]

use super::at_most_one;
use crate::axes::Axes;
use crate::folds::{FoldCount, Folds, Origin, SideSums, cross_scatters, for_each_of, scatters, split_about};
use crate::linalg::{Eigen, Matrix, Svd, dot, multiply, multiply_at_b, nuclear_norm, squared_norm};
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::overlap::require_room_for_both;
use crate::{NonNegative, Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// Eigenvalues of the inputs to learn from count as zero below this share of the largest.
const NOISE: f64 = 1e-12;

/// Canonical correlations, held back by a ridge penalty.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rcca {
    /// The ridge penalty, in units of the mean eigenvalue of the scatter matrix that it is added to.
    pub penalty: NonNegative,
    /// Which number.
    pub summary: RccaSummary,
    /// On which inputs the directions are judged.
    pub evaluation: Evaluation,
    /// How many parts the inputs are cut into, if they are held out.
    pub folds: FoldCount,
    /// Seed of the assignment of inputs to folds.
    pub seed: u64,
}

/// One number for all correlations; m is the smaller rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RccaSummary {
    /// Σρ / m.
    #[default]
    Mean,
    /// Σρ² / m.
    MeanSquared,
}

/// On which inputs the directions are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evaluation {
    /// On those they were found on.
    #[default]
    InSample,
    /// On others, part after part.
    HeldOut,
}

impl Default for Rcca {
    fn default() -> Self {
        Self {
            penalty: NonNegative::constant(1e-3),
            summary: RccaSummary::default(),
            evaluation: Evaluation::default(),
            folds: FoldCount::default(),
            seed: 0,
        }
    }
}

/// Products of pairs of directions on held-out inputs: with themselves, x then y, and with each other.
type Products = Vec<[f64; 3]>;

impl Rcca {
    /// `σ / √(σ² + κ)` for the singular values of one side.
    fn damped(self, axes: &Axes, d: usize) -> Vec<f64> {
        let variation: f64 = axes.values.iter().map(|s| s * s).sum();
        let penalty = self.penalty.get() * variation / d as f64;
        axes.values.iter().map(|s| s / s.hypot(penalty.sqrt())).collect()
    }

    /// What both sides are damped by, and the matrix whose singular values are the correlations.
    fn in_sample(self, pair: &Pair) -> Result<([Vec<f64>; 2], Matrix)> {
        let overlap = pair.overlap(true)?;
        let (x, y) = (overlap.axes_x(pair)?, overlap.axes_y(pair)?);
        let by = [self.damped(&x, pair.x().d()), self.damped(&y, pair.y().d())];
        // Where they leave no room the value is much the same for any data; without a penalty these are the ranks.
        let effective = |by: &[f64]| dot(by, by).round() as usize;
        require_room_for_both(pair, (effective(&by[0]), effective(&by[1])), pair.n() - 1)?;
        let y = multiply(&overlap.cosines, &y.vectors.with_scaled_columns(&by[1]));
        let correlations = multiply_at_b(&x.vectors.with_scaled_columns(&by[0]), &y);
        Ok((by, correlations))
    }

    /// Correlations of the directions found on the other parts, over all held-out inputs.
    fn held_out(self, pair: &Pair) -> Result<Vec<f64>> {
        pair.x().variation()?;
        pair.y().variation()?;
        let folds = Folds::of(pair.n(), self.folds, self.seed)?;
        let (x, y) = (pair.x().compact()?.moderate()?, pair.y().compact()?.moderate()?);
        let (x_sums, y_sums) = (SideSums::of(&x, &folds)?, SideSums::of(&y, &folds)?);
        let (x_scatters, y_scatters) = (scatters(&x, &folds)?, scatters(&y, &folds)?);
        let crosses = cross_scatters((&x, &folds), (&y, &folds))?;
        let of_folds: Vec<Products> = for_each_of(folds.count(), |fold| {
            let (in_x, in_y) = (x_sums.split(fold), y_sums.split(fold));
            let o_x = x_sums.origin(&in_x.train, Origin::TrainMean);
            let o_y = y_sums.origin(&in_y.train, Origin::TrainMean);
            let own_x = split_about(&x_scatters, fold, (&in_x, &o_x), (&in_x, &o_x));
            let own_y = split_about(&y_scatters, fold, (&in_y, &o_y), (&in_y, &o_y));
            let cross = split_about(&crosses, fold, (&in_x, &o_x), (&in_y, &o_y));
            let whiten_x = self.whitening(&own_x.train, pair.x())?;
            let whiten_y = self.whitening(&own_y.train, pair.y())?;
            let svd = Svd::of(&multiply_at_b(&whiten_x, &multiply(&cross.train, &whiten_y)))?;
            let (a, b) = (multiply(&whiten_x, &svd.u), multiply(&whiten_y, &svd.v));
            let (own_a, own_b) = (multiply(&own_x.test, &a), multiply(&own_y.test, &b));
            let with_b = multiply(&cross.test, &b);
            let product = |p: &Matrix, q: &Matrix, k: usize| dot(p.column(k), q.column(k));
            let of_direction =
                |k: usize| [product(&a, &own_a, k), product(&b, &own_b, k), product(&a, &with_b, k)];
            Ok((0..svd.values.len()).map(of_direction).collect())
        })?;
        let count = of_folds.iter().map(Vec::len).min().unwrap_or(0);
        let correlation = |k: usize| {
            let [own_a, own_b, both] =
                [0, 1, 2].map(|part| of_folds.iter().map(|products| products[k][part]).sum::<f64>());
            // A direction that does not vary on inputs it has not seen predicts nothing.
            if own_a > 0.0 && own_b > 0.0 {
                (both / own_a.sqrt() / own_b.sqrt()).clamp(-1.0, 1.0)
            } else {
                0.0
            }
        };
        Ok((0..count).map(correlation).collect())
    }

    /// `V diag(λ + κ)^(−½)` of the inputs to learn from.
    fn whitening(self, scatter: &Matrix, side: &Representation) -> Result<Matrix> {
        let Eigen { values, vectors } = Eigen::of(scatter)?;
        let rank = values.iter().filter(|v| **v > NOISE * values[0]).count();
        let penalty = self.penalty.get() * values[..rank].iter().sum::<f64>() / side.d() as f64;
        let by: Vec<f64> = values[..rank].iter().map(|v| 1.0 / (v + penalty).sqrt()).collect();
        Ok(vectors.leading_columns(rank).with_scaled_columns(&by))
    }
}

impl Measure for Rcca {
    const INFO: Info = Info {
        id: "rcca",
        title: "Ridge-regularised canonical correlation",
        family: Family::Canonical,
        formula: "mean singular value of (X'X + k)^-1/2 X'Y (Y'Y + l)^-1/2",
        reference: "Vinod 1976, doi:10.1016/0304-4076(76)90010-5; Bilenko & Gallant 2016, arXiv:1503.01538",
        options: &[
            ("penalty", "ridge penalty in units of the mean eigenvalue of each side, at least 0"),
            ("summary", "mean or mean-squared"),
            ("evaluation", "in-sample, or held-out: judged on inputs that the directions were not found on"),
            ("folds", "how many parts the inputs are cut into if held out; 2 or more"),
            ("seed", "seed of the assignment of inputs to folds"),
        ],
        doc: include_str!("rcca.md"),
    };

    fn properties(&self) -> Properties {
        let rotations = Invariance::ORTHOGONAL | Invariance::SCALE | Invariance::TRANSLATION;
        let free = self.penalty.get() == 0.0;
        let held_out = self.evaluation == Evaluation::HeldOut;
        let signed = held_out && self.summary == RccaSummary::Mean;
        Properties {
            kind: Kind::Similarity,
            range: (if signed { -1.0 } else { 0.0 }, 1.0),
            identity: (free && !held_out).then_some(1.0),
            symmetric: true,
            metric: false,
            aligned: true,
            invariance: Sides::both(if free { Invariance::AFFINE } else { rotations }),
            needs: if held_out { Needs::ROWS } else { Needs::FACTOR | Needs::BASIS },
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        if self.evaluation == Evaluation::HeldOut {
            let correlations = self.held_out(pair)?;
            let sum: f64 = match self.summary {
                RccaSummary::Mean => correlations.iter().sum(),
                RccaSummary::MeanSquared => correlations.iter().map(|r| r * r).sum(),
            };
            return Ok(sum / correlations.len() as f64);
        }
        let (by, correlations) = self.in_sample(pair)?;
        let m = by[0].len().min(by[1].len()) as f64;
        Ok(at_most_one(match self.summary {
            RccaSummary::Mean => nuclear_norm(&correlations, pair.overlap(true)?.error())? / m,
            RccaSummary::MeanSquared => squared_norm(&correlations) / m,
        }))
    }

    /// The mean of ‖AᵀPB‖² over permutations P is `‖A‖²‖B‖² / (n − 1)` for centred A and B.
    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        if self.evaluation == Evaluation::HeldOut || self.summary == RccaSummary::Mean {
            return Ok(None);
        }
        let ([x, y], _) = self.in_sample(pair)?;
        let m = x.len().min(y.len()) as f64;
        Ok(Some(dot(&x, &x) * dot(&y, &y) / ((pair.n() as f64 - 1.0) * m)))
    }

    fn prepare(&self, side: &Representation) -> Result<()> {
        if self.evaluation == Evaluation::InSample {
            side.axes()?;
        }
        Ok(())
    }

    fn samples() -> Vec<Self> {
        let default = Self::default();
        vec![
            default,
            Self { penalty: NonNegative::constant(0.1), summary: RccaSummary::MeanSquared, ..default },
            Self { penalty: NonNegative::constant(0.0), ..default },
            Self { penalty: NonNegative::constant(0.1), evaluation: Evaluation::HeldOut, ..default },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::super::Cca;
    use super::*;
    use crate::Error;
    use crate::overlap::tests::{moments, sample_pair};

    fn rcca(penalty: f64, evaluation: Evaluation) -> Rcca {
        Rcca { penalty: NonNegative::new(penalty).unwrap(), evaluation, ..Rcca::default() }
    }

    /// One neuron a side: ρ = c / √((v_x + κ_x)(v_y + κ_y)) with κ = penalty · v, so the correlation over 1 + penalty.
    #[test]
    fn one_neuron_by_hand() {
        let pair = sample_pair(50, 1, 1);
        let plain = Cca::default().compare(&pair).unwrap();
        for penalty in [0.0, 1e-9, 0.5, 3.0] {
            let value = rcca(penalty, Evaluation::InSample).compare(&pair).unwrap();
            assert!((value - plain / (1.0 + penalty)).abs() < 1e-12, "{penalty}: {value}");
        }
    }

    #[test]
    fn in_sample_values_are_those_of_the_formula() {
        for (n, d_x, d_y, penalty) in [(90, 7, 5, 0.2), (20, 30, 4, 20.0)] {
            let pair = sample_pair(n, d_x, d_y);
            let root = |side: &Representation| {
                let Eigen { values, vectors } = Eigen::of(side.scatter().unwrap()).unwrap();
                let kappa = penalty * values.iter().sum::<f64>() / side.d() as f64;
                Matrix::from_fn(side.d(), side.d(), |i, j| vectors[(i, j)] / (values[j] + kappa).sqrt())
            };
            let cross = multiply(pair.cross_scatter().unwrap(), &root(pair.y()));
            let m = multiply_at_b(&root(pair.x()), &cross);
            let expected = nuclear_norm(&m, 1e-13).unwrap() / d_x.min(d_y) as f64;
            let measure = rcca(penalty, Evaluation::InSample);
            let mut pairs = vec![pair];
            if n > d_x {
                pairs.extend([moments(&pairs[0], false), moments(&pairs[0], true)]);
            }
            for p in &pairs {
                let value = measure.compare(p).unwrap();
                assert!((value - expected).abs() < 1e-11, "{n} {d_x}: {value} {expected}");
            }
        }
    }

    #[test]
    fn what_the_penalty_leaves_must_have_room() {
        let wide = sample_pair(20, 30, 4);
        for penalty in [0.0, 1e-3] {
            let error = rcca(penalty, Evaluation::InSample).compare(&wide).unwrap_err();
            assert!(matches!(error, Error::Saturated { rank: 19, .. }), "{error}");
        }
        assert!(rcca(1e-3, Evaluation::HeldOut).compare(&wide).is_ok());
    }

    #[test]
    fn held_out_noise_is_near_zero_where_in_sample_noise_is_not() {
        let pair = sample_pair(60, 1, 1);
        let noise = crate::overlap::tests::random(60, 20, 31);
        let other = crate::overlap::tests::random(60, 20, 32);
        let side = crate::overlap::tests::representation;
        let unrelated = Pair::new(&side("x", &noise), &side("y", &other)).unwrap();
        assert!(rcca(1e-3, Evaluation::InSample).compare(&unrelated).unwrap() > 0.3);
        assert!(rcca(1e-3, Evaluation::HeldOut).compare(&unrelated).unwrap().abs() < 0.1);
        let plain = Cca::default().compare(&pair).unwrap();
        let held_out = rcca(0.0, Evaluation::HeldOut).compare(&pair).unwrap();
        assert!((plain - held_out).abs() < 0.2, "{plain} {held_out}");
    }
}
