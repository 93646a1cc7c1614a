//! From the output of a layer to a matrix of inputs × neurons: what counts as a neuron, and what as an input.

use crate::network::Activations;
use isorep::{Representation, Result};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// How the channels and positions of a layer become columns and rows. A flat layer reads the same in the first two
/// ways, and in the third up to the draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Neurons {
    /// Every number of an image is a neuron: n × (channels · height · width), in that order.
    Flatten,
    /// A channel, averaged over its positions, is a neuron: n × channels.
    Mean,
    /// A channel is a neuron and a position an input, as Wang et al. (2018) compare convolutions:
    /// `draw` of the n · height · width positions, or all if there are fewer, × channels.
    Positions {
        /// How many positions are drawn, without replacement and kept in order.
        draw: usize,
        /// Layers of the same shape get the same positions from the same seed.
        seed: u64,
    },
}

impl Neurons {
    /// The representation of a layer read this way, called `name`.
    ///
    /// # Errors
    /// As [`Representation::from_f32`]: activations that are not finite, or none at all.
    pub fn read(self, name: &str, activations: &Activations) -> Result<Representation> {
        let (n, channels) = (activations.n(), activations.channels());
        match self {
            Self::Flatten => {
                Representation::from_f32(name, n, activations.features(), activations.channels_first())
            }
            Self::Mean => {
                let positions = activations.positions();
                let mean = |image: &[f32], channel: usize| {
                    let sum: f64 = image[channel..].iter().step_by(channels).map(|v| f64::from(*v)).sum();
                    (sum / positions as f64) as f32
                };
                let images = activations.values().chunks_exact(activations.features());
                let values = images.flat_map(|image| (0..channels).map(move |c| mean(image, c))).collect();
                Representation::from_f32(name, n, channels, values)
            }
            Self::Positions { draw, seed } => {
                let all = n * activations.positions();
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                let mut drawn = rand::seq::index::sample(&mut rng, all, draw.min(all)).into_vec();
                drawn.sort_unstable();
                let row = |&at: &usize| &activations.values()[at * channels..(at + 1) * channels];
                let values = drawn.iter().flat_map(row).copied().collect();
                Representation::from_f32(name, drawn.len(), channels, values)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two inputs, 2 × 1 positions, 3 channels: the value is input·100 + position·10 + channel.
    fn activations() -> Activations {
        let value = |at: usize| (at / 6 * 100 + at / 3 % 2 * 10 + at % 3) as f32;
        Activations::new(2, 2, 1, 3, (0..12).map(value).collect())
    }

    fn read(how: Neurons) -> (usize, usize, Vec<f64>) {
        let r = how.read("layer", &activations()).unwrap();
        let mut values = vec![0.0; r.n() * r.d()];
        r.rows().unwrap().read_f64(0..r.n(), &vec![0.0; r.d()], &mut values);
        (r.n(), r.d(), values)
    }

    #[test]
    fn each_reading_has_the_rows_and_columns_it_promises() {
        let flat = vec![0.0, 10.0, 1.0, 11.0, 2.0, 12.0, 100.0, 110.0, 101.0, 111.0, 102.0, 112.0];
        assert_eq!(read(Neurons::Flatten), (2, 6, flat));
        assert_eq!(read(Neurons::Mean), (2, 3, vec![5.0, 6.0, 7.0, 105.0, 106.0, 107.0]));
        let all = activations().values().iter().map(|v| f64::from(*v)).collect();
        assert_eq!(read(Neurons::Positions { draw: 99, seed: 0 }), (4, 3, all));
    }

    #[test]
    fn drawn_positions_differ_and_follow_the_seed() {
        let draw = |seed| read(Neurons::Positions { draw: 2, seed });
        for seed in 0..20 {
            let (n, d, values) = draw(seed);
            assert_eq!((n, d), (2, 3));
            assert!(values[0] < values[3], "in order, none twice: {values:?}");
            assert_eq!(draw(seed).2, values);
        }
        assert!((0..20).any(|seed| draw(seed) != draw(0)));
    }
}
