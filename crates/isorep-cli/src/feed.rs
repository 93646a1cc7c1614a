//! Layers input by input, from a file or from a model that runs as they are asked for: two sides are walked in step, and
//! neither is kept whole.

use crate::args::Fed;
use crate::diagnostics::Failure;
use crate::side::{bind, summary};
use isorep::{Rows, Values};
use isorep_io::{Selection, Tensor, Trace};
use isorep_onnx::{Inputs, Loaded, Model, Run};
use std::path::Path;

/// The layers of one source.
pub(crate) struct Feed {
    /// As it was given.
    pub(crate) path: String,
    pub(crate) layers: Vec<FedLayer>,
    /// Number of inputs.
    pub(crate) n: usize,
    pub(crate) ids: Option<Vec<String>>,
    pub(crate) notes: Vec<String>,
    source: Source,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FedLayer {
    pub(crate) name: String,
    /// The operator that makes it, in a model.
    pub(crate) operator: Option<String>,
    /// Its shape without the inputs.
    pub(crate) each: Vec<usize>,
}

enum Source {
    File(Trace),
    Model { loaded: Loaded, inputs: Inputs, batch: usize },
}

/// Some layers on one input after the other.
pub(crate) struct Walk {
    current: Vec<Rows>,
    /// The input that is looked at, counted from the first of the current batch.
    at: usize,
    rest: Option<Run>,
}

impl Feed {
    pub(crate) fn open(path: &Path, terms: &str, fed: &Fed) -> Result<Self, Failure> {
        let selection = if terms.is_empty() { None } else { Some(Selection::parse(terms)?) };
        let selection = selection.as_ref();
        if Model::is_one(path) {
            Self::of_model(path, selection, fed)
        } else {
            Self::of_file(path, selection)
        }
    }

    fn of_model(path: &Path, selection: Option<&Selection>, fed: &Fed) -> Result<Self, Failure> {
        let model = Model::open(path)?;
        let inputs = bind(&model, fed)?;
        let loaded = model.load(selection, &inputs)?;
        let layers = loaded.layers.iter().map(|layer| FedLayer {
            name: layer.name.clone(),
            operator: Some(layer.operator.clone()),
            each: layer.each.clone(),
        });
        let mut notes = model.notes();
        notes.extend(summary(&loaded.left_out));
        notes.extend(inputs.steps().iter().cloned());
        Ok(Self {
            path: path.display().to_string(),
            layers: layers.collect(),
            n: inputs.n(),
            ids: inputs.ids().map(<[String]>::to_vec),
            notes,
            source: Source::Model { loaded, inputs, batch: fed.batch() },
        })
    }

    fn of_file(path: &Path, selection: Option<&Selection>) -> Result<Self, Failure> {
        let trace = isorep_io::open(path)?;
        let taken = match selection {
            Some(selection) => trace.select(selection)?,
            None => trace.layers().iter().collect(),
        };
        let n = taken.first().map_or(0, |layer| layer.shape()[0]);
        if let Some(other) = taken.iter().find(|layer| layer.shape()[0] != n) {
            let (path, name, count) = (path.display(), other.name(), other.shape()[0]);
            return Err(Failure::new(format!(
                "layers of `{path}` have {n} inputs, and `{name}` has {count}"
            ))
            .hint("`--layers` takes those that belong together"));
        }
        let mut layers: Vec<FedLayer> = taken
            .into_iter()
            .map(|layer| FedLayer {
                name: layer.name().into(),
                operator: None,
                each: layer.shape()[1..].to_vec(),
            })
            .collect();
        // A capture says in which order its layers were computed; names alone would say less.
        let order: Option<Vec<String>> =
            trace.metadata().get("order").and_then(|text| serde_json::from_str(text).ok());
        if let Some(order) = order {
            layers
                .sort_by_key(|layer| order.iter().position(|name| *name == layer.name).unwrap_or(usize::MAX));
        }
        Ok(Self {
            path: path.display().to_string(),
            layers,
            n,
            ids: trace.ids().map(<[String]>::to_vec),
            notes: trace.notes().to_vec(),
            source: Source::File(trace),
        })
    }

    /// How many inputs are run at a time, if it is a model.
    pub(crate) fn batch(&self) -> Option<usize> {
        match &self.source {
            Source::File(_) => None,
            Source::Model { inputs, batch, .. } => Some(inputs.batch(*batch)),
        }
    }

    /// Starts with the first input, for the layers of these names.
    pub(crate) fn walk(&self, names: &[&str]) -> Result<Walk, Failure> {
        match &self.source {
            Source::File(trace) => {
                let tensor = |name: &&str| {
                    let layer = trace.layers().iter().find(|layer| layer.name() == *name);
                    let layer = layer.ok_or_else(|| Failure::new(format!("there is no layer `{name}`")))?;
                    rows(&layer.read()?)
                };
                let current = names.iter().map(tensor).collect::<Result<Vec<_>, _>>()?;
                Ok(Walk { current, at: 0, rest: None })
            }
            Source::Model { loaded, inputs, batch } => {
                let place = |name: &&str| loaded.layers.iter().position(|layer| layer.name == *name);
                let places: Vec<usize> = names.iter().filter_map(place).collect();
                let mut walk =
                    Walk { current: Vec::new(), at: 0, rest: Some(loaded.run(&places, inputs, *batch)) };
                walk.refill()?;
                Ok(walk)
            }
        }
    }
}

impl Walk {
    /// Goes to the next input; to be called as long as there are some.
    pub(crate) fn advance(&mut self) -> Result<(), Failure> {
        self.at += 1;
        if self.current.first().is_some_and(|rows| self.at >= rows.n()) {
            self.refill()?;
        }
        Ok(())
    }

    fn refill(&mut self) -> Result<(), Failure> {
        if let Some(batch) = self.rest.as_mut().and_then(Iterator::next) {
            self.current = batch?.tensors.iter().map(rows).collect::<Result<_, _>>()?;
            self.at = 0;
        }
        Ok(())
    }

    /// The numbers of one layer on the current input.
    pub(crate) fn read(&self, layer: usize, out: &mut Vec<f64>) {
        let rows = &self.current[layer];
        out.resize(rows.d(), 0.0);
        rows.read_f64(self.at..self.at + 1, &[], out);
    }
}

/// An array as inputs × numbers; nothing is copied.
fn rows(tensor: &Tensor) -> Result<Rows, Failure> {
    let shape = tensor.shape();
    let values: Values = tensor.values().clone();
    Ok(Rows::new(tensor.name(), shape[0], shape[1..].iter().product(), values)?)
}
