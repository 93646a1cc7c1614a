//! The closing paragraphs of the demonstration: sentences that are chosen and filled in by the numbers, so that another
//! seed that shows something else is told differently.

use isorep_report::{DemoLayer, DemoReport, RungEntry, number};
use std::fmt::Write;

/// What the numbers say.
pub(super) fn paragraphs(report: &DemoReport) -> Vec<String> {
    let first = [Some(accuracy(report)), contrast(report), training(report)];
    first.into_iter().flatten().chain([zero_match(report)]).collect()
}

fn value(layer: &DemoLayer, id: &str, trained: bool) -> Option<f64> {
    let measure = layer.measures.iter().find(|measure| measure.label.split('(').next() == Some(id))?;
    if trained { measure.trained } else { measure.untrained }
}

/// The worse of both directions of one rung.
fn explained(rungs: &[RungEntry], map: &str) -> Option<f64> {
    let rung = rungs.iter().find(|rung| rung.map == map)?;
    Some(rung.forward.explained?.min(rung.backward.explained?))
}

fn accuracy(report: &DemoReport) -> String {
    let accuracies = report.networks.iter().map(|network| network.test_accuracy);
    let (low, high) = accuracies.fold((1.0_f64, 0.0_f64), |(low, high), a| (low.min(a), high.max(a)));
    let count = report.networks.len();
    let share = if low == high {
        format!("{:.1} %", 100.0 * low)
    } else {
        format!("between {:.1} % and {:.1} %", 100.0 * low, 100.0 * high)
    };
    format!("The {count} networks classify {share} of the held-out digits correctly.")
}

/// The layer that matches least, and what else is true of it.
fn contrast(report: &DemoReport) -> Option<String> {
    let by = |layer: &&DemoLayer| value(layer, "maximum-match", true).unwrap_or(f64::INFINITY);
    let lowest = report.layers.iter().min_by(|a, b| by(a).total_cmp(&by(b)))?;
    let highest =
        report.layers.iter().filter(|layer| by(layer).is_finite()).max_by(|a, b| by(a).total_cmp(&by(b)))?;
    let (least, most) = (value(lowest, "maximum-match", true)?, value(highest, "maximum-match", true)?);
    let mut text = format!(
        "At ε = {} the match of their layers lies between {} ({}) and {} ({}).",
        report.epsilon,
        number(least),
        lowest.name,
        number(most),
        highest.name
    );
    let (cka, affine) = (value(lowest, "cka", true), explained(&lowest.rungs, "affine"));
    if let (Some(cka), Some(affine)) = (cka, affine) {
        let joint = if affine > 0.5 && least < 0.1 { "and yet" } else { "and" };
        let _ = write!(
            text,
            " Of `{}` an affine map explains {:.0} % or more of the held-out variance in either direction, {joint} its \
             match is {}; CKA says {}.",
            lowest.name,
            (100.0 * affine).floor(),
            number(least),
            number(cka)
        );
    }
    Some(text)
}

/// Whether training brought the networks together.
fn training(report: &DemoReport) -> Option<String> {
    let gain =
        |layer: &DemoLayer| Some((value(layer, "mean-match", true)?, value(layer, "mean-match", false)?));
    let gains: Vec<(&str, f64, f64)> = report
        .layers
        .iter()
        .filter_map(|layer| gain(layer).map(|(after, before)| (layer.name.as_str(), after, before)))
        .collect();
    if gains.is_empty() {
        return None;
    }
    let fallen: Vec<&str> =
        gains.iter().filter(|(_, after, before)| after <= before).map(|(name, ..)| *name).collect();
    let cka = |layer: &&DemoLayer| match (value(layer, "cka", true), value(layer, "cka", false)) {
        (Some(after), Some(before)) => before > after,
        _ => false,
    };
    let misled: Vec<&str> = report.layers.iter().filter(cka).map(|layer| layer.name.as_str()).collect();
    let mut text = if fallen.is_empty() {
        format!(
            "The score without ε is higher for trained networks than before training in all {} layers",
            gains.len()
        )
    } else {
        format!(
            "The score without ε is higher for trained networks than before training in {} of {} layers, not in {}",
            gains.len() - fallen.len(),
            gains.len(),
            fallen.join(", ")
        )
    };
    if misled.is_empty() {
        text.push_str(", and so is CKA.");
    } else {
        let _ = write!(
            text,
            "; CKA is higher before training in {}: there it measures what the images and the architecture have in \
             common, not what was learnt.",
            misled.join(", ")
        );
    }
    Some(text)
}

fn zero_match(report: &DemoReport) -> String {
    let pair = &report.zero_match;
    let zero: Vec<String> =
        pair.matches.iter().filter(|at| at.similarity == 0.0).map(|at| at.epsilon.to_string()).collect();
    let same = pair.output_difference <= 1e-12 * pair.output_size.max(1.0);
    if zero.is_empty() || !same {
        return format!(
            "The ReLU pair did not show what it should: outputs differ by {:.1e}, match 0 at {} of {} values of ε.",
            pair.output_difference,
            zero.len(),
            pair.matches.len()
        );
    }
    format!(
        "The two ReLU networks compute the same function, and their hidden layers have match 0 at ε = {}: no neuron of \
         one lies nearer than {} of its length to what the other spans. The output they share is {:.1} % of the variance of a hidden layer; \
         all else in it cancels on the way out. A match of zero therefore does not show \
         that two networks compute different things; read it beside the ranks, the score and the ladder.",
        zero.join(", "),
        number(pair.least_critical_epsilon),
        100.0 * pair.shared_variance
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use isorep_report::{CurvePoint, DemoMeasure, DemoNetwork, RungValue, ZeroMatch};

    fn rung(map: &str, explained: f64) -> RungEntry {
        let value = RungValue { explained: Some(explained), chance: None, chance_sd: None, reason: None };
        RungEntry { map: map.into(), inputs: 100, forward: value.clone(), backward: value }
    }

    fn layer(name: &str, [match_, score, cka]: [f64; 3], [score_before, cka_before]: [f64; 2]) -> DemoLayer {
        let measure = |label: &str, trained, untrained| DemoMeasure {
            label: label.into(),
            trained: Some(trained),
            untrained: Some(untrained),
            reason: None,
        };
        DemoLayer {
            name: name.into(),
            read: String::new(),
            n: 100,
            d: 5,
            ranks: None,
            measures: vec![
                measure("maximum-match", match_, 0.0),
                measure("mean-match", score, score_before),
                measure("cka", cka, cka_before),
            ],
            rungs: vec![rung("affine", 0.8)],
            reason: None,
        }
    }

    fn report(layers: Vec<DemoLayer>, output_difference: f64) -> DemoReport {
        let network = |seed, test_accuracy| DemoNetwork {
            seed,
            loss: 0.0,
            train_accuracy: 1.0,
            test_accuracy,
            untrained_accuracy: 0.1,
        };
        DemoReport {
            schema: 1,
            isorep: String::new(),
            epochs: 1,
            train_images: 1,
            test_images: 1,
            epsilon: 0.25,
            networks: vec![network(0, 0.5), network(1, 0.75)],
            layers,
            ladder_seeds: [0, 1],
            permutations: 0,
            zero_match: ZeroMatch {
                parameters: String::new(),
                n: 1,
                output_size: 1.0,
                output_difference,
                shared_variance: 0.04,
                ranks: [4, 4, 7],
                matches: vec![CurvePoint { epsilon: 0.5, similarity: 0.0 }],
                least_critical_epsilon: 0.9,
                measures: vec![],
                rungs: vec![],
            },
            closing: vec![],
        }
    }

    #[test]
    fn the_words_follow_the_numbers() {
        let alike = layer("fc", [0.7, 0.6, 0.9], [0.5, 0.4]);
        let apart = layer("conv", [0.0, 0.3, 0.2], [0.4, 0.5]);
        let words = paragraphs(&report(vec![alike.clone(), apart], 0.0)).join(" ");
        for part in [
            "between 50.0 % and 75.0 %",
            "between 0.0000 (conv) and 0.7000 (fc)",
            "an affine map explains 80 %",
            "and yet its match is 0.0000",
            "in 1 of 2 layers, not in conv",
            "CKA is higher before training in conv",
            "match 0 at ε = 0.5",
        ] {
            assert!(words.contains(part), "`{part}` is missing in: {words}");
        }
        let words = paragraphs(&report(vec![alike], 0.1)).join(" ");
        assert!(words.contains("in all 1 layers, and so is CKA"), "{words}");
        assert!(words.contains("did not show what it should"), "{words}");
        assert!(!words.contains("and yet"), "{words}");
    }
}
