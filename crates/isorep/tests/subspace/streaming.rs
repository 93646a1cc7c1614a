//! The path on the inputs equals the path on their triangular factor, whole or streamed, centred or not.

use crate::data::{self, KINDS, small_pair};
use isorep::Matrix;
use isorep::linalg::qr::{triangular_factor, update_triangular_factor};
use isorep::measures::subspace::{Neurons, Path, ZeroNeurons};

fn assert_equal(a: &Neurons, b: &Neurons, what: &str) {
    let [a, b] = [a, b].map(|neurons| Path::new(neurons, ZeroNeurons::Unmatched).unwrap());
    assert_eq!(a.ranks(), b.ranks(), "{what}");
    let far = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(far(a.critical_x(), b.critical_x()) < 1e-12, "{what}: {:e}", far(a.critical_x(), b.critical_x()));
    assert!(far(a.critical_y(), b.critical_y()) < 1e-12, "{what}: {:e}", far(a.critical_y(), b.critical_y()));
}

fn streamed(rows: &Matrix, chunk: usize) -> Matrix {
    let mut factor = None;
    for start in (0..rows.rows()).step_by(chunk) {
        let length = chunk.min(rows.rows() - start);
        let piece = Matrix::from_fn(length, rows.columns(), |i, j| rows[(start + i, j)]);
        factor = Some(update_triangular_factor(factor.as_ref(), &piece));
    }
    factor.unwrap()
}

#[test]
fn rows_and_factor_agree() {
    for seed in 0..20 * KINDS {
        let (x, y) = small_pair(seed, 7);
        let (n, d_x) = (x.rows(), x.columns());
        let joint = data::beside(&x, &y);
        let direct = Neurons::new(&x, &y);
        let whole = Neurons::from_factor(&triangular_factor(joint.clone()), d_x, n);
        assert_equal(&direct, &whole, &format!("whole, seed {seed}"));
        let streamed = Neurons::from_factor(&streamed(&joint, 5), d_x, n);
        assert_equal(&direct, &streamed, &format!("streamed, seed {seed}"));
    }
}

#[test]
fn centred_rows_and_factor_with_a_column_of_ones_agree() {
    for seed in 0..20 * KINDS {
        let (mut x, y) = small_pair(seed, 7);
        let (n, d_x) = (x.rows(), x.columns());
        x.values_mut().iter_mut().for_each(|value| *value += 3.0);
        x.column_mut(0).fill(-0.7); // constant: zero once centred
        let ones = Matrix::from_columns(n, 1, vec![1.0; n]);
        let factor = streamed(&data::beside(&ones, &data::beside(&x, &y)), 6);
        let (direct, through) = (Neurons::centred(&x, &y), Neurons::centred_from_factor(&factor, d_x, n));
        assert!(direct.zero_x().contains(&0));
        assert_eq!((direct.zero_x(), direct.zero_y()), (through.zero_x(), through.zero_y()), "seed {seed}");
        assert_equal(&direct, &through, &format!("seed {seed}"));
    }
}
