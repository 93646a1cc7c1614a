//! Measures of the shape of the cloud of inputs: how its parts connect, which loops it has, how heat spreads in it.

mod distances;
mod heat;
mod imd;
mod mtopdiv;
mod rtd;
mod rtd_lite;
mod skeleton;
pub(super) mod subsets;

pub use imd::Imd;
pub use mtopdiv::{Collapse, Mtopdiv, MtopdivSubsets};
pub use rtd::{Rtd, RtdBarcode, RtdSubsets};
pub use rtd_lite::{RtdLite, RtdLiteBarcode};
pub use skeleton::RtdCompat;
pub(crate) use skeleton::Skeleton;
