//! Running a loaded model over all inputs, batch by batch: memory does not grow with their number.

use crate::model::Loaded;
use crate::session::Session;
use crate::{Error, Inputs, Result};
use isorep_io::Tensor;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// How many inputs go into one run unless another number is asked for.
pub const BATCH: usize = 16;

/// A run over all inputs, as an iterator of batches.
pub struct Run {
    session: Arc<Session>,
    file: PathBuf,
    inputs: Inputs,
    /// Name, computed value and shape of each layer.
    layers: Vec<(String, String, Vec<usize>)>,
    wanted: Vec<String>,
    batch: usize,
    at: usize,
}

/// The layers on some of the inputs.
pub struct Batch {
    /// Which inputs.
    pub inputs: Range<usize>,
    /// One a layer, in their order.
    pub tensors: Vec<Tensor>,
}

impl Loaded {
    /// Runs over all inputs, `batch` at a time, for the layers at these places.
    pub fn run(&self, layers: &[usize], inputs: &Inputs, batch: usize) -> Run {
        let layers: Vec<_> = layers
            .iter()
            .map(|&at| &self.layers[at])
            .map(|layer| (layer.name.clone(), layer.source.clone(), layer.each.clone()))
            .collect();
        let mut wanted: Vec<String> = layers.iter().map(|(_, source, _)| source.clone()).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let (session, file, batch) = (Arc::clone(&self.session), self.file.clone(), inputs.batch(batch));
        Run { session, file, inputs: inputs.clone(), layers, wanted, batch, at: 0 }
    }
}

impl Run {
    fn batch(&self, range: Range<usize>) -> Result<Batch> {
        let wanted: Vec<&str> = self.wanted.iter().map(String::as_str).collect();
        let computed = self.session.run(self.inputs.feeds(range.clone()), &wanted)?;
        let mut tensors = Vec::new();
        for (name, source, each) in &self.layers {
            let computed = self.wanted.binary_search(source).ok().and_then(|at| computed.get(at));
            let Some((shape, Some(values))) = computed.map(|c| (&c.shape, &c.values)) else {
                let reason = format!("`{name}` was not computed");
                return Err(Error::Runtime { file: self.file.clone(), reason });
            };
            if shape.first() != Some(&range.len()) || shape[1..] != each[..] {
                let reason = format!(
                    "its shape was {each:?} for the first input and is {:?} for input {}",
                    shape.get(1..).unwrap_or_default(),
                    range.start
                );
                return Err(Error::NoLayer { file: self.file.clone(), name: name.clone(), reason });
            }
            tensors.push(Tensor::new(&self.file, name.as_str(), shape.clone(), values.clone())?);
        }
        Ok(Batch { inputs: range, tensors })
    }
}

impl Iterator for Run {
    type Item = Result<Batch>;
    fn next(&mut self) -> Option<Self::Item> {
        let n = self.inputs.n();
        if self.at >= n {
            return None;
        }
        let range = self.at..(self.at + self.batch).min(n);
        self.at = range.end;
        let batch = self.batch(range);
        if batch.is_err() {
            self.at = n;
        }
        Some(batch)
    }
}
