//! Measures of outputs: probabilities in place of logits are another way to write the same sides.
//!
//! The other laws run on what a network may put out, logits; this one carries what they find over to probabilities, and
//! holds that everything else is refused.

use super::data::{Activations, Source, close, for_every_measure, value};
use isorep::{AnyMeasure, Error};

fn inputs() -> Vec<(Activations, Activations)> {
    let mut source = Source::new(91);
    vec![source.related(48, 6, 6), source.counterparts(60, 8), source.unrelated(30, 5, 5)]
}

/// The same measure of probabilities, if it has a choice.
fn of_probabilities(measure: &AnyMeasure) -> Option<AnyMeasure> {
    if measure.options().get("outputs")? != "logits" {
        return None;
    }
    let label = measure.label();
    let (start, end) = label.strip_suffix(')').map_or((format!("{label}("), ""), |s| (s.to_owned(), ", "));
    Some(format!("{start}{end}outputs=probabilities)").parse().unwrap())
}

fn softmax(a: &Activations) -> Activations {
    let sum = |i: usize| (0..a.d).map(|j| a.at(i, j).exp()).sum::<f64>();
    a.map(|i, _, v| v.exp() / sum(i))
}

#[test]
fn probabilities_give_what_their_logits_give() {
    let inputs = inputs();
    let mut measures = 0;
    for_every_measure("probabilities give the value of their logits", |measure| {
        let Some(soft) = of_probabilities(measure) else { return Vec::new() };
        measures += 1;
        let mut failures = Vec::new();
        if soft.properties() != measure.properties() {
            failures.push("promises other things of probabilities".to_owned());
        }
        for (x, y) in &inputs {
            match (value(measure, x, y), value(&soft, &softmax(x), &softmax(y))) {
                (Ok(a), Ok(b)) if close(a, b, 1e-9) => {}
                (a, b) => failures.push(format!("{a:?} from logits, {b:?} from probabilities")),
            }
        }
        failures
    });
    assert!(measures > 5, "only {measures} measures have the option");
}

#[test]
fn what_is_no_distribution_is_refused_by_name() {
    let (x, y) = Source::new(92).related(20, 4, 4);
    let (x, y) = (softmax(&x), softmax(&y));
    for_every_measure("sides that are no probabilities are refused", |measure| {
        let Some(soft) = of_probabilities(measure) else { return Vec::new() };
        let mut failures = Vec::new();
        for (what, x, y, name) in [
            ("a sum of 2", x.scaled(2.0), y.clone(), "`x`"),
            ("an offset", x.clone(), y.map(|_, _, v| v + 0.1), "`y`"),
            ("a rotation", x.times(&Source::new(93).rotation(4)), y.clone(), "`x`"),
            ("one sum of 1.01", x.clone(), y.map(|i, _, v| if i == 7 { 1.01 * v } else { v }), "`y`"),
        ] {
            match value(&soft, &x, &y) {
                Err(error @ Error::NotProbabilities { .. }) if error.to_string().contains(name) => {}
                outcome => failures.push(format!("{what}: {outcome:?}")),
            }
        }
        failures
    });
}

/// A softmax does not see what is added to all classes of an input; a decision does not either.
#[test]
fn what_is_added_to_all_classes_of_an_input_does_not_count() {
    let inputs = inputs();
    for_every_measure("an offset of an input's outputs changes nothing", |measure| {
        if measure.info().family != isorep::measure::Family::Functional {
            return Vec::new();
        }
        let offset = |a: &Activations| a.map(|i, _, v| v + 3.0 * ((i * 7 % 11) as f64 - 5.0));
        let check = |(x, y): &(Activations, Activations)| match (
            value(measure, x, y),
            value(measure, &offset(x), y),
            value(measure, x, &offset(y)),
        ) {
            (Ok(a), Ok(b), Ok(c)) if close(a, b, 1e-9) && close(a, c, 1e-9) => None,
            outcomes => Some(format!("{outcomes:?}")),
        };
        inputs.iter().filter_map(check).collect()
    });
}
