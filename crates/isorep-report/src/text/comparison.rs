//! `isorep compare` as text: a list of measures for one pair, a table of pairs for aligned layers, and a table of
//! layers × layers for each measure of a whole grid.

use super::number::number;
use super::table::{Align, Table};
use super::{Reasons, sources};
use crate::{Comparison, MeasureEntry, PairEntry, Pairing, ReadingEntry};
use isorep::measure::Kind;
use std::fmt::Write;

pub(crate) fn comparison(report: &Comparison) -> String {
    let mut text = sources(&report.x, &report.y);
    text.push('\n');
    let mut reasons = Reasons::default();
    match (report.pairs.as_slice(), report.settings.pairing) {
        ([], _) => text.push_str("No pair was finished.\n"),
        ([pair], _) => text.push_str(&one(report, pair)),
        (_, Pairing::Aligned) => text.push_str(&aligned(report, &mut reasons)),
        (_, Pairing::All) => text.push_str(&grid(report, &mut reasons)),
    }
    text.push_str(&reasons.list());
    if report.pairs.len() > 1 {
        text.push_str(&legend(report));
    }
    if report.interrupted {
        text.push_str("\nInterrupted: pairs that were not finished are missing.\n");
    }
    let _ = writeln!(text, "\nisorep {}, seed {}", report.isorep, report.settings.seed);
    text
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Similarity => "↑ similarity",
        Kind::Distance => "↓ distance",
    }
}

/// All measures of one pair, one below the other.
fn one(report: &Comparison, pair: &PairEntry) -> String {
    let columns =
        [("measure", Align::Left), ("value", Align::Right), ("chance", Align::Right), ("", Align::Left)];
    let mut table = Table::new(1, columns);
    let mut undefined = String::new();
    for reading in &pair.readings {
        let chance = reading.chance.map_or_else(|| "–".into(), number);
        let value = reading.value.map_or_else(|| "–".into(), number);
        table.row([reading.label.as_str(), &value, &chance, kind(reading.kind)]);
        if let Some(reason) = &reading.reason {
            undefined.push_str(&super::wrapped(&format!("{}: ", reading.label), "  ", reason));
        }
    }
    let names = if report.x.layers.len() > 1 || report.y.layers.len() > 1 {
        format!("{} × {}, ", pair.x, pair.y)
    } else {
        String::new()
    };
    let gap = if undefined.is_empty() { "" } else { "\n" };
    let arrows =
        "\n↑ larger is more alike, ↓ smaller is more alike; chance is the mean over permuted inputs\n";
    format!("{names}{} inputs\n\n{}{gap}{undefined}{arrows}", pair.n, table.render())
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
        let values = pair.readings.iter().map(|reading| cell(reading, reasons)).collect::<Vec<_>>();
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
                row.push(of_y(&y.name).map_or_else(String::new, |pair| cell(&pair.readings[at], reasons)));
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

fn cell(reading: &ReadingEntry, reasons: &mut Reasons) -> String {
    match (&reading.value, &reading.reason) {
        (Some(value), _) => number(*value),
        (None, Some(reason)) => reasons.mark(reason),
        (None, None) => "–".into(),
    }
}

/// What arrows mean, and the highest chance level of each measure: a value near it says nothing.
fn legend(report: &Comparison) -> String {
    let highest = |at: usize| {
        let chances = report.pairs.iter().filter_map(|pair| pair.readings[at].chance);
        chances.max_by(f64::total_cmp)
    };
    let levels: Vec<String> = (0..report.measures.len())
        .filter_map(|at| highest(at).map(|level| format!("{} {}", report.measures[at].label, number(level))))
        .collect();
    let mut text = String::from("\n↑ larger is more alike, ↓ smaller is more alike\n");
    if !levels.is_empty() {
        text.push_str(&super::wrapped("highest chance level: ", "  ", &levels.join(", ")));
    }
    text
}
