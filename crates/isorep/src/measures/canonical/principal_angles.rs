#![doc = include_str!("principal_angles.md")]

use super::Angles;
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Pair, Result};
use serde::{Deserialize, Serialize};
use std::f64::consts::FRAC_PI_2;

/// Principal angles between the spans of the neurons, in one number.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PrincipalAngles {
    /// Which number.
    pub summary: AngleSummary,
}

/// One number for all angles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AngleSummary {
    /// Their mean.
    #[default]
    Mean,
    /// The angle between the directions that fit worst.
    Largest,
    /// The angle between the directions that fit best.
    Smallest,
}

impl PrincipalAngles {
    /// All angles, with ranks and canonical correlations.
    ///
    /// # Errors
    /// As [`Measure::compare`].
    pub fn angles(&self, pair: &Pair) -> Result<Angles> {
        Angles::of(pair)
    }
}

impl Measure for PrincipalAngles {
    const INFO: Info = Info {
        id: "principal-angles",
        title: "Principal angles between subspaces",
        family: Family::Canonical,
        formula: "mean of arccos(singular values of Qx' Qy)",
        reference: "Björck & Golub 1973, doi:10.2307/2005662; Hotelling 1936, doi:10.1093/biomet/28.3-4.321",
        options: &[("summary", "mean, largest or smallest angle")],
        doc: include_str!("principal_angles.md"),
    };

    fn properties(&self) -> Properties {
        Properties {
            kind: Kind::Distance,
            range: (0.0, FRAC_PI_2),
            identity: Some(0.0),
            symmetric: true,
            metric: false,
            aligned: true,
            invariance: Sides::both(Invariance::AFFINE),
            needs: Needs::FACTOR | Needs::BASIS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let angles = self.angles(pair)?.angles;
        Ok(match self.summary {
            AngleSummary::Mean => angles.iter().sum::<f64>() / angles.len() as f64,
            AngleSummary::Largest => angles[angles.len() - 1],
            AngleSummary::Smallest => angles[0],
        })
    }

    fn samples() -> Vec<Self> {
        [AngleSummary::Mean, AngleSummary::Largest, AngleSummary::Smallest]
            .map(|summary| Self { summary })
            .to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlap::tests::{moments, random, representation, rotated_by, with_known_angles};

    #[test]
    fn known_angles_come_back_even_tiny_ones() {
        let known = [0.0, 1e-9, 3e-5, 0.2, 0.9, FRAC_PI_2];
        let pairs = [with_known_angles(80, &known, 0), with_known_angles(80, &known, 3)];
        for pair in pairs.into_iter().flat_map(|pair| [moments(&pair, true), pair]) {
            let found = PrincipalAngles::default().angles(&pair).unwrap();
            assert_eq!(found.angles.len(), known.len());
            for (f, k) in found.angles.iter().zip(known) {
                assert!((f - k).abs() < 1e-13, "{f:e} {k:e}");
            }
        }
    }

    #[test]
    fn summaries_by_hand() {
        let pair = with_known_angles(60, &[0.1, 0.5, 0.9], 0);
        for (summary, expected) in
            [(AngleSummary::Mean, 0.5), (AngleSummary::Largest, 0.9), (AngleSummary::Smallest, 0.1)]
        {
            let value = PrincipalAngles { summary }.compare(&pair).unwrap();
            assert!((value - expected).abs() < 1e-12, "{value}");
        }
    }

    #[test]
    fn moments_without_a_factor_know_zero_to_a_millionth_or_refuse() {
        let x = random(200, 5, 1);
        let good = Pair::new(&representation("x", &x), &representation("y", &rotated_by(&x, 0.3))).unwrap();
        let value = PrincipalAngles::default().compare(&moments(&good, false)).unwrap();
        assert!((0.0..1e-6).contains(&value), "{value:e}");
        assert!(PrincipalAngles::default().compare(&good).unwrap() < 1e-14);
    }

    #[test]
    fn as_many_neurons_as_inputs_are_saturated() {
        let x = representation("x", &random(6, 5, 1));
        let error = PrincipalAngles::default().compare(&Pair::new(&x, &x).unwrap()).unwrap_err();
        assert_eq!(error, crate::Error::Saturated { name: "x".into(), rank: 5, n: 6 });
    }
}
