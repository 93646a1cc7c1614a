//! The commands, one file each.

mod capture;
mod compare;
mod demo;
mod explain;
mod ladder;
mod layers;
mod list;
mod match_;
mod parity;
mod sweep;

use crate::args::{Args, Command};
use crate::diagnostics::Failure;
use crate::interrupt;
use crate::output::Output;

/// Runs what was asked for.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let output = Output::new(&args.shared)?;
    if let Some(threads) = args.shared.threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build_global();
        pool.map_err(|error| Failure::new(format!("cannot start {threads} threads: {error}")))?;
    }
    interrupt::listen();
    let seed = args.shared.seed;
    match &args.command {
        Command::Demo(demo) => demo::run(demo, seed, &output),
        Command::Compare(compare) => compare::run(compare, seed, &output),
        Command::Match(match_) => match_::run(match_, seed, &output),
        Command::Ladder(ladder) => ladder::run(ladder, seed, &output),
        Command::Sweep(sweep) => sweep::run(sweep, seed, &output),
        Command::Parity(parity) => parity::run(parity, &output),
        Command::Layers(layers) => layers::run(layers, &output),
        Command::Capture(capture) => capture::run(capture, &output),
        Command::List => list::run(&output),
        Command::Explain { id } => explain::run(id, &output),
    }
}
