#![doc = include_str!("ridge_cv.md")]

use super::Predict;
use crate::folds::{FoldCount, Folds, Origin, SideSums, cross_scatters, for_each_of, scatters, split_about};
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::regression::{Penalty, Predictor, choose};
use crate::{Pair, Result};
use serde::{Deserialize, Serialize};

/// Cross-validated linear predictivity.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RidgeCv {
    /// Which side is predicted, from the other one.
    pub predict: Predict,
    /// How many parts the inputs are cut into, each held out once.
    pub folds: FoldCount,
    /// How strongly the regression is held back.
    pub penalty: Penalty,
    /// Seed of the assignment of inputs to folds.
    pub seed: u64,
}

/// Squared errors of one fold.
struct Fold {
    /// For every penalty that is tried.
    errors: Vec<f64>,
    /// Of the mean of the inputs to learn from.
    total: f64,
}

impl RidgeCv {
    fn fold_errors(&self, pair: &Pair) -> Result<Vec<Fold>> {
        let (from, to) = self.predict.sides(pair);
        from.variation()?;
        to.variation()?;
        let folds = Folds::of(pair.n(), self.folds, self.seed)?;
        // Ridge regression and its R² depend on inner products of centred inputs only.
        let (x, y) = (from.compact()?.moderate()?, to.compact()?.moderate()?);
        let (x_sums, y_sums) = (SideSums::of(&x, &folds)?, SideSums::of(&y, &folds)?);
        let (x_scatters, crosses) = (scatters(&x, &folds)?, cross_scatters((&x, &folds), (&y, &folds))?);
        for_each_of(folds.count(), |fold| {
            let (in_x, in_y) = (x_sums.split(fold), y_sums.split(fold));
            let o_x = x_sums.origin(&in_x.train, Origin::TrainMean);
            let o_y = y_sums.origin(&in_y.train, Origin::TrainMean);
            let cross = split_about(&crosses, fold, (&in_x, &o_x), (&in_y, &o_y));
            let predictor = Predictor::new(&x_scatters, fold, &in_x, &o_x, from.d());
            let total = in_y.test.total_about(&o_y);
            let errors = match self.penalty {
                Penalty::Auto => predictor.decompose()?.errors(&cross, total),
                Penalty::Fixed(penalty) => vec![predictor.error(penalty.get(), &cross, total)?],
            };
            Ok(Fold { errors, total })
        })
    }
}

impl Measure for RidgeCv {
    const INFO: Info = Info {
        id: "ridge-cv",
        title: "Cross-validated linear predictivity (ridge regression)",
        family: Family::Alignment,
        formula: "1 - sum |y - yhat|^2 / sum |y - ybar|^2 over held-out inputs",
        reference: "Yamins et al. 2014, doi:10.1073/pnas.1403112111; Schrimpf et al. 2018, doi:10.1101/407007",
        options: &[
            Predict::OPTION,
            ("folds", "how many parts the inputs are cut into, each held out once; 2 or more"),
            (
                "penalty",
                "auto, or a number in units of the mean eigenvalue of the predictor; 0 is least squares",
            ),
            ("seed", "seed of the assignment of inputs to folds"),
        ],
        doc: include_str!("ridge_cv.md"),
    };

    fn properties(&self) -> Properties {
        let every = Invariance::ORTHOGONAL | Invariance::SCALE | Invariance::TRANSLATION;
        let least_squares = matches!(self.penalty, Penalty::Fixed(penalty) if penalty.get() == 0.0);
        let from = if least_squares { Invariance::AFFINE } else { every };
        Properties {
            kind: Kind::Similarity,
            range: (f64::NEG_INFINITY, 1.0),
            identity: None,
            symmetric: false,
            metric: false,
            aligned: true,
            invariance: match self.predict {
                Predict::Y => Sides { x: from, y: every },
                Predict::X => Sides { x: every, y: from },
            },
            needs: Needs::ROWS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let folds = self.fold_errors(pair)?;
        let total: f64 = folds.iter().map(|fold| fold.total).sum();
        let errors: Vec<Vec<f64>> = folds.into_iter().map(|fold| fold.errors).collect();
        let error: f64 = (0..errors.len()).map(|fold| errors[fold][choose(&errors, fold)]).sum();
        Ok(1.0 - error / total)
    }

    fn samples() -> Vec<Self> {
        let fixed = Penalty::fixed(0.1).unwrap_or_default();
        let default = Self::default();
        vec![default, Self { penalty: fixed, ..default }, Self { predict: Predict::X, ..default }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Error, Representation};

    fn side(name: &str, values: Vec<f64>, d: usize) -> Representation {
        Representation::from_f64(name, values.len() / d, d, values).unwrap()
    }

    fn noise(n: usize, d: usize, seed: u64) -> Vec<f64> {
        use rand::{RngExt, SeedableRng};
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        (0..n * d).map(|_| random.random_range(-1.0..1.0)).collect()
    }

    /// Two folds of two inputs, one neuron a side: from (a, b) the line through both points is learnt (penalty 0), so
    /// the prediction of a third input is exact if and only if it lies on that line.
    #[test]
    fn two_points_determine_the_line() {
        let x: [f64; 4] = [0.0, 1.0, 3.0, 7.0];
        let y: [f64; 4] = [0.0, 1.0, 5.0, 2.0];
        let ridge = RidgeCv {
            folds: FoldCount::new(2).unwrap(),
            penalty: Penalty::fixed(0.0).unwrap(),
            ..RidgeCv::default()
        };
        let folds = Folds::of(4, ridge.folds, 0).unwrap();
        let (mut error, mut total) = (0.0, 0.0);
        for fold in 0..2 {
            let (a, b) = (folds.train(fold)[0], folds.train(fold)[1]);
            for i in folds.held_out(fold) {
                let line = y[a] + (y[b] - y[a]) * (x[*i] - x[a]) / (x[b] - x[a]);
                error += (y[*i] - line).powi(2);
                total += (y[*i] - f64::midpoint(y[a], y[b])).powi(2);
            }
        }
        let pair = Pair::new(&side("x", x.to_vec(), 1), &side("y", y.to_vec(), 1)).unwrap();
        let value = ridge.compare(&pair).unwrap();
        assert!((value - (1.0 - error / total)).abs() < 1e-12, "{value}");
    }

    #[test]
    fn an_affine_image_is_predicted_and_noise_is_not() {
        let (n, d) = (300, 6);
        let x = noise(n, d, 1);
        let image: Vec<f64> = (0..n * 2)
            .map(|k| (0..d).map(|j| x[k / 2 * d + j] * ((j + k % 2 * 3) as f64).sin()).sum::<f64>() + 1e4)
            .collect();
        let (x, y, other) = (side("x", x, d), side("y", image, 2), side("noise", noise(n, 4, 2), 4));
        let value = |x: &_, y: &_, ridge: RidgeCv| ridge.compare(&Pair::new(x, y).unwrap()).unwrap();
        let auto = RidgeCv::default();
        assert!(value(&x, &y, auto) > 1.0 - 1e-9);
        assert!(value(&y, &x, auto) < 0.9, "two neurons cannot carry six");
        let backward = RidgeCv { predict: Predict::X, ..auto };
        assert_eq!(value(&y, &x, backward), value(&x, &y, auto));
        assert!(value(&x, &other, auto) < 0.02);
        let heavy = RidgeCv { penalty: Penalty::fixed(1.0).unwrap(), ..auto };
        assert!(value(&x, &y, heavy) < 0.8);
        assert!(value(&x, &y, RidgeCv { seed: 1, ..heavy }) != value(&x, &y, heavy));
        assert!(
            value(&x, &y, RidgeCv { folds: FoldCount::new(3).unwrap(), ..heavy }) != value(&x, &y, heavy)
        );
    }

    #[test]
    fn what_cannot_be_judged_is_undefined() {
        let (x, dead) = (side("x", noise(20, 2, 1), 2), side("dead", vec![0.1; 20], 1));
        for pair in [Pair::new(&x, &dead), Pair::new(&dead, &x)] {
            let error = RidgeCv::default().compare(&pair.unwrap()).unwrap_err();
            assert!(error.to_string().contains("`dead` is constant"), "{error}");
        }
        let few = side("few", noise(9, 2, 1), 2);
        let error = RidgeCv::default().compare(&Pair::new(&few, &few).unwrap()).unwrap_err();
        assert_eq!(error, Error::TooFewSamples { needed: 10, got: 9 });
        let wide = side("wide", noise(20, 40, 3), 40);
        let plain = RidgeCv { penalty: Penalty::fixed(0.0).unwrap(), ..RidgeCv::default() };
        let error = plain.compare(&Pair::new(&wide, &x).unwrap()).unwrap_err();
        assert!(error.to_string().contains("not unique"), "{error}");
    }
}
