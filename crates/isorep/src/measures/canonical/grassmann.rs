#![doc = include_str!("grassmann.md")]

use super::Angles;
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Error, Pair, Result};
use serde::{Deserialize, Serialize};
use std::f64::consts::FRAC_PI_2;

/// Distance between the spans of the neurons as points of a Grassmann manifold.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Grassmann {
    /// Which distance.
    pub distance: GrassmannDistance,
    /// What different ranks cost.
    pub gap: RankGap,
}

/// Functions of the principal angles θ; θₘ is the largest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GrassmannDistance {
    /// √Σ sin²θ.
    #[default]
    Chordal,
    /// √Σ θ².
    Geodesic,
    /// sin θₘ.
    Projection,
    /// 2 √Σ sin²(θ/2).
    Procrustes,
    /// arccos Π cos θ.
    FubiniStudy,
    /// √(1 − Π cos²θ).
    BinetCauchy,
    /// √(−2 Σ ln cos θ).
    Martin,
    /// θₘ.
    Asimov,
}

/// What different ranks cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RankGap {
    /// A right angle for every rank that one side has more (Ye and Lim 2016).
    #[default]
    Counted,
    /// Nothing: a span inside another is at distance 0.
    Ignored,
}

impl GrassmannDistance {
    const ALL: [Self; 8] = [
        Self::Chordal,
        Self::Geodesic,
        Self::Projection,
        Self::Procrustes,
        Self::FubiniStudy,
        Self::BinetCauchy,
        Self::Martin,
        Self::Asimov,
    ];

    /// From angles in ascending order.
    fn of(self, angles: &[f64]) -> f64 {
        let sum = |f: fn(f64) -> f64| angles.iter().map(|t| f(*t)).sum::<f64>();
        let largest = angles[angles.len() - 1];
        // ln Π cos²θ, without loss where cosines are near 1.
        let log = sum(|t| if t < 0.5 { (-t.sin().powi(2)).ln_1p() } else { 2.0 * t.cos().ln() });
        match self {
            Self::Chordal => sum(|t| t.sin().powi(2)).sqrt(),
            Self::Geodesic => sum(|t| t * t).sqrt(),
            Self::Projection => largest.sin(),
            Self::Procrustes => 2.0 * sum(|t| (t / 2.0).sin().powi(2)).sqrt(),
            Self::FubiniStudy => (-log.exp_m1()).sqrt().atan2((log / 2.0).exp()),
            Self::BinetCauchy => (-log.exp_m1()).sqrt(),
            Self::Martin => (-log).sqrt(),
            Self::Asimov => largest,
        }
    }
}

impl Measure for Grassmann {
    const INFO: Info = Info {
        id: "grassmann",
        title: "Distances between subspaces",
        family: Family::Canonical,
        formula: "sqrt(sum of sin^2 of the principal angles), and seven others",
        reference: "Edelman et al. 1998, arXiv:physics/9806030; Ye & Lim 2016, arXiv:1407.0900",
        options: &[
            (
                "distance",
                "chordal, geodesic, projection, procrustes, fubini-study, binet-cauchy, martin or asimov",
            ),
            ("gap", "counted (a right angle for each surplus rank) or ignored"),
        ],
        doc: include_str!("grassmann.md"),
    };

    fn properties(&self) -> Properties {
        use GrassmannDistance::{Asimov, BinetCauchy, FubiniStudy, Martin, Projection};
        let largest = match self.distance {
            Projection | BinetCauchy => 1.0,
            FubiniStudy | Asimov => FRAC_PI_2,
            _ => f64::INFINITY,
        };
        Properties {
            kind: Kind::Distance,
            range: (0.0, largest),
            identity: Some(0.0),
            symmetric: true,
            metric: self.gap == RankGap::Counted && self.distance != Martin,
            aligned: true,
            invariance: Sides::both(Invariance::AFFINE),
            needs: Needs::FACTOR | Needs::BASIS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let Angles { mut angles, rank_x, rank_y, .. } = Angles::of(pair)?;
        if self.gap == RankGap::Counted {
            angles.extend(std::iter::repeat_n(FRAC_PI_2, rank_x.abs_diff(rank_y)));
        }
        // The cosine of π/2 is not 0 in floating point.
        let is_right = |t: f64| t.cos() < 1e-15;
        if self.distance == GrassmannDistance::Martin && is_right(angles[angles.len() - 1]) {
            return Err(Error::undefined(
                "a direction of one side is at right angles to all of the other, so Martin's distance is infinite",
            ));
        }
        Ok(self.distance.of(&angles))
    }

    fn samples() -> Vec<Self> {
        // With the rank gap counted, these three are the same for any two spans of different dimension.
        use GrassmannDistance::{BinetCauchy, FubiniStudy, Martin};
        let mut all = GrassmannDistance::ALL
            .map(|distance| {
                let flat = matches!(distance, BinetCauchy | FubiniStudy | Martin);
                Self { distance, gap: if flat { RankGap::Ignored } else { RankGap::Counted } }
            })
            .to_vec();
        all.push(Self { gap: RankGap::Ignored, ..Self::default() });
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlap::tests::with_known_angles;

    #[test]
    fn every_distance_by_its_formula() {
        let (a, b) = (0.3_f64, 1.1_f64);
        let pair = with_known_angles(50, &[a, b], 0);
        let product = a.cos() * b.cos();
        for (distance, expected) in GrassmannDistance::ALL.into_iter().zip([
            a.sin().hypot(b.sin()),
            a.hypot(b),
            b.sin(),
            2.0 * (a / 2.0).sin().hypot((b / 2.0).sin()),
            product.acos(),
            (1.0 - product * product).sqrt(),
            (-2.0 * product.ln()).sqrt(),
            b,
        ]) {
            let value = Grassmann { distance, ..Grassmann::default() }.compare(&pair).unwrap();
            assert!((value - expected).abs() < 1e-12, "{distance:?} {value} {expected}");
        }
    }

    #[test]
    fn small_distances_keep_their_digits() {
        for distance in GrassmannDistance::ALL {
            let value = distance.of(&[1e-9]);
            assert!((value - 1e-9).abs() < 1e-21, "{distance:?} {value:e}");
        }
    }

    #[test]
    fn a_span_inside_another_costs_its_surplus_or_nothing() {
        let pair = with_known_angles(50, &[0.0, 0.0], 3);
        let value = |distance, gap| Grassmann { distance, gap }.compare(&pair);
        let chordal = |gap| value(GrassmannDistance::Chordal, gap).unwrap();
        assert!((chordal(RankGap::Counted) - 3f64.sqrt()).abs() < 1e-12);
        assert!(chordal(RankGap::Ignored) < 1e-12);
        assert!((value(GrassmannDistance::FubiniStudy, RankGap::Counted).unwrap() - FRAC_PI_2).abs() < 1e-12);
        let error = value(GrassmannDistance::Martin, RankGap::Counted).unwrap_err();
        assert!(error.to_string().contains("infinite"), "{error}");
    }
}
