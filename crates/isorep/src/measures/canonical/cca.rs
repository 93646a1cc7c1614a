#![doc = include_str!("cca.md")]

use super::angles::correlations;
use super::{Angles, at_most_one};
use crate::linalg::nuclear_norm;
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Pair, Result};
use serde::{Deserialize, Serialize};
use std::f64::consts::FRAC_PI_2;

/// Relative error that a mean correlation may have, beyond what the correlations have anyway.
const ACCEPTED: f64 = 1e-10;

/// Canonical correlation analysis, in one number.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cca {
    /// Which number.
    pub summary: CcaSummary,
}

/// One number for all canonical correlations ρ; m is the smaller rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CcaSummary {
    /// Σρ / m.
    #[default]
    Mean,
    /// Σρ² / m.
    MeanSquared,
    /// arccos(Σρ / √(`rank_x` `rank_y`)), a distance (Williams et al. 2021).
    Angular,
}

impl Cca {
    /// The canonical correlations, largest first; as many as the smaller rank.
    ///
    /// # Errors
    /// As [`Measure::compare`].
    pub fn correlations(&self, pair: &Pair) -> Result<Vec<f64>> {
        let overlap = pair.overlap(true)?;
        overlap.require_unsaturated(pair)?;
        correlations(&overlap.cosines)
    }
}

impl Measure for Cca {
    const INFO: Info = Info {
        id: "cca",
        title: "Canonical correlation analysis",
        family: Family::Canonical,
        formula: "sum of singular values of Qx' Qy / min(rank_x, rank_y)",
        reference: "Hotelling 1936, doi:10.1093/biomet/28.3-4.321; Kornblith et al. 2019, arXiv:1905.00414",
        options: &[("summary", "mean, mean-squared (R²) or angular (a distance)")],
        doc: include_str!("cca.md"),
    };

    fn properties(&self) -> Properties {
        let angular = self.summary == CcaSummary::Angular;
        Properties {
            kind: if angular { Kind::Distance } else { Kind::Similarity },
            range: (0.0, if angular { FRAC_PI_2 } else { 1.0 }),
            identity: Some(if angular { 0.0 } else { 1.0 }),
            symmetric: true,
            metric: angular,
            aligned: true,
            invariance: Sides::both(Invariance::AFFINE),
            needs: Needs::FACTOR | Needs::BASIS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let overlap = pair.overlap(true)?;
        overlap.require_unsaturated(pair)?;
        let m = overlap.count() as f64;
        match self.summary {
            CcaSummary::Mean => {
                let accepted = overlap.error().max(ACCEPTED);
                Ok(at_most_one(nuclear_norm(&overlap.cosines, accepted)? / m))
            }
            CcaSummary::MeanSquared => Ok(at_most_one(overlap.squared_correlations() / m)),
            CcaSummary::Angular => {
                let ranks = (overlap.rank_x as f64 * overlap.rank_y as f64).sqrt();
                let cosine = at_most_one(nuclear_norm(&overlap.cosines, overlap.error())? / ranks);
                // Near 0 the missing part of Σρ is summed from the angles instead of subtracted.
                if overlap.error() <= 1e-11 * (1.0 - cosine * cosine).sqrt() {
                    return Ok(cosine.acos());
                }
                let lost: f64 = Angles::of(pair)?.angles.iter().map(|t| 2.0 * (t / 2.0).sin().powi(2)).sum();
                let missing = (ranks - m + lost) / ranks;
                Ok(2.0 * (missing / 2.0).sqrt().min(1.0).asin())
            }
        }
    }

    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        if self.summary != CcaSummary::MeanSquared {
            return Ok(None);
        }
        let overlap = pair.overlap(true)?;
        let larger = overlap.rank_x.max(overlap.rank_y);
        Ok(Some(larger as f64 / (pair.n() as f64 - 1.0)))
    }

    fn samples() -> Vec<Self> {
        [CcaSummary::Mean, CcaSummary::MeanSquared, CcaSummary::Angular]
            .map(|summary| Self { summary })
            .to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlap::tests::with_known_angles;

    #[test]
    fn summaries_of_known_angles() {
        let angles = [0.2_f64, 0.7, 1.3];
        for surplus in [0, 2] {
            let pair = with_known_angles(70, &angles, surplus);
            let value = |summary| Cca { summary }.compare(&pair).unwrap();
            let sum: f64 = angles.iter().map(|t| t.cos()).sum();
            let squares: f64 = angles.iter().map(|t| t.cos().powi(2)).sum();
            assert!((value(CcaSummary::Mean) - sum / 3.0).abs() < 1e-12);
            assert!((value(CcaSummary::MeanSquared) - squares / 3.0).abs() < 1e-12);
            let ranks = (3.0 * (3.0 + surplus as f64)).sqrt();
            assert!((value(CcaSummary::Angular) - (sum / ranks).acos()).abs() < 1e-12);
            let chance = Cca { summary: CcaSummary::MeanSquared }.chance(&pair).unwrap().unwrap();
            assert!((chance - (3.0 + surplus as f64) / 69.0).abs() < 1e-15);
        }
    }

    /// Σ 2 sin²(θ/2) / 2 with one angle of 1e-7 and one of 0: arccos(1 − θ²/4) = θ/√2.
    #[test]
    fn a_small_angular_distance_keeps_its_digits() {
        let pair = with_known_angles(70, &[0.0, 1e-7], 0);
        let value = Cca { summary: CcaSummary::Angular }.compare(&pair).unwrap();
        assert!((value - 1e-7 / 2f64.sqrt()).abs() < 1e-13, "{value:e}");
    }
}
