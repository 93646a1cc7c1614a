//! What is known of the inputs besides their activations: reads labels, groups and the raw input, and fits them to the
//! rows that are compared.

use crate::args::Known;
use crate::diagnostics::Failure;
use crate::plan::{Loaded, Plan};
use isorep::{Context, Labels};
use isorep_io::{Layout, Listing, Pooling, Samples, Selection, prepare, read_listing};
use isorep_report::ContextEntry;
use std::path::{Path, PathBuf};

/// What was read, and what the report says about it.
#[derive(Default)]
pub(crate) struct Read {
    pub(crate) context: Context,
    pub(crate) entries: Vec<ContextEntry>,
}

/// Reads what was given.
pub(crate) fn read(known: &Known, plan: &Plan, sides: &[Vec<Loaded>; 2]) -> Result<Read, Failure> {
    let mut read = Read::default();
    let rows = Rows::of(sides);
    if let Some(path) = &known.labels {
        let (listing, entry) = listing(path, "labels", plan)?;
        let classes = rows.fitted(listing.classes()?, &entry)?;
        let names = if classes.are_columns() {
            "integers: class k is column k of an output".into()
        } else {
            format!("{} names", classes.count())
        };
        read.entries.push(rows.told(entry, names));
        read.context = read.context.with_labels(classes);
    }
    if let Some(path) = &known.groups {
        let (listing, entry) = listing(path, "groups", plan)?;
        let groups = rows.fitted(listing.groups(), &entry)?;
        let count = format!("{} groups", groups.count());
        read.entries.push(rows.told(entry, count));
        read.context = read.context.with_groups(groups);
    }
    if let Some(place) = &known.input {
        let (input, entry) = input(place, &rows, plan)?;
        read.entries.push(entry);
        read.context = read.context.with_input(input);
    }
    Ok(read)
}

/// `FILE`, or `FILE:NAME` of an array in it.
fn place(text: &Path) -> (PathBuf, Option<String>) {
    let whole = text.to_string_lossy();
    match whole.rsplit_once(':') {
        Some((file, name)) if !text.exists() && !file.is_empty() && !name.is_empty() => {
            (file.into(), Some(name.into()))
        }
        _ => (text.into(), None),
    }
}

fn listing(text: &Path, what: &str, plan: &Plan) -> Result<(Listing, ContextEntry), Failure> {
    let (path, name) = place(text);
    let mut listing = read_listing(&path, name.as_deref().unwrap_or(what))?;
    if let (Some(name), Some(found)) = (&name, listing.entry())
        && name != found
    {
        return Err(Failure::new(format!("`{}` has no array `{name}`; it has `{found}`", path.display())));
    }
    if let Some(ids) = plan.ids() {
        listing = listing.ordered_by(&ids)?;
    }
    let entry = ContextEntry {
        what: what.into(),
        path: path.display().to_string(),
        entry: listing.entry().map(Into::into),
        n: listing.len(),
        steps: listing.steps().to_vec(),
    };
    Ok((listing, entry))
}

fn input(
    text: &Path,
    rows: &Rows<'_>,
    plan: &Plan,
) -> Result<(isorep::Representation, ContextEntry), Failure> {
    let (path, name) = place(text);
    let trace = isorep_io::open(&path)?;
    let layer = match name {
        Some(name) => trace.select(&Selection::parse(&name)?)?.swap_remove(0),
        None => &trace.layers()[0],
    };
    let prepared = prepare(&layer.read()?, Layout::Auto, Some(Pooling::Flatten))?;
    let mut entry = ContextEntry {
        what: "input".into(),
        path: path.display().to_string(),
        entry: Some(layer.name().into()),
        n: prepared.representation.n(),
        steps: prepared.steps,
    };
    if trace.layers().len() > 1 {
        let names = trace.layers().iter().skip(1).map(|layer| layer.name().to_owned()).collect::<Vec<_>>();
        if layer.name() == trace.layers()[0].name() {
            entry.steps.push(format!("the first array was taken, not {}", names.join(", ")));
        }
    }
    let mut order: Vec<usize> = (0..entry.n).collect();
    if let (Some(own), Some(ids)) = (trace.ids(), plan.ids().as_ref())
        && own != ids
    {
        let at = |id: &String| {
            own.iter().position(|own| own == id).ok_or_else(|| {
                Failure::new(format!("`{}` has no input `{id}`, and the networks were shown it", entry.path))
            })
        };
        order = ids.iter().map(at).collect::<Result<_, _>>()?;
        entry.steps.push("put in the order of the networks' inputs by their ids".into());
    }
    rows.check(order.len(), &entry)?;
    let order: Vec<usize> = rows.spread(order.len()).map(|input| order[input]).collect();
    let input = prepared.representation.select(&order)?;
    let neurons = format!("{} numbers an input", input.d());
    Ok((input, rows.told(entry, neurons)))
}

/// What the rows of the layers are.
struct Rows<'a> {
    all: Vec<&'a Samples>,
}

impl<'a> Rows<'a> {
    fn of(sides: &'a [Vec<Loaded>; 2]) -> Self {
        Self { all: sides.iter().flatten().map(|layer| &layer.samples).collect() }
    }

    /// The rows of all layers, if they are the same positions of the inputs.
    fn positions(&self) -> Option<(&Samples, usize)> {
        let first = *self.all.first()?;
        let Samples::Positions { inputs, grid, drawn } = first else { return None };
        let every = || inputs * grid.iter().product::<usize>();
        let rows = drawn.as_ref().map_or_else(every, |drawn| drawn.len());
        self.all.iter().all(|samples| *samples == first).then_some((first, rows))
    }

    /// Refuses what is about another number of inputs than any layer.
    fn check(&self, n: usize, entry: &ContextEntry) -> Result<(), Failure> {
        let inputs = |samples: &&Samples| match samples {
            Samples::Inputs { inputs } | Samples::Positions { inputs, .. } => *inputs,
        };
        let Some(first) = self.all.first().map(inputs) else { return Ok(()) };
        if self.all.iter().map(inputs).any(|inputs| inputs == n) {
            return Ok(());
        }
        Err(Failure::new(format!("it is about {n} inputs, and the networks were shown {first}"))
            .during(format!("cannot use `{}` as --{}", entry.path, entry.what))
            .hint(
                "give one entry for every input, in the order of the networks' inputs; with ids in both files the \
                 order is found by them",
            ))
    }

    /// The input of every row, or every input where rows are inputs.
    fn spread(&self, n: usize) -> Box<dyn Iterator<Item = usize> + '_> {
        match self.positions() {
            Some((samples, rows)) => Box::new((0..rows).map(|row| samples.input_of(row))),
            None => Box::new(0..n),
        }
    }

    /// One label a row.
    fn fitted(&self, labels: Labels, entry: &ContextEntry) -> Result<Labels, Failure> {
        self.check(labels.len(), entry)?;
        if self.positions().is_none() {
            return Ok(labels);
        }
        Ok(labels.select(&self.spread(labels.len()).collect::<Vec<_>>()))
    }

    /// With what it turned out to be, and how it was fitted to the rows.
    fn told(&self, mut entry: ContextEntry, what: String) -> ContextEntry {
        entry.steps.push(what);
        if let Some((samples, _)) = self.positions() {
            entry.steps.push(format!("repeated for {samples}"));
        }
        entry
    }
}
