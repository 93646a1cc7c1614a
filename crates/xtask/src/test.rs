//! `cargo xtask test`: every check there is, on a machine that has only rustup, a C linker and Python 3.
//!
//! A failed step does not stop the others; the summary at the end names each. A new kind of check is one line of
//! [`STEPS`].

use crate::{Result, models, process, workspace};
use std::process::Command;
use std::time::Instant;

type Check = fn() -> Result;

const STEPS: &[(&str, Check)] = &[
    ("formatting", formatting),
    ("lints", lints),
    ("one matrix product", one_matrix_product),
    ("real models", models::fetch),
    ("tests and documentation examples", tests),
    ("documentation", documentation),
];

pub(crate) fn run() -> Result {
    component("rustfmt", "fmt")?;
    component("clippy", "clippy")?;
    let mut summary = Vec::new();
    for (name, step) in STEPS {
        println!("\n== {name}");
        let start = Instant::now();
        let outcome = step();
        if let Err(error) = &outcome {
            println!("{error}");
        }
        summary.push((name, outcome.is_ok(), start.elapsed().as_secs_f64()));
    }
    println!("\n== summary");
    for (name, passed, seconds) in &summary {
        println!("{} {name} ({seconds:.0} s)", if *passed { "ok    " } else { "FAILED" });
    }
    let passed = summary.iter().filter(|(_, passed, _)| *passed).count();
    let failed = summary.len() - passed;
    println!("\n{passed} passed, {failed} failed");
    if failed == 0 { Ok(()) } else { Err(format!("{failed} of {} steps failed", summary.len()).into()) }
}

/// Installs a rustup component unless its cargo command works already.
fn component(name: &str, command: &str) -> Result {
    if process::succeeds(&mut workspace::cargo(&[command, "--version"])) {
        return Ok(());
    }
    process::run(Command::new("rustup").args(["component", "add", name]).current_dir(workspace::root()))
}

fn formatting() -> Result {
    process::run(&mut workspace::cargo(&["fmt", "--all", "--check"]))
}

fn lints() -> Result {
    process::run(&mut workspace::cargo(&[
        "clippy",
        "--release",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))
}

fn tests() -> Result {
    process::run(&mut workspace::cargo(&["test", "--release", "--workspace", "--no-fail-fast"]))
}

fn documentation() -> Result {
    process::run(
        workspace::cargo(&["doc", "--release", "--workspace", "--no-deps"])
            .env("RUSTDOCFLAGS", "-D warnings"),
    )
}

/// faer's default features would bring a second, slower matrix product; the workspace manifest says why it stays out.
fn one_matrix_product() -> Result {
    const UNWANTED: &str = "private-gemm-x86";
    let arguments =
        ["tree", "--workspace", "--target", "all", "--edges", "normal,build,dev", "--prefix", "none"];
    let tree = process::output(&mut workspace::cargo(&arguments))?;
    if !tree.contains("gemm ") {
        return Err("cargo tree does not even list `gemm`: this check looks at the wrong thing".into());
    }
    if tree.contains(UNWANTED) {
        return Err(format!(
            "`{UNWANTED}` is in the dependencies: `cargo tree -i {UNWANTED}` shows who asks"
        )
        .into());
    }
    println!("{UNWANTED} is not among the dependencies");
    Ok(())
}
