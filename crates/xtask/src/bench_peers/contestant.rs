//! One implementation in a process of its own, which runs once for each line it is sent.

use super::works::Setting;
use crate::python::Environment;
use crate::{Result, process, workspace};
use serde::Deserialize;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

pub(super) struct Contestant {
    pub(super) name: String,
    /// Versions and thread pools, as the process states them.
    pub(super) libraries: Value,
    process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// What a process answers.
#[derive(Deserialize)]
pub(super) struct Answer {
    /// Wall-clock time of the computation alone.
    pub(super) seconds: f64,
    /// The number that was computed, so that all can be seen to have done the same.
    pub(super) value: f64,
}

/// Names of the peers that offer this work and are installed.
pub(super) fn peers(python: &Environment, setting: &Setting) -> Result<Vec<String>> {
    let mut command = peer_command(python, setting);
    Ok(process::output(command.arg("--list"))?.lines().map(str::to_owned).collect())
}

fn peer_command(python: &Environment, setting: &Setting) -> Command {
    let mut command = python.python();
    command.args(["-m", "peers", "--work", &setting.work.id]).current_dir(workspace::root().join("bench"));
    command
}

impl Contestant {
    pub(super) fn ours(setting: &Setting, arrays: &Path, threads: usize) -> Result<Self> {
        let program = workspace::target().join("release/isorep-bench");
        let mut command = Command::new(program);
        command.args(["--work", &setting.work.id]);
        Self::start(super::OURS, &mut command, arrays, threads)
    }

    pub(super) fn peer(
        python: &Environment,
        setting: &Setting,
        arrays: &Path,
        threads: usize,
        name: &str,
    ) -> Result<Self> {
        let mut command = peer_command(python, setting);
        Self::start(name, command.args(["--implementation", name]), arrays, threads)
    }

    fn start(name: &str, command: &mut Command, arrays: &Path, threads: usize) -> Result<Self> {
        command.arg("--arrays").arg(arrays).args(["--threads", &threads.to_string()]);
        // Set before the process starts: some libraries read them while they are loaded.
        for variable in ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"] {
            command.env(variable, threads.to_string());
        }
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot start {name}: {error}"))?;
        let (Some(requests), Some(answers)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(format!("{name} has no pipes").into());
        };
        let mut contestant = Self {
            name: name.to_owned(),
            libraries: Value::Null,
            process,
            requests,
            answers: BufReader::new(answers),
        };
        contestant.libraries = serde_json::from_str(&contestant.line()?)?;
        Ok(contestant)
    }

    /// The most memory it has held so far, in MiB; the kernel keeps count.
    pub(super) fn peak_memory(&self) -> Option<f64> {
        self.memory("VmHWM")
    }

    /// The memory it holds now, in MiB.
    pub(super) fn held_memory(&self) -> Option<f64> {
        self.memory("VmRSS")
    }

    fn memory(&self, field: &str) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
        Some(line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()? / 1024.0)
    }

    /// Lets it run once.
    pub(super) fn once(&mut self) -> Result<Answer> {
        writeln!(self.requests)?;
        Ok(serde_json::from_str(&self.line()?)?)
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            let status = self.process.wait()?;
            return Err(format!("{} stopped before it answered ({status})", self.name).into());
        }
        Ok(line)
    }
}

impl Drop for Contestant {
    fn drop(&mut self) {
        // It may have ended by itself; either way it must not outlive the contest.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
