//! Models on the command line: listed, captured, compared, and held against each other number by number.

use crate::fixtures::Folder;
use crate::formats::{json, validate};
use crate::tiny::{convolutional, noise};
use isorep::Values;
use isorep_io::{Tensor, write_npy};
use serde_json::Value;
use std::sync::Arc;

/// Two models of the same shape, one of which has other weights in its last layer, one with other weights throughout,
/// and inputs for all of them.
fn models() -> Folder {
    let folder = Folder::new();
    std::fs::write(folder.file("a.onnx"), convolutional(1, 0.0)).unwrap();
    std::fs::write(folder.file("last.onnx"), convolutional(1, 0.5)).unwrap();
    std::fs::write(folder.file("other.onnx"), convolutional(7, 0.0)).unwrap();
    inputs(&folder, "x.npy", 24);
    folder
}

fn inputs(folder: &Folder, name: &str, n: usize) {
    let values = Values::F32(Arc::new(noise(n * 32, 9)));
    write_npy(folder.file(name), &Tensor::new("x", "x", vec![n, 2, 4, 4], values).unwrap()).unwrap();
}

const ON: [&str; 2] = ["--inputs", "x.npy"];
const READ: [&str; 4] = ["--layout", "nchw", "--pool", "mean"];

fn with<'a>(arguments: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [arguments, more].concat()
}

fn names(layers: &Value) -> Vec<&str> {
    layers.as_array().unwrap().iter().map(|layer| layer["name"].as_str().unwrap()).collect()
}

#[test]
fn layers_of_models_and_files_are_listed() {
    let folder = models();
    let report = json(&folder, &["layers", "a.onnx"]);
    validate("layers", &report);
    assert_eq!(names(&report["inputs"]), ["x"]);
    assert_eq!(report["inputs"][0]["shape"][0], "batch");
    assert_eq!(
        names(&report["layers"]),
        ["conv", "block/relu", "block/shape", "flat", "logits", "sums"],
        "no constant, and no second name"
    );
    let run = json(&folder, &with(&["layers", "a.onnx"], &ON));
    validate("layers", &run);
    assert_eq!(names(&run["layers"]), ["conv", "block/relu", "flat", "logits"]);
    assert_eq!(run["layers"][0]["shape"], serde_json::json!(["inputs", 3, 4, 4]));
    assert_eq!(names(&run["skipped"]), ["block/shape", "sums"]);
    let alias = json(&folder, &["layers", "a.onnx", "--layers", "block/*"]);
    assert_eq!(alias["layers"][1]["alias_of"], "block/relu");
    let file = json(&folder, &["layers", "x.npy"]);
    validate("layers", &file);
    assert_eq!(file["layers"][0]["shape"], serde_json::json!([24, 2, 4, 4]));
    for arguments in [&["layers", "a.onnx"][..], &["layers", "x.npy"], &with(&["layers", "a.onnx"], &ON)] {
        let text = folder.run(arguments).done();
        assert!(text.lines().all(|line| line.chars().count() <= 100 && line == line.trim_end()), "{text}");
    }
    let csv = folder.run(&["layers", "a.onnx", "--format", "csv"]).done();
    assert!(csv.lines().nth(1).unwrap().starts_with("a.onnx,conv,Conv,"), "{csv}");
}

#[test]
fn what_is_captured_is_what_is_compared() {
    let folder = models();
    let save =
        ["capture", "a.onnx", "--layers", "conv, block/*, !block/shape, logits", "-o", "a.safetensors"];
    let report = json(&folder, &[&save[..], &ON, &["--batch", "7"]].concat());
    validate("capture", &report);
    assert_eq!((report["n"].as_u64(), report["batch"].as_u64()), (Some(24), Some(7)));
    assert_eq!(report["layers"][0]["shape"], serde_json::json!([24, 3, 4, 4]));
    assert_eq!(report["bytes"].as_u64(), Some(folder.file("a.safetensors").metadata().unwrap().len()));
    let trace = isorep_io::open(folder.file("a.safetensors")).unwrap();
    assert_eq!(trace.metadata()["model"], "a.onnx");
    assert_eq!(trace.metadata()["order"], r#"["conv","block/relu","block/same","logits"]"#);
    // The model on one side and its own activations on the other, pooled in the same way.
    let arguments = [&["compare", "a.onnx", "a.safetensors", "-m", "cka(estimator=gretton)"][..], &ON, &READ];
    let compared = json(&folder, &[&arguments.concat()[..], &["--layers", "conv, logits"]].concat());
    validate("comparison", &compared);
    for pair in compared["pairs"].as_array().unwrap() {
        let value = pair["readings"][0]["value"].as_f64().unwrap();
        assert_eq!(pair["x"], pair["y"]);
        assert!((value - 1.0).abs() < 1e-6, "{pair}");
    }
    let steps: Vec<&str> = compared["x"]["layers"][0]["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step.as_str().unwrap())
        .collect();
    assert_eq!(steps, ["run on `x.npy`, 16 at a time", "read as nchw", "pooled 4×4 positions by their mean"]);
    assert_eq!(compared["x"]["layers"][0]["shape"], serde_json::json!([24, 3, 4, 4]));
    // Pooled while it is saved, it is the same.
    let pooled = ["capture", "a.onnx", "--layers", "conv", "-o", "p.safetensors"];
    let report = json(&folder, &[&pooled[..], &ON, &READ].concat());
    assert_eq!(report["layers"][0]["shape"], serde_json::json!([24, 3]));
    let parity = ["compare", "a.onnx", "p.safetensors", "-m", "procrustes", "--layers", "conv"];
    let same = json(&folder, &[&parity[..], &ON, &READ].concat());
    assert!(same["pairs"][0]["readings"][0]["value"].as_f64().unwrap() < 1e-3, "{same}");
    let metadata = isorep_io::open(folder.file("p.safetensors")).unwrap().metadata().clone();
    assert_eq!((metadata["pooling"].as_str(), metadata["layout"].as_str()), ("mean", "nchw"));
}

#[test]
fn every_command_that_takes_activations_takes_models() {
    let folder = models();
    let two = ["a.onnx", "other.onnx"];
    let compared = json(&folder, &[&["compare", "-m", "cka"][..], &two, &ON, &READ].concat());
    validate("comparison", &compared);
    assert_eq!(compared["pairs"].as_array().unwrap().len(), 4);
    let one = ["--layers", "conv", "--layout", "nchw", "--pool", "positions(100)"];
    let matched = json(&folder, &[&["match", "--draws", "3"][..], &two, &ON, &one].concat());
    validate("match", &matched);
    let draws = &matched["pairs"][0]["figures"]["draws"];
    assert!(draws[0]["score"] != draws[1]["score"], "each draw has its own positions: {draws}");
    let climbed =
        json(&folder, &[&["ladder", "--permutations", "2", "--layers", "logits"][..], &two, &ON].concat());
    validate("ladder", &climbed);
}

#[test]
fn parity_names_the_first_layer_that_diverges() {
    let folder = models();
    let report = json(&folder, &with(&["parity", "a.onnx", "last.onnx"], &ON));
    validate("parity", &report);
    assert_eq!(report["first"], serde_json::json!({"at": 3, "layer": "logits"}));
    let layers = report["layers"].as_array().unwrap();
    assert!(layers[..3].iter().all(|layer| layer["is_identical"] == true && layer["diverges"] == false));
    assert!(layers[3]["median"]["relative_error"].as_f64().unwrap() > 0.05);
    assert!(layers[3]["cka"].as_f64().unwrap() < layers[0]["cka"].as_f64().unwrap());
    let worst = report["worst"].as_array().unwrap();
    assert_eq!((worst.len(), &report["worst_at"]), (5, &"logits".into()));
    assert!(worst[0]["relative_error"].as_f64() >= worst[1]["relative_error"].as_f64());
    // With a tolerance above its error, no layer does.
    let patient =
        json(&folder, &[&["parity", "a.onnx", "last.onnx", "--tolerance", "1e6"][..], &ON].concat());
    assert_eq!((&patient["first"], &patient["first_of_any_input"]), (&Value::Null, &Value::Null));
    let same = json(&folder, &with(&["parity", "a.onnx", "a.onnx"], &ON));
    validate("parity", &same);
    assert!(same["layers"].as_array().unwrap().iter().all(|layer| layer["is_identical"] == true));
    let text = folder.run(&with(&["parity", "a.onnx", "last.onnx"], &ON)).done();
    assert!(text.contains("The first layer that diverges is `logits`"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100 && line == line.trim_end()), "{text}");
    let csv = folder.run(&[&["parity", "a.onnx", "last.onnx", "--format", "csv"][..], &ON].concat()).done();
    assert_eq!(csv.lines().count(), 5, "{csv}");
}

#[test]
fn parity_of_a_model_with_saved_layers_and_a_floor() {
    let folder = models();
    for (model, file) in [("a.onnx", "a.safetensors"), ("other.onnx", "o.safetensors")] {
        folder.run(&[&["capture", model, "-o", file][..], &ON].concat()).done();
    }
    let report = json(&folder, &with(&["parity", "a.onnx", "a.safetensors"], &ON));
    validate("parity", &report);
    assert_eq!((&report["first"], report["batch"].as_u64()), (&Value::Null, Some(16)));
    assert_eq!(names(&report["layers"]), ["conv", "block/relu", "flat", "logits"], "as they were computed");
    let files = json(&folder, &["parity", "a.safetensors", "o.safetensors"]);
    validate("parity", &files);
    assert_eq!(files["first"]["layer"], "conv");
    assert!(files.get("batch").is_none());
    // What a repetition differs as much is no divergence.
    let floored = json(&folder, &["parity", "a.safetensors", "o.safetensors", "--floor", "o.safetensors"]);
    validate("parity", &floored);
    assert_eq!(floored["first"], Value::Null);
    let floor = floored["layers"][0]["floor"].as_f64().unwrap();
    assert_eq!(floored["layers"][0]["limit"].as_f64().unwrap(), 3.0 * floor);
}

#[test]
fn parity_can_be_a_gate() {
    let folder = models();
    let check = |b| folder.run(&[&["parity", "a.onnx", b, "--check"][..], &ON].concat());
    let failed = check("last.onnx");
    assert_eq!((failed.code, failed.err.as_str()), (Some(1), ""));
    assert!(failed.out.contains("`logits`"));
    assert_eq!(check("a.onnx").code, Some(0));
}

#[test]
fn models_are_refused_with_a_remedy() {
    let folder = models();
    folder.npy("wrong.npy", &[24, 3, 4, 4], 1);
    inputs(&folder, "few.npy", 10);
    std::fs::write(folder.file("cut.onnx"), &convolutional(1, 0.0)[..300]).unwrap();
    folder.run(&[&["capture", "a.onnx", "-o", "a.safetensors"][..], &ON].concat()).done();
    let before = folder.names();
    for (arguments, parts) in [
        (vec!["compare", "a.onnx", "a.onnx"], vec!["`a.onnx` is a model", "--inputs FILE"]),
        (
            vec!["compare", "a.onnx", "a.onnx", "--inputs", "x.npy"],
            vec!["`conv` of `a.onnx`", "--layout nchw"],
        ),
        (
            vec!["compare", "a.onnx", "a.onnx", "--inputs", "wrong.npy"],
            vec!["batch × 2 × 4 × 4", "[24, 3, 4, 4]"],
        ),
        (vec!["compare", "x.npy", "x.npy", "--inputs", "x.npy"], vec!["neither side is one"]),
        (vec!["layers", "cut.onnx"], vec!["`cut.onnx` is not a sound ONNX model", "hint:"]),
        (vec!["layers", "missing.onnx"], vec!["cannot read `missing.onnx`"]),
        (vec!["capture", "a.onnx", "--inputs", "x.npy"], vec!["-o FILE.safetensors"]),
        (
            vec!["capture", "a.onnx", "--inputs", "x.npy", "-o", "a.npz"],
            vec!["cannot save layers as `a.npz`"],
        ),
        (
            vec!["capture", "a.onnx", "--inputs", "x.npy", "-o", "b.safetensors", "--pool", "positions"],
            vec!["positions", "without|leave out `--pool`"],
        ),
        (
            vec!["capture", "a.onnx", "--inputs", "x.npy", "-o", "b.safetensors", "--layers", "logit"],
            vec!["no layer for `logit`", "did you mean `logits`?"],
        ),
        (
            vec!["parity", "a.onnx", "a.safetensors", "--inputs", "few.npy"],
            vec!["different numbers of inputs: 10 and 24"],
        ),
        (
            vec!["parity", "x.npy", "a.safetensors"],
            vec!["no layer of the same name and shape", "--pairs all"],
        ),
    ] {
        let message = folder.run(&arguments).refused();
        for part in parts {
            let found = part.split('|').any(|part| message.contains(part));
            assert!(found, "`{part}` is missing in: {message}");
        }
    }
    assert_eq!(folder.names(), before);
}

#[cfg(unix)]
#[test]
fn a_capture_that_is_stopped_leaves_no_file() {
    use std::process::{Command, Stdio};
    use std::thread::sleep;
    use std::time::{Duration, Instant};
    let folder = models();
    inputs(&folder, "many.npy", 400_000);
    let before = folder.names();
    let arguments = ["capture", "a.onnx", "--inputs", "many.npy", "--batch", "1", "-o", "a.safetensors"];
    let mut child = folder.command(&arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let started = Instant::now();
    while folder.names() == before && started.elapsed() < Duration::from_secs(20) {
        sleep(Duration::from_millis(20));
    }
    assert!(folder.names().len() > before.len(), "nothing is being written");
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(folder.names(), before);
}
