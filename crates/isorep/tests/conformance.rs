//! Our numbers beside those that other packages print for the same matrices (`conformance/`).
//!
//! A package that follows the same convention must agree to rounding; one that is known to follow another must differ,
//! so that a change of convention on either side is noticed. What we refuse is refused by a rule, not skipped.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod recorded;

use isorep::{AnyMeasure, Error, Pair, PrincipalAngles, Representation};
use recorded::{folder, json, pair, representation};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct File {
    tool: String,
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    case: String,
    label: String,
    x: String,
    y: String,
    value: f64,
    transform: Transform,
    tolerance: f64,
    agrees: bool,
}

/// What a package prints, as a function of our value.
#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Transform {
    Identity,
    Square,
    Sqrt,
    Cos,
    Arccos,
    OneMinus,
    OneMinusSquare,
    HalfSquare,
}

impl Transform {
    fn of(self, ours: f64) -> f64 {
        match self {
            Self::Identity => ours,
            Self::Square => ours * ours,
            Self::Sqrt => ours.sqrt(),
            Self::Cos => ours.cos(),
            Self::Arccos => ours.acos(),
            Self::OneMinus => 1.0 - ours,
            Self::OneMinusSquare => 1.0 - ours * ours,
            Self::HalfSquare => ours * ours / 2.0,
        }
    }
}

fn files() -> Vec<File> {
    let mut paths: Vec<_> =
        folder().join("values").read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()).collect()
}

/// Dimensions of the spans of the centred neurons of a case, as scipy's bases have them.
#[derive(Deserialize)]
struct Spans {
    case: String,
    rank_x: usize,
    rank_y: usize,
    angles: Vec<f64>,
    tolerance: f64,
}

fn spans() -> BTreeMap<String, Spans> {
    let recorded: Vec<Spans> =
        serde_json::from_value(json("unlabelled/principal-angles.json")["records"].take()).unwrap();
    recorded.into_iter().map(|spans| (spans.case.clone(), spans)).collect()
}

/// Whether counting dimensions settles the number, whatever the data.
fn is_settled_by_counting(record: &Record, pair: &Pair, spans: &Spans) -> bool {
    let swapped = record.x.ends_with(".y.npy");
    let (rank_x, rank_y) = if swapped { (spans.rank_y, spans.rank_x) } else { (spans.rank_x, spans.rank_y) };
    let room = pair.n() - 1;
    let spans_must_meet = rank_x + rank_y > room;
    match record.label.as_str() {
        "svcca" => components(pair.x(), 0.99) + components(pair.y(), 0.99) > room,
        "svcca(variance=0.9)" => components(pair.x(), 0.9) + components(pair.y(), 0.9) > room,
        // Without a penalty it sees spans only.
        "gulp(penalty=0)" => spans_must_meet,
        label => match label.split('(').next().unwrap() {
            "grassmann" | "principal-angles" | "cca" | "pwcca" | "eos" => spans_must_meet,
            "linear-regression" => rank_x >= room,
            "maximum-match" | "mean-match" => rank_x >= room && rank_y >= room,
            _ => false,
        },
    }
}

/// How many principal components hold this share of the variance.
fn components(side: &Representation, share: f64) -> usize {
    let spectrum = side.spectrum().unwrap();
    let (total, mut held) = (spectrum.iter().sum::<f64>(), 0.0);
    let short = |value: &&f64| {
        held += *value;
        held < share * total
    };
    spectrum.iter().take_while(short).count() + 1
}

#[test]
fn every_recorded_number_is_matched_or_differs_as_noted() {
    let spans = spans();
    let (mut compared, mut refused, mut wrong) = (0, 0, Vec::new());
    for file in files() {
        for record in file.records {
            let pair = Pair::new(&representation(&record.x), &representation(&record.y)).unwrap();
            let settled = is_settled_by_counting(&record, &pair, &spans[&record.case]);
            let measure: AnyMeasure = record.label.parse().unwrap();
            let mut fail = |what: String| {
                wrong.push(format!("{}: {} on {}: {what}", file.tool, record.label, record.case));
            };
            match measure.compare(&pair) {
                Err(Error::Saturated { .. } | Error::Crowded { .. }) if settled => refused += 1,
                Err(error) => fail(error.to_string()),
                Ok(value) if settled => fail(format!("gives {value}, which the data do not decide")),
                Ok(value) => {
                    let (ours, theirs) = (record.transform.of(value), record.value);
                    let agrees = (ours - theirs).abs() <= record.tolerance * theirs.abs().max(1.0);
                    if agrees != record.agrees {
                        fail(format!("we {ours}, they {theirs}, recorded as agreeing: {}", record.agrees));
                    }
                    compared += 1;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(compared > 800 && refused > 40, "{compared} compared, {refused} refused");
}

#[test]
fn every_principal_angle_is_scipys() {
    for (case, spans) in spans() {
        let pair = pair(&case);
        match PrincipalAngles::default().angles(&pair) {
            Ok(ours) => {
                assert_eq!((ours.rank_x, ours.rank_y), (spans.rank_x, spans.rank_y), "{case}");
                assert_eq!(ours.angles.len(), spans.angles.len(), "{case}");
                for (ours, theirs) in ours.angles.iter().zip(&spans.angles) {
                    assert!((ours - theirs).abs() <= spans.tolerance, "{case}: {ours} {theirs}");
                }
            }
            Err(error) => {
                assert!(spans.rank_x + spans.rank_y > pair.n() - 1, "{case}: {error}");
                assert!(matches!(error, Error::Saturated { .. } | Error::Crowded { .. }), "{case}: {error}");
            }
        }
    }
}
