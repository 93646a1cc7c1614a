//! Activations for tests: generic ones that look like a layer of a network, and ways to change them.
//!
//! Rectified mixtures of shared latent causes: neurons are correlated, of unequal scale and not centred, so that a
//! change that a measure notices does show.
#![allow(dead_code, unreachable_pub, reason = "every test target uses its own part")]

use isorep::{AnyMeasure, Context, Labels, MEASURES, Owner, Pair, Representation, Result, Rows, Values};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::fmt::Write;
use std::sync::Arc;

/// `n` inputs × `d` neurons, row after row.
#[derive(Debug, Clone, PartialEq)]
pub struct Activations {
    pub n: usize,
    pub d: usize,
    pub values: Vec<f64>,
}

/// Seeded random numbers.
pub struct Source(ChaCha8Rng);

impl Source {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    pub fn uniform(&mut self) -> f64 {
        self.0.random()
    }

    /// A standard normal number (Box and Muller).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    pub fn noise(&mut self, n: usize, d: usize) -> Activations {
        Activations { n, d, values: (0..n * d).map(|_| self.normal()).collect() }
    }

    /// A random order of `0..n` (Fisher and Yates).
    pub fn order(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for i in (1..n).rev() {
            order.swap(i, (self.uniform() * (i + 1) as f64) as usize);
        }
        order
    }

    /// A random orthogonal d × d map: Gram and Schmidt, twice, on normal vectors.
    pub fn rotation(&mut self, d: usize) -> Activations {
        let mut rows: Vec<Vec<f64>> = Vec::new();
        for _ in 0..d {
            let mut row: Vec<f64> = (0..d).map(|_| self.normal()).collect();
            for other in rows.iter().chain(&rows) {
                let along: f64 = row.iter().zip(other).map(|(a, b)| a * b).sum();
                row.iter_mut().zip(other).for_each(|(r, o)| *r -= along * o);
            }
            let length = row.iter().map(|v| v * v).sum::<f64>().sqrt();
            rows.push(row.into_iter().map(|v| v / length).collect());
        }
        Activations { n: d, d, values: rows.concat() }
    }

    /// A random invertible d × d map whose condition number is 6.
    pub fn invertible(&mut self, d: usize) -> Activations {
        let stretch = |j: usize| 0.5 + 2.5 * j as f64 / (d.max(2) - 1) as f64;
        self.rotation(d).scaled_columns(stretch).times(&self.rotation(d))
    }

    /// A layer of `d` rectified neurons that read the rows of `latent`, each with a noise and a scale of its own.
    pub fn layer(&mut self, latent: &Activations, d: usize) -> Activations {
        let weights = self.noise(latent.d, d);
        let bias: Vec<f64> = (0..d).map(|_| 0.5 * self.normal()).collect();
        let scale: Vec<f64> = (0..d).map(|_| (0.8 * self.normal()).exp()).collect();
        let noise = self.noise(latent.n, d);
        latent.times(&weights).map(|i, j, v| scale[j] * (v + bias[j] + 0.4 * noise.at(i, j)).max(0.0))
    }

    /// Two layers that read the same latent causes.
    pub fn related(&mut self, n: usize, d_x: usize, d_y: usize) -> (Activations, Activations) {
        let latent = self.noise(n, 4);
        (self.layer(&latent, d_x), self.layer(&latent, d_y))
    }

    /// Two layers of as many neurons, each with a counterpart on the other side: the first nearly equal, the last
    /// hardly related.
    pub fn counterparts(&mut self, n: usize, d: usize) -> (Activations, Activations) {
        let (x, noise) = (self.noise(n, d).map(|_, _, v| v + 0.7), self.noise(n, d));
        let y = x.map(|i, j, v| v + 1.2 * (j as f64 + 0.5) / d as f64 * noise.at(i, j));
        (x, y)
    }

    /// Two layers that share nothing.
    pub fn unrelated(&mut self, n: usize, d_x: usize, d_y: usize) -> (Activations, Activations) {
        let (a, b) = (self.noise(n, 4), self.noise(n, 4));
        (self.layer(&a, d_x), self.layer(&b, d_y))
    }
}

impl Activations {
    pub fn new(n: usize, d: usize, values: Vec<f64>) -> Self {
        assert_eq!(values.len(), n * d);
        Self { n, d, values }
    }

    pub fn at(&self, i: usize, j: usize) -> f64 {
        self.values[i * self.d + j]
    }

    /// Every value as a function of its row, its column and itself.
    pub fn map(&self, f: impl Fn(usize, usize, f64) -> f64) -> Self {
        let values = self.values.iter().enumerate().map(|(at, v)| f(at / self.d, at % self.d, *v)).collect();
        Self { values, ..*self }
    }

    pub fn has_equal_rows(&self) -> bool {
        let row = |i: usize| &self.values[i * self.d..(i + 1) * self.d];
        (0..self.n).any(|i| (0..i).any(|j| row(i) == row(j)))
    }

    pub fn scaled(&self, by: f64) -> Self {
        self.map(|_, _, v| v * by)
    }

    pub fn scaled_columns(&self, by: impl Fn(usize) -> f64) -> Self {
        self.map(|_, j, v| v * by(j))
    }

    pub fn plus(&self, other: &Self) -> Self {
        assert_eq!((self.n, self.d), (other.n, other.d));
        self.map(|i, j, v| v + other.at(i, j))
    }

    /// The matrix product.
    pub fn times(&self, right: &Self) -> Self {
        assert_eq!(self.d, right.n);
        let mut out = Self { n: self.n, d: right.d, values: vec![0.0; self.n * right.d] };
        for i in 0..self.n {
            for k in 0..self.d {
                for j in 0..right.d {
                    out.values[i * right.d + j] += self.at(i, k) * right.at(k, j);
                }
            }
        }
        out
    }

    pub fn rows(&self, order: &[usize]) -> Self {
        let values = order.iter().flat_map(|&i| (0..self.d).map(move |j| self.at(i, j))).collect();
        Self { n: order.len(), d: self.d, values }
    }

    pub fn columns(&self, order: &[usize]) -> Self {
        let values = (0..self.n).flat_map(|i| order.iter().map(move |&j| self.at(i, j))).collect();
        Self { n: self.n, d: order.len(), values }
    }

    /// Rounded to single precision.
    pub fn rounded(&self) -> Self {
        self.map(|_, _, v| f64::from(v as f32))
    }

    pub fn representation(&self, name: &str) -> Representation {
        Representation::from_f64(name, self.n, self.d, self.values.clone()).unwrap()
    }

    pub fn single(&self, name: &str) -> Representation {
        let values: Owner<f32> = Arc::new(self.values.iter().map(|v| *v as f32).collect::<Vec<_>>());
        Representation::new(name, Rows::new(name, self.n, self.d, Values::F32(values)).unwrap()).unwrap()
    }
}

/// What is known of inputs with these numbers: three classes, repetitions in twos, and what they were.
pub fn context(inputs: &[usize]) -> Context {
    let raw = Source::new(9).noise(inputs.iter().max().map_or(0, |last| last + 1), 3);
    Context::default()
        .with_labels(Labels::of_columns(inputs.iter().map(|i| i % 3).collect()))
        .with_groups(Labels::of_columns(inputs.iter().map(|i| i / 2).collect()))
        .with_input(raw.rows(inputs).representation("raw"))
}

/// A pair about whose inputs everything is known that a measure may ask for.
pub fn known(x: &Representation, y: &Representation) -> Pair {
    let inputs: Vec<usize> = (0..x.n()).collect();
    Pair::new(x, y).unwrap().with_context(context(&inputs)).unwrap()
}

/// A fresh pair in double precision.
pub fn pair(x: &Activations, y: &Activations) -> Pair {
    known(&x.representation("x"), &y.representation("y"))
}

/// The value on a fresh pair in double precision.
pub fn value(measure: &AnyMeasure, x: &Activations, y: &Activations) -> Result<f64> {
    measure.compare(&pair(x, y))
}

/// Checks every sampled setting of every measure, and reports all that fail at once.
///
/// `check` returns what is wrong, a line each.
pub fn for_every_measure(law: &str, mut check: impl FnMut(&AnyMeasure) -> Vec<String>) {
    let mut report = String::new();
    let measures: Vec<AnyMeasure> = MEASURES.iter().flat_map(isorep::Entry::samples).collect();
    assert!(!measures.is_empty());
    for measure in measures {
        for failure in check(&measure) {
            writeln!(report, "  {measure}: {failure}").unwrap();
        }
    }
    assert!(report.is_empty(), "the law \"{law}\" does not hold for\n{report}");
}

/// Equal up to rounding.
pub fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * (1.0 + a.abs().min(b.abs()))
}
