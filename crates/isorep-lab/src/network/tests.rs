//! Every gradient against finite differences, and the promise of equal bits for equal seeds.

use super::*;
use crate::Error;
use crate::digits::{Digits, Labelled};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn draw(count: usize, seed: u64) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..count).map(|_| rng.random::<f32>() * 2.0 - 1.0).collect()
}

/// The derivatives of Σ weight · output by every parameter and every input of a layer, against central differences.
///
/// The output is piecewise linear in each of them, so a difference within one piece is exact up to rounding; the few
/// that cross a kink of a ReLU or a maximum are told by one-sided differences that disagree, and are left out.
fn check_layer(layer: &Layer, x: &Activations) {
    const STEP: f32 = 1.0 / 64.0;
    let out = layer.forward(x);
    let weight = draw(out.values().len(), 99);
    let value = |layer: &Layer, x: &Activations| -> f64 {
        layer.forward(x).values().iter().zip(&weight).map(|(o, w)| f64::from(*o) * f64::from(*w)).sum()
    };
    let gradients = layer.backward(x, &out, &weight, true);
    let here = value(layer, x);
    let mut compared = 0;
    let mut compare = |what: &str, at: usize, gradient: f32, moved: &dyn Fn(f32) -> f64| {
        let ahead = (moved(STEP) - here) / f64::from(STEP);
        let behind = (here - moved(-STEP)) / f64::from(STEP);
        if (ahead - behind).abs() < 1e-3 {
            let numeric = 0.5 * (ahead + behind);
            assert!(
                (numeric - f64::from(gradient)).abs() < 1e-3,
                "{what} {at}: {numeric} against {gradient}"
            );
            compared += 1;
        }
    };
    for (at, &gradient) in gradients.parameters.iter().enumerate() {
        compare("parameter", at, gradient, &|step| {
            let mut layer = layer.clone();
            layer.affine_mut().unwrap().parameters_mut()[at] += step;
            value(&layer, x)
        });
    }
    for (at, &gradient) in gradients.input.iter().enumerate() {
        compare("input", at, gradient, &|step| {
            let mut x = x.clone();
            x.values_mut()[at] += step;
            value(layer, &x)
        });
    }
    let all = gradients.parameters.len() + gradients.input.len();
    assert!(compared * 3 >= all * 2, "only {compared} of {all} could be compared");
}

#[test]
fn gradients_of_each_kind_of_layer_equal_finite_differences() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let image = Activations::new(2, 4, 5, 3, draw(2 * 4 * 5 * 3, 7));
    for relu in [false, true] {
        let convolution = Operation::Convolution(Affine::draw(27, 4, &mut rng));
        let linear = Operation::Linear(Affine::draw(60, 7, &mut rng));
        for operation in [convolution, linear, Operation::MaxPool] {
            check_layer(&Layer { name: "layer".into(), operation, relu }, &image);
        }
    }
}

#[test]
fn the_gradient_of_a_whole_network_predicts_the_change_of_the_loss() {
    let train = Digits::load().train;
    let first: Vec<usize> = (0..16).collect();
    let (images, labels) = (train.images.select(&first), &train.labels[..16]);
    for architecture in [Architecture::convolutional(), Architecture::perceptron()] {
        // Fresh biases are 0, which puts every blank patch of an image on the kink of the ReLU: train a little first.
        let mut network = architecture.network(3);
        QUICK.run(&mut network, &few(), 3, |_, _| true).unwrap();
        let (_, gradients) = network.gradient(&images, labels);
        // One layer at a time, along its own gradient: a wrong factor in any one layer shows.
        for (i, gradient) in gradients.iter().enumerate().filter(|(_, g)| !g.is_empty()) {
            let square: f64 = gradient.iter().map(|g| f64::from(*g) * f64::from(*g)).sum();
            let step = 1e-3 / square.sqrt() as f32;
            let loss = |sign: f32| {
                let mut moved = network.clone();
                let parameters = moved.layers[i].affine_mut().unwrap().parameters_mut();
                parameters.iter_mut().zip(gradient).for_each(|(p, g)| *p += sign * step * g);
                moved.gradient(&images, labels).0
            };
            let slope = (loss(1.0) - loss(-1.0)) / (2.0 * f64::from(step));
            assert!((slope / square - 1.0).abs() < 0.01, "layer {i}: {slope} against {square}");
        }
    }
}

/// A tenth of the data: enough to test the mechanics.
fn few() -> Labelled {
    let Labelled { images, labels, ids } = Digits::load().train;
    let first: Vec<usize> = (0..128).collect();
    Labelled { images: images.select(&first), labels: labels[..128].to_vec(), ids: ids[..128].to_vec() }
}

const QUICK: Training = Training { epochs: 3, batch: 32, rate: 1e-3 };

#[test]
fn the_same_seed_gives_the_same_bits_on_any_number_of_threads() {
    use rayon::prelude::*;
    let data = few();
    let train = |seed: u64| {
        let mut network = Architecture::convolutional().network(seed);
        let losses = QUICK.run(&mut network, &data, seed, |_, _| true).unwrap();
        (network, losses)
    };
    let alone: Vec<_> = (0..3).map(train).collect();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let together: Vec<_> = pool.install(|| (0..3_u64).into_par_iter().map(train).collect());
    assert_eq!(alone, together);
    assert_ne!(alone[0].0, alone[1].0);
}

/// A change of these digits is a change of every number of the laboratory: it belongs into the changelog.
#[test]
fn the_digits_of_a_training_do_not_move() {
    let mut network = Architecture::convolutional().network(0);
    let losses = QUICK.run(&mut network, &few(), 0, |_, _| true).unwrap();
    assert_eq!(losses, [2.432_794_343_729_369_8, 2.106_435_028_650_117, 1.941_956_127_840_986]);
}

#[test]
fn training_stops_when_asked_and_reports_each_epoch() {
    let mut seen = vec![];
    let mut network = Architecture::perceptron().network(0);
    let stopped = QUICK.run(&mut network, &few(), 0, |epoch, loss| {
        seen.push((epoch, loss));
        epoch < 2
    });
    assert_eq!(stopped, Err(Error::Interrupted));
    assert_eq!(seen.iter().map(|s| s.0).collect::<Vec<_>>(), [1, 2]);
    assert!(seen[1].1 < seen[0].1, "{seen:?}");
}

#[test]
fn captures_every_layer_under_its_name_and_in_its_shape() {
    let test = Digits::load().test;
    let network = Architecture::convolutional().network(1);
    let captured = network.capture(&test.images);
    let shapes: Vec<(&str, Vec<usize>)> =
        captured.iter().map(|c| (c.layer.as_str(), c.activations.shape())).collect();
    let expected = [
        ("conv1", vec![500, 16, 8, 8]),
        ("conv2", vec![500, 32, 8, 8]),
        ("pool1", vec![500, 32, 4, 4]),
        ("conv3", vec![500, 32, 4, 4]),
        ("pool2", vec![500, 32, 2, 2]),
        ("logits", vec![500, 10]),
    ];
    assert_eq!(shapes, expected);
    // Chunks do not show: one image alone has the bits it has among all.
    let alone = network.capture(&test.images.select(&[300]));
    for (all, alone) in captured.iter().zip(&alone) {
        assert_eq!(all.activations.select(&[300]), alone.activations, "{}", all.layer);
    }
    assert!(captured[0].activations.values().iter().all(|v| *v >= 0.0));
    assert!(captured[5].activations.values().iter().any(|v| *v < 0.0));
}
