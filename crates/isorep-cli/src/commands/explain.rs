//! `isorep explain ID`: the page of one measure or of one warning.

use crate::diagnostics::Failure;
use crate::output::Output;
use isorep::reading::warnings::Code;
use isorep_report::{CatalogueEntry, WarningPage};

pub(crate) fn run(id: &str, output: &Output) -> Result<(), Failure> {
    let id = id.split('(').next().unwrap_or(id).trim();
    if let Ok(code) = id.parse::<Code>() {
        return output.report(&WarningPage::of(code));
    }
    output.report(&CatalogueEntry::of(isorep::find(id)?))
}
