//! Large buffers that are used again.
//!
//! The first touch of a fresh page costs more than all the arithmetic done on it in a product: with new buffers for each
//! pair, a third of the time of a CKA went into page faults. So buffers go to a small store when they are dropped, and
//! the next product takes them from there.

use std::ops::{Deref, DerefMut};
use std::sync::Mutex;

/// Bytes that may lie in the store of one type.
const LIMIT: usize = 64 << 20;

/// A type that has a store.
pub(crate) trait Stored: Copy + Default + 'static {
    fn store() -> &'static Mutex<Vec<Vec<Self>>>;
}

macro_rules! stored {
    ($($t:ty),*) => {$(
        impl Stored for $t {
            fn store() -> &'static Mutex<Vec<Vec<$t>>> {
                static STORE: Mutex<Vec<Vec<$t>>> = Mutex::new(Vec::new());
                &STORE
            }
        }
    )*};
}
stored!(f32, f64);

/// Zeros at first, as many as asked for.
#[derive(Debug)]
pub(crate) struct Buffer<T: Stored>(Vec<T>);

impl<T: Stored> Buffer<T> {
    pub(crate) fn zeros(length: usize) -> Self {
        let kept = T::store().lock().ok().and_then(|mut store| {
            let fits = |kept: &Vec<T>| (length..=2 * length).contains(&kept.capacity());
            store.iter().position(fits).map(|at| store.swap_remove(at))
        });
        match kept {
            Some(mut kept) => {
                kept.clear();
                kept.resize(length, T::default());
                Self(kept)
            }
            None => Self(vec![T::default(); length]),
        }
    }

    pub(super) fn truncate(&mut self, length: usize) {
        self.0.truncate(length);
    }
}

impl<T: Stored> Drop for Buffer<T> {
    fn drop(&mut self) {
        if let Ok(mut store) = T::store().lock() {
            let held: usize = store.iter().map(Vec::capacity).sum();
            if (held + self.0.capacity()) * size_of::<T>() <= LIMIT {
                store.push(std::mem::take(&mut self.0));
            }
        }
    }
}

impl<T: Stored> Deref for Buffer<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Stored> DerefMut for Buffer<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_that_was_used_comes_back_as_zeros() {
        for _ in 0..3 {
            let mut buffer = Buffer::<f32>::zeros(1000);
            assert!(buffer.iter().all(|v| *v == 0.0));
            buffer.iter_mut().for_each(|v| *v = 1.0);
        }
    }
}
