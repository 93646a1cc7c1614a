#![doc = include_str!("maximum_match.md")]

use super::{Epsilon, Path, ZeroNeurons};
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Error, Pair, Result};
use serde::{Deserialize, Serialize};

/// Share of the neurons of both sides in the maximum match at one ε.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MaximumMatch {
    /// How far a neuron may lie from the span of the others, as a share of its length.
    pub epsilon: Epsilon,
    /// What becomes of neurons that are zero on every input.
    pub zero_neurons: ZeroNeurons,
    /// Whether the mean of every neuron is subtracted first.
    pub center: bool,
}

/// Options that both measures of subspace match have.
pub(super) const SHARED_OPTIONS: [(&str, &str); 2] = [
    ("zero_neurons", "unmatched (counted, never matched), matched, excluded"),
    ("center", "whether the mean of every neuron is subtracted first: true or false"),
];

impl MaximumMatch {
    /// The critical ε of every neuron, from which the match at every ε can be read.
    ///
    /// # Errors
    /// [`Error::NeedsFactor`] for moments without a triangular factor; [`Error::Undefined`] if there is no neuron
    /// to count or a side is constant; [`Error::Saturated`] if both sides span everything, so that all neurons match at ε = 0.
    pub fn path(&self, pair: &Pair) -> Result<Path> {
        path(pair, self.center, self.zero_neurons)
    }
}

/// See [`MaximumMatch::path`].
pub(super) fn path(pair: &Pair, centred: bool, zero: ZeroNeurons) -> Result<Path> {
    pair.at_least(2)?;
    // A dead layer has no neurons that could be compared, whatever becomes of single dead ones.
    pair.x().variation()?;
    pair.y().variation()?;
    let path = if zero == ZeroNeurons::default() {
        pair.match_path(centred)?.clone()
    } else {
        Path::new(&pair.neurons(centred)?, zero)?
    };
    let ranks = path.ranks();
    if ranks.x.min(ranks.y) >= ranks.ambient {
        return Err(Error::Saturated { name: pair.x().name().into(), rank: ranks.x, n: pair.n() });
    }
    Ok(path)
}

/// What both measures of subspace match promise.
pub(super) fn properties(center: bool, zero: ZeroNeurons) -> Properties {
    let mut invariance = Invariance::PERMUTATION | Invariance::SCALE;
    if center {
        invariance |= Invariance::TRANSLATION;
    }
    Properties {
        kind: Kind::Similarity,
        range: (0.0, 1.0),
        // A side with zero neurons does not match itself completely where they are counted as unmatched.
        identity: (zero != ZeroNeurons::Unmatched).then_some(1.0),
        symmetric: true,
        metric: false,
        aligned: true,
        invariance: Sides::both(invariance),
        needs: Needs::FACTOR,
    }
}

impl Measure for MaximumMatch {
    const INFO: Info = Info {
        id: "maximum-match",
        title: "Subspace match: maximum match at one ε",
        family: Family::Subspace,
        formula: "(|S| + |T|) / (d_x + d_y) for the largest S, T that lie within ε of each other's spans",
        reference: "Wang et al. 2018, arXiv:1810.11750",
        options: &[
            ("epsilon", "relative distance allowed, at least 0 and below 1"),
            SHARED_OPTIONS[0],
            SHARED_OPTIONS[1],
        ],
        doc: include_str!("maximum_match.md"),
    };

    fn properties(&self) -> Properties {
        properties(self.center, self.zero_neurons)
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        Ok(self.path(pair)?.similarity(self.epsilon))
    }

    fn samples() -> Vec<Self> {
        let with =
            |epsilon: f64| Self { epsilon: Epsilon::new(epsilon).unwrap_or_default(), ..Self::default() };
        vec![
            Self::default(),
            with(0.5),
            Self { center: true, ..with(0.6) },
            Self { zero_neurons: ZeroNeurons::Excluded, ..with(0.5) },
            Self { zero_neurons: ZeroNeurons::Matched, ..with(0.5) },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Representation;

    /// x = (e₁, e₂), y = (e₁ + t e₃, 0) in four inputs: y₁ is t/√(1+t²) from span x and so is e₁ from span y₁;
    /// e₂ is orthogonal to y, so it never matches.
    fn pair(t: f64) -> Pair {
        let x = Representation::from_f64("x", 4, 2, vec![1., 0., 0., 1., 0., 0., 0., 0.]).unwrap();
        let y = Representation::from_f64("y", 4, 2, vec![1., 0., 0., 0., t, 0., 0., 0.]).unwrap();
        Pair::new(&x, &y).unwrap()
    }

    #[test]
    fn one_of_two_matches_from_its_critical_epsilon_on() {
        let at = |epsilon: f64, zero_neurons| {
            MaximumMatch { epsilon: Epsilon::new(epsilon).unwrap(), zero_neurons, center: false }
                .compare(&pair(0.75))
                .unwrap()
        };
        assert_eq!(at(0.59, ZeroNeurons::Unmatched), 0.0);
        assert_eq!(at(0.60, ZeroNeurons::Unmatched), 0.5);
        assert_eq!(at(0.60, ZeroNeurons::Matched), 0.75);
        assert_eq!(at(0.60, ZeroNeurons::Excluded), 2.0 / 3.0);
    }

    #[test]
    fn as_many_neurons_as_inputs_are_refused() {
        let values = |seed: usize| (0..16).map(|i| ((i * i * seed + i) % 13) as f64).collect();
        let x = Representation::from_f64("x", 4, 4, values(3)).unwrap();
        let y = Representation::from_f64("y", 4, 4, values(5)).unwrap();
        let error = MaximumMatch::default().compare(&Pair::new(&x, &y).unwrap()).unwrap_err();
        assert!(matches!(error, Error::Saturated { rank: 4, n: 4, .. }), "{error}");
    }
}
