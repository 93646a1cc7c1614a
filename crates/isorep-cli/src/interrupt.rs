//! Ctrl-C: asks the work to stop, and ends the process if it does not do so soon.

use crate::diagnostics::Failure;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How long a computation that cannot be interrupted may still run.
const PATIENCE: Duration = Duration::from_secs(1);

static ASKED: AtomicBool = AtomicBool::new(false);
/// Held while a file is written, so that the process never ends in the middle of it.
static WRITING: Mutex<()> = Mutex::new(());
/// A file that is written for longer than anybody waits; it goes when the process is ended.
static UNFINISHED: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Listens for Ctrl-C from now on.
pub(crate) fn listen() {
    // Fails only if a handler exists already; then that one decides.
    let _ = ctrlc::set_handler(|| {
        if ASKED.swap(true, Ordering::SeqCst) {
            end();
        }
        thread::spawn(|| {
            thread::sleep(PATIENCE);
            end();
        });
    });
}

/// Whether the user asked to stop.
pub(crate) fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}

/// Stops here if the user asked to.
pub(crate) fn check() -> Result<(), Failure> {
    if asked() { Err(Failure::Interrupted) } else { Ok(()) }
}

/// Keeps the process from ending until the guard is dropped.
pub(crate) fn hold() -> MutexGuard<'static, ()> {
    WRITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file that is removed if the process ends before this is dropped.
pub(crate) struct Unfinished;

/// Removes the file if the user stops the work.
pub(crate) fn unfinished(path: &Path) -> Unfinished {
    *UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner) = Some(path.into());
    Unfinished
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        *UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

fn end() {
    let _nothing_is_being_written = hold();
    if let Some(path) = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).take() {
        let _ = std::fs::remove_file(path);
    }
    crate::output::message(&Failure::Interrupted.to_string());
    std::process::exit(i32::from(Failure::Interrupted.code()));
}
