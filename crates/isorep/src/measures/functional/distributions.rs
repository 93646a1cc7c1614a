//! Rows of outputs as distributions over the classes, read a block at a time so that no n × C copy is ever made.

use super::classes;
use crate::linalg::row_blocks;
use crate::{Error, Pair, Representation, Result, Rows};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Numbers read at a time, of each side.
const BLOCK: usize = 1 << 15;

/// How far from 1 a sum of probabilities may be, beyond what rounding of the stored format explains.
const TOLERANCE: f64 = 1e-5;

/// What the numbers of both sides are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outputs {
    /// Anything; a softmax makes probabilities of them.
    #[default]
    Logits,
    /// Probabilities already: none negative, and those of an input sum to 1. They are divided by their sum.
    Probabilities,
}

impl Outputs {
    pub(super) const OPTION: (&'static str, &'static str) =
        ("outputs", "logits (a softmax is taken), probabilities (checked): what both sides hold");
}

/// One input's distribution over the classes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Distribution<'a> {
    /// Probabilities.
    pub(super) p: &'a [f64],
    /// Their logarithms; −∞ only for a probability that was given as 0.
    pub(super) log: &'a [f64],
}

/// Visits the distributions of every input, of both sides, and adds what `visit` found block by block in their order.
pub(super) fn fold<T: Send>(
    pair: &Pair,
    outputs: Outputs,
    zero: impl Fn() -> T + Sync,
    visit: impl Fn(&mut T, usize, Distribution<'_>, Distribution<'_>) + Sync,
    mut add: impl FnMut(&mut T, T),
) -> Result<T> {
    let count = classes(pair)?;
    pair.x().variation()?;
    pair.y().variation()?;
    let (x, y) = (Side::of(pair.x(), outputs)?, Side::of(pair.y(), outputs)?);
    let blocks = row_blocks(pair.n(), (BLOCK / count).max(1), |range| {
        let (x, y) = (x.block(range.clone())?, y.block(range.clone())?);
        let mut sum = zero();
        for (k, i) in range.enumerate() {
            visit(&mut sum, i, x.row(k), y.row(k));
        }
        Ok(sum)
    });
    let mut total = zero();
    for block in blocks {
        add(&mut total, block?);
    }
    Ok(total)
}

struct Side<'a> {
    name: &'a str,
    rows: &'a Rows,
    outputs: Outputs,
}

struct Block {
    d: usize,
    p: Vec<f64>,
    log: Vec<f64>,
}

impl Block {
    fn row(&self, k: usize) -> Distribution<'_> {
        let range = k * self.d..(k + 1) * self.d;
        Distribution { p: &self.p[range.clone()], log: &self.log[range] }
    }
}

impl<'a> Side<'a> {
    fn of(side: &'a Representation, outputs: Outputs) -> Result<Self> {
        Ok(Self { name: side.name(), rows: side.rows()?, outputs })
    }

    fn block(&self, range: Range<usize>) -> Result<Block> {
        let d = self.rows.d();
        let mut p = vec![0.0; range.len() * d];
        let mut log = vec![0.0; range.len() * d];
        match self.outputs {
            Outputs::Logits => {
                self.rows.read_f64(range, &[], &mut log);
                for (p, log) in p.chunks_exact_mut(d).zip(log.chunks_exact_mut(d)) {
                    softmax(p, log);
                }
            }
            Outputs::Probabilities => {
                self.rows.read_f64(range.clone(), &[], &mut p);
                for (i, (p, log)) in range.zip(p.chunks_exact_mut(d).zip(log.chunks_exact_mut(d))) {
                    self.check(i, p)?;
                    log.iter_mut().zip(&*p).for_each(|(log, p)| *log = p.ln());
                }
            }
        }
        Ok(Block { d, p, log })
    }

    /// Refuses what is no distribution and divides by the sum what is one up to rounding.
    fn check(&self, input: usize, p: &mut [f64]) -> Result<()> {
        let refuse = |reason: String| Err(Error::NotProbabilities { name: self.name.into(), input, reason });
        if let Some(class) = p.iter().position(|p| *p < 0.0) {
            return refuse(format!("column {class} is {}", p[class]));
        }
        let sum: f64 = p.iter().sum();
        if (sum - 1.0).abs() > TOLERANCE + 4.0 * self.rows.roundoff() {
            return refuse(format!("they sum to {sum}"));
        }
        p.iter_mut().for_each(|p| *p /= sum);
        Ok(())
    }
}

/// Turns logits into logarithms of probabilities and writes these to `p`.
fn softmax(p: &mut [f64], log: &mut [f64]) {
    let largest = log.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    log.iter_mut().for_each(|log| *log -= largest);
    let mut sum = 0.0;
    for (p, log) in p.iter_mut().zip(&*log) {
        *p = log.exp();
        sum += *p;
    }
    let shift = sum.ln();
    p.iter_mut().for_each(|p| *p /= sum);
    log.iter_mut().for_each(|log| *log -= shift);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(values: Vec<f64>) -> Result<f64> {
        let x = Representation::from_f64("x", 2, 2, values).unwrap();
        let y = Representation::from_f64("y", 2, 2, vec![0.5, 0.5, 0.25, 0.75]).unwrap();
        let add = |sum: &mut f64, other: f64| *sum += other;
        let visit = |sum: &mut f64, _, x: Distribution<'_>, _: Distribution<'_>| *sum += x.p[0];
        fold(&Pair::new(&x, &y)?, Outputs::Probabilities, || 0.0, visit, add)
    }

    #[test]
    fn probabilities_are_checked_and_named() {
        assert!((compare(vec![0.2, 0.8, 1.0, 0.0]).unwrap() - 1.2).abs() < 1e-12);
        // Rounding of the stored format is forgiven.
        assert!((compare(vec![0.2 + 1e-6, 0.8, 1.0, 0.0]).unwrap() - 1.2).abs() < 1e-5);
        let error = compare(vec![0.2, 0.8, 1.5, -0.5]).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("input 1 of `x`") && text.contains("column 1 is -0.5"), "{text}");
        let error = compare(vec![0.2, 0.9, 0.5, 0.5]).unwrap_err();
        assert!(error.to_string().contains("input 0 of `x`") && error.hint().is_some(), "{error}");
    }

    #[test]
    fn a_softmax_neither_overflows_nor_loses_small_logarithms() {
        let mut log = [1000.0, 1000.0, -1000.0];
        let mut p = [0.0; 3];
        softmax(&mut p, &mut log);
        assert_eq!(p, [0.5, 0.5, 0.0]);
        assert!((log[2] + 2000.0 + 2f64.ln()).abs() < 1e-9, "{log:?}");
    }
}
