//! Numbers of about 31 digits as unevaluated sums of two f64, for reference values.

use std::ops::{Add, Div, Mul, Neg, Sub};

#[derive(Debug, Clone, Copy)]
pub(crate) struct DoubleDouble(pub(crate) f64, f64);

fn two_sum(a: f64, b: f64) -> DoubleDouble {
    let sum = a + b;
    let other = sum - a;
    DoubleDouble(sum, (a - (sum - other)) + (b - other))
}

impl DoubleDouble {
    pub(crate) fn sqrt(self) -> Self {
        if self.0 <= 0.0 {
            return Self::from(0.0);
        }
        // One Newton step from the rounded root doubles its digits.
        let root = Self::from(self.0.sqrt());
        root + (self - root * root) / (root + root)
    }
}

impl From<f64> for DoubleDouble {
    fn from(value: f64) -> Self {
        Self(value, 0.0)
    }
}

impl Add for DoubleDouble {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let (high, low) = (two_sum(self.0, other.0), two_sum(self.1, other.1));
        let middle = two_sum(high.0, high.1 + low.0);
        two_sum(middle.0, middle.1 + low.1)
    }
}

impl Neg for DoubleDouble {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0, -self.1)
    }
}

impl Sub for DoubleDouble {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for DoubleDouble {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let product = self.0 * other.0;
        let error = self.0.mul_add(other.0, -product);
        two_sum(product, error + (self.0 * other.1 + self.1 * other.0))
    }
}

impl Div for DoubleDouble {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let first = Self::from(self.0 / other.0);
        let second = Self::from((self - first * other).0 / other.0);
        first + second
    }
}

#[test]
fn has_twice_the_digits() {
    let third = DoubleDouble::from(1.0) / DoubleDouble::from(3.0);
    let rest = third * DoubleDouble::from(3.0) - DoubleDouble::from(1.0);
    assert!(rest.0.abs() < 1e-31 && third.1 != 0.0);
    let root = DoubleDouble::from(2.0).sqrt();
    assert!((root * root - DoubleDouble::from(2.0)).0.abs() < 1e-30);
}
