//! What is recorded in `conformance/`: its JSON, and its matrices as representations.
#![allow(dead_code, unreachable_pub, reason = "every test target uses its own part")]

use isorep::{Pair, Representation};
use serde_json::Value;
use std::path::PathBuf;

/// The folder `conformance/`.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../conformance")
}

fn bytes(path: &str) -> Vec<u8> {
    let path = folder().join(path);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A JSON file, by its path within `conformance/`.
pub fn json(path: &str) -> Value {
    serde_json::from_slice(&bytes(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Both sides of a case.
pub fn pair(case: &str) -> Pair {
    let side = |name: &str| representation(&format!("inputs/{case}.{name}.npy"));
    Pair::new(&side("x"), &side("y")).unwrap()
}

/// An `.npy` file of version 1, row-major f64 or f32. (`isorep-io` reads every kind, but depends on this crate.)
pub fn representation(path: &str) -> Representation {
    let npy = bytes(path);
    assert!(npy.starts_with(b"\x93NUMPY\x01"), "{path}");
    let start = 10 + usize::from(u16::from_le_bytes([npy[8], npy[9]]));
    let (header, data) = (std::str::from_utf8(&npy[10..start]).unwrap(), &npy[start..]);
    assert!(header.contains("'fortran_order': False"), "{path}: {header}");
    let shape = header.split('(').nth(1).unwrap().split(')').next().unwrap();
    let shape: Vec<usize> = shape.split(',').map(|size| size.trim().parse().unwrap()).collect();
    let [n, d] = shape[..] else { panic!("{path}: {shape:?}") };
    if header.contains("'<f4'") {
        let values = data.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
        return Representation::from_f32(path, n, d, values).unwrap();
    }
    assert!(header.contains("'<f8'"), "{path}: {header}");
    let values = data.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect();
    Representation::from_f64(path, n, d, values).unwrap()
}
