//! What graphs of the inputs need of one side and all its pairs share: the distance that is the unit of length, and the
//! edges of a minimum spanning tree.

use super::heat::HeatStore;
use crate::linalg::{
    Points, Precision, Real, Space, dot, pair_count, squared_distances_of_rank, tile_precision,
};
use crate::once::Once;
use crate::spanning::spanning_tree;
use crate::{Error, Representation, Result};
use serde::{Deserialize, Serialize};

/// The share of the distances that are at most one unit of length.
const SHARE: f64 = 0.9;
/// Mean squares of inputs that single precision can square and subtract.
const SINGLE_RANGE: std::ops::Range<f64> = 1e-24..1e24;

/// How much larger squares of inputs may be than the square of a typical distance, in single precision.
const CANCELLATION: f64 = 16.0;

/// Which published convention is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RtdCompat {
    /// The quantile is taken over pairs of different inputs.
    #[default]
    None,
    /// As in the code of the paper: over all n² entries of the matrix of distances, its n zeros included.
    Rtd,
}

impl RtdCompat {
    /// The option `compat`.
    pub(crate) const OPTION: (&'static str, &'static str) =
        ("compat", "none, or rtd: the quantile is taken over the whole matrix of distances, zeros included");

    /// Ranks of two neighbours in the order of all distances between different inputs, and how far between them the
    /// quantile lies.
    pub(super) fn place(self, n: usize) -> ([usize; 2], f64) {
        let count = if self == Self::None { pair_count(n) } else { n * n };
        let at = SHARE * (count - 1) as f64;
        let ranks = [at as usize, (at as usize + 1).min(count - 1)];
        // In the matrix n zeros come first, and then every distance twice.
        let rank = |rank: usize| if self == Self::None { rank } else { rank.saturating_sub(n) / 2 };
        (ranks.map(rank), at.fract())
    }
}

/// Of one representation, computed on first use.
#[derive(Debug, Default)]
pub(crate) struct Skeleton {
    units: [Once<f64>; 2],
    tree: Once<Vec<(usize, usize)>>,
    pub(super) heat: HeatStore,
}

/// The precision in which these sides are looked at together: single if that is how both are stored and what is left of
/// their squares in a distance keeps enough digits. One outlier can take them: it moves the mean away from all others.
pub(crate) fn precision(sides: &[&Representation]) -> Result<Precision> {
    for side in sides {
        let square = side.variation()? / side.n() as f64;
        let unit = side.unit_of_length(RtdCompat::None)?;
        if !SINGLE_RANGE.contains(&square) || square > CANCELLATION * unit * unit {
            return Ok(Precision::Double);
        }
    }
    tile_precision(sides)
}

impl Representation {
    /// The distance that nine tenths of all pairs of inputs do not exceed.
    pub(crate) fn unit_of_length(&self, compat: RtdCompat) -> Result<f64> {
        if let Some(origin) = self.origin() {
            return origin.unit_of_length(compat);
        }
        let unit = self.skeleton().units[usize::from(compat == RtdCompat::Rtd)].try_get_or(|| {
            let square = self.variation()? / self.n() as f64;
            if SINGLE_RANGE.contains(&square) && tile_precision(&[self])? == Precision::Single {
                let unit = quantile(self.points::<f32>(Space::Centred)?, compat);
                if square <= CANCELLATION * unit * unit {
                    return Ok(unit);
                }
            }
            let unit = quantile(self.points::<f64>(Space::Centred)?, compat);
            // Distances of equal inputs may be rounding.
            if unit <= 1e-6 * square.sqrt() {
                return Err(no_unit(self.name()));
            }
            Ok(unit)
        })?;
        Ok(*unit)
    }

    /// The edges of a minimum spanning tree of the inputs under Euclidean distances.
    pub(crate) fn spanning_tree(&self) -> Result<&[(usize, usize)]> {
        let tree = self.skeleton().tree.try_get_or(|| {
            Ok(match precision(&[self])? {
                Precision::Single => tree_of(self.points::<f32>(Space::Centred)?),
                Precision::Double => tree_of(self.points::<f64>(Space::Centred)?),
            })
        })?;
        Ok(tree)
    }
}

/// Why there is no unit of length.
pub(super) fn no_unit(name: &str) -> Error {
    Error::undefined(format!(
        "nine tenths of the distances between inputs of `{name}` are 0, up to rounding of the largest"
    ))
}

fn quantile<T: Real>(points: &Points<T>, compat: RtdCompat) -> f64 {
    let (ranks, between) = compat.place(points.n());
    let [low, high] = squared_distances_of_rank(points, ranks).map(f64::sqrt);
    low + between * (high - low)
}

fn tree_of<T: Real>(points: &Points<T>) -> Vec<(usize, usize)> {
    spanning_tree(points.n(), |rows, columns, out| points.squared_distances(rows, columns, out))
}

/// The distance of two points from the differences of their coordinates, to full precision.
pub(crate) fn distance<T: Real>(points: &Points<T>, i: usize, j: usize) -> f64 {
    let between = points.point(i).iter().zip(points.point(j));
    let difference: Vec<f64> = between.map(|(a, b)| a.wide() - b.wide()).collect();
    dot(&difference, &difference).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Inputs at 0, 1, 3, 7 on a line: distances 1, 2, 3, 4, 6, 7.
    #[test]
    fn quantiles_by_hand() {
        let x = Representation::from_f64("x", 4, 1, vec![0.0, 1.0, 3.0, 7.0]).unwrap();
        // Rank .9 · 5 = 4.5 of six.
        assert!((x.unit_of_length(RtdCompat::None).unwrap() - 6.5).abs() < 1e-12);
        // Rank .9 · 15 = 13.5 of sixteen: 4 zeros, then each distance twice; 13 is a 6 and 14 a 7.
        assert!((x.unit_of_length(RtdCompat::Rtd).unwrap() - 6.5).abs() < 1e-12);
        let x = Representation::from_f64("x", 3, 1, vec![0.0, 1.0, 3.0]).unwrap();
        // Rank 1.8 of 1, 2, 3; rank 7.2 of 0 0 0 1 1 2 2 3 3.
        assert!((x.unit_of_length(RtdCompat::None).unwrap() - 2.8).abs() < 1e-12);
        assert!((x.unit_of_length(RtdCompat::Rtd).unwrap() - 3.0).abs() < 1e-12);
    }

    #[test]
    fn equal_inputs_have_no_unit() {
        let values = (0..60).map(|i| if i == 7 { 1.0 } else { 0.0 }).collect();
        let x = Representation::from_f64("spike", 60, 1, values).unwrap();
        let error = x.unit_of_length(RtdCompat::None).unwrap_err().to_string();
        assert!(error.contains("inputs of `spike` are 0"), "{error}");
    }
}
