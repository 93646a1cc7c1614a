//! Two linear units share one direction, the output, and spend the rest of their variance on directions of their own.

use super::{CounterExample, Exact, OneHiddenLayer, Twins, centred_orthonormal};
use isorep::Matrix;

/// x₁, x₂ = o/2 ± t w and y₁, y₂ = o/2 ± t w′ with o, w, w′ orthonormal, so o = x₁ + x₂ = y₁ + y₂ exactly.
///
/// # Panics
/// If `t` is not positive and finite, or `n` < 4.
pub fn read_out(t: f64, n: usize) -> CounterExample {
    assert!(t > 0.0 && t.is_finite(), "t must be positive");
    let inputs = centred_orthonormal(n, 3);
    // Coordinates of an input: o, w, w′. Coordinate `own` is w for x and w′ for y.
    let network = |own: usize| OneHiddenLayer {
        weights: Matrix::from_fn(3, 2, |c, unit| match (c == own, unit) {
            (true, 0) => t,
            (true, _) => -t,
            (false, _) => f64::from(u8::from(c == 0)) / 2.0,
        }),
        read_out: vec![1.0, 1.0],
        relu: false,
    };
    let networks = [network(1), network(2)];
    let shared = 1.0 / (1.0 + 4.0 * t * t);
    CounterExample {
        id: "read-out",
        parameters: format!("t = {t}"),
        coincides: "the output of two linear networks",
        x: networks[0].hidden(&inputs),
        y: networks[1].hidden(&inputs),
        exact: Exact {
            critical_epsilon: t / (t * t + 0.25).sqrt(),
            cka: 1.0 / (1.0 + 16.0 * t.powi(4)),
            bures: shared,
            canonical_correlations: vec![1.0, 0.0],
            explained: shared,
            rank_x: 2,
            rank_y: 2,
            rank_joint: 3,
        },
        twins: Some(Twins { inputs, networks }),
    }
}
