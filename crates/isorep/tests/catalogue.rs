//! What is written about every measure has the agreed form, since help, pages and reports are made from it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use isorep::{Entry, MEASURES, find};
use std::collections::BTreeSet;

const HEADINGS: [&str; 7] = [
    "## Definition",
    "## Reading it",
    "## Undefined when",
    "## Cost",
    "## Other packages",
    "## Examples",
    "## References",
];

/// Reports everything that is wrong at once.
fn for_every_entry(rule: &str, check: impl Fn(&Entry) -> Vec<String>) {
    let wrong: Vec<String> = MEASURES
        .iter()
        .flat_map(|entry| check(entry).into_iter().map(|what| format!("  {}: {what}", entry.info().id)))
        .collect();
    assert!(wrong.is_empty(), "{rule}:\n{}", wrong.join("\n"));
}

#[test]
fn ids_are_kebab_case_and_unique() {
    let mut seen = BTreeSet::new();
    for entry in MEASURES {
        let id = entry.info().id;
        let word = |w: &str| !w.is_empty() && w.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        assert!(id.split('-').all(word) && !id.starts_with(|c: char| c.is_ascii_digit()), "`{id}`");
        assert!(!["-score", "-distance", "-similarity"].iter().any(|end| id.ends_with(end)), "`{id}`");
        assert!(seen.insert(id), "`{id}` is listed twice");
        assert_eq!(find(id).unwrap().info(), entry.info());
    }
}

#[test]
fn the_default_is_the_first_sample() {
    for_every_entry("the first sample is the default", |entry| {
        let first = entry.samples().into_iter().next();
        let label = first.map(|measure| measure.label());
        // Options without a default always show, and nothing else does.
        let shown: Vec<String> = entry
            .default_measure()
            .options()
            .into_iter()
            .filter(|(name, _)| entry.required().contains(&name.as_str()))
            .map(|(name, value)| {
                format!("{name}={}", value.as_str().map_or(value.to_string(), str::to_owned))
            })
            .collect();
        let id = entry.info().id;
        let expected = if shown.is_empty() { id.to_owned() } else { format!("{id}({})", shown.join(", ")) };
        if label == Some(expected) { Vec::new() } else { vec![format!("{label:?}")] }
    });
}

#[test]
fn required_options_are_asked_for_with_their_choices() {
    for_every_entry("a label without required options is refused", |entry| {
        let info = entry.info();
        let bare = info.id.parse::<isorep::AnyMeasure>().map_err(|error| error.to_string());
        let asked = |name: &&str| {
            let (_, choices) = info.options.iter().find(|(option, _)| option == name)?;
            bare.as_ref().is_err_and(|error| error.contains(*name) && error.contains(choices)).then_some(())
        };
        let fine = match entry.required() {
            [] => bare.is_ok(),
            required => required.iter().all(|name| asked(name).is_some()),
        };
        if fine { Vec::new() } else { vec![format!("{bare:?}")] }
    });
}

#[test]
fn described_options_are_the_serialised_fields() {
    for_every_entry("options in `Info` are the fields, in their order", |entry| {
        let described: Vec<&str> = entry.info().options.iter().map(|(name, _)| *name).collect();
        let options = entry.default_measure().options();
        let fields: Vec<&str> = options.keys().map(String::as_str).collect();
        let mut wrong = Vec::new();
        if described != fields {
            wrong.push(format!("described {described:?}, serialised {fields:?}"));
        }
        for (name, text) in entry.info().options {
            let kebab =
                name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c));
            if !kebab || text.is_empty() {
                wrong.push(format!("option `{name}`: \"{text}\""));
            }
        }
        wrong
    });
}

#[test]
fn texts_are_there() {
    for_every_entry("title, formula and reference", |entry| {
        let info = entry.info();
        let cited = |text: &str| text.contains("doi:10.") || text.contains("arXiv:");
        let mut wrong = Vec::new();
        if info.title.is_empty() || info.formula.is_empty() || info.formula.contains('\n') {
            wrong.push("title or formula is missing".to_owned());
        }
        if !cited(info.reference) {
            wrong.push(format!("the reference has no doi: or arXiv: \"{}\"", info.reference));
        }
        wrong
    });
}

/// `cargo xtask new-measure` marks so what its author has to fill in.
#[test]
fn nothing_is_left_unwritten() {
    for_every_entry("texts are written", |entry| {
        let info = entry.info();
        let texts = [info.title, info.formula, info.reference, info.doc];
        texts.iter().filter(|text| text.contains("unwritten")).map(|text| (*text).to_owned()).collect()
    });
}

#[test]
fn pages_have_their_headings_in_order() {
    for_every_entry("pages", |entry| {
        let info = entry.info();
        let mut wrong = Vec::new();
        let lines: Vec<&str> = info.doc.lines().collect();
        let headings: Vec<&str> = lines.iter().copied().filter(|line| line.starts_with('#')).collect();
        // Inside code a hidden line of an example starts with # too.
        let headings: Vec<&str> = headings.into_iter().filter(|line| line.starts_with("##")).collect();
        if headings != HEADINGS {
            wrong.push(format!("headings are {headings:?}"));
            return wrong;
        }
        let summary = lines.first().copied().unwrap_or_default();
        if summary.starts_with('#') || !summary.ends_with('.') || lines.get(1) != Some(&"") {
            wrong.push(format!("the first line is not a one-sentence summary: \"{summary}\""));
        }
        if lines.len() > 80 {
            wrong.push(format!("{} lines, more than 80", lines.len()));
        }
        let section = |heading: &str| {
            let after = info.doc.split_once(&format!("{heading}\n")).map_or("", |(_, after)| after);
            after.split("\n## ").next().unwrap_or_default().trim().to_owned()
        };
        for heading in HEADINGS.iter().filter(|heading| section(heading).is_empty()) {
            wrong.push(format!("\"{heading}\" is empty"));
        }
        let examples = section("## Examples");
        if !examples.contains("```rust") || !examples.contains("```text") || !examples.contains(info.id) {
            wrong.push("the examples need a rust block and a text block that name the measure".into());
        }
        if !["doi:10.", "doi.org/10.", "arXiv:", "arxiv.org/abs"]
            .iter()
            .any(|c| section("## References").contains(c))
        {
            wrong.push("the references have no doi and no arXiv number".into());
        }
        wrong
    });
}
