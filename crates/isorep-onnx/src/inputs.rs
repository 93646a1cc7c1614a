//! Arrays from a file as what a model is fed: which array is which input, which axis counts the inputs, and numbers of
//! the type the model asks for. Nothing is rounded or cut off without an error.

use crate::element::Element;
use crate::graph::{Dimension, Graph, Input};
use crate::session::Feed;
use crate::{Error, Result};
use isorep::{Owner, Values};
use isorep_io::{Dtype, Layer, Trace};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The arrays that one model is fed with.
#[derive(Clone)]
pub struct Inputs {
    source: PathBuf,
    bound: Vec<Bound>,
    n: usize,
    /// How many inputs the model takes at a time, if it takes no other number.
    fixed: Option<usize>,
    ids: Option<Vec<String>>,
    steps: Vec<String>,
}

/// One array, bound to one input of the model.
#[derive(Clone)]
struct Bound {
    shape: Vec<usize>,
    numbers: Numbers,
    /// Which axis counts the inputs; none if the array is given whole to every run.
    axis: Option<usize>,
}

#[derive(Clone)]
enum Numbers {
    F32(Owner<f32>),
    I32(Owner<i32>),
    U8(Owner<u8>),
    I8(Owner<i8>),
}

/// Why arrays do not fit: the reason, and what to do about it.
type Misfit = (String, Option<String>);

impl Inputs {
    /// Binds the arrays of an opened file to the inputs of the model.
    pub(crate) fn bind(model: &Path, graph: &Graph, trace: &Trace) -> Result<Self> {
        let source = trace.source().to_owned();
        let misfit = |(reason, hint): Misfit| Error::Inputs {
            file: model.into(),
            inputs: source.clone(),
            reason,
            hint,
        };
        let layers = chosen(graph, trace).map_err(misfit)?;
        let (axes, n, fixed) = axes(&graph.inputs, &layers).map_err(misfit)?;
        let mut bound = Vec::new();
        let mut steps = Vec::new();
        for ((layer, axis), input) in layers.iter().zip(axes).zip(&graph.inputs) {
            let tensor = layer.read()?;
            let (numbers, step) = convert(tensor.values(), layer.dtype(), input).map_err(misfit)?;
            steps.extend(step.map(|step| format!("input `{}` {step}", input.name)));
            if axis.is_none() {
                steps.push(format!("input `{}` was given whole to every run", input.name));
            }
            // A scalar is given as an array of one element.
            let shape = if is_scalar(input) { Vec::new() } else { layer.shape().to_vec() };
            bound.push(Bound { shape, numbers, axis });
        }
        let ids = trace.ids().filter(|ids| ids.len() == n).map(<[String]>::to_vec);
        Ok(Self { source, bound, n, fixed, ids, steps })
    }

    /// How many inputs there are.
    pub fn n(&self) -> usize {
        self.n
    }

    /// The file they came from.
    pub fn source(&self) -> &Path {
        &self.source
    }

    /// What each input is called, if the file says so.
    pub fn ids(&self) -> Option<&[String]> {
        self.ids.as_deref()
    }

    /// What was done to them.
    pub fn steps(&self) -> &[String] {
        &self.steps
    }

    /// How many go into one run: what the model insists on, or what is asked for.
    pub fn batch(&self, asked: usize) -> usize {
        self.fixed.unwrap_or_else(|| asked.clamp(1, self.n))
    }

    /// What one run is fed with.
    pub(crate) fn feeds(&self, range: Range<usize>) -> Vec<(Vec<usize>, Feed)> {
        let feed = |bound: &Bound| {
            let mut shape = bound.shape.clone();
            if let Some(axis) = bound.axis {
                shape[axis] = range.len();
            }
            let numbers = match &bound.numbers {
                Numbers::F32(all) => Feed::F32(bound.part((**all).as_ref(), &range)),
                Numbers::I32(all) => Feed::I32(bound.part((**all).as_ref(), &range)),
                Numbers::U8(all) => Feed::U8(bound.part((**all).as_ref(), &range)),
                Numbers::I8(all) => Feed::I8(bound.part((**all).as_ref(), &range)),
            };
            (shape, numbers)
        };
        self.bound.iter().map(feed).collect()
    }
}

impl Bound {
    /// The numbers of some inputs.
    fn part<T: Copy>(&self, all: &[T], range: &Range<usize>) -> Vec<T> {
        let Some(axis) = self.axis else { return all.to_vec() };
        let inner: usize = self.shape[axis + 1..].iter().product();
        let block = self.shape[axis] * inner;
        all.chunks_exact(block)
            .flat_map(|block| &block[range.start * inner..range.end * inner])
            .copied()
            .collect()
    }
}

/// The array for each input: by name, or the only one for the only input.
fn chosen<'a>(graph: &Graph, trace: &'a Trace) -> Result<Vec<&'a Layer>, Misfit> {
    let layers = trace.layers();
    if let ([_], [layer]) = (graph.inputs.as_slice(), layers) {
        return Ok(vec![layer]);
    }
    let wanted = || graph.inputs.iter().map(described).collect::<Vec<_>>().join(", ");
    let example = || {
        let name = graph.inputs.first().map_or("x", |input| input.name.as_str());
        Some(format!("save them by name: `numpy.savez(\"inputs.npz\", **{{\"{name}\": …}})`"))
    };
    graph
        .inputs
        .iter()
        .map(|input| {
            layers.iter().find(|layer| layer.name() == input.name).ok_or_else(|| {
                if let Some(skipped) = trace.skipped().iter().find(|skipped| skipped.name == input.name) {
                    let hint = "give a single number as an array of one element: `numpy.array([16000])`";
                    return (format!("`{}`: {}", input.name, skipped.problem), Some(hint.into()));
                }
                let found: Vec<String> = layers.iter().map(|layer| format!("`{}`", layer.name())).collect();
                let reason = format!("the model is fed {}, and the file has {}", wanted(), found.join(", "));
                (reason, example())
            })
        })
        .collect()
}

/// `` `x` (f32, batch × 3 × 224 × 224) ``.
fn described(input: &Input) -> String {
    let shape = input.shape.as_ref().map_or_else(|| "any shape".into(), |axes| sizes(axes));
    format!("`{}` ({}, {shape})", input.name, input.element)
}

/// `batch × 3 × 224`; axes without a name are `?`.
pub fn sizes(axes: &[Dimension]) -> String {
    if axes.is_empty() {
        return "a single number".into();
    }
    let size = |axis: &Dimension| match axis {
        Dimension::Fixed(size) => size.to_string(),
        Dimension::Dynamic(name) => name.clone().unwrap_or_else(|| "?".into()),
    };
    axes.iter().map(size).collect::<Vec<_>>().join(" × ")
}

/// The axis of each array, the number of inputs, and how many the model takes at a time if it takes no other number.
type Axes = (Vec<Option<usize>>, usize, Option<usize>);

/// Which axis of each array counts the inputs, how many inputs there are, and how many must be fed at a time.
///
/// The first axis counts them wherever the model leaves its size open. Where the model fixes it, a later axis may count
/// them (the state of a recurrent network), the array may be the same for all, or the model takes so many at a time.
fn axes(inputs: &[Input], layers: &[&Layer]) -> Result<Axes, Misfit> {
    let mut counted: Option<(usize, &str)> = None;
    let mut found = vec![None; inputs.len()];
    for (at, (input, layer)) in inputs.iter().zip(layers).enumerate() {
        check(input, layer)?;
        if first_axis(input).is_none() && !is_scalar(input) {
            found[at] = Some(0);
            let count = layer.shape()[0];
            match counted {
                Some((known, other)) if known != count => {
                    let reason = format!("`{other}` has {known} inputs and `{}` has {count}", input.name);
                    return Err((reason, Some("the first axis of each array counts the inputs".into())));
                }
                _ => counted = Some((count, &input.name)),
            }
        }
    }
    let mut at_a_time = None;
    for (at, (input, layer)) in inputs.iter().zip(layers).enumerate() {
        let (Some(size), got) = (first_axis(input), layer.shape()) else { continue };
        match (counted, at_a_time) {
            // Nothing is open: the first array says how many inputs there are.
            (None, _) if got[0] % size == 0 => {
                counted = Some((got[0], &input.name));
                at_a_time = Some(size);
                found[at] = Some(0);
            }
            (Some((n, _)), Some(k)) if size == k && got[0] == n => found[at] = Some(0),
            (Some((n, _)), _) if got[0] == size => found[at] = open_axis(input, got, n),
            _ => {
                let reason = format!("{} does not fit {got:?}", described(input));
                let hint = format!("the model takes {size} at a time: give a multiple of that");
                return Err((reason, Some(hint)));
            }
        }
    }
    match counted {
        Some((n, _)) => Ok((found, n, at_a_time)),
        None => Err(("it is fed nothing but single numbers, which do not count inputs".into(), None)),
    }
}

/// The size of the first axis, if the model fixes it.
fn first_axis(input: &Input) -> Option<usize> {
    match input.shape.as_deref() {
        Some([Dimension::Fixed(size), ..]) => Some(*size),
        _ => None,
    }
}

fn is_scalar(input: &Input) -> bool {
    input.shape.as_ref().is_some_and(Vec::is_empty)
}

/// The first axis that the model leaves open and that has as many entries as there are inputs.
fn open_axis(input: &Input, got: &[usize], n: usize) -> Option<usize> {
    let axes = input.shape.as_deref().unwrap_or_default().iter().zip(got);
    axes.enumerate()
        .find(|(_, (axis, size))| matches!(axis, Dimension::Dynamic(_)) && **size == n)
        .map(|(at, _)| at)
}

/// Refuses an array whose axes are not those of the input; the first axis may have any size.
fn check(input: &Input, layer: &Layer) -> Result<(), Misfit> {
    let (Some(axes), got) = (&input.shape, layer.shape()) else { return Ok(()) };
    let fits = if axes.is_empty() {
        got.iter().product::<usize>() == 1
    } else {
        axes.len() == got.len()
            && axes.iter().zip(got).skip(1).all(|(axis, size)| match axis {
                Dimension::Fixed(fixed) => fixed == size,
                Dimension::Dynamic(_) => true,
            })
    };
    if fits {
        return Ok(());
    }
    let hint = if layer.name() == input.name {
        "the first axis counts the inputs".to_owned()
    } else {
        format!("the array `{}` was taken, as it is the only one", layer.name())
    };
    Err((format!("the model is fed {}, and the array has the shape {got:?}", described(input)), Some(hint)))
}

/// The numbers in the type that the runtime wants, and what was done to them.
fn convert(values: &Values, stored: Dtype, input: &Input) -> Result<(Numbers, Option<String>), Misfit> {
    let asked = input.element;
    let is_integer = !matches!(stored, Dtype::F16 | Dtype::Bf16 | Dtype::F32 | Dtype::F64);
    let wrong = |hint: String| {
        (format!("the model wants {asked} for `{}`, and the array holds {stored}", input.name), Some(hint))
    };
    match asked {
        Element::F32 | Element::F64 => {
            if let Values::F32(owner) = values {
                return Ok((Numbers::F32(owner.clone()), None));
            }
            let wide = widened(values);
            let narrow: Vec<f32> = wide.iter().map(|&number| number as f32).collect();
            if let Some((at, _)) =
                wide.iter().zip(&narrow).enumerate().find(|(_, (w, n))| w.is_finite() && !n.is_finite())
            {
                let reason = format!("`{}` holds {}, which is beyond f32", input.name, wide[at]);
                return Err((reason, None));
            }
            let is_exact = wide.iter().zip(&narrow).all(|(w, n)| f64::from(*n) == *w || w.is_nan());
            let step = (!is_exact).then(|| format!("was rounded from {stored} to f32"));
            Ok((Numbers::F32(Arc::new(narrow)), step))
        }
        Element::I64 | Element::I32 | Element::U8 | Element::I8 | Element::BOOL => {
            if !is_integer {
                let to = if asked == Element::BOOL { "bool".into() } else { numpy(asked) };
                return Err(wrong(format!("save it as integers: `x.astype(numpy.{to})`")));
            }
            let (low, high) = match asked {
                Element::U8 => (0.0, 255.0),
                Element::I8 => (-128.0, 127.0),
                Element::BOOL => (0.0, 1.0),
                _ => (f64::from(i32::MIN), f64::from(i32::MAX)),
            };
            let wide = widened(values);
            if let Some(number) = wide.iter().find(|number| !(low..=high).contains(*number)) {
                let hint = (asked == Element::I64).then(|| "the runtime computes integers in 32 bits".into());
                let reason =
                    format!("`{}` holds {number}, and {asked} here reaches from {low} to {high}", input.name);
                return Err((reason, hint));
            }
            let numbers = match asked {
                Element::U8 => Numbers::U8(Arc::new(wide.iter().map(|&v| v as u8).collect::<Vec<_>>())),
                Element::I8 => Numbers::I8(Arc::new(wide.iter().map(|&v| v as i8).collect::<Vec<_>>())),
                _ => Numbers::I32(Arc::new(wide.iter().map(|&v| v as i32).collect::<Vec<_>>())),
            };
            Ok((numbers, None))
        }
        _ => Err(wrong(format!("{asked} cannot be fed here"))),
    }
}

/// What NumPy calls the type.
fn numpy(element: Element) -> String {
    element.name().replace('i', "int").replace('u', "uint")
}

fn widened(values: &Values) -> Vec<f64> {
    match values {
        Values::F16(owner) => (**owner).as_ref().iter().map(|v| v.to_f64()).collect(),
        Values::Bf16(owner) => (**owner).as_ref().iter().map(|v| v.to_f64()).collect(),
        Values::F32(owner) => (**owner).as_ref().iter().map(|&v| f64::from(v)).collect(),
        Values::F64(owner) => (**owner).as_ref().to_vec(),
    }
}
