//! `isorep sweep` as text: one row a point, with what permuted inputs give there.

use super::evidence::probability;
use super::number::{share, value_in};
use super::table::{Align, Table, wrapped};
use super::{Reasons, counted, sources};
use crate::{SweepPair, SweepReport};
use isorep::measure::Kind;
use serde_json::Value;
use std::fmt::Write;

pub(crate) fn sweep(report: &SweepReport) -> String {
    let mut text = sources(&report.x, &report.y);
    let settings = &report.settings;
    let arrow = if settings.kind == Kind::Similarity { "↑ similarity" } else { "↓ distance" };
    for pair in &report.pairs {
        let _ = write!(
            text,
            "\n{} × {}, {}: {} ({arrow}) over {}\n\n{}",
            pair.x,
            pair.y,
            counted(pair.n, "input", "inputs"),
            settings.measure,
            settings.over,
            one(report, pair)
        );
    }
    text.push('\n');
    text.push_str(&wrapped(
        "",
        "  ",
        "chance: mean over permuted inputs; p: probability of as much by chance; calibrated: 0 at what one in twenty permuted \
         inputs reaches, 1 at the value of x with itself",
    ));
    let _ = writeln!(
        text,
        "\nisorep {}, seed {}, {} permutations",
        report.isorep, settings.seed, settings.permutations
    );
    text
}

fn one(report: &SweepReport, pair: &SweepPair) -> String {
    let mut reasons = Reasons::default();
    let heads = ["value", "chance", "p", "calibrated"].map(|head| (head.to_owned(), Align::Right));
    let mut table = Table::new(1, [(report.settings.over.clone(), Align::Right)].into_iter().chain(heads));
    for point in &pair.points {
        let at = match &point.at {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let value = match (&point.value, &point.reason) {
            (Some(value), _) => value_in(report.settings.range, *value),
            (None, reason) => reasons.mark(reason.as_deref().unwrap_or_default()),
        };
        let none = || "–".to_owned();
        let chance = point.chance;
        table.row([
            at,
            value,
            chance.map_or_else(none, |chance| value_in(report.settings.range, chance.mean)),
            chance.and_then(|chance| chance.p).map_or_else(none, probability),
            chance.and_then(|chance| chance.calibrated).map_or_else(none, |calibrated| share(calibrated, 2)),
        ]);
    }
    table.render() + &reasons.list()
}
