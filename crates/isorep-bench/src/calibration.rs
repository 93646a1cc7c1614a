//! What it costs to say what the numbers of a grid are worth: the grid alone, and with the chance level of every cell.

use crate::Result;
use isorep::reading::{Permutations, Study};
use isorep::{Grid, Pair, Representation, Rows};
use serde_json::{Value, json};
use std::ops::ControlFlow;
use std::time::Instant;

/// Permutations where they are drawn.
const PERMUTATIONS: usize = 200;

/// Seconds of the grid of all arrays with themselves under debiased CKA, then with exact chance levels; and, for one pair,
/// of a measure without a closed form with permutations, against once.
pub(crate) fn time(arrays: &[Rows]) -> Result<Value> {
    let layers = || -> Result<Vec<Representation>> {
        arrays.iter().map(|rows| Ok(Representation::new("layer", rows.clone())?)).collect()
    };
    let go_on = || ControlFlow::Continue(());
    let study = |count| Study {
        permutations: Permutations { count, ..Permutations::default() },
        jackknife: None,
        influence: false,
    };
    let (xs, ys) = (layers()?, layers()?);
    let start = Instant::now();
    let grid = Grid::new(xs, ys, vec!["cka".parse()?]);
    let cells = grid.run(|_| go_on());
    let plain = start.elapsed().as_secs_f64();
    let found = study(0).of(&grid, &cells, go_on);
    let calibrated = start.elapsed().as_secs_f64();
    let known =
        found.evidence.iter().filter(|e| e[0].chance.is_some_and(|chance| chance.p.is_some())).count();

    let (x, y) = (layers()?.swap_remove(0), layers()?.swap_remove(1));
    let measure: isorep::AnyMeasure = "nbs".parse()?;
    let start = Instant::now();
    measure.compare(&Pair::new(&x, &y)?)?;
    let once = start.elapsed().as_secs_f64();
    let grid = Grid::new(vec![x], vec![y], vec![measure]);
    let cells_of_pair = grid.run(|_| go_on());
    let start = Instant::now();
    study(PERMUTATIONS).of(&grid, &cells_of_pair, go_on);
    let permuted = start.elapsed().as_secs_f64();
    Ok(json!({
        "cells": cells.len(), "known": known, "plain": plain, "calibrated": calibrated,
        "once": once, "permuted": permuted, "permutations": PERMUTATIONS,
    }))
}
