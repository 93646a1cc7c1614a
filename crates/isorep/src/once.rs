//! A value computed on first use and then shared.
//!
//! Unlike `OnceLock::get_or_init` the lock is not held while the value is computed: an initialiser that waits for
//! parallel work could otherwise deadlock with a task of that work that wants the same value (rayon #1251). Two
//! threads may then compute it at once; both get the same bits and the first one's are kept.

use crate::Result;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Debug)]
pub(crate) struct Once<T> {
    value: OnceLock<T>,
    /// How often it was computed: tests hold that a grid does so once.
    computed: AtomicUsize,
}

impl<T> Once<T> {
    /// Already known.
    pub(crate) fn with(value: T) -> Self {
        Self { value: OnceLock::from(value), computed: AtomicUsize::new(0) }
    }

    /// Takes a value that was computed elsewhere, unless one is known.
    pub(crate) fn keep(&self, value: T) {
        self.computed.fetch_add(1, Ordering::Relaxed);
        self.value.get_or_init(|| value);
    }

    pub(crate) fn known(&self) -> Option<&T> {
        self.value.get()
    }

    pub(crate) fn is_known(&self) -> bool {
        self.value.get().is_some()
    }

    /// The value, computed if it is not known yet. A failure is not kept.
    pub(crate) fn try_get_or(&self, compute: impl FnOnce() -> Result<T>) -> Result<&T> {
        if let Some(value) = self.value.get() {
            return Ok(value);
        }
        let value = compute()?;
        self.computed.fetch_add(1, Ordering::Relaxed);
        Ok(self.value.get_or_init(|| value))
    }
}

impl<T> Once<T> {
    #[cfg(test)]
    pub(crate) fn computed(&self) -> usize {
        self.computed.load(Ordering::Relaxed)
    }
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self { value: OnceLock::new(), computed: AtomicUsize::new(0) }
    }
}
