//! `isorep parity A B`: do layers of the same name and shape give the same numbers, and which is the first that does not.

use crate::args::Parity;
use crate::diagnostics::Failure;
use crate::feed::{FedLayer, Feed};
use crate::interrupt;
use crate::output::Output;
use crate::progress::Progress;
use isorep::reading::parity::{Difference, Differences, Rule, steepest};
use isorep::{Cka, Measure, Pair, Representation};
use isorep_report::{
    FirstEntry, ParityFigures, ParityLayer, ParityReport, ParitySettings, SCHEMA, SkippedEntry, StepEntry,
    WorstInput, finite,
};
use std::path::Path;

/// Bytes of activations that are kept for CKA, over all layers of both sides.
const KEPT: usize = 512 << 20;
/// Debiased CKA needs as many inputs.
const FEWEST: usize = 4;
/// How many of the worst inputs are named.
const WORST: usize = 5;

pub(crate) fn run(args: &Parity, output: &Output) -> Result<(), Failure> {
    let terms = args.layers.join(",");
    let open = |path: &Path| Feed::open(path, &terms, &args.fed);
    let (x, y) = (open(&args.a)?, open(&args.b)?);
    let floor = args.floor.as_deref().map(open).transpose()?;
    let sides: Vec<&Feed> = [Some(&x), Some(&y), floor.as_ref()].into_iter().flatten().collect();
    check(&sides)?;
    let (names, left_out) = shared(&x, &y)?;
    let layers: Vec<&FedLayer> =
        x.layers.iter().filter(|layer| names.contains(&layer.name.as_str())).collect();
    let rule = Rule { tolerance: args.tolerance, times_floor: args.times_floor };
    let found = compare(&x, &y, floor.as_ref(), &layers)?;
    let ids = x.ids.as_deref().or(y.ids.as_deref());
    let entries: Vec<ParityLayer> =
        layers.iter().zip(&found).map(|(layer, found)| entry(layer, found, rule, ids)).collect();
    let diverges = entries.iter().any(|layer| layer.diverges);
    let medians: Vec<f64> = found.iter().filter_map(Found::median).collect();
    let first = |beyond: &dyn Fn(&ParityLayer) -> bool| {
        entries.iter().position(beyond).map(|at| FirstEntry { at, layer: entries[at].name.clone() })
    };
    let steepest = steepest(&medians).map(|(at, factor)| StepEntry {
        at,
        layer: entries[at].name.clone(),
        factor: finite(factor),
    });
    // The worst inputs are those of the layer where things go wrong, or of the last one.
    let first_diverging = first(&|layer| layer.diverges);
    let looked_at = first_diverging.as_ref().map_or(entries.len() - 1, |first| first.at);
    let settings = ParitySettings { tolerance: rule.tolerance, times_floor: rule.times_floor };
    let report = ParityReport {
        schema: SCHEMA,
        isorep: env!("CARGO_PKG_VERSION").into(),
        settings,
        x: x.path.clone(),
        y: y.path.clone(),
        floor: floor.as_ref().map(|floor| floor.path.clone()),
        run_on: args.fed.inputs.as_ref().map(|path| path.display().to_string()),
        n: x.n,
        batch: sides.iter().find_map(|side| side.batch()),
        first: first_diverging,
        first_of_any_input: first(&|layer| layer.beyond > 0),
        steepest,
        worst: worst(&found[looked_at].differences, ids),
        worst_at: entries[looked_at].name.clone(),
        layers: entries,
        skipped: left_out,
        notes: [notes("x", &x), notes("y", &y)].concat(),
    };
    output.report(&report)?;
    if args.check && diverges { Err(Failure::Gate) } else { Ok(()) }
}

fn notes(side: &str, feed: &Feed) -> Vec<String> {
    feed.notes.iter().map(|note| format!("{side}: {note}")).collect()
}

/// Refuses sides that do not show the same inputs.
fn check(sides: &[&Feed]) -> Result<(), Failure> {
    let [first, others @ ..] = sides else { return Ok(()) };
    for other in others {
        let both = format!("cannot compare `{}` and `{}`", first.path, other.path);
        if first.n != other.n {
            let cause = format!("they have different numbers of inputs: {} and {}", first.n, other.n);
            return Err(Failure::new(cause)
                .during(both)
                .hint("give both networks the same inputs in the same order"));
        }
        if let (Some(of_x), Some(of_y)) = (&first.ids, &other.ids)
            && let Some(at) = of_x.iter().zip(of_y).position(|(a, b)| a != b)
        {
            let cause = format!("input {at} is `{}` in the first and `{}` in the second", of_x[at], of_y[at]);
            return Err(Failure::new(cause)
                .during(both)
                .hint("give both networks the same inputs in the same order"));
        }
    }
    Ok(())
}

/// Names of layers that both have in the same shape, in the order of the first; and what cannot be compared.
fn shared<'a>(x: &'a Feed, y: &Feed) -> Result<(Vec<&'a str>, Vec<SkippedEntry>), Failure> {
    let (mut names, mut left_out) = (Vec::new(), Vec::new());
    for layer in &x.layers {
        let reason = match y.layers.iter().find(|there| there.name == layer.name) {
            Some(there) if there.each == layer.each => {
                names.push(layer.name.as_str());
                continue;
            }
            Some(there) => {
                format!("the shapes of an input differ: {:?} in x and {:?} in y", layer.each, there.each)
            }
            None => "only x has a layer of this name".into(),
        };
        left_out.push(SkippedEntry { name: layer.name.clone(), reason });
    }
    let only_y = y.layers.iter().filter(|there| x.layers.iter().all(|layer| layer.name != there.name));
    left_out.extend(only_y.map(|layer| SkippedEntry {
        name: layer.name.clone(),
        reason: "only y has a layer of this name".into(),
    }));
    if names.is_empty() {
        return Err(Failure::new("they have no layer of the same name and shape")
            .during(format!("cannot compare `{}` and `{}` number by number", x.path, y.path))
            .hint("`isorep compare --pairs all` compares layers of any name and shape"));
    }
    Ok((names, left_out))
}

/// What was found about one layer.
struct Found {
    differences: Differences,
    floor: Differences,
    cka: Result<f64, String>,
    kept: usize,
}

impl Found {
    fn median(&self) -> Option<f64> {
        self.differences.summary().map(|summary| summary.relative_error)
    }
}

/// Walks all sides in step.
fn compare(x: &Feed, y: &Feed, floor: Option<&Feed>, layers: &[&FedLayer]) -> Result<Vec<Found>, Failure> {
    let names: Vec<&str> = layers.iter().map(|layer| layer.name.as_str()).collect();
    let of_floor: Vec<Option<usize>> = match floor {
        None => vec![None; layers.len()],
        Some(floor) => {
            let known = |layer: &&FedLayer| {
                floor.layers.iter().any(|there| there.each == layer.each && there.name == layer.name)
            };
            let mut next = 0..;
            layers.iter().map(|layer| known(layer).then(|| next.next()).flatten()).collect()
        }
    };
    let floor_names: Vec<&str> =
        names.iter().zip(&of_floor).filter_map(|(name, at)| at.map(|_| *name)).collect();
    let (mut of_x, mut of_y) = (x.walk(&names)?, y.walk(&names)?);
    let mut repeated = match floor {
        Some(floor) if !floor_names.is_empty() => Some(floor.walk(&floor_names)?),
        _ => None,
    };
    let sizes: Vec<usize> = layers.iter().map(|layer| layer.each.iter().product()).collect();
    let one_input = sizes.iter().sum::<usize>().max(1) * 2 * size_of::<f32>();
    let kept = (KEPT / one_input).min(x.n);
    let mut sums = vec![(Differences::default(), Differences::default()); layers.len()];
    let mut rows = vec![[Vec::new(), Vec::new()]; layers.len()];
    let (mut a, mut b, mut again) = (Vec::new(), Vec::new(), Vec::new());
    let progress = Progress::new("comparing", "inputs", x.n);
    for input in 0..x.n {
        interrupt::check()?;
        if input > 0 {
            of_x.advance()?;
            of_y.advance()?;
            repeated.as_mut().map_or(Ok(()), crate::feed::Walk::advance)?;
        }
        for layer in 0..layers.len() {
            of_x.read(layer, &mut a);
            of_y.read(layer, &mut b);
            sums[layer].0.push(Difference::of(&a, &b));
            if let (Some(repeated), Some(at)) = (&repeated, of_floor[layer]) {
                repeated.read(at, &mut again);
                sums[layer].1.push(Difference::of(&a, &again));
            }
            if input < kept && kept >= FEWEST {
                rows[layer][0].extend(a.iter().map(|&value| value as f32));
                rows[layer][1].extend(b.iter().map(|&value| value as f32));
            }
        }
        progress.tick();
    }
    drop(progress);
    let progress = Progress::new("measuring", "layers", layers.len());
    let mut found = Vec::new();
    for (((differences, floor), rows), d) in sums.into_iter().zip(rows).zip(sizes) {
        interrupt::check()?;
        found.push(Found { differences, floor, cka: cka(rows, kept, d), kept });
        progress.tick();
    }
    Ok(found)
}

fn cka(rows: [Vec<f32>; 2], n: usize, d: usize) -> Result<f64, String> {
    if n < FEWEST {
        return Err(format!(
            "it takes {FEWEST} inputs or more, and there are {n} or they are too large to keep"
        ));
    }
    let [x, y] = rows;
    let measure = || -> isorep::Result<f64> {
        let pair =
            Pair::new(&Representation::from_f32("x", n, d, x)?, &Representation::from_f32("y", n, d, y)?)?;
        Cka::default().compare(&pair)
    };
    measure().map_err(|error| error.to_string())
}

fn entry(layer: &FedLayer, found: &Found, rule: Rule, ids: Option<&[String]>) -> ParityLayer {
    let floor = found.floor.summary().map(|summary| summary.relative_error);
    let summary = found.differences.summary();
    let median = summary.map_or(f64::INFINITY, |summary| summary.relative_error);
    let total = summary.map(|summary| summary.total).unwrap_or_default();
    let limit = rule.limit(floor);
    ParityLayer {
        name: layer.name.clone(),
        operator: layer.operator.clone(),
        shape: layer.each.clone(),
        d: layer.each.iter().product(),
        median: ParityFigures {
            relative_error: finite(median),
            signal_to_noise: finite(-20.0 * median.log10()),
            cosine: summary.and_then(|summary| summary.cosine),
            largest: summary.and_then(|summary| finite(summary.largest)),
        },
        total: ParityFigures {
            relative_error: finite(total.relative_error()),
            signal_to_noise: finite(total.signal_to_noise()),
            cosine: total.cosine(),
            largest: finite(total.largest()),
        },
        is_identical: total.relative_error() == 0.0,
        cka: found.cka.as_ref().ok().copied(),
        cka_inputs: found.kept,
        cka_reason: found.cka.as_ref().err().cloned(),
        floor: floor.and_then(finite),
        limit,
        beyond: found.differences.beyond(limit),
        not_finite: found.differences.inputs().iter().filter(|input| input.broken() > 0).count(),
        worst: worst(&found.differences, ids).into_iter().next(),
        diverges: rule.diverges(median, floor),
    }
}

fn worst(differences: &Differences, ids: Option<&[String]>) -> Vec<WorstInput> {
    let one = |at: usize| {
        let difference = &differences.inputs()[at];
        WorstInput {
            input: at,
            id: ids.and_then(|ids| ids.get(at)).cloned(),
            relative_error: finite(difference.relative_error()),
            signal_to_noise: finite(difference.signal_to_noise()),
            cosine: difference.cosine(),
            largest: finite(difference.largest()),
        }
    };
    let named = differences.worst(WORST).into_iter();
    named.filter(|&at| differences.inputs()[at].relative_error() > 0.0).map(one).collect()
}
