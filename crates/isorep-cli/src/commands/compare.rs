//! `isorep compare A B`: every pair of layers under every measure.

use crate::args::Compare;
use crate::context;
use crate::diagnostics::Failure;
use crate::evidence;
use crate::interrupt;
use crate::output::Output;
use crate::plan::{Plan, measures, reason, unaligned_measures};
use crate::progress::Progress;
use isorep::reading::Findings;
use isorep::{AnyMeasure, Cell, Grid, Representation};
use isorep_report::{BestEntry, Comparison, PairEntry, Pairing, ReadingEntry, Settings, Source};
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
    let held = evidence::references(&args.evidence, &plan)?;
    let [xs, ys] = [0, 1].map(|side: usize| -> Vec<Representation> {
        sides[side].iter().map(|layer| layer.representation.clone()).collect()
    });
    let grid = match plan.pairing {
        Pairing::Aligned => Grid::aligned(xs, ys, measures.clone()),
        Pairing::All => Grid::new(xs, ys, measures.clone()),
    };
    let study = evidence::study(&args.evidence, &known.context, grid.len(), seed)?;
    let grid = if args.unaligned { grid.unaligned() } else { grid.with_context(known.context) };
    let progress = Progress::new("comparing", "pairs", grid.len());
    let cells = grid.run(|_| {
        progress.tick();
        if interrupt::asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    drop(progress);
    let mut interrupted = cells.len() < grid.len();
    let weighed = !args.evidence.plain && !args.unaligned;
    let findings =
        if weighed && !interrupted { evidence::gather(&study, &grid, &cells) } else { Findings::default() };
    interrupted |= findings.interrupted;
    if interrupted && output.is_file() {
        return Err(Failure::Interrupted);
    }
    let [x, y] = plan.sources(&sides);
    let pair = |cell: &Cell| {
        let at = plan.cells.iter().position(|(i, j)| (*i, *j) == (cell.x, cell.y));
        let refusal = at.and_then(|at| refusals[at].as_ref()).map(reason);
        entry(cell, refusal.as_deref(), &x, &y, &measures)
    };
    let mut pairs: Vec<PairEntry> = cells.iter().map(pair).collect();
    let progress = Progress::new("judging", "pairs", findings.evidence.len());
    for ((entry, cell), evidence) in pairs.iter_mut().zip(&cells).zip(&findings.evidence) {
        let refused =
            plan.cells.iter().position(|at| *at == (cell.x, cell.y)).is_some_and(|at| refusals[at].is_some());
        if let (Ok(pair), false) = (grid.pair(cell.x, cell.y), refused || interrupt::asked()) {
            evidence::judge(&args.evidence, entry, (&pair, cell), evidence, &grid, &held);
        }
        progress.tick();
    }
    drop(progress);
    let settings = Settings {
        seed,
        pairing: plan.pairing,
        unaligned: args.unaligned,
        permutations: weighed.then_some(study.permutations.count),
    };
    let best = findings.best.iter().zip(&measures).filter_map(|(best, measure)| {
        let best = (*best)?;
        let cell = &cells[best.cell];
        Some(BestEntry {
            label: measure.label(),
            x: x.layers[cell.x].name.clone(),
            y: y.layers[cell.y].name.clone(),
            p: best.p,
        })
    });
    let report = Comparison {
        context: known.entries,
        pairs,
        best: best.collect(),
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
        judgement: None,
    }
}
