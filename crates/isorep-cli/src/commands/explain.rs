//! `isorep explain ID`: the page of one measure.

use crate::diagnostics::Failure;
use crate::output::Output;
use isorep_report::CatalogueEntry;

pub(crate) fn run(id: &str, output: &Output) -> Result<(), Failure> {
    let id = id.split('(').next().unwrap_or(id).trim();
    output.report(&CatalogueEntry::of(isorep::find(id)?))
}
