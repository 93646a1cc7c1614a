//! `isorep match` as text: the figures of each pair, the curve over ε, and which neurons match best and worst.

use super::number::{number, share};
use super::table::{Align, Table, wrapped};
use super::{Reasons, counted, plain, sources};
use crate::{Draw, MatchFigures, MatchPair, MatchReport, SimpleMatch};
use std::fmt::Write;

/// Pairs shown with their curve; more are only listed.
const DETAILED: usize = 4;
/// Neurons named at each end of the order.
const NAMED: usize = 5;
/// Simple matches listed before the rest is only counted.
const LISTED: usize = 12;

pub(crate) fn matching(report: &MatchReport) -> String {
    let mut text = sources(&report.x, &report.y);
    if report.pairs.len() > 1 {
        text.push('\n');
        text.push_str(&overview(report));
    }
    if report.pairs.len() > DETAILED {
        text.push_str(
            "\nthe curve over ε and the neurons are shown for a few pairs at a time: choose with --layers\n",
        );
    }
    for pair in report.pairs.iter().filter(|_| report.pairs.len() <= DETAILED) {
        let _ = write!(text, "\n{} × {}, {}", pair.x, pair.y, counted(pair.n, "input", "inputs"));
        match (&pair.figures, &pair.reason) {
            (Some(figures), _) => text.push_str(&one(report, pair, figures)),
            (None, Some(reason)) => text.push_str(&wrapped("\n\n  no match: ", "  ", plain(reason))),
            (None, None) => text.push('\n'),
        }
    }
    let centred = if report.settings.center { ", neurons centred" } else { ", neurons as they are" };
    let _ = writeln!(text, "\nisorep {}, seed {}{centred}", report.isorep, report.settings.seed);
    text
}

/// One row a pair.
fn overview(report: &MatchReport) -> String {
    let at = format!("match at {}", report.settings.epsilon);
    let heads = [
        ("x", Align::Left),
        ("y", Align::Left),
        (at.as_str(), Align::Right),
        ("score", Align::Right),
        ("rank x", Align::Right),
        ("rank y", Align::Right),
        ("rank [x y]", Align::Right),
        ("inputs", Align::Right),
    ];
    let mut table = Table::new(2, heads);
    let mut reasons = Reasons::default();
    for pair in &report.pairs {
        let mut row = vec![pair.x.clone(), pair.y.clone()];
        if let Some((figures, first)) = pair.figures.as_ref().and_then(|f| Some((f, f.draws.first()?))) {
            row.extend([share(figures.similarity, 4), share(figures.score, 4)]);
            row.extend([first.rank_x, first.rank_y, first.rank_joint, pair.n].map(|rank| rank.to_string()));
        } else if let Some(reason) = &pair.reason {
            row.push(reasons.mark(plain(reason)));
        }
        table.row(row);
    }
    format!("{}{}", table.render(), reasons.list())
}

fn one(report: &MatchReport, pair: &MatchPair, figures: &MatchFigures) -> String {
    let mut text = String::new();
    if figures.draws.len() > 1 {
        let _ = write!(text, " in each of {} draws; figures are means over the draws", figures.draws.len());
    }
    text.push_str("\n\n");
    if let Some(first) = figures.draws.first() {
        text.push_str(&ranks(first));
    }
    let mut table = Table::new(1, [("", Align::Left), ("", Align::Right), ("", Align::Left)]);
    let matched = |count: fn(&Draw) -> usize| {
        figures.draws.iter().map(|draw| count(draw) as f64).sum::<f64>() / figures.draws.len() as f64
    };
    let counts = format!(
        "{} of {} neurons of x, {} of {} of y{}",
        short(matched(|d| d.matched_x)),
        pair.d_x,
        short(matched(|d| d.matched_y)),
        pair.d_y,
        spread(figures, |draw| draw.similarity),
    );
    table.row([format!("  match at ε = {}", report.settings.epsilon), share(figures.similarity, 4), counts]);
    let score = format!("one minus the mean critical ε{}", spread(figures, |draw| draw.score));
    table.row(["  score without ε".to_owned(), share(figures.score, 4), score]);
    text.push_str(&table.render());
    text.push_str(&curve(figures));
    text.push('\n');
    for (side, critical) in [("x", &figures.critical_x), ("y", &figures.critical_y)] {
        text.push_str(&neurons(side, critical));
    }
    if let Some(simple) = &figures.simple_matches {
        text.push_str(&simple_matches(simple));
    }
    text
}

fn ranks(draw: &Draw) -> String {
    let Draw { rank_x, rank_y, rank_joint, ambient, .. } = *draw;
    let shared = (rank_x + rank_y).saturating_sub(rank_joint);
    let mut text = format!(
        "  ranks: x {rank_x}, y {rank_y}, both together {rank_joint}: they share {} exactly\n",
        counted(shared, "dimension", "dimensions")
    );
    let share = 100.0 * draw.saturation;
    let _ = write!(text, "  the larger spans {share:.1} % of the {ambient} dimensions that the inputs have");
    if draw.saturation >= 1.0 {
        text.push_str(",\n  so every neuron of the other matches whatever it computes: use more inputs\n\n");
    } else {
        let (of_x, of_y) = (draw.chance_epsilon_of_x, draw.chance_epsilon_of_y);
        let _ = write!(
            text,
            ";\n  an unrelated neuron comes within ε = {} of the span of x, {} of y\n\n",
            number(of_x),
            number(of_y)
        );
    }
    text
}

/// `, sd 0.0123` where there are several draws.
fn spread(figures: &MatchFigures, value: fn(&Draw) -> f64) -> String {
    let count = figures.draws.len() as f64;
    if count < 2.0 {
        return String::new();
    }
    let mean = figures.draws.iter().map(value).sum::<f64>() / count;
    let square: f64 = figures.draws.iter().map(|draw| (value(draw) - mean).powi(2)).sum();
    format!(", sd over draws {}", number((square / (count - 1.0)).sqrt()))
}

fn short(count: f64) -> String {
    if count.fract() == 0.0 { format!("{count}") } else { format!("{count:.1}") }
}

/// The share matched for every ε of the grid, as numbers and as bars; neighbours with the same share are one line.
fn curve(figures: &MatchFigures) -> String {
    let mut table = Table::new(1, [("  ε", Align::Left), ("match", Align::Right), ("", Align::Left)]);
    for run in figures.curve.chunk_by(|a, b| a.similarity == b.similarity) {
        let [first, .., last] = run else {
            for point in run {
                table.row(line(&[point.epsilon], point.similarity));
            }
            continue;
        };
        table.row(line(&[first.epsilon, last.epsilon], first.similarity));
    }
    format!("\n{}", table.render())
}

fn line(epsilons: &[f64], similarity: f64) -> [String; 3] {
    let range: Vec<String> = epsilons.iter().map(|epsilon| format!("{epsilon:.2}")).collect();
    let length = (similarity * 40.0).round() as usize;
    [format!("  {}", range.join(" – ")), share(similarity, 4), "█".repeat(length)]
}

/// The neurons that match first and those that match last.
fn neurons(side: &str, critical: &[f64]) -> String {
    let mut order: Vec<usize> = (0..critical.len()).collect();
    order.sort_by(|a, b| critical[*a].total_cmp(&critical[*b]).then(a.cmp(b)));
    let name = |at: &usize| {
        let from =
            if critical[*at] >= 1.0 { "never".into() } else { format!("from {}", number(critical[*at])) };
        format!("{at} ({from})")
    };
    let list = |some: &[usize]| some.iter().map(name).collect::<Vec<_>>().join(", ");
    if order.len() <= 2 * NAMED {
        return wrapped(&format!("  neurons of {side}, best matched first: "), "    ", &list(&order));
    }
    let best = wrapped(&format!("  best matched neurons of {side}: "), "    ", &list(&order[..NAMED]));
    let worst: Vec<usize> = order[order.len() - NAMED..].iter().rev().copied().collect();
    format!("{best}{}", wrapped(&format!("  worst matched neurons of {side}: "), "    ", &list(&worst)))
}

fn simple_matches(simple: &[SimpleMatch]) -> String {
    if simple.is_empty() {
        return "\n  no simple match at this ε\n".into();
    }
    let mut text = format!(
        "\n  {} at this ε, the smallest first\n",
        counted(simple.len(), "simple match", "simple matches")
    );
    for part in simple.iter().take(LISTED) {
        let list = |some: &[usize]| some.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        text.push_str(&wrapped("    x ", "      ", &format!("{}  with y {}", list(&part.x), list(&part.y))));
    }
    if simple.len() > LISTED {
        let _ = writeln!(text, "    and {} more, in --format json", simple.len() - LISTED);
    }
    text
}
