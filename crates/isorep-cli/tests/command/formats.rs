//! Every command in every format: JSON against its schema, CSV against JSON, text against the width of a terminal.

use crate::fixtures::Folder;
use isorep::{AnyMeasure, Pair, Representation};
use serde_json::Value;

/// What makes the 4-D layer of the fixtures readable.
const READ: [&str; 4] = ["--layout", "nchw", "--pool", "mean"];

pub(crate) fn json(folder: &Folder, arguments: &[&str]) -> Value {
    let arguments = [arguments, &["--format", "json"]].concat();
    serde_json::from_str(&folder.run(&arguments).done()).unwrap()
}

#[track_caller]
pub(crate) fn validate(schema: &str, value: &Value) {
    let path = format!("{}/../isorep-report/schema/{schema}.schema.json", env!("CARGO_MANIFEST_DIR"));
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn comparisons_follow_their_schema() {
    let folder = Folder::networks();
    for arguments in [
        vec!["compare", "a.npy", "b.npy"],
        vec!["compare", "a.npy", "b.npy", "-m", "all"],
        [vec!["compare", "a.safetensors", "b.safetensors"], READ.to_vec()].concat(),
        [vec!["compare", "a.safetensors", "b.safetensors", "--pairs", "all"], READ.to_vec()].concat(),
        [vec!["compare", "a.safetensors", "b.npy", "-m", "cka"], READ.to_vec()].concat(),
    ] {
        validate("comparison", &json(&folder, &arguments));
    }
    let broken = json(&folder, &["compare", "a.npy", "b.npy", "-m", "cka"]);
    let mut broken = broken.as_object().unwrap().clone();
    broken["pairs"][0]["readings"][0]["value"] = Value::Null;
    let caught = std::panic::catch_unwind(|| validate("comparison", &Value::Object(broken)));
    assert!(caught.is_err(), "a value of null without a reason must not pass");
}

#[test]
fn a_comparison_carries_what_the_library_computes() {
    let folder = Folder::networks();
    let measures = ["cka", "cka(estimator=gretton)", "maximum-match(epsilon=0.9)"];
    let flags: Vec<&str> = measures.iter().flat_map(|measure| ["-m", measure]).collect();
    let report = json(&folder, &[&["compare", "a.npy", "b.npy"], flags.as_slice()].concat());
    let read = |name: &str| -> Representation {
        let trace = isorep_io::open(folder.file(name)).unwrap();
        let tensor = trace.layers()[0].read().unwrap();
        isorep_io::prepare(&tensor, isorep_io::Layout::Auto, None).unwrap().representation
    };
    let pair = Pair::new(&read("a.npy"), &read("b.npy")).unwrap();
    let entry = &report["pairs"][0];
    assert_eq!((&entry["n"], &entry["d_x"], &entry["d_y"]), (&60.into(), &8.into(), &5.into()));
    assert_eq!((&entry["rank_x"], &entry["rank_y"]), (&8.into(), &5.into()));
    for (at, label) in measures.iter().enumerate() {
        let value = label.parse::<AnyMeasure>().unwrap().compare(&pair).unwrap();
        let reading = &entry["readings"][at];
        assert_eq!((&reading["label"], reading["value"].as_f64()), (&Value::from(*label), Some(value)));
    }
}

#[test]
fn csv_says_what_json_says() {
    let folder = Folder::networks();
    let arguments = [&["compare", "a.safetensors", "b.safetensors"], READ.as_slice()].concat();
    let report = json(&folder, &arguments);
    let text = folder.run(&[arguments.as_slice(), &["--format", "csv"]].concat()).done();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let head = reader.headers().unwrap().clone();
    let at = |name: &str| head.iter().position(|column| column == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let pairs = report["pairs"].as_array().unwrap();
    let readings: Vec<(&Value, &Value)> =
        pairs.iter().flat_map(|p| p["readings"].as_array().unwrap().iter().map(move |r| (p, r))).collect();
    assert_eq!((pairs.len(), rows.len()), (3, readings.len()));
    for (row, (pair, reading)) in rows.iter().zip(readings) {
        assert_eq!(
            (&row[at("x")], &row[at("y")]),
            (pair["x"].as_str().unwrap(), pair["y"].as_str().unwrap())
        );
        assert_eq!(&row[at("label")], reading["label"].as_str().unwrap());
        assert_eq!(row[at("value")].parse::<f64>().ok(), reading["value"].as_f64());
        assert_eq!(row[at("rank_x")].parse::<u64>().ok(), pair["rank_x"].as_u64());
    }
}

#[test]
fn aligned_layers_are_those_of_the_same_name() {
    let folder = Folder::networks();
    let select = ["--layers-a", "logits, fc", "--layers-b", "fc, logits", "-m", "cka"];
    let report = json(&folder, &[&["compare", "a.safetensors", "b.safetensors"], select.as_slice()].concat());
    let names: Vec<_> = report["pairs"].as_array().unwrap().iter().map(|p| (&p["x"], &p["y"])).collect();
    assert_eq!(names, [(&"logits".into(), &"logits".into()), (&"fc".into(), &"fc".into())]);
    let all = json(
        &folder,
        &[&["compare", "a.safetensors", "b.safetensors", "--pairs", "all"], &select[..]].concat(),
    );
    assert_eq!(all["pairs"].as_array().unwrap().len(), 4);
}

#[test]
fn layers_can_be_counted_from_the_end() {
    let folder = Folder::networks();
    let report = json(&folder, &["compare", "a.safetensors", "b.safetensors", "--layers", "-1", "-m", "cka"]);
    assert_eq!(report["pairs"][0]["x"], "logits");
}

#[test]
fn what_was_done_to_the_data_is_said() {
    let folder = Folder::networks();
    let arguments = [&["compare", "a.safetensors", "b.safetensors", "-m", "cka"], READ.as_slice()].concat();
    let report = json(&folder, &arguments);
    let steps = &report["x"]["layers"][0]["steps"];
    assert_eq!(steps[0], "read as nchw");
    let text = folder.run(&arguments).done();
    assert!(text.contains("read as nchw; pooled 3×3 positions by their mean"), "{text}");
}

#[test]
fn a_dead_layer_costs_only_its_own_cells() {
    let folder = Folder::networks();
    let dead = isorep::Values::F32(std::sync::Arc::new(vec![1.5; 120]));
    let tensor = isorep_io::Tensor::new("dead", "dead", vec![60, 2], dead).unwrap();
    let fc = crate::fixtures::tensor("fc", &[60, 6], 3);
    isorep_io::write_safetensors(
        folder.file("c.safetensors"),
        &[tensor, fc],
        &std::collections::BTreeMap::new(),
    )
    .unwrap();
    let arguments = ["compare", "c.safetensors", "a.npy", "-m", "cka"];
    let report = json(&folder, &arguments);
    validate("comparison", &report);
    let reading = |at: usize| &report["pairs"][at]["readings"][0];
    assert!(reading(0)["reason"].as_str().unwrap().contains("`dead` is constant"), "{report}");
    assert!(reading(1)["value"].is_f64());
    let text = folder.run(&arguments).done();
    assert!(text.contains("[1]") && text.contains("no number: `dead` is constant"), "{text}");
}

#[test]
fn matches_and_ladders_follow_their_schemas() {
    let folder = Folder::networks();
    let positions = ["--layers", "conv1", "--layout", "nchw", "--pool", "positions(100)", "--draws", "3"];
    let two = ["a.safetensors", "b.safetensors"];
    for more in
        [&["match", "a.npy", "b.npy", "--epsilon", ".6", "--minimal"][..], &["match", "a.npy", "a.npy"]]
    {
        validate("match", &json(&folder, more));
    }
    let drawn = json(&folder, &[&["match"], &two[..], &positions[..]].concat());
    validate("match", &drawn);
    let figures = &drawn["pairs"][0]["figures"];
    let scores: Vec<f64> = (0..3).map(|k| figures["draws"][k]["score"].as_f64().unwrap()).collect();
    assert!(scores[0] != scores[1] && scores[1] != scores[2], "each draw has its own positions");
    let mean = scores.iter().sum::<f64>() / 3.0;
    assert!((figures["score"].as_f64().unwrap() - mean).abs() < 1e-12);
    validate("ladder", &json(&folder, &["ladder", "a.npy", "b.npy", "--permutations", "3"]));
}

#[test]
fn a_layer_matches_itself_at_any_error() {
    let folder = Folder::networks();
    let report = json(&folder, &["match", "a.npy", "a.npy", "--epsilon", "0"]);
    let figures = &report["pairs"][0]["figures"];
    assert_eq!(
        (figures["similarity"].as_f64(), figures["draws"][0]["rank_joint"].as_u64()),
        (Some(1.0), Some(8))
    );
    let ladder = json(&folder, &["ladder", "a.npy", "a.npy", "--permutations", "0"]);
    let identity = &ladder["pairs"][0]["rungs"][0];
    assert_eq!(identity["map"], "identity");
    assert!((identity["forward"]["explained"].as_f64().unwrap() - 1.0).abs() < 1e-12, "{identity}");
}

#[test]
fn text_fits_a_terminal() {
    let folder = Folder::networks();
    let two = ["a.safetensors", "b.safetensors"];
    let pages = isorep::MEASURES.iter().map(|entry| vec!["explain", entry.info().id]);
    for arguments in [
        vec!["compare", "a.npy", "b.npy", "-m", "all"],
        [vec!["compare"], two.to_vec(), READ.to_vec(), vec!["-m", "all"]].concat(),
        [vec!["compare", "--pairs", "all"], two.to_vec(), READ.to_vec()].concat(),
        [vec!["match"], two.to_vec(), READ.to_vec(), vec!["--minimal", "--epsilon", "0.7"]].concat(),
        [vec!["ladder"], two.to_vec(), READ.to_vec()].concat(),
        vec!["list"],
    ]
    .into_iter()
    .chain(pages)
    {
        let text = folder.run(&arguments).done();
        for line in text.lines() {
            // An example is shown as it is written, to be copied.
            let is_code = arguments[0] == "explain" && line.starts_with("    ");
            assert!(is_code || line.chars().count() <= 100, "{arguments:?}: {line}");
            assert_eq!(line, line.trim_end(), "{arguments:?}");
        }
    }
}

#[test]
fn the_catalogue_is_complete() {
    let folder = Folder::new();
    let list = json(&folder, &["list"]);
    let text = folder.run(&["list"]).done();
    let ids: Vec<&str> = list.as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap()).collect();
    assert_eq!(ids, isorep::MEASURES.iter().map(|entry| entry.info().id).collect::<Vec<_>>());
    for id in ids {
        assert!(text.contains(id));
        let page = folder.run(&["explain", id]).done();
        assert!(page.starts_with(id) && page.contains("Properties"), "{page}");
        assert!(!page.contains("```") && !page.contains("\n##"), "{page}");
    }
    assert_eq!(folder.run(&["list", "--format", "csv"]).done().lines().count(), isorep::MEASURES.len() + 1);
}

#[test]
fn the_demo_shows_what_it_promises() {
    let folder = Folder::new();
    let run = folder.run(&["demo", "--seeds", "2", "--epochs", "2", "--format", "json", "-o", "demo.json"]);
    assert_eq!((run.code, run.out.as_str()), (Some(0), ""), "{}", run.err);
    let report: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.file("demo.json")).unwrap()).unwrap();
    validate("demo", &report);
    let zero = &report["zero_match"];
    assert!(zero["output_difference"].as_f64().unwrap() < 1e-12);
    assert!(zero["matches"].as_array().unwrap().iter().all(|at| at["similarity"] == 0.0), "{zero}");
    assert_eq!(report["networks"].as_array().unwrap().len(), 2);
    for layer in report["layers"].as_array().unwrap() {
        assert_eq!(
            (layer["measures"].as_array().unwrap().len(), layer["rungs"].as_array().unwrap().len()),
            (4, 6)
        );
    }
    assert!(report["closing"].as_array().unwrap().len() >= 4);
}

#[test]
fn threads_do_not_change_the_numbers() {
    let folder = Folder::networks();
    let arguments =
        |threads| [&["compare", "a.safetensors", "b.safetensors", "--threads", threads], &READ[..]].concat();
    assert_eq!(json(&folder, &arguments("1")), json(&folder, &arguments("3")));
}
