//! Readings: numbers with the evidence needed to judge them.

pub mod ladder;
