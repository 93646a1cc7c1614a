#![doc = include_str!("neighbor_rank.md")]

use super::knn_jaccard::jaccard;
use super::{Lists, NeighborCount, properties, shared};
use crate::measure::{Family, Info, Measure, Properties};
use crate::neighbors::Metric;
use crate::{Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// Agreement of the ranks of the nearest neighbours that both sides share.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NeighborRank {
    /// How many neighbours.
    pub k: NeighborCount,
    /// What near means.
    pub metric: Metric,
    /// Whether the number of shared neighbours counts too.
    pub weight: RankWeight,
}

/// What the agreement of ranks is multiplied by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RankWeight {
    /// Nothing: the published rank similarity.
    #[default]
    None,
    /// The Jaccard similarity of both lists.
    Jaccard,
}

impl Measure for NeighborRank {
    const INFO: Info = Info {
        id: "neighbor-rank",
        title: "Rank similarity of nearest neighbours",
        family: Family::Neighbors,
        formula: "mean of sum over shared j of 2 / ((1 + |r_x - r_y|) (r_x + r_y)), over the harmonic number",
        reference: "Wang et al. 2022, doi:10.1109/TKDE.2020.2989512; Klabunde et al. 2025, doi:10.1145/3728458",
        options: &[
            NeighborCount::OPTION,
            Metric::OPTION,
            ("weight", "none, jaccard (times the Jaccard similarity of both lists)"),
        ],
        doc: include_str!("neighbor_rank.md"),
    };

    fn properties(&self) -> Properties {
        properties(self.metric, (0.0, 1.0), Some(1.0), true)
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let lists = Lists::of(pair, self.metric, self.k)?;
        Ok(lists.mean(|x, y| {
            let weight = match self.weight {
                RankWeight::None => 1.0,
                RankWeight::Jaccard => jaccard(shared(x, y), lists.k),
            };
            weight * agreement(x, y)
        }))
    }

    fn prepare(&self, side: &Representation) -> Result<()> {
        side.neighbors(self.metric, self.k.get()).map(drop)
    }

    fn samples() -> Vec<Self> {
        let default = Self::default();
        vec![
            default,
            Self { metric: Metric::Euclidean, ..default },
            Self { weight: RankWeight::Jaccard, ..default },
        ]
    }
}

/// 0 if nothing is shared, 1 if what is shared has the first ranks on both sides.
fn agreement(x: &[u32], y: &[u32]) -> f64 {
    let (mut sum, mut most) = (0.0, 0.0);
    let mut count = 0;
    for (r_x, input) in (1usize..).zip(x) {
        let Some(r_y) = y.iter().position(|other| other == input).map(|at| at + 1) else { continue };
        count += 1;
        sum += 2.0 / ((1 + r_x.abs_diff(r_y)) as f64 * (r_x + r_y) as f64);
        most += 1.0 / f64::from(count);
    }
    if count == 0 { 0.0 } else { sum / most }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agreement_by_hand() {
        assert_eq!(agreement(&[4, 5], &[4, 5]), 1.0);
        assert_eq!(agreement(&[4, 5], &[6, 7]), 0.0);
        // 4 has ranks 1 and 2, 5 has 2 and 1: 2 · 2 / (2 · 3), over 1 + ½.
        assert!((agreement(&[4, 5], &[5, 4]) - 4.0 / 9.0).abs() < 1e-15);
        // One shared neighbour with rank 1 on both sides is full agreement, however much else differs.
        assert_eq!(agreement(&[4, 5, 6], &[4, 8, 9]), 1.0);
    }
}
