#![doc = include_str!("soft_match.md")]

use super::single_neurons::Neurons;
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::transport::{Share, uniform_coupling};
use crate::{Fraction, Pair, Result};
use serde::{Deserialize, Serialize};

/// The root of the mean squared distance between neurons under the best soft matching.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SoftMatch {
    /// What brings both sides to one size before they are compared.
    pub scaling: Scaling,
    /// How much of the weight of all neurons is matched.
    pub mass: Fraction,
}

/// What neurons are divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// Nothing: distances are in units of the activations.
    #[default]
    None,
    /// The root mean square of the lengths of all neurons of a side, so that one factor is taken out.
    Layer,
    /// Its own length each, so that distances depend on correlations only; neurons that do not vary are left out.
    Neurons,
}

/// Which neuron is matched with which, and how much of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Coupling {
    /// Neuron of x, neuron of y, counted from 0, and the weight they share. All neurons of a side weigh 1 together.
    pub shares: Vec<(usize, usize, f64)>,
    /// For every neuron of x, how much of its own weight is matched: from 0 to 1.
    pub matched_x: Vec<f64>,
    /// For every neuron of y.
    pub matched_y: Vec<f64>,
}

impl Default for SoftMatch {
    fn default() -> Self {
        Self { scaling: Scaling::default(), mass: Fraction::constant(1.0) }
    }
}

impl SoftMatch {
    /// The coupling behind the distance; where several are as good, one of them.
    ///
    /// # Errors
    /// As [`Measure::compare`].
    pub fn coupling(&self, pair: &Pair) -> Result<Coupling> {
        let neurons = self.neurons(pair)?;
        let (mut matched_x, mut matched_y) = (vec![0.0; pair.x().d()], vec![0.0; pair.y().d()]);
        let (k, l) = (neurons.x.kept.len() as f64, neurons.y.kept.len() as f64);
        let named = |(i, j, weight): Share| {
            let (i, j) = (neurons.x.kept[i], neurons.y.kept[j]);
            matched_x[i] += weight * k;
            matched_y[j] += weight * l;
            (i, j, weight)
        };
        let shares = self.shares(&neurons).into_iter().map(named).collect();
        Ok(Coupling { shares, matched_x, matched_y })
    }

    fn neurons<'a>(&self, pair: &'a Pair) -> Result<Neurons<'a>> {
        match self.scaling {
            Scaling::None => Neurons::of(pair, true),
            Scaling::Neurons => Neurons::standardised(pair),
            Scaling::Layer => {
                let neurons = Neurons::of(pair, true)?;
                let factor = |width: usize, size: f64| (width as f64).sqrt() / size.sqrt();
                let by_x = factor(pair.x().d(), neurons.x.size());
                let by_y = factor(pair.y().d(), neurons.y.size());
                Ok(neurons.multiplied(by_x, by_y))
            }
        }
    }

    fn shares(&self, neurons: &Neurons<'_>) -> Vec<Share> {
        uniform_coupling(&neurons.squared_distances(), self.mass)
    }
}

impl Measure for SoftMatch {
    const INFO: Info = Info {
        id: "soft-match",
        title: "Soft-matching distance",
        family: Family::Alignment,
        formula: "sqrt(min sum_ij P_ij ||x_i - y_j||^2) over P >= 0 with row sums 1/d_x and column sums 1/d_y",
        reference: "Khosla & Williams 2023, arXiv:2311.09466; Kapoor, Williams & Khosla 2026, arXiv:2602.19331",
        options: &[
            (
                "scaling",
                "none, layer (a side by the root mean square of its neurons), neurons (each to unit length)",
            ),
            ("mass", "how much of the weight of all neurons is matched, above 0 and at most 1"),
        ],
        doc: include_str!("soft_match.md"),
    };

    fn properties(&self) -> Properties {
        let (high, scale) = match self.scaling {
            Scaling::None => (f64::INFINITY, Invariance::empty()),
            Scaling::Layer | Scaling::Neurons => (2.0, Invariance::SCALE),
        };
        Properties {
            kind: Kind::Distance,
            range: (0.0, high),
            identity: Some(0.0),
            symmetric: true,
            metric: self.mass.get() == 1.0,
            aligned: true,
            invariance: Sides::both(Invariance::PERMUTATION | Invariance::TRANSLATION | scale),
            needs: Needs::empty(),
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let neurons = self.neurons(pair)?;
        let distance = neurons.matched_distance(&self.shares(&neurons))?.sqrt();
        Ok(if self.scaling == Scaling::None { distance } else { distance.min(2.0) })
    }

    fn samples() -> Vec<Self> {
        let half = Fraction::constant(0.5);
        let default = Self::default();
        vec![
            default,
            Self { scaling: Scaling::Layer, mass: half },
            Self { scaling: Scaling::Neurons, ..default },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CorrelationMatch, Matching, PermutationProcrustes, Representation};

    fn side(d: usize, values: Vec<f64>) -> Representation {
        Representation::from_f64("side", values.len() / d, d, values).unwrap()
    }

    fn noise(n: usize, d: usize, seed: u64) -> Vec<f64> {
        use rand::{RngExt, SeedableRng};
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        (0..n * d).map(|_| random.random_range(-1.0..1.0)).collect()
    }

    fn value(measure: SoftMatch, x: &Representation, y: &Representation) -> f64 {
        measure.compare(&Pair::new(x, y).unwrap()).unwrap()
    }

    /// x = (a, b), y = (a): half of a is matched with each, so d² = ½·0 + ½‖b − a‖². With half of the mass a takes all: 0.
    #[test]
    fn two_neurons_share_one() {
        let (a, b) = ([1.0, -1.0, 0.0], [3.0, 0.0, -3.0]);
        let x = side(2, (0..3).flat_map(|i| [a[i], b[i]]).collect());
        let y = side(1, a.to_vec());
        assert!((value(SoftMatch::default(), &x, &y) - (0.5f64 * (4.0 + 1.0 + 9.0)).sqrt()).abs() < 1e-14);
        let half = SoftMatch { mass: Fraction::constant(0.5), ..SoftMatch::default() };
        let coupling = half.coupling(&Pair::new(&x, &y).unwrap()).unwrap();
        assert_eq!(coupling.shares, [(0, 0, 0.5)]);
        assert_eq!((coupling.matched_x, coupling.matched_y), (vec![1.0, 0.0], vec![0.5]));
        assert_eq!(value(half, &x, &y), 0.0);
        let three_quarters = SoftMatch { mass: Fraction::constant(0.75), ..SoftMatch::default() };
        assert!((value(three_quarters, &x, &y) - (0.25f64 * 14.0).sqrt()).abs() < 1e-14);
    }

    #[test]
    fn repeated_neurons_change_nothing() {
        let values = noise(30, 4, 1);
        let twice: Vec<f64> = values.chunks(4).flat_map(|row| [row, row].concat()).collect();
        let (x, twice, other) = (side(4, values), side(8, twice), side(6, noise(30, 6, 2)));
        for scaling in [Scaling::None, Scaling::Layer, Scaling::Neurons] {
            let measure = SoftMatch { scaling, ..SoftMatch::default() };
            assert_eq!(value(measure, &x, &twice), 0.0, "{scaling:?}");
            let (once, two) = (value(measure, &x, &other), value(measure, &twice, &other));
            assert!((once - two).abs() < 1e-12, "{scaling:?}: {once} {two}");
        }
    }

    #[test]
    fn equal_widths_are_a_permutation_and_unit_neurons_are_correlations() {
        let (x, y, z) = (side(7, noise(20, 7, 3)), side(7, noise(20, 7, 4)), side(5, noise(20, 5, 5)));
        let pair = Pair::new(&x, &y).unwrap();
        let permutation = PermutationProcrustes::default().compare(&pair).unwrap() / 7f64.sqrt();
        assert!((value(SoftMatch::default(), &x, &y) - permutation).abs() < 1e-13);
        let unit = value(SoftMatch { scaling: Scaling::Neurons, ..SoftMatch::default() }, &x, &z);
        let correlation = CorrelationMatch { matching: Matching::Transport, ..CorrelationMatch::default() };
        let score = correlation.compare(&Pair::new(&x, &z).unwrap()).unwrap();
        assert!((unit * unit - (2.0 - 2.0 * score)).abs() < 1e-13);
    }

    /// Dead neurons are points at the origin unless neurons are brought to unit length.
    #[test]
    fn dead_neurons_stay_or_go() {
        let values = noise(10, 2, 6);
        let with_dead = side(3, values.chunks(2).flat_map(|row| [row[0], row[1], 0.3]).collect());
        let x = side(2, values);
        assert!(value(SoftMatch::default(), &x, &with_dead) > 0.1);
        let unit = SoftMatch { scaling: Scaling::Neurons, ..SoftMatch::default() };
        assert_eq!(value(unit, &x, &with_dead), 0.0);
        let coupling = unit.coupling(&Pair::new(&x, &with_dead).unwrap()).unwrap();
        assert_eq!(coupling.matched_y, [1.0, 1.0, 0.0]);
    }
}
