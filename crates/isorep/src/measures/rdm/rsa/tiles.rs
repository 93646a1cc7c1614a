//! Pairs of inputs in the order of the tiles: each pair once, i < j.

use super::dissimilarity::Dissimilarities;
use crate::linalg::{Real, TILE};
use std::ops::Range;

/// Where a tile stands, and how many pairs of inputs are in it.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) rows: Range<usize>,
    pub(super) columns: Range<usize>,
}

impl Place {
    pub(super) fn pairs(&self) -> usize {
        if self.rows == self.columns {
            self.rows.len() * (self.rows.len() - 1) / 2
        } else {
            self.rows.len() * self.columns.len()
        }
    }

    fn size(&self) -> usize {
        self.rows.len() * self.columns.len()
    }
}

/// All tiles on or above the diagonal, row of tiles by row of tiles.
pub(super) fn places(n: usize) -> Vec<Place> {
    let range = |start: usize| start..(start + TILE).min(n);
    let starts = (0..n).step_by(TILE);
    starts
        .flat_map(|i| (i..n).step_by(TILE).map(move |j| Place { rows: range(i), columns: range(j) }))
        .collect()
}

/// Room for one tile of both sides, used again for the next.
pub(super) struct Room<T> {
    x: Vec<T>,
    y: Vec<T>,
    other: Vec<T>,
}

impl<T: Real> Room<T> {
    pub(super) fn new() -> Self {
        Self { x: Vec::new(), y: Vec::new(), other: Vec::new() }
    }

    /// The dissimilarities of both sides in one tile, row after row.
    pub(super) fn read(
        &mut self,
        x: &Dissimilarities<'_, T>,
        y: &Dissimilarities<'_, T>,
        place: &Place,
    ) -> impl Iterator<Item = (&[T], &[T])> {
        let (size, width) = (place.size(), place.columns.len());
        for buffer in [&mut self.x, &mut self.y, &mut self.other] {
            buffer.resize(buffer.len().max(size), T::default());
        }
        x.tile(place.rows.clone(), place.columns.clone(), &mut self.x, &mut self.other);
        y.tile(place.rows.clone(), place.columns.clone(), &mut self.y, &mut self.other);
        let skip = move |i: usize, on_diagonal: bool| if on_diagonal { i + 1 } else { 0 };
        let on_diagonal = place.rows == place.columns;
        let lines = self.x[..size].chunks_exact(width).zip(self.y[..size].chunks_exact(width)).enumerate();
        lines.map(move |(i, (x, y))| (&x[skip(i, on_diagonal)..], &y[skip(i, on_diagonal)..]))
    }
}
