#![doc = include_str!("knn_jaccard.md")]

use super::{Lists, NeighborCount, properties, shared};
use crate::measure::{Family, Info, Measure, Properties};
use crate::neighbors::Metric;
use crate::{Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// Jaccard similarity of the sets of nearest neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KnnJaccard {
    /// How many neighbours.
    pub k: NeighborCount,
    /// What near means.
    pub metric: Metric,
}

impl Measure for KnnJaccard {
    const INFO: Info = Info {
        id: "knn-jaccard",
        title: "Jaccard similarity of nearest neighbours",
        family: Family::Neighbors,
        formula: "mean over inputs of |N_x(i) ∩ N_y(i)| / |N_x(i) ∪ N_y(i)|",
        reference: "Schumacher et al. 2021, arXiv:2005.10039; Klabunde et al. 2025, doi:10.1145/3728458",
        options: &[NeighborCount::OPTION, Metric::OPTION],
        doc: include_str!("knn_jaccard.md"),
    };

    fn properties(&self) -> Properties {
        properties(self.metric, (0.0, 1.0), Some(1.0), true)
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let lists = Lists::of(pair, self.metric, self.k)?;
        Ok(lists.mean(|x, y| jaccard(shared(x, y), lists.k)))
    }

    /// The number of common neighbours is hypergeometric: k drawn from n − 1, of which k are the other side's.
    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        let lists = Lists::of(pair, self.metric, self.k)?;
        Ok(lists.are_exchangeable().then(|| {
            let common = hypergeometric(lists.n - 1, lists.k);
            common.iter().enumerate().map(|(shared, share)| share * jaccard(shared, lists.k)).sum()
        }))
    }

    fn prepare(&self, side: &Representation) -> Result<()> {
        side.neighbors(self.metric, self.k.get()).map(drop)
    }

    fn samples() -> Vec<Self> {
        let default = Self::default();
        vec![default, Self { metric: Metric::Euclidean, ..default }]
    }
}

/// Of two sets of k with so many in common.
pub(super) fn jaccard(shared: usize, k: usize) -> f64 {
    shared as f64 / (2 * k - shared) as f64
}

/// Probabilities of 0, 1, …, k common members of two sets of k out of `all`, one of them drawn at random.
fn hypergeometric(all: usize, k: usize) -> Vec<f64> {
    // Ratios of neighbouring terms, from the least possible number on; then divided by their sum.
    let least = (2 * k).saturating_sub(all);
    let mut terms = vec![0.0; k + 1];
    terms[least] = 1.0;
    for h in least..k {
        let rest = (k - h) as f64;
        terms[h + 1] = terms[h] * rest * rest / ((h + 1) as f64 * (all + h + 1 - 2 * k) as f64);
        // Far from the mode terms would leave the range of f64.
        if terms[h + 1] > 1e200 {
            terms.iter_mut().for_each(|term| *term *= 1e-200);
        }
    }
    let sum: f64 = terms.iter().sum();
    terms.into_iter().map(|term| term / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_members_of_random_sets() {
        // Two of four against two of four: C(2,h) C(2,2−h) / C(4,2).
        let p = hypergeometric(4, 2);
        for (p, expected) in p.iter().zip([1.0 / 6.0, 4.0 / 6.0, 1.0 / 6.0]) {
            assert!((p - expected).abs() < 1e-15);
        }
        // Three of four: at least two in common.
        assert_eq!(hypergeometric(4, 3), [0.0, 0.0, 0.75, 0.25]);
        let mean: f64 = hypergeometric(9_999, 400).iter().enumerate().map(|(h, p)| h as f64 * p).sum();
        assert!((mean - 400.0 * 400.0 / 9_999.0).abs() < 1e-9);
        assert_eq!(jaccard(1, 2), 1.0 / 3.0);
    }
}
