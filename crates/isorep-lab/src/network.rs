//! Small networks as a list of named layers, written here because that adds nothing to the build and gives the
//! same bits for the same seed on every machine and any number of threads.
//!
//! Everything is single precision and one network uses one thread; several networks train side by side.

mod activations;
mod adam;
mod affine;
mod architecture;
mod layer;
mod loss;
mod patches;
mod pool;
mod product;
mod training;

pub use activations::Activations;
pub use affine::Affine;
pub use architecture::Architecture;
pub use layer::{Layer, Operation};
pub use training::Training;

/// Inputs sent through at once when only the activations are wanted; bounds the memory for patches.
const CHUNK: usize = 128;

/// A feed-forward network.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    layers: Vec<Layer>,
}

/// What one layer put out, under the layer's name.
#[derive(Debug, Clone, PartialEq)]
pub struct Captured {
    /// Name of the layer.
    pub layer: String,
    /// Its output for every input, after the ReLU if it has one.
    pub activations: Activations,
}

impl Network {
    /// The layers from input to output.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The output of every layer, in order, for every input.
    pub fn capture(&self, images: &Activations) -> Vec<Captured> {
        let mut captured: Vec<Option<Activations>> = vec![None; self.layers.len()];
        let all: Vec<usize> = (0..images.n()).collect();
        for chunk in all.chunks(CHUNK) {
            for (whole, part) in captured.iter_mut().zip(self.outputs(&images.select(chunk))) {
                match whole {
                    Some(whole) => whole.append(&part),
                    None => *whole = Some(part),
                }
            }
        }
        let named = |(layer, activations): (&Layer, Option<Activations>)| {
            activations.map(|activations| Captured { layer: layer.name.clone(), activations })
        };
        self.layers.iter().zip(captured).filter_map(named).collect()
    }

    /// The class with the largest logit for every input, the first of equal ones.
    pub fn classify(&self, images: &Activations) -> Vec<u8> {
        let all: Vec<usize> = (0..images.n()).collect();
        let mut classes = Vec::with_capacity(images.n());
        for chunk in all.chunks(CHUNK) {
            if let Some(logits) = self.outputs(&images.select(chunk)).last() {
                classes.extend(logits.values().chunks_exact(logits.features()).map(largest));
            }
        }
        classes
    }

    /// The share of images that [`Network::classify`] gets right.
    pub fn accuracy(&self, data: &crate::digits::Labelled) -> f64 {
        let right = self.classify(&data.images).iter().zip(&data.labels).filter(|(a, b)| a == b).count();
        right as f64 / data.len() as f64
    }

    fn outputs(&self, images: &Activations) -> Vec<Activations> {
        let mut outputs: Vec<Activations> = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            outputs.push(layer.forward(outputs.last().unwrap_or(images)));
        }
        outputs
    }
}

fn largest(logits: &[f32]) -> u8 {
    let mut best = 0;
    for (class, value) in logits.iter().enumerate() {
        if *value > logits[best] {
            best = class;
        }
    }
    best as u8
}

#[cfg(test)]
mod tests;
