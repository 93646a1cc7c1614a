//! Pairs of different networks whose critical ε are known in closed form.

use crate::data::{self, from_columns, orthonormal};
use isorep::Matrix;
use isorep::measures::subspace::{Epsilon, Neurons, Path, Ranks, ZeroNeurons};

fn path(x: &Matrix, y: &Matrix) -> Path {
    Path::new(&Neurons::new(x, y), ZeroNeurons::Unmatched).unwrap()
}

fn all_critical(path: &Path) -> Vec<f64> {
    path.critical_x().iter().chain(path.critical_y()).copied().collect()
}

fn assert_all(path: &Path, expected: f64, tolerance: f64) {
    for critical in all_critical(path) {
        assert!((critical - expected).abs() <= tolerance, "{critical} is not {expected}");
    }
}

fn combine(a: f64, u: &[f64], b: f64, v: &[f64]) -> Vec<f64> {
    u.iter().zip(v).map(|(u, v)| a * u + b * v).collect()
}

#[test]
fn read_out() {
    // x₁,₂ = o/2 ± t w, y₁,₂ = o/2 ± t w′: both sum to o. The spans meet in o only, and a neuron has the
    // component t w of its length √(t² + ¼) outside it.
    let basis = orthonormal(&mut data::rng(1), 30, 3);
    for t in [0.1, 0.5, 1.0, 3.0, 100.0] {
        let side = |w: &[f64]| from_columns(&[combine(0.5, &basis[0], t, w), combine(0.5, &basis[0], -t, w)]);
        let path = path(&side(&basis[1]), &side(&basis[2]));
        assert_all(&path, t / (t * t + 0.25_f64).sqrt(), 1e-13);
        assert_eq!(path.ranks(), Ranks { x: 2, y: 2, joint: 3, ambient: 30 });
    }
}

#[test]
fn rectified_read_out() {
    // Hidden relu(±(o + t w)), relu(±t w): their alternating sum is o for every input.
    let n = 40_000;
    let basis = orthonormal(&mut data::rng(2), n, 3);
    let side = |w: &[f64]| {
        let relu = |sign: f64, v: &[f64]| v.iter().map(|v| (sign * v).max(0.0)).collect::<Vec<_>>();
        let (a, b) = (combine(1.0, &basis[0], 3.0, w), combine(0.0, w, 3.0, w));
        from_columns(&[relu(1.0, &a), relu(-1.0, &a), relu(1.0, &b), relu(-1.0, &b)])
    };
    let (x, y) = (side(&basis[1]), side(&basis[2]));
    for i in 0..n {
        let read = |side: &Matrix| side[(i, 0)] - side[(i, 1)] - side[(i, 2)] + side[(i, 3)];
        assert!((read(&x) - read(&y)).abs() < 1e-12);
    }
    let path = path(&x, &y);
    // In the limit of many Gaussian inputs, by the arc-cosine kernel of rectified Gaussians (Cho and Saul 2009),
    // the neurons relu(±t w) leave at .8904, their largest residual, and the others at .8890.
    assert_all(&path, 0.8897, 0.005);
    for epsilon in [0.15, 0.25, 0.5] {
        assert_eq!(path.similarity(Epsilon::new(epsilon).unwrap()), 0.0);
    }
    assert_eq!(path.ranks(), Ranks { x: 4, y: 4, joint: 7, ambient: n });
}

#[test]
fn complements() {
    // xᵢ = fᵢ, yᵢ = fᵢ + s eᵢ: equal modulo the span of the e.
    let basis = orthonormal(&mut data::rng(3), 40, 10);
    let (f, e) = basis.split_at(5);
    for s in [1e-3, 0.2, 1.0, 7.0] {
        let y: Vec<_> = f.iter().zip(e).map(|(f, e)| combine(1.0, f, s, e)).collect();
        assert_all(&path(&from_columns(f), &from_columns(&y)), s / (1.0 + s * s).sqrt(), 1e-13);
    }
}

#[test]
fn orthogonal_complements_share_nothing() {
    let basis = orthonormal(&mut data::rng(4), 40, 10);
    let path = path(&from_columns(&basis[..5]), &from_columns(&basis[5..]));
    assert_all(&path, 1.0, 1e-15);
    assert!(path.steps().is_empty());
    assert_eq!(path.maximum_match(Epsilon::new(0.999_999).unwrap()).len(), 0);
    assert_eq!(path.ranks(), Ranks { x: 5, y: 5, joint: 10, ambient: 40 });
}

#[test]
fn gain_per_input() {
    // x = D y with a positive gain per input leaves the arg-max of every bias-free linear head as it is.
    // A neuron's own image is the only one that resembles it: cosine E g / √(E g²) = exp(−sd²/2) for a
    // log-normal gain of log-gain sd. Heavy tails converge slowly from below, hence the last tolerance.
    for (deviation, tolerance) in [(0.3, 0.01), (1.0, 0.03), (2.0, 0.06)] {
        let expected = (1.0 - f64::exp(-deviation * deviation)).sqrt();
        let mut rng = data::rng(5);
        let y = data::normal(&mut rng, 4_000, 10);
        let gains: Vec<f64> = (0..4_000).map(|_| (deviation * data::normal_value(&mut rng)).exp()).collect();
        let x = Matrix::from_fn(4_000, 10, |i, j| gains[i] * y[(i, j)]);
        assert_all(&path(&x, &y), expected, tolerance);
    }
}

#[test]
fn chain_falls_link_by_link() {
    // yᵢ = xᵢ + a xᵢ₊₁ with orthonormal x, and nothing to hold the last: it has a/√(1 + a²) outside, then the
    // one before it, and so on to the first.
    let a = 0.5;
    for length in [1, 2, 9, 60] {
        let links = orthonormal(&mut data::rng(6), 150, length + 1);
        let y: Vec<_> = links.windows(2).map(|pair| combine(1.0, &pair[0], a, &pair[1])).collect();
        let path = path(&from_columns(&links[..length]), &from_columns(&y));
        let expected = a / (1.0_f64 + a * a).sqrt();
        assert!(path.critical_y().iter().all(|critical| (critical - expected).abs() < 1e-12));
        // The x are held by each other as long as the y are there.
        assert!(path.critical_x().iter().all(|critical| (critical - expected).abs() < 1e-12));
    }
}
