//! Reads the arrays that `bench/make_arrays.py` wrote: one `.npy` file each, inputs × neurons, into memory.

use crate::Result;
use isorep::Rows;
use isorep_io::{Format, Trace};
use std::fs;
use std::path::Path;

/// Every array of the folder, in alphabetical order.
pub(crate) fn read(folder: &Path) -> Result<Vec<Rows>> {
    let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut files = entries.collect::<Result<Vec<_>>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "npy"));
    files.sort();
    if files.is_empty() {
        return Err(format!("no .npy file in {}", folder.display()).into());
    }
    files.iter().map(|path| one(path)).collect()
}

fn one(path: &Path) -> Result<Rows> {
    // Not a memory map: the disk must not be in the timed region.
    let trace = Trace::from_bytes(path, Format::Npy, fs::read(path)?)?;
    let tensor = trace.layers()[0].read()?;
    let &[n, d] = tensor.shape() else {
        return Err(format!("{} is not a matrix", path.display()).into());
    };
    Ok(Rows::new(&path.display().to_string(), n, d, tensor.values().clone())?)
}
