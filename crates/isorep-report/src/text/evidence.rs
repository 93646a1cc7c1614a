//! What numbers are worth, as text: columns of the table of one pair, warnings with those they are about, the verdict.

use super::number::{share, value_in};
use super::table::wrapped;
use crate::{Comparison, MeasureEntry, PairEntry, ReadingEntry};
use isorep::reading::verdict::Verdict;
use isorep::reading::warnings::Code;
use isorep::reading::{CONFIDENCE, Reference, Role};

/// A probability with the digits that matter.
pub(super) fn probability(p: f64) -> String {
    if p < 1e-3 { "<.001".into() } else { share(p, 3).trim_start_matches('0').into() }
}

/// Cells of the table of one pair: chance, p, interval, calibrated value, codes of warnings.
pub(super) fn cells(measure: &MeasureEntry, reading: &ReadingEntry) -> [String; 5] {
    let none = || "–".to_owned();
    let evidence = reading.evidence.as_ref();
    let chance = evidence.and_then(|evidence| evidence.chance);
    let short = |value: f64| match measure.range {
        [_, Some(highest)] if highest <= 4.0 => share(value, 2),
        range => value_in(range, value),
    };
    let interval = evidence.and_then(|evidence| evidence.interval);
    let codes: Vec<String> = reading.warnings.iter().map(|warning| warning.code.to_string()).collect();
    [
        reading
            .chance
            .or(chance.map(|chance| chance.mean))
            .map_or_else(none, |mean| value_in(measure.range, mean)),
        chance.and_then(|chance| chance.p).map_or_else(none, probability),
        interval.map_or_else(none, |interval| format!("{} … {}", short(interval.low), short(interval.high))),
        chance.and_then(|chance| chance.calibrated).map_or_else(none, |calibrated| share(calibrated, 2)),
        codes.join(" "),
    ]
}

/// What the columns mean.
pub(super) fn legend(report: &Comparison) -> String {
    let Some(count) = report.settings.permutations else { return String::new() };
    let drawn = if count > 1 { format!(", over all orders or {count} drawn") } else { String::new() };
    wrapped(
        "",
        "  ",
        &format!(
            "chance: mean over permuted inputs{drawn}; p: probability of as much by chance; interval: {:.0} %, over inputs; \
             calibrated: 0 at what one in twenty permuted inputs reaches, 1 at the value of x with itself",
            100.0 * CONFIDENCE
        ),
    )
}

/// Every warning once, with those it is about.
pub(super) fn warnings(report: &Comparison) -> String {
    let several = report.pairs.len() > 1;
    let mut lines: Vec<(Code, String, Vec<String>)> = Vec::new();
    let mut add = |code: Code, message: &str, about: String| match lines
        .iter_mut()
        .find(|(known, text, _)| *known == code && text == message)
    {
        Some((_, _, all)) if about.is_empty() || all.contains(&about) => {}
        Some((_, _, all)) => all.push(about),
        None => lines.push((code, message.into(), if about.is_empty() { Vec::new() } else { vec![about] })),
    };
    for pair in &report.pairs {
        let place = if several { layers(pair) } else { String::new() };
        for warning in pair.judgement.iter().flat_map(|judgement| &judgement.warnings) {
            add(warning.code, &warning.message, place.clone());
        }
        for reading in &pair.readings {
            for warning in &reading.warnings {
                // Over many pairs the figures differ from one to the next; the title is what they have in common.
                let message = if several {
                    warning.code.title().trim_end_matches('.')
                } else {
                    warning.message.as_str()
                };
                let about =
                    if several { format!("{} at {place}", reading.label) } else { reading.label.clone() };
                add(warning.code, message, about);
            }
        }
    }
    if lines.is_empty() {
        return String::new();
    }
    lines.sort_by_key(|(code, _, _)| *code);
    let line = |(code, message, about): &(Code, String, Vec<String>)| {
        const SHOWN: usize = 6;
        let more = about.len().saturating_sub(SHOWN);
        let shown = about[..about.len() - more].join(", ");
        let names = if more > 0 { format!("{shown} and {more} more") } else { shown };
        let colon = if names.is_empty() { "" } else { ": " };
        wrapped(&format!("{code}  "), "       ", &format!("{message}{colon}{names}"))
    };
    let text: String = lines.iter().map(line).collect();
    format!("\nWarnings (`isorep explain CODE`)\n{text}")
}

fn layers(pair: &PairEntry) -> String {
    if pair.x == pair.y { pair.x.clone() } else { format!("{} × {}", pair.x, pair.y) }
}

/// The verdict of one pair, or one line for each of several.
pub(super) fn verdicts(report: &Comparison) -> String {
    let of = |pair: &PairEntry| pair.judgement.as_ref().and_then(|judgement| judgement.verdict.clone());
    let known: Vec<(String, Verdict)> =
        report.pairs.iter().filter_map(|pair| Some((layers(pair), of(pair)?))).collect();
    match known.as_slice() {
        [] => String::new(),
        [(_, verdict)] => format!("\n{}", wrapped("Verdict: ", "  ", &verdict.to_string())),
        several => {
            let line = |(place, verdict): &(String, Verdict)| {
                let clauses: Vec<String> =
                    verdict.clauses.iter().map(|clause| format!("{}.", clause.text)).collect();
                wrapped(&format!("  {place}: "), "    ", &clauses.join(" "))
            };
            format!("\nVerdict\n{}", several.iter().map(line).collect::<String>())
        }
    }
}

/// What the values were held against, for one pair.
pub(super) fn references(report: &Comparison, pair: &PairEntry) -> String {
    let mut text = String::new();
    let references = pair.judgement.iter().flat_map(|judgement| &judgement.references);
    for Reference { name, role, values } in references {
        let role = match role {
            Role::Floor => "floor",
            Role::Ceiling => "ceiling",
            Role::Beside => "beside",
        };
        let shown = values.iter().zip(&report.measures).filter_map(|(value, measure)| {
            let one =
                |value: Option<f64>| value.map_or_else(|| "–".into(), |value| value_in(measure.range, value));
            (value.with_x.or(value.with_y).is_some())
                .then(|| format!("{} {} / {}", value.label, one(value.with_x), one(value.with_y)))
        });
        let shown: Vec<String> = shown.collect();
        let told = if shown.is_empty() { "no measure has a value".to_owned() } else { shown.join(", ") };
        text += &wrapped(&format!("{role} {name}, x / y: "), "  ", &told);
    }
    if text.is_empty() { text } else { format!("\n{text}") }
}

/// Searching over layers is paid for.
pub(super) fn best(report: &Comparison) -> String {
    /// Measures that are listed.
    const SHOWN: usize = 10;
    let line = |best: &crate::BestEntry| {
        let place = if best.x == best.y { best.x.clone() } else { format!("{} × {}", best.x, best.y) };
        format!("{} {place} (p {})", best.label, probability(best.p))
    };
    if report.best.is_empty() {
        return String::new();
    }
    let mut all: Vec<String> = report.best.iter().take(SHOWN).map(line).collect();
    if report.best.len() > SHOWN {
        all.push(format!("and {} more in the JSON", report.best.len() - SHOWN));
    }
    wrapped(
        &format!("\nmost alike of {} pairs, p for the most alike of permuted inputs: ", report.pairs.len()),
        "  ",
        &all.join(", "),
    )
}
