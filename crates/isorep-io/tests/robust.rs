//! What is written is read back exactly; what is damaged at random ends in an error or in numbers, never in a panic or
//! in more memory than the file can justify.
#![allow(clippy::unwrap_used)] // the exception for tests does not reach their helper functions

use half::{bf16, f16};
use isorep::Values;
use isorep_io::{
    Error, Format, Layout, Pooling, Problem, Tensor, Trace, open, prepare, write_npy, write_safetensors,
};
use proptest::prelude::*;
use std::alloc::{GlobalAlloc, Layout as Block, System};
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The system's allocator, with a record of the largest single request.
struct Watched;
static LARGEST: AtomicUsize = AtomicUsize::new(0);

#[allow(unsafe_code)] // an allocator is unsafe by definition; this one only looks on
// SAFETY: every request is passed to the system's allocator unchanged.
unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, block: Block) -> *mut u8 {
        LARGEST.fetch_max(block.size(), Ordering::Relaxed);
        unsafe { System.alloc(block) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, block: Block) {
        unsafe { System.dealloc(pointer, block) }
    }
    unsafe fn realloc(&self, pointer: *mut u8, block: Block, size: usize) -> *mut u8 {
        LARGEST.fetch_max(size, Ordering::Relaxed);
        unsafe { System.realloc(pointer, block, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Watched = Watched;

/// More than any test here needs, and far less than a lying header would ask for.
const ENOUGH: usize = 64 << 20;

/// Shape, precision, seed of the numbers.
type Recipe = (Vec<usize>, i32, u64);

fn recipe() -> impl Strategy<Value = Recipe> {
    (prop::collection::vec(1_usize..5, 1..5), 0..4, any::<u64>())
}

fn tensor(name: &str, (shape, precision, seed): &Recipe) -> Tensor {
    let count: usize = shape.iter().product();
    // A cheap sequence of arbitrary bits; NaNs included, as they must survive too.
    let bits = (1..=count as u64).map(|i| i.wrapping_mul(seed | 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let values = match precision {
        0 => Values::F16(Arc::new(bits.map(|b| f16::from_bits(b as u16)).collect::<Vec<_>>())),
        1 => Values::Bf16(Arc::new(bits.map(|b| bf16::from_bits(b as u16)).collect::<Vec<_>>())),
        2 => Values::F32(Arc::new(bits.map(|b| f32::from_bits(b as u32)).collect::<Vec<_>>())),
        _ => Values::F64(Arc::new(bits.map(f64::from_bits).collect::<Vec<_>>())),
    };
    Tensor::new("x", name, shape.clone(), values).unwrap()
}

/// The numbers as bits, so that NaNs compare too.
fn bits(values: &Values) -> Vec<u64> {
    match values {
        Values::F16(v) => (**v).as_ref().iter().map(|v| u64::from(v.to_bits())).collect(),
        Values::Bf16(v) => (**v).as_ref().iter().map(|v| u64::from(v.to_bits()) | 1 << 16).collect(),
        Values::F32(v) => (**v).as_ref().iter().map(|v| u64::from(v.to_bits()) | 1 << 32).collect(),
        Values::F64(v) => (**v).as_ref().iter().map(|v| v.to_bits()).collect(),
    }
}

/// Reads and prepares all that can be; the outcome does not matter.
fn exercise(format: Format, bytes: Vec<u8>) {
    let Ok(trace) = Trace::from_bytes("damaged", format, bytes) else { return };
    for layer in trace.layers() {
        if let Ok(tensor) = layer.read() {
            for (layout, pooling) in [
                (Layout::Auto, Some(Pooling::Flatten)),
                (Layout::Nchw, Some(Pooling::Mean)),
                (Layout::Ntd, Some(Pooling::POSITIONS)),
            ] {
                let _ = prepare(&tensor, layout, pooling);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn npy_round_trip(recipe in recipe()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.npy");
        let tensor = tensor("x", &recipe);
        write_npy(&path, &tensor).unwrap();
        let back = open(&path).unwrap().layers()[0].read().unwrap();
        prop_assert_eq!(back.shape(), tensor.shape());
        prop_assert_eq!(bits(back.values()), bits(tensor.values()));
        prop_assert!(back.steps().is_empty(), "{:?}", back.steps());
    }

    #[test]
    fn safetensors_round_trip(recipes in prop::collection::vec(recipe(), 1..5)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.safetensors");
        let tensors: Vec<_> =
            recipes.iter().enumerate().map(|(i, recipe)| tensor(&format!("layer{i}"), recipe)).collect();
        let metadata = BTreeMap::from([("key".to_string(), "välue".to_string())]);
        write_safetensors(&path, &tensors, &metadata).unwrap();
        let trace = open(&path).unwrap();
        prop_assert_eq!(trace.metadata(), &metadata);
        for (layer, tensor) in trace.layers().iter().zip(&tensors) {
            let back = layer.read().unwrap();
            prop_assert_eq!(layer.name(), tensor.name());
            prop_assert_eq!(back.shape(), tensor.shape());
            prop_assert_eq!(bits(back.values()), bits(tensor.values()));
        }
    }

    #[test]
    fn damage_never_panics_nor_allocates_hugely(
        which in any::<prop::sample::Index>(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        keep in prop::option::of(any::<prop::sample::Index>()),
        start_only in any::<bool>(),
    ) {
        let all = fixtures();
        let (format, valid) = &all[which.index(all.len())];
        let mut bytes = valid.clone();
        for (at, value) in flips {
            // Half of the cases aim at the header, where damage does most.
            let range = if start_only { bytes.len().min(140) } else { bytes.len() };
            bytes[at.index(range)] = value;
        }
        if let Some(keep) = keep {
            bytes.truncate(keep.index(valid.len()));
        }
        exercise(*format, bytes);
        prop_assert!(LARGEST.load(Ordering::Relaxed) < ENOUGH);
    }
}

/// Valid and invalid files alike.
fn fixtures() -> Vec<(Format, Vec<u8>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let with_format = paths.into_iter().filter_map(|path| {
        let format = match path.extension()?.to_str()? {
            "npy" => Format::Npy,
            "npz" => Format::Npz,
            "safetensors" => Format::Safetensors,
            _ => return None,
        };
        Some((format, std::fs::read(path).unwrap())).filter(|(_, bytes)| !bytes.is_empty())
    });
    with_format.collect()
}

/// A file for each layer, in natural order, with what else lies around named.
#[test]
fn a_folder_is_a_trace() {
    let folder = tempfile::tempdir().unwrap();
    let tensor = |name: &str| {
        Tensor::new("x", name, vec![2, 2], Values::F32(Arc::new(vec![1.0, 2.0, 3.0, 4.0]))).unwrap()
    };
    for name in ["layer10.0", "layer2.0", "layer1.0"] {
        write_npy(folder.path().join(format!("{name}.npy")), &tensor(name)).unwrap();
    }
    let two = [tensor("q"), tensor("k")];
    write_safetensors(folder.path().join("attention.safetensors"), &two, &BTreeMap::new()).unwrap();
    std::fs::write(folder.path().join("README.md"), "activations").unwrap();
    std::fs::write(folder.path().join(".hidden.npy"), "").unwrap();

    let trace = open(folder.path()).unwrap();
    let names: Vec<_> = trace.layers().iter().map(isorep_io::Layer::name).collect();
    assert_eq!(names, ["attention/k", "attention/q", "layer1.0", "layer2.0", "layer10.0"]);
    assert_eq!(trace.notes(), ["left out what is not an array: README.md"]);

    std::fs::write(folder.path().join("layer3.npy"), b"\x93NUMPY\x01\x00").unwrap();
    let error = open(folder.path()).unwrap_err();
    assert!(error.to_string().contains("layer3.npy"), "{error}");
}

#[test]
fn a_folder_without_arrays_says_what_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.txt"), "a").unwrap();
    let error = open(folder.path()).unwrap_err();
    assert!(error.to_string().ends_with("it holds no array; it holds a.txt"), "{error}");
}

/// 300 MiB of zeros in 300 kB: honest sizes, but no activations look like that.
#[test]
fn a_consistent_bomb_is_refused_without_inflating() {
    const ZEROS: usize = 300 << 20;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("x.npy", zip::write::SimpleFileOptions::default()).unwrap();
    let mut text = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': (1, {ZEROS}), }}");
    text.push_str(&" ".repeat(117 - text.len()));
    text.push('\n');
    zip.write_all(b"\x93NUMPY\x01\x00\x76\x00").unwrap();
    zip.write_all(text.as_bytes()).unwrap();
    let block = vec![0; 1 << 20];
    for _ in 0..ZEROS / block.len() {
        zip.write_all(&block).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    assert!(bytes.len() < 1 << 20);
    let error = Trace::from_bytes("bomb.npz", Format::Npz, bytes).unwrap_err();
    assert!(matches!(error, Error::Unreadable { problem: Problem::Bomb { .. }, .. }), "{error}");
    assert!(LARGEST.load(Ordering::Relaxed) < ENOUGH);
}
