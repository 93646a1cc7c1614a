//! Real models against what onnxruntime computes for every value inside them, as recorded in `conformance/onnx`.
//!
//! `cargo xtask test` fetches the models. Without them this says so and passes, unless `ISOREP_REQUIRE_MODELS` is set.
#![allow(clippy::unwrap_used)] // a test that cannot go on should stop
#![allow(clippy::print_stderr)] // a test that is skipped says so

use isorep::Values;
use isorep_io::Tensor;
use isorep_onnx::{Inputs, Model};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Relative to the norm of a value. Sums are formed in another order than in the recording, in single precision, and the
/// differences grow with depth.
const TOLERANCE: f64 = 2e-4;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn document(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(root().join("conformance/onnx").join(name)).unwrap()).unwrap()
}

/// The model, or nothing if it was not fetched.
fn model(name: &str) -> Option<Model> {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |t| root().join(t));
    let path = target.join("models").join(format!("{name}.onnx"));
    if path.is_file() {
        return Some(Model::open(path).unwrap());
    }
    let told = format!("{} is not there; `cargo xtask test` fetches it", path.display());
    assert!(std::env::var_os("ISOREP_REQUIRE_MODELS").is_none(), "{told}");
    eprintln!("skipped: {told}");
    None
}

/// 64 bits for a place; `record.py` has the same.
fn hashed(place: u64) -> u64 {
    let mut z = place.wrapping_add(0x9E37_79B9_7F4A_7C15).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Writes the inputs that the recording was made with, as a folder with one array a file.
fn inputs(spec: &Value) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, spec) in spec.as_object().unwrap() {
        let shape: Vec<u64> =
            spec["shape"].as_array().unwrap().iter().map(|size| size.as_u64().unwrap()).collect();
        let places = 0..shape.iter().product::<u64>();
        let number = |place: u64| match spec["fill"].as_str().unwrap() {
            "constant" => spec["value"].as_f64().unwrap(),
            "below" => ((hashed(place) >> 40) % spec["limit"].as_u64().unwrap()) as f64,
            _ => {
                let unit = ((hashed(place) >> 40) as f32) / (1_u32 << 23) as f32 - 1.0;
                f64::from(unit * spec["scale"].as_f64().unwrap() as f32)
            }
        };
        let (descr, bytes): (&str, Vec<u8>) = match spec["dtype"].as_str().unwrap() {
            "f32" => ("<f4", places.flat_map(|place| (number(place) as f32).to_le_bytes()).collect()),
            _ => ("<i8", places.flat_map(|place| (number(place) as i64).to_le_bytes()).collect()),
        };
        let shape = shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ") + ",";
        let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({shape}), }}");
        header += &" ".repeat(117 - header.len());
        header.push('\n');
        let head = [b"\x93NUMPY\x01\x00".as_slice(), &(header.len() as u16).to_le_bytes(), header.as_bytes()];
        fs::write(folder.path().join(format!("{name}.npy")), [head.concat(), bytes].concat()).unwrap();
    }
    folder
}

fn bind(model: &Model, name: &str) -> Inputs {
    let models = document("models.json");
    let spec = models.as_array().unwrap().iter().find(|model| model["name"] == name).unwrap();
    let folder = inputs(&spec["inputs"]);
    model.bind(&isorep_io::open(folder.path()).unwrap()).unwrap()
}

fn numbers(tensor: &Tensor) -> Vec<f32> {
    match tensor.values() {
        Values::F32(owner) => (**owner).as_ref().to_vec(),
        _ => panic!("not f32"),
    }
}

/// The largest error of a value relative to its norm, and how many values were held against the recording.
fn held(name: &str) -> Option<(f64, usize)> {
    let model = model(name)?;
    let recorded = document("values.json");
    let values = recorded["models"].as_array().unwrap().iter().find(|model| model["name"] == name).unwrap();
    let inputs = bind(&model, name);
    let loaded = model.load(None, &inputs).unwrap();
    let all: Vec<usize> = (0..loaded.layers.len()).collect();
    let (mut most, mut count) = (0.0_f64, 0);
    // All inputs in one run, as in the recording.
    let batch = loaded.run(&all, &inputs, inputs.n()).next().unwrap().unwrap();
    for tensor in &batch.tensors {
        let Some(expected) = values["values"].get(tensor.name()) else { continue };
        let shape: Vec<usize> =
            expected[0].as_array().unwrap().iter().map(|size| size.as_u64().unwrap() as usize).collect();
        assert_eq!(tensor.shape(), shape, "{}", tensor.name());
        let (norm, signed) = (expected[1].as_f64().unwrap(), expected[2].as_f64().unwrap());
        let (mut square, mut sum) = (0.0, 0.0);
        for (place, &number) in numbers(tensor).iter().enumerate() {
            let number = f64::from(number);
            square += number * number;
            sum += if hashed(place as u64) & 1 == 0 { number } else { -number };
        }
        let error = (square.sqrt() - norm).abs().max((sum - signed).abs()) / norm.max(1e-12);
        assert!(error < TOLERANCE, "`{}` of {name} is off by {error:e} of its norm", tensor.name());
        most = most.max(error);
        count += 1;
    }
    eprintln!("{name}: {count} values, off by at most {most:e} of their norm");
    Some((most, count))
}

#[test]
fn transformer_with_int8_weights() {
    if let Some((_, count)) = held("minilm-int8") {
        assert!(count > 150, "{count}");
    }
}

#[test]
fn classifier_of_bytes() {
    if let Some((_, count)) = held("magika") {
        assert!(count > 30, "{count}");
    }
}

#[test]
fn recurrent_network_with_three_inputs_and_bodies() {
    if let Some((_, count)) = held("silero-vad") {
        assert!(count > 10, "{count}");
        let notes = model("silero-vad").unwrap().notes();
        assert!(notes[0].contains("`If`"), "{notes:?}");
    }
}

#[test]
fn convolutional_network() {
    if let Some((_, count)) = held("dnsmos") {
        assert!(count > 20, "{count}");
    }
}
