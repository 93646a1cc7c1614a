#![doc = include_str!("trustworthiness.md")]

use super::{Lists, NeighborCount, properties};
use crate::measure::{Family, Info, Measure, Properties};
use crate::neighbors::{Metric, ranks};
use crate::{Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// Whether neighbours on one side are at least not far away on the other.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Trustworthiness {
    /// How many neighbours.
    pub k: NeighborCount,
    /// What near means.
    pub metric: Metric,
    /// Whose neighbours are in question.
    pub of: Direction,
}

/// Whose neighbours are held against the ranks of the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Neighbours in y that are not near in x: y shows what is not there.
    #[default]
    Trustworthiness,
    /// Neighbours in x that are not near in y: y tears apart what was together.
    Continuity,
}

impl Default for Trustworthiness {
    fn default() -> Self {
        Self { k: NeighborCount::default(), metric: Metric::Euclidean, of: Direction::default() }
    }
}

impl Measure for Trustworthiness {
    const INFO: Info = Info {
        id: "trustworthiness",
        title: "Trustworthiness and continuity of neighbourhoods",
        family: Family::Neighbors,
        formula: "1 - 2 / (n k (2n - 3k - 1)) times the sum over j in N_y(i) but not N_x(i) of rank_x(i, j) - k",
        reference: "Venna & Kaski 2001, doi:10.1007/3-540-44668-0_68",
        options: &[
            ("k", "how many nearest neighbours of every input; less than half of the inputs"),
            Metric::OPTION,
            (
                "of",
                "trustworthiness (neighbours in y, ranked by x), continuity (neighbours in x, ranked by y)",
            ),
        ],
        doc: include_str!("trustworthiness.md"),
    };

    fn properties(&self) -> Properties {
        properties(self.metric, (0.0, 1.0), Some(1.0), false)
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let lists = self.lists(pair)?;
        let (near, ranked_by, by) = match self.of {
            Direction::Trustworthiness => (&lists.y, &lists.x, lists.pair().x()),
            Direction::Continuity => (&lists.x, &lists.y, lists.pair().y()),
        };
        let k = lists.k;
        let intruders: Vec<Vec<u32>> = (0..lists.n)
            .map(|i| {
                let known = ranked_by.of(i, k);
                near.of(i, k).iter().copied().filter(|j| !known.contains(j)).collect()
            })
            .collect();
        let wanted: Vec<&[u32]> = intruders.iter().map(Vec::as_slice).collect();
        let ranks = ranks(by, self.metric, &wanted)?;
        let excess: f64 = ranks.iter().flatten().map(|rank| rank.ordinal() as f64 - k as f64).sum();
        let (n, k) = (lists.n as f64, k as f64);
        Ok(1.0 - 2.0 / (n * k * (2.0 * n - 3.0 * k - 1.0)) * excess)
    }

    /// Every neighbour is at any rank from 1 to n − 1 with the same probability.
    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        let lists = self.lists(pair)?;
        let (n, k) = (lists.n as f64, lists.k as f64);
        let chance = 1.0 - (n - 1.0 - k) * (n - k) / ((2.0 * n - 3.0 * k - 1.0) * (n - 1.0));
        Ok(lists.are_exchangeable().then_some(chance))
    }

    fn prepare(&self, side: &Representation) -> Result<()> {
        side.neighbors(self.metric, self.k.get()).map(drop)
    }

    fn samples() -> Vec<Self> {
        let default = Self::default();
        let few = Self { k: NeighborCount::new(3).unwrap_or_default(), ..default };
        vec![default, Self { of: Direction::Continuity, ..few }, Self { metric: Metric::Cosine, ..few }]
    }
}

impl Trustworthiness {
    fn lists<'a>(&self, pair: &'a Pair) -> Result<Lists<'a>> {
        let lists = Lists::of(pair, self.metric, self.k)?;
        // The factor in front is the largest possible sum only below half of the inputs.
        lists.pair().at_least(2 * lists.k + 1)?;
        Ok(lists)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    /// On the line 0, 1, 3, 7 the nearest of each is 1, 0, 1, 2; on 0, 4, 3, 7 it is 2, 2, 1 and 1 (3 and 4 are at 4 and
    /// 3 from 7, so 4 is the nearest of 7). Intruders: 2 for input 0, at rank 2 in x; 2 for input 1, rank 2; none for
    /// input 2; 1 for input 3, rank 2. Sum of rank − k: 3; factor 2 / (4 · 1 · 4).
    #[test]
    fn intruders_by_hand() {
        let side = |values: [f64; 4]| Representation::from_f64("x", 4, 1, values.to_vec()).unwrap();
        let pair = Pair::new(&side([0.0, 1.0, 3.0, 7.0]), &side([0.0, 4.0, 3.0, 7.0])).unwrap();
        let measure = Trustworthiness { k: NeighborCount::new(1).unwrap(), ..Trustworthiness::default() };
        let value = measure.compare(&pair).unwrap();
        assert!((value - (1.0 - 2.0 / 16.0 * 3.0)).abs() < 1e-15, "{value}");
    }

    #[test]
    fn half_of_the_inputs_is_too_many() {
        let x = Representation::from_f64("x", 20, 1, (0..20).map(f64::from).collect()).unwrap();
        let error = Trustworthiness::default().compare(&Pair::new(&x, &x).unwrap()).unwrap_err();
        assert_eq!(error, Error::TooFewSamples { needed: 21, got: 20 });
    }
}
