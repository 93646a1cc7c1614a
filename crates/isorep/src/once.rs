//! A value computed on first use and then shared.
//!
//! Unlike `OnceLock::get_or_init` the lock is not held while the value is computed: an initialiser that waits for
//! parallel work could otherwise deadlock with a task of that work that wants the same value (rayon #1251). Two
//! threads may then compute it at once; both get the same bits and the first one's are kept.

use crate::Result;
use std::sync::OnceLock;

#[derive(Debug)]
pub(crate) struct Once<T>(OnceLock<T>);

impl<T> Once<T> {
    /// Already known.
    pub(crate) fn with(value: T) -> Self {
        Self(OnceLock::from(value))
    }

    pub(crate) fn is_known(&self) -> bool {
        self.0.get().is_some()
    }

    /// The value, computed if it is not known yet. A failure is not kept.
    pub(crate) fn try_get_or(&self, compute: impl FnOnce() -> Result<T>) -> Result<&T> {
        if let Some(value) = self.0.get() {
            return Ok(value);
        }
        let value = compute()?;
        Ok(self.0.get_or_init(|| value))
    }
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}
