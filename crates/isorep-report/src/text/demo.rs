//! `isorep demo` as text.

use super::number::number;
use super::table::{Align, Table, wrapped};
use crate::{DemoLayer, DemoReport, RungEntry, ZeroMatch};
use std::fmt::Write;

pub(crate) fn demo(report: &DemoReport) -> String {
    let mut text = networks(report);
    text.push_str(&layers(report));
    text.push_str(&ladders(report));
    text.push_str(&zero_match(&report.zero_match));
    text.push_str("\nWhat was seen\n");
    for paragraph in &report.closing {
        text.push('\n');
        text.push_str(&wrapped("", "", paragraph));
    }
    let _ = writeln!(text, "\nisorep {}", report.isorep);
    text
}

fn networks(report: &DemoReport) -> String {
    let mut text = wrapped(
        "",
        "",
        &format!(
            "{} small convolutional networks, alike but for their seed, were trained for {} epochs on {} handwritten \
             digits of 8 × 8 pixels. Everything below was measured on {} other digits.",
            report.networks.len(),
            report.epochs,
            report.train_images,
            report.test_images
        ),
    );
    text.push('\n');
    let heads = [
        ("seed", Align::Right),
        ("training loss", Align::Right),
        ("right, training", Align::Right),
        ("right, held out", Align::Right),
        ("before training", Align::Right),
    ];
    let mut table = Table::new(1, heads);
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    for network in &report.networks {
        table.row([
            network.seed.to_string(),
            number(network.loss),
            percent(network.train_accuracy),
            percent(network.test_accuracy),
            percent(network.untrained_accuracy),
        ]);
    }
    text.push_str(&table.render());
    text
}

fn layers(report: &DemoReport) -> String {
    let labels = report.layers.first().map(|layer| layer.measures.as_slice()).unwrap_or_default();
    let mut heads = vec![
        ("layer".to_owned(), Align::Left),
        ("n".into(), Align::Right),
        ("d".into(), Align::Right),
        ("rank".into(), Align::Right),
    ];
    heads.extend(labels.iter().map(|measure| (measure.label.clone(), Align::Right)));
    let mut table = Table::new(1, heads);
    for layer in &report.layers {
        let rank = layer.ranks.map_or_else(
            || "–".into(),
            |[low, high]| if low == high { low.to_string() } else { format!("{low}–{high}") },
        );
        let mut row = vec![layer.name.clone(), layer.n.to_string(), layer.d.to_string(), rank];
        row.extend(layer.measures.iter().map(|m| format!("{} ({})", cell(m.trained), cell(m.untrained))));
        table.row(row);
    }
    let mut text =
        String::from("\nEach layer, mean over all pairs of trained networks (before training)\n\n");
    text.push_str(&table.render());
    text.push('\n');
    let mut read: Vec<(&str, Vec<&str>)> = Vec::new();
    for layer in &report.layers {
        match read.iter_mut().find(|(how, _)| *how == layer.read) {
            Some((_, names)) => names.push(&layer.name),
            None => read.push((&layer.read, vec![&layer.name])),
        }
        for measure in layer.measures.iter().filter(|measure| measure.reason.is_some()) {
            let reason = measure.reason.as_deref().unwrap_or_default();
            text.push_str(&wrapped(&format!("{}, {}: ", layer.name, measure.label), "  ", reason));
        }
    }
    for (how, names) in read {
        text.push_str(&wrapped(&format!("{}: ", names.join(", ")), "  ", how));
    }
    text
}

fn cell(value: Option<f64>) -> String {
    value.map_or_else(|| "–".into(), |value| format!("{value:.3}"))
}

fn ladders(report: &DemoReport) -> String {
    let [first, second] = report.ladder_seeds;
    let mut text = format!(
        "\nThe ladder: held-out variance that the best map of each kind explains, seeds {first} → {second} ({second} → {first})\n\n"
    );
    let mut table = Table::new(1, rung_heads(&report.layers));
    let mut highest = f64::NEG_INFINITY;
    for layer in &report.layers {
        let mut row = vec![layer.name.clone()];
        row.extend(layer.rungs.iter().map(both_ways));
        if let Some(reason) = &layer.reason {
            row.push(reason.clone());
        }
        table.row(row);
        let chances = layer.rungs.iter().flat_map(|rung| [rung.forward.chance, rung.backward.chance]);
        highest = chances.flatten().fold(highest, f64::max);
    }
    text.push_str(&table.render());
    if highest.is_finite() {
        let _ = writeln!(
            text,
            "\nwith the inputs of one side permuted ({} times) no mean exceeds {}",
            report.permutations,
            number(highest)
        );
    }
    text
}

fn rung_heads(layers: &[DemoLayer]) -> Vec<(String, Align)> {
    let rungs = layers.iter().map(|layer| layer.rungs.as_slice()).max_by_key(|rungs| rungs.len());
    let rungs = rungs.unwrap_or_default().iter().map(|rung| (rung.map.clone(), Align::Right));
    [("layer".to_owned(), Align::Left)].into_iter().chain(rungs).collect()
}

fn both_ways(rung: &RungEntry) -> String {
    // Adding 0 turns a rounded −0 into 0.
    let rounded = |value: f64| (value * 100.0).round() / 100.0 + 0.0;
    let value =
        |value: Option<f64>| value.map_or_else(|| "–".into(), |value| format!("{:.2}", rounded(value)));
    format!("{} ({})", value(rung.forward.explained), value(rung.backward.explained))
}

fn zero_match(pair: &ZeroMatch) -> String {
    let mut text = String::from("\nTwo ReLU networks that give the same output for every input\n\n");
    let [x, y, joint] = pair.ranks;
    text.push_str(&wrapped(
        "",
        "",
        &format!(
            "One has the hidden units relu(±(o + t w)), relu(±t w), the other has w′ in the place of w ({}); both \
             read out o. On {} inputs their outputs, up to {} in size, differ by {:.1e} at most. Their hidden layers \
             have ranks {x} and {y}, {joint} together.",
            pair.parameters,
            pair.n,
            number(pair.output_size),
            pair.output_difference
        ),
    ));
    text.push('\n');
    let mut table = Table::new(1, [("", Align::Left), ("", Align::Right)]);
    for point in &pair.matches {
        table.row([format!("match at ε = {}", point.epsilon), number(point.similarity)]);
    }
    table.row(["least ε that matches a neuron".to_owned(), number(pair.least_critical_epsilon)]);
    for measure in &pair.measures {
        table.row([measure.label.clone(), measure.trained.map_or_else(|| "–".into(), number)]);
    }
    for rung in &pair.rungs {
        table.row([format!("{} map explains", rung.map), both_ways(rung)]);
    }
    text.push_str(&table.render());
    text
}
