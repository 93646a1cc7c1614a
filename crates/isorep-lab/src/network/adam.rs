//! The optimiser Adam (Kingma & Ba 2015, algorithm 1) with its usual constants.

/// Decay of the mean gradient, decay of the mean squared gradient, and the floor of the denominator.
const DECAY: f32 = 0.9;
const DECAY_SQUARED: f32 = 0.999;
const FLOOR: f32 = 1e-8;

/// The moving averages for one vector of parameters.
pub(super) struct Adam {
    mean: Vec<f32>,
    squared: Vec<f32>,
    /// Both decays to the power of the steps so far: what is left of the start at zero.
    left: f32,
    left_squared: f32,
}

impl Adam {
    pub(super) fn new(parameters: usize) -> Self {
        Self { mean: vec![0.0; parameters], squared: vec![0.0; parameters], left: 1.0, left_squared: 1.0 }
    }

    /// One step of length about `rate` per parameter.
    pub(super) fn step(&mut self, rate: f32, gradient: &[f32], parameters: &mut [f32]) {
        self.left *= DECAY;
        self.left_squared *= DECAY_SQUARED;
        let (correct, correct_squared) = (1.0 / (1.0 - self.left), 1.0 / (1.0 - self.left_squared));
        let averages = self.mean.iter_mut().zip(&mut self.squared);
        for ((p, g), (m, v)) in parameters.iter_mut().zip(gradient).zip(averages) {
            *m = DECAY * *m + (1.0 - DECAY) * g;
            *v = DECAY_SQUARED * *v + (1.0 - DECAY_SQUARED) * g * g;
            *p -= rate * (*m * correct) / ((*v * correct_squared).sqrt() + FLOOR);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_has_the_length_of_the_rate_and_later_ones_follow_the_published_recursion() {
        let mut adam = Adam::new(2);
        let mut p = [1.0, -1.0];
        adam.step(0.1, &[3.0, -0.001], &mut p);
        assert!((p[0] - 0.9).abs() < 1e-6 && (p[1] + 0.9).abs() < 1e-5, "{p:?}");

        // By hand in double precision: gradients 3 then −1.
        adam.step(0.1, &[-1.0, 0.0], &mut p);
        let mean = (0.9 * 0.3 - 0.1) / (1.0 - 0.81);
        let squared: f64 = (0.999 * 0.009 + 0.001) / (1.0 - 0.999 * 0.999);
        assert!((f64::from(p[0]) - (0.9 - 0.1 * mean / squared.sqrt())).abs() < 1e-5, "{p:?}");
    }
}
