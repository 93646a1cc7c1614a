//! A virtual environment under the build folder, filled from pinned requirements, and the Python inside it.

use crate::{Result, process, workspace};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// An environment in which the given requirements are installed.
pub(crate) struct Environment {
    python: PathBuf,
}

impl Environment {
    /// Makes the environment, or takes the one that is there, and installs each requirements file that has changed
    /// since it was last installed. All chores share one environment: the pins of different files agree.
    pub(crate) fn with(requirements: &[PathBuf]) -> Result<Self> {
        let folder = workspace::target().join("python");
        let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
        if !process::succeeds(Command::new(&python).args(["-m", "pip", "--version"])) {
            let system = env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
            process::run(Command::new(system).args(["-m", "venv", "--clear"]).arg(&folder)).map_err(|error| {
                format!("{error}\nPython 3 with its venv module is needed (on Debian: apt-get install python3-venv)")
            })?;
        }
        for file in requirements {
            install(&python, &folder, file)?;
        }
        Ok(Self { python })
    }

    /// Python, without the settings that hold a BLAS library back: peers run at their best.
    pub(crate) fn python(&self) -> Command {
        let mut command = Command::new(&self.python);
        for name in ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "PYTHONPATH"] {
            command.env_remove(name);
        }
        command
    }
}

fn install(python: &Path, folder: &Path, requirements: &Path) -> Result {
    let text = fs::read_to_string(requirements)?;
    let name = requirements.strip_prefix(workspace::root()).unwrap_or(requirements);
    let stamp = folder.join(name.to_string_lossy().replace(['/', '\\'], "-"));
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == text) {
        return Ok(());
    }
    process::run(Command::new(python).args(["-m", "pip", "install", "--quiet", "-r"]).arg(requirements))?;
    fs::write(stamp, text)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::workspace;
    use std::collections::BTreeMap;
    use std::fs;

    #[test]
    fn requirements_are_pinned_and_agree_with_each_other() {
        let mut pins = BTreeMap::new();
        for folder in ["bench", "conformance"] {
            for file in ["requirements.txt", "requirements-torch.txt"] {
                let path = workspace::root().join(folder).join(file);
                for line in fs::read_to_string(&path).unwrap().lines().filter(|line| !line.starts_with('#')) {
                    let (package, version) = line.split_once("==").expect(line);
                    let known = pins.entry(package.to_owned()).or_insert_with(|| version.to_owned());
                    assert_eq!(known, version, "{package} in {}", path.display());
                }
            }
        }
        assert!(pins.contains_key("numpy"));
    }
}
