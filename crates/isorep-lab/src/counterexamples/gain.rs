//! x = D y: every input has a positive gain of its own. Every linear head without bias then decides the same on both
//! sides, and dividing each row by its length makes the sides equal; yet the spans part as the gains spread.

use super::{CounterExample, Exact, centred_orthonormal, normal};
use isorep::Matrix;

/// For each gain one copy of the same few inputs, `neurons` + 2 of them, so that gains and activations are exactly
/// independent. Then yᵀ D y = mean(g) I and yᵀ D² y = mean(g²) I, and every value follows from
/// q = mean(g)² / mean(g²): the critical ε is √(1 − q), which tends to √(1 − exp(−σ²)) for log-normal gains.
///
/// # Panics
/// If there are no gains, a gain is not positive and finite, or there are no neurons.
pub fn gain(gains: &[f64], neurons: usize) -> CounterExample {
    assert!(neurons > 0 && !gains.is_empty());
    assert!(gains.iter().all(|g| *g > 0.0 && g.is_finite()), "gains must be positive");
    let copies = gains.len();
    let block = neurons + 2;
    let basis = centred_orthonormal(block, neurons);
    let scale = 1.0 / (copies as f64).sqrt();
    let y = Matrix::from_fn(copies * block, neurons, |i, j| scale * basis[(i % block, j)]);
    let x = Matrix::from_fn(copies * block, neurons, |i, j| gains[i / block] * y[(i, j)]);

    let mean = gains.iter().sum::<f64>() / copies as f64;
    let mean_square = gains.iter().map(|g| g * g).sum::<f64>() / copies as f64;
    // The variance directly, because 1 − q would cancel for gains near 1.
    let variance = gains.iter().map(|g| (g - mean) * (g - mean)).sum::<f64>() / copies as f64;
    let q = mean * mean / mean_square;
    CounterExample {
        id: "gain",
        parameters: format!("{copies} gains, {neurons} neurons"),
        coincides: "the decision of every linear head without bias",
        x,
        y,
        exact: Exact {
            critical_epsilon: (variance / mean_square).sqrt(),
            cka: q,
            bures: q.sqrt(),
            canonical_correlations: vec![q.sqrt(); neurons],
            explained: q,
            rank_x: neurons,
            rank_y: neurons,
            rank_joint: if variance > 0.0 { 2 * neurons } else { neurons },
        },
        twins: None,
    }
}

/// exp of normal numbers with standard deviation `sd`: about .3, .75 and .95 as critical ε for sd .3, 1 and 2.
pub fn log_normal_gains(sd: f64, count: usize, seed: u64) -> Vec<f64> {
    normal(count, seed).into_iter().map(|z| libm::exp(sd * z)).collect()
}
