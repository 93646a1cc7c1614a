//! The bytes of a file, mapped or owned, and typed views of them.
//!
//! This is the only module with `unsafe` code: mapping a file promises the compiler that nobody changes it meanwhile,
//! and only the user can keep that promise. Everything above works on checked slices.
#![allow(unsafe_code)]

use bytemuck::AnyBitPattern;
use isorep::Owner;
use memmap2::Mmap;
use std::fs::File;
use std::io;
use std::marker::PhantomData;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// Bytes that are cheap to clone and to share: a mapped file, or a vector.
#[derive(Clone)]
pub(crate) struct Bytes(Arc<dyn AsRef<[u8]> + Send + Sync>);

impl Bytes {
    /// Maps a regular file. Pipes and devices are refused: they have no length that could be checked.
    pub(crate) fn map(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
        }
        if metadata.len() == 0 {
            return Ok(Self::from(Vec::new())); // an empty range cannot be mapped everywhere
        }
        // SAFETY: the map is read-only and private to this type, its length is that of the file when it was opened,
        // and any bit pattern is a valid `u8`. What remains is that another process may truncate or overwrite the file
        // while it is mapped; no reader of mapped files can exclude that, and the crate documentation says so.
        let map = unsafe { Mmap::map(&file)? };
        Ok(Self(Arc::new(map)))
    }

    /// The same numbers as a shared slice of `T`, without a copy; `None` if they are not aligned for `T` or do not
    /// divide into whole ones.
    pub(crate) fn view<T: AnyBitPattern + Send + Sync>(&self, range: Range<usize>) -> Option<Owner<T>> {
        bytemuck::try_cast_slice::<u8, T>(&self.as_ref()[range.clone()]).ok()?;
        Some(Arc::new(View::<T> { bytes: self.clone(), range, of: PhantomData }))
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Arc::new(bytes))
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        (*self.0).as_ref()
    }
}

/// A range of bytes that [`Bytes::view`] found to be whole, aligned values of `T`.
struct View<T> {
    bytes: Bytes,
    range: Range<usize>,
    of: PhantomData<T>,
}

impl<T: AnyBitPattern> AsRef<[T]> for View<T> {
    fn as_ref(&self) -> &[T] {
        bytemuck::cast_slice(&self.bytes.as_ref()[self.range.clone()])
    }
}
