//! The README as its readers use it: every command runs, what it shows is what is printed, and its table of measures is
//! the catalogue. With `UPDATE_README=1` the table and the shown output are written anew instead of compared.

use crate::fixtures::{Folder, tensor};
use crate::tiny::convolutional;
use isorep_io::write_npy;
use isorep_report::{Catalogue, CatalogueEntry};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

const BEGIN: &str = "<!-- measures: begin; written by the test `readme` of crates/isorep-cli -->\n";
const END: &str = "<!-- measures: end -->";
const STALE: &str = "README.md is out of date; UPDATE_README=1 cargo test --release -p isorep-cli readme";

/// Held by a test that may rewrite the README, as tests run at the same time.
static WRITING: Mutex<()> = Mutex::new(());

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

/// The files that the README speaks of.
fn folder() -> Folder {
    let folder = Folder::networks();
    folder.npy("conv.npy", &[60, 4, 5, 5], 3);
    folder.npy("conv2.npy", &[60, 3, 5, 5], 4);
    folder.npy("c.npy", &[60, 9], 5);
    for (name, seed) in [("a.npz", 10), ("b.npz", 20), ("c.npz", 30), ("d.npz", 40)] {
        let mut archive = zip::ZipWriter::new(File::create(folder.file(name)).unwrap());
        for (layer, width) in [("fc", 6), ("logits", 3)] {
            let member = format!("{layer}.npy");
            write_npy(folder.file("member"), &tensor(layer, &[60, width], seed)).unwrap();
            archive.start_file(member, zip::write::SimpleFileOptions::default()).unwrap();
            archive.write_all(&fs::read(folder.file("member")).unwrap()).unwrap();
        }
        archive.finish().unwrap();
    }
    // Two models that differ in their last layer.
    fs::write(folder.file("a.onnx"), convolutional(1, 0.0)).unwrap();
    fs::write(folder.file("b.onnx"), convolutional(1, 0.5)).unwrap();
    folder.npy("x.npy", &[40, 2, 4, 4], 5);
    let inputs = folder.file("conformance/inputs");
    fs::create_dir_all(&inputs).unwrap();
    for entry in fs::read_dir(root().join("conformance/inputs")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, inputs.join(path.file_name().unwrap())).unwrap();
    }
    folder
}

/// Words of a command line; those in single quotes may hold anything.
fn words(line: &str) -> Vec<String> {
    let quoted = line.split('\'').enumerate();
    quoted
        .flat_map(|(at, part)| match at % 2 {
            0 => part.split_whitespace().map(ToOwned::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect()
}

fn output(folder: &Folder, line: &str) -> String {
    let words = words(line);
    let arguments: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
    let outcome = folder.run(&arguments);
    assert_eq!(outcome.code, Some(0), "`{line}` failed: {}", outcome.err);
    outcome.out
}

/// Code blocks of one language.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    text.split(fence.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// Whether the parts between lines of `…` are in the text, as whole lines and in this order.
fn shows(shown: &str, printed: &str) -> bool {
    let printed = format!("\n{}\n", printed.trim_end());
    let mut rest = printed.as_str();
    for part in shown.split("…\n").map(|part| part.trim_matches('\n')).filter(|part| !part.is_empty()) {
        let Some(at) = rest.find(&format!("\n{part}\n")) else { return false };
        rest = &rest[at + part.len() + 1..]; // the line break that ends a part may start the next
    }
    true
}

/// Digits do not count, nor how many there are: for numbers that depend on the processor.
fn without_numbers(text: &str) -> String {
    let line = |line: &str| {
        let plain: String = line.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        plain.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    text.lines().map(|l| line(l).replace('-', "") + "\n").collect()
}

#[test]
fn every_command_of_the_readme_runs() {
    let (folder, text) = (folder(), readme());
    let lines: Vec<&str> =
        blocks(&text, "sh").into_iter().flat_map(str::lines).filter(|l| l.starts_with("isorep ")).collect();
    assert!(lines.len() > 10, "{lines:?}");
    for line in lines {
        output(&folder, line);
    }
}

#[test]
fn the_readme_shows_what_is_printed() {
    let _alone = WRITING.lock();
    let (folder, mut text) = (folder(), readme());
    let update = std::env::var_os("UPDATE_README").is_some();
    let original = text.clone();
    let shown = blocks(&original, "console");
    assert!(shown.len() > 3);
    for block in shown {
        let (command, shown) = block.strip_prefix("$ ").unwrap().split_once('\n').unwrap();
        let printed = output(&folder, command);
        if command == "isorep demo" {
            let [shown, printed] = [shown, &printed].map(without_numbers);
            assert!(shows(&shown, &printed), "{STALE}\n{shown}\n{printed}");
        } else if update && !shown.contains("…\n") {
            text = text.replace(block, &format!("$ {command}\n{printed}"));
        } else {
            assert!(!shown.is_empty() && shows(shown, &printed), "{STALE}\n{command}\n{printed}");
        }
    }
    if text != original {
        fs::write(root().join("README.md"), text).unwrap();
    }
}

#[test]
fn the_table_of_the_readme_is_the_catalogue() {
    let _alone = WRITING.lock();
    let text = readme();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (table, after) = rest.split_once(END).unwrap();
    let expected = measures();
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(root().join("README.md"), format!("{before}{BEGIN}{expected}{END}{after}")).unwrap();
    } else {
        assert_eq!(table, expected, "{STALE}");
    }
}

fn measures() -> String {
    let mut table = String::from(
        "| family | measure | title | kind | x may change by | y may change by |\n|---|---|---|---|---|---|\n",
    );
    let list = |changes: &[String]| if changes.is_empty() { "–".to_owned() } else { changes.join(", ") };
    for entry in Catalogue::all().0 {
        let name = |value: serde_json::Value| value.as_str().unwrap().to_owned();
        let [family, kind] =
            [serde_json::to_value(entry.family), serde_json::to_value(entry.kind)].map(|v| name(v.unwrap()));
        let CatalogueEntry { id, title, invariance_x, invariance_y, .. } = &entry;
        let (x, y) = (list(invariance_x), list(invariance_y));
        writeln!(table, "| {family} | `{id}` | {title} | {kind} | {x} | {y} |").unwrap();
    }
    table
}
