//! What a measure asks of a pair besides the activations: it is refused without it if and only if it says so.

use super::data::{Activations, Source, close, context, for_every_measure, known, pair};
use isorep::measure::Needs;
use isorep::{AnyMeasure, Context, Error, Pair};

fn ordinary() -> Vec<(Activations, Activations)> {
    let mut source = Source::new(81);
    vec![source.related(48, 6, 6), source.counterparts(60, 8), source.unrelated(30, 5, 5)]
}

#[test]
fn labels_groups_and_raw_input_are_needed_if_and_only_if_stated() {
    let inputs = ordinary();
    for_every_measure("asks for what is known of the inputs if and only if it says so", |measure| {
        let needs = measure.properties().needs;
        let mut failures = Vec::new();
        for (x, y) in &inputs {
            let all: Vec<usize> = (0..x.n).collect();
            let whole = context(&all);
            let without = |flag: Needs| {
                let mut some = Context::default();
                if flag != Needs::LABELS {
                    some = some.with_labels(whole.labels().unwrap().clone());
                }
                if flag != Needs::GROUPS {
                    some = some.with_groups(whole.groups().unwrap().clone());
                }
                if flag != Needs::INPUT {
                    some = some.with_input(whole.input().unwrap().clone());
                }
                measure.compare(&pair(x, y).with_context(some).unwrap())
            };
            for flag in [Needs::LABELS, Needs::GROUPS, Needs::INPUT] {
                let (with, lacking) = (measure.compare(&pair(x, y)), without(flag));
                let refused = matches!(lacking, Err(Error::NeedsContext { .. }));
                if refused != needs.contains(flag) || (!refused && with != lacking) {
                    failures.push(format!("{flag:?} left out: {with:?} became {lacking:?}"));
                }
            }
        }
        failures
    });
}

#[test]
fn only_measures_that_say_so_compare_unaligned_sides() {
    let inputs = ordinary();
    for_every_measure("rows are compared one by one if and only if it says so", |measure: &AnyMeasure| {
        let aligned = measure.properties().aligned;
        let mut failures = Vec::new();
        let mut largest: f64 = 0.0;
        for (x, y) in &inputs {
            let order = Source::new(82).order(y.n);
            let (x, y, shuffled) =
                (x.representation("x"), y.representation("y"), y.rows(&order).representation("y"));
            let whole = measure.compare(&known(&x, &y));
            let unaligned = measure.compare(&Pair::unaligned(&x, &shuffled));
            match (&whole, &unaligned) {
                (_, Err(Error::NotAligned { .. })) if aligned => {}
                (Ok(a), Ok(b)) if !aligned && close(*a, *b, 1e-9) => {}
                (a, b) => failures.push(format!("{a:?} row by row, {b:?} unaligned")),
            }
            if let (Ok(a), Ok(b)) = (whole, measure.compare(&known(&x, &shuffled))) {
                largest = largest.max((a - b).abs());
            }
            let shorter = shuffled.select(&(0..y.n() - 7).collect::<Vec<_>>()).unwrap();
            match measure.compare(&Pair::unaligned(&x, &shorter)) {
                Err(Error::NotAligned { .. }) if aligned => {}
                Ok(_) if !aligned => {}
                outcome => failures.push(format!("sides of different lengths: {outcome:?}")),
            }
        }
        if aligned && largest <= 1e-6 {
            failures.push(format!("shuffling the rows of one side changes nothing (at most {largest:.1e})"));
        }
        failures
    });
}

#[test]
fn a_context_of_another_length_is_refused() {
    let (x, y) = Source::new(83).related(20, 3, 3);
    let other = context(&(0..19).collect::<Vec<_>>());
    let error = pair(&x, &y).with_context(other).unwrap_err();
    assert!(matches!(error, Error::ContextLength { got: 19, n: 20, .. }), "{error}");
}
