//! `isorep compare` as text: a list of measures for one pair, a table of pairs for aligned layers, and a table of
//! layers × layers for each measure of a whole grid.

use super::number::value_in;
use super::table::{Align, Table, wrapped};
use super::{Reasons, counted, evidence, sources};
use crate::{Comparison, ContextEntry, MeasureEntry, PairEntry, Pairing, ReadingEntry};
use isorep::measure::Kind;
use std::fmt::Write;

pub(crate) fn comparison(report: &Comparison) -> String {
    let mut text = sources(&report.x, &report.y);
    text.push_str(&known(report));
    text.push('\n');
    let mut reasons = Reasons::default();
    match (report.pairs.as_slice(), report.settings.pairing) {
        ([], _) => text.push_str("No pair was finished.\n"),
        ([pair], _) => text.push_str(&one(report, pair, &mut reasons)),
        (_, Pairing::Aligned) => text.push_str(&aligned(report, &mut reasons)),
        (_, Pairing::All) => text.push_str(&grid(report, &mut reasons)),
    }
    text.push_str(&reasons.list());
    text.push_str(&evidence::best(report));
    text.push_str(&evidence::warnings(report));
    text.push_str(&evidence::verdicts(report));
    text.push_str(&legend(report));
    if report.interrupted {
        text.push_str("\nInterrupted: pairs that were not finished are missing.\n");
    }
    let _ = writeln!(text, "\nisorep {}, seed {}", report.isorep, report.settings.seed);
    text
}

/// What was read about the inputs besides their activations.
fn known(report: &Comparison) -> String {
    let line = |entry: &ContextEntry| {
        let place = match &entry.entry {
            Some(name) => format!("`{name}` of {}", entry.path),
            None => entry.path.clone(),
        };
        let told = [&[String::new()], entry.steps.as_slice()].concat().join("; ");
        wrapped(
            &format!("{}: ", entry.what),
            "  ",
            &format!("{place}, {}{told}", counted(entry.n, "input", "inputs")),
        )
    };
    let mut text: String = report.context.iter().map(line).collect();
    if report.settings.unaligned {
        text.push_str("unaligned: row i of x and row i of y need not be the same input\n");
    }
    if text.is_empty() { text } else { format!("\n{text}") }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Similarity => "↑ similarity",
        Kind::Distance => "↓ distance",
    }
}

/// All measures of one pair, one below the other.
fn one(report: &Comparison, pair: &PairEntry, reasons: &mut Reasons) -> String {
    let mut table =
        if pair.judgement.is_some() { weighed(report, pair, reasons) } else { plain(report, pair, reasons) };
    table.push_str(&evidence::references(report, pair));
    let names = if report.x.layers.len() > 1 || report.y.layers.len() > 1 {
        format!("{} × {}, ", pair.x, pair.y)
    } else {
        String::new()
    };
    let inputs = match pair.n_y {
        Some(n_y) => format!("{} and {n_y} inputs", pair.n),
        None => counted(pair.n, "input", "inputs"),
    };
    format!("{names}{inputs}\n\n{table}")
}

/// Bare numbers.
fn plain(report: &Comparison, pair: &PairEntry, reasons: &mut Reasons) -> String {
    let columns =
        [("measure", Align::Left), ("value", Align::Right), ("chance", Align::Right), ("", Align::Left)];
    let mut table = Table::new(1, columns);
    for (reading, measure) in pair.readings.iter().zip(&report.measures) {
        let value = cell(measure, reading, reasons);
        let chance = reading.chance.map_or_else(|| "–".into(), |chance| value_in(measure.range, chance));
        table.row([reading.label.as_str(), &value, &chance, kind(reading.kind)]);
    }
    table.render()
}

/// Numbers with their evidence.
fn weighed(report: &Comparison, pair: &PairEntry, reasons: &mut Reasons) -> String {
    let right = ["value", "chance", "p", "interval", "calibrated"].map(|head| (head, Align::Right));
    let columns = [&[("measure", Align::Left)], &right[..], &[("warnings", Align::Left)]].concat();
    let mut table = Table::new(1, columns);
    for (reading, measure) in pair.readings.iter().zip(&report.measures) {
        let arrow = if reading.kind == Kind::Similarity { "↑" } else { "↓" };
        let head = [format!("{} {arrow}", reading.label), cell(measure, reading, reasons)];
        table.row(head.into_iter().chain(evidence::cells(measure, reading)));
    }
    table.render()
}

/// One row a pair of layers, one column a measure.
fn aligned(report: &Comparison, reasons: &mut Reasons) -> String {
    let same = report.pairs.iter().all(|pair| pair.x == pair.y);
    let keys = if same { vec!["layer"] } else { vec!["x", "y"] };
    let heads = keys.iter().map(|key| ((*key).to_owned(), Align::Left));
    let measures = report.measures.iter().map(|measure| (head(measure), Align::Right));
    let mut table = Table::new(keys.len(), heads.chain(measures));
    for pair in &report.pairs {
        let names = if same { vec![pair.x.clone()] } else { vec![pair.x.clone(), pair.y.clone()] };
        let readings = pair.readings.iter().zip(&report.measures);
        let values = readings.map(|(reading, measure)| marked(measure, reading, reasons)).collect::<Vec<_>>();
        table.row(names.into_iter().chain(values));
    }
    table.render()
}

/// One table of layers × layers for each measure.
fn grid(report: &Comparison, reasons: &mut Reasons) -> String {
    let mut text = String::new();
    for (at, measure) in report.measures.iter().enumerate() {
        let ys = report.y.layers.iter().map(|layer| (layer.name.clone(), Align::Right));
        let mut table = Table::new(1, [("x \\ y".to_owned(), Align::Left)].into_iter().chain(ys));
        for x in &report.x.layers {
            let of_y = |y: &str| report.pairs.iter().find(|pair| pair.x == x.name && pair.y == y);
            let mut row = vec![x.name.clone()];
            for y in &report.y.layers {
                row.push(
                    of_y(&y.name)
                        .map_or_else(String::new, |pair| marked(measure, &pair.readings[at], reasons)),
                );
            }
            table.row(row);
        }
        let gap = if at == 0 { "" } else { "\n" };
        let _ = write!(text, "{gap}{} ({})\n\n{}", measure.label, kind(measure.kind), table.render());
    }
    text
}

fn head(measure: &MeasureEntry) -> String {
    let arrow = if measure.kind == Kind::Similarity { "↑" } else { "↓" };
    format!("{} {arrow}", measure.label)
}

/// The value; marked if there is a warning about it.
fn marked(measure: &MeasureEntry, reading: &ReadingEntry, reasons: &mut Reasons) -> String {
    let mark = if reading.warnings.is_empty() { "" } else { "!" };
    format!("{}{mark}", cell(measure, reading, reasons))
}

fn cell(measure: &MeasureEntry, reading: &ReadingEntry, reasons: &mut Reasons) -> String {
    match (&reading.value, &reading.reason) {
        (Some(value), _) => value_in(measure.range, *value),
        (None, Some(reason)) => reasons.mark(reason),
        (None, None) => "–".into(),
    }
}

/// What arrows mean, and the chance level of each measure, the most alike of all pairs: a value near it says nothing.
fn legend(report: &Comparison) -> String {
    let level = |(at, measure): (usize, &MeasureEntry)| {
        let chances = report.pairs.iter().filter_map(|pair| pair.readings[at].chance);
        let most_alike = match measure.kind {
            Kind::Similarity => chances.max_by(f64::total_cmp),
            Kind::Distance => chances.min_by(f64::total_cmp),
        };
        most_alike.map(|chance| format!("{} {}", measure.label, value_in(measure.range, chance)))
    };
    let mut text = String::from("\n↑ larger is more alike, ↓ smaller is more alike");
    if let [PairEntry { judgement: Some(_), .. }] = report.pairs.as_slice() {
        text.push('\n');
        text.push_str(&evidence::legend(report));
        text.push_str(&further(report));
        return text;
    }
    if report.pairs.len() == 1 {
        text.push_str("; chance is the mean over permuted inputs,\n");
        text.push_str("– where no closed form is known\n");
        text.push_str(&further(report));
        return text;
    }
    let is_marked = |pair: &PairEntry| pair.readings.iter().any(|reading| !reading.warnings.is_empty());
    if report.pairs.iter().any(is_marked) {
        text.push_str(", ! see the warnings");
    }
    text.push('\n');
    let levels: Vec<String> = report.measures.iter().enumerate().filter_map(level).collect();
    if !levels.is_empty() {
        text.push_str(&super::wrapped("by chance, at the most alike pair: ", "  ", &levels.join(", ")));
    }
    text.push_str(&further(report));
    text
}

/// Where to read on; where a match is 0, that this alone shows little.
fn further(report: &Comparison) -> String {
    let is_zero = |r: &ReadingEntry| r.id == "maximum-match" && r.value == Some(0.0);
    let mut text = String::from("`isorep explain ID` says how to read a measure\n");
    if report.pairs.iter().flat_map(|pair| &pair.readings).any(is_zero) {
        text.push_str(&super::wrapped(
            "",
            "",
            "a match of 0 does not show that two layers differ in what they compute: `isorep match` has the match for \
             every ε, `isorep ladder` tells which maps lead from one layer to the other",
        ));
    }
    text
}
