//! What `isorep list` and `isorep explain` show: what each measure is, promises and needs, from the measure itself.

use crate::{Report, csv, text};
use isorep::measure::{Family, Invariance, Kind, Needs};
use isorep::{AnyMeasure, Entry, MEASURES};
use serde::Serialize;
use serde_json::Value;

/// Every measure.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Catalogue(pub Vec<CatalogueEntry>);

/// One measure with its default options.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own, and a column of the table")]
pub struct CatalogueEntry {
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
    /// The value of a representation against itself, where it does not depend on the representation.
    pub identity: Option<f64>,
    /// Whether exchanging the sides changes nothing.
    pub symmetric: bool,
    /// Whether it obeys the triangle inequality.
    pub metric: bool,
    /// Whether row i of both sides must be the same input.
    pub aligned: bool,
    /// Whether both sides must have as many columns.
    pub equal_widths: bool,
    /// What may be done to x without changing the value.
    pub invariance_x: Vec<String>,
    /// What may be done to y without changing the value.
    pub invariance_y: Vec<String>,
    /// `rows`, `moments`, or `moments with a triangular factor`; then what must be known of the inputs: `labels`,
    /// `groups`, `raw input`.
    pub needs: String,
    /// Its options.
    pub options: Vec<OptionEntry>,
    /// The definition in one line.
    pub formula: String,
    /// The paper.
    pub reference: String,
    /// The whole page, in Markdown.
    pub page: String,
}

/// One option of a measure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OptionEntry {
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// Whether it must be given.
    pub required: bool,
    /// Its value if nothing is said; null if it must be given.
    pub default: Value,
}

impl Catalogue {
    /// All of them, in the order of the library.
    pub fn all() -> Self {
        Self(MEASURES.iter().map(CatalogueEntry::of).collect())
    }
}

impl CatalogueEntry {
    /// What a measure says about itself.
    pub fn of(entry: &Entry) -> Self {
        let measure: AnyMeasure = entry.default_measure();
        let (info, properties, values) = (entry.info(), measure.properties(), measure.options());
        let (low, high) = properties.range;
        let option = |(name, description): &(&str, &str)| OptionEntry {
            name: (*name).into(),
            description: (*description).into(),
            required: entry.required().contains(name),
            default: values
                .get(*name)
                .filter(|_| !entry.required().contains(name))
                .cloned()
                .unwrap_or_default(),
        };
        Self {
            id: info.id.into(),
            title: info.title.into(),
            family: info.family,
            kind: properties.kind,
            range: [low, high].map(|bound| bound.is_finite().then_some(bound)),
            identity: properties.identity,
            symmetric: properties.symmetric,
            metric: properties.metric,
            aligned: properties.aligned,
            equal_widths: properties.needs.contains(Needs::EQUAL_WIDTHS),
            invariance_x: changes(properties.invariance.x),
            invariance_y: changes(properties.invariance.y),
            needs: needs(properties.needs),
            options: info.options.iter().map(option).collect(),
            formula: info.formula.into(),
            reference: info.reference.into(),
            page: info.doc.into(),
        }
    }
}

/// What may be done to one side, with what follows from another left out.
fn changes(invariance: Invariance) -> Vec<String> {
    let all = [
        (Invariance::AFFINE, "any affine map"),
        (Invariance::LINEAR, "any linear map"),
        (Invariance::ORTHOGONAL, "rotation"),
        (Invariance::PERMUTATION, "permutation"),
        (Invariance::SCALE, "scale"),
        (Invariance::TRANSLATION, "offset"),
    ];
    let mut said = Invariance::empty();
    let mut names = Vec::new();
    for (change, name) in all {
        if invariance.contains(change) && !said.contains(change) {
            said |= change;
            names.push(name.to_owned());
        }
    }
    names
}

fn needs(needs: Needs) -> String {
    let sums = if needs.contains(Needs::ROWS) {
        "rows"
    } else if needs.contains(Needs::FACTOR) {
        "moments with a triangular factor"
    } else {
        "moments"
    };
    let context = [(Needs::LABELS, "labels"), (Needs::GROUPS, "groups"), (Needs::INPUT, "raw input")];
    let asked = context.iter().filter(|(flag, _)| needs.contains(*flag)).map(|(_, name)| *name);
    [sums].into_iter().chain(asked).collect::<Vec<_>>().join(", ")
}

impl Report for Catalogue {
    fn text(&self) -> String {
        text::catalogue(self)
    }
    fn csv(&self) -> String {
        csv::catalogue(&self.0)
    }
}

impl Report for CatalogueEntry {
    fn text(&self) -> String {
        text::page(self)
    }
    fn csv(&self) -> String {
        csv::catalogue(std::slice::from_ref(self))
    }
}
