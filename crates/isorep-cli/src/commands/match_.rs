//! `isorep match A B`: the maximum match for every ε, and which neurons take part.

use crate::args::{Match, Zero};
use crate::diagnostics::Failure;
use crate::interrupt;
use crate::output::Output;
use crate::plan::{Loaded, Plan, Side, reason};
use crate::progress::Progress;
use isorep::MaximumMatch;
use isorep::measures::subspace::{Epsilon, Path, ZeroNeurons, simple_matches};
use isorep::{Pair, Result};
use isorep_io::{Pooling, Samples};
use isorep_report::{
    CurvePoint, Draw, MatchFigures, MatchPair, MatchReport, MatchSettings, SCHEMA, SimpleMatch,
};

pub(crate) fn run(args: &Match, seed: u64, output: &Output) -> Result<(), Failure> {
    let zero_neurons = match args.zero_neurons {
        Zero::Unmatched => ZeroNeurons::Unmatched,
        Zero::Matched => ZeroNeurons::Matched,
        Zero::Excluded => ZeroNeurons::Excluded,
    };
    let epsilon = Epsilon::new(args.epsilon).map_err(|_| {
        Failure::new(format!("--epsilon {}: a relative error is at least 0 and below 1", args.epsilon))
    })?;
    let measure = MaximumMatch { epsilon, zero_neurons, center: args.center };
    let plan = Plan::new(&args.inputs, seed)?;
    let sides = plan.load()?;
    plan.refusals(&sides)?;
    let [x, y] = plan.sources(&sides);
    let progress = Progress::new("matching", "pairs", plan.cells.len());
    let mut pairs = Vec::new();
    for &(i, j) in &plan.cells {
        let (of_x, of_y) = (&sides[0][i], &sides[1][j]);
        let figures = figures(&plan, (i, j), [of_x, of_y], measure, args);
        if figures == Err(Failure::Interrupted) {
            return Err(Failure::Interrupted);
        }
        pairs.push(MatchPair {
            x: of_x.name.clone(),
            y: of_y.name.clone(),
            n: of_x.representation.n(),
            d_x: of_x.representation.d(),
            d_y: of_y.representation.d(),
            reason: figures.as_ref().err().map(reason),
            figures: figures.ok(),
        });
        progress.tick();
    }
    drop(progress);
    let settings = MatchSettings { epsilon: epsilon.get(), zero_neurons, center: args.center, seed };
    let isorep = env!("CARGO_PKG_VERSION").into();
    output.report(&MatchReport { schema: SCHEMA, isorep, settings, x, y, pairs })
}

/// The match of one pair, over as many draws of positions as were asked for.
fn figures(
    plan: &Plan,
    (i, j): (usize, usize),
    [x, y]: [&Loaded; 2],
    measure: MaximumMatch,
    args: &Match,
) -> Result<MatchFigures, Failure> {
    let first = plan.pair(x, y)?;
    let simple = |pair: &Pair| -> Result<Vec<SimpleMatch>> {
        let found = simple_matches(&pair.neurons(measure.center)?, measure.epsilon, measure.zero_neurons);
        Ok(found.into_iter().map(|part| SimpleMatch { x: part.x, y: part.y }).collect())
    };
    let mut paths = vec![measure.path(&first)?];
    if is_drawn(x) || is_drawn(y) {
        for draw in 1..args.draws {
            let again = |side, index| {
                let pooling = plan.pooling().map(|pooling| match pooling {
                    Pooling::Positions { draw: count, seed } => {
                        Pooling::Positions { draw: count, seed: seed.wrapping_add(draw) }
                    }
                    other => other,
                });
                plan.load_one(side, index, pooling)
            };
            let pair = plan.pair(&again(Side::X, i)?, &again(Side::Y, j)?)?;
            paths.push(measure.path(&pair)?);
        }
    }
    interrupt::check()?;
    let simple_matches = if args.minimal { Some(simple(&first)?) } else { None };
    summary(&paths, measure.epsilon, simple_matches)
}

/// Whether only some of the positions were taken.
fn is_drawn(layer: &Loaded) -> bool {
    matches!(&layer.samples, Samples::Positions { drawn: Some(_), .. })
}

/// Means over the draws.
fn summary(
    paths: &[Path],
    epsilon: Epsilon,
    simple_matches: Option<Vec<SimpleMatch>>,
) -> Result<MatchFigures, Failure> {
    let mean = |value: &dyn Fn(&Path) -> f64| paths.iter().map(value).sum::<f64>() / paths.len() as f64;
    let of_neurons = |critical: fn(&Path) -> &[f64]| -> Vec<f64> {
        let count = paths.first().map_or(0, |path| critical(path).len());
        (0..count).map(|neuron| mean(&|path| critical(path)[neuron])).collect()
    };
    let mut curve = Vec::new();
    for step in 1..20_u32 {
        let at = Epsilon::new(f64::from(step) / 20.0)?;
        curve.push(CurvePoint { epsilon: at.get(), similarity: mean(&|path| path.similarity(at)) });
    }
    let draw = |path: &Path| {
        let (matched, ranks) = (path.maximum_match(epsilon), path.ranks());
        Draw {
            similarity: path.similarity(epsilon),
            score: path.score(),
            matched_x: matched.x.len(),
            matched_y: matched.y.len(),
            rank_x: ranks.x,
            rank_y: ranks.y,
            rank_joint: ranks.joint,
            ambient: ranks.ambient,
            saturation: ranks.saturation(),
            chance_epsilon_of_x: ranks.chance_residual(ranks.x),
            chance_epsilon_of_y: ranks.chance_residual(ranks.y),
        }
    };
    Ok(MatchFigures {
        similarity: mean(&|path| path.similarity(epsilon)),
        score: mean(&|path| path.score()),
        draws: paths.iter().map(draw).collect(),
        curve,
        critical_x: of_neurons(Path::critical_x),
        critical_y: of_neurons(Path::critical_y),
        simple_matches,
    })
}
