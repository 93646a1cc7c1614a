#![doc = include_str!("aligned_cosine.md")]

use super::best_rotation::rotation_of_range;
use crate::linalg::{Precision, ShiftedRows, cross_scatter, multiply, row_products};
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Error, Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// Rows that are turned at a time.
const BLOCK: usize = 1024;

/// Mean cosine between the rows of one side and those of the other, turned as near as a rotation can bring them.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AlignedCosine {
    /// Whether the mean of every neuron is subtracted first.
    pub center: bool,
}

/// What became of every row.
#[derive(Debug, Clone, PartialEq)]
pub struct AlignedRows {
    /// Cosine of every input, in order; `None` where a side is zero.
    pub cosines: Vec<Option<f64>>,
}

impl AlignedRows {
    /// How many inputs have no cosine.
    pub fn omitted(&self) -> usize {
        self.cosines.iter().filter(|c| c.is_none()).count()
    }

    /// Their mean; `None` if no input has a cosine.
    pub fn mean(&self) -> Option<f64> {
        let counted = self.cosines.len() - self.omitted();
        (counted > 0).then(|| self.cosines.iter().flatten().sum::<f64>() / counted as f64)
    }
}

impl AlignedCosine {
    /// The cosine of every input.
    ///
    /// # Errors
    /// As [`Measure::compare`].
    pub fn rows(&self, pair: &Pair) -> Result<AlignedRows> {
        let (x, y) = (self.side(pair.x())?, self.side(pair.y())?);
        let shift = |side: &Representation| {
            if self.center { side.mean().to_vec() } else { vec![0.0; side.d()] }
        };
        let (shift_x, shift_y) = (shift(&x), shift(&y));
        let cross = cross_scatter(
            ShiftedRows { rows: x.rows()?, shift: &shift_x },
            ShiftedRows { rows: y.rows()?, shift: &shift_y },
            Precision::Double,
        );
        let rotation = rotation_of_range(&cross)?;
        let mut cosines = Vec::with_capacity(x.n());
        for start in (0..x.n()).step_by(BLOCK) {
            let range = start..(start + BLOCK).min(x.n());
            let (a, b) = (x.shifted_rows(range.clone(), &shift_x)?, y.shifted_rows(range, &shift_y)?);
            let inner = row_products(&multiply(&a, &rotation), &b);
            let own = row_products(&a, &a).into_iter().zip(row_products(&b, &b));
            cosines.extend(inner.into_iter().zip(own).map(|(inner, (a, b))| {
                (a > 0.0 && b > 0.0).then(|| (inner / a.sqrt() / b.sqrt()).clamp(-1.0, 1.0))
            }));
        }
        Ok(AlignedRows { cosines })
    }

    /// The side in coordinates of which there are no more than inputs, and of a size that can be squared.
    fn side(self, side: &Representation) -> Result<Representation> {
        side.rows()?;
        let side = side.moderate()?;
        if !side.is_wide() {
            return Ok(side);
        }
        if self.center { side.compact().cloned() } else { side.rotated(&vec![0.0; side.d()]) }
    }
}

impl Measure for AlignedCosine {
    const INFO: Info = Info {
        id: "aligned-cosine",
        title: "Aligned cosine similarity",
        family: Family::Alignment,
        formula: "mean over inputs of cos(x_i Q, y_i), with the rotation Q that minimises ||X Q - Y||",
        reference: "Hamilton, Leskovec & Jurafsky 2016, arXiv:1605.09096",
        options: &[("center", "whether the mean of every neuron is subtracted first: true or false")],
        doc: include_str!("aligned_cosine.md"),
    };

    fn properties(&self) -> Properties {
        let mut invariance = Invariance::ORTHOGONAL | Invariance::SCALE;
        if self.center {
            invariance |= Invariance::TRANSLATION;
        }
        Properties {
            kind: Kind::Similarity,
            range: (-1.0, 1.0),
            identity: Some(1.0),
            symmetric: true,
            metric: false,
            aligned: true,
            invariance: Sides::both(invariance),
            needs: Needs::ROWS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        self.rows(pair)?.mean().ok_or_else(|| {
            Error::undefined(format!(
                "every input is zero in `{}` or in `{}`: no cosine is left",
                pair.x().name(),
                pair.y().name()
            ))
        })
    }

    fn samples() -> Vec<Self> {
        [false, true].map(|center| Self { center }).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(name: &str, d: usize, values: Vec<f64>) -> Representation {
        Representation::from_f64(name, values.len() / d, d, values).unwrap()
    }

    /// `XᵀY` = diag(2·1, 1·2): no rotation is the best one, and the cosines of (2, 1) with (1, 2) are 4/5.
    #[test]
    fn by_hand() {
        let x = side("x", 2, vec![2., 1., 2., -1.]);
        let y = side("y", 2, vec![1., 2., 1., -2.]);
        let pair = Pair::new(&x, &y).unwrap();
        assert!((AlignedCosine::default().compare(&pair).unwrap() - 0.8).abs() < 1e-14);
        // About the means only the second neurons are left, which are parallel.
        assert!((AlignedCosine { center: true }.compare(&pair).unwrap() - 1.0).abs() < 1e-14);
    }

    #[test]
    fn zero_inputs_are_left_out_and_counted() {
        let x = side("x", 2, vec![2., 1., 0., 0., 2., -1., 7., 1.]);
        let y = side("y", 2, vec![1., 2., 5., 5., 1., -2., 0., 0.]);
        let rows = AlignedCosine::default().rows(&Pair::new(&x, &y).unwrap()).unwrap();
        assert_eq!(rows.omitted(), 2);
        assert!((rows.mean().unwrap() - 0.8).abs() < 1e-14);
        let (a, b) = (side("a", 1, vec![0., 1.]), side("b", 1, vec![1., 0.]));
        let error = AlignedCosine::default().compare(&Pair::new(&a, &b).unwrap()).unwrap_err();
        assert!(error.to_string().contains("`a`"), "{error}");
    }

    /// x and y share the first axis only (the third input has no cosine): how the others are turned is arbitrary.
    #[test]
    fn directions_that_nothing_decides_count_for_nothing() {
        let x = side("x", 3, vec![1., 1., 0., 1., -1., 0., 0., 0., 0.]);
        let y = side("y", 3, vec![1., 0., 0., 1., 0., 0., 0., 0., 1.]);
        let value = AlignedCosine::default().compare(&Pair::new(&x, &y).unwrap()).unwrap();
        assert!((value - 0.5f64.sqrt()).abs() < 1e-14, "{value}");
    }
}
