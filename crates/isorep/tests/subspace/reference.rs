//! The index sets that the released code of Wang et al. finds on recorded inputs (`conformance/reference`).

use isorep::Matrix;
use isorep::measures::subspace::{Epsilon, Match, Neurons, Path, ZeroNeurons};
use std::collections::BTreeMap;
use std::path::PathBuf;

fn file(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../conformance/reference").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn little_endian(bytes: &[u8]) -> usize {
    bytes.iter().rev().fold(0, |value, &byte| value << 8 | usize::from(byte))
}

/// The arrays of an uncompressed `.npz`, by way of the central directory of the archive; f64, row-major.
fn arrays(archive: &[u8]) -> BTreeMap<String, Matrix> {
    let end = archive.windows(4).rposition(|window| window == b"PK\x05\x06").unwrap();
    let mut at = little_endian(&archive[end + 16..end + 20]);
    let mut arrays = BTreeMap::new();
    while archive[at..].starts_with(b"PK\x01\x02") {
        let field = |offset: usize, length: usize| little_endian(&archive[at + offset..at + offset + length]);
        assert_eq!(field(10, 2), 0, "stored without compression");
        let (size, name_length, local) = (field(24, 4), field(28, 2), field(42, 4));
        let name = String::from_utf8(archive[at + 46..at + 46 + name_length].to_vec()).unwrap();
        let skip = |offset: usize| little_endian(&archive[local + offset..local + offset + 2]);
        let data = local + 30 + skip(26) + skip(28);
        arrays.insert(name.trim_end_matches(".npy").to_owned(), array(&archive[data..data + size]));
        at += 46 + name_length + field(30, 2) + field(32, 2);
    }
    arrays
}

fn array(npy: &[u8]) -> Matrix {
    assert!(npy.starts_with(b"\x93NUMPY\x01"));
    let start = 10 + little_endian(&npy[8..10]);
    let header = std::str::from_utf8(&npy[10..start]).unwrap();
    assert!(header.contains("'<f8'") && header.contains("'fortran_order': False"), "{header}");
    let shape = header.split('(').nth(1).unwrap().split(')').next().unwrap();
    let shape: Vec<usize> = shape.split(',').map(|size| size.trim().parse().unwrap()).collect();
    let value = |k: usize| f64::from_le_bytes(npy[start + 8 * k..start + 8 * k + 8].try_into().unwrap());
    Matrix::from_fn(shape[0], shape[1], |i, j| value(i * shape[1] + j))
}

#[test]
fn finds_the_sets_of_the_released_code() {
    let values: serde_json::Value = serde_json::from_slice(&file("reference_values.json")).unwrap();
    let inputs = arrays(&file("reference_inputs.npz"));
    let mut compared = 0;
    for (case, values) in values["cases"].as_object().unwrap() {
        let neurons = Neurons::new(&inputs[&format!("{case}.x")], &inputs[&format!("{case}.y")]);
        let path = Path::new(&neurons, ZeroNeurons::Unmatched).unwrap();
        for (epsilon, sets) in values["subspace_match"].as_object().unwrap() {
            let set = |side: &str| {
                sets[side].as_array().unwrap().iter().map(|index| index.as_u64().unwrap() as usize).collect()
            };
            let expected = Match { x: set("x"), y: set("y") };
            let epsilon = Epsilon::new(epsilon.parse().unwrap()).unwrap();
            assert_eq!(path.maximum_match(epsilon), expected, "{case} at {epsilon}");
            let (x, y) = neurons.counts();
            assert_eq!(path.similarity(epsilon), expected.len() as f64 / (x + y) as f64);
            compared += 1;
        }
    }
    assert_eq!(compared, 39);
}
