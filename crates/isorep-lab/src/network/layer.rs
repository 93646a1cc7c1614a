//! One named layer: what it computes, and how a gradient passes back through it.

use super::patches::{WINDOW, gather, scatter};
use super::{Activations, Affine, pool};
use std::borrow::Cow;

/// What a layer computes.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// 3 × 3, stride 1, "same" padding. The rows of the weights run over window rows, window columns, channels.
    Convolution(Affine),
    /// Every number of an input into every unit.
    Linear(Affine),
    /// The largest value of each 2 × 2 block.
    MaxPool,
}

/// A layer with a name. What it puts out, and what is captured under its name, is after the ReLU if it has one.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// Unique within a network.
    pub name: String,
    /// What it computes.
    pub operation: Operation,
    /// Whether max(0, ·) is applied to the result.
    pub relu: bool,
}

/// The gradients a layer hands on.
pub(super) struct Gradients {
    /// As long as the layer has parameters, else empty.
    pub(super) parameters: Vec<f32>,
    /// By the input; empty if it was not asked for.
    pub(super) input: Vec<f32>,
}

impl Layer {
    /// The weights, for a layer that has any.
    pub fn affine(&self) -> Option<&Affine> {
        match &self.operation {
            Operation::Convolution(affine) | Operation::Linear(affine) => Some(affine),
            Operation::MaxPool => None,
        }
    }

    pub(super) fn affine_mut(&mut self) -> Option<&mut Affine> {
        match &mut self.operation {
            Operation::Convolution(affine) | Operation::Linear(affine) => Some(affine),
            Operation::MaxPool => None,
        }
    }

    pub(super) fn forward(&self, x: &Activations) -> Activations {
        let mut out = match &self.operation {
            Operation::Convolution(affine) => {
                let values = affine.apply(x.n() * x.positions(), &gather(x));
                Activations::new(x.n(), x.height(), x.width(), affine.outputs(), values)
            }
            Operation::Linear(affine) => {
                Activations::new(x.n(), 1, 1, affine.outputs(), affine.apply(x.n(), x.values()))
            }
            Operation::MaxPool => pool::largest(x),
        };
        if self.relu {
            out.values_mut().iter_mut().for_each(|v| *v = v.max(0.0));
        }
        out
    }

    /// From the derivative `dy` by the output `out` to those by the parameters and, if `input`, by `x`.
    pub(super) fn backward(&self, x: &Activations, out: &Activations, dy: &[f32], input: bool) -> Gradients {
        let dy: Cow<'_, [f32]> = if self.relu {
            dy.iter().zip(out.values()).map(|(d, v)| if *v > 0.0 { *d } else { 0.0 }).collect()
        } else {
            dy.into()
        };
        match &self.operation {
            Operation::Convolution(affine) => {
                let rows = x.n() * x.positions();
                debug_assert_eq!(affine.inputs(), WINDOW * x.channels());
                Gradients {
                    parameters: affine.parameter_gradient(rows, &gather(x), &dy),
                    input: if input { scatter(&affine.input_gradient(rows, &dy), x) } else { vec![] },
                }
            }
            Operation::Linear(affine) => Gradients {
                parameters: affine.parameter_gradient(x.n(), x.values(), &dy),
                input: if input { affine.input_gradient(x.n(), &dy) } else { vec![] },
            },
            Operation::MaxPool => {
                Gradients { parameters: vec![], input: pool::largest_gradient(x, out, &dy) }
            }
        }
    }
}
