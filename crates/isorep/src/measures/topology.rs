//! Measures of the shape of the cloud of inputs: how its parts connect, which loops it has, how heat spreads in it.

mod rtd_lite;
mod skeleton;

pub use rtd_lite::{Bar, RtdLite, RtdLiteBarcode};
pub use skeleton::RtdCompat;
pub(crate) use skeleton::Skeleton;
