//! Files to compare, and a way to run the binary on them.

use isorep::Values;
use isorep_io::{Tensor, write_npy, write_safetensors};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use tempfile::TempDir;

/// A folder of its own for one test.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Names of the files in it, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// One array as `.npy`.
    pub(crate) fn npy(&self, name: &str, shape: &[usize], seed: u64) {
        write_npy(self.file(name), &tensor(name, shape, seed)).unwrap();
    }

    /// Several arrays as `.safetensors`.
    pub(crate) fn safetensors(&self, name: &str, arrays: &[(&str, &[usize], u64)]) {
        let tensors: Vec<Tensor> =
            arrays.iter().map(|(name, shape, seed)| tensor(name, shape, *seed)).collect();
        write_safetensors(self.file(name), &tensors, &BTreeMap::new()).unwrap();
    }

    /// Two networks with three layers of the same names, and single arrays `a.npy`, `b.npy` of 60 inputs.
    pub(crate) fn networks() -> Self {
        let folder = Self::new();
        folder.npy("a.npy", &[60, 8], 1);
        folder.npy("b.npy", &[60, 5], 2);
        for (name, seed) in [("a.safetensors", 10), ("b.safetensors", 20)] {
            let layers: [(&str, &[usize], u64); 3] =
                [("conv1", &[60, 4, 3, 3], seed), ("fc", &[60, 6], seed + 1), ("logits", &[60, 3], seed + 2)];
            folder.safetensors(name, &layers);
        }
        folder
    }

    /// Runs the binary in this folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(self.command(arguments).output().unwrap())
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_isorep"));
        command.current_dir(self.path()).args(arguments);
        command
    }
}

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Outcome {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The result, after a run that must have ended well.
    #[track_caller]
    pub(crate) fn done(self) -> String {
        assert_eq!((self.code, self.messages().as_str()), (Some(0), ""), "{}", self.out);
        self.out
    }

    /// What it said, apart from how far the work was: that depends on how busy the machine is.
    fn messages(&self) -> String {
        let is_progress = |line: &&str| {
            let words: Vec<&str> = line.split_once(": ").map_or("", |(_, rest)| rest).split(' ').collect();
            matches!(words[..], [done, "of", all, ..] if done.parse::<u64>().is_ok() && all.parse::<u64>().is_ok())
        };
        self.err.lines().filter(|line| !is_progress(line)).collect::<Vec<_>>().join("\n")
    }

    /// The message, after a run that must have been refused without a result.
    #[track_caller]
    pub(crate) fn refused(self) -> String {
        assert_eq!((self.code, self.out.as_str()), (Some(2), ""), "{}", self.err);
        self.err
    }
}

/// Numbers that look like noise shared in part by all seeds.
pub(crate) fn tensor(name: &str, shape: &[usize], seed: u64) -> Tensor {
    let count: usize = shape.iter().product();
    let width = count / shape[0];
    let number = |i: usize| {
        let (row, column) = ((i / width) as u64, (i % width) as u64);
        let shared = noise(row * 7 + column % 3);
        (shared + 0.5 * noise(seed * 1_000_003 + i as u64)) as f32
    };
    let values: Vec<f32> = (0..count).map(number).collect();
    Tensor::new(name, name.trim_end_matches(".npy"), shape.to_vec(), Values::F32(Arc::new(values))).unwrap()
}

/// A hash of `i` (the finaliser of `SplitMix64`), uniform in −1 … 1.
pub(crate) fn noise(i: u64) -> f64 {
    let mut z = i.wrapping_add(0x9E37_79B9_7F4A_7C15).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}
