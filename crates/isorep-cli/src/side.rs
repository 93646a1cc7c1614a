//! One side of a comparison: layers of a file, or of a model that is run on the way.
//!
//! Whoever compares sees names, shapes and representations, and not where they come from.

use crate::args::Fed;
use crate::diagnostics::Failure;
use crate::interrupt;
use crate::progress::Progress;
use isorep::Values;
use isorep_io::{Layer, Layout, Pooling, Prepared, Selection, Tensor, Trace};
use isorep_onnx::{Inputs, LeftOut, Loaded, Model};
use isorep_report::SkippedEntry;
use std::cell::OnceCell;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;

/// Layers of one source.
pub(crate) struct Chosen {
    /// As it was given.
    pub(crate) path: String,
    pub(crate) layers: Vec<Taken>,
    pub(crate) notes: Vec<String>,
    pub(crate) skipped: Vec<SkippedEntry>,
    /// The rows that are taken, in order, where not all are as they stand.
    pub(crate) rows: Option<Vec<usize>>,
    ids: Option<Vec<String>>,
    model: Option<Running>,
}

/// One layer, not yet read.
#[derive(Clone)]
pub(crate) struct Taken {
    name: String,
    shape: Vec<usize>,
    place: Place,
}

#[derive(Clone)]
enum Place {
    File(Layer),
    /// The place among the layers of the model.
    Model(usize),
}

/// A model and what it is run on.
struct Running {
    loaded: Loaded,
    inputs: Inputs,
    batch: usize,
    layout: Layout,
    pooling: Option<Pooling>,
    /// What came out, once it has been run.
    captured: OnceCell<Vec<Tensor>>,
}

/// How arrays become inputs × neurons.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    pub(crate) layout: Layout,
    pub(crate) pooling: Option<Pooling>,
}

impl Taken {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn shape(&self) -> &[usize] {
        &self.shape
    }
}

impl Chosen {
    /// Opens a file, a folder or a model, and takes the layers that the terms name.
    pub(crate) fn new(path: &Path, terms: &str, fed: &Fed, reading: Reading) -> Result<Self, Failure> {
        let selection = if terms.is_empty() { None } else { Some(Selection::parse(terms)?) };
        let chosen = if Model::is_one(path) {
            Self::of_model(path, selection.as_ref(), fed, reading)?
        } else {
            Self::of_trace(path, &isorep_io::open(path)?, selection.as_ref())?
        };
        if chosen.layers.is_empty() {
            let path = &chosen.path;
            return Err(Failure::new(format!("`--layers {terms}` leaves no layer of `{path}`")));
        }
        Ok(chosen)
    }

    fn of_trace(path: &Path, trace: &Trace, selection: Option<&Selection>) -> Result<Self, Failure> {
        let layers = match selection {
            None => trace.layers().to_vec(),
            Some(selection) => trace.select(selection)?.into_iter().cloned().collect(),
        };
        let taken = |layer: Layer| Taken {
            name: layer.name().into(),
            shape: layer.shape().to_vec(),
            place: Place::File(layer),
        };
        let skipped = trace.skipped().iter();
        Ok(Self {
            path: path.display().to_string(),
            layers: layers.into_iter().map(taken).collect(),
            notes: trace.notes().to_vec(),
            skipped: skipped
                .map(|s| SkippedEntry { name: s.name.clone(), reason: s.problem.to_string() })
                .collect(),
            rows: None,
            ids: trace.ids().map(<[String]>::to_vec),
            model: None,
        })
    }

    fn of_model(
        path: &Path,
        selection: Option<&Selection>,
        fed: &Fed,
        reading: Reading,
    ) -> Result<Self, Failure> {
        let model = Model::open(path)?;
        let inputs = bind(&model, fed)?;
        let mut loaded = model.load(selection, &inputs)?;
        let mut notes = model.notes();
        if selection.is_none() {
            leave_out(&mut loaded, reading);
        }
        notes.extend(summary(&loaded.left_out));
        let taken = loaded.layers.iter().enumerate().map(|(at, layer)| Taken {
            name: layer.name.clone(),
            shape: [&[inputs.n()], layer.each.as_slice()].concat(),
            place: Place::Model(at),
        });
        Ok(Self {
            path: path.display().to_string(),
            layers: taken.collect(),
            notes,
            skipped: Vec::new(),
            rows: None,
            ids: inputs.ids().map(<[String]>::to_vec),
            model: Some(Running {
                batch: fed.batch(),
                loaded,
                inputs,
                layout: reading.layout,
                pooling: reading.pooling,
                captured: OnceCell::new(),
            }),
        })
    }

    /// Names of its layers.
    pub(crate) fn names(&self) -> HashSet<&str> {
        self.layers.iter().map(Taken::name).collect()
    }

    /// Leaves the layers that both have, in the order of this side.
    pub(crate) fn align(&mut self, other: &mut Self) -> Result<(), Failure> {
        let mut kept = Vec::new();
        let left_out =
            |layer: &Taken| format!("left out `{}`: the other side has no such layer", layer.name());
        for layer in &self.layers {
            match other.layers.iter().find(|there| there.name() == layer.name()) {
                Some(partner) => kept.push((layer.clone(), partner.clone())),
                None => self.notes.push(left_out(layer)),
            }
        }
        for layer in &other.layers {
            if !self.layers.iter().any(|here| here.name() == layer.name()) {
                other.notes.push(left_out(layer));
            }
        }
        if kept.is_empty() {
            return Err(Failure::new(format!(
                "`{}` and `{}` have no layer of the same name",
                self.path, other.path
            ))
            .hint("--pairs all compares every layer with every other"));
        }
        (self.layers, other.layers) = kept.into_iter().unzip();
        Ok(())
    }

    /// What the inputs are called, if a file says so.
    pub(crate) fn ids(&self) -> Option<&[String]> {
        self.ids.as_deref()
    }

    /// Whether it is a model, which is run rather than read.
    pub(crate) fn is_model(&self) -> bool {
        self.model.is_some()
    }

    /// Reads one layer. A model is run once for all of its layers.
    pub(crate) fn prepare(&self, index: usize, reading: Reading) -> Result<Prepared, Failure> {
        match (&self.layers[index].place, &self.model) {
            (Place::Model(_), Some(running)) => {
                let tensor = &running.captured(&self.layers)?[index];
                // What was pooled on the way has two axes, of which nothing need be said again.
                let reading = if running.pools() && self.layers[index].shape.len() > 2 {
                    Reading { layout: Layout::Auto, pooling: None }
                } else {
                    reading
                };
                Ok(isorep_io::prepare(tensor, reading.layout, reading.pooling)?)
            }
            (Place::File(layer), _) => {
                Ok(isorep_io::prepare(&layer.read()?, reading.layout, reading.pooling)?)
            }
            (Place::Model(_), None) => Err(Failure::new("a layer of a model is without its model")),
        }
    }

    /// Runs the model, if it is one and has not been run yet.
    pub(crate) fn run(&self) -> Result<(), Failure> {
        self.model.as_ref().map_or(Ok(()), |running| running.captured(&self.layers).map(|_| ()))
    }
}

impl Running {
    /// Whether positions are pooled batch by batch, so that they need not all be kept.
    fn pools(&self) -> bool {
        matches!(self.pooling, Some(Pooling::Mean | Pooling::Max | Pooling::First | Pooling::Last))
    }

    fn captured(&self, layers: &[Taken]) -> Result<&[Tensor], Failure> {
        if let Some(captured) = self.captured.get() {
            return Ok(captured);
        }
        let captured = self.capture(layers)?;
        Ok(self.captured.get_or_init(|| captured))
    }

    fn capture(&self, layers: &[Taken]) -> Result<Vec<Tensor>, Failure> {
        let places: Vec<usize> = layers
            .iter()
            .filter_map(|layer| match layer.place {
                Place::Model(at) => Some(at),
                Place::File(_) => None,
            })
            .collect();
        let n = self.inputs.n();
        let progress = Progress::new("running", "inputs", n);
        let mut kept: Vec<Kept> = Vec::new();
        for batch in self.loaded.run(&places, &self.inputs, self.batch) {
            interrupt::check()?;
            let batch = batch?;
            for (at, tensor) in batch.tensors.iter().enumerate() {
                if batch.inputs.start == 0 {
                    // A layout that is missing or does not fit is found before the rest is run.
                    isorep_io::prepare(tensor, self.layout, self.pooling)?;
                }
                let pooled = match self.pooling {
                    Some(pooling) if self.pools() && tensor.shape().len() > 2 => {
                        isorep_io::pool(tensor, self.layout, pooling)?
                    }
                    _ => tensor.clone(),
                };
                if batch.inputs.start == 0 {
                    kept.push(Kept::new(&pooled, n)?);
                }
                kept[at].add(&pooled);
            }
            batch.inputs.for_each(|_| progress.tick());
        }
        drop(progress);
        let how = self.steps();
        kept.into_iter().map(|kept| Ok(kept.tensor(&how)?)).collect()
    }

    /// What was done to the inputs, and how they were run.
    fn steps(&self) -> Vec<String> {
        let batch = self.inputs.batch(self.batch);
        let mut steps = vec![format!("run on `{}`, {batch} at a time", self.inputs.source().display())];
        steps.extend(self.inputs.steps().iter().cloned());
        steps
    }
}

/// One layer, as far as it has been run.
struct Kept {
    like: Tensor,
    n: usize,
    numbers: Vec<f32>,
}

impl Kept {
    /// Room for all inputs, so that what does not fit is refused before the rest is run.
    fn new(first: &Tensor, n: usize) -> Result<Self, Failure> {
        let each: usize = first.shape()[1..].iter().product();
        let mut numbers = Vec::new();
        numbers.try_reserve_exact(each.saturating_mul(n)).map_err(|_| {
            Failure::new(format!("there is no memory for layer `{}` on {n} inputs", first.name()))
                .hint("`--layers` takes fewer of them, `--pool mean` keeps less of each")
        })?;
        Ok(Self { like: first.clone(), n, numbers })
    }

    fn add(&mut self, tensor: &Tensor) {
        // The runtime computes in f32, and pooling keeps that.
        if let Values::F32(owner) = tensor.values() {
            self.numbers.extend_from_slice((**owner).as_ref());
        }
    }

    fn tensor(self, how: &[String]) -> isorep_io::Result<Tensor> {
        let shape = [&[self.n], &self.like.shape()[1..]].concat();
        let steps = [how, self.like.steps()].concat();
        let values = Values::F32(Arc::new(self.numbers));
        Ok(Tensor::new(self.like.file(), self.like.name(), shape, values)?.after(steps))
    }
}

/// Reads what a model is run on.
pub(crate) fn bind(model: &Model, fed: &Fed) -> Result<Inputs, Failure> {
    let Some(path) = &fed.inputs else {
        let path = model.file().display();
        return Err(Failure::new(format!("`{path}` is a model, and it is not said what to run it on")).hint(
            "`--inputs FILE`: a .npy for a model with one input, else an .npz with an array for each of them",
        ));
    };
    Ok(model.bind(&isorep_io::open(path)?)?)
}

/// Takes out layers that the layout does not fit, for a model whose layers were not named.
pub(crate) fn leave_out(loaded: &mut Loaded, reading: Reading) {
    let axes = match reading.layout {
        Layout::Auto => return,
        Layout::Nd => 2,
        Layout::Ntd => 3,
        Layout::Nchw | Layout::Nhwc => 4,
    };
    let layout = reading.layout;
    let (kept, others) = std::mem::take(&mut loaded.layers)
        .into_iter()
        .partition(|layer| layer.each.len() < 2 || layer.each.len() + 1 == axes);
    loaded.layers = kept;
    let others: Vec<isorep_onnx::Layer> = others;
    loaded.left_out.extend(others.into_iter().map(|layer| LeftOut {
        name: layer.name,
        reason: format!("it is not {layout}: it has {} axes", layer.each.len() + 1),
    }));
}

/// How many values were left out, by reason.
pub(crate) fn summary(left_out: &[LeftOut]) -> Option<String> {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for LeftOut { name, reason } in left_out {
        reasons.entry(reason.split(':').next().unwrap_or(reason)).or_default().push(name);
    }
    let part = |(reason, names): (&&str, &Vec<&str>)| match names.as_slice() {
        [name] => format!("`{name}` ({reason})"),
        _ => format!("{} values ({reason})", names.len()),
    };
    let parts: Vec<String> = reasons.iter().map(part).collect();
    (!parts.is_empty()).then(|| format!("left out {}", parts.join(", ")))
}
