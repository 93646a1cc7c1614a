//! `isorep demo`.
use crate::args::Demo;
use crate::diagnostics::Failure;
use crate::output::Output;
pub(crate) fn run(_: &Demo, _: u64, _: &Output) -> Result<(), Failure> {
    Ok(())
}
