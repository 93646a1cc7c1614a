//! The seed experiment against the published shape: convolutions of different seeds do not match, the layer before
//! the output does, and training makes every layer more alike.
// The helpers are part of the tests too, and the table they print shows with `--nocapture`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod reference;

use isorep::{Representation, Result};
use isorep_lab::digits::Digits;
use isorep_lab::experiments::seeds::{LayerComparison, Progress, SeedExperiment, Seeds};
use isorep_lab::{Error, Neurons};
use reference::{Columns, maximum_match};
use std::sync::Mutex;

/// Descending; the mean share over them stands in for the score without a parameter.
const EPSILONS: [f64; 11] = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1];

fn shares(x: &Representation, y: &Representation) -> Vec<f64> {
    maximum_match(&columns(x), &columns(y), &EPSILONS)
}

fn columns(r: &Representation) -> Columns {
    let mut values = vec![0.0; r.n() * r.d()];
    r.rows().unwrap().read_f64(0..r.n(), &vec![0.0; r.d()], &mut values);
    (0..r.d()).map(|j| values.iter().skip(j).step_by(r.d()).copied().collect()).collect()
}

/// Mean over the pairs of the share at one ε, and of the score.
fn at(pairs: &[Result<Vec<f64>>], epsilon: f64) -> f64 {
    let place = EPSILONS.iter().position(|e| *e == epsilon).unwrap();
    pairs.iter().map(|p| p.as_ref().unwrap()[place]).sum::<f64>() / pairs.len() as f64
}

fn score(pairs: &[Result<Vec<f64>>]) -> f64 {
    EPSILONS.iter().map(|e| at(pairs, *e)).sum::<f64>() / EPSILONS.len() as f64
}

fn train(experiment: &SeedExperiment) -> (Seeds, Vec<LayerComparison<Vec<f64>>>) {
    let seeds = experiment.run(&Digits::load(), |_| true).unwrap();
    for run in &seeds.runs {
        println!("seed {}: train {:.4} test {:.4}", run.seed, run.train_accuracy, run.test_accuracy);
        assert!(run.test_accuracy >= 0.96, "seed {}: {}", run.seed, run.test_accuracy);
        assert!(run.untrained_accuracy < 0.4, "seed {}: {}", run.seed, run.untrained_accuracy);
    }
    let compared = seeds.compare(|x, y| Ok(shares(x, y)));
    for LayerComparison { layer, trained, untrained, mixed } in &compared {
        println!(
            "{layer:7} trained {:.3} / {:.3} score {:.3}, untrained {:.3} score {:.3}, mixed {:.3}  (ε .25 / .2)",
            at(trained, 0.25),
            at(trained, 0.2),
            score(trained),
            at(untrained, 0.25),
            score(untrained),
            at(mixed, 0.25),
        );
    }
    (seeds, compared)
}

#[test]
fn convolutional_networks_show_the_published_shape() {
    let (seeds, compared) = train(&SeedExperiment::convolutional());
    let layers: Vec<&str> = compared.iter().map(|c| c.layer.as_str()).collect();
    assert_eq!(layers, ["conv1", "conv2", "pool1", "conv3", "pool2", "logits"]);
    let flat: Vec<bool> = seeds.readings.iter().map(|r| *r == Neurons::Flatten).collect();
    assert_eq!(flat, [false, false, false, false, true, true]);
    for comparison in &compared {
        let LayerComparison { layer, trained, untrained, mixed } = comparison;
        assert_eq!((trained.len(), untrained.len(), mixed.len()), (3, 3, 6));
        if layer.starts_with("conv") {
            assert!(at(trained, 0.25) <= 0.05, "{layer}");
        }
        assert!(score(trained) > score(untrained) + 0.05, "{layer}");
    }
    assert!(at(&compared[4].trained, 0.25) >= 0.4, "the pooled layer before the output");
}

#[test]
fn perceptrons_match_once_trained_and_not_before() {
    let (_, compared) = train(&SeedExperiment::perceptron());
    for LayerComparison { layer, trained, untrained, mixed } in &compared[..3] {
        // The prototype saw .28–.62 and .64–.77. These seeds lie within; seeds 3 to 8 reach .71 and .79.
        assert!((0.28..=0.75).contains(&at(trained, 0.2)), "{layer}");
        assert!((0.64..=0.85).contains(&at(trained, 0.25)), "{layer}");
        assert!(at(trained, 0.25) - at(mixed, 0.25) >= 0.4, "{layer}");
        assert!(score(trained) > score(untrained), "{layer}");
    }
}

#[test]
fn progress_is_reported_for_every_seed_and_stopping_stops() {
    let mut experiment = SeedExperiment::perceptron();
    experiment.training.epochs = 2;
    let heard = Mutex::new(vec![]);
    let hear = |p: Progress| {
        heard.lock().unwrap().push((p.seed, p.epoch, p.epochs));
        true
    };
    experiment.run(&Digits::load(), hear).unwrap();
    let mut heard = heard.into_inner().unwrap();
    heard.sort_unstable();
    assert_eq!(heard, [(0, 1, 2), (0, 2, 2), (1, 1, 2), (1, 2, 2), (2, 1, 2), (2, 2, 2)]);
    assert_eq!(experiment.run(&Digits::load(), |_| false).unwrap_err(), Error::Interrupted);
}
