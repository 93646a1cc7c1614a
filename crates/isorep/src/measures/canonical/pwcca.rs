#![doc = include_str!("pwcca.md")]

use super::at_most_one;
use super::weights::weighted_mean;
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Pair, Result};
use serde::{Deserialize, Serialize};

/// Projection-weighted canonical correlation.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pwcca {
    /// The side whose neurons give the weights.
    pub weights: WeightSide,
}

/// The side whose neurons give the weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WeightSide {
    /// The first.
    #[default]
    X,
    /// The second.
    Y,
}

impl Measure for Pwcca {
    const INFO: Info = Info {
        id: "pwcca",
        title: "Projection-weighted canonical correlation analysis",
        family: Family::Canonical,
        formula: "sum of a_i rho_i / sum of a_i, with a_i = sum over neurons of |<h_i, x_j>|",
        reference: "Morcos et al. 2018, arXiv:1806.05759",
        options: &[("weights", "x or y: the side whose neurons give the weights")],
        doc: include_str!("pwcca.md"),
    };

    fn properties(&self) -> Properties {
        // Weights are sums of absolute values over neurons.
        let weighted = Invariance::PERMUTATION | Invariance::SCALE | Invariance::TRANSLATION;
        let invariance = match self.weights {
            WeightSide::X => Sides { x: weighted, y: Invariance::AFFINE },
            WeightSide::Y => Sides { x: Invariance::AFFINE, y: weighted },
        };
        Properties {
            kind: Kind::Similarity,
            range: (0.0, 1.0),
            identity: Some(1.0),
            symmetric: false,
            metric: false,
            aligned: true,
            invariance,
            needs: Needs::FACTOR | Needs::BASIS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let overlap = pair.overlap(true)?;
        overlap.require_unsaturated(pair)?;
        let value = match self.weights {
            WeightSide::X => weighted_mean(&overlap.loadings_x(pair)?, &overlap.cosines)?,
            WeightSide::Y => weighted_mean(&overlap.loadings_y(pair)?, &overlap.cosines.transpose())?,
        };
        Ok(at_most_one(value))
    }

    fn samples() -> Vec<Self> {
        [WeightSide::X, WeightSide::Y].map(|weights| Self { weights }).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::{Svd, dot, multiply, multiply_at_b};
    use crate::overlap::tests::{centred, moments, random, representation, sample_pair};

    /// The definition, with n-vectors for the canonical variates.
    fn by_definition(pair: &Pair) -> f64 {
        let (x, y) = (centred(pair.x()), centred(pair.y()));
        let q = |m| {
            let svd = Svd::of(m).unwrap();
            svd.u.leading_columns(svd.rank())
        };
        let (q_x, q_y) = (q(&x), q(&y));
        let svd = Svd::of(&multiply_at_b(&q_x, &q_y)).unwrap();
        let variates = multiply(&q_x, &svd.u);
        let weight =
            |k: usize| (0..x.columns()).map(|j| dot(variates.column(k), x.column(j)).abs()).sum::<f64>();
        let weights: Vec<f64> = (0..svd.values.len()).map(weight).collect();
        dot(&weights, &svd.values) / weights.iter().sum::<f64>()
    }

    #[test]
    fn every_route_agrees_with_the_definition() {
        // Wider than there are inputs, but of rank 4.
        let wide = representation("wide", &multiply(&random(60, 4, 4), &random(4, 70, 5)));
        let narrow = representation("narrow", &random(60, 6, 6));
        let pairs = [
            sample_pair(90, 8, 5),
            sample_pair(90, 5, 8),
            sample_pair(90, 6, 6),
            Pair::new(&wide, &narrow).unwrap(),
            Pair::new(&narrow, &wide).unwrap(),
        ];
        for pair in pairs {
            let (n, d_x, d_y) = (pair.n(), pair.x().d(), pair.y().d());
            let expected = by_definition(&pair);
            let swapped = Pwcca { weights: WeightSide::Y }.compare(&pair.swapped()).unwrap();
            let mut found = vec![Pwcca::default().compare(&pair).unwrap(), swapped];
            if n > d_x && n > d_y {
                found.push(Pwcca::default().compare(&moments(&pair, false)).unwrap());
            }
            found.push(Pwcca::default().compare(&moments(&pair, true)).unwrap());
            for value in found {
                assert!((value - expected).abs() < 1e-10, "{n} {d_x} {d_y}: {value} {expected}");
            }
        }
    }
}
