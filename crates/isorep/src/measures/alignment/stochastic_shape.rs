#![doc = include_str!("stochastic_shape.md")]

use super::clouds::{Clouds, Ground};
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Pair, Result};
use serde::{Deserialize, Serialize};

/// Distance between the distributions that repetitions of every input have on both sides, under the best rotation found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StochasticShape {
    /// How two distributions are compared.
    pub distance: Ground,
    /// Whether the mean over inputs is subtracted first.
    pub center: bool,
    /// Starts from random rotations, besides those from the means and from the principal axes.
    pub restarts: usize,
    /// Seed of the random rotations.
    pub seed: u64,
}

impl Default for StochasticShape {
    fn default() -> Self {
        Self { distance: Ground::default(), center: true, restarts: 1, seed: 0 }
    }
}

impl Measure for StochasticShape {
    const INFO: Info = Info {
        id: "stochastic-shape",
        title: "Stochastic shape distance",
        family: Family::Alignment,
        formula: "min over rotations Q of root mean over inputs of dist(F_i Q, G_i)^2, F_i and G_i the repetitions",
        reference: "Duong et al. 2023, arXiv:2211.11665",
        options: &[
            (
                "distance",
                "gaussian (Wasserstein, from means and covariances) or energy (from the repetitions)",
            ),
            ("center", "whether the mean over inputs is subtracted first: true or false"),
            ("restarts", "starts from random rotations, beside those from means and principal axes"),
            ("seed", "seed of the random rotations"),
        ],
        doc: include_str!("stochastic_shape.md"),
    };

    fn properties(&self) -> Properties {
        let mut invariance = Invariance::ORTHOGONAL;
        if self.center {
            invariance |= Invariance::TRANSLATION;
        }
        Properties {
            kind: Kind::Distance,
            range: (0.0, f64::INFINITY),
            identity: Some(0.0),
            symmetric: true,
            // At the best rotation it is one; that it was found is not certain.
            metric: false,
            aligned: true,
            invariance: Sides::both(invariance),
            needs: Needs::ROWS | Needs::GROUPS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        pair.x().rows()?;
        let groups = pair.context().groups()?;
        let x = Clouds::of(pair.x(), groups, self.center)?;
        let y = Clouds::of(pair.y(), groups, self.center)?;
        Ok(self.distance.search(&x, &y, self.restarts, self.seed)?.sqrt())
    }

    fn samples() -> Vec<Self> {
        let default = Self::default();
        vec![default, Self { distance: Ground::Energy, center: false, ..default }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, Error, Form, Labels, Procrustes, Representation};

    fn pair(d: usize, groups: &[usize], x: Vec<f64>, y: Vec<f64>) -> Pair {
        let side = |name, values| Representation::from_f64(name, groups.len(), d, values).unwrap();
        let context = Context::default().with_groups(Labels::of_columns(groups.to_vec()));
        Pair::new(&side("x", x), &side("y", y)).unwrap().with_context(context).unwrap()
    }

    fn value(distance: Ground, center: bool, pair: &Pair) -> f64 {
        StochasticShape { distance, center, ..StochasticShape::default() }.compare(pair).unwrap()
    }

    /// Means ±3 with deviations 1 (variance 2) against means ±5 with deviations 2 (variance 8), one neuron: nothing to
    /// turn but the sign. Wasserstein: (5 − 3)² + (√8 − √2)² = 4 + 2. Energy: distances between 2 and 4 with 3 and 7:
    /// (1 + 5 + 1 + 3) / 4; within: ½ · 2 · 2 / 4 and ½ · 2 · 4 / 4; so 2.5 − 0.5 − 1.
    #[test]
    fn by_hand() {
        let pair = pair(1, &[0, 0, 1, 1], vec![2., 4., -2., -4.], vec![3., 7., -3., -7.]);
        for center in [false, true] {
            assert!((value(Ground::Gaussian, center, &pair) - 6f64.sqrt()).abs() < 1e-12);
            assert!((value(Ground::Energy, center, &pair) - 1.0).abs() < 1e-12);
        }
    }

    /// Every repetition is at its mean: normal distributions of no width, so the Procrustes distance of the means.
    #[test]
    fn without_noise_it_is_the_distance_of_the_means() {
        let twice: Vec<usize> = (0..24).map(|i| i / 2).collect();
        let rows = |seed: f64| -> Vec<f64> {
            (0..72).map(|k| ((f64::from(k / 6 * 3 + k % 3) + seed) * 1.7).sin() * 3.0).collect()
        };
        let pair = pair(3, &twice, rows(0.0), rows(5.3));
        let expected = Procrustes { form: Form::SizeAndShape }.compare(&pair).unwrap() / 24f64.sqrt();
        let found = value(Ground::Gaussian, true, &pair);
        assert!((found - expected).abs() < 1e-9, "{found} {expected}");
    }

    #[test]
    fn a_rotation_is_found_though_the_means_hide_it() {
        let groups: Vec<usize> = (0..60).map(|i| i / 6).collect();
        let x: Vec<f64> =
            (0..180).map(|k| ((k * k * 7 + k * 3) % 31) as f64 * [1.0, 0.3, 2.0][k % 3]).collect();
        let (s, c) = 1.1f64.sin_cos();
        let y = x.chunks(3).flat_map(|r| [c * r[0] - s * r[1] + 4.0, s * r[0] + c * r[1], -r[2]]).collect();
        let pair = pair(3, &groups, x, y);
        for distance in [Ground::Gaussian, Ground::Energy] {
            let found = value(distance, true, &pair);
            assert!(found < 1e-7, "{distance:?}: {found:e}");
        }
    }

    #[test]
    fn what_gives_no_number_says_why() {
        let single = pair(1, &[0, 0, 1], vec![1., 2., 3.], vec![2., 1., 5.]);
        let error = StochasticShape::default().compare(&single).unwrap_err();
        assert!(error.to_string().contains("once only"), "{error}");
        let side = |name| Representation::from_f64(name, 3, 1, vec![1., 2., 3.]).unwrap();
        let bare = Pair::new(&side("x"), &side("y")).unwrap();
        let error = StochasticShape::default().compare(&bare).unwrap_err();
        assert!(matches!(error, Error::NeedsContext { .. }), "{error}");
    }
}
