//! Models that are written in the test: what is listed, what is computed, and what is refused.
#![allow(clippy::unwrap_used)] // a test that cannot go on should stop

mod tiny;

use isorep::Values;
use isorep_io::{Selection, Tensor, Trace, open, write_npy};
use isorep_onnx::{Dimension, Error, Inputs, Model};
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;
use tiny::*;

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn floats(&self, name: &str, shape: &[usize], numbers: Vec<f32>) -> PathBuf {
        let path = self.0.path().join(name);
        let tensor = Tensor::new("x", "x", shape.to_vec(), Values::F32(Arc::new(numbers))).unwrap();
        write_npy(&path, &tensor).unwrap();
        path
    }

    /// An array of any type.
    fn npy(&self, name: &str, descr: &str, shape: &str, data: &[u8]) -> PathBuf {
        let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
        header += &" ".repeat(117 - header.len());
        header.push('\n');
        let head = [b"\x93NUMPY\x01\x00".as_slice(), &(header.len() as u16).to_le_bytes(), header.as_bytes()];
        self.file(name, &[head.concat().as_slice(), data].concat())
    }
}

fn numbers(tensor: &Tensor) -> Vec<f32> {
    match tensor.values() {
        Values::F32(owner) => (**owner).as_ref().to_vec(),
        _ => panic!("not f32"),
    }
}

/// All numbers of each selected layer, over all inputs.
fn run(model: &Model, inputs: &Inputs, layers: &str, batch: usize) -> Vec<(String, Vec<usize>, Vec<f32>)> {
    let selection = (!layers.is_empty()).then(|| Selection::parse(layers).unwrap());
    let loaded = model.load(selection.as_ref(), inputs).unwrap();
    let all: Vec<usize> = (0..loaded.layers.len()).collect();
    let mut out: Vec<_> =
        loaded.layers.iter().map(|layer| (layer.name.clone(), layer.each.clone(), Vec::new())).collect();
    for batch in loaded.run(&all, inputs, batch) {
        for (out, tensor) in out.iter_mut().zip(batch.unwrap().tensors) {
            out.2.extend(numbers(&tensor));
        }
    }
    out
}

fn trace(path: &PathBuf) -> Trace {
    open(path).unwrap()
}

#[test]
fn values_are_listed_with_what_makes_them() {
    let folder = Folder::new();
    let model = Model::open(folder.file("a.onnx", &convolutional(1, 0.0))).unwrap();
    let input = &model.inputs()[0];
    assert_eq!((input.name.as_str(), input.element.name()), ("x", "f32"));
    let open = Dimension::Dynamic(Some("batch".into()));
    assert_eq!(input.shape.as_ref().unwrap()[..2], [open.clone(), Dimension::Fixed(2)]);
    let value = |name: &str| model.values().iter().find(|value| value.name == name).unwrap();
    assert_eq!(value("conv").operator, "Conv");
    assert_eq!(value("block/same").alias_of.as_deref(), Some("block/relu"));
    assert!(value("fc.twice").is_constant && !value("flat").is_constant);
    assert!(value("logits").is_output);
    assert_eq!(value("logits").shape, Some(vec![open, Dimension::Fixed(4)]));
    assert!(model.notes().is_empty());
}

#[test]
fn every_value_is_what_its_operator_makes() {
    let folder = Folder::new();
    let model = Model::open(folder.file("a.onnx", &convolutional(1, 0.0))).unwrap();
    let x = noise(5 * 32, 9);
    let inputs = model.bind(&trace(&folder.floats("x.npy", &[5, 2, 4, 4], x.clone()))).unwrap();
    let layers = run(&model, &inputs, "", 2);
    let names: Vec<&str> = layers.iter().map(|layer| layer.0.as_str()).collect();
    assert_eq!(
        names,
        ["conv", "block/relu", "flat", "logits"],
        "no alias, constant, integer, or sum over inputs"
    );
    let (w, fc) = (noise(54, 1), noise(48 * 4, 2));
    let mut conv = Vec::new();
    for n in 0..5 {
        for out in 0..3 {
            for (row, column) in (0..4_i32).flat_map(|row| (0..4_i32).map(move |column| (row, column))) {
                let mut sum = 0.0;
                for (channel, dr, dc) in
                    (0..2).flat_map(|c| (0..3).flat_map(move |dr| (0..3).map(move |dc| (c, dr, dc))))
                {
                    let (r, c) = (row + dr - 1, column + dc - 1);
                    if (0..4).contains(&r) && (0..4).contains(&c) {
                        let pixel = x[n * 32 + channel * 16 + (r * 4 + c) as usize];
                        sum += pixel * w[out * 18 + channel * 9 + (dr * 3 + dc) as usize];
                    }
                }
                conv.push(sum);
            }
        }
    }
    let relu: Vec<f32> = conv.iter().map(|v| v.max(0.0)).collect();
    let logits: Vec<f32> = (0..5 * 4)
        .map(|at| (0..48).map(|k| relu[at / 4 * 48 + k] * 2.0 * fc[k * 4 + at % 4]).sum())
        .collect();
    for ((name, _, got), expected) in layers.iter().zip([&conv, &relu, &relu, &logits]) {
        let far = got.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(got.len() == expected.len() && far < 1e-5, "{name}: {far}");
    }
    assert_eq!(layers[0].1, [3, 4, 4]);
}

#[test]
fn numbers_do_not_depend_on_what_else_is_asked_for_nor_but_for_rounding_on_the_batch() {
    let folder = Folder::new();
    let model = Model::open(folder.file("a.onnx", &convolutional(1, 0.0))).unwrap();
    let inputs = model.bind(&trace(&folder.floats("x.npy", &[5, 2, 4, 4], noise(160, 9)))).unwrap();
    let all = run(&model, &inputs, "", 5);
    for batch in [1, 2, 16] {
        for (one, other) in run(&model, &inputs, "", batch).iter().zip(&all) {
            let far = one.2.iter().zip(&other.2).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(one.0 == other.0 && one.2.len() == other.2.len() && far < 1e-5, "{}: {far}", one.0);
        }
    }
    assert_eq!(run(&model, &inputs, "logits", 16), all[3..]);
    // A second name has the same numbers, and the order is the one asked for.
    let picked = run(&model, &inputs, "block/same, conv", 16);
    assert_eq!((&picked[0].2, &picked[1]), (&all[1].2, &all[0]));
}

#[test]
fn what_cannot_be_a_layer_is_said() {
    let folder = Folder::new();
    let model = Model::open(folder.file("a.onnx", &convolutional(1, 0.0))).unwrap();
    let inputs = model.bind(&trace(&folder.floats("x.npy", &[5, 2, 4, 4], noise(160, 9)))).unwrap();
    let refused = |terms: &str| {
        let error = model.load(Some(&Selection::parse(terms).unwrap()), &inputs).err().unwrap();
        (error.to_string(), error.hint().unwrap_or_default())
    };
    for (terms, part) in [
        ("fc.twice", "it is a constant"),
        ("block/shape", "it does not hold f32"),
        ("sums", "its first axis does not count the inputs"),
        ("block/rely", "has no layer for `block/rely`"),
    ] {
        assert!(refused(terms).0.contains(part), "{terms}: {}", refused(terms).0);
    }
    assert_eq!(refused("block/rely").1, "did you mean `block/relu`?");
    let loaded = model.load(None, &inputs).unwrap();
    assert_eq!(loaded.left_out.len(), 2, "{:?}", loaded.left_out);
}

#[test]
fn several_inputs_are_bound_by_name_and_checked() {
    let nodes = [
        node("Gather", &["table", "tokens"], &["embedded"], &[]),
        node("Add", &["embedded", "offset"], &["moved"], &[]),
        node("Mul", &["moved", "scale"], &["scaled"], &[]),
    ];
    let inputs = [
        value("tokens", I64, &["batch", "length"]),
        value("offset", F32, &["2", "batch"]),
        value("scale", F32, &[]),
    ];
    // The offset has the inputs on its second axis: shapes 2 × batch, as the state of a recurrent network.
    let nodes = [
        nodes[0].clone(),
        node("Transpose", &["offset"], &["offset.t"], &[ints("perm", &[1, 0])]),
        node("Unsqueeze", &["offset.t", "one"], &["offset.u"], &[]),
        node("Add", &["embedded", "offset.u"], &["moved"], &[]),
        nodes[2].clone(),
    ];
    let weights = [
        weights("table", &[4, 2], &[0.0, 0.1, 1.0, 1.1, 2.0, 2.1, 3.0, 3.1]),
        tensor("one", &[1], I64, &1_i64.to_le_bytes()),
    ];
    let bytes = model(&graph(&nodes, &weights, &inputs, &[value("scaled", F32, &["batch", "length", "2"])]));
    let folder = Folder::new();
    let model = Model::open(folder.file("a.onnx", &bytes)).unwrap();
    let arrays = Folder::new();
    let tokens: Vec<u8> = [0_i64, 1, 2, 3, 3, 0].iter().flat_map(|token| token.to_le_bytes()).collect();
    arrays.npy("tokens.npy", "<i8", "(3, 2)", &tokens);
    arrays.floats("offset.npy", &[2, 3], vec![10.0, 20.0, 30.0, 40.0, 50.0, 60.0]);
    arrays.floats("scale.npy", &[1], vec![2.0]);
    let opened = open(arrays.0.path()).unwrap();
    let bound = model.bind(&opened).unwrap();
    assert_eq!(
        (bound.n(), bound.steps()),
        (3, &["input `scale` was given whole to every run".to_owned()][..])
    );
    for batch in [1, 2, 3] {
        let layers = run(&model, &bound, "scaled", batch);
        let expected = [20.0, 80.2, 22.0, 82.2, 44.0, 104.2, 46.0, 106.2, 66.0, 126.2, 60.0, 120.2];
        assert!(layers[0].2.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5), "{:?}", layers[0].2);
    }
    let refused = |parts: &[&str]| {
        let error = model.bind(&open(arrays.0.path()).unwrap()).err().unwrap();
        let text = format!("{error} | {}", error.hint().unwrap_or_default());
        parts.iter().for_each(|part| assert!(text.contains(part), "`{part}` is missing in: {text}"));
    };
    arrays.floats("tokens.npy", &[3, 2], vec![0.0; 6]);
    refused(&["wants i64 for `tokens`", "holds f32", "astype(numpy.int64)"]);
    let huge: Vec<u8> = [0_i64, 1, 2, 3, 3, 1 << 40].iter().flat_map(|token| token.to_le_bytes()).collect();
    arrays.npy("tokens.npy", "<i8", "(3, 2)", &huge);
    refused(&["1099511627776", "32 bits"]);
    arrays.npy("tokens.npy", "<i8", "(6,)", &tokens);
    refused(&["`tokens` (i64, batch × length)", "[6]"]);
    arrays.npy("tokens.npy", "<i8", "(3, 2)", &tokens);
    arrays.floats("offset.npy", &[3, 3], vec![0.0; 9]);
    refused(&["`offset` (f32, 2 × batch)", "[3, 3]"]);
    std::fs::remove_file(arrays.0.path().join("offset.npy")).unwrap();
    refused(&["the model is fed `tokens`", "the file has `scale`, `tokens`", "numpy.savez"]);
}

#[test]
fn models_that_take_one_at_a_time_are_fed_so() {
    let inputs = [value("x", F32, &["1", "3"])];
    let nodes = [node("MatMul", &["x", "w"], &["y"], &[])];
    let weights = [weights("w", &[3, 1], &[1.0, 10.0, 100.0])];
    let folder = Folder::new();
    let bytes = model(&graph(&nodes, &weights, &inputs, &[value("y", F32, &["1", "1"])]));
    let model = Model::open(folder.file("a.onnx", &bytes)).unwrap();
    let x = folder.floats("x.npy", &[4, 3], (0..12).map(|i| i as f32).collect());
    let bound = model.bind(&trace(&x)).unwrap();
    assert_eq!((bound.n(), bound.batch(16)), (4, 1));
    assert_eq!(run(&model, &bound, "", 16)[0].2, [210.0, 543.0, 876.0, 1209.0]);
}

#[test]
fn bodies_are_computed_and_their_values_out_of_reach() {
    let branch = |operator: &str, name: &str| {
        let node = node(operator, &["x", "x"], &[name], &[]);
        graph(&[node], &[], &[], &[value(name, F32, &["batch", "2"])])
    };
    let attributes =
        [body("then_branch", &branch("Add", "twice")), body("else_branch", &branch("Mul", "square"))];
    let nodes = [node("If", &["flag"], &["y"], &attributes), node("Neg", &["y"], &["z"], &[])];
    let weights = [tensor("flag", &[], BOOL, &[1])];
    let inputs = [value("x", F32, &["batch", "2"])];
    let folder = Folder::new();
    let bytes = model(&graph(&nodes, &weights, &inputs, &[value("z", F32, &["batch", "2"])]));
    let model = Model::open(folder.file("a.onnx", &bytes)).unwrap();
    assert!(model.notes()[0].contains("2 values inside of `If` cannot be reached"), "{:?}", model.notes());
    let bound = model.bind(&trace(&folder.floats("x.npy", &[2, 2], vec![1.0, 2.0, 3.0, 4.0]))).unwrap();
    let layers = run(&model, &bound, "", 2);
    assert_eq!(layers[1].2, [-2.0, -4.0, -6.0, -8.0]);
    let error = model.load(Some(&Selection::parse("twice").unwrap()), &bound).err().unwrap();
    assert!(error.to_string().contains("inside of If"), "{error}");
}

#[test]
fn what_the_runtime_cannot_do_is_named_with_a_way_out() {
    let folder = Folder::new();
    let inputs = [value("x", F32, &["batch", "2"])];
    let outputs = [value("y", F32, &["batch", "2"])];
    let bytes = model(&graph(&[node("Zeta", &["x"], &["y"], &[])], &[], &inputs, &outputs));
    let model_ = Model::open(folder.file("a.onnx", &bytes)).unwrap();
    let x = folder.floats("x.npy", &[2, 2], vec![0.0; 4]);
    let error = model_.load(None, &model_.bind(&trace(&x)).unwrap()).err().unwrap();
    assert!(matches!(&error, Error::Operator { operator, .. } if operator == "Zeta"), "{error}");
    assert!(error.hint().unwrap().contains("onnxruntime"));
    let half = [tensor("w", &[2], F16, &[0; 4])];
    let bytes = model(&graph(&[node("Cast", &["w"], &["y"], &[int("to", 1)])], &half, &inputs, &outputs));
    let model_ = Model::open(folder.file("b.onnx", &bytes)).unwrap();
    let error = model_.load(None, &model_.bind(&trace(&x)).unwrap()).err().unwrap();
    assert!(error.to_string().contains("the weights `w` are f16"), "{error}");
}

#[test]
fn weights_in_another_file_are_read_from_the_folder_of_the_model_only() {
    let external = |location: &str| {
        let entry = |key: &str, value: &str| Message::default().text(1, key).text(2, value);
        Message::default()
            .number(1, 2)
            .number(1, 1)
            .number(2, F32)
            .text(8, "w")
            .all(13, &[entry("location", location), entry("offset", "4"), entry("length", "8")])
            .number(14, 1)
    };
    let folder = Folder::new();
    let raw: Vec<u8> = [9.0_f32, 1.0, 10.0].iter().flat_map(|number| number.to_le_bytes()).collect();
    folder.file("w.data", &raw);
    let x = folder.floats("x.npy", &[2, 2], vec![1.0, 2.0, 3.0, 4.0]);
    let open_with = |location: &str| {
        let nodes = [node("MatMul", &["x", "w"], &["y"], &[])];
        let (inputs, outputs) = ([value("x", F32, &["batch", "2"])], [value("y", F32, &["batch", "1"])]);
        let bytes = model(&graph(&nodes, &[external(location)], &inputs, &outputs));
        let model = Model::open(folder.file("a.onnx", &bytes)).unwrap();
        let bound = model.bind(&trace(&x)).unwrap();
        (model, bound)
    };
    let (inside, bound) = open_with("w.data");
    assert_eq!(run(&inside, &bound, "", 2)[0].2, [21.0, 43.0]);
    for (location, part) in
        [("../w.data", "outside"), ("/etc/passwd", "outside"), ("missing.data", "`missing.data`")]
    {
        let (outside, bound) = open_with(location);
        let error = outside.load(None, &bound).err().unwrap();
        assert!(matches!(error, Error::External { .. }) && error.to_string().contains(part), "{error}");
    }
}

#[test]
fn damaged_files_end_in_errors() {
    let folder = Folder::new();
    let whole = convolutional(1, 0.0);
    let x = folder.floats("x.npy", &[2, 2, 4, 4], noise(64, 9));
    let attempt = |bytes: &[u8]| -> Result<(), Error> {
        let model = Model::open(folder.file("a.onnx", bytes))?;
        let inputs = model.bind(&trace(&x))?;
        let loaded = model.load(None, &inputs)?;
        let all: Vec<usize> = (0..loaded.layers.len()).collect();
        loaded.run(&all, &inputs, 2).try_for_each(|batch| batch.map(|_| ()))
    };
    attempt(&whole).unwrap();
    // The runtime may stop with an assertion, which becomes an error; its message is not for this test's output.
    std::panic::set_hook(Box::new(|_| {}));
    for length in (0..whole.len()).step_by(7) {
        assert!(attempt(&whole[..length]).is_err(), "cut at {length}");
    }
    let mut errors = 0;
    for (at, seed) in (0..whole.len()).step_by(5).zip(1_usize..) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (seed % 8);
        errors += usize::from(attempt(&bytes).is_err()); // a changed weight is still a model
    }
    let _ = std::panic::take_hook();
    assert!(errors > 50, "{errors}");
    for (bytes, part) in [
        (&b"PK\x03\x04"[..], "not a sound ONNX model"),
        (b"not a model", "not a sound ONNX model"),
        (b"", "no graph"),
    ] {
        let error = attempt(bytes).unwrap_err();
        assert!(error.to_string().contains(part) && error.hint().is_some(), "{error}");
    }
    // A tensor that claims more than any memory, and bodies that never end.
    let huge = tensor("w", &[1 << 40, 1 << 40], F32, &[]);
    let inputs = [value("x", F32, &["batch", "2", "4", "4"])];
    let error = attempt(&model(&graph(&[], &[huge], &inputs, &[]))).unwrap_err();
    assert!(error.to_string().contains("more than memory"), "{error}");
    let mut nested = graph(&[], &[], &[], &[]);
    for _ in 0..1000 {
        nested = graph(&[node("If", &["x"], &["y"], &[body("then_branch", &nested)])], &[], &[], &[]);
    }
    let error = attempt(&model(&nested)).unwrap_err();
    assert!(error.to_string().contains("nested"), "{error}");
}
