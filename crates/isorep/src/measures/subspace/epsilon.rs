//! The relative error a match allows, checked once so that no function has to check it again.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A relative error ε with 0 ≤ ε < 1. At ε = 1 every neuron would match every set, the empty one included.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Epsilon(f64);

impl Epsilon {
    /// Checks the range.
    ///
    /// # Errors
    /// [`Error::InvalidOptions`] unless 0 ≤ `value` < 1.
    pub fn new(value: f64) -> Result<Self> {
        if (0.0..1.0).contains(&value) {
            Ok(Self(value))
        } else {
            Err(Error::InvalidOptions {
                label: format!("epsilon={value}"),
                reason: "a relative error is at least 0 and below 1".into(),
            })
        }
    }

    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl Default for Epsilon {
    /// A quarter, the middle of the values reported by Wang et al.
    fn default() -> Self {
        Self(0.25)
    }
}

impl TryFrom<f64> for Epsilon {
    type Error = Error;
    fn try_from(value: f64) -> Result<Self> {
        Self::new(value)
    }
}

impl From<Epsilon> for f64 {
    fn from(epsilon: Epsilon) -> Self {
        epsilon.0
    }
}

impl fmt::Display for Epsilon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Epsilon;

    #[test]
    fn the_range_is_half_open() {
        assert!(Epsilon::new(0.0).is_ok() && Epsilon::new(0.999).is_ok());
        for outside in [-1e-300, 1.0, f64::NAN, f64::INFINITY] {
            assert!(Epsilon::new(outside).is_err(), "{outside}");
        }
    }

    #[test]
    fn json_is_a_number_and_is_checked() {
        assert_eq!(serde_json::to_string(&Epsilon::default()).unwrap(), "0.25");
        assert_eq!(serde_json::from_str::<Epsilon>("0.3").unwrap().get(), 0.3);
        assert!(serde_json::from_str::<Epsilon>("1.0").is_err());
    }
}
