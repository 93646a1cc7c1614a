//! Differences of what two representations say of the same pair of inputs, tile by tile: distances or inner products.
//!
//! In double precision whatever the data are stored in, since what is nearly equal is subtracted.

use crate::linalg::{Points, Space, upper_tiles};
use crate::{Pair, Result};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What is said of a pair of inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PairwiseValue {
    /// Their Euclidean distance.
    #[default]
    Distances,
    /// The inner product of their activations as they are.
    InnerProducts,
}

/// One tile of `a X̂ − b Ŷ` for the n × n matrices X̂ and Ŷ of both sides, row after row.
pub(super) struct DifferenceTile {
    pub(super) rows: Range<usize>,
    pub(super) columns: Range<usize>,
    values: Vec<f64>,
}

impl DifferenceTile {
    /// Row by row, with the number of the row.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &[f64])> {
        self.rows.clone().zip(self.values.chunks_exact(self.columns.len()))
    }

    /// Every entry on or above the diagonal, with how often it is in the whole matrix.
    pub(super) fn entries(&self) -> impl Iterator<Item = (f64, f64)> {
        let above = |i: usize| (i + 1).saturating_sub(self.columns.start).min(self.columns.len());
        self.lines().flat_map(move |(i, line)| {
            let (before, after) = line.split_at(above(i));
            let on_diagonal = before.last().filter(|_| self.columns.contains(&i));
            on_diagonal.map(|v| (*v, 1.0)).into_iter().chain(after.iter().map(|v| (*v, 2.0)))
        })
    }
}

/// Gives every tile on or above the diagonal to `see`; results in order.
pub(super) fn differences<R: Send>(
    pair: &Pair,
    value: PairwiseValue,
    [a, b]: [f64; 2],
    see: impl Fn(DifferenceTile) -> R + Sync,
) -> Result<Vec<R>> {
    let space = if value == PairwiseValue::Distances { Space::Centred } else { Space::AsIs };
    let (x, y) = (pair.x().points::<f64>(space)?, pair.y().points::<f64>(space)?);
    let read = |points: &Points<f64>, rows: &Range<usize>, columns: &Range<usize>| {
        let mut values = vec![0.0; rows.len() * columns.len()];
        if value == PairwiseValue::Distances {
            points.squared_distances(rows.clone(), columns.clone(), &mut values);
            for v in &mut values {
                *v = v.sqrt();
            }
        } else {
            points.products(rows.clone(), columns.clone(), &mut values);
        }
        values
    };
    Ok(upper_tiles(pair.n(), |rows, columns| {
        let (mut values, other) = (read(x, &rows, &columns), read(y, &rows, &columns));
        values.iter_mut().zip(&other).for_each(|(x, y)| *x = a * *x - b * y);
        see(DifferenceTile { rows, columns, values })
    }))
}
