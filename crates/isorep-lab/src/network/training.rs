//! Training of one network: shuffled minibatches, Adam, one progress report an epoch, and a way to stop.

use super::adam::Adam;
use super::loss::cross_entropy;
use super::{Activations, Network};
use crate::digits::Labelled;
use crate::{Error, Result};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// How a network is trained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Training {
    /// Passes over the data.
    pub epochs: usize,
    /// Images a step.
    pub batch: usize,
    /// Adam's step size.
    pub rate: f32,
}

/// The stream of the seed that orders the images; the weights use stream 0.
const ORDER_STREAM: u64 = 1;

impl Training {
    /// Trains in place on one thread and returns the mean loss of each epoch. The seed decides the order of the
    /// images; the weights at the start have a seed of their own, in [`super::Architecture::network`].
    ///
    /// `go_on` is called after each epoch with the number of epochs done and the mean loss of the last one.
    ///
    /// # Errors
    /// [`Error::Interrupted`] as soon as `go_on` returns false.
    ///
    /// # Panics
    /// If the batch size is 0 or a label is not a class of the network.
    pub fn run(
        &self,
        network: &mut Network,
        data: &Labelled,
        seed: u64,
        mut go_on: impl FnMut(usize, f64) -> bool,
    ) -> Result<Vec<f64>> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(ORDER_STREAM);
        let size = |layer: &super::Layer| layer.affine().map_or(0, |a| (a.inputs() + 1) * a.outputs());
        let mut optimisers: Vec<Adam> = network.layers.iter().map(|layer| Adam::new(size(layer))).collect();
        let mut order: Vec<usize> = (0..data.len()).collect();
        let mut losses = Vec::with_capacity(self.epochs);
        for epoch in 1..=self.epochs {
            order.shuffle(&mut rng);
            let mut total = 0.0;
            for batch in order.chunks(self.batch) {
                let labels: Vec<u8> = batch.iter().map(|&i| data.labels[i]).collect();
                let (loss, gradients) = network.gradient(&data.images.select(batch), &labels);
                total += loss * batch.len() as f64;
                for ((layer, adam), gradient) in network.layers.iter_mut().zip(&mut optimisers).zip(gradients)
                {
                    if let Some(affine) = layer.affine_mut() {
                        adam.step(self.rate, &gradient, affine.parameters_mut());
                    }
                }
            }
            losses.push(total / data.len() as f64);
            if !go_on(epoch, losses[epoch - 1]) {
                return Err(Error::Interrupted);
            }
        }
        Ok(losses)
    }
}

impl Network {
    /// The mean cross-entropy and its derivative by the parameters of each layer.
    pub(super) fn gradient(&self, images: &Activations, labels: &[u8]) -> (f64, Vec<Vec<f32>>) {
        let outputs = self.outputs(images);
        let (loss, mut dy) = cross_entropy(&outputs[outputs.len() - 1], labels);
        let mut gradients = vec![vec![]; self.layers.len()];
        for i in (0..self.layers.len()).rev() {
            let x = if i == 0 { images } else { &outputs[i - 1] };
            let passed = self.layers[i].backward(x, &outputs[i], &dy, i > 0);
            gradients[i] = passed.parameters;
            dy = passed.input;
        }
        (loss, gradients)
    }
}
