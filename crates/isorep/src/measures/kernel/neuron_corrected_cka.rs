#![doc = include_str!("neuron_corrected_cka.md")]

use super::hsic::ROUNDING;
use super::{Estimator, Kernel};
use crate::linalg::{Precision, gram, squared_norm};
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Error, Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// CKA between populations of neurons of which both sides are samples.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NeuronCorrectedCka {}

/// Sums over all ordered pairs of different neurons of one side: what HSIC of the whole kernel holds besides that of every
/// neuron with itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct NeuronPairs {
    /// Σ ⟨x_a, x_b⟩².
    product: f64,
    /// Σ over inputs of x_ia² x_ib².
    diagonal: f64,
    /// Σ ‖x_a‖² ‖x_b‖².
    traces: f64,
}

/// Twice the sum of the products of any two numbers. None is taken off the square of their sum, so nothing cancels if one
/// of them is large.
#[derive(Default)]
struct Products {
    sum: f64,
    products: f64,
}

impl Products {
    fn of(values: impl Iterator<Item = f64>) -> f64 {
        let mut all = Self::default();
        for value in values {
            all.products += value * all.sum;
            all.sum += value;
        }
        2.0 * all.products
    }
}

impl NeuronPairs {
    pub(crate) fn of(side: &Representation) -> Result<Self> {
        let rows = side.rows()?;
        side.variation()?;
        let squares = side.neuron_variation()?;
        let product = if side.is_wide() {
            // d × d would be the larger matrix; of many neurons no single one is most of the sum.
            let own: f64 = squares.iter().map(|square| square * square).sum();
            let centred = side.centred()?;
            let whole = match Precision::for_score(&[rows]) {
                Precision::Single => squared_norm(&gram(centred, Precision::Double)),
                Precision::Double => squared_norm(side.gram()?),
            };
            whole - own
        } else {
            let scatter = side.scatter()?;
            let above = |j: usize| scatter.column(j)[..j].iter().map(|v| v * v).sum::<f64>();
            2.0 * (0..side.d()).map(above).sum::<f64>()
        };
        let mut row = vec![0.0; side.d()];
        let of_input = |i: usize| {
            rows.read_f64(i..i + 1, side.mean(), &mut row);
            Products::of(row.iter().map(|v| v * v))
        };
        let diagonal = (0..side.n()).map(of_input).sum();
        Ok(Self { product, diagonal, traces: Products::of(squares.iter().copied()) })
    }
}

/// The length of the population's kernel, as far as d of its neurons tell, times d.
fn length(side: &Representation) -> Result<f64> {
    let (n, d) = (side.n(), side.d() as f64);
    side.variation()?;
    if side.d() < 2 {
        return Err(Error::undefined(format!(
            "`{}` has one neuron, which says nothing about how neurons differ",
            side.name()
        )));
    }
    let pairs = side.neuron_pairs()?;
    let own = Estimator::Song.estimate(n, pairs.product, pairs.diagonal, pairs.traces);
    let biased = Estimator::Gretton.of_terms(n, side.self_terms()?);
    if own > ROUNDING * biased {
        return Ok((d / (d - 1.0) * own).sqrt());
    }
    Err(Error::undefined(format!(
        "different neurons of `{}` have no likeness of the inputs in common: the estimate of its HSIC is not above 0",
        side.name()
    )))
}

impl Measure for NeuronCorrectedCka {
    const INFO: Info = Info {
        id: "neuron-corrected-cka",
        title: "CKA corrected for sampled inputs and neurons",
        family: Family::Kernel,
        formula: "HSIC(x, y) / sqrt(H(x) H(y)), H(x) = d / (d - 1) sum over a ≠ b of HSIC(x_a, x_b), unbiased",
        reference: "Chun, Canatar, Chung & Lee 2025, arXiv:2502.15104",
        options: &[],
        doc: include_str!("neuron_corrected_cka.md"),
    };

    fn properties(&self) -> Properties {
        Properties {
            kind: Kind::Similarity,
            range: (f64::NEG_INFINITY, f64::INFINITY),
            identity: None,
            symmetric: true,
            metric: false,
            aligned: true,
            invariance: Sides::both(Invariance::PERMUTATION | Invariance::SCALE | Invariance::TRANSLATION),
            needs: Needs::ROWS | Needs::SELF_TERMS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        pair.x().rows()?;
        pair.y().rows()?;
        let between = Estimator::Song.of_pair(pair, Kernel::Linear)?;
        // No cosine, so it may exceed 1.
        Ok(between / length(pair.x())? / length(pair.y())?)
    }

    fn chance(&self, _pair: &Pair) -> Result<Option<f64>> {
        Ok(Some(0.0))
    }

    fn prepare(&self, side: &Representation) -> Result<()> {
        side.neuron_pairs().map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cka, Hsic};

    fn side(name: &str, n: usize, d: usize, step: usize) -> Representation {
        let values = (0..d * n).map(|k| ((k * k * step + 5 * k) % 23) as f64).collect();
        Representation::from_f64(name, n, d, values).unwrap()
    }

    fn neuron(x: &Representation, a: usize) -> Representation {
        let rows = x.shifted_matrix(&[]).unwrap();
        Representation::from_f64("neuron", x.n(), 1, rows.column(a).to_vec()).unwrap()
    }

    /// The definition: every pair of different neurons is a pair of representations.
    #[test]
    fn lengths_are_sums_over_pairs_of_neurons() {
        for (n, d) in [(12, 4), (6, 9)] {
            let (x, y) = (side("x", n, d, 3), side("y", n, 3, 7));
            let hsic = |a: &Representation, b: &Representation| {
                Hsic::default().compare(&Pair::new(a, b).unwrap()).unwrap()
            };
            let length = |x: &Representation| {
                let d = x.d();
                let mut sum = 0.0;
                for (a, b) in (0..d).flat_map(|a| (0..d).map(move |b| (a, b))).filter(|(a, b)| a != b) {
                    sum += hsic(&neuron(x, a), &neuron(x, b));
                }
                d as f64 / (d as f64 - 1.0) * sum
            };
            let expected = hsic(&x, &y) / (length(&x) * length(&y)).sqrt();
            let value = NeuronCorrectedCka {}.compare(&Pair::new(&x, &y).unwrap());
            match value {
                Ok(value) => assert!((value - expected).abs() < 1e-12, "{value} {expected}"),
                Err(_) => assert!(length(&x) <= 0.0 || length(&y) <= 0.0),
            }
        }
    }

    /// Two copies of one neuron: d / (d − 1) times two of the four equal terms is all four, and the value is that of CKA.
    #[test]
    fn copies_of_one_neuron_are_the_population() {
        let one = neuron(&side("x", 10, 3, 3), 0);
        let values: Vec<f64> = one.shifted_matrix(&[]).unwrap().values().to_vec();
        let twice = Representation::from_f64("twice", 10, 2, values.iter().flat_map(|v| [*v, *v]).collect());
        let pair = Pair::new(&twice.unwrap(), &twice_of(&side("y", 10, 2, 7))).unwrap();
        let value = NeuronCorrectedCka {}.compare(&pair).unwrap();
        assert!((value - Cka::default().compare(&pair).unwrap()).abs() < 1e-12);
    }

    fn twice_of(y: &Representation) -> Representation {
        let values: Vec<f64> = neuron(y, 0).shifted_matrix(&[]).unwrap().values().to_vec();
        Representation::from_f64("y", y.n(), 2, values.iter().flat_map(|v| [*v, *v]).collect()).unwrap()
    }

    #[test]
    fn what_no_two_neurons_share_is_undefined() {
        let y = side("y", 10, 3, 7);
        let one = neuron(&y, 0);
        let error = NeuronCorrectedCka {}.compare(&Pair::new(&one, &y).unwrap()).unwrap_err().to_string();
        assert!(error.contains("`neuron` has one neuron"), "{error}");
        // Orthogonal neurons of the same inputs: product 0, diagonal 8, traces 32, so −8 · 5/3 + 32 / 12 < 0.
        let values = vec![1., 1., -1., 1., 1., -1., -1., -1., 0., 0.];
        let apart = Representation::from_f64("apart", 5, 2, values).unwrap();
        let y = side("y", 5, 3, 7);
        let error = NeuronCorrectedCka {}.compare(&Pair::new(&apart, &y).unwrap()).unwrap_err().to_string();
        assert!(error.contains("`apart`") && error.contains("not above 0"), "{error}");
    }
}
