//! Softmax cross-entropy, computed in double precision with an exponential that is the same on every platform.

use super::Activations;

/// The mean loss over the batch and its derivative by the logits, (softmax − one-hot) / n.
pub(super) fn cross_entropy(logits: &Activations, labels: &[u8]) -> (f64, Vec<f32>) {
    let (n, classes) = (logits.n(), logits.features());
    assert_eq!(labels.len(), n);
    let mut loss = 0.0;
    let mut gradient = Vec::with_capacity(n * classes);
    for (row, &label) in logits.values().chunks_exact(classes).zip(labels) {
        let largest = f64::from(row.iter().copied().fold(f32::NEG_INFINITY, f32::max));
        let exponentials: Vec<f64> = row.iter().map(|&v| libm::exp(f64::from(v) - largest)).collect();
        let sum: f64 = exponentials.iter().sum();
        loss += libm::log(sum) + largest - f64::from(row[usize::from(label)]);
        gradient.extend(exponentials.iter().enumerate().map(|(class, e)| {
            let target = f64::from(u8::from(class == usize::from(label)));
            ((e / sum - target) / n as f64) as f32
        }));
    }
    (loss / n as f64, gradient)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_equal_logits_cost_the_logarithm_of_two() {
        let (loss, gradient) = cross_entropy(&Activations::new(1, 1, 1, 2, vec![3.0, 3.0]), &[1]);
        assert!((loss - std::f64::consts::LN_2).abs() < 1e-15);
        assert_eq!(gradient, [0.5, -0.5]);
    }

    #[test]
    fn large_logits_do_not_overflow() {
        let (loss, gradient) = cross_entropy(&Activations::new(1, 1, 1, 2, vec![1e4, -1e4]), &[1]);
        assert_eq!(loss, 2e4);
        assert_eq!(gradient, [1.0, -1.0]);
    }
}
