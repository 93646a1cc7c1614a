#![doc = include_str!("rsm_norm.md")]

use super::differences::{DifferenceTile, PairwiseValue, differences};
use super::spectral::largest_magnitude;
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Error, Pair, Result};
use serde::{Deserialize, Serialize};

/// The spectral norm keeps the whole matrix of differences: half a gigabyte.
const MOST: usize = 8192;

/// Which norm of a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MatrixNorm {
    /// The root of the sum of squares of all entries.
    #[default]
    Frobenius,
    /// The largest singular value.
    Spectral,
    /// The largest entry without its sign.
    Max,
}

/// The norm of the difference of two matrices of distances or inner products.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RsmNorm {
    /// Which norm.
    pub norm: MatrixNorm,
    /// What the matrices hold.
    pub of: PairwiseValue,
}

impl Measure for RsmNorm {
    const INFO: Info = Info {
        id: "rsm-norm",
        title: "Norm of the difference of similarity matrices",
        family: Family::Rdm,
        formula: "||D(x) - D(y)||",
        reference: "Yin & Shen 2018, arXiv:1812.04224; Klabunde et al. 2025, arXiv:2305.06329",
        options: &[
            ("norm", "frobenius, spectral (the largest singular value) or max (the largest entry)"),
            ("of", "distances, or inner-products of activations as they are (PIP loss)"),
        ],
        doc: include_str!("rsm_norm.md"),
    };

    fn properties(&self) -> Properties {
        let moved =
            if self.of == PairwiseValue::Distances { Invariance::TRANSLATION } else { Invariance::empty() };
        Properties {
            kind: Kind::Distance,
            range: (0.0, f64::INFINITY),
            identity: Some(0.0),
            symmetric: true,
            metric: true,
            aligned: true,
            invariance: Sides::both(Invariance::ORTHOGONAL | moved),
            needs: Needs::ROWS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        pair.x().variation()?;
        pair.y().variation()?;
        pair.at_least(2)?;
        let tiles = |see: fn(DifferenceTile) -> f64| differences(pair, self.of, [1.0; 2], see);
        match self.norm {
            MatrixNorm::Frobenius => {
                let squares = tiles(|tile| tile.entries().map(|(v, times)| times * v * v).sum())?;
                Ok(squares.into_iter().sum::<f64>().sqrt())
            }
            MatrixNorm::Max => {
                let largest = tiles(|tile| tile.entries().map(|(v, _)| v.abs()).fold(0.0, f64::max))?;
                Ok(largest.into_iter().fold(0.0, f64::max))
            }
            MatrixNorm::Spectral if pair.n() > MOST => Err(Error::undefined(format!(
                "the spectral norm keeps all pairs of inputs in memory, and {} inputs are more than {MOST}",
                pair.n()
            ))),
            MatrixNorm::Spectral => {
                largest_magnitude(pair.n(), &differences(pair, self.of, [1.0; 2], |tile| tile)?)
            }
        }
    }

    fn samples() -> Vec<Self> {
        use MatrixNorm::{Frobenius, Spectral};
        use PairwiseValue::{Distances, InnerProducts};
        [(Frobenius, Distances), (Spectral, Distances), (Frobenius, InnerProducts), (Spectral, InnerProducts)]
            .map(|(norm, of)| Self { norm, of })
            .to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Representation;

    fn line(name: &str, at: [f64; 3]) -> Representation {
        Representation::from_f64(name, 3, 1, at.to_vec()).unwrap()
    }

    fn value(norm: MatrixNorm, of: PairwiseValue) -> f64 {
        let pair = Pair::new(&line("x", [0.0, 1.0, 3.0]), &line("y", [0.0, 1.0, 1.0])).unwrap();
        RsmNorm { norm, of }.compare(&pair).unwrap()
    }

    /// Distances 1 3 2 and 1 1 0: differences 0 2 2, twice each; as a matrix, 2 times a path of two edges, √2 · 2.
    #[test]
    fn distances_by_hand() {
        assert!((value(MatrixNorm::Frobenius, PairwiseValue::Distances) - 4.0).abs() < 1e-14);
        assert!((value(MatrixNorm::Max, PairwiseValue::Distances) - 2.0).abs() < 1e-14);
        assert!((value(MatrixNorm::Spectral, PairwiseValue::Distances) - 8f64.sqrt()).abs() < 1e-14);
    }

    /// Inner products [1 3; 3 9] less [1 1; 1 1] among the last two inputs: [0 2; 2 8], eigenvalues 4 ± √20.
    #[test]
    fn inner_products_by_hand() {
        assert!((value(MatrixNorm::Frobenius, PairwiseValue::InnerProducts) - 72f64.sqrt()).abs() < 1e-13);
        assert!((value(MatrixNorm::Max, PairwiseValue::InnerProducts) - 8.0).abs() < 1e-14);
        let spectral = value(MatrixNorm::Spectral, PairwiseValue::InnerProducts);
        assert!((spectral - 4.0 - 20f64.sqrt()).abs() < 1e-12);
    }
}
