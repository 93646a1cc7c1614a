//! What `isorep compare` found: every pair of layers under every measure.

use crate::{Report, SCHEMA, Source, csv, finite, text};
use isorep::measure::{Family, Kind};
use isorep::reading::verdict::Verdict;
use isorep::reading::warnings::Warning;
use isorep::reading::{Evidence, Reference};
use isorep::{AnyMeasure, Reading};
use serde::Serialize;

/// Layers of one source against layers of another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Version of this form.
    pub schema: u32,
    /// Version of the program.
    pub isorep: String,
    /// What was asked for.
    pub settings: Settings,
    /// The first side.
    pub x: Source,
    /// The second side.
    pub y: Source,
    /// What was read about the inputs besides their activations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub context: Vec<ContextEntry>,
    /// The measures, in the order of every list of readings.
    pub measures: Vec<MeasureEntry>,
    /// What was found, x by x.
    pub pairs: Vec<PairEntry>,
    /// The most alike pair under each measure, where there are several pairs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub best: Vec<BestEntry>,
    /// Whether the work was stopped, so that pairs are missing.
    pub interrupted: bool,
}

/// The most alike pair under one measure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BestEntry {
    /// Label of the measure.
    pub label: String,
    /// Layer of the first side.
    pub x: String,
    /// Layer of the second side.
    pub y: String,
    /// Probability that permuted inputs give a pair at least as alike anywhere.
    pub p: f64,
}

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Settings {
    /// Seed of every random draw.
    pub seed: u64,
    /// Which layers were paired.
    pub pairing: Pairing,
    /// Whether row i of both sides need not be the same input.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unaligned: bool,
    /// Orders of the inputs behind chance levels that no closed form gives; absent if no evidence was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permutations: Option<usize>,
}

/// One file about the inputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContextEntry {
    /// `labels`, `groups` or `input`.
    pub what: String,
    /// The file, as it was given.
    pub path: String,
    /// The array in it, if it may hold several.
    pub entry: Option<String>,
    /// How many inputs it is about.
    pub n: usize,
    /// What it was found to be and what was done to it, in order.
    pub steps: Vec<String>,
}

/// Which layers of the two sides are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pairing {
    /// Each layer with the one of the same name.
    Aligned,
    /// Every layer with every other.
    All,
}

/// One measure with its options.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MeasureEntry {
    /// Its id, and the options that differ from the default.
    pub label: String,
    /// Its id.
    pub id: String,
    /// For headings.
    pub title: String,
    /// What it looks at.
    pub family: Family,
    /// Whether larger is more alike.
    pub kind: Kind,
    /// Smallest and largest possible value; absent where there is no bound.
    pub range: [Option<f64>; 2],
}

/// One pair of layers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairEntry {
    /// Layer of the first side.
    pub x: String,
    /// Layer of the second side.
    pub y: String,
    /// Number of inputs.
    pub n: usize,
    /// Number of inputs of y, if it is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_y: Option<usize>,
    /// Number of neurons of x.
    pub d_x: usize,
    /// Number of neurons of y.
    pub d_y: usize,
    /// Dimension of the span of the neurons of x, as they are stored.
    pub rank_x: Option<usize>,
    /// Dimension of the span of the neurons of y, as they are stored.
    pub rank_y: Option<usize>,
    /// One a measure.
    pub readings: Vec<ReadingEntry>,
    /// What they are worth together; absent if no evidence was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judgement: Option<Judgement>,
}

/// What the readings of a pair are worth together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judgement {
    /// What the values were held against.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// What is to be known about the pair, whatever the measure.
    pub warnings: Vec<Warning>,
    /// What the readings support; absent for large grids.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

/// A number, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReadingEntry {
    /// Label of the measure.
    pub label: String,
    /// Id of the measure.
    pub id: String,
    /// Whether larger is more alike.
    pub kind: Kind,
    /// The value; `null` exactly if there is a reason.
    pub value: Option<f64>,
    /// Why there is no value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Mean value over permutations of the inputs of one side, where it is known.
    pub chance: Option<f64>,
    /// What is known about the value; absent if there is none or no evidence was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// What is to be known before quoting the value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

impl Comparison {
    /// A comparison without any result yet.
    pub fn new(settings: Settings, x: Source, y: Source, measures: &[AnyMeasure]) -> Self {
        Self {
            schema: SCHEMA,
            isorep: env!("CARGO_PKG_VERSION").into(),
            settings,
            x,
            y,
            context: Vec::new(),
            measures: measures.iter().map(MeasureEntry::of).collect(),
            pairs: Vec::new(),
            best: Vec::new(),
            interrupted: false,
        }
    }
}

impl MeasureEntry {
    /// What a measure says about itself.
    pub fn of(measure: &AnyMeasure) -> Self {
        let (info, properties) = (measure.info(), measure.properties());
        let (low, high) = properties.range;
        Self {
            label: measure.label(),
            id: info.id.into(),
            title: info.title.into(),
            family: info.family,
            kind: properties.kind,
            range: [low, high].map(finite),
        }
    }
}

impl ReadingEntry {
    /// The reading of one measure.
    pub fn of(measure: &AnyMeasure, reading: &Reading) -> Self {
        let (value, reason) = match &reading.value {
            Ok(value) if value.is_finite() => (Some(*value), None),
            Ok(value) => (None, Some(format!("the value is {value}"))),
            Err(error) => (None, Some(reason(error))),
        };
        Self {
            label: measure.label(),
            id: measure.info().id.into(),
            kind: measure.properties().kind,
            value,
            reason,
            chance: reading.chance.and_then(finite),
            evidence: None,
            warnings: Vec::new(),
        }
    }
}

/// Why there is no value; where something can be given that is missing, how.
fn reason(error: &isorep::Error) -> String {
    match error {
        isorep::Error::NeedsContext { name, .. } => format!("{error}: pass `--{name} FILE`"),
        isorep::Error::LabelColumns { .. } | isorep::Error::NotProbabilities { .. } => {
            error.hint().map_or_else(|| error.to_string(), |hint| format!("{error}: {hint}"))
        }
        _ => error.to_string(),
    }
}

impl Report for Comparison {
    fn text(&self) -> String {
        text::comparison(self)
    }
    fn csv(&self) -> String {
        csv::comparison(self)
    }
}
