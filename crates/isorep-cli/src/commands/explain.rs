//! `isorep explain ID`: the page of one measure or of one warning.

use crate::diagnostics::Failure;
use crate::output::Output;
use isorep::reading::warnings::Code;
use isorep_report::{CatalogueEntry, WarningPage};

pub(crate) fn run(id: &str, output: &Output) -> Result<(), Failure> {
    let id = id.split('(').next().unwrap_or(id).trim();
    match id.parse::<Code>() {
        Ok(code) => return output.report(&WarningPage::of(code)),
        Err(cause) if id.starts_with("IR") => {
            let known: Vec<String> = Code::ALL.iter().map(ToString::to_string).collect();
            return Err(Failure::new(cause).hint(format!("there are {}", known.join(", "))));
        }
        Err(_) => {}
    }
    output.report(&CatalogueEntry::of(isorep::find(id)?))
}
