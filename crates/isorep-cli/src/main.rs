//! The `isorep` command: reads what was typed, runs it, and turns the outcome into an exit code.
//!
//! 0: done. 1: a gate was not met. 2: could not run. 130: stopped with Ctrl-C. A closed pipe is success.

mod args;
mod commands;
mod context;
mod diagnostics;
mod evidence;
mod feed;
mod interrupt;
mod output;
mod plan;
mod progress;
mod side;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = args::Args::parse();
    match commands::run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        // The report has said it.
        Err(diagnostics::Failure::Gate) => ExitCode::from(diagnostics::Failure::Gate.code()),
        Err(failure) => {
            output::message(&failure.to_string());
            ExitCode::from(failure.code())
        }
    }
}
