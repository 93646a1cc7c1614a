//! `cargo xtask new-measure ID --family FAMILY`: one source file, one page, one `mod` line, one line in the catalogue.
//!
//! The text comes from `templates/`; whatever else the project does with a measure (command line, documentation,
//! laws) follows from the catalogue.

use crate::{Result, process, workspace};
use std::fs;
use std::path::Path;

const SOURCE: &str = include_str!("../templates/measure.rs.txt");
const PAGE: &str = include_str!("../templates/measure.md.txt");

#[derive(clap::Args)]
pub(crate) struct Options {
    /// The name that papers use, in kebab-case: `mutual-knn`.
    id: String,
    /// The folder of crates/isorep/src/measures that it belongs to.
    #[arg(long)]
    family: String,
}

pub(crate) fn run(options: &Options) -> Result {
    create(&workspace::root(), &options.id, &options.family)?;
    process::run(&mut workspace::cargo(&["fmt", "--package", "isorep"]))?;
    println!("fill in every line that says `unwritten`, then run `cargo xtask test`");
    Ok(())
}

/// Creates the measure in the repository at `root`.
fn create(root: &Path, id: &str, family: &str) -> Result {
    let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !id.starts_with(|c: char| c.is_ascii_lowercase()) || !id.chars().all(kebab) || id.ends_with('-') {
        return Err(format!("`{id}` is not a kebab-case id such as `mutual-knn`").into());
    }
    let measures = root.join("crates/isorep/src/measures");
    let (family_file, catalogue) =
        (measures.join(format!("{family}.rs")), root.join("crates/isorep/src/catalogue.rs"));
    if !family_file.is_file() {
        let known = families(&measures)?.join(", ");
        return Err(format!("there is no family `{family}`; there are: {known}").into());
    }
    let module = id.replace('-', "_");
    let source = measures.join(family).join(format!("{module}.rs"));
    if source.exists() {
        return Err(format!("{} exists already", source.display()).into());
    }

    // Both lists are changed in memory before anything is written.
    let family_text = listed_module(&fs::read_to_string(&family_file)?, &module, &type_name(id))
        .ok_or_else(|| format!("{} has no `mod` line to add to", family_file.display()))?;
    let catalogue_text = listed_measure(&fs::read_to_string(&catalogue)?, &type_name(id))
        .ok_or_else(|| format!("{} has no list `MEASURES`", catalogue.display()))?;
    let fill = |template: &str| {
        template
            .replace("{id}", id)
            .replace("{module}", &module)
            .replace("{Type}", &type_name(id))
            .replace("{Family}", &type_name(family))
    };
    fs::create_dir_all(measures.join(family))?;
    fs::write(&source, fill(SOURCE))?;
    fs::write(source.with_extension("md"), fill(PAGE))?;
    fs::write(family_file, family_text)?;
    fs::write(catalogue, catalogue_text)?;
    Ok(())
}

fn families(measures: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(measures)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    Ok(names)
}

/// `mutual-knn` → `MutualKnn`.
fn type_name(id: &str) -> String {
    let capitalised = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map_or(String::new(), |first| first.to_ascii_uppercase().to_string() + letters.as_str())
    };
    id.split('-').map(capitalised).collect()
}

/// The family's file with the module declared and its type re-exported, in alphabetical order among its like.
fn listed_module(text: &str, module: &str, type_name: &str) -> Option<String> {
    let text = inserted(text, "mod ", &format!("mod {module};"))?;
    inserted(&text, "pub use ", &format!("pub use {module}::{type_name};"))
}

/// The text with a line put where it belongs among the lines that start alike.
fn inserted(text: &str, prefix: &str, line: &str) -> Option<String> {
    let mut lines: Vec<&str> = text.lines().collect();
    let alike = |(at, candidate): (usize, &&str)| {
        candidate.starts_with(prefix).then_some((at, (*candidate).to_owned()))
    };
    let peers: Vec<(usize, String)> = lines.iter().enumerate().filter_map(alike).collect();
    let after_last = peers.last()?.0 + 1;
    let at = peers.iter().find(|(_, other)| other.as_str() > line).map_or(after_last, |(at, _)| *at);
    lines.insert(at, line);
    Some(lines.join("\n") + "\n")
}

/// The catalogue with one more line at the end of its list.
fn listed_measure(text: &str, type_name: &str) -> Option<String> {
    let start = text.find("pub static MEASURES")?;
    let end = start + text[start..].find("];")?;
    let (before, after) = text.split_at(end);
    // The list may stand on one line; rustfmt lays it out afterwards.
    let before = before.trim_end();
    let comma = if before.ends_with([',', '[']) { "" } else { "," };
    Some(format!("{before}{comma}\n    Entry::of::<{type_name}>(),\n{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn ids_become_types() {
        assert_eq!(type_name("cka"), "Cka");
        assert_eq!(type_name("mutual-knn"), "MutualKnn");
    }

    #[test]
    fn lines_go_where_they_belong() {
        let family =
            "//! Kernels.\n\nmod cka;\nmod hsic;\n\npub use cka::Cka;\npub use hsic::{Estimator, Hsic};\n";
        let changed = listed_module(family, "ensd", "Ensd").unwrap();
        assert!(changed.contains("mod cka;\nmod ensd;\nmod hsic;\n"), "{changed}");
        assert!(changed.contains("pub use cka::Cka;\npub use ensd::Ensd;\npub use hsic"), "{changed}");
        assert!(listed_module(family, "zz", "Zz").unwrap().contains("mod hsic;\nmod zz;\n\npub use"));
        for list in ["&[Entry::of::<Cka>()];", "&[\n    Entry::of::<Cka>(),\n];", "&[];"] {
            let changed =
                listed_measure(&format!("pub static MEASURES: &[Entry] = {list}\nfn x() {{}}\n"), "Ensd");
            let changed = changed.unwrap();
            assert!(changed.contains("\n    Entry::of::<Ensd>(),\n];\nfn x"), "{changed}");
            assert_eq!(changed.matches("of::<Cka>(),").count(), usize::from(list.contains("Cka")));
        }
    }

    #[test]
    fn bad_ids_and_families_are_refused_before_anything_is_written() {
        let folder = tempfile::tempdir().unwrap();
        for id in ["Cka", "mutual_knn", "knn-", ""] {
            assert!(create(folder.path(), id, "kernel").unwrap_err().to_string().contains("kebab-case"));
        }
        let measures = folder.path().join("crates/isorep/src/measures");
        fs::create_dir_all(&measures).unwrap();
        fs::write(measures.join("kernel.rs"), "mod cka;\npub use cka::Cka;\n").unwrap();
        let error = create(folder.path(), "new", "kernels").unwrap_err().to_string();
        assert!(error.contains("there are: kernel"), "{error}");
        assert!(create(folder.path(), "new", "kernel").is_err(), "there is no catalogue");
        assert!(!measures.join("kernel/new.rs").exists());
    }

    /// What the templates give must build in every family, and have the form that is asked of every measure.
    #[test]
    fn a_new_measure_builds() {
        // Always the same folder: cargo then replaces what the last run built instead of adding to it.
        let folder = workspace::target().join("scaffold");
        let _ = fs::remove_dir_all(&folder);
        copy_library(&workspace::root(), &folder);
        let families = families(&folder.join("crates/isorep/src/measures")).unwrap();
        assert!(families.len() > 3, "{families:?}");
        for family in &families {
            create(&folder, &format!("scaffolded-{family}"), family).unwrap();
        }
        let printed = test(&folder, &["--lib", "scaffolded"]);
        assert!(printed.contains(&format!("{} passed", families.len())), "{printed}");
        let printed = test(&folder, &["--test", "catalogue", "--", "--skip", "unwritten"]);
        assert!(printed.contains(" passed; 0 failed"), "{printed}");
    }

    fn test(folder: &Path, what: &[&str]) -> String {
        let done = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["test", "--release", "--offline", "--package", "isorep"])
            .args(what)
            .current_dir(folder)
            // The dependencies are built already.
            .env("CARGO_TARGET_DIR", workspace::target())
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success(), "{printed}\n{}", String::from_utf8_lossy(&done.stderr));
        printed
    }

    /// A workspace of the library alone: nothing else has to be built to try a measure. It asks for every external
    /// dependency of the project, so that they have the same features and what is built of them already can be used.
    /// The library itself has a version of its own: cargo would otherwise take it for the project's, and replace what
    /// is built of that in the shared folder.
    fn copy_library(from: &Path, to: &Path) {
        let library = to.join("crates/isorep");
        copy_folder(&from.join("crates/isorep"), &library);
        fs::copy(from.join("Cargo.lock"), to.join("Cargo.lock")).unwrap();

        let manifest = fs::read_to_string(from.join("Cargo.toml")).unwrap();
        let alone = manifest.lines().filter(|line| !line.starts_with("default-members"));
        let alone =
            alone.map(|line| if line.starts_with("version =") { "version = \"0.0.0\"" } else { line });
        fs::write(to.join("Cargo.toml"), alone.collect::<Vec<_>>().join("\n")).unwrap();

        let mut own = fs::read_to_string(library.join("Cargo.toml")).unwrap();
        let (_, listed) = manifest.split_once("[workspace.dependencies]").unwrap();
        let listed = listed.lines().take_while(|line| !line.starts_with('['));
        let external = listed.filter(|line| !line.starts_with('#') && !line.contains("path ="));
        for name in external.filter_map(|line| line.split_once('=')).map(|(name, _)| name.trim()) {
            if !own.contains(&format!("\n{name}.workspace")) {
                own.extend([name, ".workspace = true\n"]); // the manifest ends with its dev-dependencies
            }
        }
        fs::write(library.join("Cargo.toml"), own).unwrap();
    }

    fn copy_folder(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let (path, target) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
            if path.is_dir() {
                copy_folder(&path, &target);
            } else {
                fs::copy(&path, &target).unwrap();
            }
        }
    }
}
