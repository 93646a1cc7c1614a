//! `isorep compare A B`: every pair of layers under every measure.

use crate::args::Compare;
use crate::context;
use crate::diagnostics::Failure;
use crate::interrupt;
use crate::output::Output;
use crate::plan::{Plan, measures, reason, unaligned_measures};
use crate::progress::Progress;
use isorep::{AnyMeasure, Cell, Grid, Representation};
use isorep_report::{Comparison, PairEntry, Pairing, ReadingEntry, Settings, Source};
use std::ops::ControlFlow;

pub(crate) fn run(args: &Compare, seed: u64, output: &Output) -> Result<(), Failure> {
    let (measures, plan) = if args.unaligned {
        (unaligned_measures(&args.measures, seed)?, Plan::unaligned(&args.inputs, seed)?)
    } else {
        (measures(&args.measures, seed)?, Plan::new(&args.inputs, seed)?)
    };
    let sides = plan.load()?;
    let refusals = if args.unaligned { vec![None; plan.cells.len()] } else { plan.refusals(&sides)? };
    let known = context::read(&args.known, &plan, &sides)?;
    let [xs, ys] = [0, 1].map(|side: usize| -> Vec<Representation> {
        sides[side].iter().map(|layer| layer.representation.clone()).collect()
    });
    let grid = match plan.pairing {
        Pairing::Aligned => Grid::aligned(xs, ys, measures.clone()),
        Pairing::All => Grid::new(xs, ys, measures.clone()),
    };
    let grid = if args.unaligned { grid.unaligned() } else { grid.with_context(known.context) };
    let progress = Progress::new("comparing", "pairs", grid.len());
    let cells = grid.run(|_| {
        progress.tick();
        if interrupt::asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    drop(progress);
    let interrupted = cells.len() < grid.len();
    if interrupted && output.is_file() {
        return Err(Failure::Interrupted);
    }
    let [x, y] = plan.sources(&sides);
    let pair = |cell: &Cell| {
        let at = plan.cells.iter().position(|(i, j)| (*i, *j) == (cell.x, cell.y));
        let refusal = at.and_then(|at| refusals[at].as_ref()).map(reason);
        entry(cell, refusal.as_deref(), &x, &y, &measures)
    };
    let pairs = cells.iter().map(pair).collect();
    let settings = Settings { seed, pairing: plan.pairing, unaligned: args.unaligned };
    let report = Comparison {
        context: known.entries,
        pairs,
        interrupted,
        ..Comparison::new(settings, x.clone(), y.clone(), &measures)
    };
    output.report(&report)?;
    if interrupted { Err(Failure::Partial) } else { Ok(()) }
}

fn entry(cell: &Cell, refusal: Option<&str>, x: &Source, y: &Source, measures: &[AnyMeasure]) -> PairEntry {
    let (x, y) = (&x.layers[cell.x], &y.layers[cell.y]);
    let readings = measures.iter().zip(&cell.readings).map(|(measure, reading)| {
        let entry = ReadingEntry::of(measure, reading);
        match refusal {
            // The rows do not correspond, so a number would mean nothing.
            Some(why) => ReadingEntry { value: None, chance: None, reason: Some(why.into()), ..entry },
            None => entry,
        }
    });
    PairEntry {
        x: x.name.clone(),
        y: y.name.clone(),
        n: x.n,
        n_y: (y.n != x.n).then_some(y.n),
        d_x: x.d,
        d_y: y.d,
        rank_x: x.rank,
        rank_y: y.rank,
        readings: readings.collect(),
    }
}
