//! What several measures of soft outputs need of a pair, found in one pass over both sides.

use super::distributions::{Distribution, Outputs, fold};
use super::truth;
use crate::{Pair, Result};

/// Means over the inputs, with p of x and q of y.
#[derive(Debug, Clone)]
pub(crate) struct SoftTerms {
    /// Mean of Σ p q: how often draws from both agree.
    pub(super) agreement: f64,
    /// Mean of ½ Σ |p − q|.
    pub(super) total_variation: f64,
    /// Mean of √Σ (p − q)².
    pub(super) euclidean: f64,
    /// Mean of Σ (p − q)².
    pub(super) squared: f64,
    /// Mean of ½ Σ (p − q)(ln p − ln q).
    pub(super) divergence: f64,
    /// The first probability of 0 opposite one that is not: it makes the divergence infinite.
    pub(super) zero: Option<Zero>,
    /// Of what x and y give to the true class; 0 if it is not known.
    pub(super) right: (f64, f64),
    /// Of x alone.
    pub(super) x: Marginals,
    /// Of y alone.
    pub(super) y: Marginals,
}

/// Where a probability is 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct Zero {
    pub(super) in_x: bool,
    pub(super) input: usize,
    pub(super) class: usize,
}

/// Means over the inputs of one side, from which means over permuted inputs follow.
#[derive(Debug, Clone)]
pub(super) struct Marginals {
    /// Of p, a class each.
    pub(super) p: Vec<f64>,
    /// Of ln p, a class each; −∞ if one is 0.
    pub(super) log: Vec<f64>,
    /// Of Σ p ln p.
    pub(super) negative_entropy: f64,
    /// Of Σ p².
    pub(super) squared: f64,
}

impl SoftTerms {
    pub(crate) fn of(pair: &Pair, outputs: Outputs) -> Result<Self> {
        let truth = truth(pair).ok();
        let visit = |sum: &mut Self, input: usize, x: Distribution<'_>, y: Distribution<'_>| {
            sum.visit(input, x, y);
            if let Some(truth) = truth {
                sum.right.0 += x.p[truth[input]];
                sum.right.1 += y.p[truth[input]];
            }
        };
        let zero = || Self::zero(pair.x().d());
        let mut terms = fold(pair, outputs, zero, visit, Self::add)?;
        let share = 1.0 / pair.n() as f64;
        terms.numbers().into_iter().for_each(|number| *number *= share);
        Ok(terms)
    }

    fn zero(classes: usize) -> Self {
        let side = || Marginals {
            p: vec![0.0; classes],
            log: vec![0.0; classes],
            negative_entropy: 0.0,
            squared: 0.0,
        };
        Self {
            agreement: 0.0,
            total_variation: 0.0,
            euclidean: 0.0,
            squared: 0.0,
            divergence: 0.0,
            zero: None,
            right: (0.0, 0.0),
            x: side(),
            y: side(),
        }
    }

    fn visit(&mut self, input: usize, x: Distribution<'_>, y: Distribution<'_>) {
        let mut squared = 0.0;
        let mut absolute = 0.0;
        for (class, (p, q)) in x.p.iter().zip(y.p).enumerate() {
            self.agreement += p * q;
            absolute += (p - q).abs();
            squared += (p - q) * (p - q);
            let (log_p, log_q) = (x.log[class], y.log[class]);
            if log_p.is_finite() && log_q.is_finite() {
                self.divergence += 0.5 * (p - q) * (log_p - log_q);
            } else if log_p != log_q && self.zero.is_none() {
                self.zero = Some(Zero { in_x: !log_p.is_finite(), input, class });
            }
        }
        self.total_variation += 0.5 * absolute;
        self.euclidean += squared.sqrt();
        self.squared += squared;
        self.x.visit(x);
        self.y.visit(y);
    }

    fn add(&mut self, mut other: Self) {
        for (sum, other) in self.numbers().into_iter().zip(other.numbers()) {
            *sum += *other;
        }
        self.zero = self.zero.or(other.zero);
    }

    /// Everything that is a sum over inputs, in a fixed order.
    fn numbers(&mut self) -> Vec<&mut f64> {
        let Self { agreement, total_variation, euclidean, squared, divergence, right, x, y, .. } = self;
        let (right_x, right_y) = right;
        let mut numbers = vec![agreement, total_variation, euclidean, squared, divergence, right_x, right_y];
        for side in [x, y] {
            let Marginals { p, log, negative_entropy, squared } = side;
            numbers.extend([negative_entropy, squared]);
            numbers.extend(p.iter_mut().chain(log));
        }
        numbers
    }
}

impl Marginals {
    fn visit(&mut self, row: Distribution<'_>) {
        for (class, (p, log)) in row.p.iter().zip(row.log).enumerate() {
            self.p[class] += p;
            self.log[class] += log;
            self.squared += p * p;
            // A probability of 0 has no surprise, however large its logarithm.
            if *p > 0.0 {
                self.negative_entropy += p * log;
            }
        }
    }
}
