#![doc = include_str!("mutual_knn.md")]

use super::{Lists, NeighborCount, properties, shared};
use crate::measure::{Family, Info, Measure, Properties};
use crate::neighbors::Metric;
use crate::{Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// Share of the nearest neighbours that both sides agree on.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MutualKnn {
    /// How many neighbours.
    pub k: NeighborCount,
    /// What near means.
    pub metric: Metric,
}

impl Measure for MutualKnn {
    const INFO: Info = Info {
        id: "mutual-knn",
        title: "Mutual nearest neighbours",
        family: Family::Neighbors,
        formula: "mean over inputs of |N_x(i) ∩ N_y(i)| / k",
        reference: "Huh et al. 2024, arXiv:2405.07987",
        options: &[NeighborCount::OPTION, Metric::OPTION],
        doc: include_str!("mutual_knn.md"),
    };

    fn properties(&self) -> Properties {
        properties(self.metric, (0.0, 1.0), Some(1.0), true)
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let lists = Lists::of(pair, self.metric, self.k)?;
        Ok(lists.mean(|x, y| shared(x, y) as f64 / lists.k as f64))
    }

    /// A list of k others at random has k · k / (n − 1) in common with any other.
    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        let lists = Lists::of(pair, self.metric, self.k)?;
        Ok(lists.are_exchangeable().then(|| lists.k as f64 / (lists.n as f64 - 1.0)))
    }

    fn prepare(&self, side: &Representation) -> Result<()> {
        side.neighbors(self.metric, self.k.get()).map(drop)
    }

    fn samples() -> Vec<Self> {
        let default = Self::default();
        let few = NeighborCount::new(3).unwrap_or_default();
        vec![default, Self { k: few, ..default }, Self { metric: Metric::Euclidean, ..default }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On a line 0, 1, 3, 7 the nearest of each is 1, 0, 1, 2 (by position); on 0, 5, 6, 7 it is 1, 2, 1 or 3, 2.
    #[test]
    fn nearest_neighbours_on_a_line_by_hand() {
        let side = |values: [f64; 4]| Representation::from_f64("x", 4, 1, values.to_vec()).unwrap();
        let measure = MutualKnn { k: NeighborCount::new(1).unwrap(), metric: Metric::Euclidean };
        // x: 0→1, 1→0, 2→1, 3→2. y: 0→1, 1→2, 2→1 (tied with 3, the lower wins), 3→2. Agree on 0, 2 and 3.
        let pair = Pair::new(&side([0.0, 1.0, 3.0, 7.0]), &side([0.0, 5.0, 6.0, 7.0])).unwrap();
        assert_eq!(measure.compare(&pair).unwrap(), 0.75);
        // A tie was settled by the order of the inputs, so the mean over orders is not the one of random lists.
        assert_eq!(measure.chance(&pair).unwrap(), None);
        let untied = Pair::new(&side([0.0, 1.0, 3.0, 7.0]), &side([0.0, 5.0, 6.5, 7.0])).unwrap();
        assert_eq!(measure.chance(&untied).unwrap(), Some(1.0 / 3.0));
    }
}
