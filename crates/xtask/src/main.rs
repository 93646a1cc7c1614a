//! The project's chores, one file each: `cargo xtask test`, `conformance`, `bench-peers`, `new-measure`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a chore talks to whoever started it")]

use clap::{Parser, Subcommand};
use std::process::ExitCode;

mod bench_peers;
mod conformance;
mod models;
mod new_measure;
mod process;
mod python;
mod test;
mod workspace;

/// What every chore returns: its failure is a sentence for the terminal.
type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "The project's own chores")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Run every check there is, installing what is missing; print a summary.
    Test,
    /// Record again what other packages print for our measures.
    Conformance(conformance::Options),
    /// Time us and other packages in turns on the same arrays; write BENCHMARKS.md.
    BenchPeers(bench_peers::Options),
    /// Create the files of a new measure and list it.
    NewMeasure(new_measure::Options),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().chore {
        Chore::Test => test::run(),
        Chore::Conformance(options) => conformance::run(&options),
        Chore::BenchPeers(options) => bench_peers::run(&options),
        Chore::NewMeasure(options) => new_measure::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
