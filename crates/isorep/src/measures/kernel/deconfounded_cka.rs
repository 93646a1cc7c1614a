#![doc = include_str!("deconfounded_cka.md")]

use super::Estimator;
use super::cka::{cosine, length};
use super::hsic::ROUNDING;
use crate::factor::Factor;
use crate::linalg::{Eigen, Matrix, dot, multiply_a_at, multiply_at_b, squared_norm};
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Error, Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// CKA of what the likeness of the raw inputs leaves unexplained.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeconfoundedCka {
    /// Which matrices are compared.
    pub estimator: ResidualEstimator,
}

/// What the regression leaves, and in which inner product it is found and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResidualEstimator {
    /// U-centred matrices, as in the unbiased HSIC.
    #[default]
    Song,
    /// Centred matrices.
    Gretton,
    /// Centred matrices; what is left of them without its negative eigenvalues, as in the paper.
    Positive,
}

/// A side of which less than this share is left needs more digits than single-precision products have.
const DELICATE: f64 = 0.1;

/// Estimates of HSIC between the sides and the raw input.
struct Products {
    between: f64,
    x: Against,
    y: Against,
    input: f64,
}

/// HSIC of a side with itself and with the raw input.
struct Against {
    own: f64,
    input: f64,
}

impl Products {
    fn of(pair: &Pair, input: &Representation, estimator: Estimator) -> Result<Self> {
        let n = pair.n();
        let own = |side: &Representation| {
            let terms = side.self_terms()?;
            let own = estimator.of_terms(n, terms);
            length(side, own, Estimator::Gretton.of_terms(n, terms))?;
            Ok::<_, Error>(own)
        };
        let between = |pair: &Pair| estimator.of_pair(pair, super::Kernel::Linear);
        let against = |side: &Representation| {
            Ok::<_, Error>(Against { own: own(side)?, input: between(&Pair::new(side, input)?)? })
        };
        Ok(Self { between: between(pair)?, x: against(pair.x())?, y: against(pair.y())?, input: own(input)? })
    }

    /// What is left of HSIC between the sides.
    fn left_between(&self) -> f64 {
        self.between - self.x.input * (self.y.input / self.input)
    }
}

impl Against {
    /// The share of the side's kernel that the input does not explain.
    fn left(&self, input: f64) -> f64 {
        1.0 - (self.input / self.own) * (self.input / input)
    }
}

impl DeconfoundedCka {
    fn by_products(pair: &Pair, input: &Representation, estimator: Estimator) -> Result<f64> {
        let mut products = Products::of(pair, input, estimator)?;
        let single = |side: &Representation| side.roundoff() > f64::EPSILON;
        let sides = [pair.x(), pair.y(), input];
        let least = products.x.left(products.input).min(products.y.left(products.input));
        if least < DELICATE && sides.into_iter().any(single) {
            let [x, y, input] = sides.map(widened);
            products = Products::of(&Pair::new(&x?, &y?)?, &input?, estimator)?;
        }
        let length = |side: &Representation, against: &Against| {
            let left = against.left(products.input);
            if left > ROUNDING { Ok((left * against.own).sqrt()) } else { Err(nothing_left(side, input)) }
        };
        let lengths = (length(pair.x(), &products.x)?, length(pair.y(), &products.y)?);
        Ok(cosine(products.left_between(), lengths, -1.0))
    }

    /// All matrices of inputs in an orthonormal basis of what the sides and the raw input span.
    fn by_eigenvalues(pair: &Pair, input: &Representation) -> Result<f64> {
        let compact = |side: &Representation| Ok::<_, Error>(side.moderate()?.compact()?.clone());
        let sides = [compact(pair.x())?, compact(pair.y())?, compact(input)?];
        let r = Factor::of_sides(&sides.each_ref())?.r;
        let mut start = 0;
        let kernels = sides.each_ref().map(|side| {
            let columns = start..start + side.d();
            start = columns.end;
            let values = columns.flat_map(|j| r.column(j)).copied().collect();
            let mut kernel = multiply_a_at(&Matrix::from_columns(r.rows(), side.d(), values));
            let length = squared_norm(&kernel).sqrt();
            kernel.values_mut().iter_mut().for_each(|v| *v /= length);
            kernel
        });
        let [x, y, input_kernel] = &kernels;
        let left = |kernel: &Matrix, side: &Representation| {
            let alpha = dot(kernel.values(), input_kernel.values());
            let difference = kernel.values().iter().zip(input_kernel.values()).map(|(k, z)| k - alpha * z);
            let difference = Matrix::from_columns(r.rows(), r.rows(), difference.collect());
            let eigen = Eigen::of(&difference)?;
            let positive: Vec<f64> = eigen.values.iter().copied().filter(|value| *value > 0.0).collect();
            let square = dot(&positive, &positive);
            // All lengths were 1.
            if square <= ROUNDING {
                return Err(nothing_left(side, input));
            }
            let kept: Vec<usize> = (0..eigen.values.len()).filter(|j| eigen.values[*j] > 0.0).collect();
            let neuron = |j: usize| {
                let root = eigen.values[j].sqrt();
                eigen.vectors.column(j).iter().map(move |v| v * root)
            };
            let neurons: Vec<f64> = kept.iter().copied().flat_map(neuron).collect();
            Ok::<_, Error>((Matrix::from_columns(r.rows(), kept.len(), neurons), square.sqrt()))
        };
        let ((x, length_x), (y, length_y)) = (left(x, pair.x())?, left(y, pair.y())?);
        Ok(cosine(squared_norm(&multiply_at_b(&x, &y)), (length_x, length_y), 0.0))
    }
}

fn nothing_left(side: &Representation, input: &Representation) -> Error {
    Error::undefined(format!(
        "inputs are alike in `{}` as they are in `{}`: nothing is left once that is taken off",
        side.name(),
        input.name()
    ))
}

/// The same numbers in double precision.
fn widened(side: &Representation) -> Result<Representation> {
    let mut values = vec![0.0; side.n() * side.d()];
    side.rows()?.read_f64(0..side.n(), &[], &mut values);
    Representation::from_f64(side.name(), side.n(), side.d(), values)
}

impl Measure for DeconfoundedCka {
    const INFO: Info = Info {
        id: "deconfounded-cka",
        title: "Deconfounded CKA",
        family: Family::Kernel,
        formula: "CKA of K - a K0 and L - b K0, K0 the centred Gram matrix of the raw input, a and b by least squares",
        reference: "Cui, Kumar, Marttinen & Kaski 2022, arXiv:2202.00095; Székely & Rizzo 2014, arXiv:1310.2926",
        options: &[(
            "estimator",
            "song (U-centred matrices), gretton (centred), positive (centred, then without negative eigenvalues)",
        )],
        doc: include_str!("deconfounded_cka.md"),
    };

    fn properties(&self) -> Properties {
        let low = if self.estimator == ResidualEstimator::Positive { 0.0 } else { -1.0 };
        let rigid = Invariance::ORTHOGONAL | Invariance::SCALE | Invariance::TRANSLATION;
        Properties {
            kind: Kind::Similarity,
            range: (low, 1.0),
            identity: Some(1.0),
            symmetric: true,
            metric: false,
            aligned: true,
            invariance: Sides::both(rigid),
            needs: Needs::ROWS | Needs::SELF_TERMS | Needs::INPUT,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        pair.x().rows()?;
        pair.y().rows()?;
        pair.x().variation()?;
        pair.y().variation()?;
        let input = pair.context().input()?;
        match self.estimator {
            ResidualEstimator::Song => Self::by_products(pair, input, Estimator::Song),
            ResidualEstimator::Gretton => Self::by_products(pair, input, Estimator::Gretton),
            ResidualEstimator::Positive => Self::by_eigenvalues(pair, input),
        }
    }

    fn samples() -> Vec<Self> {
        [ResidualEstimator::Song, ResidualEstimator::Gretton, ResidualEstimator::Positive]
            .map(|estimator| Self { estimator })
            .to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cka, Context};

    const ALL: [ResidualEstimator; 3] =
        [ResidualEstimator::Song, ResidualEstimator::Gretton, ResidualEstimator::Positive];

    fn side(name: &str, d: usize, values: Vec<f64>) -> Representation {
        Representation::from_f64(name, values.len() / d, d, values).unwrap()
    }

    fn value(
        x: &Representation,
        y: &Representation,
        z: &Representation,
        e: ResidualEstimator,
    ) -> Result<f64> {
        let context = Context::default().with_input(z.clone());
        DeconfoundedCka { estimator: e }.compare(&Pair::new(x, y).unwrap().with_context(context).unwrap())
    }

    fn sample(name: &str, n: usize, d: usize, step: usize) -> Representation {
        side(name, d, (0..d * n).map(|k| ((k * k * step + 5 * k) % 23) as f64).collect())
    }

    /// Orthogonal axes a, b, c of equal length, z = a, x = (a, b), y = (a, c): with kernels A, B, C of length 1 `K = A + B`,
    /// α = 1, and B is left of x, C of y: 0, where biased CKA of x and y is 1/2.
    #[test]
    fn what_comes_from_the_input_is_gone() {
        let (a, b, c) = ([1., 1., -1., -1.], [1., -1., 1., -1.], [1., -1., -1., 1.]);
        let both = |s: [f64; 4], t: [f64; 4]| s.into_iter().zip(t).flat_map(|(s, t)| [s, t]).collect();
        let (x, y, z) = (side("x", 2, both(a, b)), side("y", 2, both(a, c)), side("z", 1, a.to_vec()));
        for estimator in [ResidualEstimator::Gretton, ResidualEstimator::Positive] {
            assert!(value(&x, &y, &z, estimator).unwrap().abs() < 1e-14);
            assert!((value(&x, &x, &z, estimator).unwrap() - 1.0).abs() < 1e-14);
        }
        let cka = Cka { estimator: Estimator::Gretton, ..Cka::default() };
        assert!((cka.compare(&Pair::new(&x, &y).unwrap()).unwrap() - 0.5).abs() < 1e-14);
    }

    /// z = (a, b) with kernel (A + B) / √2 up to a factor, x = (a, c), y = (a, 2 b): α = 1/2 gives `A/2 − B/2 + C` for x,
    /// and α = (1 + 4)/2 gives `−3/2 A + 3/2 B` for y. As they are ⟨,⟩ = −3/2 and lengths √1.5, √4.5; without negative
    /// eigenvalues `A/2 + C` and `3/2 B`, which share nothing.
    #[test]
    fn negative_eigenvalues_by_hand() {
        let (a, b, c) = ([1., 1., -1., -1.], [1., -1., 1., -1.], [1., -1., -1., 1.]);
        let both = |s: [f64; 4], t: [f64; 4], by: f64| {
            s.into_iter().zip(t).flat_map(|(s, t)| [s, by * t]).collect::<Vec<_>>()
        };
        let x = side("x", 2, both(a, c, 1.0));
        let (y, z) = (side("y", 2, both(a, b, 2.0)), side("z", 2, both(a, b, 1.0)));
        let expected = -1.5 / (1.5f64 * 4.5).sqrt();
        assert!((value(&x, &y, &z, ResidualEstimator::Gretton).unwrap() - expected).abs() < 1e-14);
        assert!(value(&x, &y, &z, ResidualEstimator::Positive).unwrap().abs() < 1e-14);
    }

    /// The partial correlation of three numbers of `cka`.
    #[test]
    fn the_unbiased_form_is_a_partial_correlation_of_cka() {
        let (x, y, z) = (sample("x", 15, 3, 3), sample("y", 15, 4, 7), sample("z", 15, 2, 11));
        let cka = |a: &Representation, b: &Representation| {
            Cka::default().compare(&Pair::new(a, b).unwrap()).unwrap()
        };
        let (xy, xz, yz) = (cka(&x, &y), cka(&x, &z), cka(&y, &z));
        let expected = (xy - xz * yz) / ((1.0 - xz * xz) * (1.0 - yz * yz)).sqrt();
        let got = value(&x, &y, &z, ResidualEstimator::Song).unwrap();
        assert!((got - expected).abs() < 1e-12, "{got} {expected}");
    }

    /// Wide sides take another way to the same matrices.
    #[test]
    fn more_neurons_than_inputs_change_nothing() {
        let (x, y, z) = (sample("x", 9, 3, 3), sample("y", 9, 4, 7), sample("z", 9, 2, 11));
        let padded = |side: &Representation| {
            let rows = side.shifted_matrix(&[]).unwrap();
            let at = |i: usize, j: usize| if j < side.d() { rows[(i, j)] } else { 1.0 };
            let values = (0..9).flat_map(|i| (0..12).map(move |j| (i, j))).map(|(i, j)| at(i, j)).collect();
            Representation::from_f64(side.name(), 9, 12, values).unwrap()
        };
        for estimator in ALL {
            let narrow = value(&x, &y, &z, estimator).unwrap();
            let wide = value(&padded(&x), &padded(&y), &padded(&z), estimator).unwrap();
            assert!((narrow - wide).abs() < 1e-10, "{narrow} {wide}");
        }
    }

    #[test]
    fn the_input_itself_leaves_nothing() {
        let (y, z) = (sample("y", 12, 4, 7), sample("z", 12, 2, 11));
        for estimator in ALL {
            let error = value(&z, &y, &z, estimator).unwrap_err().to_string();
            assert!(error.contains("nothing is left"), "{error}");
        }
    }
}
