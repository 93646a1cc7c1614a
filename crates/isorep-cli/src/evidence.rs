//! What the numbers of a comparison are worth: gathers the evidence, holds them against references, and asks for warnings
//! and verdicts.

use crate::args::{Evidence as Asked, IntervalOver, Permute};
use crate::diagnostics::Failure;
use crate::interrupt;
use crate::plan::{Loaded, Plan};
use crate::progress::Progress;
use isorep::measure::Family;
use isorep::reading::ladder::Ladder;
use isorep::reading::warnings::{self, Known};
use isorep::reading::{
    Evidence, Findings, Jackknife, Over, Permutations, Reference, ReferenceValue, Role, Scheme, Study,
    verdict,
};
use isorep::{Cell, Context, Grid, Pair};
use isorep_report::{Judgement, PairEntry};
use std::ops::ControlFlow;
use std::path::PathBuf;

/// Up to so many pairs everything is found out about each; beyond, what a closed form gives.
const FEW_PAIRS: usize = 16;
const PERMUTATIONS: usize = 99;

/// A file that the values are held against.
pub(crate) struct Held {
    name: String,
    role: Role,
    layers: Vec<Loaded>,
}

/// Reads the references.
pub(crate) fn references(asked: &Asked, plan: &Plan) -> Result<Vec<Held>, Failure> {
    let of = |(texts, role): (&Vec<String>, Role)| {
        texts
            .iter()
            .map(move |text| {
                let option = if role == Role::Floor { "--floor" } else { "--ceiling" };
                let Some((name, path)) =
                    text.split_once('=').filter(|(name, path)| !name.is_empty() && !path.is_empty())
                else {
                    return Err(Failure::new(format!("`{option} {text}` does not say what it is"))
                        .hint(format!("write `{option} NAME=FILE`, such as `{option} untrained=FILE`")));
                };
                let layers = plan.load_reference(&PathBuf::from(path), name == "input")?;
                Ok(Held { name: name.into(), role, layers })
            })
            .collect::<Vec<_>>()
    };
    [(&asked.floor, Role::Floor), (&asked.ceiling, Role::Ceiling)].into_iter().flat_map(of).collect()
}

/// How much is found out about so many pairs.
pub(crate) fn study(asked: &Asked, context: &Context, pairs: usize, seed: u64) -> Result<Study, Failure> {
    let few = pairs <= FEW_PAIRS;
    let groups = || {
        context.groups().cloned().map_err(|_| {
            Failure::new("these permutations need groups of inputs").hint("give them with `--groups FILE`")
        })
    };
    let scheme = match asked.permute {
        Permute::Free => Scheme::Free,
        Permute::Within => Scheme::Within(groups()?),
        Permute::Blocks => Scheme::Blocks(groups()?),
        Permute::Shift => Scheme::Shift,
    };
    let over = match asked.interval_over {
        IntervalOver::Inputs => Over::Inputs,
        IntervalOver::Neurons => Over::Neurons,
    };
    let count = asked.permutations.unwrap_or(if few { PERMUTATIONS } else { 0 });
    Ok(Study {
        permutations: Permutations { count, seed, scheme },
        jackknife: few.then_some(Jackknife { seed, over, ..Jackknife::default() }),
        influence: few,
    })
}

/// Gathers the evidence about all cells, with progress, until it is interrupted.
pub(crate) fn gather(study: &Study, grid: &Grid, cells: &[Cell]) -> Findings {
    let progress = Progress::new("weighing", "steps", cells.len() + study.steps(grid, cells));
    study.of(grid, cells, || {
        progress.tick();
        if interrupt::asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
}

/// Puts what is known into the entry of one pair.
pub(crate) fn judge(
    asked: &Asked,
    entry: &mut PairEntry,
    (pair, cell): (&Pair, &Cell),
    evidence: &[Evidence],
    grid: &Grid,
    references: &[Held],
) {
    let thorough = grid.len() <= FEW_PAIRS;
    let known: Vec<Known<'_>> = grid
        .measures()
        .iter()
        .zip(&cell.readings)
        .zip(evidence)
        .filter_map(|((measure, reading), evidence)| {
            Some(Known { measure, value: *reading.value.as_ref().ok()?, evidence })
        })
        .collect();
    let wanted = |warnings: Vec<warnings::Warning>| {
        warnings.into_iter().filter(|warning| !asked.suppress.contains(&warning.code)).collect::<Vec<_>>()
    };
    for (reading, evidence) in entry.readings.iter_mut().zip(evidence) {
        if reading.value.is_none() {
            continue;
        }
        reading.evidence = Some(evidence.clone());
        if let Some(known) = known.iter().find(|known| known.measure.label() == reading.label) {
            reading.warnings = wanted(warnings::of_value(*known));
        }
    }
    let references = compared(pair, &entry.x, &entry.y, grid, references);
    let mut found = if thorough { warnings::of_pair(pair) } else { Vec::new() };
    let verdict = thorough.then(|| {
        let ladder = Ladder { permutations: 0, kernel_inputs: 500, ..Ladder::default() };
        verdict::verdict(pair.n(), &known, ladder.climb(pair).ok().as_ref(), &references)
    });
    found.extend(verdict.iter().flat_map(|verdict| verdict.warnings.clone()));
    entry.judgement = Some(Judgement { references, warnings: wanted(found), verdict });
}

/// Every reference with both sides, under every measure.
fn compared(pair: &Pair, x: &str, y: &str, grid: &Grid, references: &[Held]) -> Vec<Reference> {
    let value =
        |measure: &isorep::AnyMeasure, held: &Held, name: &str, side: &isorep::Representation, is_x: bool| {
            let layer =
                held.layers.iter().find(|layer| layer.name == name).or(match held.layers.as_slice() {
                    [only] => Some(only),
                    _ => None,
                })?;
            let other = &layer.representation;
            let pair_of = if is_x { Pair::new(side, other) } else { Pair::new(other, side) };
            measure.compare(&pair_of.ok()?.with_context(pair.context().clone()).ok()?).ok()
        };
    let of = |held: &Held| Reference {
        name: held.name.clone(),
        role: held.role,
        values: grid
            .measures()
            .iter()
            .map(|measure| ReferenceValue {
                label: measure.label(),
                with_x: value(measure, held, x, pair.x(), true),
                with_y: value(measure, held, y, pair.y(), false),
            })
            .collect(),
    };
    references.iter().map(of).chain((grid.len() <= FEW_PAIRS).then(|| halves(pair, grid))).collect()
}

/// What each side gives with itself, half of its neurons beside the other half. No bound: a layer whose neurons all do
/// something else is not alike itself in this sense, and may yet be alike another.
fn halves(pair: &Pair, grid: &Grid) -> Reference {
    let of = |side: &isorep::Representation| -> isorep::Result<Pair> {
        let order = Permutations::default().order(side.d(), 0)?;
        let (mut a, mut b): (Vec<usize>, Vec<usize>) =
            (order[..side.d() / 2].into(), order[side.d() / 2..].into());
        // As many neurons in both, for measures that ask for it.
        b.truncate(a.len());
        a.sort_unstable();
        b.sort_unstable();
        Pair::new(&side.select_neurons(&a)?, &side.select_neurons(&b)?)?.with_context(pair.context().clone())
    };
    let [x, y] = [of(pair.x()), of(pair.y())];
    let value = |measure: &isorep::AnyMeasure, halves: &isorep::Result<Pair>| {
        // The columns of outputs are classes, and half of them no outputs.
        let is_functional = measure.info().family == Family::Functional;
        halves.as_ref().ok().filter(|_| !is_functional).and_then(|pair| measure.compare(pair).ok())
    };
    let of_measure = |measure: &isorep::AnyMeasure| ReferenceValue {
        label: measure.label(),
        with_x: value(measure, &x),
        with_y: value(measure, &y),
    };
    let values = grid.measures().iter().map(of_measure).collect();
    Reference { name: "the halves of one side".into(), role: Role::Beside, values }
}
