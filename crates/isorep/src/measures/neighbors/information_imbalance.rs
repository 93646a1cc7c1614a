#![doc = include_str!("information_imbalance.md")]

use super::NeighborCount;
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::neighbors::{Metric, Rank, ranks};
use crate::{Error, Pair, Representation, Result};
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
        pair.at_least(3)?;
        let (from, to) = match self.from {
            RankedFrom::X => (pair.x(), pair.y()),
            RankedFrom::Y => (pair.y(), pair.x()),
        };
        let k = self.k.get();
        let lists = from.neighbors(self.metric, k)?;
        let wanted: Vec<&[u32]> = (0..pair.n()).map(|i| lists.of(i, k)).collect();
        let found = ranks(to, self.metric, &wanted)?;
        let (sum, count) = found
            .iter()
            .flatten()
            .flatten()
            .fold((0.0, 0.0), |(sum, count), rank: &Rank| (sum + rank.middle(), count + 1.0));
        if count == 0.0 {
            return Err(Error::undefined("no input and its neighbour have activations on both sides"));
        }
        Ok(2.0 / pair.n() as f64 * sum / count)
    }

    /// The rank of a neighbour at random is n / 2 on average.
    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        let k = self.k.get();
        let usual = |side: &Representation| {
            let lists = side.neighbors(self.metric, k)?;
            Ok::<_, Error>(lists.ambiguous(k) == 0 && (0..side.n()).all(|i| lists.is_present(i)))
        };
        Ok((usual(pair.x())? && usual(pair.y())?).then_some(1.0))
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
