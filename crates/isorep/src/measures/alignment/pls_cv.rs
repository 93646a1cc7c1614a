#![doc = include_str!("pls_cv.md")]

use super::Predict;
use crate::folds::{FoldCount, Folds, Origin, SideSums, cross_scatters, for_each_of, scatters, split_about};
use crate::linalg::{dot, multiply};
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::partial_least_squares::coefficients;
use crate::regression::error_of_map;
use crate::{Error, Pair, Result};
use serde::{Deserialize, Serialize};
use std::num::NonZeroUsize;

/// What is left of a variance counts as rounding below this share.
const NOISE: f64 = 1e-12;

/// Cross-validated predictivity of partial least squares regression.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlsCv {
    /// Which side is predicted, from the other one.
    pub predict: Predict,
    /// At most so many components.
    pub components: NonZeroUsize,
    /// How predictions are judged.
    pub score: PredictionScore,
    /// How many parts the inputs are cut into, each held out once.
    pub folds: FoldCount,
    /// Seed of the assignment of inputs to folds.
    pub seed: u64,
}

/// How predictions of held-out inputs are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PredictionScore {
    /// Explained share of the sum of squares of all neurons.
    #[default]
    R2,
    /// Correlation of prediction and activation, the mean over neurons.
    Pearson,
}

impl Default for PlsCv {
    fn default() -> Self {
        /// As many as Brain-Score has.
        const COMPONENTS: NonZeroUsize = NonZeroUsize::new(25).unwrap();
        Self {
            predict: Predict::default(),
            components: COMPONENTS,
            score: PredictionScore::default(),
            folds: FoldCount::default(),
            seed: 0,
        }
    }
}

/// One fold, judged.
struct Fold {
    error: f64,
    /// Of the mean of the inputs to learn from.
    total: f64,
    /// For every neuron, about its mean over all inputs.
    neurons: Vec<Sums>,
}

/// Sums over held-out inputs of a prediction p and what it predicts, t: p, t, p², t², pt.
type Sums = [f64; 5];

impl PlsCv {
    fn judge(&self, pair: &Pair) -> Result<Vec<Fold>> {
        let (from, to) = self.predict.sides(pair);
        from.variation()?;
        to.variation()?;
        let folds = Folds::of(pair.n(), self.folds, self.seed)?;
        // Sums of squares stay under a rotation of the targets, correlations of single neurons do not.
        let whole = if self.score == PredictionScore::R2 { to.compact()? } else { to };
        let (x, y) = (from.compact()?.moderate()?, whole.moderate()?);
        let (x_sums, y_sums) = (SideSums::of(&x, &folds)?, SideSums::of(&y, &folds)?);
        let (x_scatters, crosses) = (scatters(&x, &folds)?, cross_scatters((&x, &folds), (&y, &folds))?);
        for_each_of(folds.count(), |fold| {
            let (in_x, in_y) = (x_sums.split(fold), y_sums.split(fold));
            let o_x = x_sums.origin(&in_x.train, Origin::TrainMean);
            let o_y = y_sums.origin(&in_y.train, Origin::TrainMean);
            let scatter = split_about(&x_scatters, fold, (&in_x, &o_x), (&in_x, &o_x));
            let cross = split_about(&crosses, fold, (&in_x, &o_x), (&in_y, &o_y));
            let map = coefficients(&scatter.train, &cross.train, self.components.get())?;
            let total = in_y.test.total_about(&o_y);
            let error = error_of_map(&map, &cross.test, &scatter.test, total);
            let n = in_x.test.n;
            let steps: Vec<f64> = in_x.test.sum.iter().zip(&o_x).map(|(s, o)| s - n * o).collect();
            let own = multiply(&scatter.test, &map);
            // What is known about the origin, moved to the mean over all inputs.
            let of_neuron = |j: usize| {
                let (b, o, t) = (map.column(j), o_y[j], in_y.test.sum[j]);
                let step = dot(b, &steps);
                let squares = dot(b, own.column(j)) + 2.0 * o * step + n * o * o;
                let product = dot(b, cross.test.column(j)) + o * (step + t);
                [step + n * o, t, squares, in_y.test.squares[j], product]
            };
            Ok(Fold { error, total, neurons: (0..map.columns()).map(of_neuron).collect() })
        })
    }
}

/// The correlation, `None` if the target or its prediction does not vary.
fn correlation(n: f64, [p, t, pp, tt, pt]: Sums) -> Option<f64> {
    let (own, target) = (pp - p * p / n, tt - t * t / n);
    let varies = own > NOISE * pp && target > NOISE * tt;
    varies.then(|| ((pt - p * t / n) / own.sqrt() / target.sqrt()).clamp(-1.0, 1.0))
}

impl Measure for PlsCv {
    const INFO: Info = Info {
        id: "pls-cv",
        title: "Cross-validated predictivity of partial least squares",
        family: Family::Alignment,
        formula: "1 - sum |y - yhat|^2 / sum |y - ybar|^2 over held-out inputs",
        reference: "Wold 1975, doi:10.1017/S0021900200047604; Yamins et al. 2014, doi:10.1073/pnas.1403112111",
        options: &[
            Predict::OPTION,
            ("components", "at most so many components; fewer where the neurons have no more to give"),
            ("score", "r2 (share of all squares) or pearson (correlation, the mean over neurons)"),
            ("folds", "how many parts the inputs are cut into, each held out once; 2 or more"),
            ("seed", "seed of the assignment of inputs to folds"),
        ],
        doc: include_str!("pls_cv.md"),
    };

    fn properties(&self) -> Properties {
        let every = Invariance::ORTHOGONAL | Invariance::SCALE | Invariance::TRANSLATION;
        let (low, to) = match self.score {
            PredictionScore::R2 => (f64::NEG_INFINITY, every),
            PredictionScore::Pearson => {
                (-1.0, Invariance::PERMUTATION | Invariance::SCALE | Invariance::TRANSLATION)
            }
        };
        Properties {
            kind: Kind::Similarity,
            range: (low, 1.0),
            identity: None,
            symmetric: false,
            metric: false,
            aligned: true,
            invariance: match self.predict {
                Predict::Y => Sides { x: every, y: to },
                Predict::X => Sides { x: to, y: every },
            },
            needs: Needs::ROWS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let folds = self.judge(pair)?;
        if self.score == PredictionScore::R2 {
            let sum = |of: fn(&Fold) -> f64| folds.iter().map(of).sum::<f64>();
            // Rounding may have made the error a little less than none.
            return Ok((1.0 - sum(|fold| fold.error) / sum(|fold| fold.total)).min(1.0));
        }
        let neurons = self.predict.sides(pair).1.d();
        let pooled = |j: usize| {
            let mut sums: Sums = [0.0; 5];
            for fold in &folds {
                sums.iter_mut().zip(fold.neurons[j]).for_each(|(s, f)| *s += f);
            }
            correlation(pair.n() as f64, sums)
        };
        let correlations: Vec<f64> = (0..neurons).filter_map(pooled).collect();
        if correlations.is_empty() {
            let name = self.predict.sides(pair).1.name();
            return Err(Error::undefined(format!("no prediction of a neuron of `{name}` varies")));
        }
        Ok(correlations.iter().sum::<f64>() / correlations.len() as f64)
    }

    fn samples() -> Vec<Self> {
        let default = Self::default();
        let three = NonZeroUsize::MIN.saturating_add(2);
        vec![
            default,
            Self { components: three, score: PredictionScore::Pearson, ..default },
            Self { components: three, predict: Predict::X, ..default },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlap::tests::sample_pair;
    use crate::{Penalty, Representation, RidgeCv};

    fn pls(components: usize, score: PredictionScore) -> PlsCv {
        PlsCv { components: NonZeroUsize::new(components).unwrap(), score, ..PlsCv::default() }
    }

    #[test]
    fn all_components_are_least_squares() {
        let pair = sample_pair(120, 6, 4);
        let plain = RidgeCv { penalty: Penalty::fixed(0.0).unwrap(), ..RidgeCv::default() };
        let expected = plain.compare(&pair).unwrap();
        let value = |components| pls(components, PredictionScore::R2).compare(&pair).unwrap();
        assert!((value(6) - expected).abs() < 1e-11 && (value(25) - expected).abs() < 1e-11);
        assert!((value(1) - expected).abs() > 1e-3);
        let other = PlsCv { seed: 1, ..PlsCv::default() };
        assert!(other.compare(&pair).unwrap() != value(25));
    }

    /// With one neuron a side the component is the neuron; predictions are read off the lines through the other rows.
    #[test]
    fn correlations_are_those_of_the_predictions() {
        let x: Vec<f64> = (0..30).map(|i| f64::from(i * i * 7 % 31)).collect();
        let y: Vec<f64> = (0..30).map(|i| f64::from(i * i * 7 % 31 + i * 11 % 17) + 1e3).collect();
        let folds = Folds::of(30, FoldCount::default(), 0).unwrap();
        let mean = |v: &[f64], rows: &[usize]| rows.iter().map(|i| v[*i]).sum::<f64>() / rows.len() as f64;
        let mut predicted = vec![0.0; 30];
        for fold in 0..5 {
            let train = folds.train(fold);
            let (m_x, m_y) = (mean(&x, &train), mean(&y, &train));
            let product = |a: &[f64], m: f64| train.iter().map(|i| (x[*i] - m_x) * (a[*i] - m)).sum::<f64>();
            let slope = product(&y, m_y) / product(&x, m_x);
            folds.held_out(fold).iter().for_each(|i| predicted[*i] = m_y + slope * (x[*i] - m_x));
        }
        let all: Vec<usize> = (0..30).collect();
        let (m_p, m_y) = (mean(&predicted, &all), mean(&y, &all));
        let product =
            |a: &[f64], m: f64, b: &[f64], k: f64| all.iter().map(|i| (a[*i] - m) * (b[*i] - k)).sum::<f64>();
        let expected = product(&predicted, m_p, &y, m_y)
            / (product(&predicted, m_p, &predicted, m_p) * product(&y, m_y, &y, m_y)).sqrt();
        let side = |name, values| Representation::from_f64(name, 30, 1, values).unwrap();
        let pair = Pair::new(&side("x", x), &side("y", y)).unwrap();
        let value = pls(1, PredictionScore::Pearson).compare(&pair).unwrap();
        assert!((value - expected).abs() < 1e-10, "{value} {expected}");
    }

    #[test]
    fn constant_neurons_have_no_correlation() {
        let pair = sample_pair(60, 5, 2);
        let mut values = vec![0.0; 120];
        pair.y().rows().unwrap().read_f64(0..60, &[], &mut values);
        let with_constant: Vec<f64> = values.chunks(2).flat_map(|r| [r[0], r[1], 3.0]).collect();
        let y = Representation::from_f64("y", 60, 3, with_constant).unwrap();
        let more = Pair::new(pair.x(), &y).unwrap();
        let pearson = pls(3, PredictionScore::Pearson);
        assert!((pearson.compare(&pair).unwrap() - pearson.compare(&more).unwrap()).abs() < 1e-12);
    }
}
