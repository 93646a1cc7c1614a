//! A folder with one file per layer.
//!
//! A file that holds one array gives a layer named like the file; one that holds several gives `file/array` for each.

use crate::map::Bytes;
use crate::natural::natural_order;
use crate::trace::{Skipped, stem};
use crate::{Error, Format, Problem, Result, Trace};
use std::path::Path;

/// The layers of all files in the folder, without its subfolders and hidden files.
pub(crate) fn open(folder: &Path) -> Result<Trace> {
    let reading = |cause| Error::reading(folder, cause);
    let mut paths = Vec::new();
    for entry in folder.read_dir().map_err(reading)? {
        paths.push(entry.map_err(reading)?.path());
    }
    paths.sort_by(|a, b| natural_order(&a.to_string_lossy(), &b.to_string_lossy()));

    let (mut layers, mut skipped, mut others, mut notes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for path in &paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            others.push(format!("{name}/"));
            continue;
        }
        let bytes = Bytes::map(path).map_err(|cause| Error::reading(path, cause))?;
        let Ok(format) = Format::detect(bytes.as_ref(), path) else {
            others.push(name.into_owned());
            continue;
        };
        let trace = match Trace::of(path, format, &bytes) {
            Err(Error::Unreadable { problem, .. }) if problem.spares_the_file() => {
                skipped.push(Skipped { name: stem(path), problem });
                continue;
            }
            other => other?,
        };
        let own =
            |inner: &str| if format == Format::Npy { stem(path) } else { format!("{}/{inner}", stem(path)) };
        skipped.extend(
            trace.skipped().iter().map(|s| Skipped { name: own(&s.name), problem: s.problem.clone() }),
        );
        notes.extend(trace.notes().iter().map(|note| format!("{name}: {note}")));
        let single = trace.layers().len() == 1;
        layers.extend(trace.layers().iter().cloned().map(|layer| {
            let name = if single { stem(path) } else { own(layer.name()) };
            layer.renamed(name)
        }));
    }
    if layers.is_empty() && skipped.is_empty() {
        let found = (!others.is_empty()).then(|| others.join(", "));
        let problem = Problem::NoArrays { found };
        return Err(Error::Unreadable { file: folder.into(), layer: None, problem });
    }
    if !others.is_empty() {
        notes.push(format!("left out what is not an array: {}", others.join(", ")));
    }
    Trace::of_layers(folder, layers, skipped, notes)
}
