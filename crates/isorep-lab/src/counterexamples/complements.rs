//! Sides that are equal only after a subspace is divided out, and sides that share nothing but their dimension.

use super::{CounterExample, Exact, centred_orthonormal};
use isorep::Matrix;

/// xᵢ = fᵢ and yᵢ = fᵢ + s eᵢ with all fᵢ, eᵢ orthonormal: two complements of U = span(e), equal modulo U.
///
/// # Panics
/// If `s` is not positive and finite, there are no neurons, or `n` ≤ 2 `neurons`.
pub fn complements(neurons: usize, s: f64, n: usize) -> CounterExample {
    assert!(neurons > 0);
    assert!(s > 0.0 && s.is_finite(), "s must be positive");
    let basis = centred_orthonormal(n, 2 * neurons);
    let cosine = 1.0 / (1.0 + s * s).sqrt();
    CounterExample {
        id: "complements",
        parameters: format!("s = {s}, {neurons} neurons"),
        coincides: "everything modulo a subspace that both sides meet in zero only",
        x: Matrix::from_fn(n, neurons, |i, j| basis[(i, j)]),
        y: Matrix::from_fn(n, neurons, |i, j| basis[(i, j)] + s * basis[(i, neurons + j)]),
        exact: Exact {
            critical_epsilon: s * cosine,
            cka: cosine * cosine,
            bures: cosine,
            canonical_correlations: vec![cosine; neurons],
            explained: cosine * cosine,
            rank_x: neurons,
            rank_y: neurons,
            rank_joint: 2 * neurons,
        },
        twins: None,
    }
}

/// span y ⊥ span x, of equal dimension: nothing but the isomorphism of vector spaces is left, and every linear
/// measure says zero, not only subspace match.
///
/// # Panics
/// If there are no neurons, or `n` ≤ 2 `neurons`.
pub fn orthogonal_complements(neurons: usize, n: usize) -> CounterExample {
    assert!(neurons > 0);
    let basis = centred_orthonormal(n, 2 * neurons);
    CounterExample {
        id: "orthogonal-complements",
        parameters: format!("{neurons} neurons"),
        coincides: "the dimension",
        x: Matrix::from_fn(n, neurons, |i, j| basis[(i, j)]),
        y: Matrix::from_fn(n, neurons, |i, j| basis[(i, neurons + j)]),
        exact: Exact {
            critical_epsilon: 1.0,
            cka: 0.0,
            bures: 0.0,
            canonical_correlations: vec![0.0; neurons],
            explained: 0.0,
            rank_x: neurons,
            rank_y: neurons,
            rank_joint: 2 * neurons,
        },
        twins: None,
    }
}
