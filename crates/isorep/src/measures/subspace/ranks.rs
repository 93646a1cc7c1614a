//! What must be read beside every match: how many dimensions the two sides and their union have, and how many
//! there are to have.

/// Numbers of dimensions; "isomorphic as vector spaces" says `x == y` and no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ranks {
    /// Rank of the neurons of x.
    pub x: usize,
    /// Rank of the neurons of y.
    pub y: usize,
    /// Rank of the neurons of both together.
    pub joint: usize,
    /// Dimension of the space they live in: the number of inputs, one less if centred.
    pub ambient: usize,
}

impl Ranks {
    /// The larger rank as a share of the available dimensions, in [0, 1]. At 1 one side spans everything and
    /// every neuron of the other matches at ε = 0, whatever it computes: more inputs are needed.
    pub fn saturation(&self) -> f64 {
        if self.ambient == 0 { 1.0 } else { self.x.max(self.y) as f64 / self.ambient as f64 }
    }

    /// Whether one side spans everything.
    pub fn saturated(&self) -> bool {
        self.x.max(self.y) >= self.ambient
    }

    /// Root mean square of the relative residual of a random direction against the span of `k` independent
    /// neurons, √(1 − k/ambient): the level of ε at which unrelated networks begin to match.
    pub fn chance_residual(&self, k: usize) -> f64 {
        if k >= self.ambient { 0.0 } else { (1.0 - k as f64 / self.ambient as f64).sqrt() }
    }
}

#[cfg(test)]
mod tests {
    use super::Ranks;

    #[test]
    fn saturation_is_the_larger_share() {
        let ranks = Ranks { x: 30, y: 75, joint: 100, ambient: 100 };
        assert_eq!(ranks.saturation(), 0.75);
        assert!(!ranks.saturated());
        assert_eq!(ranks.chance_residual(75), 0.5);
        let full = Ranks { y: 100, ..ranks };
        assert!(full.saturated());
        assert_eq!(full.chance_residual(100), 0.0);
        assert_eq!(Ranks { x: 0, y: 0, joint: 0, ambient: 0 }.saturation(), 1.0);
    }
}
