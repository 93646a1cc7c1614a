//! Two ReLU networks that compute the same function of every real input, and whose hidden layers do not match.

use super::{CounterExample, Exact, OneHiddenLayer, Twins};
use isorep::Matrix;

/// hidden = relu(±(o + t w)), relu(±t w), output h₁ − h₂ − h₃ + h₄ = o; the second network has w′ in the place of w.
/// Inputs are the coordinates o, w, w′.
pub fn relu_networks(t: f64) -> [OneHiddenLayer; 2] {
    [1, 2].map(|own| OneHiddenLayer {
        weights: Matrix::from_fn(3, 4, |c, unit| {
            let sign = if unit % 2 == 0 { 1.0 } else { -1.0 };
            match c {
                0 if unit < 2 => sign,
                _ if c == own => sign * t,
                _ => 0.0,
            }
        }),
        read_out: vec![1.0, -1.0, -1.0, 1.0],
        relu: true,
    })
}

/// [`relu_networks`] on inputs balanced so that every value has a closed form: o = ±1, w and w′ each plus or minus
/// one of the `magnitudes`, in all combinations, then scaled to be orthonormal.
///
/// Because t |w| ≥ |o|, relu(±(o + t w)) is linear in o, w, |w| and o·sign w, which are orthogonal, and of those of
/// the two sides only o coincides and only |w| and |w′| overlap, with cosine q = mean(|w|)² / mean(w²).
/// So relu(±t w) keep a residual of √(1 − q²/2), and once they are gone the others keep more: all leave there.
///
/// # Panics
/// If the magnitudes are not positive, or all equal, or spread so far that t |w| < |o| for the smallest or that
/// 1 > q² (1 + 2t²): outside these bounds the closed form is another.
pub fn relu_read_out(t: f64, magnitudes: &[f64]) -> CounterExample {
    assert!(magnitudes.iter().all(|m| *m > 0.0 && m.is_finite()), "magnitudes must be positive");
    let count = magnitudes.len() as f64;
    let mean = magnitudes.iter().sum::<f64>() / count;
    let mean_square = magnitudes.iter().map(|m| m * m).sum::<f64>() / count;
    let (q, t2) = (mean * mean / mean_square, t * t);
    let smallest = magnitudes.iter().copied().fold(f64::INFINITY, f64::min) / mean_square.sqrt();
    assert!(q < 1.0 - 1e-9, "the magnitudes must not all be equal");
    assert!(t * smallest >= 1.0, "t times the smallest magnitude must reach 1, it is {}", t * smallest);
    assert!(q * q * (1.0 + 2.0 * t2) >= 1.0, "the magnitudes spread too far: q is {q}");

    let levels: Vec<f64> =
        magnitudes.iter().flat_map(|m| [*m, -*m]).map(|m| m / mean_square.sqrt()).collect();
    let side = levels.len();
    let n = 2 * side * side;
    let scale = 1.0 / (n as f64).sqrt();
    let inputs = Matrix::from_fn(n, 3, |i, coordinate| match coordinate {
        0 => scale * if i % 2 == 0 { 1.0 } else { -1.0 },
        1 => scale * levels[i / 2 % side],
        _ => scale * levels[i / 2 / side],
    });
    let networks = relu_networks(t);
    // Centring takes the mean from |w| alone, which leaves it the variance 1 − q.
    let v = 1.0 - q;
    let shared = 1.0 / (2.0 + 2.0 * t2 * (1.0 + v));
    CounterExample {
        id: "relu-read-out",
        parameters: format!("t = {t}, {} magnitudes", magnitudes.len()),
        coincides: "the output of two ReLU networks, for every real input",
        x: networks[0].hidden(&inputs),
        y: networks[1].hidden(&inputs),
        exact: Exact {
            critical_epsilon: (1.0 - q * q / 2.0).sqrt(),
            cka: 1.0 / (2.0 + 2.0 * t2 * (1.0 + v) + 4.0 * t2 * t2 * (1.0 + v * v)),
            bures: shared,
            canonical_correlations: vec![1.0, 0.0, 0.0, 0.0],
            explained: shared,
            rank_x: 4,
            rank_y: 4,
            rank_joint: 7,
        },
        twins: Some(Twins { inputs, networks }),
    }
}
