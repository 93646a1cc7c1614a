//! Invariances, per side, if and only if they are promised; symmetry likewise; the order of the inputs never counts.

use super::data::{Activations, Source, close, context, for_every_measure, pair, value};
use isorep::measure::{Family, Invariance, Needs};
use isorep::{AnyMeasure, Error};

/// An invariant value may move by rounding only.
const SAME: f64 = 1e-8;
/// A value that is not invariant moves at least this much on one of the inputs.
const DIFFERENT: f64 = 1e-6;

type Inputs = Vec<(&'static str, Activations, Activations)>;

/// Pairs on which a change shows: more inputs than neurons, as many neurons on both sides, fewer inputs, a mix, and
/// neurons that have single counterparts.
fn inputs() -> Inputs {
    let mut source = Source::new(11);
    let named = |name, (x, y)| (name, x, y);
    vec![
        named("tall", source.related(48, 7, 5)),
        named("equally wide", source.related(40, 6, 6)),
        named("fewer inputs than neurons", source.related(16, 24, 20)),
        named("one side wide", source.related(20, 30, 4)),
        named("unrelated", source.unrelated(30, 5, 6)),
        named("neuron by neuron", source.counterparts(60, 8)),
    ]
}

/// A change of one side, by the flag that promises it does nothing.
struct Change {
    flag: Invariance,
    what: &'static str,
    apply: fn(&Activations, &mut Source) -> Activations,
}

const CHANGES: &[Change] = &[
    Change {
        flag: Invariance::TRANSLATION,
        what: "adding a vector",
        apply: |a, source| {
            let shift: Vec<f64> = (0..a.d).map(|_| 3.0 * source.normal()).collect();
            a.map(|_, j, v| v + shift[j])
        },
    },
    Change {
        flag: Invariance::TRANSLATION,
        what: "adding 10⁴ to everything",
        apply: |a, _| a.map(|_, _, v| v + 1e4),
    },
    Change { flag: Invariance::SCALE, what: "multiplying by 3.7", apply: |a, _| a.scaled(3.7) },
    Change { flag: Invariance::SCALE, what: "multiplying by 10⁻⁶", apply: |a, _| a.scaled(1e-6) },
    Change { flag: Invariance::SCALE, what: "multiplying by 10⁶", apply: |a, _| a.scaled(1e6) },
    Change {
        flag: Invariance::PERMUTATION,
        what: "reordering the neurons",
        apply: |a, source| a.columns(&source.order(a.d)),
    },
    Change {
        flag: Invariance::ORTHOGONAL,
        what: "rotating the neurons",
        apply: |a, source| a.times(&source.rotation(a.d)),
    },
    Change {
        flag: Invariance::LINEAR,
        what: "an invertible linear map of the neurons",
        apply: |a, source| a.times(&source.invertible(a.d)),
    },
];

#[test]
fn invariant_if_and_only_if_promised_for_each_side() {
    let inputs = inputs();
    for_every_measure("invariant if and only if promised, per side", |measure| {
        let promised = measure.properties().invariance;
        let mut failures = Vec::new();
        for (side, promised) in [("x", promised.x), ("y", promised.y)] {
            for change in CHANGES {
                let mut source = Source::new(5);
                let changed = |x: &Activations, y: &Activations, source: &mut Source| match side {
                    "x" => ((change.apply)(x, source), y.clone()),
                    _ => (x.clone(), (change.apply)(y, source)),
                };
                let mut largest: f64 = 0.0;
                for (name, x, y) in &inputs {
                    let (new_x, new_y) = changed(x, y, &mut source);
                    match (value(measure, x, y), value(measure, &new_x, &new_y)) {
                        (Ok(before), Ok(after)) => {
                            largest = largest.max((before - after).abs());
                            if promised.contains(change.flag) && !close(before, after, SAME) {
                                failures.push(format!(
                                    "{} ({side}, {name}) is promised to change nothing, but {before} became {after}",
                                    change.what
                                ));
                            }
                        }
                        (Err(_), Err(_)) => {}
                        (before, after) if promised.contains(change.flag) => failures.push(format!(
                            "{} ({side}, {name}) is promised to change nothing, but {before:?} became {after:?}",
                            change.what
                        )),
                        // To lose its value, or to gain one, is a change.
                        _ => largest = f64::INFINITY,
                    }
                }
                // A shift of 10⁴ is there to upset rounding; the plain one shows whether the value depends on it.
                if !promised.contains(change.flag)
                    && largest <= DIFFERENT
                    && change.what != "adding 10⁴ to everything"
                {
                    failures.push(format!(
                        "{} ({side}) changes nothing (at most {largest:.1e}) although that is not promised",
                        change.what
                    ));
                }
            }
        }
        failures
    });
}

#[test]
fn symmetric_if_and_only_if_promised() {
    let inputs = inputs();
    for_every_measure("symmetric if and only if promised", |measure| {
        let symmetric = measure.properties().symmetric;
        let mut failures = Vec::new();
        let mut largest: f64 = 0.0;
        for (name, x, y) in &inputs {
            match (value(measure, x, y), value(measure, y, x)) {
                (Ok(forth), Ok(back)) => {
                    largest = largest.max((forth - back).abs());
                    if symmetric && !close(forth, back, SAME) {
                        failures.push(format!("{name}: x, y gives {forth} and y, x gives {back}"));
                    }
                }
                (Err(_), Err(_)) => {}
                (forth, back) if symmetric => {
                    failures.push(format!("{name}: x, y gives {forth:?} and y, x gives {back:?}"));
                }
                _ => {}
            }
        }
        if !symmetric && largest <= DIFFERENT {
            failures.push(format!("exchanging the sides changes nothing (at most {largest:.1e})"));
        }
        failures
    });
}

#[test]
fn the_order_of_the_inputs_does_not_count() {
    let ordinary = inputs();
    // Neighbours that are equally far go in the order of the inputs, as their pages say; here none are.
    let mut source = Source::new(12);
    let mut jitter = |a: Activations| a.plus(&source.noise(a.n, a.d).scaled(1e-3));
    let untied: Inputs = inputs().into_iter().map(|(name, x, y)| (name, jitter(x), jitter(y))).collect();
    for_every_measure("reordering the rows of both sides changes nothing", |measure| {
        // A seed that draws from the rows makes their order count, and so do batches of consecutive rows.
        if ["seed", "batch"].iter().any(|option| measure.options().contains_key(*option)) {
            return Vec::new();
        }
        let info = measure.info();
        let settles_ties = info.family == Family::Neighbors || ["imd", "modularity"].contains(&info.id);
        let inputs = if settles_ties { &untied } else { &ordinary };
        let mut source = Source::new(6);
        let check = |(name, x, y): &(&str, Activations, Activations)| {
            let order = source.order(x.n);
            let reordered = pair(&x.rows(&order), &y.rows(&order)).with_context(context(&order)).unwrap();
            match (value(measure, x, y), measure.compare(&reordered)) {
                (Ok(before), Ok(after)) if close(before, after, SAME) => None,
                (Err(_), Err(_)) => None,
                (before, after) => Some(format!("{name}: {before:?} became {after:?}")),
            }
        };
        inputs.iter().filter_map(check).collect()
    });
}

/// Without this the laws above could hold because nothing was ever compared.
#[test]
fn every_measure_has_a_value_on_ordinary_inputs() {
    let inputs = inputs();
    for_every_measure("there is a value on ordinary inputs", |measure: &AnyMeasure| {
        let check = |name: &&str| {
            let (name, x, y) = inputs.iter().find(|(other, ..)| other == name)?;
            let one_by_one = measure.properties().needs.contains(Needs::EQUAL_WIDTHS);
            let negative = x.values.iter().chain(&y.values).any(|v| *v < 0.0);
            if negative && measure.properties().needs.contains(Needs::NON_NEGATIVE) {
                let refused = value(measure, x, y).is_err_and(|error| error.to_string().contains("negative"));
                return (!refused).then(|| format!("{name}: negative activations are not refused"));
            }
            let repeats = [x, y].iter().any(|a| a.has_equal_rows());
            if repeats && measure.properties().needs.contains(Needs::DISTINCT) {
                // It may be that only one of the sides must be without them.
                let accepted = value(measure, x, y).is_ok() && value(measure, y, x).is_ok();
                return accepted.then(|| format!("{name}: there is a value although inputs are alike"));
            }
            // Independent neurons have no kernel in common: an estimate of its length is below 0 as often as not.
            if measure.info().id == "neuron-corrected-cka" && *name == "neuron by neuron" {
                return None;
            }
            match value(measure, x, y) {
                Err(Error::Widths { .. }) if one_by_one && x.d != y.d => None,
                Ok(value) if one_by_one && x.d != y.d => Some(format!("{name}: {value} with unequal widths")),
                outcome => outcome.err().map(|error| format!("{name}: {error}")),
            }
        };
        ["tall", "equally wide", "unrelated", "neuron by neuron"].iter().filter_map(check).collect()
    });
}
