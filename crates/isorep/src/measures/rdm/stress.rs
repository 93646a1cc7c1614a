#![doc = include_str!("stress.md")]

use super::differences::{PairwiseValue, differences};
use crate::linalg::{Space, squared_distances_of_rank};
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Error, Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// What the distances of each side are divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rescale {
    /// Nothing.
    #[default]
    None,
    /// Their median.
    Median,
}

/// The root mean square difference of distances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Stress {
    /// What the distances of each side are divided by.
    pub rescale: Rescale,
}

impl Measure for Stress {
    const INFO: Info = Info {
        id: "stress",
        title: "Metric stress",
        family: Family::Rdm,
        formula: "sqrt(mean over pairs of inputs of (d(x) - d(y))^2)",
        reference: "Kruskal 1964, doi:10.1007/BF02289565",
        options: &[("rescale", "none, or median: each side's distances are divided by their median")],
        doc: include_str!("stress.md"),
    };

    fn properties(&self) -> Properties {
        let sized = if self.rescale == Rescale::Median { Invariance::SCALE } else { Invariance::empty() };
        Properties {
            kind: Kind::Distance,
            range: (0.0, f64::INFINITY),
            identity: Some(0.0),
            symmetric: true,
            metric: true,
            aligned: true,
            invariance: Sides::both(Invariance::ORTHOGONAL | Invariance::TRANSLATION | sized),
            needs: Needs::ROWS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        pair.x().variation()?;
        pair.y().variation()?;
        pair.at_least(2)?;
        let factors = match self.rescale {
            Rescale::None => [1.0; 2],
            Rescale::Median => [1.0 / median(pair.x())?, 1.0 / median(pair.y())?],
        };
        let squares = differences(pair, PairwiseValue::Distances, factors, |tile| {
            tile.entries().map(|(v, times)| times * v * v).sum::<f64>()
        })?;
        let n = pair.n() as f64;
        Ok((squares.into_iter().sum::<f64>() / (n * (n - 1.0))).sqrt())
    }

    fn samples() -> Vec<Self> {
        [Rescale::None, Rescale::Median].map(|rescale| Self { rescale }).to_vec()
    }
}

/// The median distance: of an even number the mean of the two in the middle.
fn median(side: &Representation) -> Result<f64> {
    let points = side.points::<f64>(Space::Centred)?;
    let pairs = side.n() * (side.n() - 1) / 2;
    let squares = squared_distances_of_rank(points, [(pairs - 1) / 2, pairs / 2]);
    let median = squares.map(f64::sqrt).iter().sum::<f64>() / 2.0;
    // Distances of equal inputs may be rounding.
    if median <= 1e-6 * (side.variation()? / side.n() as f64).sqrt() {
        return Err(Error::undefined(format!(
            "half of the distances between inputs of `{}` are 0",
            side.name()
        )));
    }
    Ok(median)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Distances 1 3 2 and 2 5 3, medians 2 and 3.
    #[test]
    fn by_hand() {
        let line = |name: &str, at: [f64; 3]| Representation::from_f64(name, 3, 1, at.to_vec()).unwrap();
        let pair = Pair::new(&line("x", [0.0, 1.0, 3.0]), &line("y", [0.0, 2.0, 5.0])).unwrap();
        let value = |rescale| Stress { rescale }.compare(&pair).unwrap();
        assert!((value(Rescale::None) - 2f64.sqrt()).abs() < 1e-14);
        let differences: [f64; 3] = [0.5 - 2.0 / 3.0, 1.5 - 5.0 / 3.0, 0.0];
        let expected = (differences.iter().map(|d| d * d).sum::<f64>() / 3.0).sqrt();
        assert!((value(Rescale::Median) - expected).abs() < 1e-14);
    }

    #[test]
    fn a_median_of_zero_is_no_unit() {
        let same = Representation::from_f64("same", 5, 1, vec![1.0, 1.0, 1.0, 1.0, 1.1]).unwrap();
        let error =
            Stress { rescale: Rescale::Median }.compare(&Pair::new(&same, &same).unwrap()).unwrap_err();
        assert!(error.to_string().contains("half of the distances between inputs of `same`"), "{error}");
    }
}
