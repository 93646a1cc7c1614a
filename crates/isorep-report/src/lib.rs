//! Results of isorep, and how they are written: as text for people, as JSON and CSV for programs.
//!
//! The models here are plain data. Whoever computes fills them in; [`render`] writes them. The schema of the JSON form
//! of each model is a file in `schema/`, and its tests validate real output against it.

mod capture;
mod catalogue;
mod comparison;
mod csv;
mod demo;
mod json;
mod ladder;
mod layers;
mod matching;
mod parity;
mod source;
mod sweep;
mod text;
mod warning;

pub use capture::{CaptureReport, CapturedEntry};
pub use catalogue::{Catalogue, CatalogueEntry, OptionEntry};
pub use comparison::{
    BestEntry, Comparison, ContextEntry, Judgement, MeasureEntry, PairEntry, Pairing, ReadingEntry, Settings,
};
pub use demo::{DemoLayer, DemoMeasure, DemoNetwork, DemoReport, ZeroMatch};
pub use ladder::{LadderPair, LadderReport, LadderSettings, RungEntry, RungValue};
pub use layers::{Axis, InputEntry, LayersReport, ValueEntry};
pub use matching::{CurvePoint, Draw, MatchFigures, MatchPair, MatchReport, MatchSettings, SimpleMatch};
pub use parity::{
    FirstEntry, ParityFigures, ParityLayer, ParityReport, ParitySettings, StepEntry, WorstInput, finite,
};
pub use source::{LayerEntry, SkippedEntry, Source};
pub use sweep::{SweepPair, SweepPoint, SweepReport, SweepSettings};
pub use text::number::number;
pub use text::table::{Align, Table};
pub use warning::WarningPage;

/// The version of the JSON form of every model: raised when a field changes its meaning or disappears.
pub const SCHEMA: u32 = 1;

/// How a result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Aligned tables of at most 100 columns where names allow it, four decimals.
    Text,
    /// One object, all digits.
    Json,
    /// One row a number, all digits.
    Csv,
}

/// A result that can be written in every format.
pub trait Report: serde::Serialize {
    /// For people.
    fn text(&self) -> String;
    /// For spreadsheets and data frames; the first row names the columns.
    fn csv(&self) -> String;
}

/// Writes a result; the text ends with a line break.
pub fn render(report: &impl Report, format: Format) -> String {
    match format {
        Format::Text => report.text(),
        Format::Json => json::pretty(report),
        Format::Csv => report.csv(),
    }
}
