//! `isorep parity` as text: the verdict first, then one row a layer, then the worst inputs.

use super::counted;
use super::number::{number, share};
use super::table::{Align, Table, wrapped};
use crate::{ParityLayer, ParityReport, WorstInput};
use std::fmt::Write;

const READING: &str = "error ‖y − x‖ / ‖x‖ of the median input, SNR the same in dB, worst that of the worst input; cosine of the \
    median input, without centring; max |y − x| over all inputs; cka debiased and linear, over all numbers of a layer as \
    neurons. `*` is beyond the limit";

pub(crate) fn parity(report: &ParityReport) -> String {
    let mut text = format!("x  {}\ny  {}\n", report.x, report.y);
    if let Some(floor) = &report.floor {
        let _ = writeln!(text, "x again  {floor}");
    }
    for note in &report.notes {
        text.push_str(&wrapped("", "  ", note));
    }
    let on = match (&report.run_on, report.batch) {
        (Some(path), Some(batch)) => format!(", run on `{path}`, {batch} at a time"),
        _ => String::new(),
    };
    let (inputs, layers) = (counted(report.n, "input", "inputs"), report.layers.len());
    text.push_str(&wrapped(
        "\n",
        "",
        &format!("{inputs}{on}; {} in both", counted(layers, "layer", "layers")),
    ));
    text.push('\n');
    text.push_str(&verdict(report));
    text.push('\n');
    text.push_str(&table(report));
    text.push_str(&worst(report));
    text.push_str(&skipped(report));
    text.push('\n');
    text.push_str(&wrapped("", "", READING));
    let s = report.settings;
    let _ = write!(text, "\nisorep {}, limit {}", report.isorep, s.tolerance);
    let floor = report.floor.is_some();
    let _ = writeln!(
        text,
        "{}",
        if floor { format!(", or {} times that of x again", s.times_floor) } else { String::new() }
    );
    text
}

fn verdict(report: &ParityReport) -> String {
    let mut text = String::new();
    let of = |at: usize| &report.layers[at];
    let error = |layer: &ParityLayer| figure(layer.median.relative_error);
    if let Some(first) = &report.first {
        let layer = of(first.at);
        let told = format!(
            "The first layer that diverges is `{}`, number {} of {}: the median input is off by {}, and the limit is {}",
            first.layer,
            first.at + 1,
            report.layers.len(),
            error(layer),
            number(layer.limit),
        );
        text.push_str(&wrapped("", "", &told));
    } else if report.layers.iter().all(|layer| layer.is_identical) {
        text.push_str("No layer diverges: every number is the same.\n");
    } else {
        let size = |layer: &&ParityLayer| layer.median.relative_error.unwrap_or(f64::INFINITY);
        if let Some(most) = report.layers.iter().max_by(|a, b| size(a).total_cmp(&size(b))) {
            let told = format!(
                "No layer diverges: the median input is nowhere off by more than {}, in `{}`",
                error(most),
                most.name
            );
            text.push_str(&wrapped("", "", &told));
        }
    }
    if let Some(any) = &report.first_of_any_input
        && report.first.as_ref().is_none_or(|first| any.at < first.at)
    {
        let layer = of(any.at);
        let told = format!(
            "{} beyond the limit from `{}` on",
            counted(layer.beyond, "input is", "inputs are"),
            any.layer
        );
        text.push_str(&wrapped("", "", &told));
    }
    if let Some(step) = &report.steepest {
        let times = step
            .factor
            .map_or_else(|| "from finite to infinite".into(), |factor| format!("{factor:.1} times"));
        let told = format!("The error grows most at `{}`: {times} that of any layer before", step.layer);
        text.push_str(&wrapped("", "", &told));
    }
    text
}

fn table(report: &ParityReport) -> String {
    let mut heads = vec![
        ("layer", Align::Left),
        ("", Align::Left),
        ("error", Align::Right),
        ("SNR", Align::Right),
        ("cosine", Align::Right),
        ("max", Align::Right),
        ("worst", Align::Right),
        ("cka", Align::Right),
    ];
    if report.floor.is_some() {
        heads.push(("x again", Align::Right));
    }
    let mut table = Table::new(1, heads);
    for layer in &report.layers {
        let mark = if layer.diverges { "*" } else { "" };
        let mut row = vec![layer.name.clone(), mark.into()];
        if layer.is_identical {
            row.extend(["0", "∞", "1", "0", "0"].map(Into::into));
        } else {
            let snr = match (layer.median.relative_error, layer.median.signal_to_noise) {
                (Some(_), Some(decibels)) => format!("{decibels:.1}"),
                (Some(_), None) => "∞".into(),
                (None, _) => "−∞".into(),
            };
            let worst = layer.worst.as_ref().map_or_else(|| "0".into(), |w| figure(w.relative_error));
            row.extend([figure(layer.median.relative_error), snr, cosine(layer.median.cosine)]);
            row.extend([figure(layer.total.largest), worst]);
        }
        row.push(layer.cka.map_or_else(|| "–".into(), |cka| share(cka, 4)));
        if report.floor.is_some() {
            row.push(layer.floor.map_or_else(|| "–".into(), |floor| figure(Some(floor))));
        }
        table.row(row);
    }
    let mut text = table.render();
    let reasons: Vec<&String> = report.layers.iter().filter_map(|layer| layer.cka_reason.as_ref()).collect();
    if let [first, rest @ ..] = reasons.as_slice() {
        let others = if rest.iter().any(|reason| reason != first) {
            " (and other reasons, in --format json)"
        } else {
            ""
        };
        text.push_str(&wrapped("\n– no cka: ", "  ", &format!("{first}{others}")));
    } else if let Some(layer) = report.layers.first().filter(|layer| layer.cka_inputs < report.n) {
        text.push_str(&wrapped("\n", "", &format!("cka is of the first {} inputs", layer.cka_inputs)));
    }
    text
}

/// Two significant digits, as errors span many orders of magnitude.
fn figure(value: Option<f64>) -> String {
    match value {
        None => "∞".into(),
        Some(0.0) => "0".into(),
        Some(value) if (1e-3..1e3).contains(&value) => format!("{value:.4}"),
        Some(value) => format!("{value:.1e}"),
    }
}

/// As many digits as tell it from 1.
fn cosine(value: Option<f64>) -> String {
    value.map_or_else(|| "–".into(), |value| share(value, 6))
}

fn worst(report: &ParityReport) -> String {
    if report.worst.is_empty() {
        return String::new();
    }
    let heads =
        [("  input", Align::Left), ("error", Align::Right), ("cosine", Align::Right), ("max", Align::Right)];
    let mut table = Table::new(1, heads);
    for worst in &report.worst {
        let WorstInput { input, id, relative_error, cosine: of_angle, largest, .. } = worst;
        let name = id.as_ref().map_or_else(|| format!("  {input}"), |id| format!("  {input} ({id})"));
        table.row([name, figure(*relative_error), cosine(*of_angle), figure(*largest)]);
    }
    format!(
        "{}\n{}",
        wrapped("\nThe worst inputs at ", "", &format!("`{}`", report.worst_at)),
        table.render()
    )
}

fn skipped(report: &ParityReport) -> String {
    const NAMED: usize = 5;
    let mut text = String::new();
    for skipped in report.skipped.iter().take(NAMED) {
        text.push_str(&wrapped(&format!("left out `{}`: ", skipped.name), "  ", &skipped.reason));
    }
    if report.skipped.len() > NAMED {
        let _ = writeln!(text, "left out {} more, in --format json", report.skipped.len() - NAMED);
    }
    if text.is_empty() { text } else { format!("\n{text}") }
}
