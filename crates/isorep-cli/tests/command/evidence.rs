//! What each number is worth, from the command: evidence in every format, references, warnings, verdicts, sweeps.

use crate::context::npy;
use crate::fixtures::{self, Folder};
use crate::formats::{json, validate};
use isorep::Values;
use isorep_io::{Tensor, write_npy};
use serde_json::Value;
use std::io::Write;
use std::sync::Arc;

/// Writes f64 values, row after row.
fn write(folder: &Folder, name: &str, n: usize, values: Vec<f64>) {
    let shape = vec![n, values.len() / n];
    let tensor = Tensor::new(name, name, shape, Values::F64(Arc::new(values))).unwrap();
    write_npy(folder.file(name), &tensor).unwrap();
}

/// Numbers that have nothing in common with those of another seed.
fn noise(n: usize, d: usize, seed: u64) -> Vec<f64> {
    (0..(n * d) as u64).map(|i| fixtures::noise(seed * 1_000_003 + i)).collect()
}

/// A layer, its rotation in pairs of neurons, an unrelated layer, and another untrained one that resembles the first.
fn folder() -> Folder {
    let folder = Folder::new();
    let x = noise(80, 6, 1);
    let rotated = x.chunks(2).flat_map(|p| [0.6 * p[0] - 0.8 * p[1], 0.8 * p[0] + 0.6 * p[1]]).collect();
    write(&folder, "x.npy", 80, x.clone());
    write(&folder, "rotated.npy", 80, rotated);
    let noisy = x.iter().zip(noise(80, 6, 8)).map(|(a, b)| a + 0.1 * b).collect();
    write(&folder, "noisy.npy", 80, noisy);
    write(&folder, "other.npy", 80, noise(80, 5, 99));
    write(&folder, "reversed.npy", 80, x.chunks(6).rev().flatten().copied().collect());
    let twin = x.iter().zip(noise(80, 6, 7)).map(|(a, b)| a + 1e-3 * b).collect();
    write(&folder, "twin.npy", 80, twin);
    folder
}

fn outcome(report: &Value) -> &str {
    report["pairs"][0]["judgement"]["verdict"]["outcome"].as_str().unwrap()
}

fn codes(report: &Value) -> Vec<&str> {
    let pair = &report["pairs"][0];
    let of_readings = pair["readings"].as_array().unwrap().iter().map(|reading| &reading["warnings"]);
    of_readings
        .chain([&pair["judgement"]["warnings"]])
        .filter_map(Value::as_array)
        .flatten()
        .map(|warning| warning["code"].as_str().unwrap())
        .collect()
}

#[test]
fn constructed_truths_are_recognised() {
    let folder = folder();
    let report = json(&folder, &["compare", "x.npy", "rotated.npy"]);
    validate("comparison", &report);
    assert_eq!(outcome(&report), "rotation");
    let cka = report["pairs"][0]["readings"].as_array().unwrap().iter().find(|r| r["id"] == "cka").unwrap();
    let chance = &cka["evidence"]["chance"];
    assert_eq!((chance["origin"].as_str(), chance["mean"].as_f64()), (Some("exact"), Some(0.0)));
    assert!(chance["p"].as_f64().unwrap() < 1e-6);
    let interval = &cka["evidence"]["interval"];
    assert!(interval["low"].as_f64() <= cka["value"].as_f64() && interval["groups"] == 20, "{interval}");
    assert_eq!(outcome(&json(&folder, &["compare", "x.npy", "x.npy"])), "same");
    let unrelated = json(&folder, &["compare", "x.npy", "other.npy"]);
    validate("comparison", &unrelated);
    assert_eq!(outcome(&unrelated), "at-chance");
    assert!(codes(&unrelated).contains(&"IR010"));
}

#[test]
fn a_wrong_order_is_named() {
    let report = json(&folder(), &["compare", "x.npy", "reversed.npy"]);
    assert!(codes(&report).contains(&"IR004"), "{:?}", codes(&report));
    let report = json(&folder(), &["compare", "x.npy", "reversed.npy", "--suppress", "IR004,ir010"]);
    assert!(!codes(&report).contains(&"IR004") && !codes(&report).contains(&"IR010"));
}

#[test]
fn values_are_held_against_references() {
    let folder = folder();
    let arguments =
        ["compare", "x.npy", "noisy.npy", "-m", "cka", "-m", "nbs", "-m", "mutual-knn", "-m", "cca"];
    let above = json(&folder, &[&arguments[..], &["--floor", "untrained=other.npy"]].concat());
    validate("comparison", &above);
    assert_eq!(outcome(&above), "same");
    let references = &above["pairs"][0]["judgement"]["references"][0];
    assert_eq!((&references["name"], &references["role"]), (&"untrained".into(), &"floor".into()));
    let reached = json(&folder, &[&arguments[..], &["--floor", "untrained=twin.npy"]].concat());
    assert_eq!(outcome(&reached), "not-above-floor");
    assert!(codes(&reached).contains(&"IR011"));
    let text = folder.run(&[&arguments[..], &["--ceiling", "repeat=twin.npy"]].concat()).done();
    assert!(text.contains("ceiling repeat, x / y: cka 1.0000"), "{text}");
    assert!(text.contains("beside the halves of one side, x / y: "), "{text}");
    let neurons = json(&folder, &[&arguments[..], &["--interval-over", "neurons"]].concat());
    assert!(
        neurons["pairs"][0]["readings"][0]["evidence"]["interval"].is_null(),
        "six neurons make no twenty groups"
    );
    let wrong = folder.run(&[&arguments[..], &["--floor", "twin.npy"]].concat());
    assert!(wrong.code == Some(2) && wrong.err.contains("--floor NAME=FILE"), "{}", wrong.err);
}

#[test]
fn the_table_of_a_pair_fits_a_terminal() {
    let folder = folder();
    let text = folder.run(&["compare", "x.npy", "rotated.npy"]).done();
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert!(text.contains("Verdict: ") && text.contains("calibrated"), "{text}");
    let plain = folder.run(&["compare", "x.npy", "rotated.npy", "--plain"]).done();
    assert!(!plain.contains("Verdict") && !plain.contains("calibrated"), "{plain}");
    let csv = folder.run(&["compare", "x.npy", "rotated.npy", "--format", "csv"]).done();
    assert!(csv.lines().next().unwrap().ends_with("low,high,warnings,outcome"), "{csv}");
    assert!(csv.lines().nth(1).unwrap().ends_with("rotation"), "{csv}");
}

#[test]
fn dependent_inputs_are_permuted_as_such() {
    let folder = folder();
    let groups: Vec<String> = (0..80).map(|i| (i / 4).to_string()).collect();
    std::fs::write(folder.file("groups.txt"), groups.join("\n")).unwrap();
    let arguments = ["compare", "x.npy", "rotated.npy", "-m", "nbs", "--groups", "groups.txt"];
    for scheme in ["free", "within", "blocks", "shift"] {
        let report = json(&folder, &[&arguments[..], &["--permute", scheme]].concat());
        let chance = &report["pairs"][0]["readings"][0]["evidence"]["chance"];
        assert_eq!(chance["p"].as_f64(), Some(0.01), "{scheme}: {chance}");
    }
    let without = folder.run(&["compare", "x.npy", "rotated.npy", "--permute", "blocks"]);
    assert!(without.code == Some(2) && without.err.contains("--groups FILE"), "{}", without.err);
}

#[test]
fn large_grids_are_calibrated_for_the_search() {
    let folder = Folder::new();
    let layers: Vec<(String, [usize; 2])> = (0..5).map(|k| (format!("l{k}"), [40, 3 + k])).collect();
    for (name, seed) in [("a.safetensors", 1), ("b.safetensors", 50)] {
        let of =
            layers.iter().enumerate().map(|(k, (name, shape))| (name.as_str(), &shape[..], seed + k as u64));
        folder.safetensors(name, &of.collect::<Vec<_>>());
    }
    let arguments = ["compare", "a.safetensors", "b.safetensors", "--pairs", "all", "-m", "cka", "-m", "nbs"];
    let report = json(&folder, &arguments);
    validate("comparison", &report);
    assert_eq!(report["settings"]["permutations"], 0);
    assert_eq!(report["best"].as_array().unwrap().len(), 1, "{}", report["best"]);
    let report = json(&folder, &[&arguments[..], &["--permutations", "19"]].concat());
    validate("comparison", &report);
    assert_eq!(report["best"].as_array().unwrap().len(), 2);
    assert!(report["pairs"][7]["readings"][1]["evidence"]["chance"]["p"].as_f64().unwrap() >= 0.05);
}

#[test]
fn sweeps_follow_their_schema() {
    let folder = folder();
    let report = json(
        &folder,
        &["sweep", "x.npy", "rotated.npy", "-m", "mutual-knn(metric=euclidean)", "--over", "k=2,5,10"],
    );
    validate("sweep", &report);
    let points = report["pairs"][0]["points"].as_array().unwrap();
    assert_eq!(points.len(), 3);
    assert!(points.iter().all(|point| point["value"] == 1.0), "{points:?}");
    // k of 79 others by chance.
    assert!((points[2]["chance"]["mean"].as_f64().unwrap() - 10.0 / 79.0).abs() < 0.02);
    let report =
        json(&folder, &["sweep", "x.npy", "other.npy", "-m", "cka(estimator=gretton)", "--over", "n=20,80"]);
    validate("sweep", &report);
    let points = report["pairs"][0]["points"].as_array().unwrap();
    assert!(points[0]["chance"]["mean"].as_f64() > points[1]["chance"]["mean"].as_f64());
    let text = folder.run(&["sweep", "x.npy", "other.npy", "-m", "cka", "--over", "n=20,80"]).done();
    assert!(text.contains("over n") && text.lines().all(|line| line.chars().count() <= 100), "{text}");
    for (over, message) in
        [("q=3", "has no option `q`"), ("k", "does not say what changes"), ("n=500", "only 80 inputs")]
    {
        let wrong = folder.run(&["sweep", "x.npy", "other.npy", "-m", "mutual-knn", "--over", over]);
        assert!(wrong.code == Some(2) && wrong.err.contains(message), "{}", wrong.err);
    }
}

/// A safetensors file keeps ids in its metadata; an .npz has an array of them.
fn with_ids(folder: &Folder, name: &str, rows: &[f64], ids: &[i64]) {
    let n = ids.len();
    let values =
        Tensor::new(name, "layer", vec![n, rows.len() / n], Values::F64(Arc::new(rows.to_vec()))).unwrap();
    write_npy(folder.file("layer.npy"), &values).unwrap();
    let mut archive = zip::ZipWriter::new(std::fs::File::create(folder.file(name)).unwrap());
    let ids: Vec<u8> = ids.iter().flat_map(|id| id.to_le_bytes()).collect();
    for (name, bytes) in
        [("layer.npy", std::fs::read(folder.file("layer.npy")).unwrap()), ("ids.npy", npy("<i8", n, &ids))]
    {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(&bytes).unwrap();
    }
    archive.finish().unwrap();
}

#[test]
fn rows_meet_by_their_ids() {
    let folder = Folder::new();
    let x = noise(50, 4, 3);
    let row = |i: usize| &x[4 * i..4 * i + 4];
    let order: Vec<u32> = (0..48).map(|i| (i * 7 + 3) % 50).collect();
    with_ids(&folder, "x.npz", &x, &(0..50).collect::<Vec<_>>());
    let moved: Vec<f64> = order.iter().flat_map(|i| row(*i as usize)).copied().collect();
    with_ids(&folder, "y.npz", &moved, &order.iter().map(|i| i64::from(*i)).collect::<Vec<_>>());
    let refused = folder.run(&["compare", "x.npz", "y.npz", "-m", "cka"]);
    assert!(refused.code == Some(2) && refused.err.contains("--align-by id"), "{}", refused.err);
    let report = json(&folder, &["compare", "x.npz", "y.npz", "-m", "cka", "--align-by", "id", "--plain"]);
    assert_eq!(report["pairs"][0]["n"], 48);
    assert!((report["pairs"][0]["readings"][0]["value"].as_f64().unwrap() - 1.0).abs() < 1e-9);
    with_ids(&folder, "twice.npz", &x, &[4; 50]);
    let refused = folder.run(&["compare", "x.npz", "twice.npz", "-m", "cka", "--align-by", "id"]);
    assert!(refused.code == Some(2) && refused.err.contains("occurs more than once"), "{}", refused.err);
    folder.npy("none.npy", &[50, 4], 1);
    let refused = folder.run(&["compare", "x.npz", "none.npy", "-m", "cka", "--align-by", "id"]);
    assert!(refused.code == Some(2) && refused.err.contains("has no ids"), "{}", refused.err);
}

#[test]
fn warnings_have_pages() {
    let folder = Folder::new();
    let unknown = folder.run(&["explain", "IR999"]);
    assert!(unknown.code == Some(2) && unknown.err.contains("no warning `IR999`"), "{}", unknown.err);
    for code in isorep::reading::warnings::Code::ALL {
        let page = folder.run(&["explain", &code.to_string()]).done();
        assert!(page.starts_with(&format!("{code}  {}", code.title())), "{page}");
        assert!(
            ["What it means", "What to do", "How it is found"].iter().all(|head| page.contains(head)),
            "{page}"
        );
        assert!(page.lines().all(|line| line.chars().count() <= 100), "{page}");
    }
}
