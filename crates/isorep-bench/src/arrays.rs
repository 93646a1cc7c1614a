//! Reads the arrays that `bench/make_arrays.py` wrote: `.npy`, little-endian f32 or f64, rows first.

use crate::Result;
use isorep::{Rows, Values};
use std::fs;
use std::path::Path;
use std::sync::Arc;

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
    let bytes = fs::read(path)?;
    let fault = |what: &str| format!("{}: {what}", path.display());
    let header_length = match bytes.get(..10) {
        Some([0x93, b'N', b'U', b'M', b'P', b'Y', 1, _, low, high]) => {
            usize::from(u16::from_le_bytes([*low, *high]))
        }
        _ => return Err(fault("not a .npy file of format 1").into()),
    };
    let data = 10 + header_length;
    let header = std::str::from_utf8(bytes.get(10..data).ok_or_else(|| fault("the header is cut off"))?)?;
    if !header.contains("'fortran_order': False") {
        return Err(fault("rows do not come first").into());
    }
    let shape = header.split_once("'shape': (").and_then(|(_, rest)| Some(rest.split_once(')')?.0));
    let sizes: Vec<usize> =
        shape.unwrap_or_default().split(',').filter_map(|size| size.trim().parse().ok()).collect();
    let &[n, d] = sizes.as_slice() else {
        return Err(fault("not a matrix").into());
    };
    let values = if header.contains("'<f4'") {
        Values::F32(Arc::new(
            bytes[data..].as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect::<Vec<_>>(),
        ))
    } else if header.contains("'<f8'") {
        Values::F64(Arc::new(
            bytes[data..].as_chunks().0.iter().map(|b| f64::from_le_bytes(*b)).collect::<Vec<_>>(),
        ))
    } else {
        return Err(fault("neither <f4 nor <f8").into());
    };
    Ok(Rows::new(&path.display().to_string(), n, d, values)?)
}
