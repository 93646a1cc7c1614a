#![doc = include_str!("pnka.md")]

use crate::linalg::{Matrix, dot, multiply, row_products};
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Error, Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// Inputs that are multiplied at a time.
const BLOCK: usize = 1024;

/// Pointwise normalised kernel alignment.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pnka {}

/// What every input contributes.
#[derive(Debug, Clone, PartialEq)]
pub struct PointwiseCosines {
    cosines: Vec<Option<f64>>,
    /// `K_ii / ‖K_i‖` of both sides: how much of an input's likeness is that with itself.
    shares: [Vec<f64>; 2],
}

impl PointwiseCosines {
    /// The cosine of every input; `None` for one that lies at the mean of all inputs on either side.
    pub fn cosines(&self) -> &[Option<f64>] {
        &self.cosines
    }

    /// How many inputs have none.
    pub fn omitted(&self) -> usize {
        self.cosines.iter().filter(|cosine| cosine.is_none()).count()
    }

    /// The mean of those that have one, if there are any.
    pub fn mean(&self) -> Option<f64> {
        let defined = || self.cosines.iter().flatten();
        (defined().count() > 0).then(|| defined().sum::<f64>() / defined().count() as f64)
    }
}

/// One side in coordinates of which there are no more than inputs, and of a size whose fourth powers exist.
struct Side {
    moderate: Representation,
    compact: Representation,
}

impl Side {
    fn of(side: &Representation) -> Result<Self> {
        side.rows()?;
        let moderate = side.moderate()?;
        Ok(Self { compact: moderate.compact()?.clone(), moderate })
    }

    /// Whether an input is apart from the mean by more than rounding.
    fn is_apart(&self, i: usize) -> Result<bool> {
        let mean = self.moderate.mean();
        Ok(self.moderate.row_norms()?[i] > dot(mean, mean) * (8.0 * f64::EPSILON).powi(2))
    }
}

impl Pnka {
    /// The cosine of every input.
    ///
    /// # Errors
    /// As [`Measure::compare`].
    pub fn rows(&self, pair: &Pair) -> Result<PointwiseCosines> {
        let (x, y) = (Side::of(pair.x())?, Side::of(pair.y())?);
        pair.at_least(3)?;
        // The same pair if nothing had to be done to its sides, because that keeps what it computes.
        let as_it_is = x.compact.is_same(pair.x()) && y.compact.is_same(pair.y());
        let made = if as_it_is { None } else { Some(Pair::new(&x.compact, &y.compact)?) };
        let cross = made.as_ref().unwrap_or(pair).cross_scatter()?;
        let (scatter_x, scatter_y) = (x.compact.scatter()?, y.compact.scatter()?);
        let mut found = PointwiseCosines { cosines: Vec::new(), shares: [Vec::new(), Vec::new()] };
        for start in (0..pair.n()).step_by(BLOCK) {
            let range = start..(start + BLOCK).min(pair.n());
            let block = |side: &Side| side.compact.shifted_rows(range.clone(), side.compact.mean());
            let (a, b) = (block(&x)?, block(&y)?);
            // K_i · L_i = x_i (XᵀY) y_i: no matrix of inputs is needed.
            let of = |a: &Matrix, m: &Matrix, b: &Matrix| row_products(&multiply(a, m), b);
            let inner = of(&a, cross, &b);
            let (own_x, own_y) = (of(&a, scatter_x, &a), of(&b, scatter_y, &b));
            for (i, ((inner, own_x), own_y)) in range.zip(inner.into_iter().zip(own_x).zip(own_y)) {
                let apart = x.is_apart(i)? && y.is_apart(i)?;
                let cosine = (inner / own_x.sqrt() / own_y.sqrt()).clamp(-1.0, 1.0);
                found.cosines.push(apart.then_some(cosine));
                for (shares, side, own) in [(0, &x, own_x), (1, &y, own_y)] {
                    if apart {
                        found.shares[shares].push(side.moderate.row_norms()?[i] / own.sqrt());
                    }
                }
            }
        }
        Ok(found)
    }
}

impl Measure for Pnka {
    const INFO: Info = Info {
        id: "pnka",
        title: "Pointwise normalised kernel alignment",
        family: Family::Kernel,
        formula: "mean over inputs of cos(K_i, L_i), rows of the centred Gram matrices",
        reference: "Kolling, Speicher, Nanda, Toneva & Gummadi 2023, arXiv:2305.19294",
        options: &[],
        doc: include_str!("pnka.md"),
    };

    fn properties(&self) -> Properties {
        let rigid = Invariance::ORTHOGONAL | Invariance::SCALE | Invariance::TRANSLATION;
        Properties {
            kind: Kind::Similarity,
            range: (-1.0, 1.0),
            identity: Some(1.0),
            symmetric: true,
            metric: false,
            aligned: true,
            invariance: Sides::both(rigid),
            needs: Needs::ROWS | Needs::COMPACT,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        self.rows(pair)?.mean().ok_or_else(|| {
            Error::undefined(format!(
                "every input lies at the mean of all in `{}` or in `{}`",
                pair.x().name(),
                pair.y().name()
            ))
        })
    }

    /// If input i of x meets input k of y, the others meet in all orders: `K_ii L_kk + (−K_ii)(−L_kk) / (n − 1)` on
    /// average, because rows of centred matrices sum to 0.
    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        let rows = self.rows(pair)?;
        // Inputs at the mean are omitted by other partners in other orders.
        if rows.omitted() > 0 {
            return Ok(None);
        }
        let n = pair.n() as f64;
        let [x, y] = rows.shares.map(|shares| shares.iter().sum::<f64>() / n);
        Ok(Some(n / (n - 1.0) * x * y))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(name: &str, d: usize, values: Vec<f64>) -> Representation {
        Representation::from_f64(name, values.len() / d, d, values).unwrap()
    }

    /// x = −1, 0, 1 has an input at its mean; the others have rows ∓(−1, 0, 1), and of y = −2, 1, 1 rows ∓(−2, 1, 1):
    /// cosines (2 + 1) / √2 / √6.
    #[test]
    fn an_input_at_the_mean_is_left_out() {
        let (x, y) = (side("x", 1, vec![-1., 0., 1.]), side("y", 1, vec![-2., 1., 1.]));
        let pair = Pair::new(&x, &y).unwrap();
        let rows = Pnka {}.rows(&pair).unwrap();
        assert_eq!((rows.omitted(), rows.cosines()[1]), (1, None));
        assert!((rows.mean().unwrap() - 3.0 / 12f64.sqrt()).abs() < 1e-14);
        assert_eq!(Pnka {}.chance(&pair).unwrap(), None);
    }

    #[test]
    fn the_cosines_are_those_of_rows_of_gram_matrices() {
        let value = |k: usize, step: usize| ((k * k * step + 5 * k) % 23) as f64 + 40.0;
        for (d_x, d_y) in [(3, 4), (11, 2), (12, 10)] {
            let n = 7;
            let x = side("x", d_x, (0..n * d_x).map(|k| value(k, 3)).collect());
            let y = side("y", d_y, (0..n * d_y).map(|k| value(k, 7)).collect());
            let gram = |side: &Representation| {
                let rows = side.centred_matrix().unwrap();
                Matrix::from_fn(n, n, |i, j| (0..side.d()).map(|c| rows[(i, c)] * rows[(j, c)]).sum())
            };
            let (k, l) = (gram(&x), gram(&y));
            let rows = Pnka {}.rows(&Pair::new(&x, &y).unwrap()).unwrap();
            for i in 0..n {
                let (a, b) = (k.column(i), l.column(i));
                let expected = dot(a, b) / (dot(a, a) * dot(b, b)).sqrt();
                assert!((rows.cosines()[i].unwrap() - expected).abs() < 1e-12);
            }
        }
    }

    /// Rows of K and L have one direction each, so two inputs tell nothing.
    #[test]
    fn two_inputs_are_too_few() {
        let pair = Pair::new(&side("x", 1, vec![1., 2.]), &side("y", 1, vec![5., 1.])).unwrap();
        assert_eq!(Pnka {}.compare(&pair), Err(Error::TooFewSamples { needed: 3, got: 2 }));
    }

    #[test]
    fn inputs_that_are_never_apart_together_are_undefined() {
        let x = side("left", 1, vec![1., -1., 0., 0.]);
        let y = side("right", 1, vec![0., 0., 1., -1.]);
        let error = Pnka {}.compare(&Pair::new(&x, &y).unwrap()).unwrap_err().to_string();
        assert!(error.contains("`left`") && error.contains("`right`"), "{error}");
    }
}
