//! The model in the runtime, with every value that may be asked for as an output.
//!
//! The only module that names the runtime. Graph optimisation is off: a value is then what its own operator makes of its
//! inputs, whichever other values are asked for, and none is fused away.

use crate::graph::{Graph, locate};
use crate::wire::{put_bytes, put_number};
use crate::{Error, Result};
use isorep::Values;
use rten::{LoadErrorKind, ModelOptions, NodeId, RunOptions, ThreadPool, Value};
use rten_tensor::Layout as _;
use rten_tensor::prelude::*;
use std::any::Any;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// A loaded model.
pub(crate) struct Session {
    file: PathBuf,
    model: rten::Model,
    outputs: HashMap<String, NodeId>,
    inputs: Vec<NodeId>,
    options: RunOptions,
}

/// What a model is fed with.
pub(crate) enum Feed {
    F32(Vec<f32>),
    I32(Vec<i32>),
    U8(Vec<u8>),
    I8(Vec<i8>),
}

/// A value that was computed.
pub(crate) struct Computed {
    pub(crate) shape: Vec<usize>,
    /// The numbers, unless they are integers.
    pub(crate) values: Option<Values>,
}

impl Session {
    /// Loads the model with these values as outputs. They must be made by operators of the main graph, and be neither
    /// constants nor aliases.
    pub(crate) fn load(file: &Path, graph: &Graph, wanted: &[&str]) -> Result<Self> {
        let mut bytes = std::fs::read(file).map_err(|cause| Error::Io { file: file.into(), cause })?;
        let damaged = |reason: String| Error::Damaged { file: file.into(), reason };
        let new: Vec<&str> = wanted
            .iter()
            .copied()
            .filter(|name| !graph.outputs.iter().any(|output| output == name))
            .collect();
        splice(&mut bytes, &new).map_err(damaged)?;
        let mut options = ModelOptions::with_all_ops();
        options.enable_optimization(false);
        for location in &graph.external {
            options.external_data(location, external(file, location)?);
        }
        let loaded = guarded(|| options.load(bytes));
        let model = loaded.map_err(|reason| damaged(format!("the runtime gave up on it: {reason}")))?;
        let model = model.map_err(|error| {
            let reason = error.to_string();
            let operator =
                graph.operators.iter().find(|operator| reason.contains(&format!("{operator} operator not")));
            match (operator, error.kind()) {
                (Some(operator), _) => Error::Operator { file: file.into(), operator: operator.clone() },
                (None, LoadErrorKind::ParseError | LoadErrorKind::UnknownFileType) => damaged(reason),
                _ => Error::Runtime { file: file.into(), reason },
            }
        })?;
        let names = graph.outputs.iter().map(String::as_str).chain(new);
        let outputs = names.map(ToOwned::to_owned).zip(model.output_ids().iter().copied()).collect();
        let all = model.input_ids();
        let inputs = graph.positions.iter().filter_map(|&at| all.get(at).copied()).collect();
        let threads = ThreadPool::with_num_threads(rayon::current_num_threads());
        let options = RunOptions::default().with_thread_pool(Some(Arc::new(threads)));
        Ok(Self { file: file.into(), model, outputs, inputs, options })
    }

    /// Computes the values called `wanted`; `feeds` are in the order of the inputs of the graph.
    pub(crate) fn run(&self, feeds: Vec<(Vec<usize>, Feed)>, wanted: &[&str]) -> Result<Vec<Computed>> {
        let refused = |reason: String| Error::Runtime { file: self.file.clone(), reason };
        let mut inputs = Vec::new();
        for ((shape, feed), id) in feeds.into_iter().zip(&self.inputs) {
            let value = match feed {
                Feed::F32(numbers) => Value::from_shape(&shape, numbers).map_err(|e| e.to_string()),
                Feed::I32(numbers) => Value::from_shape(&shape, numbers).map_err(|e| e.to_string()),
                Feed::U8(numbers) => Value::from_shape(&shape, numbers).map_err(|e| e.to_string()),
                Feed::I8(numbers) => Value::from_shape(&shape, numbers).map_err(|e| e.to_string()),
            };
            inputs.push((*id, value.map_err(refused)?.into()));
        }
        let id = |name: &&str| {
            self.outputs.get(*name).copied().ok_or_else(|| refused(format!("it has no value `{name}`")))
        };
        let ids: Vec<NodeId> = wanted.iter().map(id).collect::<Result<_>>()?;
        let run = || self.model.run(inputs, &ids, Some(self.options.clone()));
        let computed = guarded(run).map_err(refused)?.map_err(|error| refused(error.to_string()))?;
        Ok(computed.into_iter().map(Computed::of).collect())
    }
}

impl Computed {
    fn of(value: Value) -> Self {
        let shape = value.shape().to_vec();
        let values = match value {
            Value::FloatTensor(tensor) => Some(Values::F32(Arc::new(tensor.to_vec()))),
            _ => None,
        };
        Self { shape, values }
    }
}

/// Turns a panic of the runtime into a sentence: it has assertions that damaged files can reach.
fn guarded<T>(work: impl FnOnce() -> T) -> std::result::Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic: Box<dyn Any + Send>| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_else(|| "it stopped without a reason".into())
    })
}

/// Declares values as outputs of the graph: a field 12 with a field 1, the name, for each.
fn splice(model: &mut Vec<u8>, names: &[&str]) -> std::result::Result<(), String> {
    if names.is_empty() {
        return Ok(());
    }
    let (range, graph) = locate(model)?;
    let mut outputs = Vec::new();
    for name in names {
        let mut info = Vec::new();
        put_bytes(&mut info, 1, name.as_bytes());
        put_bytes(&mut outputs, 12, &info);
    }
    // The length of the graph changes, and with it perhaps the number of bytes that the length takes.
    let mut head = Vec::new();
    put_number(&mut head, 7 << 3 | 2);
    put_number(&mut head, (graph.len() + outputs.len()) as u64);
    let old_head = range.len() - graph.len();
    model.splice(range.end..range.end, outputs);
    model.splice(range.start..range.start + old_head, head);
    Ok(())
}

/// The bytes of a file with weights, which must be in the folder of the model or below.
fn external(model: &Path, location: &str) -> Result<Vec<u8>> {
    let refused = |reason: String| Error::External { file: model.into(), location: location.into(), reason };
    let relative = Path::new(location);
    if !relative.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err(refused("it is outside of the folder of the model".into()));
    }
    let folder = model.parent().unwrap_or_else(|| Path::new(""));
    std::fs::read(folder.join(relative)).map_err(|error| refused(error.to_string()))
}
