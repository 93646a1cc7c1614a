//! A label is an identity: it parses back to the same measure, and no two measures share one.

use super::data::for_every_measure;
use isorep::{AnyMeasure, MEASURES};
use std::collections::BTreeMap;

#[test]
fn labels_parse_back() {
    for_every_measure("the label parses back to the same measure", |measure| {
        match measure.label().parse::<AnyMeasure>() {
            Err(error) => vec![error.to_string()],
            Ok(parsed) if parsed != *measure => vec![format!("became {parsed:?}")],
            Ok(parsed) if parsed.label() != measure.label() => vec![format!("became `{parsed}`")],
            Ok(_) => Vec::new(),
        }
    });
}

#[test]
fn no_two_settings_share_a_label() {
    let mut seen = BTreeMap::<String, AnyMeasure>::new();
    for measure in MEASURES.iter().flat_map(isorep::Entry::samples) {
        if let Some(other) = seen.insert(measure.label(), measure.clone()) {
            panic!("{measure:?} and {other:?} are both called `{measure}`");
        }
    }
}
