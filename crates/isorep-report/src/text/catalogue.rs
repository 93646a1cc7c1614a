//! `isorep list` and `isorep explain` as text.

use super::number::number;
use super::table::{Align, Table, wrapped};
use crate::{Catalogue, CatalogueEntry};
use isorep::measure::{Family, Kind};
use serde_json::Value;
use std::fmt::Write;

pub(crate) fn catalogue(catalogue: &Catalogue) -> String {
    let mut families: Vec<Family> = catalogue.0.iter().map(|entry| entry.family).collect();
    families.sort_unstable();
    families.dedup();
    let mut table =
        Table::new(1, ["measure", "", "range", "needs", "unchanged by"].map(|head| (head, Align::Left)));
    for family in families {
        table.row([heading(family)]);
        for entry in catalogue.0.iter().filter(|entry| entry.family == family) {
            let arrow = if entry.kind == Kind::Similarity { "↑" } else { "↓" };
            let same = if entry.equal_widths { "=" } else { "" };
            let free = if entry.aligned { "" } else { "~" };
            let marks = format!("{arrow}{same}{free}");
            let needs = entry.needs.replace("moments with a triangular factor", "factor");
            // Short enough for one line.
            let unchanged = unchanged(entry).replace("any ", "").replace("x: ", "x ").replace("y: ", "y ");
            table.row([format!("  {}", entry.id), marks, range(entry), needs, unchanged]);
        }
    }
    let mut text = table.render();
    text.push_str("\n↑ larger is more alike, ↓ smaller is more alike\n");
    text.push_str("= both sides must have as many columns\n");
    text.push_str("~ row i of both sides need not be the same input: `isorep compare --unaligned`\n");
    text.push_str(&wrapped(
        "needs ",
        "  ",
        "rows: the activations themselves; factor, moments: sums over the inputs are enough (with a triangular factor), \
         so data of any length can be read in pieces; labels, groups, raw input: what belongs to the inputs, given with \
         `--labels`, `--groups`, `--input`",
    ));
    let _ = writeln!(text, "{} measures; `isorep explain ID` shows the page of one", catalogue.0.len());
    text
}

fn heading(family: Family) -> &'static str {
    match family {
        Family::Subspace => "subspace",
        Family::Canonical => "canonical",
        Family::Alignment => "alignment",
        Family::Kernel => "kernel",
        Family::Rdm => "rdm",
        Family::Neighbors => "neighbors",
        Family::Topology => "topology",
        Family::Statistics => "statistics",
        Family::Functional => "functional",
    }
}

fn range(entry: &CatalogueEntry) -> String {
    let bound = |bound: Option<f64>, infinite: &str| match bound {
        Some(bound) if bound.fract() == 0.0 => format!("{bound}"),
        Some(bound) => number(bound),
        None => infinite.into(),
    };
    format!("{} … {}", bound(entry.range[0], "-∞"), bound(entry.range[1], "∞"))
}

fn unchanged(entry: &CatalogueEntry) -> String {
    let list = |changes: &[String]| if changes.is_empty() { "nothing".into() } else { changes.join(", ") };
    if entry.invariance_x == entry.invariance_y {
        list(&entry.invariance_x)
    } else {
        format!("x: {}; y: {}", list(&entry.invariance_x), list(&entry.invariance_y))
    }
}

/// The page of one measure, with what follows from its properties below.
pub(crate) fn page(entry: &CatalogueEntry) -> String {
    let mut text = format!("{} – {}\n\n", entry.id, entry.title);
    text.push_str(&markdown(&entry.page));
    text.push_str("\nProperties\n");
    let yes = |is: bool| if is { "yes" } else { "no" };
    let kind = if entry.kind == Kind::Similarity {
        "similarity: larger is more alike"
    } else {
        "distance: smaller is more alike"
    };
    let identity =
        entry.identity.map_or_else(|| "depends on the representation".into(), |value| format!("{value}"));
    let rows = if entry.aligned {
        "row i of both sides must be the same input"
    } else {
        "row i of both sides need not be the same input, and their numbers may differ"
    };
    let widths = if entry.equal_widths { "both sides must have as many columns" } else { "any" };
    for (name, value) in [
        ("formula", entry.formula.as_str()),
        ("kind", kind),
        ("range", &range(entry)),
        ("against itself", &identity),
        ("symmetric", yes(entry.symmetric)),
        ("metric", yes(entry.metric)),
        ("unchanged by", &unchanged(entry)),
        ("needs", &entry.needs),
        ("rows", rows),
        ("widths", widths),
        ("from", &entry.reference),
    ] {
        text.push_str(&wrapped(&format!("  {name:14}  "), "                  ", value));
    }
    if !entry.options.is_empty() {
        text.push_str("\nOptions\n");
        for option in &entry.options {
            let default = match &option.default {
                _ if option.required => "… (must be given)".to_owned(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let first = format!("  {}={default}  ", option.name);
            text.push_str(&wrapped(&first, "      ", &option.description));
        }
    }
    text
}

/// Markdown for a terminal: headings without their marks, code indented instead of fenced and without the lines that
/// documentation hides, paragraphs broken anew.
pub(crate) fn markdown(page: &str) -> String {
    let mut text = String::new();
    let mut in_code = false;
    let mut paragraph = String::new();
    for line in page.lines() {
        let is_fence = line.trim_start().starts_with("```");
        let is_prose = !is_fence && !in_code && !line.is_empty() && !line.starts_with(['#', '|']);
        let begins = line.starts_with("- ") || line.starts_with("> ");
        if !is_prose || begins {
            text.push_str(&prose(&std::mem::take(&mut paragraph)));
        }
        if is_fence {
            in_code = !in_code;
        } else if in_code {
            if line != "#" && !line.starts_with("# ") {
                let _ = writeln!(text, "{}", format!("    {line}").trim_end());
            }
        } else if is_prose {
            paragraph.push_str(line.trim());
            paragraph.push(' ');
        } else {
            let _ = writeln!(text, "{}", line.trim_start_matches('#').trim());
        }
    }
    text + &prose(&paragraph)
}

/// A paragraph, broken to the width of a terminal; a quoted formula is indented, a list hangs.
fn prose(paragraph: &str) -> String {
    if paragraph.is_empty() {
        return String::new();
    }
    let paragraph = paragraph.replace("\\*", "*");
    match paragraph.split_at_checked(2) {
        Some(("> ", formula)) => wrapped("    ", "    ", formula),
        Some(("- ", item)) => wrapped("- ", "  ", item),
        _ => wrapped("", "", &paragraph),
    }
}
