//! The seed experiment of Wang et al. (2018): do networks that differ in nothing but their seed agree, layer by layer?
//!
//! Trains one architecture from several seeds and captures every layer on the held-out images, before and after
//! training. The untrained twins show what the data and the architecture alone bring about.

use crate::digits::{Digits, Labelled};
use crate::network::{Architecture, Network, Operation, Training};
use crate::{Neurons, Result};
use isorep::Representation;
use rayon::prelude::*;

/// What is trained and how its layers are read.
#[derive(Debug, Clone, PartialEq)]
pub struct SeedExperiment {
    /// The network, but for its seed.
    pub architecture: Architecture,
    /// Its training, but for the seed.
    pub training: Training,
    /// One network each: a seed decides the weights at the start and the order of the images.
    pub seeds: Vec<u64>,
    /// Positions drawn from a layer with positions; 10 000 in the code of Wang et al.
    pub positions: usize,
    /// Seed of that draw, the same for every network.
    pub positions_seed: u64,
}

/// How far the training of one seed has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Which network.
    pub seed: u64,
    /// Epochs done, from 1.
    pub epoch: usize,
    /// Epochs in all.
    pub epochs: usize,
    /// Mean training loss of the last epoch.
    pub loss: f64,
}

/// One network before and after training.
#[derive(Debug, Clone)]
pub struct SeedRun {
    /// Its seed.
    pub seed: u64,
    /// The trained network.
    pub network: Network,
    /// Mean training loss of each epoch.
    pub losses: Vec<f64>,
    /// Share of the training images it classifies correctly.
    pub train_accuracy: f64,
    /// Share of the held-out images it classifies correctly.
    pub test_accuracy: f64,
    /// Share of the held-out images the untrained network classifies correctly.
    pub untrained_accuracy: f64,
    /// Each layer on the held-out images, after training.
    pub trained: Vec<Representation>,
    /// Each layer on the held-out images, before training.
    pub untrained: Vec<Representation>,
}

/// All networks of the experiment.
#[derive(Debug, Clone)]
pub struct Seeds {
    /// One a seed, in the order of the seeds.
    pub runs: Vec<SeedRun>,
    /// How each layer was read, in the order of the layers.
    pub readings: Vec<Neurons>,
}

/// One measure on one layer, for all pairs of different seeds.
#[derive(Debug, Clone)]
pub struct LayerComparison<T> {
    /// Name of the layer.
    pub layer: String,
    /// Both trained: every pair of seeds once.
    pub trained: Vec<isorep::Result<T>>,
    /// Neither trained: every pair of seeds once.
    pub untrained: Vec<isorep::Result<T>>,
    /// The first trained, the second not: every ordered pair of different seeds.
    pub mixed: Vec<isorep::Result<T>>,
}

impl SeedExperiment {
    /// Three convolutional networks, trained for 15 epochs.
    pub fn convolutional() -> Self {
        Self {
            architecture: Architecture::convolutional(),
            training: Training { epochs: 15, batch: 32, rate: 1e-3 },
            seeds: vec![0, 1, 2],
            positions: 10_000,
            positions_seed: 0,
        }
    }

    /// Three perceptrons of three hidden layers, trained for 20 epochs.
    pub fn perceptron() -> Self {
        Self {
            architecture: Architecture::perceptron(),
            training: Training { epochs: 20, batch: 32, rate: 1e-3 },
            ..Self::convolutional()
        }
    }

    /// Trains every seed, several at a time; the result does not depend on how many. `go_on` hears of every epoch
    /// of every seed, from whichever thread trains it.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted) soon after `go_on` returned false; [`Error::Library`](crate::Error::Library) if training diverged, so that
    /// activations are not finite.
    pub fn run(&self, digits: &Digits, go_on: impl Fn(Progress) -> bool + Sync) -> Result<Seeds> {
        let readings = self.readings();
        let runs = self.seeds.par_iter().map(|&seed| self.run_one(seed, digits, &readings, &go_on));
        let runs = runs.collect::<Result<_>>()?;
        Ok(Seeds { runs, readings })
    }

    fn run_one(
        &self,
        seed: u64,
        digits: &Digits,
        readings: &[Neurons],
        go_on: &(impl Fn(Progress) -> bool + Sync),
    ) -> Result<SeedRun> {
        let mut network = self.architecture.network(seed);
        let untrained = layers(&network, &digits.test, readings)?;
        let untrained_accuracy = network.accuracy(&digits.test);
        let epochs = self.training.epochs;
        let losses = self.training.run(&mut network, &digits.train, seed, |epoch, loss| {
            go_on(Progress { seed, epoch, epochs, loss })
        })?;
        Ok(SeedRun {
            seed,
            losses,
            train_accuracy: network.accuracy(&digits.train),
            test_accuracy: network.accuracy(&digits.test),
            untrained_accuracy,
            trained: layers(&network, &digits.test, readings)?,
            untrained,
            network,
        })
    }

    /// A neuron is what the next layer sees: a channel, at every position alike, where a convolution or a pooling
    /// follows; every single number where a linear layer or nothing follows.
    fn readings(&self) -> Vec<Neurons> {
        let network = self.architecture.network(0);
        let positions = Neurons::Positions { draw: self.positions, seed: self.positions_seed };
        let reading = |at: usize| match network.layers().get(at + 1).map(|next| &next.operation) {
            Some(Operation::Convolution(_) | Operation::MaxPool) => positions,
            Some(Operation::Linear(_)) | None => Neurons::Flatten,
        };
        (0..network.layers().len()).map(reading).collect()
    }
}

fn layers(network: &Network, data: &Labelled, readings: &[Neurons]) -> Result<Vec<Representation>> {
    let captured = network.capture(&data.images);
    let read = captured.iter().zip(readings).map(|(c, reading)| reading.read(&c.layer, &c.activations));
    Ok(read.collect::<isorep::Result<_>>()?)
}

impl Seeds {
    /// Applies a measure to every layer of every pair of different seeds. A pair without a number keeps its error.
    pub fn compare<T>(
        &self,
        measure: impl Fn(&Representation, &Representation) -> isorep::Result<T>,
    ) -> Vec<LayerComparison<T>> {
        let Some(first) = self.runs.first() else { return vec![] };
        let pairs = |ordered: bool| {
            let seeds = 0..self.runs.len();
            let all = seeds.clone().flat_map(move |i| seeds.clone().map(move |j| (i, j)));
            all.filter(move |(i, j)| i < j || (ordered && i > j))
        };
        let of_layer = |(layer, example): (usize, &Representation)| {
            let (trained, untrained) =
                (|i: usize| &self.runs[i].trained[layer], |i: usize| &self.runs[i].untrained[layer]);
            LayerComparison {
                layer: example.name().to_owned(),
                trained: pairs(false).map(|(i, j)| measure(trained(i), trained(j))).collect(),
                untrained: pairs(false).map(|(i, j)| measure(untrained(i), untrained(j))).collect(),
                mixed: pairs(true).map(|(i, j)| measure(trained(i), untrained(j))).collect(),
            }
        };
        first.trained.iter().enumerate().map(of_layer).collect()
    }
}
