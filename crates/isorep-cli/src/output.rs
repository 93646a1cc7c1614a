//! The only place that prints: results to standard output or to a file that appears whole or not at all, messages to
//! standard error.
#![allow(clippy::print_stdout, clippy::print_stderr)] // this is the printer

use crate::args::{Format as Asked, Shared};
use crate::diagnostics::Failure;
use crate::interrupt;
use isorep_report::{Format, Report, render};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Where the result goes, and how it is written.
#[derive(Debug)]
pub(crate) struct Output {
    to: Option<PathBuf>,
    pub(crate) format: Format,
    /// The format that was asked for, whatever the file is called.
    asked: Option<Format>,
}

impl Output {
    /// Looks at the destination before any work is done, so that a long computation does not end in an error.
    pub(crate) fn new(shared: &Shared) -> Result<Self, Failure> {
        if let Some(path) = &shared.output {
            let folder = folder(path);
            if path.is_dir() {
                return Err(Failure::new(format!("cannot write `{}`: it is a folder", path.display())));
            }
            if !folder.is_dir() {
                let (path, folder) = (path.display(), folder.display());
                return Err(Failure::new(format!("cannot write `{path}`: there is no folder `{folder}`"))
                    .hint("create the folder first"));
            }
        }
        let extension = shared.output.as_deref().and_then(Path::extension).and_then(|e| e.to_str());
        let format = match (shared.format, extension) {
            (Some(Asked::Json), _) | (None, Some("json")) => Format::Json,
            (Some(Asked::Csv), _) | (None, Some("csv")) => Format::Csv,
            _ => Format::Text,
        };
        let asked = shared.format.map(|_| format);
        Ok(Self { to: shared.output.clone(), format, asked })
    }

    /// The file that was asked for, and the same destination without it: what is written there is not a report.
    pub(crate) fn take_file(&self) -> (Option<&Path>, Self) {
        let asked = self.asked.unwrap_or(Format::Text);
        (self.to.as_deref(), Self { to: None, format: asked, asked: self.asked })
    }

    /// Whether the result goes to a file.
    pub(crate) fn is_file(&self) -> bool {
        self.to.is_some()
    }

    /// Writes a result.
    pub(crate) fn report(&self, report: &impl Report) -> Result<(), Failure> {
        self.text(&render(report, self.format))
    }

    /// Writes a text that is formatted already.
    pub(crate) fn text(&self, text: &str) -> Result<(), Failure> {
        let _until_written = interrupt::hold();
        let Some(path) = &self.to else { return standard_output(text) };
        // Devices and pipes cannot be replaced by renaming.
        let special = path.metadata().is_ok_and(|metadata| !metadata.is_file());
        let written = if special { std::fs::write(path, text) } else { whole(path, text) };
        match written {
            Err(error) if !(special && error.kind() == ErrorKind::BrokenPipe) => {
                Err(Failure::new(format!("cannot write `{}`: {error}", path.display())))
            }
            _ => Ok(()),
        }
    }
}

fn standard_output(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Whoever was reading has seen enough.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a temporary file beside `path` and renames it, so that nobody sees half of it.
fn whole(path: &Path, text: &str) -> io::Result<()> {
    let mut file = beside(path)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// A temporary file that can be renamed to `path`.
pub(crate) fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".isorep-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file; the umask of the user takes away what it takes away.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder(path))
}

/// The folder a file is in.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// A line for the user, apart from the result.
pub(crate) fn message(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
