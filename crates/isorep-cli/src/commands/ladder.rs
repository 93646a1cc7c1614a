//! `isorep ladder A B`: what the best map of each kind explains.

use crate::args::Ladder as Arguments;
use crate::diagnostics::Failure;
use crate::interrupt;
use crate::output::Output;
use crate::plan::{Plan, reason};
use crate::progress::Progress;
use isorep::FoldCount;
use isorep::reading::ladder::{Held, Ladder, LadderReading};
use isorep_report::{LadderPair, LadderReport, LadderSettings, RungEntry, RungValue, SCHEMA};

pub(crate) fn run(args: &Arguments, seed: u64, output: &Output) -> Result<(), Failure> {
    let ladder = Ladder {
        folds: FoldCount::new(args.folds as usize).unwrap_or_default(),
        seed,
        permutations: args.permutations,
        kernel_inputs: args.kernel_inputs,
    };
    let plan = Plan::new(&args.inputs, seed)?;
    let sides = plan.load()?;
    plan.refusals(&sides)?;
    let [x, y] = plan.sources(&sides);
    let progress = Progress::new("climbing", "pairs", plan.cells.len());
    let mut pairs = Vec::new();
    for &(i, j) in &plan.cells {
        interrupt::check()?;
        let (of_x, of_y) = (&sides[0][i], &sides[1][j]);
        let reading = plan.pair(of_x, of_y).and_then(|pair| Ok(ladder.climb(&pair)?));
        pairs.push(LadderPair {
            x: of_x.name.clone(),
            y: of_y.name.clone(),
            n: of_x.representation.n(),
            d_x: of_x.representation.d(),
            d_y: of_y.representation.d(),
            rank_x: reading.as_ref().ok().map(|r| r.ranks.rank_x),
            rank_y: reading.as_ref().ok().map(|r| r.ranks.rank_y),
            rank_joint: reading.as_ref().ok().map(|r| r.ranks.rank_joint),
            reason: reading.as_ref().err().map(reason),
            rungs: reading.map(|reading| rungs(&reading)).unwrap_or_default(),
        });
        progress.tick();
    }
    drop(progress);
    let settings = LadderSettings {
        seed,
        folds: ladder.folds.get(),
        permutations: ladder.permutations,
        kernel_inputs: ladder.kernel_inputs,
    };
    let isorep = env!("CARGO_PKG_VERSION").into();
    output.report(&LadderReport { schema: SCHEMA, isorep, settings, x, y, pairs })
}

/// The rungs as the report has them.
pub(crate) fn rungs(reading: &LadderReading) -> Vec<RungEntry> {
    let value = |held: &isorep::Result<Held>| match held {
        Ok(held) => RungValue {
            explained: Some(held.explained),
            chance: held.chance.map(|chance| chance.mean),
            chance_sd: held.chance.map(|chance| chance.sd),
            reason: None,
        },
        Err(error) => {
            RungValue { explained: None, chance: None, chance_sd: None, reason: Some(error.to_string()) }
        }
    };
    let entry = |rung: &isorep::reading::ladder::Rung| RungEntry {
        map: rung.map.to_string(),
        inputs: rung.inputs,
        forward: value(&rung.forward),
        backward: value(&rung.backward),
    };
    reading.rungs.iter().map(entry).collect()
}
