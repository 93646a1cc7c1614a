//! Weights and bias: the only thing in these networks that learns, shared by convolutions and linear layers.

use super::product::{Left, add_product};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// y = x W + b for rows of `inputs` numbers into rows of `outputs` numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Affine {
    inputs: usize,
    outputs: usize,
    /// W row after row, then b as one more row: a single vector is what the optimiser steps along.
    parameters: Vec<f32>,
}

impl Affine {
    /// Weights uniform in ±√(6 / inputs), whose variance 2 / inputs keeps the scale through ReLU layers
    /// (He et al. 2015); bias 0.
    pub(super) fn draw(inputs: usize, outputs: usize, rng: &mut ChaCha8Rng) -> Self {
        let limit = (6.0 / inputs as f32).sqrt();
        let mut parameters: Vec<f32> =
            (0..inputs * outputs).map(|_| (rng.random::<f32>() * 2.0 - 1.0) * limit).collect();
        parameters.resize((inputs + 1) * outputs, 0.0);
        Self { inputs, outputs, parameters }
    }

    /// Numbers per row going in: units, or 9 × channels for a 3 × 3 convolution.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Numbers per row coming out: units or channels.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// W, row-major, `inputs` × `outputs`.
    pub fn weights(&self) -> &[f32] {
        &self.parameters[..self.inputs * self.outputs]
    }

    /// b, one number an output.
    pub fn bias(&self) -> &[f32] {
        &self.parameters[self.inputs * self.outputs..]
    }

    pub(super) fn parameters_mut(&mut self) -> &mut [f32] {
        &mut self.parameters
    }

    /// y for `rows` rows x.
    pub(super) fn apply(&self, rows: usize, x: &[f32]) -> Vec<f32> {
        let mut y = self.bias().repeat(rows);
        add_product(rows, self.inputs, self.outputs, Left::Plain(x), self.weights(), &mut y);
        y
    }

    /// The derivative by the parameters, laid out as they are: [xᵀ dy; 1ᵀ dy].
    pub(super) fn parameter_gradient(&self, rows: usize, x: &[f32], dy: &[f32]) -> Vec<f32> {
        let mut gradient = vec![0.0; self.parameters.len()];
        let (weights, bias) = gradient.split_at_mut(self.inputs * self.outputs);
        add_product(self.inputs, rows, self.outputs, Left::Transposed(x), dy, weights);
        for row in dy.chunks_exact(self.outputs) {
            bias.iter_mut().zip(row).for_each(|(b, d)| *b += d);
        }
        gradient
    }

    /// The derivative by the input: dy Wᵀ.
    pub(super) fn input_gradient(&self, rows: usize, dy: &[f32]) -> Vec<f32> {
        let mut transposed = vec![0.0; self.inputs * self.outputs];
        for (i, row) in self.weights().chunks_exact(self.outputs).enumerate() {
            for (o, w) in row.iter().enumerate() {
                transposed[o * self.inputs + i] = *w;
            }
        }
        let mut dx = vec![0.0; rows * self.inputs];
        add_product(rows, self.outputs, self.inputs, Left::Plain(dy), &transposed, &mut dx);
        dx
    }
}
