//! Files written by NumPy, `ml_dtypes` and safetensors (`fixtures/make.py`) are read back bit for bit, and files that
//! break the rules are refused with the right reason.
#![allow(clippy::unwrap_used)] // the exception for tests does not reach their helper functions

use isorep_io::{Dtype, Error, Layer, Problem, Selection, Trace, open};
use std::path::PathBuf;

/// The numbers of every floating-point fixture, as in `make.py`: exact in every precision, bf16 included.
const VALUES: [f64; 12] = [0.0, 1.0, -2.5, 3.25, 100.0, -0.125, 7.0, 8.0, -9.0, 10.5, 11.0, 12.0];

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn trace(name: &str) -> Trace {
    open(fixture(name)).unwrap_or_else(|error| panic!("{error}"))
}

fn layer(name: &str) -> Layer {
    let trace = trace(name);
    assert_eq!(trace.layers().len(), 1);
    trace.layers()[0].clone()
}

/// All numbers in C order, with the precision they are kept in.
fn numbers(layer: &Layer) -> (Vec<f64>, &'static str) {
    let tensor = layer.read().unwrap_or_else(|error| panic!("{error}"));
    let d = layer.shape().iter().product();
    let rows = isorep::Rows::new("x", 1, d, tensor.values().clone()).unwrap();
    let mut out = vec![0.0; d];
    rows.read_f64(0..1, &vec![0.0; d], &mut out);
    (out, rows.precision())
}

fn steps(layer: &Layer) -> String {
    layer.read().unwrap().steps().join("; ")
}

fn problem(name: &str) -> Problem {
    let found = open(fixture(name)).and_then(|trace| trace.layers()[0].read());
    match found {
        Err(Error::Unreadable { file, problem, .. }) => {
            assert!(file.ends_with(name), "{}", file.display());
            problem
        }
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn floats_of_every_width_and_byte_order() {
    for width in ["f2", "f4", "f8"] {
        let precision = match width {
            "f2" => "f16",
            "f4" => "f32",
            _ => "f64",
        };
        for order in ["little", "big"] {
            let layer = layer(&format!("{order}_{width}.npy"));
            assert_eq!(layer.name(), format!("{order}_{width}"));
            assert_eq!(layer.shape(), [3, 4]);
            assert_eq!(numbers(&layer), (VALUES.to_vec(), precision));
            assert_eq!(steps(&layer), if order == "big" { "swapped from big-endian bytes" } else { "" });
        }
    }
    assert_eq!(numbers(&layer("bf16.npy")), (VALUES.to_vec(), "bf16"));
    assert_eq!(layer("bf16.npy").dtype(), Dtype::Bf16);
    assert_eq!(layer("one_dimension.npy").shape(), [12]);
}

#[test]
fn fortran_order_is_undone() {
    for (name, shape) in
        [("fortran_f4", &[3, 4][..]), ("fortran_3d_big_f8", &[2, 3, 2]), ("fortran_4d_f2", &[2, 1, 3, 2])]
    {
        let layer = layer(&format!("{name}.npy"));
        assert_eq!(layer.shape(), shape);
        assert_eq!(numbers(&layer).0, VALUES, "{name}");
        assert!(steps(&layer).starts_with("reordered from Fortran to C order"), "{name}");
    }
}

#[test]
fn all_header_versions() {
    for version in 1..=3 {
        assert_eq!(numbers(&layer(&format!("version_{version}.npy"))).0, VALUES);
    }
}

#[test]
fn integers_become_exact_floats() {
    let counts: Vec<f64> = (0..12).map(f64::from).collect();
    for kind in ["i1", "u1", "i2", "u2", "big_i2", "i4", "u4", "big_u4", "i8", "u8", "big_i8"] {
        let layer = layer(&format!("int_{kind}.npy"));
        let expected = if kind.ends_with(['1', '2']) { "f32" } else { "f64" };
        assert_eq!(numbers(&layer), (counts.clone(), expected), "{kind}");
        assert!(steps(&layer).contains(&format!("to {expected}")), "{kind}");
    }
    let parity: Vec<f64> = (0..12).map(|i| f64::from(i % 2)).collect();
    assert_eq!(numbers(&layer("bool.npy")), (parity, "f32"));
    assert_eq!(problem("int_too_large.npy"), Problem::IntegerTooLarge { value: "9007199254740993".into() });
}

#[test]
fn archives_stored_and_compressed() {
    for name in ["stored.npz", "deflated.npz"] {
        let trace = trace(name);
        let names: Vec<_> = trace.layers().iter().map(Layer::name).collect();
        assert_eq!(names, ["layer1", "layer2", "layer10"], "natural order, not that of the archive");
        assert_eq!(
            trace.layers().iter().map(Layer::dtype).collect::<Vec<_>>(),
            [Dtype::F16, Dtype::F64, Dtype::F32]
        );
        assert_eq!(numbers(&trace.layers()[0]).0, VALUES);
        assert_eq!(numbers(&trace.layers()[1]).0, VALUES.map(|value| 2.0 * value));
        assert_eq!(numbers(&trace.layers()[2]).0, VALUES);
    }
}

#[test]
fn ids_are_kept_and_useless_arrays_are_listed() {
    let trace = trace("with_ids.npz");
    assert_eq!(trace.ids().unwrap(), ["cat", "dog", "é"]);
    assert_eq!(trace.layers().len(), 1);
    assert_eq!(trace.skipped()[0].name, "label");
    let select = trace.select(&Selection::parse("label").unwrap());
    assert!(
        matches!(select, Err(Error::Unreadable { layer: Some(l), problem: Problem::Dtype { .. }, .. }) if l == "label")
    );
    let select = trace.select(&Selection::parse("laier").unwrap()).unwrap_err();
    assert_eq!(select.hint().unwrap(), "did you mean `layer`?");
    assert!(select.to_string().contains("with_ids.npz"));
}

#[test]
fn safetensors_of_every_dtype() {
    let trace = trace("all.safetensors");
    assert_eq!(trace.metadata()["made_by"], "make.py");
    let names: Vec<_> = trace.layers().iter().map(Layer::name).collect();
    assert_eq!(
        names,
        [
            "bf16",
            "bool",
            "i8",
            "i16",
            "i32",
            "i64",
            "layer1.f64",
            "layer2.f16",
            "layer10.f32",
            "u8",
            "u16",
            "u32",
            "u64"
        ]
    );
    assert_eq!(trace.skipped()[0].name, "steps", "a scalar");
    for layer in trace.layers() {
        let (found, _) = numbers(layer);
        match layer.dtype() {
            Dtype::F16 | Dtype::Bf16 | Dtype::F32 | Dtype::F64 => assert_eq!(found, VALUES, "{layer:?}"),
            Dtype::Bool => assert_eq!(found, (0..12).map(|i| f64::from(i % 2)).collect::<Vec<_>>()),
            _ => assert_eq!(found, (0..12).map(f64::from).collect::<Vec<_>>(), "{layer:?}"),
        }
    }
    let misaligned = layer("misaligned.safetensors");
    assert_eq!(numbers(&misaligned).0, [1.5, -2.0]);
}

#[test]
fn what_is_not_numbers_is_refused_by_name() {
    for (name, dtype) in [
        ("complex", "<c8"),
        ("text", "<U2"),
        ("structured", "structured"),
        ("date", "<M8[D]"),
        ("long_double", "<f16"),
    ] {
        let found = problem(&format!("{name}.npy"));
        assert!(matches!(&found, Problem::Dtype { dtype: d, .. } if d == dtype), "{name}: {found:?}");
    }
    assert_eq!(problem("object.npy"), Problem::Objects { dtype: "|O".into() });
    assert_eq!(problem("scalar.npy"), Problem::Scalar);
    assert_eq!(problem("empty.npy"), Problem::Empty { shape: vec![0, 4] });
    assert!(matches!(problem("float8.safetensors"), Problem::Dtype { dtype, .. } if dtype == "F8_E4M3"));
}

#[test]
fn damaged_files_are_refused_with_the_reason() {
    assert_eq!(problem("truncated.npy"), Problem::Truncated { what: "the array", needed: 48, got: 43 });
    assert_eq!(problem("trailing.npy"), Problem::Trailing { extra: 3 });
    assert_eq!(
        problem("oversized_header.npy"),
        Problem::OversizedHeader { claimed: 0xffff_ffff, limit: 1 << 16 }
    );
    assert!(matches!(problem("overflowing_shape.npy"), Problem::Overflow { .. }));
    assert!(matches!(problem("negative_shape.npy"), Problem::Header { .. }));
    assert!(matches!(problem("version_9.npy"), Problem::Header { reason } if reason.contains("version 9")));
    assert!(matches!(problem("nothing.npy"), Problem::Truncated { what: "the header", got: 0, .. }));
    assert!(
        matches!(problem("bad_checksum.npz"), Problem::Archive { reason } if reason.contains("checksum"))
    );
    let found = problem("no_arrays.npz");
    assert_eq!(found, Problem::NoArrays { found: Some("a PyTorch checkpoint".into()) });
    assert!(
        matches!(problem("overlap.safetensors"), Problem::Header { reason } if reason.contains("`b` overlaps"))
    );
    assert!(matches!(problem("gap.safetensors"), Problem::Header { reason } if reason.contains("gap")));
    assert!(
        matches!(problem("duplicate.safetensors"), Problem::Header { reason } if reason.contains("`a` stands there twice"))
    );
    let found = problem("truncated.safetensors");
    assert_eq!(found, Problem::Truncated { what: "the data of its tensors", needed: 8, got: 5 });
    assert!(matches!(
        problem("oversized_header.safetensors"),
        Problem::OversizedHeader { .. } | Problem::UnknownFormat { .. }
    ));
    let found = problem("make.py");
    assert_eq!(found, Problem::UnknownFormat { looks_like: None });
    assert!(
        matches!(open(fixture("absent.npy")), Err(Error::Io { cause, .. }) if cause.kind() == std::io::ErrorKind::NotFound)
    );
}

#[test]
fn bombs_are_refused_before_they_inflate() {
    assert!(matches!(problem("bomb_claim.npz"), Problem::Bomb { .. }));
    assert!(matches!(problem("inflates_past_claim.npz"), Problem::Trailing { .. }));
}
