//! What the times were measured on: processor, versions, and which kernel each BLAS chose.

use super::report::Contest;
use crate::process;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::Command;

/// A Markdown list.
pub(super) fn describe(contests: &[Contest]) -> String {
    let mut out = String::new();
    let mut item = |what: &str, text: &str| {
        if !text.is_empty() {
            let _ = writeln!(out, "- {what}: {text}");
        }
    };
    item("date", first_line(Command::new("date").args(["-u", "+%Y-%m-%d"])).trim());
    let processor = process::output(&mut Command::new("lscpu")).unwrap_or_default();
    let field = |name: &str| {
        let found = processor.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(':'));
        found.unwrap_or_default().trim().to_owned()
    };
    item(
        "processor",
        &format!("{}, family {}, {} cores", field("Model name"), field("CPU family"), field("CPU(s)")),
    );
    item(
        "caches",
        &format!("L1d {}, L2 {}, L3 {}", field("L1d cache"), field("L2 cache"), field("L3 cache")),
    );
    let vectors: Vec<&str> = field_words(&processor, "Flags", &["avx2", "fma", "avx512f"]);
    item("vector instructions", &vectors.join(" "));
    item("system", first_line(Command::new("uname").args(["-sr"])).trim());
    item("compiler", first_line(Command::new("rustc").arg("--version")).trim());
    item("versions", &versions(contests));
    item("BLAS kernels in use", &kernels(contests));
    out
}

fn first_line(command: &mut Command) -> String {
    process::output(command).unwrap_or_default().lines().next().unwrap_or_default().to_owned()
}

fn field_words<'a>(text: &'a str, name: &str, wanted: &[&str]) -> Vec<&'a str> {
    let line = text.lines().find(|line| line.trim_start().starts_with(name)).unwrap_or_default();
    line.split_whitespace().filter(|word| wanted.contains(word)).collect()
}

fn versions(contests: &[Contest]) -> String {
    let mut found = BTreeSet::new();
    for (_, libraries) in contests.iter().flat_map(|contest| &contest.libraries) {
        for (name, version) in libraries["versions"].as_object().into_iter().flatten() {
            found.insert(format!("{name} {}", version.as_str().unwrap_or_default()));
        }
    }
    found.into_iter().collect::<Vec<_>>().join(", ")
}

/// Library, version and kernel of every BLAS that a peer has loaded.
fn kernels(contests: &[Contest]) -> String {
    let mut found = BTreeSet::new();
    for (_, libraries) in contests.iter().flat_map(|contest| &contest.libraries) {
        for pool in libraries["thread_pools"].as_array().into_iter().flatten() {
            if let Some(kernel) = pool["architecture"].as_str() {
                let text = |key: &str| pool[key].as_str().map(str::to_owned).unwrap_or_default();
                found.insert(format!("{} {} {kernel}", text("prefix"), text("version")));
            }
        }
        if let Some(torch) = libraries["versions"].get("torch").and_then(Value::as_str) {
            found.insert(format!("the one inside torch {torch} (not reported by threadpoolctl)"));
        }
    }
    found.into_iter().collect::<Vec<_>>().join(", ")
}
