//! Ctrl-C: asks the work to stop, and ends the process if it does not do so soon.

use crate::diagnostics::Failure;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How long a computation that cannot be interrupted may still run.
const PATIENCE: Duration = Duration::from_secs(1);

static ASKED: AtomicBool = AtomicBool::new(false);
/// Held while a file is written, so that the process never ends in the middle of it.
static WRITING: Mutex<()> = Mutex::new(());

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

fn end() {
    let _nothing_is_being_written = hold();
    crate::output::message(&Failure::Interrupted.to_string());
    std::process::exit(i32::from(Failure::Interrupted.code()));
}
