#![doc = include_str!("cycle_knn.md")]

use super::{Lists, NeighborCount, properties};
use crate::measure::{Family, Info, Measure, Properties};
use crate::neighbors::Metric;
use crate::{Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// Share of inputs that are reached again by a step to a neighbour on one side and one back on the other.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CycleKnn {
    /// How many neighbours.
    pub k: NeighborCount,
    /// What near means.
    pub metric: Metric,
    /// The side of the first step.
    pub first: FirstStep,
}

/// The side on which a cycle begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FirstStep {
    /// A neighbour as x sees it, then back as y does.
    X,
    /// A neighbour as y sees it, then back as x does.
    #[default]
    Y,
}

impl Measure for CycleKnn {
    const INFO: Info = Info {
        id: "cycle-knn",
        title: "Cycles of nearest neighbours",
        family: Family::Neighbors,
        formula: "share of inputs i that are in N_x(j) for some j in N_y(i)",
        reference: "Huh et al. 2024, arXiv:2405.07987 (code)",
        options: &[
            NeighborCount::OPTION,
            Metric::OPTION,
            ("first", "y, x: the side on which the first step is taken"),
        ],
        doc: include_str!("cycle_knn.md"),
    };

    fn properties(&self) -> Properties {
        properties(self.metric, (0.0, 1.0), None, false)
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let lists = Lists::of(pair, self.metric, self.k)?;
        let (first, second) = match self.first {
            FirstStep::X => (&lists.x, &lists.y),
            FirstStep::Y => (&lists.y, &lists.x),
        };
        Ok(lists.mean_of_inputs(|i| {
            let returns = |j: &u32| second.of(*j as usize, lists.k).contains(&(i as u32));
            f64::from(u8::from(first.of(i, lists.k).iter().any(returns)))
        }))
    }

    fn prepare(&self, side: &Representation) -> Result<()> {
        side.neighbors(self.metric, self.k.get()).map(drop)
    }

    fn samples() -> Vec<Self> {
        let few = Self { k: NeighborCount::new(2).unwrap_or_default(), ..Self::default() };
        vec![
            Self::default(),
            few,
            Self { metric: Metric::Euclidean, ..few },
            Self { first: FirstStep::X, ..few },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On the line 0, 1, 3, 7 the nearest of each is 1, 0, 1, 2; on 0, 5, 6, 7 it is 1, 2, 1, 2.
    #[test]
    fn cycles_by_hand() {
        let side = |values: [f64; 4]| Representation::from_f64("x", 4, 1, values.to_vec()).unwrap();
        let pair = Pair::new(&side([0.0, 1.0, 3.0, 7.0]), &side([0.0, 5.0, 6.0, 7.0])).unwrap();
        let with = |first| {
            let k = NeighborCount::new(1).unwrap();
            CycleKnn { k, metric: Metric::Euclidean, first }.compare(&pair).unwrap()
        };
        // Along y, then x: 0→1→0, 1→2→1, 2→1→0, 3→2→1. Along x, then y: 0→1→2, 1→0→1, 2→1→2, 3→2→1.
        assert_eq!((with(FirstStep::Y), with(FirstStep::X)), (0.5, 0.5));
    }
}
