//! `isorep sweep A B -m MEASURE --over OPTION=V1,V2,…`: one measure along one of its options, or along the number of
//! inputs, with the chance level at every point.
//!
//! A value at one k, one ε or one bandwidth may be picked; the whole line cannot.

use crate::args::Sweep;
use crate::context;
use crate::diagnostics::Failure;
use crate::interrupt;
use crate::output::Output;
use crate::plan::{Plan, measures, with_option};
use crate::progress::Progress;
use isorep::reading::{Permutations, Study};
use isorep::{AnyMeasure, Context, Grid, Representation};
use isorep_report::{SCHEMA, SweepPair, SweepPoint, SweepReport, SweepSettings};
use std::ops::ControlFlow;

/// What changes from point to point.
enum Over {
    /// An option of the measure.
    Option { name: String, measures: Vec<AnyMeasure> },
    /// The number of inputs, from the first few of one shuffled order on.
    Inputs(Vec<usize>),
}

pub(crate) fn run(args: &Sweep, seed: u64, output: &Output) -> Result<(), Failure> {
    let measure = measures(std::slice::from_ref(&args.measure), seed)?.swap_remove(0);
    let over = Over::parse(&args.over, &measure, args)?;
    let plan = Plan::new(&args.inputs, seed)?;
    let sides = plan.load()?;
    plan.refusals(&sides)?;
    let known = context::read(&args.known, &plan, &sides)?;
    let permutations = Permutations { count: args.permutations, seed, ..Permutations::default() };
    let study = Study { permutations, jackknife: None, influence: false };
    let [x, y] = plan.sources(&sides);
    let progress = Progress::new("sweeping", "points", plan.cells.len() * over.len());
    let mut pairs = Vec::new();
    for &(i, j) in &plan.cells {
        let (of_x, of_y) = (&sides[0][i], &sides[1][j]);
        plan.pair(of_x, of_y)?;
        let mut points = Vec::new();
        for k in 0..over.len() {
            interrupt::check()?;
            let representations = [&of_x.representation, &of_y.representation];
            points.push(over.point(k, &measure, representations, &known.context, &study, seed)?);
            progress.tick();
        }
        pairs.push(SweepPair {
            x: of_x.name.clone(),
            y: of_y.name.clone(),
            n: of_x.representation.n(),
            points,
        });
    }
    drop(progress);
    let properties = measure.properties();
    let (low, high) = properties.range;
    let settings = SweepSettings {
        seed,
        permutations: args.permutations,
        measure: measure.label(),
        kind: properties.kind,
        range: [low, high].map(|end| end.is_finite().then_some(end)),
        over: over.name().into(),
    };
    let isorep = env!("CARGO_PKG_VERSION").into();
    output.report(&SweepReport { schema: SCHEMA, isorep, settings, x, y, pairs })
}

impl Over {
    fn parse(text: &str, measure: &AnyMeasure, args: &Sweep) -> Result<Self, Failure> {
        let unclear = || {
            Failure::new(format!("`--over {text}` does not say what changes")).hint(
                "write `--over OPTION=V1,V2,…` with an option of the measure, or `--over n=100,200,400`",
            )
        };
        let (name, values) = text.split_once('=').ok_or_else(unclear)?;
        let values: Vec<&str> = values.split(',').map(str::trim).filter(|value| !value.is_empty()).collect();
        if values.is_empty() {
            return Err(unclear());
        }
        if name == "n" {
            let numbers = values.iter().map(|value| value.parse::<usize>().map_err(|_| unclear()));
            return Ok(Self::Inputs(numbers.collect::<Result<_, _>>()?));
        }
        let id = measure.info().id;
        if !measure.options().contains_key(name) {
            let known: Vec<&str> = measure.info().options.iter().map(|(name, _)| *name).collect();
            return Err(Failure::new(format!("`{id}` has no option `{name}`")).hint(if known.is_empty() {
                "it has none; `--over n=100,200,400` changes the number of inputs".into()
            } else {
                format!("it has {}; or `n`, the number of inputs", known.join(", "))
            }));
        }
        let measures = values.iter().map(|value| with_option(&args.measure, name, value));
        Ok(Self::Option { name: name.into(), measures: measures.collect::<Result<_, _>>()? })
    }

    fn name(&self) -> &str {
        match self {
            Self::Option { name, .. } => name,
            Self::Inputs(_) => "n",
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Option { measures, .. } => measures.len(),
            Self::Inputs(numbers) => numbers.len(),
        }
    }

    fn point(
        &self,
        k: usize,
        measure: &AnyMeasure,
        [x, y]: [&Representation; 2],
        context: &Context,
        study: &Study,
        seed: u64,
    ) -> Result<SweepPoint, Failure> {
        let (at, measure, x, y, context) = match self {
            Self::Option { name, measures } => {
                let value = measures[k].options().get(name).cloned().unwrap_or_default();
                (value, measures[k].clone(), x.clone(), y.clone(), context.clone())
            }
            Self::Inputs(numbers) => {
                let n = numbers[k];
                if n > x.n() {
                    return Err(Failure::new(format!("`--over n={n}`: there are only {} inputs", x.n())));
                }
                // One order for all numbers, so that fewer inputs are among more; none of those for chance levels.
                let order = Permutations { seed, ..Permutations::default() }
                    .order(x.n(), study.permutations.count)?;
                let mut some = order[..n].to_vec();
                some.sort_unstable();
                (n.into(), measure.clone(), x.select(&some)?, y.select(&some)?, context.select(&some)?)
            }
        };
        let n = x.n();
        let grid = Grid::new(vec![x], vec![y], vec![measure.clone()]).with_context(context);
        let go_on = || if interrupt::asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
        let cells = grid.run(|_| go_on());
        interrupt::check()?;
        let found = study.of(&grid, &cells, go_on);
        interrupt::check()?;
        let reading = &cells[0].readings[0];
        Ok(SweepPoint {
            at,
            label: measure.label(),
            n,
            value: reading.value.as_ref().ok().copied(),
            reason: reading.value.as_ref().err().map(ToString::to_string),
            chance: found.evidence[0][0].chance,
        })
    }
}
