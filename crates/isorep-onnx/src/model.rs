//! A model: what is in it, and which of its values can be layers for given inputs.

use crate::graph::{Graph, Input, Value};
use crate::session::Session;
use crate::{Error, Inputs, Result};
use isorep_io::{Selection, Trace};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An ONNX file, listed but not yet loaded.
pub struct Model {
    file: PathBuf,
    graph: Graph,
}

/// A value that counts inputs on its first axis, as it is seen on the first of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// What the model calls the value.
    pub name: String,
    /// The operator that makes it.
    pub operator: String,
    /// Sizes of its axes without the first, which counts the inputs; empty if it is a single number an input.
    pub each: Vec<usize>,
    /// The value that is computed for it: another one if the name is an alias.
    pub(crate) source: String,
}

/// A value that cannot be a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// What the model calls it.
    pub name: String,
    /// Why not.
    pub reason: String,
}

/// Layers of a model that is loaded.
pub struct Loaded {
    pub(crate) session: Arc<Session>,
    pub(crate) file: PathBuf,
    /// In the order asked for, or that of the model.
    pub layers: Vec<Layer>,
    /// What was asked for, or all there is, and cannot be read.
    pub left_out: Vec<LeftOut>,
}

impl Model {
    /// Reads what is in an ONNX file; no weight is looked at.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Damaged`], and [`Error::Element`] if the model has weights that cannot be computed with.
    pub fn open(file: impl AsRef<Path>) -> Result<Self> {
        let file = file.as_ref();
        let bytes = std::fs::read(file).map_err(|cause| Error::Io { file: file.into(), cause })?;
        let graph = Graph::of(&bytes).map_err(|reason| Error::Damaged { file: file.into(), reason })?;
        Ok(Self { file: file.into(), graph })
    }

    /// Whether a file is taken for a model: by its name, as the format has no beginning of its own.
    pub fn is_one(path: &Path) -> bool {
        path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("onnx")) && !path.is_dir()
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// What the model is fed.
    pub fn inputs(&self) -> &[Input] {
        &self.graph.inputs
    }

    /// Every value that an operator of the model makes, in the order of computation.
    pub fn values(&self) -> &[Value] {
        &self.graph.values
    }

    /// What cannot be seen in it, for people to read.
    pub fn notes(&self) -> Vec<String> {
        let hidden = &self.graph.hidden;
        let mut operators: Vec<&str> = hidden.iter().map(|(_, operator)| operator.as_str()).collect();
        operators.sort_unstable();
        operators.dedup();
        if operators.is_empty() {
            return Vec::new();
        }
        let bodies = operators.iter().map(|operator| format!("`{operator}`")).collect::<Vec<_>>().join(", ");
        vec![format!(
            "{} values inside of {bodies} cannot be reached, only what comes out of it",
            hidden.len()
        )]
    }

    /// Binds arrays to what the model is fed: the only array to the only input, or those of the same name.
    ///
    /// # Errors
    /// [`Error::Inputs`] if one is missing, has other axes, or holds numbers of another kind.
    pub fn bind(&self, trace: &Trace) -> Result<Inputs> {
        Inputs::bind(&self.file, &self.graph, trace)
    }

    /// Loads the model and finds which of its values are layers for these inputs, by running the first one or two.
    ///
    /// Without a selection all values are looked at, except constants and second names of others.
    ///
    /// # Errors
    /// Whatever keeps the model from running, or [`Error::NoLayer`] if nothing that was asked for is a layer.
    pub fn load(&self, selection: Option<&Selection>, inputs: &Inputs) -> Result<Loaded> {
        if let Some((element, what)) = &self.graph.unsupported {
            return Err(Error::Element { file: self.file.clone(), what: what.clone(), element: *element });
        }
        let mut left_out = Vec::new();
        let mut asked = Vec::new();
        for value in self.select(selection)? {
            match self.source(value) {
                Ok(source) => asked.push((value, source)),
                Err(reason) => left_out.push(LeftOut { name: value.name.clone(), reason }),
            }
        }
        let mut wanted: Vec<&str> = asked.iter().map(|(_, source)| *source).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let session = Session::load(&self.file, &self.graph, &wanted)?;
        let shapes = |count: usize| session.run(inputs.feeds(0..count), &wanted);
        let one = shapes(inputs.batch(1))?;
        // A second size tells an axis that counts inputs from one that happens to have one entry.
        let two = if inputs.batch(2) > inputs.batch(1) { Some(shapes(2)?) } else { None };
        let mut layers = Vec::new();
        for (value, source) in asked {
            let Ok(at) = wanted.binary_search(&source) else { continue };
            let (first, second) = (&one[at], two.as_ref().map(|two| &two[at]));
            let counts = |shape: &[usize], count| shape.first() == Some(&count);
            let name = value.name.clone();
            let reason = if first.values.is_none() {
                "it does not hold f32".into()
            } else if first.shape.contains(&0) {
                format!("it is empty: its shape is {:?}", first.shape)
            } else if !counts(&first.shape, inputs.batch(1))
                || second.is_some_and(|second| !counts(&second.shape, 2))
            {
                let shape = &second.unwrap_or(first).shape;
                format!("its first axis does not count the inputs: its shape is {shape:?}")
            } else if second.is_some_and(|second| second.shape[1..] != first.shape[1..]) {
                "its shape depends on what it is computed from".into()
            } else {
                let (each, operator) = (first.shape[1..].to_vec(), value.operator.clone());
                layers.push(Layer { name, operator, each, source: source.to_owned() });
                continue;
            };
            left_out.push(LeftOut { name, reason });
        }
        match (layers.as_slice(), left_out.first()) {
            ([], Some(LeftOut { name, reason })) => {
                Err(Error::NoLayer { file: self.file.clone(), name: name.clone(), reason: reason.clone() })
            }
            _ => Ok(Loaded { session: Arc::new(session), file: self.file.clone(), layers, left_out }),
        }
    }

    /// The values that a selection names; without one all of them, except constants and second names of others.
    ///
    /// # Errors
    /// If a term of the selection matches nothing that can be read.
    pub fn select(&self, selection: Option<&Selection>) -> Result<Vec<&Value>> {
        let all: Vec<&Value> = self.graph.values.iter().filter(|value| !value.is_constant).collect();
        let Some(selection) = selection else {
            return Ok(all.into_iter().filter(|value| value.alias_of.is_none() || value.is_output).collect());
        };
        let names: Vec<&str> = all.iter().map(|value| value.name.as_str()).collect();
        match selection.indices(&names) {
            Ok(picked) => Ok(picked.into_iter().map(|at| all[at]).collect()),
            Err(isorep_io::Error::NoSuchLayer { term, nearest, available, .. }) => {
                let file = self.file.clone();
                if let Some((_, operator)) = self.graph.hidden.iter().find(|(name, _)| *name == term) {
                    let reason = format!("it is inside of {operator}, where values cannot be reached");
                    return Err(Error::NoLayer { file, name: term, reason });
                }
                if self.graph.values.iter().any(|value| value.is_constant && value.name == term) {
                    let reason = "it is a constant".into();
                    return Err(Error::NoLayer { file, name: term, reason });
                }
                Err(isorep_io::Error::NoSuchLayer { file, term, nearest, available }.into())
            }
            Err(other) => Err(other.into()),
        }
    }

    /// The value that has to be computed for this one, or why there is none.
    fn source<'a>(&'a self, value: &'a Value) -> Result<&'a str, String> {
        let Some(source) = &value.alias_of else { return Ok(&value.name) };
        let known = self.graph.values.iter().find(|known| known.name == *source && !known.is_constant);
        known
            .map(|known| known.name.as_str())
            .ok_or_else(|| format!("it is another name of the input `{source}`"))
    }
}
