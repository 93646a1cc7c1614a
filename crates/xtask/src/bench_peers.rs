//! `cargo xtask bench-peers`: times us and other packages on the same arrays, the same threads, in turns.
//!
//! Every implementation runs in a process of its own, which loads the arrays, waits for a line on its standard input,
//! runs once, and answers with the seconds that the computation alone took. The processes take turns, A B C A B C …,
//! one warm-up and then the repetitions, so that a change of the machine's mood hits all of them. The works are in
//! `bench/works.json`, the peers in `bench/peers/`, our side in the crate `isorep-bench`.

mod contestant;
mod machine;
mod report;
mod works;

use crate::python::Environment;
use crate::{Result, process, workspace};
use contestant::Contestant;
use report::{Calibration, Catalogue, Contest, Own, Peak, Timing};
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use works::Setting;

/// How we are called in the table.
const OURS: &str = "isorep";
/// One run longer than this is not repeated five times.
const SLOW: f64 = 15.0;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only these works (ids of bench/works.json).
    #[arg(long, value_delimiter = ',')]
    work: Vec<String>,
    /// Numbers of threads.
    #[arg(long, value_delimiter = ',', default_value = "1,2")]
    threads: Vec<usize>,
    /// Only these numbers of inputs.
    #[arg(long, value_delimiter = ',')]
    n: Vec<usize>,
    /// Only this precision, f32 or f64.
    #[arg(long)]
    dtype: Option<String>,
    /// Repetitions after the warm-up; what takes longer than 15 seconds gets one.
    #[arg(long, default_value_t = 5)]
    repeat: usize,
    /// Leave out the packages over PyTorch (several gigabytes to install).
    #[arg(long)]
    no_torch: bool,
    /// Time the peers alone.
    #[arg(long)]
    only_peers: bool,
    /// Write BENCHMARKS.md although something is left out; the page says what was run.
    #[arg(long)]
    write: bool,
}

impl Options {
    /// True if nothing is left out, so that the result may replace BENCHMARKS.md.
    fn complete(&self) -> bool {
        self.work.is_empty()
            && self.n.is_empty()
            && self.dtype.is_none()
            && !self.no_torch
            && !self.only_peers
    }
}

pub(crate) fn run(options: &Options) -> Result {
    let bench = workspace::root().join("bench");
    let mut requirements = vec![bench.join("requirements.txt")];
    if !options.no_torch {
        requirements.push(bench.join("requirements-torch.txt"));
    }
    let python = Environment::with(&requirements)?;
    if !options.only_peers {
        process::run(&mut workspace::cargo(&["build", "--release", "--package", "isorep-bench"]))?;
    }

    let mut settings = works::all(&bench.join("works.json"))?;
    settings.retain(|s| {
        (options.work.is_empty() || options.work.contains(&s.work.id))
            && (options.n.is_empty() || options.n.contains(&s.n))
            && options.dtype.as_ref().is_none_or(|dtype| *dtype == s.dtype)
    });
    if settings.is_empty() {
        return Err("no work of bench/works.json fits these options".into());
    }

    let mut contests = Vec::new();
    let peaks = if options.only_peers { Vec::new() } else { peaks(&options.threads)? };
    for setting in &settings {
        let Setting { work, n, d, dtype } = setting;
        let arrays = arrays(&python, &work.arrays, *n, *d, dtype)?;
        for &threads in &options.threads {
            let contest = hold(&python, setting, &arrays, threads, options)?;
            print!("{}", contest.lines());
            contests.push(contest);
        }
    }
    keep(&contests)?;
    let own = if options.only_peers {
        None
    } else {
        Some(Own { catalogue: catalogue(&python)?, calibration: calibration(&python)? })
    };
    let page = report::page(&contests, &peaks, own.as_ref(), &machine::describe(&contests), &command());
    if options.complete() || options.write {
        let path = workspace::root().join("BENCHMARKS.md");
        fs::write(&path, page)?;
        println!("wrote {}", path.display());
    } else {
        println!("\n{page}\nBENCHMARKS.md is left as it is: only a run without left-out works replaces it");
    }
    Ok(())
}

/// What the registers of this machine do, for each number of threads.
fn peaks(threads: &[usize]) -> Result<Vec<Peak>> {
    let program = workspace::target().join("release/isorep-bench");
    let measure = |count: &usize| {
        let mut command = Command::new(&program);
        Ok(serde_json::from_str(&process::output(command.args([
            "--peak",
            "--threads",
            &count.to_string(),
        ]))?)?)
    };
    threads.iter().map(measure).collect()
}

/// What the measures cost alone and together, on one thread.
fn catalogue(python: &Environment) -> Result<Catalogue> {
    let (n, d, dtype) = (2000, 512, "f32");
    let folder = arrays(python, "pair", n, d, dtype)?;
    let mut command = Command::new(workspace::target().join("release/isorep-bench"));
    let answer = process::output(command.arg("--catalogue").arg("--arrays").arg(folder))?;
    Ok(Catalogue { n, d, dtype, times: serde_json::from_str(&answer)? })
}

/// What a grid costs without and with chance levels, on one thread.
fn calibration(python: &Environment) -> Result<Calibration> {
    let folder = arrays(python, "layers", 1500, 512, "f32")?;
    let mut command = Command::new(workspace::target().join("release/isorep-bench"));
    Ok(serde_json::from_str(&process::output(command.arg("--calibration").arg("--arrays").arg(folder))?)?)
}

/// What was typed.
fn command() -> String {
    let typed: Vec<String> = std::env::args().skip(1).collect();
    format!("cargo xtask {}", typed.join(" "))
}

/// The folder with arrays of this kind and size, made unless it is there.
fn arrays(python: &Environment, kind: &str, n: usize, d: usize, dtype: &str) -> Result<PathBuf> {
    let name = format!("{kind}-{n}x{d}-{dtype}");
    let folder = workspace::target().join("bench").join(name);
    let mut command = python.python();
    command.arg(workspace::root().join("bench/make_arrays.py"));
    command.args([kind, &n.to_string(), &d.to_string(), dtype]).arg(&folder);
    process::output(&mut command)?;
    Ok(folder)
}

/// Lets everyone run in turns.
fn hold(
    python: &Environment,
    setting: &Setting,
    arrays: &std::path::Path,
    threads: usize,
    options: &Options,
) -> Result<Contest> {
    let mut contestants = Vec::new();
    if !options.only_peers {
        contestants.push(Contestant::ours(setting, arrays, threads)?);
    }
    let mut peers = contestant::peers(python, setting)?;
    peers.retain(|name| !(options.no_torch && name.contains("torch")));
    for name in peers {
        contestants.push(Contestant::peer(python, setting, arrays, threads, &name)?);
    }
    let mut timings = Vec::new();
    for index in (0..contestants.len()).rev() {
        let held = contestants[index].held_memory();
        match contestants[index].once() {
            Ok(first) => {
                let (name, value) = (contestants[index].name.clone(), first.value);
                let repeat = if first.seconds > SLOW { 1 } else { options.repeat };
                timings.push(Timing { name, value, repeat, seconds: Vec::new(), held, memory: None });
            }
            // A peer that cannot do this size is left out, and says why on the terminal; we may not be.
            Err(error) if contestants[index].name != OURS => {
                println!("{error}");
                contestants.remove(index);
            }
            Err(error) => return Err(error),
        }
    }
    timings.reverse();
    for round in 0..options.repeat {
        for (contestant, timing) in contestants.iter_mut().zip(&mut timings) {
            if round < timing.repeat {
                timing.seconds.push(contestant.once()?.seconds);
            }
        }
    }
    for (contestant, timing) in contestants.iter().zip(&mut timings) {
        timing.memory = timing.held.zip(contestant.peak_memory()).map(|(held, most)| most - held);
    }
    let libraries = contestants.iter().map(|c| (c.name.clone(), c.libraries.clone())).collect();
    Ok(Contest { setting: setting.clone(), threads, timings, libraries })
}

/// Appends every single time to a file of JSON lines, so that a report can be made again from what was measured.
fn keep(contests: &[Contest]) -> Result {
    let path = workspace::target().join("bench/times.jsonl");
    let mut file = fs::File::options().create(true).append(true).open(path)?;
    for contest in contests {
        for timing in &contest.timings {
            let Setting { work, n, d, dtype } = &contest.setting;
            let (threads, implementation, value) = (contest.threads, &timing.name, timing.value);
            for seconds in &timing.seconds {
                let line = serde_json::json!({
                    "work": work.id, "n": n, "d": d, "dtype": dtype, "threads": threads,
                    "implementation": implementation, "seconds": seconds, "value": value,
                });
                writeln!(file, "{line}")?;
            }
        }
    }
    Ok(())
}
