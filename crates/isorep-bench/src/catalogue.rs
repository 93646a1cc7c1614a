//! What every measure costs alone, and what all of them cost on one pair, where they share what they have in common.

use crate::Result;
use isorep::{AnyMeasure, MEASURES, Pair, Representation, Rows};
use serde_json::{Value, json};
use std::time::Instant;

/// Seconds of each measure with its default options on a fresh pair, dearest first, and of all on one pair.
///
/// Measures that refuse these arrays, for example because they ask for labels, are named and take part in nothing.
pub(crate) fn time(arrays: &[Rows]) -> Result<Value> {
    let mut alone = Vec::new();
    let mut refused = Vec::new();
    let mut taking_part = Vec::new();
    for entry in MEASURES {
        let measure = entry.default_measure();
        let pair = fresh(arrays)?;
        let start = Instant::now();
        match measure.compare(&pair) {
            Ok(_) => {
                alone.push((measure.label(), start.elapsed().as_secs_f64()));
                taking_part.push(measure);
            }
            Err(_) => refused.push(measure.label()),
        }
    }
    let pair = fresh(arrays)?;
    let start = Instant::now();
    taking_part.iter().try_for_each(|measure: &AnyMeasure| measure.compare(&pair).map(drop))?;
    let together = start.elapsed().as_secs_f64();
    alone.sort_by(|a, b| b.1.total_cmp(&a.1));
    Ok(json!({ "alone": alone, "together": together, "refused": refused }))
}

fn fresh(arrays: &[Rows]) -> Result<Pair> {
    let [x, y] = arrays else { return Err("a pair takes two arrays".into()) };
    Ok(Pair::new(&Representation::new("x", x.clone())?, &Representation::new("y", y.clone())?)?)
}
