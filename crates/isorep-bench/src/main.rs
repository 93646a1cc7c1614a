//! Our side of `cargo xtask bench-peers`: runs one work on the arrays of a folder, once for each line that arrives.
//!
//! Prints one JSON line about itself, then one for each repetition: what was run, the seconds, and the number that came
//! out. Only the call is timed: the arrays are in memory, in the stored precision, and every repetition starts from
//! fresh representations, so that nothing computed by an earlier one is used again.

#![allow(clippy::print_stdout, reason = "the lines are the interface to the benchmark runner")]

mod arrays;
mod calibration;
mod catalogue;
mod peak;
mod works;

use clap::Parser;
use serde_json::json;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::Instant;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Parser)]
struct Options {
    /// What to run: an id of bench/works.json.
    #[arg(long, required_unless_present_any = ["peak", "catalogue", "calibration"])]
    work: Option<String>,
    /// The folder whose `.npy` files are the arrays, in alphabetical order.
    #[arg(long, required_unless_present = "peak")]
    arrays: Option<PathBuf>,
    /// Instead of a work, measure how many operations a second this machine does in registers.
    #[arg(long, conflicts_with_all = ["work", "arrays"])]
    peak: bool,
    /// Instead of a work, time every measure alone, and all of them on one pair.
    #[arg(long, conflicts_with_all = ["work", "peak"], requires = "arrays")]
    catalogue: bool,
    /// Instead of a work, time a grid without and with chance levels.
    #[arg(long, conflicts_with_all = ["work", "peak", "catalogue"], requires = "arrays")]
    calibration: bool,
    /// Number of threads.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Run this often, instead of once for each line on standard input.
    #[arg(long)]
    repeat: Option<usize>,
}

fn main() -> Result {
    let options = Options::parse();
    rayon::ThreadPoolBuilder::new().num_threads(options.threads).build_global()?;
    if let (true, Some(folder)) = (options.catalogue, &options.arrays) {
        return say(&catalogue::time(&arrays::read(folder)?)?);
    }
    if let (true, Some(folder)) = (options.calibration, &options.arrays) {
        return say(&calibration::time(&arrays::read(folder)?)?);
    }
    let (Some(id), Some(folder)) = (&options.work, &options.arrays) else {
        let [single, double] = peak::gigaflops();
        return say(&json!({ "threads": options.threads, "f32": single, "f64": double }));
    };
    let work = works::find(id)?;
    let arrays = arrays::read(folder)?;
    let (n, d, dtype) = (arrays[0].n(), arrays[0].d(), arrays[0].precision());

    say(&json!({ "versions": { "isorep": env!("CARGO_PKG_VERSION") }, "thread_pools": [] }))?;
    let once = || -> Result {
        let start = Instant::now();
        let value = work(&arrays)?;
        let seconds = start.elapsed().as_secs_f64();
        say(&json!({
            "work": id, "n": n, "d": d, "dtype": dtype, "threads": options.threads,
            "implementation": "isorep", "seconds": seconds, "value": value,
        }))
    };
    match options.repeat {
        Some(count) => (0..count).try_for_each(|_| once()),
        None => io::stdin().lines().try_for_each(|line| line.map_err(Into::into).and_then(|_| once())),
    }
}

fn say(line: &serde_json::Value) -> Result {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
