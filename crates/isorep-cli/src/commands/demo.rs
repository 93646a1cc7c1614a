//! `isorep demo`: trains small networks that differ in their seed only, compares them layer by layer, and then shows two
//! networks that compute the same function and do not match at all.

mod closing;

use super::ladder::rungs;
use crate::args::Demo;
use crate::diagnostics::Failure;
use crate::interrupt;
use crate::output::Output;
use crate::progress::Progress;
use isorep::measures::subspace::Epsilon;
use isorep::reading::ladder::{Ladder, Ranks};
use isorep::{AnyMeasure, MaximumMatch, Pair, Representation};
use isorep_lab::Neurons;
use isorep_lab::counterexamples::relu_read_out;
use isorep_lab::digits::Digits;
use isorep_lab::experiments::seeds::{SeedExperiment, Seeds};
use isorep_report::{CurvePoint, DemoLayer, DemoMeasure, DemoNetwork, DemoReport, SCHEMA, ZeroMatch};

/// What is shown of every pair: the match at ε = .25, the score without ε, and one measure each of inner products and
/// of alignment.
const MEASURES: [&str; 4] = ["maximum-match", "mean-match", "cka", "procrustes(form=angular)"];
/// Enough for a chance level to compare with; `isorep ladder` takes more.
const PERMUTATIONS: usize = 5;

pub(crate) fn run(args: &Demo, seed: u64, output: &Output) -> Result<(), Failure> {
    let digits = Digits::load();
    let mut experiment = SeedExperiment::convolutional();
    experiment.seeds = (0..args.seeds).map(|k| seed.wrapping_add(k)).collect();
    experiment.positions_seed = seed;
    experiment.training.epochs = args.epochs as usize;
    let progress = Progress::new("training", "epochs", experiment.seeds.len() * experiment.training.epochs);
    let seeds = experiment.run(&digits, |_| {
        progress.tick();
        !interrupt::asked()
    })?;
    drop(progress);
    let measures = MEASURES.iter().map(|label| label.parse()).collect::<Result<Vec<AnyMeasure>, _>>()?;
    let ladder = Ladder { seed, permutations: PERMUTATIONS, ..Ladder::default() };
    let networks = seeds.runs.iter().map(|run| DemoNetwork {
        seed: run.seed,
        loss: run.losses.last().copied().unwrap_or(f64::NAN),
        train_accuracy: run.train_accuracy,
        test_accuracy: run.test_accuracy,
        untrained_accuracy: run.untrained_accuracy,
    });
    let mut report = DemoReport {
        schema: SCHEMA,
        isorep: env!("CARGO_PKG_VERSION").into(),
        epochs: experiment.training.epochs,
        train_images: digits.train.len(),
        test_images: digits.test.len(),
        epsilon: Epsilon::default().get(),
        networks: networks.collect(),
        layers: layers(&seeds, &measures, ladder)?,
        ladder_seeds: [seeds.runs[0].seed, seeds.runs[1].seed],
        permutations: PERMUTATIONS,
        zero_match: zero_match(&measures, ladder)?,
        closing: Vec::new(),
    };
    report.closing = closing::paragraphs(&report);
    output.report(&report)
}

/// Every measure and the ladder, layer by layer.
fn layers(seeds: &Seeds, measures: &[AnyMeasure], ladder: Ladder) -> Result<Vec<DemoLayer>, Failure> {
    let [first, second] = [&seeds.runs[0], &seeds.runs[1]];
    let progress = Progress::new("comparing", "layers", first.trained.len());
    let mut layers = Vec::new();
    for (at, layer) in first.trained.iter().enumerate() {
        interrupt::check()?;
        let side = |trained: bool| -> Vec<&Representation> {
            seeds.runs.iter().map(|run| if trained { &run.trained[at] } else { &run.untrained[at] }).collect()
        };
        let (trained, untrained) = (pairs(&side(true))?, pairs(&side(false))?);
        let climbed = ladder.climb(&Pair::new(layer, &second.trained[at])?);
        let ranks: Vec<usize> = trained
            .iter()
            .filter_map(|pair| Ranks::of(pair).ok())
            .flat_map(|ranks| [ranks.rank_x, ranks.rank_y])
            .collect();
        layers.push(DemoLayer {
            name: layer.name().into(),
            read: read(seeds.readings[at]),
            n: layer.n(),
            d: layer.d(),
            ranks: ranks.iter().min().zip(ranks.iter().max()).map(|(low, high)| [*low, *high]),
            measures: measures.iter().map(|measure| means(measure, &trained, &untrained)).collect(),
            reason: climbed.as_ref().err().map(ToString::to_string),
            rungs: climbed.as_ref().map(rungs).unwrap_or_default(),
        });
        progress.tick();
    }
    Ok(layers)
}

/// Every pair of networks once.
fn pairs(sides: &[&Representation]) -> Result<Vec<Pair>, Failure> {
    let mut pairs = Vec::new();
    for (i, x) in sides.iter().enumerate() {
        for y in &sides[i + 1..] {
            pairs.push(Pair::new(x, y)?);
        }
    }
    Ok(pairs)
}

/// Mean values; a pair without a value is left out, and the reason is told if none has one.
fn means(measure: &AnyMeasure, trained: &[Pair], untrained: &[Pair]) -> DemoMeasure {
    let mean = |pairs: &[Pair]| {
        let values: Vec<_> = pairs.iter().map(|pair| measure.compare(pair)).collect();
        let known: Vec<f64> = values.iter().filter_map(|value| value.as_ref().ok().copied()).collect();
        match values.into_iter().find_map(Result::err) {
            Some(error) if known.is_empty() => Err(error.to_string()),
            _ => Ok(known.iter().sum::<f64>() / known.len() as f64),
        }
    };
    let (trained, untrained) = (mean(trained), mean(untrained));
    DemoMeasure {
        label: measure.label(),
        reason: trained.as_ref().err().or(untrained.as_ref().err()).cloned(),
        trained: trained.ok(),
        untrained: untrained.ok(),
    }
}

fn read(how: Neurons) -> String {
    match how {
        Neurons::Flatten => "every number of an image is a neuron, every image an input".into(),
        Neurons::Mean => "a channel, averaged over its positions, is a neuron, every image an input".into(),
        Neurons::Positions { draw, seed } => format!(
            "a channel is a neuron, a position of an image an input; at most {draw} positions drawn with seed {seed}"
        ),
    }
}

/// The pair of ReLU networks of the same function.
fn zero_match(measures: &[AnyMeasure], ladder: Ladder) -> Result<ZeroMatch, Failure> {
    let example = relu_read_out(3.0, &[1.0, 1.0, 1.0, 4.0]);
    let [x, y] = example.representations()?;
    let pair = Pair::new(&x, &y)?;
    let outputs =
        example.twins.as_ref().map(|twins| twins.networks.each_ref().map(|n| n.output(&twins.inputs)));
    let [ours, theirs] = outputs.unwrap_or_default();
    let largest = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, |most: f64, v| most.max(v.abs()));
    let path = MaximumMatch::default().path(&pair)?;
    let ranks = path.ranks();
    let at = |epsilon: f64| -> Result<CurvePoint, Failure> {
        Ok(CurvePoint { epsilon, similarity: path.similarity(Epsilon::new(epsilon)?) })
    };
    let critical = path.critical_x().iter().chain(path.critical_y());
    // The match itself is told for several ε.
    let others = measures.iter().filter(|measure| measure.info().id != "maximum-match");
    Ok(ZeroMatch {
        parameters: example.parameters.clone(),
        n: pair.n(),
        output_size: largest(&mut ours.iter().copied()),
        output_difference: largest(&mut ours.iter().zip(&theirs).map(|(a, b)| a - b)),
        shared_variance: example.exact.explained,
        ranks: [ranks.x, ranks.y, ranks.joint],
        matches: [0.15, 0.25, 0.5].into_iter().map(at).collect::<Result<_, _>>()?,
        least_critical_epsilon: critical.copied().fold(1.0, f64::min),
        measures: others.map(|measure| means(measure, std::slice::from_ref(&pair), &[])).collect(),
        rungs: rungs(&ladder.climb(&pair)?),
    })
}
