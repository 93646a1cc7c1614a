use super::*;
use crate::Error;

/// Clouds with near and far inputs, an offset, equal inputs, and one a thousand times as large as the others.
fn sample(n: usize, d: usize) -> Vec<f64> {
    use rand::{RngExt, SeedableRng};
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(3);
    let mut values: Vec<f64> =
        (0..n * d).map(|_| f64::from(random.random_range(-1.0f32..1.0)) + 0.3).collect();
    let (first, rest) = values.split_at_mut(d);
    for copy in [2, 7, 300] {
        rest[(copy - 1) * d..copy * d].copy_from_slice(first);
    }
    values[11 * d..12 * d].iter_mut().for_each(|v| *v *= 1000.0);
    values
}

/// All distances, sorted.
fn by_hand(values: &[f64], d: usize, metric: Metric, i: usize) -> Vec<(f64, u32)> {
    let row = |i: usize| &values[i * d..(i + 1) * d];
    let length = |a: &[f64]| a.iter().map(|v| v * v).sum::<f64>().sqrt();
    let distance = |j: usize| {
        let (a, b) = (row(i), row(j));
        match metric {
            Metric::Euclidean => a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt(),
            Metric::Cosine => 1.0 - a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / length(a) / length(b),
        }
    };
    let mut all: Vec<(f64, u32)> =
        (0..values.len() / d).filter(|j| *j != i).map(|j| (distance(j), j as u32)).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    all
}

#[test]
fn lists_are_those_of_all_distances() {
    let (n, d, k) = (1500, 9, 12);
    let values = sample(n, d);
    let double = Representation::from_f64("x", n, d, values.clone()).unwrap();
    let single = Representation::from_f32("x", n, d, values.iter().map(|v| *v as f32).collect()).unwrap();
    let rounded: Vec<f64> = values.iter().map(|v| f64::from(*v as f32)).collect();
    for metric in [Metric::Cosine, Metric::Euclidean] {
        for (x, values) in [(&double, &values), (&single, &rounded)] {
            let found = x.neighbors(metric, k).unwrap();
            for i in 0..n {
                let expected = by_hand(values, d, metric, i);
                for (r, (index, distance)) in found.of(i, k).iter().zip(found.distances(i, k)).enumerate() {
                    assert!(
                        (distance - expected[r].0).abs() < 1e-12 * (1.0 + expected[r].0),
                        "{metric:?} {i} {r}"
                    );
                    // Rounding of the check itself may swap what is equally far to 1e-14.
                    let tied = expected.iter().any(|(e, j)| j == index && (e - distance).abs() < 1e-12);
                    assert!(expected[r].1 == *index || tied, "{metric:?} {i} {r}");
                }
            }
        }
    }
}

#[test]
fn ties_go_to_the_lower_index_and_are_counted() {
    let x = Representation::from_f64("x", 5, 1, vec![0.0, 1.0, 1.0, 1.0, 5.0]).unwrap();
    let found = x.neighbors(Metric::Euclidean, 2).unwrap();
    assert_eq!(found.of(0, 2), [1, 2]);
    assert_eq!(found.of(2, 2), [1, 3]);
    assert_eq!(found.of(4, 2), [1, 2]);
    assert_eq!(found.distances(4, 1), [4.0]);
    assert_eq!(found.ambiguous(2), 2);
}

#[test]
fn an_input_without_activations_has_no_direction() {
    let x = Representation::from_f64("x", 4, 2, vec![0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 2.0]).unwrap();
    let found = x.neighbors(Metric::Cosine, 2).unwrap();
    assert!(found.of(0, 2).is_empty());
    assert_eq!(found.of(1, 2), [2, 3]);
    let error = x.neighbors(Metric::Cosine, 3).unwrap_err();
    assert!(error.to_string().contains("only 3 inputs of `x`"), "{error}");
    assert!(x.neighbors(Metric::Euclidean, 3).is_ok());
    assert_eq!(x.neighbors(Metric::Euclidean, 4).unwrap_err(), Error::TooFewSamples { needed: 5, got: 4 });
}

#[test]
fn longer_lists_begin_with_the_shorter_ones() {
    let x = Representation::from_f64("x", 800, 4, sample(800, 4)).unwrap();
    let short = x.neighbors(Metric::Cosine, 3).unwrap();
    let long = x.neighbors(Metric::Cosine, 40).unwrap();
    assert!((0..800).all(|i| short.of(i, 3) == long.of(i, 3)));
    assert!(Arc::ptr_eq(&long, &x.neighbors(Metric::Cosine, 10).unwrap()));
}
