#![doc = include_str!("second_order_cosine.md")]

use super::{Lists, NeighborCount, properties};
use crate::linalg::{Points, Real, Space};
use crate::measure::{Family, Info, Measure, Properties};
use crate::neighbors::Metric;
use crate::{Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// Cosine between the similarities that an input has to its neighbours on either side.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecondOrderCosine {
    /// How many neighbours.
    pub k: NeighborCount,
}

impl Measure for SecondOrderCosine {
    const INFO: Info = Info {
        id: "second-order-cosine",
        title: "Second-order cosine similarity",
        family: Family::Neighbors,
        formula: "mean over inputs of the cosine of (cos(x_i, x_j))_j and (cos(y_i, y_j))_j, j near on either side",
        reference: "Hamilton, Leskovec & Jurafsky 2016, arXiv:1606.02821",
        options: &[NeighborCount::OPTION],
        doc: include_str!("second_order_cosine.md"),
    };

    fn properties(&self) -> Properties {
        properties(Metric::Cosine, (-1.0, 1.0), Some(1.0), true)
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let lists = Lists::of(pair, Metric::Cosine, self.k)?;
        if pair.is_single() { of::<f32>(&lists) } else { of::<f64>(&lists) }
    }

    fn prepare(&self, side: &Representation) -> Result<()> {
        side.neighbors(Metric::Cosine, self.k.get()).map(drop)
    }

    fn samples() -> Vec<Self> {
        vec![Self::default(), Self { k: NeighborCount::new(3).unwrap_or_default() }]
    }
}

fn of<T: Real>(lists: &Lists<'_>) -> Result<f64> {
    let pair = lists.pair();
    let (x, y) = (pair.x().points::<T>(Space::Unit)?, pair.y().points::<T>(Space::Unit)?);
    let cosine = |points: &Points<T>, i: usize, j: u32| -> f64 {
        points.point(i).iter().zip(points.point(j as usize)).map(|(a, b)| a.wide() * b.wide()).sum()
    };
    Ok(lists.mean_of_inputs(|i| {
        let (near_x, near_y) = (lists.x.of(i, lists.k), lists.y.of(i, lists.k));
        let either = near_x.iter().chain(near_y.iter().filter(|j| !near_x.contains(j)));
        let (mut inner, mut square_x, mut square_y) = (0.0, 0.0, 0.0);
        for &j in either {
            let (a, b) = (cosine(x, i, j), cosine(y, i, j));
            inner += a * b;
            square_x += a * a;
            square_y += b * b;
        }
        // All its neighbours at right angles: nothing is alike.
        if square_x == 0.0 || square_y == 0.0 {
            0.0
        } else {
            (inner / (square_x * square_y).sqrt()).clamp(-1.0, 1.0)
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Angles 0, 60 and 90 degrees against 0, 90 and 60, all neighbours of each other (k = 2). Cosines of the first:
    /// (½, 0) and (0, ½): 0; of the second: (½, √¾) and (0, √¾): √¾; the third likewise.
    #[test]
    fn three_directions_by_hand() {
        let side = |angles: [f64; 3]| {
            let rows =
                angles.iter().flat_map(|degrees| [degrees.to_radians().cos(), degrees.to_radians().sin()]);
            Representation::from_f64("x", 3, 2, rows.collect()).unwrap()
        };
        let pair = Pair::new(&side([0.0, 60.0, 90.0]), &side([0.0, 90.0, 60.0])).unwrap();
        let value = SecondOrderCosine { k: NeighborCount::new(2).unwrap() }.compare(&pair).unwrap();
        assert!((value - 2.0 * 0.75f64.sqrt() / 3.0).abs() < 1e-12, "{value}");
    }
}
