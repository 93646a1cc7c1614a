//! Ordinary inputs on which similarity numbers mislead: for every measure each ends in the right number or a refusal.
//!
//! What a measure is by definition is no error: the biased CKA of independent noise is high, and its chance value says
//! so. So "right" is what permuted rows give, where nothing is shared, and clearly better than that, where something is.
//! What readings make of the same inputs, which name what a number alone cannot tell, is in [`table`].
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../data/mod.rs"]
mod data;
mod table;

use data::{Activations, Source, close, for_every_measure, known};
use isorep::measure::{Family, Invariance, Kind, Needs};
use isorep::{AnyMeasure, Error, Representation};

const N: usize = 64;
const D_X: usize = 512;
const D_Y: usize = 384;
const PERMUTATIONS: usize = 20;
/// Inputs of networks whose answers are compared: one bit of each, so more of them are needed to tell anything.
const ANSWERS: usize = 4 * N;

/// A side as this measure can take it: cut to the width of the other where it asks for equal ones.
fn fitted(measure: &AnyMeasure, a: &Activations) -> Activations {
    if measure.properties().needs.contains(Needs::EQUAL_WIDTHS) && a.d > D_Y {
        return a.columns(&(0..D_Y).collect::<Vec<_>>());
    }
    a.clone()
}

fn compare(measure: &AnyMeasure, x: &Representation, y: &Representation) -> isorep::Result<f64> {
    measure.compare(&known(x, y))
}

/// A 16-dimensional signal seen through random weights, plus noise of a quarter of its size.
fn shared(source: &mut Source, n: usize) -> (Activations, Activations) {
    let signal = source.noise(n, 16);
    let mut seen = |d| {
        let weights = source.noise(16, d);
        signal.times(&weights).plus(&source.noise(n, d))
    };
    (seen(D_X), seen(D_Y))
}

/// Answers of two networks to `ANSWERS` inputs of `known`: outputs over four classes, right on four of five inputs, and where
/// one is wrong so is the other.
fn answers(source: &mut Source) -> (Activations, Activations) {
    let answer = |i: usize| if i.is_multiple_of(5) { 3 } else { i % 3 };
    let mut outputs = || source.noise(ANSWERS, 4).map(|i, j, v| if j == answer(i) { v + 5.0 } else { v });
    (outputs(), outputs())
}

/// Of two pairs of sides the one that this measure is about: of activations, or of outputs whose columns are classes.
fn about<'a, T>(measure: &AnyMeasure, activations: &'a T, outputs: &'a T) -> &'a T {
    if measure.info().family == Family::Functional { outputs } else { activations }
}

/// Noise of the same size.
fn noise(source: &mut Source) -> (Activations, Activations) {
    (source.noise(N, D_X).scaled(17f64.sqrt()), source.noise(N, D_Y).scaled(17f64.sqrt()))
}

/// Values over permuted rows of y: mean and standard deviation.
fn permuted(measure: &AnyMeasure, x: &Representation, y: &Activations) -> Option<(f64, f64)> {
    let mut source = Source::new(7);
    let values: Vec<f64> = (0..PERMUTATIONS)
        .map(|_| compare(measure, x, &y.rows(&source.order(y.n)).single("y")).ok())
        .collect::<Option<_>>()?;
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64;
    Some((mean, variance.sqrt()))
}

/// How many standard deviations better than permuted rows; 0 for what does not depend on the order of the rows.
fn excess(measure: &AnyMeasure, value: f64, (mean, sd): (f64, f64)) -> f64 {
    let sign = if measure.properties().kind == Kind::Similarity { 1.0 } else { -1.0 };
    if close(value, mean, 1e-5) { 0.0 } else { sign * (value - mean) / sd }
}

#[test]
fn a_shared_signal_stands_out() {
    let (sides, outputs) = (shared(&mut Source::new(71), N), answers(&mut Source::new(71)));
    let more = shared(&mut Source::new(71), 4 * N);
    for_every_measure("a shared signal is clearly better than permuted rows", |measure| {
        // How much a class differs from the others on one side says nothing about which inputs do so on the other.
        if measure.info().family == Family::Statistics && measure.properties().needs.contains(Needs::LABELS) {
            return Vec::new();
        }
        // Of so few inputs ten are every sixth: a cycle among them closes by chance nearly always. One number an input is at
        // most √n standard deviations from chance.
        let few = ["cycle-knn", "instance-statistics"].contains(&measure.info().id);
        let sides = if few { &more } else { &sides };
        let (x, y) = about(measure, sides, &outputs);
        let x = fitted(measure, x).single("x");
        let Ok(value) = compare(measure, &x, &y.single("y")) else { return Vec::new() };
        let Some(chance) = permuted(measure, &x, y) else {
            return vec!["only defined in the right order".into()];
        };
        let excess = excess(measure, value, chance);
        // What does not know which input is which cannot tell.
        let fine = if measure.properties().aligned { excess > 8.0 } else { excess == 0.0 };
        if fine { Vec::new() } else { vec![format!("{value}, but {chance:?} (mean, sd) over permuted rows")] }
    });
}

#[test]
fn noise_and_shuffled_rows_are_at_chance() {
    let mut source = Source::new(72);
    let unrelated = (noise(&mut source), (source.noise(ANSWERS, 4), source.noise(ANSWERS, 4)));
    let (related, outputs) = (shared(&mut source, N), answers(&mut source));
    let mut shuffle = |(x, y): (Activations, Activations)| (x, y.rows(&source.order(y.n)));
    let shuffled = (shuffle(related), shuffle(outputs));
    for_every_measure("what shares nothing is at chance", |measure| {
        let mut failures = Vec::new();
        let unrelated = about(measure, &unrelated.0, &unrelated.1);
        let shuffled = about(measure, &shuffled.0, &shuffled.1);
        for (what, (x, y)) in [("noise", unrelated), ("shuffled rows", shuffled)] {
            let (x, y_single) = (fitted(measure, x).single("x"), y.single("y"));
            let Ok(value) = compare(measure, &x, &y_single) else { continue };
            let Some(chance) = permuted(measure, &x, y) else {
                failures.push(format!("{what}: only defined in one order"));
                continue;
            };
            if excess(measure, value, chance).abs() > 6.0 {
                failures.push(format!("{what}: {value}, but {chance:?} (mean, sd) over permuted rows"));
            }
            if let Ok(Some(claimed)) = measure.chance(&known(&x, &y_single)) {
                let error = chance.1 / (PERMUTATIONS as f64).sqrt();
                if (claimed - chance.0).abs() > 6.0 * error + 1e-5 * (1.0 + claimed.abs()) {
                    failures.push(format!(
                        "{what}: chance is said to be {claimed} and is {} ± {error}",
                        chance.0
                    ));
                }
            }
        }
        failures
    });
}

#[test]
fn itself_is_the_best() {
    let (x, _) = shared(&mut Source::new(73), N);
    // A copy, so that nothing can be known from its address.
    let (x, copy) = (x.single("x"), x.single("copy"));
    for_every_measure("a representation and a copy of it have the value of the identity", |measure| {
        match (compare(measure, &x, &copy), measure.properties().identity) {
            (Ok(value), Some(best)) if !close(value, best, 1e-6) => vec![format!("{value}, not {best}")],
            _ => Vec::new(),
        }
    });
}

#[test]
fn a_dead_layer_is_undefined() {
    let (x, _) = shared(&mut Source::new(74), N);
    for_every_measure("a dead layer is refused by name", |measure| {
        let x = fitted(measure, &x).single("x");
        let check = |level: f64| {
            let dead = Activations::new(N, D_Y, vec![level; N * D_Y]).single("dead");
            let outcomes = [compare(measure, &x, &dead), compare(measure, &dead, &x)];
            let named = |r: &isorep::Result<f64>| r.as_ref().is_err_and(|e| e.to_string().contains("`dead`"));
            (!outcomes.iter().all(named)).then(|| format!("all values {level}: {outcomes:?}"))
        };
        [0.0, 0.1].into_iter().filter_map(check).collect()
    });
}

/// One row a thousand times as large on both sides. What the outlier does to a value must go away with it, so that the
/// influence of a row can be told from the values without it.
#[test]
fn one_shared_outlier_is_found_by_leaving_it_out() {
    let (x, y) = noise(&mut Source::new(75));
    for size in [30.0, 1000.0] {
        let outlier = |a: &Activations| a.map(|i, _, v| if i == 5 { size * v } else { v });
        let (out_x, out_y) = (outlier(&x), outlier(&y));
        let rest: Vec<usize> = (0..N).filter(|i| *i != 5).collect();
        for_every_measure("a shared outlier is found by leaving it out", |measure| {
            let out_x = fitted(measure, &out_x);
            let (full_x, full_y) = (out_x.single("x"), out_y.single("y"));
            let double = |a: &Activations, name| a.rounded().representation(name);
            let (double_x, double_y) = (double(&out_x, "x"), double(&out_y, "y"));
            let without = (full_x.select(&rest).unwrap(), full_y.select(&rest).unwrap());
            let mut failures = Vec::new();
            let single = compare(measure, &full_x, &full_y);
            if let (Ok(single), Ok(double)) = (&single, compare(measure, &double_x, &double_y))
                && !close(*single, double, 1e-4)
            {
                failures.push(format!("size {size}: {single} in single precision is {double} in double"));
            }
            if let Ok(value) = compare(measure, &without.0, &without.1) {
                let chance = permuted(measure, &without.0, &y.rows(&rest));
                if chance.is_none_or(|chance| excess(measure, value, chance).abs() > 6.0) {
                    failures
                        .push(format!("size {size}: without the outlier it is {value}, chance {chance:?}"));
                }
            }
            failures
        });
    }
}

#[test]
fn one_nan_is_refused_with_its_cell() {
    let (x, _) = shared(&mut Source::new(76), N);
    let broken = x.map(|i, j, v| if (i, j) == (17, 301) { f64::NAN } else { v });
    let error = Representation::from_f64("broken", N, D_X, broken.values).unwrap_err();
    assert!(matches!(error, Error::NotFinite { row: 17, column: 301, count: 1, .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("`broken`") && text.contains("row 17") && text.contains("column 301"), "{text}");
}

#[test]
fn a_large_offset_in_single_precision_changes_nothing() {
    let (x, y) = shared(&mut Source::new(77), N);
    let offset = |a: &Activations| a.map(|_, _, v| v + 1e4).rounded();
    let (far_x, far_y) = (offset(&x), offset(&y));
    // What single precision left of the numbers, without the offset.
    let back = |a: &Activations| a.map(|_, _, v| v - 1e4);
    let (near_x, near_y) = (back(&far_x), back(&far_y).representation("y"));
    let (far_y, y) = (far_y.single("y"), y.single("y"));
    for_every_measure("an offset of 10⁴ in single precision changes nothing", |measure| {
        let promised = measure.properties().invariance;
        if !(promised.x & promised.y).contains(Invariance::TRANSLATION) {
            return Vec::new();
        }
        let near_x = fitted(measure, &near_x).representation("x");
        let (far_x, x) = (fitted(measure, &far_x).single("x"), fitted(measure, &x).single("x"));
        let far = compare(measure, &far_x, &far_y);
        let mut failures = Vec::new();
        for (what, tolerance, other) in [
            ("the same numbers about zero", 1e-5, compare(measure, &near_x, &near_y)),
            ("before rounding", 1e-3, compare(measure, &x, &y)),
        ] {
            match (&far, other) {
                (Ok(far), Ok(other)) if close(*far, other, tolerance) => {}
                (Err(_), Err(_)) => {}
                (far, other) => failures.push(format!("{far:?}; {what} {other:?}")),
            }
        }
        failures
    });
}
