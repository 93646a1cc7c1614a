//! The linear algebra this crate needs and no more; the only module that names faer.

mod matrix;
pub mod qr;

pub use matrix::Matrix;
