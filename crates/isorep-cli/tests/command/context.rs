//! What is known of the inputs: labels, groups and the raw input from files of every kind, and sides that are not
//! aligned.

use crate::fixtures::{Folder, tensor};
use crate::formats::{json, validate};
use isorep::measure::Needs;
use isorep::{AnyMeasure, Context, Labels, MEASURES, Pair, Representation, Values};
use isorep_io::{Tensor, write_safetensors};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::sync::Arc;

/// Outputs of two networks over four classes for 60 inputs, and the same classes in every kind of file.
fn outputs() -> Folder {
    let folder = Folder::new();
    folder.npy("a.npy", &[60, 4], 1);
    folder.npy("b.npy", &[60, 4], 2);
    let classes: Vec<i64> = (0..60).map(|i| i * i % 4).collect();
    let text: Vec<String> = classes.iter().map(ToString::to_string).collect();
    fs::write(folder.file("labels.txt"), text.join("\n")).unwrap();
    fs::write(folder.file("labels.csv"), text.join("\r\n") + "\r\n").unwrap();
    fs::write(
        folder.file("labels.npy"),
        npy("<i8", 60, &classes.iter().flat_map(|class| class.to_le_bytes()).collect::<Vec<_>>()),
    )
    .unwrap();
    let mut archive = zip::ZipWriter::new(fs::File::create(folder.file("meta.npz")).unwrap());
    let groups = npy("<u1", 60, &(0..60).map(|i| i / 2).collect::<Vec<_>>());
    for (name, bytes) in
        [("labels.npy", fs::read(folder.file("labels.npy")).unwrap()), ("groups.npy", groups)]
    {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(&bytes).unwrap();
    }
    archive.finish().unwrap();
    let names = |i: i64| ["cat", "dog", "emu", "fox"][i as usize];
    let code_points: Vec<u8> = classes
        .iter()
        .flat_map(|class| names(*class).chars())
        .flat_map(|c| u32::from(c).to_le_bytes())
        .collect();
    fs::write(folder.file("names.npy"), npy("<U3", 60, &code_points)).unwrap();
    folder.npy("raw.npy", &[60, 3, 2, 2], 9);
    folder
}

/// An `.npy` file of a list of values.
pub(crate) fn npy(descr: &str, n: usize, data: &[u8]) -> Vec<u8> {
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({n},), }}");
    header += &" ".repeat(117 - header.len());
    header.push('\n');
    [b"\x93NUMPY\x01\x00".as_slice(), &(header.len() as u16).to_le_bytes(), header.as_bytes(), data].concat()
}

fn read(folder: &Folder, name: &str) -> Representation {
    let tensor = isorep_io::open(folder.file(name)).unwrap().layers()[0].read().unwrap();
    isorep_io::prepare(&tensor, isorep_io::Layout::Auto, None).unwrap().representation
}

#[test]
fn labels_of_every_kind_of_file_are_the_same() {
    let folder = outputs();
    let labels = Labels::of_columns((0..60).map(|i| i * i % 4).collect());
    let pair = Pair::new(&read(&folder, "a.npy"), &read(&folder, "b.npy")).unwrap();
    let pair = pair.with_context(Context::default().with_labels(labels)).unwrap();
    let expected = "capa".parse::<AnyMeasure>().unwrap().compare(&pair).unwrap();
    for file in ["labels.npy", "labels.txt", "labels.csv", "meta.npz", "meta.npz:labels"] {
        let report = json(&folder, &["compare", "a.npy", "b.npy", "-m", "capa", "--labels", file]);
        validate("comparison", &report);
        assert_eq!(report["pairs"][0]["readings"][0]["value"].as_f64(), Some(expected), "{file}");
        let known = &report["context"][0];
        assert_eq!((&known["what"], &known["n"]), (&Value::from("labels"), &Value::from(60)), "{file}");
        assert!(known["steps"][0].as_str().unwrap().contains("integers"), "{known}");
    }
}

#[test]
fn everything_that_is_read_is_said_and_used() {
    let folder = outputs();
    let known = ["--labels", "labels.csv", "--groups", "meta.npz", "--input", "raw.npy"];
    let report = json(&folder, &[&["compare", "a.npy", "b.npy", "-m", "all"], &known[..]].concat());
    validate("comparison", &report);
    for (reading, entry) in report["pairs"][0]["readings"].as_array().unwrap().iter().zip(MEASURES) {
        let asked = entry.default_measure().properties().needs;
        if asked.intersects(Needs::LABELS | Needs::GROUPS | Needs::INPUT) {
            assert!(reading["value"].is_f64(), "{reading}");
        }
    }
    let text = folder.run(&[&["compare", "a.npy", "b.npy", "-m", "capa"], &known[..]].concat()).done();
    for part in [
        "labels: labels.csv, 60 inputs; integers: class k is column k of an output",
        "groups: `groups` of meta.npz, 60 inputs; 30 groups",
        "input: `raw` of raw.npy, 60 inputs; flattened 3×2×2 to 12 neurons",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // Without them nothing is said, so that older readers see what they always saw.
    assert!(json(&folder, &["compare", "a.npy", "b.npy", "-m", "cka"]).get("context").is_none());
}

#[test]
fn what_is_missing_is_said_with_its_flag() {
    let folder = outputs();
    let reason = |arguments: &[&str]| {
        let report =
            json(&folder, &[&["compare", "a.npy", "b.npy", "-m", "capa", "-m", "jsd"], arguments].concat());
        validate("comparison", &report);
        assert!(report["pairs"][0]["readings"][1]["value"].is_f64(), "{report}");
        report["pairs"][0]["readings"][0]["reason"].as_str().unwrap().to_owned()
    };
    assert!(reason(&[]).ends_with("pass `--labels FILE`"));
    assert!(reason(&["--labels", "names.npy"]).contains("counted from 0"));
}

#[test]
fn what_does_not_fit_is_refused() {
    let folder = outputs();
    fs::write(folder.file("short.txt"), "0\n1\n").unwrap();
    fs::write(folder.file("heading.csv"), "label\n1\n2\n").unwrap();
    for (arguments, parts) in [
        (["--labels", "short.txt"], ["cannot use `short.txt` as --labels", "2 inputs"]),
        (["--labels", "heading.csv"], ["line 1 is `label`", "heading"]),
        (["--labels", "a.npy"], ["`a.npy`", "one-dimensional"]),
        (["--labels", "meta.npz:classes"], ["no array `classes`", "labels, groups"]),
        (["--groups", "missing.npy"], ["cannot read `missing.npy`", "No such file"]),
        (["--input", "short.txt"], ["`short.txt`", "not a .npy"]),
    ] {
        let message = folder.run(&[&["compare", "a.npy", "b.npy"], &arguments[..]].concat()).refused();
        for part in parts {
            assert!(message.contains(part), "`{part}` is missing in: {message}");
        }
    }
}

#[test]
fn ids_put_labels_in_the_order_of_the_inputs() {
    let folder = outputs();
    let order: Vec<usize> = (0..60).map(|i| i * 7 % 60).collect();
    let ids = |order: &[usize]| {
        let ids: Vec<String> = order.iter().map(|i| format!("i{i}")).collect();
        BTreeMap::from([("ids".to_owned(), serde_json::to_string(&ids).unwrap())])
    };
    let plain: Vec<usize> = (0..60).collect();
    for (name, seed) in [("c.safetensors", 1), ("d.safetensors", 2)] {
        write_safetensors(folder.file(name), &[tensor("out", &[60, 4], seed)], &ids(&plain)).unwrap();
    }
    let raw = |order: &[usize]| {
        let values: Vec<f32> = order.iter().map(|i| *i as f32).collect();
        Tensor::new("raw", "raw", vec![60, 1], Values::F32(Arc::new(values))).unwrap()
    };
    write_safetensors(folder.file("raw.safetensors"), &[raw(&order)], &ids(&order)).unwrap();
    let compare = ["compare", "c.safetensors", "d.safetensors", "-m", "cka", "--input", "raw.safetensors"];
    let report = json(&folder, &compare);
    assert!(report["context"][0]["steps"].to_string().contains("by their ids"), "{report}");
}

#[test]
fn labels_are_repeated_for_positions() {
    let folder = outputs();
    folder.npy("conv.npy", &[60, 4, 2, 3], 5);
    folder.npy("conv2.npy", &[60, 4, 2, 3], 6);
    let read = ["--layout", "nchw", "--pool", "positions", "--labels", "labels.npy", "-m", "capa"];
    let report = json(&folder, &[&["compare", "conv.npy", "conv2.npy"], &read[..]].concat());
    validate("comparison", &report);
    assert!(report["pairs"][0]["readings"][0]["value"].is_f64(), "{report}");
    assert!(report["context"][0]["steps"].to_string().contains("repeated for all 2×3 positions"), "{report}");
}

#[test]
fn unaligned_sides_may_differ_in_length() {
    let folder = outputs();
    folder.npy("long.npy", &[75, 9], 3);
    let arguments = ["compare", "a.npy", "long.npy", "--unaligned"];
    let report = json(&folder, &arguments);
    validate("comparison", &report);
    assert_eq!(report["settings"]["unaligned"], true);
    let pair = &report["pairs"][0];
    assert_eq!((&pair["n"], &pair["n_y"]), (&Value::from(60), &Value::from(75)));
    let aligned = |id: &str| isorep::find(id).unwrap().default_measure().properties().aligned;
    let ids: Vec<&str> =
        pair["readings"].as_array().unwrap().iter().map(|reading| reading["id"].as_str().unwrap()).collect();
    assert!(ids.contains(&"participation-ratio") && ids.iter().all(|id| !aligned(id)), "{ids:?}");
    assert!(pair["readings"].as_array().unwrap().iter().any(|reading| reading["value"].is_f64()));
    let text = folder.run(&arguments).done();
    assert!(text.contains("60 and 75 inputs") && text.contains("need not be the same input"), "{text}");
    let message = folder.run(&[&arguments[..], &["-m", "cka"]].concat()).refused();
    assert!(message.contains("`cka` compares row i") && message.contains("participation-ratio"), "{message}");
    let both = folder.run(&[&arguments[..], &["--labels", "labels.npy"]].concat());
    assert_eq!(both.code, Some(2), "{both:?}");
}
