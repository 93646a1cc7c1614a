//! `isorep list`: every measure.

use crate::diagnostics::Failure;
use crate::output::Output;
use isorep_report::Catalogue;

pub(crate) fn run(output: &Output) -> Result<(), Failure> {
    output.report(&Catalogue::all())
}
