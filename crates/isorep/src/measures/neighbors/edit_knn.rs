#![doc = include_str!("edit_knn.md")]

use super::{Lists, NeighborCount, properties};
use crate::measure::{Family, Info, Measure, Properties};
use crate::neighbors::Metric;
use crate::{Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// Edit distance between the lists of nearest neighbours, turned into a similarity.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EditKnn {
    /// How many neighbours.
    pub k: NeighborCount,
    /// What near means.
    pub metric: Metric,
}

impl Measure for EditKnn {
    const INFO: Info = Info {
        id: "edit-knn",
        title: "Edit distance of nearest neighbours",
        family: Family::Neighbors,
        formula: "1 - mean over inputs of the edit distance of N_x(i), N_y(i), over k",
        reference: "Huh et al. 2024, arXiv:2405.07987 (code)",
        options: &[NeighborCount::OPTION, Metric::OPTION],
        doc: include_str!("edit_knn.md"),
    };

    fn properties(&self) -> Properties {
        properties(self.metric, (0.0, 1.0), Some(1.0), true)
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let lists = Lists::of(pair, self.metric, self.k)?;
        Ok(1.0 - lists.mean(|x, y| edits(x, y) as f64 / lists.k as f64))
    }

    fn prepare(&self, side: &Representation) -> Result<()> {
        side.neighbors(self.metric, self.k.get()).map(drop)
    }

    fn samples() -> Vec<Self> {
        let default = Self::default();
        vec![default, Self { metric: Metric::Euclidean, ..default }]
    }
}

/// How many insertions, deletions and replacements turn one list into the other (Levenshtein), a row at a time.
fn edits(a: &[u32], b: &[u32]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, input) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for j in 0..b.len() {
            let replaced = diagonal + usize::from(*input != b[j]);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_by_hand() {
        assert_eq!(edits(&[1, 2, 3], &[1, 2, 3]), 0);
        assert_eq!(edits(&[1, 2, 3], &[4, 5, 6]), 3);
        // Drop the first, add one at the end.
        assert_eq!(edits(&[9, 1, 2, 3], &[1, 2, 3, 8]), 2);
        assert_eq!(edits(&[1, 2, 3], &[1, 3, 2]), 2);
    }
}
