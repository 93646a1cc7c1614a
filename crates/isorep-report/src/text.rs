//! Text: tables for people, in a terminal of 100 columns, with everything that was done to the data above them.

mod catalogue;
mod comparison;
mod demo;
mod evidence;
mod ladder;
mod layers;
mod matching;
pub(crate) mod number;
mod parity;
mod sweep;
pub(crate) mod table;

pub(crate) use catalogue::{catalogue, markdown, page};
pub(crate) use comparison::comparison;
pub(crate) use demo::demo;
pub(crate) use ladder::ladder;
pub(crate) use layers::{capture, layers};
pub(crate) use matching::matching;
pub(crate) use parity::parity;
pub(crate) use sweep::sweep;

use crate::{LayerEntry, Source};
use table::{Align, Table, wrapped};

/// Both sides: which layers, how large, and what was done to them.
fn sources(x: &Source, y: &Source) -> String {
    let mut table = Table::new(
        2,
        [
            ("", Align::Left),
            ("source", Align::Left),
            ("layer", Align::Left),
            ("n", Align::Right),
            ("d", Align::Right),
            ("rank", Align::Right),
            ("read", Align::Left),
        ],
    );
    let mut below = String::new();
    for (side, source) in [("x", x), ("y", y)] {
        for (at, layer) in source.layers.iter().enumerate() {
            let (side, path) = if at == 0 { (side, source.path.as_str()) } else { ("", "") };
            let rank = layer.rank.map_or_else(|| "–".into(), |rank| rank.to_string());
            let (n, d) = (layer.n.to_string(), layer.d.to_string());
            table.row([side, path, &layer.name, &n, &d, &rank, &shape(layer)]);
            if let Some(reason) = &layer.rank_reason {
                below.push_str(&wrapped(&format!("{side} {}: no rank, ", layer.name), "  ", reason));
            }
        }
        below.push_str(&steps(side, source));
        for skipped in &source.skipped {
            below.push_str(&wrapped(&format!("{side} left out `{}`: ", skipped.name), "  ", &skipped.reason));
        }
        for note in &source.notes {
            below.push_str(&wrapped(&format!("{side} "), "  ", note));
        }
    }
    let gap = if below.is_empty() { "" } else { "\n" };
    format!("{}{gap}{below}", table.render())
}

/// The shape in the file, if it is another than inputs × neurons.
fn shape(layer: &LayerEntry) -> String {
    let sizes: Vec<String> = layer.shape.iter().map(ToString::to_string).collect();
    if layer.shape == [layer.n, layer.d] {
        "as stored".into()
    } else {
        format!("from {}", sizes.join(" × "))
    }
}

/// What was done to each layer; layers with the same steps share a line.
fn steps(side: &str, source: &Source) -> String {
    let mut groups: Vec<(&[String], Vec<&str>)> = Vec::new();
    for layer in source.layers.iter().filter(|layer| !layer.steps.is_empty()) {
        match groups.iter_mut().find(|(steps, _)| *steps == layer.steps) {
            Some((_, names)) => names.push(&layer.name),
            None => groups.push((&layer.steps, vec![&layer.name])),
        }
    }
    let line = |(steps, names): (&[String], Vec<&str>)| {
        wrapped(&format!("{side} "), "  ", &format!("{}: {}", names.join(", "), steps.join("; ")))
    };
    groups.into_iter().map(line).collect()
}

/// The reason alone, where a table has said already that there is no number.
fn plain(reason: &str) -> &str {
    reason.strip_prefix("undefined: ").unwrap_or(reason)
}

/// `1 match` or `2 matches`.
fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

/// Reasons why there is no number, each once, and the mark that stands for it in a table.
#[derive(Default)]
struct Reasons(Vec<String>);

impl Reasons {
    /// `[k]`, where the k-th reason is this one.
    fn mark(&mut self, reason: &str) -> String {
        let at = self.0.iter().position(|known| known == reason).unwrap_or_else(|| {
            self.0.push(reason.into());
            self.0.len() - 1
        });
        format!("[{}]", at + 1)
    }

    /// The list below the table.
    fn list(&self) -> String {
        let line = |(at, reason): (usize, &String)| {
            let mark = format!("[{}] ", at + 1);
            wrapped(&mark, &" ".repeat(mark.len()), &format!("no number: {}", plain(reason)))
        };
        let lines: String = self.0.iter().enumerate().map(line).collect();
        if lines.is_empty() { lines } else { format!("\n{lines}") }
    }
}
