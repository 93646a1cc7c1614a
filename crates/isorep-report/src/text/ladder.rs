//! `isorep ladder` as text: one row a kind of map, from strict to loose, in both directions beside their chance level.

use super::number::share;
use super::table::{Align, Table, wrapped};
use super::{Reasons, counted, plain, sources};
use crate::{LadderPair, LadderReport, RungValue};
use std::fmt::Write;

const READING: &str = "share of the held-out variance that the best map of each kind explains: 1 is exact, 0 is what the \
    mean achieves, below 0 is worse than the mean; chance is the same with the inputs of one side permuted. The first map \
    that explains much more than the one above it says what the two layers share; from `linear` on, what is explained in \
    one direction only is held by one side only";

pub(crate) fn ladder(report: &LadderReport) -> String {
    let mut text = sources(&report.x, &report.y);
    for pair in &report.pairs {
        let _ = write!(text, "\n{} × {}, {}\n\n", pair.x, pair.y, counted(pair.n, "input", "inputs"));
        match &pair.reason {
            Some(reason) => text.push_str(&wrapped("  no ladder: ", "  ", plain(reason))),
            None => text.push_str(&one(pair)),
        }
    }
    text.push('\n');
    text.push_str(&wrapped("", "", READING));
    let s = report.settings;
    let _ = writeln!(
        text,
        "\nisorep {}, seed {}, {} folds, {} permutations",
        report.isorep, s.seed, s.folds, s.permutations
    );
    text
}

fn one(pair: &LadderPair) -> String {
    let mut reasons = Reasons::default();
    let heads = [
        ("  map", Align::Left),
        ("x → y", Align::Right),
        ("chance", Align::Right),
        ("y → x", Align::Right),
        ("chance", Align::Right),
        ("inputs", Align::Right),
    ];
    let mut table = Table::new(1, heads);
    for rung in &pair.rungs {
        let [x_to_y, by_chance] = cells(&rung.forward, &mut reasons);
        let [y_to_x, by_chance_back] = cells(&rung.backward, &mut reasons);
        table.row([
            format!("  {}", rung.map),
            x_to_y,
            by_chance,
            y_to_x,
            by_chance_back,
            rung.inputs.to_string(),
        ]);
    }
    let mut text = String::new();
    if let (Some(x), Some(y), Some(joint)) = (pair.rank_x, pair.rank_y, pair.rank_joint) {
        let shared = (x + y).saturating_sub(joint);
        let _ = write!(
            text,
            "  ranks: x {x}, y {y}, both together {joint}: they share {} exactly{}\n\n",
            counted(shared, "dimension", "dimensions"),
            if joint >= pair.n { ", as any would on so few inputs" } else { "" }
        );
    }
    format!("{text}{}{}", table.render(), reasons.list())
}

fn cells(value: &RungValue, reasons: &mut Reasons) -> [String; 2] {
    let explained = match (&value.explained, &value.reason) {
        (Some(explained), _) => share(*explained, 4),
        (None, Some(reason)) => reasons.mark(reason),
        (None, None) => "–".into(),
    };
    let chance = match (value.chance, value.chance_sd) {
        (Some(mean), Some(sd)) => format!("{} ± {sd:.3}", share(mean, 3)),
        (Some(mean), None) => share(mean, 3),
        _ => "–".into(),
    };
    [explained, chance]
}
