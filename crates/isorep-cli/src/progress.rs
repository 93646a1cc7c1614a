//! How far the work is, on standard error, once it has taken more than a second: a bar in a terminal, a line every few
//! seconds elsewhere.

use crate::output;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

const QUIET_FOR: Duration = Duration::from_secs(1);
const BETWEEN_LINES: Duration = Duration::from_secs(5);
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// Counts finished pieces of work; what it shows disappears when it is dropped.
pub(crate) struct Progress {
    done: Arc<AtomicUsize>,
    end: Option<Sender<()>>,
    watcher: Option<JoinHandle<()>>,
}

impl Progress {
    /// `what` is being done to `total` things called `unit`.
    pub(crate) fn new(what: &'static str, unit: &'static str, total: usize) -> Self {
        let done = Arc::new(AtomicUsize::new(0));
        let (end, ended) = channel();
        let seen = Arc::clone(&done);
        let watcher = thread::spawn(move || {
            let start = Instant::now();
            let mut shown: Option<Shown> = None;
            while ended.recv_timeout(BETWEEN_LOOKS) == Err(RecvTimeoutError::Timeout) {
                if start.elapsed() < QUIET_FOR {
                    continue;
                }
                let done = seen.load(Ordering::Relaxed);
                shown.get_or_insert_with(|| Shown::new(what, unit, total)).update(done, what, unit, total);
            }
            if let Some(Shown::Bar(bar)) = shown {
                bar.finish_and_clear();
            }
        });
        Self { done, end: Some(end), watcher: Some(watcher) }
    }

    /// One more is done.
    pub(crate) fn tick(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(watcher) = self.watcher.take() {
            let _ = watcher.join();
        }
    }
}

enum Shown {
    Bar(ProgressBar),
    Lines { last: Option<Instant> },
}

impl Shown {
    fn new(what: &str, unit: &str, total: usize) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self::Lines { last: None };
        }
        let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
        let template = format!("{what} {{bar:30}} {{pos}} of {{len}} {unit}, {{elapsed}}");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        Self::Bar(bar)
    }

    fn update(&mut self, done: usize, what: &str, unit: &str, total: usize) {
        match self {
            Self::Bar(bar) => {
                bar.set_position(done as u64);
                bar.tick();
            }
            Self::Lines { last } => {
                if last.is_none_or(|last| last.elapsed() >= BETWEEN_LINES) {
                    output::message(&format!("{what}: {done} of {total} {unit}"));
                    *last = Some(Instant::now());
                }
            }
        }
    }
}
