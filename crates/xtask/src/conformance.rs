//! `cargo xtask conformance`: runs the scripts that record what other packages print for our measures.

use crate::python::Environment;
use crate::{Result, models, process, workspace};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Install and record the packages over PyTorch too (several gigabytes).
    #[arg(long)]
    torch: bool,
    /// Only these scripts of conformance/record.
    scripts: Vec<String>,
}

pub(crate) fn run(options: &Options) -> Result {
    let folder = workspace::root().join("conformance");
    let mut requirements = vec![folder.join("requirements.txt")];
    if options.torch {
        requirements.push(folder.join("requirements-torch.txt"));
    }
    let environment = Environment::with(&requirements)?;
    process::run(environment.python().arg(folder.join("record/all.py")).args(&options.scripts))?;
    if !options.scripts.is_empty() {
        return Ok(());
    }
    models::fetch()?;
    process::run(environment.python().arg(folder.join("onnx/record.py")).arg(models::folder()))
}

#[cfg(test)]
mod tests {
    use crate::workspace;
    use serde_json::Value;
    use std::fs;

    const TRANSFORMS: [&str; 8] =
        ["identity", "square", "sqrt", "cos", "arccos", "one_minus", "one_minus_square", "half_square"];

    #[test]
    fn every_recorded_value_can_be_read() {
        let folder = workspace::root().join("conformance");
        let mut records = 0;
        for file in fs::read_dir(folder.join("values")).unwrap() {
            let path = file.unwrap().path();
            let document: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            for key in ["tool", "version"] {
                assert!(!document[key].as_str().unwrap().is_empty(), "{key} of {}", path.display());
            }
            assert!(folder.join(document["script"].as_str().unwrap()).is_file(), "{}", path.display());
            for record in document["records"].as_array().unwrap() {
                records += 1;
                for side in ["x", "y"] {
                    assert!(folder.join(record[side].as_str().unwrap()).is_file(), "{record}");
                }
                assert!(record["value"].is_f64() && record["label"].is_string(), "{record}");
                assert!(TRANSFORMS.contains(&record["transform"].as_str().unwrap()), "{record}");
                assert!((0.0..1e-3).contains(&record["tolerance"].as_f64().unwrap()), "{record}");
                assert_eq!(record["agrees"].as_bool().unwrap(), record.get("note").is_none(), "{record}");
            }
        }
        assert!(records > 500, "only {records} records");
    }
}
