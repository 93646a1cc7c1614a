//! Numbers that options of measures may be: types that cannot hold anything else.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A number outside of the range of its option.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{value} is not {range}")]
pub struct OutOfRange {
    value: f64,
    range: &'static str,
}

macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $range:literal, $value:ident => $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(try_from = "f64", into = "f64")]
        pub struct $name(f64);

        impl $name {
            /// Checks the range.
            ///
            /// # Errors
            /// If the value lies outside of it or is NaN.
            pub const fn new($value: f64) -> Result<Self, OutOfRange> {
                if $check { Ok(Self($value)) } else { Err(OutOfRange { value: $value, range: $range }) }
            }

            /// A constant of the source, such as a default.
            pub(crate) const fn constant($value: f64) -> Self {
                assert!($check);
                Self($value)
            }

            /// The number.
            pub const fn get(self) -> f64 {
                self.0
            }
        }

        impl TryFrom<f64> for $name {
            type Error = OutOfRange;
            fn try_from(value: f64) -> Result<Self, OutOfRange> {
                Self::new(value)
            }
        }

        impl From<$name> for f64 {
            fn from(number: $name) -> Self {
                number.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number!(
    /// A share of a whole: above 0 and at most 1.
    Fraction,
    "above 0 and at most 1",
    v => v > 0.0 && v <= 1.0
);
number!(
    /// Where on the way from one thing to another: from 0 to 1, both included.
    Share,
    "at least 0 and at most 1",
    v => v >= 0.0 && v <= 1.0
);
number!(
    /// Any positive finite number.
    Positive,
    "a finite number above 0",
    v => v > 0.0 && v.is_finite()
);
number!(
    /// Zero or any positive finite number.
    NonNegative,
    "a finite number of at least 0",
    v => v >= 0.0 && v.is_finite()
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_out_of_range_are_refused_with_the_range() {
        assert!(Fraction::new(1.0).is_ok() && NonNegative::new(0.0).is_ok());
        for bad in [0.0, -0.1, 1.1, f64::NAN] {
            assert!(Fraction::new(bad).is_err());
        }
        assert!(NonNegative::new(f64::INFINITY).is_err());
        assert!(Share::new(0.0).is_ok() && Share::new(1.0).is_ok() && Share::new(1.1).is_err());
        assert!(Positive::new(0.0).is_err());
        let error = serde_json::from_str::<Fraction>("1.5").unwrap_err().to_string();
        assert!(error.contains("1.5 is not above 0 and at most 1"), "{error}");
    }
}
