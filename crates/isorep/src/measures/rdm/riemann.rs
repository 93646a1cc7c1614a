#![doc = include_str!("riemann.md")]

use super::definite::{Yardstick, logarithms, without_constant};
use crate::linalg::{Matrix, multiply_a_at};
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Error, NonNegative, Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// Decompositions take the third power of this many steps.
const MOST: usize = 2048;

/// Which matrices are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DefiniteMatrix {
    /// Covariances of the neurons, d × d: neuron j of both sides must be the same.
    Covariances,
    /// Inner products of the centred inputs, n × n, without the direction that centring takes.
    Grams,
}

/// The affine-invariant Riemannian distance of two positive definite matrices.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Riemann {
    /// Which matrices.
    pub of: DefiniteMatrix,
    /// What is added to their diagonals, as a share of the mean of the diagonal.
    pub regularizer: NonNegative,
}

/// Which setting stands for the measure in lists; not one to use unseen.
impl Default for Riemann {
    fn default() -> Self {
        Self { of: DefiniteMatrix::Grams, regularizer: NonNegative::constant(0.1) }
    }
}

impl Measure for Riemann {
    const INFO: Info = Info {
        id: "riemann",
        title: "Affine-invariant Riemannian distance",
        family: Family::Rdm,
        formula: "sqrt(sum of log^2 of the eigenvalues of inv(A) B)",
        reference: "Pennec, Fillard & Ayache 2006, doi:10.1007/s11263-005-3222-z; Shahbazi et al. 2021, \
                    doi:10.1016/j.neuroimage.2021.118271",
        options: &[
            ("of", "covariances (of neurons, one by one) or grams (inner products of centred inputs)"),
            ("regularizer", "what is added to the diagonal, as a share of its mean: 0 or more"),
        ],
        doc: include_str!("riemann.md"),
    };

    const REQUIRED: &'static [&'static str] = &["of", "regularizer"];

    fn properties(&self) -> Properties {
        let grams = self.of == DefiniteMatrix::Grams;
        Properties {
            kind: Kind::Distance,
            range: (0.0, f64::INFINITY),
            identity: Some(0.0),
            symmetric: true,
            metric: true,
            aligned: grams,
            invariance: Sides::both(if grams {
                Invariance::ORTHOGONAL | Invariance::TRANSLATION
            } else {
                Invariance::TRANSLATION
            }),
            needs: if grams { Needs::FACTOR } else { Needs::EQUAL_WIDTHS },
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        pair.x().variation()?;
        pair.y().variation()?;
        match self.of {
            DefiniteMatrix::Covariances => {
                pair.equal_widths()?;
                self.distance(pair, [covariance(pair.x())?, covariance(pair.y())?], 0.0)
            }
            DefiniteMatrix::Grams => self.of_grams(pair),
        }
    }

    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        // Covariances do not know the order of the inputs.
        Ok(if self.of == DefiniteMatrix::Covariances { Some(self.compare(pair)?) } else { None })
    }

    fn samples() -> Vec<Self> {
        use DefiniteMatrix::{Covariances, Grams};
        [(Grams, 0.1), (Covariances, 0.0), (Covariances, 0.01)]
            .map(|(of, regularizer)| Self { of, regularizer: NonNegative::constant(regularizer) })
            .to_vec()
    }
}

fn covariance(side: &Representation) -> Result<Matrix> {
    let scatter = side.scatter()?;
    let n = side.n() as f64;
    Ok(Matrix::from_fn(side.d(), side.d(), |i, j| scatter[(i, j)] / (n - 1.0)))
}

impl Riemann {
    fn of_grams(&self, pair: &Pair) -> Result<f64> {
        pair.at_least(3)?;
        let n = pair.n();
        if pair.x().is_wide() && pair.y().is_wide() {
            small_enough(n)?;
            let gram = |side: &Representation| -> Result<Matrix> {
                let centred = without_constant(&multiply_a_at(&side.centred_matrix()?));
                Ok(scaled(&centred, side))
            };
            return self.distance(pair, [gram(pair.x())?, gram(pair.y())?], 0.0);
        }
        if self.regularizer.get() == 0.0 {
            let narrow = if pair.x().d() < n - 1 { pair.x() } else { pair.y() };
            return Err(Error::undefined(format!(
                "{n} inputs of `{}` have a Gram matrix of rank {} at most: it is singular without a regularizer",
                narrow.name(),
                narrow.d().min(n - 1)
            )));
        }
        // In coordinates of the joint span; elsewhere both matrices are multiples of the identity.
        if !pair.has_factor() {
            return Err(Error::NeedsFactor { condition: f64::INFINITY });
        }
        let (x, y) = pair.factor()?.neurons(pair.x().d(), true);
        small_enough(x.rows())?;
        let elsewhere = n as f64 - 1.0 - x.rows() as f64;
        let grams = [scaled(&multiply_a_at(&x), pair.x()), scaled(&multiply_a_at(&y), pair.y())];
        self.distance(pair, grams, elsewhere)
    }

    /// Of matrices to whose dimensions as many are to be added (or taken off) in which only the regularizer is left.
    fn distance(&self, pair: &Pair, [mut a, mut b]: [Matrix; 2], elsewhere: f64) -> Result<f64> {
        let size = a.rows() as f64 + elsewhere;
        let added = [&mut a, &mut b].map(|matrix| {
            let mean = (0..matrix.rows()).map(|i| matrix[(i, i)]).sum::<f64>() / size;
            let added = self.regularizer.get() * mean;
            (0..matrix.rows()).for_each(|i| matrix[(i, i)] += added);
            added
        });
        let singular = |side: &Representation| {
            let name = side.name();
            format!(
                "a matrix of `{name}` is singular: its logarithm is infinite; a larger regularizer makes it regular"
            )
        };
        let yardstick = Yardstick::of(&b, || singular(pair.y()))?;
        // Of a itself, since a product of both may hide it.
        Yardstick::of(&a, || singular(pair.x()))?;
        let logs = logarithms(&yardstick.seen(&a))?.ok_or_else(|| Error::undefined(singular(pair.x())))?;
        let alone = if elsewhere == 0.0 { 0.0 } else { (added[0] / added[1]).ln() };
        let squares = logs.iter().map(|log| log * log).sum::<f64>() + elsewhere * alone * alone;
        Ok(squares.max(0.0).sqrt())
    }
}

/// Inner products a neuron.
fn scaled(gram: &Matrix, side: &Representation) -> Matrix {
    let d = side.d() as f64;
    Matrix::from_fn(gram.rows(), gram.columns(), |i, j| gram[(i, j)] / d)
}

fn small_enough(size: usize) -> Result<()> {
    if size <= MOST {
        return Ok(());
    }
    Err(Error::undefined(format!(
        "matrices of {size} rows are too large to be decomposed: {MOST} is the limit"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(of: DefiniteMatrix, regularizer: f64, pair: &Pair) -> Result<f64> {
        Riemann { of, regularizer: NonNegative::constant(regularizer) }.compare(pair)
    }

    fn layer(name: &str, n: usize, d: usize, step: usize) -> Representation {
        let values = (0..n * d).map(|k| f64::from(((k * k * step + k * 131) % 1009) as u32) / 1009.0);
        Representation::from_f64(name, n, d, values.collect()).unwrap()
    }

    /// Neurons that do not vary together, with variances 4 and 1/9 times as large: √(log² 4 + log² 9).
    #[test]
    fn covariances_by_hand() {
        let x = Representation::from_f64("x", 4, 2, vec![1., 1., 1., -1., -1., 1., -1., -1.]).unwrap();
        let third = 1.0 / 3.0;
        let y = Representation::from_f64("y", 4, 2, vec![2., third, 2., -third, -2., third, -2., -third])
            .unwrap();
        let value = of(DefiniteMatrix::Covariances, 0.0, &Pair::new(&x, &y).unwrap()).unwrap();
        assert!((value - (4f64.ln().powi(2) + 9f64.ln().powi(2)).sqrt()).abs() < 1e-13);
    }

    #[test]
    fn grams_are_the_same_in_the_joint_span_as_in_all_directions() {
        let (narrow, wide) = (layer("narrow", 20, 3, 7), layer("wide", 20, 25, 3));
        // Neurons that never vary make it wide.
        let padded: Vec<f64> = (0..20)
            .flat_map(|i| {
                let mut row = vec![0.0; 3];
                narrow.rows().unwrap().read_f64(i..i + 1, &[], &mut row);
                row.resize(24, 0.0);
                row
            })
            .collect();
        let padded = Representation::from_f64("padded", 20, 24, padded).unwrap();
        // The mean of the diagonal is a share of the neurons; what is added is a share of it.
        let value = |x: &Representation| of(DefiniteMatrix::Grams, 0.1, &Pair::new(x, x).unwrap()).unwrap();
        assert!(value(&narrow).abs() < 1e-10 && value(&padded).abs() < 1e-10);
        let other = layer("other", 20, 4, 5);
        let joint = of(DefiniteMatrix::Grams, 0.1, &Pair::new(&narrow, &other).unwrap()).unwrap();
        let widened: Vec<f64> = (0..20)
            .flat_map(|i| {
                let mut row = vec![0.0; 4];
                other.rows().unwrap().read_f64(i..i + 1, &[], &mut row);
                // As many neurons more as on the other side: eight times as wide, so that sizes keep their ratio.
                row.resize(32, 0.0);
                row
            })
            .collect();
        let widened = Representation::from_f64("widened", 20, 32, widened).unwrap();
        let direct = of(DefiniteMatrix::Grams, 0.1, &Pair::new(&padded, &widened).unwrap()).unwrap();
        assert!((joint - direct).abs() < 1e-9, "{joint} {direct}");
        assert!(of(DefiniteMatrix::Grams, 0.0, &Pair::new(&wide, &layer("y", 20, 30, 11)).unwrap()).is_ok());
    }

    #[test]
    fn singular_matrices_are_refused_by_name() {
        let (x, y) = (layer("x", 20, 3, 7), layer("y", 20, 25, 3));
        let reason = of(DefiniteMatrix::Grams, 0.0, &Pair::new(&x, &y).unwrap()).unwrap_err().to_string();
        assert!(reason.contains("`x`") && reason.contains("rank 3"), "{reason}");
        let few = layer("few", 3, 4, 7);
        let reason =
            of(DefiniteMatrix::Covariances, 0.0, &Pair::new(&few, &few).unwrap()).unwrap_err().to_string();
        assert!(reason.contains("`few` is singular"), "{reason}");
    }
}
