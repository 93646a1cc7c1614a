//! `isorep layers` and `isorep capture` as text: one row a value.

use super::counted;
use super::table::{Align, Table, wrapped};
use crate::{Axis, CaptureReport, CapturedEntry, LayersReport, ValueEntry};
use std::collections::BTreeMap;
use std::fmt::Write;

pub(crate) fn layers(report: &LayersReport) -> String {
    let mut text = format!("{}\n", report.path);
    if !report.inputs.is_empty() {
        text.push_str("\nIt is fed\n\n");
        let mut table = Table::new(1, ["  input", "type", "shape"].map(|head| (head, Align::Left)));
        for input in &report.inputs {
            table.row([format!("  {}", input.name), input.dtype.clone(), shape(input.shape.as_deref())]);
        }
        text.push_str(&table.render());
    }
    let is_model = report.layers.iter().any(|layer| layer.operator.is_some());
    let what = if is_model { ("value", "values") } else { ("layer", "layers") };
    let of =
        report.run_on.as_ref().map_or(String::new(), |path| format!(" that count the inputs, on `{path}`"));
    let _ = write!(text, "\n{}{of}\n\n", counted(report.layers.len(), what.0, what.1));
    let mut heads = vec![("  name", Align::Left), ("shape", Align::Left), ("type", Align::Left)];
    if is_model {
        heads.extend([("operator", Align::Left), ("", Align::Left)]);
    }
    let mut table = Table::new(1, heads);
    for layer in &report.layers {
        let name = format!("  {}", layer.name);
        let dtype = layer.dtype.clone().unwrap_or_else(|| "–".into());
        let operator = layer.operator.clone().unwrap_or_default();
        let row = [name, shape(layer.shape.as_deref()), dtype, operator, remark(layer)];
        table.row(row.into_iter().take(if is_model { 5 } else { 3 }));
    }
    text.push_str(&table.render());
    text.push_str(&left_out(report));
    for note in &report.notes {
        text.push_str(&wrapped("\n", "", note));
    }
    if is_model && report.run_on.is_none() && report.layers.iter().any(|layer| layer.shape.is_none()) {
        text.push_str(&wrapped(
            "\n",
            "",
            "– is not said by the model; `--inputs FILE` runs a few inputs and tells, and leaves out what cannot be a \
             layer",
        ));
    }
    let _ = writeln!(text, "\nisorep {}", report.isorep);
    text
}

fn remark(layer: &ValueEntry) -> String {
    match (&layer.alias_of, layer.is_output) {
        (Some(source), _) => format!("another name of {source}"),
        (None, true) => "output".into(),
        (None, false) => String::new(),
    }
}

/// Reasons, each with the number of values, as models have hundreds of them.
fn left_out(report: &LayersReport) -> String {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for skipped in &report.skipped {
        *reasons.entry(skipped.reason.split(": ").next().unwrap_or_default()).or_default() += 1;
    }
    let line = |(reason, count): (&str, usize)| {
        wrapped("  ", "    ", &format!("{}: {reason}", counted(count, "value", "values")))
    };
    let lines: String = reasons.into_iter().map(line).collect();
    if lines.is_empty() { lines } else { format!("\nLeft out (each by name in --format json)\n\n{lines}") }
}

/// `batch × 3 × 224 × 224`; `?` is open and has no name, `–` is not known.
fn shape(axes: Option<&[Axis]>) -> String {
    let axis = |axis: &Axis| match axis {
        Axis::Size(size) => size.to_string(),
        Axis::Open(name) => name.clone().unwrap_or_else(|| "?".into()),
    };
    match axes {
        None => "–".into(),
        Some([]) => "a single number".into(),
        Some(axes) => axes.iter().map(axis).collect::<Vec<_>>().join(" × "),
    }
}

pub(crate) fn capture(report: &CaptureReport) -> String {
    let sizes = |shape: &[usize]| shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(" × ");
    let mut table = Table::new(
        1,
        [
            ("layer", Align::Left),
            ("saved", Align::Left),
            ("in the model", Align::Left),
            ("operator", Align::Left),
        ],
    );
    for layer in &report.layers {
        let CapturedEntry { name, operator, value_shape, shape, .. } = layer;
        let same = if value_shape == shape { "the same".into() } else { sizes(value_shape) };
        table.row([name.as_str(), &sizes(shape), &same, operator]);
    }
    let mut text = table.render();
    text.push('\n');
    let mut steps: Vec<&str> =
        report.layers.iter().flat_map(|l| l.steps.iter().map(String::as_str)).collect();
    steps.sort_unstable();
    steps.dedup();
    for step in
        report.steps.iter().map(String::as_str).chain(steps).chain(report.notes.iter().map(String::as_str))
    {
        text.push_str(&wrapped("", "  ", step));
    }
    let CaptureReport { model, inputs, n, batch, file, bytes, .. } = report;
    let told = format!(
        "{} of `{model}` on {} of `{inputs}`, run {batch} at a time, saved as `{file}`, {bytes} bytes",
        counted(report.layers.len(), "layer", "layers"),
        counted(*n, "input", "inputs"),
    );
    text.push_str(&wrapped("", "", &told));
    let _ = writeln!(text, "\nisorep {}", report.isorep);
    text
}
