#![doc = include_str!("gromov_wasserstein.md")]

use super::metric_spaces::{MetricSpace, descend};
use crate::folds::for_each_of;
use crate::linalg::{Matrix, Space};
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::measures::topology::subsets::subsets;
use crate::{Error, Pair, Representation, Result};
use serde::{Deserialize, Serialize};
use std::f64::consts::SQRT_2;
use std::num::NonZeroUsize;

/// How much distances between inputs must be distorted, whichever input is which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GromovWasserstein {
    /// Whether the distances of each side are divided by their root mean square first.
    pub normalized: bool,
    /// How many inputs of each side are compared at most; more are drawn from.
    pub inputs: NonZeroUsize,
    /// How many couplings the search starts from.
    pub starts: NonZeroUsize,
    /// Seed of the random starts and of the draw.
    pub seed: u64,
}

impl Default for GromovWasserstein {
    fn default() -> Self {
        let count = |count: usize| NonZeroUsize::MIN.saturating_add(count - 1);
        Self { normalized: false, inputs: count(200), starts: count(4), seed: 0 }
    }
}

/// The best coupling that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct InputCoupling {
    /// Input of x, input of y, counted from 0, and the weight they share; 1 in all.
    pub shares: Vec<(usize, usize, f64)>,
    /// The distance.
    pub value: f64,
}

impl InputCoupling {
    /// How much of the weight couples an input with itself: 1 if distances alone tell which input is which. Means something
    /// only where row i of both sides is the same input.
    pub fn recovery(&self) -> f64 {
        self.shares.iter().filter(|(i, j, _)| i == j).map(|(_, _, weight)| weight).sum()
    }
}

impl GromovWasserstein {
    /// The coupling of inputs behind the distance.
    ///
    /// # Errors
    /// As [`Measure::compare`].
    pub fn coupling(&self, pair: &Pair) -> Result<InputCoupling> {
        let (x, y) = (self.space(pair.x())?, self.space(pair.y())?);
        // The search takes one side as the first; which one must not depend on which is called x.
        let exchanged = x.order(&y).is_gt();
        let (first, second) = if exchanged { (&y, &x) } else { (&x, &y) };
        let found = for_each_of(self.starts.get(), |start| Ok(descend(first, second, start, self.seed)))?;
        let best = found.into_iter().reduce(|best, other| if other.0 < best.0 { other } else { best });
        let (distortion, plan) = best.ok_or(Error::TooFewSamples { needed: 2, got: 0 })?;
        let named = |(i, j, weight)| {
            let (i, j) = (first.points[i], second.points[j]);
            if exchanged { (j, i, weight) } else { (i, j, weight) }
        };
        let mut shares: Vec<_> = plan.into_iter().map(named).collect();
        shares.sort_unstable_by_key(|(i, j, _)| (*i, *j));
        Ok(InputCoupling { shares, value: distortion.sqrt() })
    }

    /// Distances between the inputs, or some of them: the same ones of sides of equal length.
    fn space(&self, side: &Representation) -> Result<MetricSpace> {
        side.variation()?;
        let drawn = subsets(side.n(), self.inputs.get(), 1, self.seed).swap_remove(0);
        let points = side.points::<f64>(Space::AsIs)?;
        let n = drawn.len();
        let mut distances = Matrix::zeros(n, n);
        for j in 0..n {
            for i in 0..j {
                // From differences: the bits depend neither on the order of the inputs nor on an offset.
                let between = points.point(drawn[i]).iter().zip(points.point(drawn[j]));
                let distance = between.map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
                distances[(i, j)] = distance;
                distances[(j, i)] = distance;
            }
        }
        if self.normalized {
            // In ascending order, so that the sum does not depend on that of the inputs either.
            let mut squares: Vec<f64> = distances.values().iter().map(|d| d * d).collect();
            squares.sort_unstable_by(f64::total_cmp);
            let mean = (squares.iter().sum::<f64>() / (n * n) as f64).sqrt();
            if mean == 0.0 {
                return Err(Error::undefined(format!(
                    "all inputs drawn from `{}` are the same",
                    side.name()
                )));
            }
            distances.values_mut().iter_mut().for_each(|d| *d /= mean);
        }
        let mut space = MetricSpace::new(&distances);
        space.points.iter_mut().for_each(|point| *point = drawn[*point]);
        Ok(space)
    }
}

impl Measure for GromovWasserstein {
    const INFO: Info = Info {
        id: "gromov-wasserstein",
        title: "Gromov-Wasserstein distance between inputs",
        family: Family::Alignment,
        formula: "sqrt(min over couplings P of sum (|x_i - x_k| - |y_j - y_l|)^2 P_ij P_kl)",
        reference: "Mémoli 2011, doi:10.1007/s10208-011-9093-5; Peyré, Cuturi & Solomon 2016",
        options: &[
            (
                "normalized",
                "whether the distances of each side are divided by their root mean square first: true or false",
            ),
            ("inputs", "how many inputs of each side are compared at most; more are drawn from"),
            ("starts", "how many couplings the search starts from: two fixed ones, the rest random"),
            ("seed", "seed of the random starts and of the draw"),
        ],
        doc: include_str!("gromov_wasserstein.md"),
    };

    fn properties(&self) -> Properties {
        let shape = Invariance::ORTHOGONAL | Invariance::TRANSLATION;
        Properties {
            kind: Kind::Distance,
            range: (0.0, if self.normalized { SQRT_2 } else { f64::INFINITY }),
            identity: Some(0.0),
            symmetric: true,
            // The best coupling would make it one; a search may miss it.
            metric: false,
            aligned: false,
            invariance: Sides::both(if self.normalized { shape | Invariance::SCALE } else { shape }),
            needs: Needs::ROWS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let value = self.coupling(pair)?.value;
        Ok(if self.normalized { value.min(SQRT_2) } else { value })
    }

    /// Reordering the inputs of one side changes nothing.
    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        let drawn = pair.x().n().max(pair.y().n()) > self.inputs.get();
        if drawn { Ok(None) } else { self.compare(pair).map(Some) }
    }

    fn samples() -> Vec<Self> {
        let two = NonZeroUsize::MIN.saturating_add(1);
        let default = Self::default();
        vec![default, Self { normalized: true, starts: two, ..default }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(values: Vec<f64>, d: usize) -> Representation {
        Representation::from_f64("side", values.len() / d, d, values).unwrap()
    }

    fn value(x: &Representation, y: &Representation) -> f64 {
        GromovWasserstein::default().compare(&Pair::unaligned(x, y)).unwrap()
    }

    /// Two inputs at distance 1 and two at distance 3: the two ordered pairs of different inputs, a quarter of the weight each,
    /// are off by 2: d² = ½·4. Two and one: each of the pairs is off by 1: d² = ½. With equal root mean squares: 0.
    #[test]
    fn two_points_by_hand() {
        let (one, three) = (side(vec![0.0, 1.0], 1), side(vec![5.0, 8.0], 1));
        assert!((value(&one, &three) - SQRT_2).abs() < 1e-15);
        let twice = side(vec![0.0, 0.0, 1.0], 1);
        let expected = {
            // Weights 2/3 and 1/3 against halves: (0, 0) takes ½ of the double point, its last sixth goes with the other.
            let plan: [(f64, f64, f64); 3] = [(0.0, 0.0, 0.5), (0.0, 1.0, 1.0 / 6.0), (1.0, 1.0, 1.0 / 3.0)];
            let term = |(a, b, w): &(f64, f64, f64), (c, d, v): &(f64, f64, f64)| {
                w * v * ((a - c).abs() - (b - d).abs()).powi(2)
            };
            plan.iter().flat_map(|p| plan.iter().map(|q| term(p, q)).collect::<Vec<_>>()).sum::<f64>().sqrt()
        };
        assert!((value(&twice, &one) - expected).abs() < 1e-15);
        let normalized = GromovWasserstein { normalized: true, ..GromovWasserstein::default() };
        assert!(normalized.compare(&Pair::unaligned(&one, &three)).unwrap() < 1e-15);
    }

    #[test]
    fn an_isometry_and_a_new_order_are_found() {
        let n = 40;
        let x: Vec<f64> = (0..2 * n).map(|k| f64::from((k * k * 7 + k * 5) as u32 % 83)).collect();
        let order: Vec<usize> = (0..n).map(|i| i * 7 % n).collect();
        let turned = order.iter().flat_map(|i| [9.0 - x[2 * i + 1], 4.0 + x[2 * i]]).collect();
        let pair = Pair::unaligned(&side(x, 2), &side(turned, 2));
        let coupling = GromovWasserstein::default().coupling(&pair).unwrap();
        assert_eq!(coupling.value, 0.0);
        assert!(coupling.shares.iter().all(|(i, j, _)| order[*j] == *i));
        assert!(coupling.recovery() < 0.2);
        let own = GromovWasserstein::default().coupling(&Pair::new(pair.x(), pair.x()).unwrap()).unwrap();
        assert!((own.recovery() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn many_inputs_are_drawn_from_and_the_same_ones_on_both_sides() {
        let x = side((0..300 * 3).map(|k| f64::from((k * k * 7 + k * 5) as u32 % 1009)).collect(), 3);
        let few = GromovWasserstein {
            inputs: NonZeroUsize::MIN.saturating_add(29),
            ..GromovWasserstein::default()
        };
        let pair = Pair::new(&x, &x).unwrap();
        let coupling = few.coupling(&pair).unwrap();
        assert_eq!((coupling.value, coupling.shares.len()), (0.0, 30));
        assert_eq!(few.chance(&pair).unwrap(), None);
    }
}
