//! From an array of any shape to a representation: inputs × neurons, and a record of every step.

use crate::samples::{draw, sizes};
use crate::tensor::with_values;
use crate::{Error, Layout, Pooling, Result, Samples, Tensor};
use half::{bf16, f16};
use isorep::{Representation, Rows, Values};
use rayon::prelude::*;
use std::sync::Arc;

/// A representation, what its rows are, and how it came about.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The numbers, all finite.
    pub representation: Representation,
    /// What its rows are.
    pub samples: Samples,
    /// Everything that was done to the data of the file, in order, for people to read.
    pub steps: Vec<String>,
}

/// Makes inputs × neurons of an array.
///
/// One axis is a single neuron; two are inputs × neurons and stay as they are, whatever `layout` and `pooling` say, so
/// that one choice serves convolutional and dense layers alike. More need a `pooling`, and every pooling but
/// [`Pooling::Flatten`] needs to know the `layout`: it is never guessed. Numbers that need no arithmetic are shared
/// with the tensor and keep their precision; mean and maximum of half precision are kept as f32.
///
/// # Errors
/// [`Error::LayoutNeeded`], [`Error::LayoutMismatch`], and [`Error::Representation`] if a number is not finite.
pub fn prepare(tensor: &Tensor, layout: Layout, pooling: Option<Pooling>) -> Result<Prepared> {
    let Matrix { n, d, values, samples, steps } = matrix(tensor, layout, pooling)?;
    let name = tensor.name();
    let representation = Rows::new(name, n, d, values).and_then(|rows| Representation::new(name, rows));
    match representation {
        Ok(representation) => Ok(Prepared { representation, samples, steps }),
        Err(cause) => Err(Error::Representation { file: tensor.file().into(), layer: name.into(), cause }),
    }
}

/// Does to an array what [`prepare`] does first, so that it can be done to some inputs at a time: what comes out has two
/// axes, and its steps say how.
///
/// # Errors
/// [`Error::LayoutNeeded`], [`Error::LayoutMismatch`].
pub fn pool(tensor: &Tensor, layout: Layout, pooling: Pooling) -> Result<Tensor> {
    let Matrix { n, d, values, steps, .. } = matrix(tensor, layout, Some(pooling))?;
    Ok(Tensor::new(tensor.file(), tensor.name(), vec![n, d], values)?.after(steps))
}

/// Inputs × neurons, not yet looked at.
struct Matrix {
    n: usize,
    d: usize,
    values: Values,
    samples: Samples,
    steps: Vec<String>,
}

fn matrix(tensor: &Tensor, layout: Layout, pooling: Option<Pooling>) -> Result<Matrix> {
    let mut steps = tensor.steps().to_vec();
    let shape = tensor.shape();
    let inputs = shape[0];
    let mut samples = Samples::Inputs { inputs };
    let (n, d, values) = match (shape, pooling) {
        ([_], _) => {
            steps.push("one dimension: taken as a single neuron".into());
            (inputs, 1, tensor.values().clone())
        }
        (&[_, d], _) => {
            if !matches!(layout, Layout::Auto | Layout::Nd) {
                steps.push(format!("two dimensions: taken as nd, {layout} and pooling do not apply"));
            }
            (inputs, d, tensor.values().clone())
        }
        (_, None) if layout == Layout::Auto => return Err(needed(tensor, "its layout is")),
        (_, Some(Pooling::Flatten)) if matches!(layout, Layout::Auto) => {
            (inputs, flatten(&shape[1..], &mut steps), tensor.values().clone())
        }
        _ => {
            let axes = Axes::of(tensor, layout)?;
            let Some(pooling) = pooling else { return Err(needed(tensor, "the pooling is")) };
            steps.push(format!("read as {layout}"));
            let values = tensor.values();
            match pooling {
                Pooling::Flatten => (inputs, flatten(&shape[1..], &mut steps), values.clone()),
                Pooling::Positions { draw: count, seed } => {
                    let drawn = draw(inputs * axes.positions, count, seed);
                    let n = drawn.as_ref().map_or(inputs * axes.positions, |drawn| drawn.len());
                    samples = Samples::Positions { inputs, grid: axes.grid.clone(), drawn: drawn.clone() };
                    let by = drawn.as_ref().map_or(String::new(), |_| format!(" (seed {seed})"));
                    steps.push(format!("one row for each position: {samples}{by}"));
                    let values = match drawn {
                        None if !axes.channels_first => values.clone(),
                        drawn => axes.gather(values, n, |row| drawn.as_ref().map_or(row, |drawn| drawn[row])),
                    };
                    (n, axes.channels, values)
                }
                Pooling::First | Pooling::Last => {
                    let position = if pooling == Pooling::First { 0 } else { axes.positions - 1 };
                    steps.push(format!("kept the {pooling} of {} positions", sizes(&axes.grid)));
                    let values = axes.gather(values, inputs, |row| row * axes.positions + position);
                    (inputs, axes.channels, values)
                }
                Pooling::Mean | Pooling::Max => {
                    steps.push(format!("pooled {} positions by their {pooling}", sizes(&axes.grid)));
                    let pooled =
                        if pooling == Pooling::Mean { axes.mean(values) } else { axes.maximum(values) };
                    let pooled = match values {
                        Values::F64(_) => f64::wrap(pooled),
                        _ => f32::wrap(pooled.into_iter().map(|value| value as f32).collect()),
                    };
                    (inputs, axes.channels, pooled)
                }
            }
        }
    };
    if pads_may_count(layout, shape, pooling) {
        steps.push("every token counts: padding, if there is any, was not masked".into());
    }
    Ok(Matrix { n, d, values, samples, steps })
}

/// A mean, maximum, last token, … over padded sentences would look at the padding.
fn pads_may_count(layout: Layout, shape: &[usize], pooling: Option<Pooling>) -> bool {
    layout == Layout::Ntd && shape.len() == 3 && pooling != Some(Pooling::First)
}

fn needed(tensor: &Tensor, missing: &'static str) -> Error {
    Error::LayoutNeeded {
        file: tensor.file().into(),
        layer: tensor.name().into(),
        shape: tensor.shape().to_vec(),
        missing,
    }
}

fn flatten(rest: &[usize], steps: &mut Vec<String>) -> usize {
    let d = rest.iter().product();
    steps.push(format!("flattened {} to {d} neurons", sizes(rest)));
    d
}

/// An array seen as inputs × positions × channels, in either order of the last two.
struct Axes {
    grid: Vec<usize>,
    positions: usize,
    channels: usize,
    channels_first: bool,
}

impl Axes {
    fn of(tensor: &Tensor, layout: Layout) -> Result<Self> {
        let (grid, channels, channels_first) = match (layout, tensor.shape()) {
            (Layout::Ntd, &[_, tokens, channels]) => (vec![tokens], channels, false),
            (Layout::Nhwc, &[_, height, width, channels]) => (vec![height, width], channels, false),
            (Layout::Nchw, &[_, channels, height, width]) => (vec![height, width], channels, true),
            (Layout::Auto, _) => return Err(needed(tensor, "its layout is")),
            (_, shape) => {
                return Err(Error::LayoutMismatch {
                    file: tensor.file().into(),
                    layer: tensor.name().into(),
                    shape: shape.to_vec(),
                    layout,
                });
            }
        };
        let positions = grid.iter().product();
        Ok(Self { grid, positions, channels, channels_first })
    }

    /// The channels at one position of one input; `at` is `input * positions + position`.
    fn channels_at(&self, at: usize) -> impl Iterator<Item = usize> {
        let (input, position) = (at / self.positions, at % self.positions);
        let start = input * self.positions * self.channels;
        let (first, step) = if self.channels_first {
            (start + position, self.positions)
        } else {
            (start + position * self.channels, 1)
        };
        (0..self.channels).map(move |channel| first + channel * step)
    }

    /// One row of channels for each of `n` positions, in the same precision.
    fn gather(&self, values: &Values, n: usize, at: impl Fn(usize) -> usize + Sync) -> Values {
        with_values!(values, v => {
            let mut out = vec![v[0]; n * self.channels];
            out.par_chunks_mut(self.channels).enumerate().for_each(|(row, out)| {
                for (to, from) in out.iter_mut().zip(self.channels_at(at(row))) {
                    *to = v[from];
                }
            });
            Number::wrap(out)
        })
    }

    /// Folds the positions into one number for each channel of each input, in f64 and in the order of the positions.
    /// Inputs are independent, so threads do not change the numbers.
    fn fold(&self, values: &Values, start: f64, fold: impl Fn(f64, f64) -> f64 + Sync) -> Vec<f64> {
        with_values!(values, v => {
            let each = self.positions * self.channels;
            let mut out = vec![start; v.len() / self.positions];
            out.par_chunks_mut(self.channels).zip(v.par_chunks(each)).for_each(|(out, input)| {
                if self.channels_first {
                    for (to, plane) in out.iter_mut().zip(input.chunks_exact(self.positions)) {
                        *to = plane.iter().fold(start, |so_far, value| fold(so_far, value.widen()));
                    }
                } else {
                    for row in input.chunks_exact(self.channels) {
                        for (to, value) in out.iter_mut().zip(row) {
                            *to = fold(*to, value.widen());
                        }
                    }
                }
            });
            out
        })
    }

    fn mean(&self, values: &Values) -> Vec<f64> {
        let mut sums = self.fold(values, 0.0, |sum, value| sum + value);
        for sum in &mut sums {
            *sum /= self.positions as f64;
        }
        sums
    }

    /// Unlike `f64::max`, keeps a NaN, so that it is reported instead of hidden.
    fn maximum(&self, values: &Values) -> Vec<f64> {
        let larger = |a: f64, b: f64| if b > a || b.is_nan() { b } else { a };
        self.fold(
            values,
            f64::NEG_INFINITY,
            |most, value| if most.is_nan() { most } else { larger(most, value) },
        )
    }
}

/// A storage precision: how it widens and becomes [`Values`].
trait Number: Copy + Send + Sync + 'static {
    fn widen(self) -> f64;
    fn wrap(values: Vec<Self>) -> Values;
}
macro_rules! number {
    ($($t:ty: $variant:ident, $widen:expr;)*) => {$(
        impl Number for $t {
            fn widen(self) -> f64 { ($widen)(self) }
            fn wrap(values: Vec<Self>) -> Values { Values::$variant(Arc::new(values)) }
        }
    )*};
}
number! {
    f16: F16, f16::to_f64;
    bf16: Bf16, bf16::to_f64;
    f32: F32, f64::from;
    f64: F64, |v| v;
}
