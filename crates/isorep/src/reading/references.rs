//! What else the value can be held against: floors it should exceed and ceilings it cannot expect to.
//!
//! No number is high by itself. A floor is something that resembles one of the sides without having learnt what is in
//! question: the raw input, an untrained network. A ceiling is as alike as can be expected: the same network again, another
//! seed of it.

use super::verdict::at_least_as_alike;
use super::warnings::Known;
use serde::Serialize;

/// Which way a reference is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The value should exceed it.
    Floor,
    /// The value cannot expect to exceed it.
    Ceiling,
    /// Shown for comparison; a verdict does not look at it.
    Beside,
}

/// One reference, under every measure that has a value for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reference {
    /// What it is: `input`, `untrained`, `repeat`, `seed`, or another name.
    pub name: String,
    /// Which way it is meant.
    pub role: Role,
    /// The measures and what they give for the reference with x, and with y.
    pub values: Vec<ReferenceValue>,
}

/// What one measure gives for a reference with either side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReferenceValue {
    /// Label of the measure.
    pub label: String,
    /// With x.
    pub with_x: Option<f64>,
    /// With y.
    pub with_y: Option<f64>,
}

impl Reference {
    /// The more alike of both values under the measure of `known`: what a floor stands for.
    fn level(&self, known: &Known<'_>) -> Option<f64> {
        let label = known.measure.label();
        let value = self.values.iter().find(|value| value.label == label)?;
        match (value.with_x, value.with_y) {
            (Some(a), Some(b)) => Some(if at_least_as_alike(known, a, b) { a } else { b }),
            (one, other) => one.or(other),
        }
    }

    /// Whether the value is more alike than the floor, beyond the doubt of its interval where it has one.
    pub fn is_exceeded(&self, known: &Known<'_>) -> Option<bool> {
        let level = self.level(known)?;
        let end = known.evidence.interval.map_or(known.value, |interval| {
            if at_least_as_alike(known, interval.low, interval.high) { interval.high } else { interval.low }
        });
        Some(!at_least_as_alike(known, level, end))
    }

    /// Whether the value is as alike as the ceiling, within the doubt of its interval where it has one.
    pub fn is_reached(&self, known: &Known<'_>) -> Option<bool> {
        let level = self.level(known)?;
        let end = known.evidence.interval.map_or(known.value, |interval| {
            if at_least_as_alike(known, interval.low, interval.high) { interval.low } else { interval.high }
        });
        Some(at_least_as_alike(known, end, level))
    }
}
