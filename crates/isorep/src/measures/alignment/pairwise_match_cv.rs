#![doc = include_str!("pairwise_match_cv.md")]

use super::{Matching, Sign};
use crate::folds::{
    FoldCount, Folds, SideSums, Split, Sums, cross_scatters, for_each_of, move_origins, split,
};
use crate::linalg::Matrix;
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Error, Pair, Result};
use serde::{Deserialize, Serialize};

/// Mean correlation, on held-out inputs, of neurons that were matched on the others.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PairwiseMatchCv {
    /// Which neurons are compared with which.
    pub matching: Matching,
    /// Whether neurons may be matched by a negative correlation, which then counts with its sign changed.
    pub sign: Sign,
    /// How many parts the inputs are cut into, each held out once.
    pub folds: FoldCount,
    /// Seed of the assignment of inputs to folds.
    pub seed: u64,
}

impl Default for PairwiseMatchCv {
    fn default() -> Self {
        Self { matching: Matching::SemiY, sign: Sign::default(), folds: FoldCount::default(), seed: 0 }
    }
}

/// The neurons of one side that vary in both parts of a fold, and their lengths there about the means of that part.
struct Varying {
    kept: Vec<usize>,
    train: Vec<f64>,
    test: Vec<f64>,
}

impl Varying {
    fn of(sums: &Split<Sums>, mean: &[f64]) -> Self {
        /// A neuron whose squares about its mean in a part are less than this share of those about its overall mean
        /// is constant there up to rounding.
        const VARIES: f64 = 1e-10;
        let squares = |part: &Sums| {
            let about_mean = part.squares_about(&part.mean());
            let varies = |j: usize| {
                let rounding = part.n * (8.0 * f64::EPSILON * mean[j]).powi(2);
                about_mean[j] > VARIES * part.squares[j] && about_mean[j] > rounding
            };
            let kept: Vec<bool> = (0..mean.len()).map(varies).collect();
            (about_mean, kept)
        };
        let ((train, in_train), (test, in_test)) = (squares(&sums.train), squares(&sums.test));
        let kept: Vec<usize> = (0..mean.len()).filter(|j| in_train[*j] && in_test[*j]).collect();
        let lengths = |squares: Vec<f64>| kept.iter().map(|j| squares[*j].sqrt()).collect();
        Self { train: lengths(train), test: lengths(test), kept }
    }
}

impl PairwiseMatchCv {
    /// The mean of one fold, or the name of a side of which no neuron varies in it.
    fn fold<'a>(
        &self,
        (x, y): (&'a crate::Representation, &'a crate::Representation),
        (x_sums, y_sums): (&SideSums, &SideSums),
        crosses: &[Matrix],
        fold: usize,
    ) -> Result<f64, &'a str> {
        let (in_x, in_y) = (x_sums.split(fold), y_sums.split(fold));
        let (from_x, from_y) = (Varying::of(&in_x, x.mean()), Varying::of(&in_y, y.mean()));
        for (side, varying) in [(x, &from_x), (y, &from_y)] {
            if varying.kept.is_empty() {
                return Err(side.name());
            }
        }
        let mut cross = split(crosses, fold);
        let (means_x, means_y) = (in_x.train.mean(), in_y.train.mean());
        move_origins(&mut cross.train, (&in_x.train, &means_x), (&in_y.train, &means_y));
        let (means_x, means_y) = (in_x.test.mean(), in_y.test.mean());
        move_origins(&mut cross.test, (&in_x.test, &means_x), (&in_y.test, &means_y));
        let product = |of: &Matrix, i: usize, j: usize| of[(from_x.kept[i], from_y.kept[j])];
        let learnt = |i: usize, j: usize| product(&cross.train, i, j) / from_x.train[i] / from_y.train[j];
        let strength =
            Matrix::from_fn(from_x.kept.len(), from_y.kept.len(), |i, j| self.sign.strength(learnt(i, j)));
        let held_out = |(i, j, weight): (usize, usize, f64)| {
            let correlation = (product(&cross.test, i, j) / from_x.test[i] / from_y.test[j]).clamp(-1.0, 1.0);
            let sign = if self.sign == Sign::Absolute && learnt(i, j) < 0.0 { -1.0 } else { 1.0 };
            sign * weight * correlation
        };
        Ok(self.matching.shares(&strength).into_iter().map(held_out).sum())
    }
}

impl Measure for PairwiseMatchCv {
    const INFO: Info = Info {
        id: "pairwise-match-cv",
        title: "Cross-validated correlation of matched neurons",
        family: Family::Alignment,
        formula: "mean over folds of sum_ij P_ij corr(x_i, y_j) on the fold, P the best matching on the other folds",
        reference: "Khosla & Williams 2023, arXiv:2311.09466; Li et al. 2016, arXiv:1511.07543",
        options: &[
            Matching::OPTION,
            Sign::OPTION,
            ("folds", "how many parts the inputs are cut into, each held out once; 2 or more"),
            ("seed", "seed of the assignment of inputs to folds"),
        ],
        doc: include_str!("pairwise_match_cv.md"),
    };

    fn properties(&self) -> Properties {
        Properties {
            kind: Kind::Similarity,
            range: (-1.0, 1.0),
            identity: None,
            symmetric: self.matching.is_symmetric(),
            metric: false,
            aligned: true,
            invariance: Sides::both(Invariance::PERMUTATION | Invariance::SCALE | Invariance::TRANSLATION),
            needs: Needs::ROWS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        // Two inputs always correlate by 1 or −1.
        pair.at_least(self.folds.get().saturating_mul(3))?;
        let (x, y) = (pair.x().moderate()?, pair.y().moderate()?);
        let folds = Folds::of(pair.n(), self.folds, self.seed)?;
        let sums = (SideSums::of(&x, &folds)?, SideSums::of(&y, &folds)?);
        let crosses = cross_scatters((&x, &folds), (&y, &folds))?;
        let of_folds =
            for_each_of(folds.count(), |fold| Ok(self.fold((&x, &y), (&sums.0, &sums.1), &crosses, fold)))?;
        let values: Vec<f64> = of_folds.iter().filter_map(|fold| fold.ok()).collect();
        match of_folds.first() {
            Some(Err(name)) if values.is_empty() => {
                Err(Error::undefined(format!("no neuron of `{name}` varies both in and outside of a fold")))
            }
            _ => Ok((values.iter().sum::<f64>() / values.len() as f64).clamp(-1.0, 1.0)),
        }
    }

    fn samples() -> Vec<Self> {
        let default = Self::default();
        vec![default, Self { matching: Matching::OneToOne, sign: Sign::Absolute, seed: 1, ..default }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CorrelationMatch, Representation};

    fn side(name: &str, d: usize, values: Vec<f64>) -> Representation {
        Representation::from_f64(name, values.len() / d, d, values).unwrap()
    }

    fn noise(n: usize, d: usize, seed: u64) -> Vec<f64> {
        use rand::{RngExt, SeedableRng};
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        (0..n * d).map(|_| random.random_range(-1.0..1.0)).collect()
    }

    fn correlation(u: &[f64], v: &[f64]) -> f64 {
        let about_mean = |a: &[f64]| {
            let mean = a.iter().sum::<f64>() / a.len() as f64;
            a.iter().map(|v| v - mean).collect::<Vec<_>>()
        };
        let (u, v) = (about_mean(u), about_mean(v));
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        dot(&u, &v) / (dot(&u, &u) * dot(&v, &v)).sqrt()
    }

    #[test]
    fn it_is_the_plain_definition() {
        let (n, d_x, d_y) = (37, 4, 3);
        let (x, y) = (noise(n, d_x, 1), noise(n, d_y, 2));
        let measure = PairwiseMatchCv { seed: 3, ..PairwiseMatchCv::default() };
        let folds = Folds::of(n, measure.folds, 3).unwrap();
        let take = |values: &[f64], d: usize, j: usize, rows: &[usize]| -> Vec<f64> {
            rows.iter().map(|i| values[i * d + j]).collect()
        };
        let mut expected = 0.0;
        for fold in 0..5 {
            let (train, test) = (folds.train(fold), folds.held_out(fold));
            for j in 0..d_y {
                let of = |i, rows: &[usize]| correlation(&take(&x, d_x, i, rows), &take(&y, d_y, j, rows));
                let best = (0..d_x).max_by(|a, b| of(*a, &train).total_cmp(&of(*b, &train))).unwrap();
                expected += of(best, test) / (5 * d_y) as f64;
            }
        }
        let pair = Pair::new(&side("x", d_x, x), &side("y", d_y, y)).unwrap();
        assert!((measure.compare(&pair).unwrap() - expected).abs() < 1e-12);
    }

    /// In sample the best of many unrelated neurons always looks related; held out it does not.
    #[test]
    fn noise_is_not_matched_beyond_chance() {
        let pair = Pair::new(&side("x", 40, noise(60, 40, 5)), &side("y", 30, noise(60, 30, 6))).unwrap();
        let in_sample = CorrelationMatch { matching: Matching::SemiY, sign: Sign::Signed };
        assert!(in_sample.compare(&pair).unwrap() > 0.25);
        for matching in [Matching::SemiY, Matching::Semi, Matching::OneToOne, Matching::Transport] {
            let value = PairwiseMatchCv { matching, ..PairwiseMatchCv::default() }.compare(&pair).unwrap();
            assert!(value.abs() < 0.1, "{matching:?}: {value}");
        }
    }

    #[test]
    fn a_negative_counterpart_is_found_where_signs_do_not_count() {
        let x = noise(60, 3, 7);
        let minus = x.iter().map(|v| 5.0 - 2.0 * v).collect();
        let pair = Pair::new(&side("x", 3, x), &side("y", 3, minus)).unwrap();
        let absolute = PairwiseMatchCv { sign: Sign::Absolute, ..PairwiseMatchCv::default() };
        assert!((absolute.compare(&pair).unwrap() - 1.0).abs() < 1e-12);
        assert!(PairwiseMatchCv::default().compare(&pair).unwrap() < 0.3);
    }

    /// One input alone differs: it varies either in a fold or outside of it, never in both.
    #[test]
    fn neurons_that_vary_in_one_part_only_are_left_out() {
        let single: Vec<f64> = (0..20).map(|i| if i == 4 { 1.0 } else { 0.2 }).collect();
        let other = noise(20, 1, 8);
        let x = side("x", 1, other.clone());
        let both = side("both", 2, single.iter().zip(&other).flat_map(|(s, o)| [*s, *o]).collect());
        let value = PairwiseMatchCv::default().compare(&Pair::new(&x, &both).unwrap()).unwrap();
        assert!((value - 1.0).abs() < 1e-12, "{value}");
        let pair = Pair::new(&x, &side("single", 1, single)).unwrap();
        let error = PairwiseMatchCv::default().compare(&pair).unwrap_err().to_string();
        assert!(error.contains("no neuron of `single` varies"), "{error}");
    }

    #[test]
    fn a_fold_needs_three_inputs() {
        let x = side("x", 1, noise(14, 1, 9));
        let error = PairwiseMatchCv::default().compare(&Pair::new(&x, &x).unwrap()).unwrap_err();
        assert_eq!(error, Error::TooFewSamples { needed: 15, got: 14 });
    }
}
