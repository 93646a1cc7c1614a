//! What changes the path and what does not.

use crate::data::{self, KINDS, normal, product, small_pair, sum};
use isorep::Matrix;
use isorep::measures::subspace::{Epsilon, Neurons, Path, ZeroNeurons};

fn path(x: &Matrix, y: &Matrix) -> Path {
    Path::new(&Neurons::new(x, y), ZeroNeurons::Unmatched).unwrap()
}

fn assert_close(a: &[f64], b: &[f64], tolerance: f64, what: &str) {
    assert_eq!(a.len(), b.len());
    let far = a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(far <= tolerance, "{what}: {far:e}");
}

fn shared_pair(seed: u64) -> (Matrix, Matrix) {
    let mut rng = data::rng(seed);
    let signal = normal(&mut rng, 100, 6);
    let mut side = |d: usize| {
        let weights = normal(&mut rng, 6, d);
        sum(&product(&signal, &weights), 0.7, &normal(&mut rng, 100, d))
    };
    (side(14), side(11))
}

#[test]
fn nested_in_epsilon_and_a_step_function() {
    for seed in 0..10 * KINDS {
        let (x, y) = small_pair(seed, 6);
        let path = path(&x, &y);
        let at = |epsilon: f64| Epsilon::new(epsilon).unwrap();
        let steps = path.steps();
        let mut before = 0.0;
        for step in &steps {
            assert!(step.similarity > before && step.epsilon < 1.0);
            assert_eq!(path.similarity(at(step.epsilon)), step.similarity, "seed {seed}");
            let lower = step.epsilon - 1e-9;
            if lower >= 0.0
                && !steps.iter().any(|other| (other.epsilon - lower).abs() < 1e-8 && other != step)
            {
                assert_eq!(path.similarity(at(lower)), before, "seed {seed}");
            }
            before = step.similarity;
        }
        let grid: Vec<_> = (0..40).map(|k| path.maximum_match(at(f64::from(k) / 40.0))).collect();
        for pair in grid.windows(2) {
            assert!(pair[0].x.iter().all(|i| pair[1].x.contains(i)));
            assert!(pair[0].y.iter().all(|j| pair[1].y.contains(j)));
        }
    }
}

#[test]
fn the_score_is_the_area_under_the_similarity() {
    for zero in [ZeroNeurons::Unmatched, ZeroNeurons::Matched, ZeroNeurons::Excluded] {
        for seed in 0..4 * KINDS {
            let (x, y) = small_pair(seed, 6);
            let Ok(path) = Path::new(&Neurons::new(&x, &y), zero) else { continue };
            let steps = path.steps();
            let ends = steps.iter().skip(1).map(|step| step.epsilon).chain([1.0]);
            let area: f64 =
                steps.iter().zip(ends).map(|(step, end)| step.similarity * (end - step.epsilon)).sum();
            assert!((path.score() - area).abs() < 1e-10, "seed {seed}: {} {area}", path.score());
            assert!((-1e-12..=1.0 + 1e-12).contains(&path.score()));
        }
    }
}

#[test]
fn permutation_sign_and_scale_of_single_neurons_change_nothing() {
    let (x, y) = shared_pair(1);
    let before = path(&x, &y);
    let order: Vec<usize> = (0..14).map(|j| (5 * j + 3) % 14).collect();
    let scales = [1e-200, -1e200, 3.0, -1.0, 1e-3, -7e5, 1e300, 5e-324_f64.sqrt(), 1.0, -2.0, 1e17];
    let moved_x = Matrix::from_fn(100, 14, |i, j| scales[j % 11] * x[(i, order[j])]);
    let moved_y = Matrix::from_fn(100, 11, |i, j| scales[10 - j] * y[(i, j)]);
    let after = path(&moved_x, &moved_y);
    let expected: Vec<f64> = order.iter().map(|&j| before.critical_x()[j]).collect();
    assert_close(after.critical_x(), &expected, 1e-12, "x");
    assert_close(after.critical_y(), before.critical_y(), 1e-12, "y");
}

#[test]
fn the_order_of_the_inputs_and_of_the_sides_changes_nothing() {
    let (x, y) = shared_pair(2);
    let before = path(&x, &y);
    let shuffled =
        |side: &Matrix| Matrix::from_fn(100, side.columns(), |i, j| side[((37 * i + 11) % 100, j)]);
    let after = path(&shuffled(&x), &shuffled(&y));
    assert_close(after.critical_x(), before.critical_x(), 1e-12, "x");
    let exchanged = path(&y, &x);
    assert_close(exchanged.critical_y(), before.critical_x(), 1e-12, "x");
    assert_close(exchanged.critical_x(), before.critical_y(), 1e-12, "y");
}

#[test]
fn a_rotation_of_the_neurons_changes_the_match() {
    // Half of the neurons are shared and half are not; mixing them leaves none that is shared.
    let mut rng = data::rng(3);
    let (shared, own_x, own_y) = (normal(&mut rng, 60, 3), normal(&mut rng, 60, 3), normal(&mut rng, 60, 3));
    let (x, y) = (data::beside(&shared, &own_x), data::beside(&shared, &own_y));
    let before = path(&x, &y);
    assert_eq!(before.similarity(Epsilon::new(0.1).unwrap()), 0.5);
    let rotation = data::from_columns(&data::orthonormal(&mut rng, 7, 6)); // of seven inputs, six neurons
    let square = Matrix::from_fn(6, 6, |i, j| rotation[(i, j)]);
    let after = path(&product(&x, &square), &y);
    assert_eq!(after.similarity(Epsilon::new(0.1).unwrap()), 0.0);
    // The spans are the same, so nothing happens to what lies in both.
    assert_eq!(after.ranks(), before.ranks());
}

#[test]
fn a_representation_matches_itself_and_its_linear_images_at_zero() {
    let mut rng = data::rng(4);
    let x = normal(&mut rng, 80, 9);
    let image = product(&x, &normal(&mut rng, 9, 9));
    for other in [&x, &image] {
        let path = path(&x, other);
        assert_eq!(path.similarity(Epsilon::new(0.0).unwrap()), 1.0);
        assert!(path.score() > 1.0 - 1e-12);
        assert_eq!((path.ranks().x, path.ranks().y, path.ranks().joint), (9, 9, 9));
    }
}

#[test]
fn saturated_sides_match_at_zero_exactly() {
    let mut rng = data::rng(5);
    let (x, y) = (normal(&mut rng, 20, 25), normal(&mut rng, 20, 31));
    let path = path(&x, &y);
    assert!(path.critical_x().iter().chain(path.critical_y()).all(|&critical| critical == 0.0));
    assert!(path.ranks().saturated());
    assert_eq!((path.ranks().x, path.ranks().y, path.ranks().joint), (20, 20, 20));
}

#[test]
fn the_three_policies_for_zero_neurons() {
    let mut rng = data::rng(6);
    let shared = normal(&mut rng, 30, 2);
    let x = data::beside(&shared, &Matrix::zeros(30, 3));
    let y = data::beside(&Matrix::zeros(30, 1), &shared);
    let neurons = Neurons::new(&x, &y);
    assert_eq!((neurons.zero_x(), neurons.zero_y()), (vec![2, 3, 4], vec![0]));
    let at = Epsilon::new(0.1).unwrap();
    for (zero, similarity, members) in
        [(ZeroNeurons::Unmatched, 0.5, 4), (ZeroNeurons::Matched, 1.0, 8), (ZeroNeurons::Excluded, 1.0, 4)]
    {
        let path = Path::new(&neurons, zero).unwrap();
        assert_eq!(path.similarity(at), similarity, "{zero:?}");
        assert!((path.score() - similarity).abs() < 1e-12, "{zero:?}");
        assert_eq!(path.maximum_match(at).len(), members, "{zero:?}");
    }
    let nothing = Neurons::new(&Matrix::zeros(30, 2), &Matrix::zeros(30, 1));
    assert!(Path::new(&nothing, ZeroNeurons::Excluded).is_err());
    assert_eq!(Path::new(&nothing, ZeroNeurons::Unmatched).unwrap().score(), 0.0);
    assert_eq!(Path::new(&nothing, ZeroNeurons::Matched).unwrap().score(), 1.0);
}

#[test]
fn centring_removes_a_common_offset() {
    // Unrelated neurons on a large common offset match through it, unless centred.
    let mut rng = data::rng(7);
    let mut offset = |d: usize| Matrix::from_fn(200, d, |_, _| 10.0 + data::normal_value(&mut rng));
    let (mut x, y) = (offset(4), offset(4));
    let at = Epsilon::new(0.25).unwrap();
    assert_eq!(path(&x, &y).similarity(at), 1.0);
    x.column_mut(1).fill(0.1); // a dead neuron with a bias
    let neurons = Neurons::centred(&x, &y);
    assert_eq!(neurons.zero_x(), [1]);
    let centred = Path::new(&neurons, ZeroNeurons::Unmatched).unwrap();
    assert_eq!(centred.similarity(at), 0.0);
    assert_eq!(centred.ranks().ambient, 199);
    // Centring does what subtracting the means beforehand does.
    let by_hand = |side: &Matrix| {
        let mean = |j: usize| side.column(j).iter().sum::<f64>() / 200.0;
        let means: Vec<f64> = (0..side.columns()).map(mean).collect();
        Matrix::from_fn(200, side.columns(), |i, j| if j == 1 { 0.0 } else { side[(i, j)] - means[j] })
    };
    let y_fixed = Matrix::from_fn(200, 4, |i, j| if j == 1 { 3.0 } else { y[(i, j)] });
    let expected = path(&by_hand(&x), &by_hand(&y_fixed));
    let found = Path::new(&Neurons::centred(&x, &y_fixed), ZeroNeurons::Unmatched).unwrap();
    assert_close(found.critical_x(), expected.critical_x(), 1e-12, "x");
    assert_close(found.critical_y(), expected.critical_y(), 1e-12, "y");
}

#[test]
#[should_panic(expected = "must be finite")]
fn a_neuron_without_a_single_number_is_not_a_zero_neuron() {
    let x = Matrix::from_fn(5, 2, |_, j| if j == 0 { 1.0 } else { f64::NAN });
    Neurons::new(&x, &x.clone());
}

#[test]
#[should_panic(expected = "must be finite")]
fn values_that_are_not_finite_are_refused() {
    let mut x = Matrix::from_fn(5, 2, |i, j| (i + j) as f64);
    x[(3, 1)] = f64::NAN;
    Neurons::new(&x, &x.clone());
}
