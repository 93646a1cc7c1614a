#![doc = include_str!("lcs_knn.md")]

use super::{Lists, NeighborCount, properties};
use crate::measure::{Family, Info, Measure, Properties};
use crate::neighbors::Metric;
use crate::{Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// Longest common subsequence of the lists of nearest neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LcsKnn {
    /// How many neighbours.
    pub k: NeighborCount,
    /// What near means.
    pub metric: Metric,
}

impl Measure for LcsKnn {
    const INFO: Info = Info {
        id: "lcs-knn",
        title: "Longest common subsequence of nearest neighbours",
        family: Family::Neighbors,
        formula: "mean over inputs of the length of the longest common subsequence of N_x(i), N_y(i), over k",
        reference: "Huh et al. 2024, arXiv:2405.07987 (code)",
        options: &[NeighborCount::OPTION, Metric::OPTION],
        doc: include_str!("lcs_knn.md"),
    };

    fn properties(&self) -> Properties {
        properties(self.metric, (0.0, 1.0), Some(1.0), true)
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let lists = Lists::of(pair, self.metric, self.k)?;
        Ok(lists.mean(|x, y| common_subsequence(x, y) as f64 / lists.k as f64))
    }

    fn prepare(&self, side: &Representation) -> Result<()> {
        side.neighbors(self.metric, self.k.get()).map(drop)
    }

    fn samples() -> Vec<Self> {
        let default = Self::default();
        vec![default, Self { metric: Metric::Euclidean, ..default }]
    }
}

/// Its length. No input is on a list twice, so it is the longest increasing run of places in `b`, found by patience: the
/// least last place of a subsequence of every length.
fn common_subsequence(a: &[u32], b: &[u32]) -> usize {
    let mut last: Vec<usize> = Vec::new();
    for place in a.iter().filter_map(|input| b.iter().position(|other| other == input)) {
        let length = last.partition_point(|known| *known < place);
        if length == last.len() {
            last.push(place);
        } else {
            last[length] = place;
        }
    }
    last.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subsequences_by_hand() {
        assert_eq!(common_subsequence(&[1, 2, 3, 4], &[1, 2, 3, 4]), 4);
        assert_eq!(common_subsequence(&[1, 2, 3, 4], &[4, 3, 2, 1]), 1);
        assert_eq!(common_subsequence(&[7, 1, 8, 2, 3], &[1, 9, 3, 2, 7]), 2);
        assert_eq!(common_subsequence(&[1, 2], &[3, 4]), 0);
    }
}
