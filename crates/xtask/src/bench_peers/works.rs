//! What is timed: `bench/works.json`, one setting for each size and precision of each work.

use crate::Result;
use serde::Deserialize;
use std::fs;
use std::path::Path;

/// One computation that several implementations offer.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Work {
    #[serde(rename = "work")]
    pub(super) id: String,
    pub(super) what: String,
    /// How `make_arrays.py` makes the inputs.
    pub(super) arrays: String,
    sizes: Vec<[usize; 2]>,
    dtypes: Vec<String>,
    /// Operations of the products alone, in units of n · d²; none where products are not the work.
    #[serde(default)]
    pub(super) products: Option<f64>,
    /// How many times faster than the fastest peer we promise to be.
    pub(super) required: f64,
    /// The peers that the promise is about; none: all of them.
    #[serde(default)]
    pub(super) against: Vec<String>,
}

/// A work at one size and precision.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    pub(super) work: Work,
    pub(super) n: usize,
    pub(super) d: usize,
    pub(super) dtype: String,
}

#[derive(Deserialize)]
struct File {
    works: Vec<Work>,
}

/// Every setting of the file.
pub(super) fn all(path: &Path) -> Result<Vec<Setting>> {
    let file: File = serde_json::from_str(&fs::read_to_string(path)?)?;
    let mut settings = Vec::new();
    for work in file.works {
        for dtype in &work.dtypes {
            for &[n, d] in &work.sizes {
                settings.push(Setting { work: work.clone(), n, d, dtype: dtype.clone() });
            }
        }
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    #[test]
    fn the_list_can_be_read_and_says_what_the_pages_promise() {
        let settings = all(&workspace::root().join("bench/works.json")).unwrap();
        let path = settings.iter().find(|s| s.work.id == "match-path").unwrap();
        assert_eq!((path.n, path.d, path.work.required), (5000, 512, 50.0));
        assert!(settings.iter().all(|s| ["f32", "f64"].contains(&s.dtype.as_str())));
    }
}
