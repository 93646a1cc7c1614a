//! The experiments: each trains what it needs from seeds and hands back what was seen.

pub mod seeds;
