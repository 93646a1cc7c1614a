//! What the arguments mean: which layers are read how, which of them meet, and under which measures.
//!
//! Names decide which layers meet before any activation is read, so that only what is needed is.

use crate::args::{AlignBy, Fed, Inputs, Pairs};
use crate::diagnostics::Failure;
use crate::interrupt;
use crate::progress::Progress;
use crate::side::{Chosen, Reading, Taken};
use isorep::reading::ladder::Ranks;
use isorep::{AnyMeasure, MEASURES, Pair, Representation};
use isorep_io::{Layout, Pooling, Samples};
use isorep_report::{LayerEntry, Pairing, Source};
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// Measures of `compare` if none is asked for: one or two of each family that give a value whatever the widths.
const USUAL: [&str; 8] = [
    "maximum-match",
    "mean-match",
    "cca",
    "procrustes(form=angular)",
    "nbs",
    "ridge-cv",
    "cka",
    "mutual-knn",
];

/// Which side of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    X,
    Y,
}

/// What is to be compared with what.
pub(crate) struct Plan {
    x: Chosen,
    y: Chosen,
    /// Which layers meet.
    pub(crate) pairing: Pairing,
    /// The pairs, as indices into the layers of both sides.
    pub(crate) cells: Vec<(usize, usize)>,
    reading: Reading,
    /// What models are run on.
    fed: Fed,
}

/// One layer as it goes into a comparison.
pub(crate) struct Loaded {
    /// What the file calls it.
    pub(crate) name: String,
    pub(crate) representation: Representation,
    pub(crate) samples: Samples,
    shape: Vec<usize>,
    steps: Vec<String>,
}

impl Plan {
    /// Opens both sides and decides which layers meet.
    pub(crate) fn new(inputs: &Inputs, seed: u64) -> Result<Self, Failure> {
        let mut plan = Self::unaligned(inputs, seed)?;
        match inputs.align_by {
            AlignBy::Position => same_inputs(&plan.x, &plan.y)?,
            AlignBy::Id => align_by_id(&mut plan.x, &mut plan.y)?,
        }
        Ok(plan)
    }

    /// The same for sides whose rows need not correspond.
    pub(crate) fn unaligned(inputs: &Inputs, seed: u64) -> Result<Self, Failure> {
        let pooling = inputs.pool.as_deref().map(|text| pooling(text, seed)).transpose()?;
        let reading = Reading { layout: inputs.layout, pooling };
        let choose = |path: &Path, own: &[String]| {
            let terms = if own.is_empty() { &inputs.layers } else { own };
            Chosen::new(path, &terms.join(","), &inputs.fed, reading)
        };
        let (mut x, mut y) = (choose(&inputs.a, &inputs.layers_a)?, choose(&inputs.b, &inputs.layers_b)?);
        let by_name = match inputs.pairs {
            Pairs::Aligned => true,
            Pairs::All => false,
            Pairs::Auto => x.layers.len() > 1 && x.names() == y.names(),
        };
        let pairing = if by_name { Pairing::Aligned } else { Pairing::All };
        let cells = if pairing == Pairing::Aligned {
            x.align(&mut y)?;
            (0..x.layers.len()).map(|k| (k, k)).collect()
        } else {
            (0..x.layers.len()).flat_map(|i| (0..y.layers.len()).map(move |j| (i, j))).collect()
        };
        match &inputs.fed.inputs {
            Some(path) if !x.is_model() && !y.is_model() => Err(unused(path)),
            _ => Ok(Self { x, y, pairing, cells, reading, fed: inputs.fed.clone() }),
        }
    }

    /// What becomes of positions.
    pub(crate) fn pooling(&self) -> Option<Pooling> {
        self.reading.pooling
    }

    fn chosen(&self, side: Side) -> &Chosen {
        if side == Side::X { &self.x } else { &self.y }
    }

    /// What the inputs are called, if a file says so.
    pub(crate) fn ids(&self) -> Option<Vec<String>> {
        let named = [&self.x, &self.y].into_iter().find_map(|side| Some((side, side.ids()?)));
        let (side, ids) = named?;
        Some(match &side.rows {
            Some(rows) => rows.iter().map(|row| ids[*row].clone()).collect(),
            None => ids.to_vec(),
        })
    }

    /// Reads every layer of both sides.
    pub(crate) fn load(&self) -> Result<[Vec<Loaded>; 2], Failure> {
        self.x.run()?;
        self.y.run()?;
        let progress = Progress::new("reading", "layers", self.x.layers.len() + self.y.layers.len());
        let read = |side: Side| {
            let layers = 0..self.chosen(side).layers.len();
            layers
                .map(|index| self.load_one(side, index, self.reading.pooling).inspect(|_| progress.tick()))
                .collect::<Result<Vec<_>, _>>()
        };
        Ok([read(Side::X)?, read(Side::Y)?])
    }

    /// Reads one layer.
    pub(crate) fn load_one(
        &self,
        side: Side,
        index: usize,
        pooling: Option<Pooling>,
    ) -> Result<Loaded, Failure> {
        interrupt::check()?;
        let chosen = self.chosen(side);
        let layer = &chosen.layers[index];
        let other = if side == Side::X { &self.y } else { &self.x };
        let prepared = chosen.prepare(index, Reading { pooling, ..self.reading })?;
        let mut representation = prepared.representation;
        let mut steps = prepared.steps;
        if let Some(rows) = &chosen.rows {
            let ids = chosen.ids().map_or(0, <[String]>::len);
            if representation.n() != ids {
                let cause = format!("`{}` has {} rows and {ids} ids", layer.name(), representation.n());
                return Err(Failure::new(cause).during("cannot align rows by their ids"));
            }
            representation = representation.select(rows)?;
            steps.push(format!("{} of {ids} rows, by their ids", rows.len()));
        }
        // Messages name layers; where both sides use the same name they also say which side is meant.
        if other.layers.iter().any(|there| there.name() == layer.name()) {
            let side = if side == Side::X { "x" } else { "y" };
            let rows = representation.rows()?.clone();
            representation = Representation::new(format!("{} ({side})", layer.name()), rows)?;
        }
        Ok(Loaded {
            name: layer.name().into(),
            representation,
            samples: prepared.samples,
            shape: layer.shape().to_vec(),
            steps,
        })
    }

    /// Reads the layers of a reference: those with a name that either side has, or the only one there is. What was fed to
    /// the networks is flattened, anything else is read as the sides are.
    pub(crate) fn load_reference(&self, path: &Path, is_input: bool) -> Result<Vec<Loaded>, Failure> {
        let flattened = Reading { layout: Layout::Auto, pooling: Some(Pooling::Flatten) };
        let reading = if is_input { flattened } else { self.reading };
        let mut chosen = Chosen::new(path, "", &self.fed, reading)?;
        if chosen.layers.len() > 1 {
            let known = self.x.layers.iter().chain(&self.y.layers);
            let names: Vec<&str> = known.map(Taken::name).collect();
            chosen.layers.retain(|layer| names.contains(&layer.name()));
        }
        if chosen.layers.is_empty() {
            return Err(Failure::new(format!(
                "`{}` has no layer of the same name as either side",
                path.display()
            ))
            .hint("a file with one array is held against every layer"));
        }
        let read = |(index, layer): (usize, &Taken)| {
            let prepared = chosen.prepare(index, reading)?;
            Ok(Loaded {
                name: layer.name().into(),
                representation: prepared.representation,
                samples: prepared.samples,
                shape: layer.shape().to_vec(),
                steps: prepared.steps,
            })
        };
        chosen.layers.iter().enumerate().map(read).collect()
    }

    /// The pair of two layers, or why their rows do not correspond.
    pub(crate) fn pair(&self, x: &Loaded, y: &Loaded) -> Result<Pair, Failure> {
        let (n_x, n_y) = (x.representation.n(), y.representation.n());
        let both = format!("`{}` and `{}`", self.x.path, self.y.path);
        if n_x != n_y && self.cells.len() == 1 {
            return Err(Failure::new(format!("they have different numbers of rows: {n_x} and {n_y}"))
                .during(format!("cannot compare {both}"))
                .hint("rows are matched by position: give both networks the same inputs in the same order"));
        }
        if n_x != n_y {
            let cause = format!("`{}` has {n_x} rows and `{}` has {n_y}", x.name, y.name);
            return Err(Failure::new(cause)
                .during(format!("cannot compare the layers of {both}"))
                .hint("rows are matched by position: give both networks the same inputs in the same order"));
        }
        let checked = x.samples.check_pair(&y.samples, &x.name, &y.name);
        checked.map_err(|error| Failure::from(error).during(format!("cannot compare {both}")))?;
        Ok(Pair::new(&x.representation, &y.representation)?)
    }

    /// Why each pair cannot be formed, where it cannot.
    ///
    /// # Errors
    /// If none can.
    pub(crate) fn refusals(&self, [xs, ys]: &[Vec<Loaded>; 2]) -> Result<Vec<Option<Failure>>, Failure> {
        let refusals: Vec<_> = self.cells.iter().map(|(i, j)| self.pair(&xs[*i], &ys[*j]).err()).collect();
        match refusals.iter().flatten().next() {
            Some(first) if refusals.iter().all(Option::is_some) => Err(first.clone()),
            _ => Ok(refusals),
        }
    }

    /// What the report says about both sides.
    ///
    /// The rank of a layer is found beside that of another layer, as the two share their sums.
    pub(crate) fn sources(&self, [xs, ys]: &[Vec<Loaded>; 2]) -> [Source; 2] {
        let mut sources = [source(&self.x, xs), source(&self.y, ys)];
        if xs.is_empty() || ys.is_empty() {
            return sources;
        }
        let progress = Progress::new("finding ranks", "layers", xs.len().max(ys.len()));
        for k in 0..xs.len().max(ys.len()) {
            let (i, j) = (k.min(xs.len() - 1), k.min(ys.len() - 1));
            let ranks = if interrupt::asked() { Err(Failure::Interrupted) } else { ranks(&xs[i], &ys[j]) };
            let [x, y] = &mut sources;
            for (entry, rank) in [(&mut x.layers[i], 0), (&mut y.layers[j], 1)] {
                match &ranks {
                    Ok(ranks) => (entry.rank, entry.rank_reason) = (Some(ranks[rank]), None),
                    Err(failure) if entry.rank.is_none() => entry.rank_reason = Some(reason(failure)),
                    Err(_) => {}
                }
            }
            progress.tick();
        }
        sources
    }
}

/// Refuses sides whose files name their inputs, and name others or the same in another order.
fn same_inputs(x: &Chosen, y: &Chosen) -> Result<(), Failure> {
    let (Some(of_x), Some(of_y)) = (x.ids(), y.ids()) else { return Ok(()) };
    let both = format!("cannot compare `{}` and `{}`", x.path, y.path);
    let unequal = of_x.iter().zip(of_y).position(|(a, b)| a != b);
    let Some(row) = unequal.or_else(|| (of_x.len() != of_y.len()).then(|| of_x.len().min(of_y.len()))) else {
        return Ok(());
    };
    let sorted = |ids: &[String]| {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids
    };
    let id = |ids: &[String]| ids.get(row).map_or_else(|| "missing".into(), |id| format!("input `{id}`"));
    let cause =
        format!("their ids differ: row {row} is {} in the first and {} in the second", id(of_x), id(of_y));
    Err(Failure::new(cause).during(both).hint(if sorted(of_x) == sorted(of_y) {
        "both hold the same inputs in different orders: pass --align-by id"
    } else {
        "rows are matched by position: give both networks the same inputs in the same order, or pass --align-by id for those \
         that both have"
    }))
}

/// Chooses the rows of both sides that have the same id, in the order of the first.
fn align_by_id(x: &mut Chosen, y: &mut Chosen) -> Result<(), Failure> {
    let both = format!("cannot compare `{}` and `{}`", x.path, y.path);
    let refuse = |cause: String| Failure::new(cause).during(&both);
    let ids = |side: &Chosen| {
        let missing = || {
            refuse(format!("`{}` has no ids of its inputs", side.path))
                .hint("an array `ids` of names or integers, one a row, says which input a row is")
        };
        side.ids().map(<[String]>::to_vec).ok_or_else(missing)
    };
    let (of_x, of_y) = (ids(x)?, ids(y)?);
    let mut places = HashMap::with_capacity(of_y.len());
    for (row, id) in of_y.iter().enumerate() {
        if places.insert(id, row).is_some() {
            return Err(refuse(format!("the id `{id}` occurs more than once in `{}`", y.path)));
        }
    }
    let mut seen = HashSet::with_capacity(of_x.len());
    if let Some(id) = of_x.iter().find(|id| !seen.insert(*id)) {
        return Err(refuse(format!("the id `{id}` occurs more than once in `{}`", x.path)));
    }
    let (rows_x, rows_y): (Vec<usize>, Vec<usize>) =
        of_x.iter().enumerate().filter_map(|(row, id)| Some((row, *places.get(id)?))).unzip();
    if rows_x.is_empty() {
        return Err(refuse("no input has an id on both sides".into()));
    }
    (x.rows, y.rows) = (Some(rows_x), Some(rows_y));
    Ok(())
}

fn ranks(x: &Loaded, y: &Loaded) -> Result<[usize; 2], Failure> {
    if x.representation.n() != y.representation.n() {
        return Ok([ranks(x, x)?[0], ranks(y, y)?[1]]);
    }
    let ranks = Ranks::of(&Pair::new(&x.representation, &y.representation)?)?;
    Ok([ranks.rank_x, ranks.rank_y])
}

/// Why there is no number, in one line.
pub(crate) fn reason(failure: &Failure) -> String {
    match failure {
        Failure::Refused { cause: Some(cause), .. } => cause.clone(),
        Failure::Refused { what, .. } => what.clone(),
        Failure::Gate => "it does not hold".into(),
        Failure::Interrupted | Failure::Partial => "the work was stopped".into(),
    }
}

/// What the report says about one side.
fn source(chosen: &Chosen, loaded: &[Loaded]) -> Source {
    let entry = |layer: &Loaded| LayerEntry {
        name: layer.name.clone(),
        shape: layer.shape.clone(),
        n: layer.representation.n(),
        d: layer.representation.d(),
        rank: None,
        rank_reason: None,
        steps: layer.steps.clone(),
    };
    Source {
        path: chosen.path.clone(),
        layers: loaded.iter().map(entry).collect(),
        skipped: chosen.skipped.clone(),
        notes: chosen.notes.clone(),
    }
}

/// Inputs for a model where there is none.
fn unused(path: &Path) -> Failure {
    Failure::new(format!("`--inputs {}` is for models, and neither side is one", path.display()))
        .hint("`--input` names what the networks were fed, for measures that ask for it")
}

/// Reads a pooling; the seed of the command counts where it has none of its own.
fn pooling(text: &str, seed: u64) -> Result<Pooling, Failure> {
    Ok(match text.parse()? {
        Pooling::Positions { draw, .. } if !text.contains("seed=") => Pooling::Positions { draw, seed },
        pooling => pooling,
    })
}

/// Reads the measures; none given means [`USUAL`], and `all` the whole catalogue. The seed of the command counts for
/// measures that have a seed and were given none.
pub(crate) fn measures(labels: &[String], seed: u64) -> Result<Vec<AnyMeasure>, Failure> {
    let mut measures: Vec<AnyMeasure> = Vec::new();
    let mut add = |measure: AnyMeasure| {
        if !measures.contains(&measure) {
            measures.push(measure);
        }
    };
    if labels.is_empty() {
        USUAL.iter().filter_map(|label| label.parse().ok()).for_each(&mut add);
    }
    for label in labels {
        if label == "all" {
            MEASURES.iter().map(isorep::Entry::default_measure).for_each(&mut add);
        } else {
            add(label.parse().map_err(|error| unread(error, label))?);
        }
    }
    let seeded = |measure: &AnyMeasure| -> Result<AnyMeasure, Failure> {
        let given =
            labels.iter().any(|label| label.contains("seed=") && label.parse().as_ref() == Ok(measure));
        if seed == 0 || given || !measure.options().contains_key("seed") {
            return Ok(measure.clone());
        }
        with_option(&measure.label(), "seed", &seed.to_string())
    };
    measures.iter().map(seeded).collect()
}

/// The measure of a label with one more option.
pub(crate) fn with_option(label: &str, name: &str, value: &str) -> Result<AnyMeasure, Failure> {
    let (start, separator) = match label.trim_end().strip_suffix(')') {
        Some(start) if start.ends_with('(') => (start.to_owned(), ""),
        Some(start) => (start.to_owned(), ", "),
        None => (format!("{label}("), ""),
    };
    let label = format!("{start}{separator}{name}={value})");
    label.parse().map_err(|error| unread(error, &label))
}

/// Measures for sides whose rows need not correspond: those that were named, or all there are.
pub(crate) fn unaligned_measures(labels: &[String], seed: u64) -> Result<Vec<AnyMeasure>, Failure> {
    let every = ["all".to_owned()];
    let all = labels.is_empty() || labels.iter().any(|label| label == "all");
    let mut measures = measures(if labels.is_empty() { &every } else { labels }, seed)?;
    let named = |measure: &AnyMeasure| labels.iter().any(|label| label.parse().as_ref() == Ok(measure));
    if let Some(measure) = measures.iter().find(|m| m.properties().aligned && (!all || named(m))) {
        let possible: Vec<&str> = MEASURES
            .iter()
            .filter(|entry| !entry.default_measure().properties().aligned)
            .map(|entry| entry.info().id)
            .collect();
        return Err(Failure::new(format!("`{measure}` compares row i of A with row i of B"))
            .during("cannot compare unaligned sides under this measure")
            .hint(format!("with --unaligned there are {}", possible.join(", "))));
    }
    measures.retain(|measure| !measure.properties().aligned);
    Ok(measures)
}

/// A measure that cannot be read; where it is known, its page has its options.
fn unread(error: isorep::Error, label: &str) -> Failure {
    let id = label.split('(').next().unwrap_or(label).trim();
    let has_hint = error.hint().is_some();
    let failure = Failure::from(error);
    if has_hint || isorep::find(id).is_err() {
        failure
    } else {
        failure.hint(format!("`isorep explain {id}` lists its options"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(given: &[&str], seed: u64) -> Vec<String> {
        let given: Vec<String> = given.iter().map(|&g| g.into()).collect();
        measures(&given, seed).unwrap().iter().map(AnyMeasure::label).collect()
    }

    #[test]
    fn every_usual_measure_exists() {
        assert_eq!(labels(&[], 0), USUAL);
        assert_eq!(labels(&["all"], 0).len(), MEASURES.len());
    }

    #[test]
    fn the_seed_reaches_measures_that_have_one() {
        assert_eq!(
            labels(&["cka", "ridge-cv", "ridge-cv(seed=2)"], 7),
            ["cka", "ridge-cv(seed=7)", "ridge-cv(seed=2)"]
        );
        assert_eq!(labels(&["ridge-cv", "ridge-cv", "all"], 0)[..2], ["ridge-cv", "maximum-match"]);
    }

    #[test]
    fn the_seed_reaches_draws_of_positions() {
        let seed = |text: &str| match pooling(text, 5).unwrap() {
            Pooling::Positions { seed, .. } => seed,
            other => panic!("{other}"),
        };
        assert_eq!((seed("positions(100)"), seed("positions(seed=0)")), (5, 0));
    }
}
