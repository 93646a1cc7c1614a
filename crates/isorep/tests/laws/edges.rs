//! Degenerate input ends in a finite number or in an error that says something; never in NaN, never in a panic.

use super::data::{Activations, Source, for_every_measure, known, value};
use isorep::{Error, Representation};
use std::panic::{AssertUnwindSafe, catch_unwind};

fn cases() -> Vec<(String, Activations, Activations)> {
    let mut source = Source::new(41);
    let mut cases = Vec::new();
    let mut add = |name: &str, x: &Activations, y: &Activations| {
        cases.push((name.to_owned(), x.clone(), y.clone()));
        cases.push((format!("{name}, sides exchanged"), y.clone(), x.clone()));
    };
    for n in 1..=5 {
        let (x, y) = source.related(n, 3, 4);
        add(&format!("n = {n}"), &x, &y);
        add(&format!("n = {n}, one neuron"), &source.noise(n, 1), &source.noise(n, 1));
    }
    let (x, y) = source.related(24, 5, 6);
    let n = x.n;
    let constant = |v: f64| Activations::new(n, 3, vec![v; 3 * n]);
    add("a constant neuron", &x.map(|_, j, v| if j == 1 { 0.1 } else { v }), &y);
    add("a dead neuron", &x.map(|_, j, v| if j == 1 { 0.0 } else { v }), &y);
    add("a constant representation", &constant(0.1), &y);
    add("a zero representation", &constant(0.0), &y);
    add("two constant representations", &constant(0.1), &constant(1e4));
    add("a repeated neuron", &x.columns(&[0, 1, 1, 2, 0]), &y);
    let rank_two = source.noise(n, 2).times(&source.noise(2, 8));
    add("rank 2 of 8", &rank_two, &y);
    add("rank 2 of 8 on both sides", &rank_two, &source.noise(n, 2).times(&source.noise(2, 8)));
    add("more neurons than inputs", &source.noise(n, 60), &y);
    add("more neurons than inputs on both sides", &source.noise(n, 60), &source.noise(n, 70));
    add("as many neurons as inputs", &source.noise(n, n), &y);
    add("one neuron less than inputs", &source.noise(n, n - 1), &y);
    let twice: Vec<usize> = (0..n).map(|i| i / 2).collect();
    add("every input twice", &x.rows(&twice), &y.rows(&twice));
    let same: Vec<usize> = (0..n).map(|i| usize::from(i == n - 1)).collect();
    add("all inputs the same but one", &x.rows(&same), &y);
    add("all inputs the same but one on both sides", &x.rows(&same), &y.rows(&same));
    add("an offset of 10⁴", &x.map(|_, _, v| v + 1e4), &y);
    add("an offset of 10⁸", &x.map(|_, _, v| v + 1e8), &y);
    add("one huge value", &x.map(|i, j, v| if (i, j) == (3, 2) { 1e9 } else { v }), &y);
    for scale in [1e-160, 1e-100, 1e-60, 1e-30, 1e30, 1e60, 1e100, 1e160, 1e300] {
        add(&format!("values of size {scale:e}"), &x.scaled(scale), &y);
        add(&format!("values of size {scale:e} on both sides"), &x.scaled(scale), &y.scaled(scale));
    }
    add("neurons of very different scale", &x.scaled_columns(|j| 10f64.powf(5.0 * j as f64 - 10.0)), &y);
    add(
        "orthogonal inputs",
        &Activations::new(4, 4, (0..16).map(|k| f64::from(u8::from(k % 5 == 0))).collect()),
        &source.noise(4, 2),
    );
    add("the same", &x, &x);
    add("opposite", &x, &x.scaled(-1.0));
    cases
}

#[test]
fn degenerate_input_gives_a_finite_number_or_an_error() {
    let cases = cases();
    for_every_measure("degenerate input gives a finite number or an error", |measure| {
        let check = |(name, x, y): &(String, Activations, Activations)| {
            let pair = match catch_unwind(|| (x.representation("x"), y.representation("y"))) {
                Ok((x, y)) => known(&x, &y),
                Err(_) => return None,
            };
            let compared = catch_unwind(AssertUnwindSafe(|| measure.compare(&pair)));
            let chance = catch_unwind(AssertUnwindSafe(|| measure.chance(&pair)));
            match (compared, chance) {
                (Err(_), _) | (_, Err(_)) => Some(format!("{name}: panicked")),
                (Ok(Ok(value)), _) if !value.is_finite() => Some(format!("{name}: {value}")),
                (Ok(Err(error)), _) if error.to_string().contains("NaN") => Some(format!("{name}: {error}")),
                (Ok(Ok(value)), Ok(chance)) => match chance {
                    Ok(None) => None,
                    Ok(Some(chance)) if chance.is_finite() => None,
                    other => Some(format!("{name}: the value is {value} but chance {other:?}")),
                },
                (Ok(Err(_)), Ok(_)) => None,
            }
        };
        cases.iter().filter_map(check).collect()
    });
}

/// Overflow must not end in a number: x / ∞ is 0, and 0 is a value.
#[test]
fn extreme_sizes_give_the_same_value_or_an_error() {
    let mut source = Source::new(44);
    let inputs = [source.related(30, 5, 4), source.related(12, 20, 16)];
    for_every_measure(
        "extreme sizes give the same value, where scale does not count, or an error",
        |measure| {
            let promised = measure.properties().invariance;
            let mut failures = Vec::new();
            for (x, y) in &inputs {
                let Ok(expected) = value(measure, x, y) else { continue };
                for exponent in [-300, -160, -100, -80, -50, 50, 80, 100, 150, 300] {
                    let scale = 10f64.powi(exponent);
                    for (side, x, y) in [("x", &x.scaled(scale), y), ("y", x, &y.scaled(scale))] {
                        let counts = if side == "x" { promised.x } else { promised.y };
                        if !counts.contains(isorep::measure::Invariance::SCALE) {
                            continue;
                        }
                        match value(measure, x, y) {
                            Ok(got) if (got - expected).abs() > 1e-8 => {
                                failures.push(format!("{side} of size 1e{exponent}: {got}, not {expected}"));
                            }
                            _ => {}
                        }
                    }
                }
            }
            failures
        },
    );
}

#[test]
fn a_constant_representation_is_an_error_that_names_it() {
    let (x, _) = Source::new(42).related(30, 5, 5);
    for_every_measure("a constant representation is refused by name", |measure| {
        let mut failures = Vec::new();
        for level in [0.0, 0.1, 1e4 + 0.1] {
            let dead = Activations::new(30, 4, vec![level; 120]).representation("dead");
            let live = x.representation("live");
            for (a, b) in [(&live, &dead), (&dead, &live), (&dead, &dead)] {
                match measure.compare(&known(a, b)) {
                    Err(error) if error.to_string().contains("`dead`") => {}
                    other => failures.push(format!("all values {level}: {other:?}")),
                }
            }
        }
        failures
    });
}

#[test]
fn rounding_of_a_rank_deficient_side_does_not_show() {
    // Repeating neurons changes no span; where a measure asks for the span alone the value must stay.
    let (x, y) = Source::new(43).related(40, 5, 4);
    let repeated = x.columns(&[0, 1, 2, 3, 4, 0, 1, 2]);
    for_every_measure("repeated neurons change no span", |measure| {
        // The overlap score divides by the number of neurons as its paper has it, unless told otherwise.
        let by_width = measure.label() == "eos";
        if by_width || !measure.properties().invariance.x.contains(isorep::measure::Invariance::LINEAR) {
            return Vec::new();
        }
        match (value(measure, &x, &y), value(measure, &repeated, &y)) {
            (Ok(a), Ok(b)) if (a - b).abs() < 1e-9 => Vec::new(),
            (a, b) => vec![format!("{a:?} became {b:?}")],
        }
    });
}

#[test]
fn no_inputs_and_no_neurons_cannot_be_written() {
    for (n, d) in [(0, 3), (3, 0), (0, 0)] {
        let error = Representation::from_f64("x", n, d, Vec::new()).unwrap_err();
        assert!(matches!(error, Error::Empty { .. }), "{error}");
    }
    let (x, y) =
        (Source::new(1).noise(4, 2).representation("x"), Source::new(1).noise(5, 2).representation("y"));
    assert!(matches!(isorep::Pair::new(&x, &y), Err(Error::RowCount { .. })));
}
