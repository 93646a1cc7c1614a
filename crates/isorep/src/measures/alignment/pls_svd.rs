#![doc = include_str!("pls_svd.md")]

use crate::linalg::{nuclear_norm, singular_values};
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Pair, Result};
use serde::{Deserialize, Serialize};

/// The cross-covariance of both sides in one number, in units of the activations.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlsSvd {
    /// Which number.
    pub summary: PlsSummary,
}

/// One number for all singular values of the cross-covariance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlsSummary {
    /// Their sum over the smaller number of neurons.
    #[default]
    Mean,
    /// Their sum.
    Total,
    /// The largest covariance that a direction of x and one of y have.
    Largest,
}

impl PlsSvd {
    /// The singular values of the cross-covariance, largest first, as many as the smaller side has neurons (or inputs).
    ///
    /// # Errors
    /// As [`Measure::compare`].
    pub fn spectrum(&self, pair: &Pair) -> Result<Vec<f64>> {
        let room = checked(pair)?;
        let compacted = pair.compacted()?;
        let values = singular_values(compacted.as_ref().unwrap_or(pair).score_cross_scatter()?)?;
        Ok(values.into_iter().map(|v| v / room).collect())
    }
}

/// What a sum over inputs is divided by.
fn checked(pair: &Pair) -> Result<f64> {
    pair.at_least(2)?;
    pair.x().variation()?;
    pair.y().variation()?;
    Ok(pair.n() as f64 - 1.0)
}

impl Measure for PlsSvd {
    const INFO: Info = Info {
        id: "pls-svd",
        title: "Singular values of the cross-covariance (PLS-SVD)",
        family: Family::Alignment,
        formula: "||X'Y||_* / ((n - 1) min(d_x, d_y))",
        reference: "McIntosh et al. 1996, doi:10.1006/nimg.1996.0016; Raghu et al. 2017, arXiv:1706.05806",
        options: &[("summary", "mean, total or largest of the singular values")],
        doc: include_str!("pls_svd.md"),
    };

    fn properties(&self) -> Properties {
        Properties {
            kind: Kind::Similarity,
            range: (0.0, f64::INFINITY),
            identity: None,
            symmetric: true,
            metric: false,
            aligned: true,
            invariance: Sides::both(Invariance::ORTHOGONAL | Invariance::TRANSLATION),
            needs: Needs::empty(),
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        if self.summary == PlsSummary::Largest {
            return Ok(self.spectrum(pair)?[0]);
        }
        let room = checked(pair)?;
        let compacted = pair.compacted()?;
        let cross = compacted.as_ref().unwrap_or(pair).score_cross_scatter()?;
        let total = nuclear_norm(cross, if pair.is_single() { 1e-7 } else { 1e-11 })? / room;
        let count = pair.x().d().min(pair.y().d()) as f64;
        Ok(if self.summary == PlsSummary::Mean { total / count } else { total })
    }

    fn samples() -> Vec<Self> {
        [PlsSummary::Mean, PlsSummary::Total, PlsSummary::Largest].map(|summary| Self { summary }).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::squared_norm;
    use crate::overlap::tests::sample_pair;
    use crate::{Cka, Estimator, Nbs, Representation};

    /// Two neurons at right angles, ±1 and ±3, against themselves: products 4 and 36, over n − 1 = 3.
    #[test]
    fn by_hand() {
        let x: Vec<f64> = [[3., 1.], [3., -1.], [-3., 1.], [-3., -1.]].concat();
        let x = Representation::from_f64("x", 4, 2, x).unwrap();
        let pair = Pair::new(&x, &x).unwrap();
        let value = |summary| PlsSvd { summary }.compare(&pair).unwrap();
        for (summary, expected) in
            [(PlsSummary::Mean, 20.0 / 3.0), (PlsSummary::Total, 40.0 / 3.0), (PlsSummary::Largest, 12.0)]
        {
            assert!((value(summary) - expected).abs() < 1e-12, "{summary:?}");
        }
    }

    #[test]
    fn the_normalised_spectrum_is_nbs_and_cka() {
        for (n, d_x, d_y) in [(60, 7, 5), (12, 20, 4), (12, 20, 30)] {
            let pair = sample_pair(n, d_x, d_y);
            let spectrum = PlsSvd::default().spectrum(&pair).unwrap();
            let room = n as f64 - 1.0;
            let sizes = (pair.x().variation().unwrap() * pair.y().variation().unwrap()).sqrt() / room;
            let nbs = Nbs {}.compare(&pair).unwrap();
            assert!((spectrum.iter().sum::<f64>() / sizes - nbs).abs() < 1e-12);
            let norms = squared_norm(pair.x().scatter().unwrap()) * squared_norm(pair.y().scatter().unwrap());
            let cka = Cka { estimator: Estimator::Gretton, ..Cka::default() }.compare(&pair).unwrap();
            let squares: f64 = spectrum.iter().map(|s| (s * room).powi(2)).sum();
            assert!((squares / norms.sqrt() - cka).abs() < 1e-12);
        }
    }
}
