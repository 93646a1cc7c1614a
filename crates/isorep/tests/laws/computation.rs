//! How a value is computed does not show in it: caches, storage precision.
//! (Threads are a test target of their own, because it sets up the global pool.)

use super::data::{Activations, Source, close, for_every_measure, known, pair};
use isorep::{AnyMeasure, MEASURES, Pair};

fn inputs() -> Vec<(Activations, Activations)> {
    let mut source = Source::new(31);
    vec![source.related(50, 7, 9), source.related(14, 20, 18), source.related(22, 3, 40)]
}

/// What came out, as bits where it is a number.
fn bits(measure: &AnyMeasure, pair: &Pair) -> Result<u64, String> {
    measure.compare(pair).map(f64::to_bits).map_err(|error| error.to_string())
}

#[test]
fn what_was_computed_before_does_not_show() {
    // One pair on which everything has been computed twice, in the order of the catalogue and then backwards.
    let warmed: Vec<(Pair, (Activations, Activations))> = inputs()
        .into_iter()
        .map(|(x, y)| {
            let warm = pair(&x, &y);
            for entry in MEASURES.iter().chain(MEASURES.iter().rev()) {
                for measure in entry.samples() {
                    let _ = measure.compare(&warm);
                    let _ = measure.chance(&warm);
                }
            }
            (warm, (x, y))
        })
        .collect();
    for_every_measure("a cold cache and a warm cache give the same bits", |measure| {
        let differing = |(warm, (x, y)): &(Pair, (Activations, Activations))| {
            let (cold, warm) = (bits(measure, &pair(x, y)), bits(measure, warm));
            (cold != warm).then(|| format!("{} × {} and {}: cold {cold:?}, warm {warm:?}", x.n, x.d, y.d))
        };
        warmed.iter().filter_map(differing).collect()
    });
}

#[test]
fn single_precision_storage_gives_nearly_the_same() {
    let mut inputs = inputs();
    // Near the identity a distance loses the most.
    let (x, _) = Source::new(32).related(40, 6, 6);
    let near = |by: f64| x.plus(&Source::new(33).noise(40, 6).scaled(by));
    inputs.extend([(x.clone(), near(0.1)), (x.clone(), near(0.01)), (x.clone(), x.clone())]);
    for_every_measure("the same numbers stored in single precision give nearly the same value", |measure| {
        let differing = |(x, y): &(Activations, Activations)| {
            let (x, y) = (x.rounded(), y.rounded());
            let single = measure.compare(&known(&x.single("x"), &y.single("y")));
            let double = measure.compare(&pair(&x, &y));
            match (single, double) {
                (Ok(single), Ok(double)) if close(single, double, 1e-5) => None,
                (Err(single), Err(double)) if single.to_string() == double.to_string() => None,
                (single, double) => Some(format!("{} × {} and {}: {single:?}, {double:?}", x.n, x.d, y.d)),
            }
        };
        inputs.iter().filter_map(differing).collect()
    });
}
