//! A value computed on first use and then shared.
//!
//! Unlike `OnceLock::get_or_init` the lock is not held while the value is computed: an initialiser that waits for
//! parallel work could otherwise deadlock with a task of that work that wants the same value (rayon #1251). Two
//! threads may then compute it at once; both get the same bits and the first one's are kept.

use crate::Result;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

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

/// Values computed on first use and then shared, one for each key: for what depends on the options of a measure.
#[derive(Debug)]
pub(crate) struct Keyed<K, V> {
    values: Mutex<Vec<(K, Arc<V>)>>,
}

impl<K: PartialEq, V> Keyed<K, V> {
    pub(crate) fn known(&self, key: &K) -> Option<Arc<V>> {
        let values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        values.iter().find(|(other, _)| other == key).map(|(_, value)| value.clone())
    }

    /// Takes a value that was just computed, unless one is known; whichever is kept is given back.
    pub(crate) fn keep(&self, key: K, value: V) -> Arc<V> {
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = values.iter().find(|(other, _)| *other == key) {
            return known.clone();
        }
        let value = Arc::new(value);
        values.push((key, value.clone()));
        value
    }

    /// The value, computed if it is not known yet. A failure is not kept.
    pub(crate) fn try_get_or(&self, key: K, compute: impl FnOnce() -> Result<V>) -> Result<Arc<V>> {
        match self.known(&key) {
            Some(value) => Ok(value),
            None => Ok(self.keep(key, compute()?)),
        }
    }
}

impl<K, V> Default for Keyed<K, V> {
    fn default() -> Self {
        Self { values: Mutex::default() }
    }
}
