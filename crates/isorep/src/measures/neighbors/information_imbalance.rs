#![doc = include_str!("information_imbalance.md")]

use super::{Lists, NeighborCount, common};
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::neighbors::{Metric, Rank, ranks};
use crate::{Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// How far down an input's nearest neighbours on one side stand among its neighbours on the other.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InformationImbalance {
    /// How many neighbours are averaged over.
    pub k: NeighborCount,
    /// What near means.
    pub metric: Metric,
    /// The side whose neighbours are ranked by the other one.
    pub from: RankedFrom,
}

/// The side that is asked to tell the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RankedFrom {
    /// Neighbours of x, ranked by y.
    #[default]
    X,
    /// Neighbours of y, ranked by x.
    Y,
}

impl Default for InformationImbalance {
    fn default() -> Self {
        Self { k: NeighborCount::ONE, metric: Metric::Euclidean, from: RankedFrom::X }
    }
}

impl Measure for InformationImbalance {
    const INFO: Info = Info {
        id: "information-imbalance",
        title: "Information imbalance",
        family: Family::Neighbors,
        formula: "2/n times the mean rank in y of the nearest neighbours in x",
        reference: "Glielmo et al. 2022, doi:10.1093/pnasnexus/pgac039",
        options: &[
            ("k", "how many nearest neighbours are averaged over; the paper takes 1"),
            Metric::OPTION,
            ("from", "x (do neighbours of x say which are near in y), y"),
        ],
        doc: include_str!("information_imbalance.md"),
    };

    fn properties(&self) -> Properties {
        let directions = Invariance::ORTHOGONAL | Invariance::SCALE;
        Properties {
            kind: Kind::Distance,
            range: (0.0, 2.0),
            identity: None,
            symmetric: false,
            metric: false,
            aligned: true,
            invariance: Sides::both(match self.metric {
                Metric::Cosine => directions,
                Metric::Euclidean => directions | Invariance::TRANSLATION,
            }),
            needs: Needs::ROWS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let common = common(pair, self.metric)?;
        let pair = common.as_ref().unwrap_or(pair);
        pair.at_least(3)?;
        let (from, to) = match self.from {
            RankedFrom::X => (pair.x(), pair.y()),
            RankedFrom::Y => (pair.y(), pair.x()),
        };
        let (k, n) = (self.k.get(), pair.n());
        let lists = from.neighbors(self.metric, k)?;
        let wanted: Vec<&[u32]> = (0..n).map(|i| lists.of(i, k)).collect();
        let sum: f64 = ranks(to, self.metric, &wanted)?.iter().flatten().map(Rank::middle).sum();
        Ok(2.0 / n as f64 * sum / (n * k) as f64)
    }

    /// The rank of a neighbour at random is n / 2 on average.
    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        let lists = Lists::of(pair, self.metric, self.k)?;
        Ok(lists.are_exchangeable().then_some(1.0))
    }

    fn prepare(&self, side: &Representation) -> Result<()> {
        side.neighbors(self.metric, self.k.get()).map(drop)
    }

    fn samples() -> Vec<Self> {
        let default = Self::default();
        let several = Self { k: NeighborCount::new(4).unwrap_or_default(), ..default };
        vec![default, Self { from: RankedFrom::Y, ..several }, Self { metric: Metric::Cosine, ..several }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On the line 0, 1, 3, 7 the nearest of each is 1, 0, 1, 2; on 0, 4, 3, 7 these have ranks 2, 3 (distances 1, 3, 4:
    /// to 2 1, to 3 3, to 0 4), 1 and 2.
    #[test]
    fn ranks_by_hand() {
        let side = |values: [f64; 4]| Representation::from_f64("x", 4, 1, values.to_vec()).unwrap();
        let pair = Pair::new(&side([0.0, 1.0, 3.0, 7.0]), &side([0.0, 4.0, 3.0, 7.0])).unwrap();
        let value = InformationImbalance::default().compare(&pair).unwrap();
        assert!((value - 2.0 / 4.0 * (2.0 + 3.0 + 1.0 + 2.0) / 4.0).abs() < 1e-15, "{value}");
        assert_eq!(InformationImbalance::default().chance(&pair).unwrap(), Some(1.0));
    }

    #[test]
    fn equally_far_neighbours_share_their_ranks() {
        let side = |values: [f64; 4]| Representation::from_f64("x", 4, 1, values.to_vec()).unwrap();
        // Seen from any input of y the other three are as far or tied in twos.
        let pair = Pair::new(&side([0.0, 1.0, 3.0, 7.0]), &side([0.0, 1.0, 1.0, 1.0])).unwrap();
        // 0→1: ranks 1 to 3 are tied: 2. 1→0: last, 3. 2→1: 1.5. 3→2: 1.5.
        let value = InformationImbalance::default().compare(&pair).unwrap();
        assert!((value - 0.5 * (2.0 + 3.0 + 1.5 + 1.5) / 4.0).abs() < 1e-15, "{value}");
    }
}
