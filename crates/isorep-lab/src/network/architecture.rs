//! The two kinds of network of the laboratory, drawn from a seed.

use super::patches::WINDOW;
use super::{Affine, Layer, Network, Operation};
use crate::digits::{CLASSES, SIDE};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// A family of networks for the 8 × 8 digits; a seed makes one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Architecture {
    /// Blocks of 3 × 3 convolutions, each block closed by a 2 × 2 maximum, then `logits`.
    Convolutional {
        /// Channels of the convolutions of each block: `conv1`, `conv2`, … `pool1`, …; at most three blocks.
        blocks: Vec<Vec<usize>>,
    },
    /// Hidden linear layers, then `logits`.
    Perceptron {
        /// Units of `fc1`, `fc2`, …
        units: Vec<usize>,
    },
}

impl Architecture {
    /// `conv1` 16, `conv2` 32, `pool1`, `conv3` 32, `pool2`, `logits`: the convolutional network of the seed
    /// experiment.
    pub fn convolutional() -> Self {
        Self::Convolutional { blocks: vec![vec![16, 32], vec![32]] }
    }

    /// Three hidden layers of 64 units.
    pub fn perceptron() -> Self {
        Self::Perceptron { units: vec![64; 3] }
    }

    /// Draws the weights (He et al. 2015, uniform) from the seed; the biases start at 0.
    ///
    /// # Panics
    /// If there are more than three blocks: 8 × 8 pixels can be halved three times.
    pub fn network(&self, seed: u64) -> Network {
        let rng = ChaCha8Rng::seed_from_u64(seed);
        let mut builder = Builder { rng, side: SIDE, channels: 1, layers: vec![] };
        match self {
            Self::Convolutional { blocks } => {
                let mut number = 0;
                for (block, convolutions) in blocks.iter().enumerate() {
                    for &channels in convolutions {
                        number += 1;
                        builder.convolution(format!("conv{number}"), channels);
                    }
                    builder.pool(format!("pool{}", block + 1));
                }
            }
            Self::Perceptron { units } => {
                for (i, &units) in units.iter().enumerate() {
                    builder.linear(format!("fc{}", i + 1), units, true);
                }
            }
        }
        builder.linear("logits".into(), CLASSES, false);
        Network { layers: builder.layers }
    }
}

/// Follows the shape through the layers, so that each fits the one before.
struct Builder {
    rng: ChaCha8Rng,
    side: usize,
    channels: usize,
    layers: Vec<Layer>,
}

impl Builder {
    fn convolution(&mut self, name: String, channels: usize) {
        let affine = Affine::draw(WINDOW * self.channels, channels, &mut self.rng);
        self.channels = channels;
        self.layers.push(Layer { name, operation: Operation::Convolution(affine), relu: true });
    }

    fn pool(&mut self, name: String) {
        assert!(self.side >= 2, "too many blocks for {SIDE} × {SIDE} pixels");
        self.side /= 2;
        self.layers.push(Layer { name, operation: Operation::MaxPool, relu: false });
    }

    fn linear(&mut self, name: String, units: usize, relu: bool) {
        let affine = Affine::draw(self.side * self.side * self.channels, units, &mut self.rng);
        (self.side, self.channels) = (1, units);
        self.layers.push(Layer { name, operation: Operation::Linear(affine), relu });
    }
}
