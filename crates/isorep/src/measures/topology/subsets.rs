//! Seeded subsets of inputs, for what is too dear on all of them.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// `count` subsets of `size` of n inputs, in ascending order, drawn without replacement and independently of each other;
/// all inputs once if there are no more than `size`.
pub(in crate::measures) fn subsets(n: usize, size: usize, count: usize, seed: u64) -> Vec<Vec<usize>> {
    if n <= size {
        return vec![(0..n).collect()];
    }
    let draw = |stream: usize| {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(stream as u64);
        let mut order: Vec<usize> = (0..n).collect();
        let mut drawn = order.partial_shuffle(&mut random, size).0.to_vec();
        drawn.sort_unstable();
        drawn
    };
    (0..count).map(draw).collect()
}

/// The standard error of a mean; `None` of fewer than two values.
pub(super) fn standard_error(values: &[f64]) -> Option<f64> {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (values.len() > 1).then(|| (variance / count).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subsets_are_drawn_without_replacement_and_differ() {
        assert_eq!(subsets(4, 4, 10, 0), [vec![0, 1, 2, 3]]);
        let drawn = subsets(50, 20, 3, 7);
        assert!(drawn.iter().all(|subset| subset.len() == 20 && subset.windows(2).all(|w| w[0] < w[1])));
        assert!(drawn[0] != drawn[1] && drawn[1] != drawn[2]);
        assert_eq!(drawn, subsets(50, 20, 3, 7));
        assert!(drawn != subsets(50, 20, 3, 8));
    }

    #[test]
    fn standard_errors() {
        assert_eq!(standard_error(&[3.0]), None);
        assert_eq!(standard_error(&[1.0, 3.0]), Some(1.0));
    }
}
