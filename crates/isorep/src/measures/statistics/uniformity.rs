#![doc = include_str!("uniformity.md")]

use super::Statistic;
use crate::linalg::{Precision, Real, Space, tile_precision, upper_tiles};
use crate::measure::{Family, Info, Invariance, Needs};
use crate::{Error, Representation, Result};
use serde::{Deserialize, Serialize};

/// How evenly the directions of the inputs fill the sphere.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Uniformity {}

/// What squared distances are multiplied by, as in the paper.
const T: f64 = 2.0;

impl Statistic for Uniformity {
    const INFO: Info = Info {
        id: "uniformity",
        title: "Uniformity of directions",
        family: Family::Statistics,
        formula: "| U(x) - U(y) |, U = log of the mean over i ≠ j of exp(-2 ||x_i/|x_i| - x_j/|x_j| ||^2)",
        reference: "Wang & Isola 2020, arXiv:2005.10242",
        options: &[],
        doc: include_str!("uniformity.md"),
    };

    fn invariance(&self) -> Invariance {
        Invariance::ORTHOGONAL | Invariance::SCALE
    }

    fn needs(&self) -> Needs {
        Needs::ROWS
    }

    fn range(&self) -> (f64, f64) {
        (-4.0 * T, 0.0)
    }

    fn of(&self, x: &Representation) -> Result<f64> {
        x.variation()?;
        match tile_precision(&[x])? {
            Precision::Single => of::<f32>(x),
            Precision::Double => of::<f64>(x),
        }
    }
}

fn of<R: Real>(x: &Representation) -> Result<f64> {
    let points = x.points::<R>(Space::Unit)?;
    let has_direction = |i: usize| points.squares()[i] > 0.0;
    let count = (0..points.n()).filter(|i| has_direction(*i)).count();
    if count < 2 {
        return Err(Error::TooFewSamples { needed: 2, got: count });
    }
    let sums = upper_tiles(points.n(), |rows, columns| {
        let mut tile = vec![R::default(); rows.len() * columns.len()];
        points.products(rows.clone(), columns.clone(), &mut tile);
        let mut sum = 0.0;
        for (i, line) in rows.zip(tile.chunks_exact(columns.len())).filter(|(i, _)| has_direction(*i)) {
            for (_, cosine) in columns.clone().zip(line).filter(|(j, _)| i < *j && has_direction(*j)) {
                // Between −8 and 0, so nothing can vanish.
                sum += (-2.0 * T * (1.0 - cosine.wide())).exp();
            }
        }
        sum
    });
    let pairs = count as f64 * (count as f64 - 1.0) / 2.0;
    Ok((sums.iter().sum::<f64>() / pairs).ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opposite_and_equal_directions_by_hand() {
        let of = |values: Vec<f64>| Uniformity {}.of(&Representation::from_f64("x", 2, 1, values).unwrap());
        assert!((of(vec![1.0, -3.0]).unwrap() + 8.0).abs() < 1e-14);
        assert!(of(vec![1.0, 3.0]).unwrap().abs() < 1e-14);
        assert!(of(vec![0.0, 3.0]).is_err());
    }
}
