//! What a layer puts out for a set of inputs: the one shape of data that flows through a network here.
//!
//! Values lie channel-last (input, row, column, channel), because then every position of an image is a row of
//! channels and both a convolution and a linear layer are one matrix product. A flat layer has height = width = 1.

/// `n` inputs × `height` × `width` × `channels`, single precision.
#[derive(Debug, Clone, PartialEq)]
pub struct Activations {
    n: usize,
    height: usize,
    width: usize,
    channels: usize,
    values: Vec<f32>,
}

impl Activations {
    /// Takes channel-last values.
    ///
    /// # Panics
    /// If there are not `n * height * width * channels` of them.
    pub fn new(n: usize, height: usize, width: usize, channels: usize, values: Vec<f32>) -> Self {
        assert_eq!(values.len(), n * height * width * channels);
        Self { n, height, width, channels, values }
    }

    /// Number of inputs.
    pub fn n(&self) -> usize {
        self.n
    }

    /// Rows of an image; 1 for a flat layer.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Columns of an image; 1 for a flat layer.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Channels of a convolution, units of a flat layer.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Values, channel-last.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    pub(super) fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// Positions of an image: height × width.
    pub fn positions(&self) -> usize {
        self.height * self.width
    }

    /// Numbers an input has.
    pub fn features(&self) -> usize {
        self.positions() * self.channels
    }

    /// The shape in the order that files use: (n, c, h, w), or (n, d) for a flat layer.
    pub fn shape(&self) -> Vec<usize> {
        if self.positions() == 1 {
            vec![self.n, self.channels]
        } else {
            vec![self.n, self.channels, self.height, self.width]
        }
    }

    /// The values in the order of [`Activations::shape`]: all positions of a channel together.
    pub fn channels_first(&self) -> Vec<f32> {
        let (positions, channels) = (self.positions(), self.channels);
        let mut out = Vec::with_capacity(self.values.len());
        for image in self.values.chunks_exact(self.features()) {
            for channel in 0..channels {
                out.extend((0..positions).map(|position| image[position * channels + channel]));
            }
        }
        out
    }

    /// The inputs with these indices, in this order.
    ///
    /// # Panics
    /// If an index is out of range.
    #[must_use]
    pub fn select(&self, inputs: &[usize]) -> Self {
        let features = self.features();
        let mut values = Vec::with_capacity(inputs.len() * features);
        for &i in inputs {
            values.extend_from_slice(&self.values[i * features..(i + 1) * features]);
        }
        Self { n: inputs.len(), values, ..*self }
    }

    /// Adds the inputs of `more` after the present ones.
    pub(super) fn append(&mut self, more: &Self) {
        assert_eq!(self.features(), more.features());
        self.n += more.n;
        self.values.extend_from_slice(&more.values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_first_puts_the_positions_of_a_channel_together() {
        // Two inputs, 1 × 2 positions, 2 channels: the value is input·100 + position·10 + channel.
        let values = vec![0.0, 1.0, 10.0, 11.0, 100.0, 101.0, 110.0, 111.0];
        let a = Activations::new(2, 1, 2, 2, values);
        assert_eq!(a.shape(), [2, 2, 1, 2]);
        assert_eq!(a.channels_first(), [0.0, 10.0, 1.0, 11.0, 100.0, 110.0, 101.0, 111.0]);
        assert_eq!(a.select(&[1]).values(), [100.0, 101.0, 110.0, 111.0]);
        assert_eq!(Activations::new(2, 1, 1, 3, vec![0.0; 6]).shape(), [2, 3]);
    }
}
