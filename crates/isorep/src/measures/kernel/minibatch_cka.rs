#![doc = include_str!("minibatch_cka.md")]

use super::cka::{cosine, length};
use super::{Estimator, Kernel};
use crate::linalg::each;
use crate::measure::{Family, Info, Kind, Measure, Needs, Properties, Sides};
use crate::{Pair, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Range;

/// CKA from sums of unbiased HSIC over minibatches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MinibatchCka {
    /// How many consecutive inputs make a batch.
    pub batch: BatchSize,
}

/// How many inputs make a batch: 4 or more, 256 by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "usize", into = "usize")]
pub struct BatchSize(usize);

/// Fewest inputs of which the estimate exists.
const LEAST: usize = 4;

impl BatchSize {
    /// `None` below 4.
    pub const fn new(size: usize) -> Option<Self> {
        if size >= LEAST { Some(Self(size)) } else { None }
    }

    /// As a plain number.
    pub const fn get(self) -> usize {
        self.0
    }

    /// The inputs of every batch; fewer than 4 that are left over at the end are not used.
    fn batches(self, n: usize) -> Vec<Range<usize>> {
        let batch = |start: usize| start..(start + self.0).min(n);
        (0..n).step_by(self.0).map(batch).filter(|batch| batch.len() >= LEAST).collect()
    }
}

impl Default for BatchSize {
    fn default() -> Self {
        Self(256)
    }
}

impl TryFrom<usize> for BatchSize {
    type Error = String;

    fn try_from(size: usize) -> Result<Self, String> {
        Self::new(size).ok_or_else(|| format!("a batch must have at least {LEAST} inputs, not {size}"))
    }
}

impl From<BatchSize> for usize {
    fn from(size: BatchSize) -> Self {
        size.0
    }
}

impl fmt::Display for BatchSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Estimates of HSIC, of one batch or summed over batches.
#[derive(Default)]
struct Sums {
    between: f64,
    x: f64,
    y: f64,
    /// Biased estimates, beside which what is only rounding is seen.
    biased: (f64, f64),
}

impl Sums {
    /// A batch in which a side is constant adds nothing: its kernel is zero there.
    fn of(pair: &Pair) -> Result<Self> {
        let n = pair.n();
        let (x, y) = (pair.x().self_terms()?, pair.y().self_terms()?);
        let cross = pair.cross_terms()?;
        Ok(Self {
            between: Estimator::Song.estimate(n, cross.squared_norm, cross.diagonal, x.trace * y.trace),
            x: Estimator::Song.of_terms(n, x),
            y: Estimator::Song.of_terms(n, y),
            biased: (Estimator::Gretton.of_terms(n, x), Estimator::Gretton.of_terms(n, y)),
        })
    }

    fn add(&mut self, other: &Self) {
        self.between += other.between;
        self.x += other.x;
        self.y += other.y;
        self.biased.0 += other.biased.0;
        self.biased.1 += other.biased.1;
    }
}

impl Measure for MinibatchCka {
    const INFO: Info = Info {
        id: "minibatch-cka",
        title: "Minibatch CKA",
        family: Family::Kernel,
        formula: "sum_b HSIC(x_b, y_b) / sqrt(sum_b HSIC(x_b, x_b) sum_b HSIC(y_b, y_b)), unbiased, over batches b",
        reference: "Nguyen, Raghu & Kornblith 2021, arXiv:2010.15327",
        options: &[("batch", "how many consecutive inputs make a batch; 4 or more")],
        doc: include_str!("minibatch_cka.md"),
    };

    fn properties(&self) -> Properties {
        Properties {
            kind: Kind::Similarity,
            range: (-1.0, 1.0),
            identity: Some(1.0),
            symmetric: true,
            metric: false,
            aligned: true,
            invariance: Sides::both(Kernel::Linear.invariance()),
            needs: Needs::ROWS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let (x, y) = (pair.x(), pair.y());
        x.rows()?;
        y.rows()?;
        x.variation()?;
        y.variation()?;
        pair.at_least(LEAST)?;
        let sums = if pair.n() <= self.batch.get() {
            Sums::of(pair)?
        } else {
            let of_batch = |batch: Range<usize>| {
                let inputs: Vec<usize> = batch.collect();
                Sums::of(&Pair::new(&x.select(&inputs)?, &y.select(&inputs)?)?)
            };
            let mut total = Sums::default();
            for sums in each(self.batch.batches(pair.n()), of_batch) {
                total.add(&sums?);
            }
            total
        };
        let lengths = (length(x, sums.x, sums.biased.0)?, length(y, sums.y, sums.biased.1)?);
        Ok(cosine(sums.between, lengths, -1.0))
    }

    /// Whichever inputs of y meet a batch of x, over all orders of them the numerator is 0 on average and the rest stays.
    fn chance(&self, _pair: &Pair) -> Result<Option<f64>> {
        Ok(Some(0.0))
    }

    fn samples() -> Vec<Self> {
        [256, 12].map(|size| Self { batch: BatchSize(size) }).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cka, Hsic, Representation};

    fn side(name: &str, n: usize, step: usize) -> Representation {
        let values = (0..3 * n).map(|k| ((k * k * step + 5 * k) % 23) as f64).collect();
        Representation::from_f64(name, n, 3, values).unwrap()
    }

    fn of(size: usize, pair: &Pair) -> f64 {
        MinibatchCka { batch: BatchSize(size) }.compare(pair).unwrap()
    }

    #[test]
    fn one_batch_is_cka() {
        let pair = Pair::new(&side("x", 20, 3), &side("y", 20, 7)).unwrap();
        assert!((of(20, &pair) - Cka::default().compare(&pair).unwrap()).abs() < 1e-14);
    }

    /// Batches of 8, 8 and 5 of 21 inputs: ratios of sums, not the mean of ratios; 2 left over of 18 are not used.
    #[test]
    fn sums_over_batches_are_taken_before_the_ratio() {
        let (x, y) = (side("x", 21, 3), side("y", 21, 7));
        let pair = Pair::new(&x, &y).unwrap();
        let hsic = |a: &Representation, b: &Representation| -> f64 {
            let of = |batch: Range<usize>| {
                let inputs: Vec<usize> = batch.collect();
                let part = Pair::new(&a.select(&inputs).unwrap(), &b.select(&inputs).unwrap()).unwrap();
                Hsic::default().compare(&part).unwrap()
            };
            [0..8, 8..16, 16..21].into_iter().map(of).sum()
        };
        let expected = hsic(&x, &y) / (hsic(&x, &x) * hsic(&y, &y)).sqrt();
        assert!((of(8, &pair) - expected).abs() < 1e-14);
        let first = |n: usize| {
            let inputs: Vec<usize> = (0..n).collect();
            Pair::new(&x.select(&inputs).unwrap(), &y.select(&inputs).unwrap()).unwrap()
        };
        assert_eq!(of(8, &first(18)), of(8, &first(16)));
    }

    #[test]
    fn a_batch_without_variation_counts_for_nothing() {
        let values = (0..16).map(|i| if i < 8 { 1.0 } else { f64::from(i * i % 7) }).collect();
        let x = Representation::from_f64("x", 16, 1, values).unwrap();
        let y = side("y", 16, 5);
        assert!(of(8, &Pair::new(&x, &y).unwrap()).is_finite());
        let alike = Representation::from_f64("alike", 8, 1, vec![1., 1., 1., 1., 2., 2., 2., 2.]).unwrap();
        let error = MinibatchCka { batch: BatchSize(4) }.compare(&Pair::new(&alike, &alike).unwrap());
        assert!(error.unwrap_err().to_string().contains("`alike`"));
    }

    #[test]
    fn batches_of_three_are_refused() {
        let error = "minibatch-cka(batch=3)".parse::<crate::AnyMeasure>().unwrap_err().to_string();
        assert!(error.contains("at least 4 inputs, not 3"), "{error}");
    }
}
