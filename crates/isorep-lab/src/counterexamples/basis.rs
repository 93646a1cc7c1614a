//! The raw material: orthonormal centred vectors, and normal random numbers.

use isorep::Matrix;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::f64::consts::PI;

/// `count` orthonormal columns of length `n` with mean zero: the discrete cosine basis without its constant.
///
/// # Panics
/// If `count` ≥ `n`: there are only n − 1.
pub fn centred_orthonormal(n: usize, count: usize) -> Matrix {
    assert!(count < n, "there are only {} centred orthonormal vectors of length {n}", n.saturating_sub(1));
    let scale = (2.0 / n as f64).sqrt();
    Matrix::from_fn(n, count, |i, k| {
        // The angle in units of π / 2n, reduced exactly, so that late columns are as accurate as the first.
        let angle = ((k + 1) * (2 * i + 1)) % (4 * n);
        scale * libm::cos(PI * angle as f64 / (2 * n) as f64)
    })
}

/// `count` standard normal numbers (Box & Muller 1958), the same on every platform.
pub fn normal(count: usize, seed: u64) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let draw = |_| {
        let radius = (-2.0 * libm::log(1.0 - rng.random::<f64>())).sqrt();
        radius * libm::cos(2.0 * PI * rng.random::<f64>())
    };
    (0..count).map(draw).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_basis_is_orthonormal_and_centred() {
        for (n, count) in [(2, 1), (7, 6), (100, 40)] {
            let b = centred_orthonormal(n, count);
            for j in 0..count {
                assert!(b.column(j).iter().sum::<f64>().abs() < 1e-13);
                for k in 0..count {
                    let dot: f64 = b.column(j).iter().zip(b.column(k)).map(|(a, b)| a * b).sum();
                    assert!((dot - f64::from(u8::from(j == k))).abs() < 1e-13, "{n} {j} {k} {dot}");
                }
            }
        }
    }

    #[test]
    fn normal_numbers_have_the_moments_of_the_normal_distribution() {
        let z = normal(40_000, 7);
        let moment = |p: i32| z.iter().map(|v| v.powi(p)).sum::<f64>() / z.len() as f64;
        // Five standard errors of each.
        for (p, expected, variance) in [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0_f64)] {
            assert!((moment(p) - expected).abs() < 5.0 * (variance / 40_000.0).sqrt(), "{p}: {}", moment(p));
        }
    }
}
