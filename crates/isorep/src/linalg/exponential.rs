//! e^x − 1 for numbers that are not positive: what kernels make of distances.
//!
//! The standard library's function goes a number at a time and may differ between platforms. Here the arithmetic is
//! spelled out, so that loops over it vectorise and give the same bits everywhere. The error is at most 2 units in the
//! last place, which a test holds against more digits.

/// A float type that has the function.
pub(crate) trait Exponential {
    /// e^x − 1 for x ≤ 0.
    fn exponential_minus_one(self) -> Self;
}

/// `$round` is 1.5 times the number from which on floats are whole; `$high + $low` is ln 2, and `$high` has so few
/// digits that its multiples are exact.
macro_rules! exponential {
    ($t:ident, $least:literal, $round:literal, $high:expr, $low:literal, $bias:literal, $digits:literal, [$($factorial:literal),*]) => {
        impl Exponential for $t {
            #[inline(always)]
            fn exponential_minus_one(self) -> Self {
                // Below this it is −1 to the last digit.
                let x = if self > $least { self } else { $least };
                // x = k ln 2 + r with |r| ≤ ln 2 / 2: the sum is rounded to a whole number, and holds it in its last bits.
                let shifted = x * std::$t::consts::LOG2_E + $round;
                let k = shifted - $round;
                let r = (x - k * $high) - k * $low;
                let mut rest: $t = 0.0;
                $(rest = rest * r + 1.0 / $factorial;)*
                let near = r + r * r * rest;
                let power = $t::from_bits(shifted.to_bits().wrapping_add($bias) << $digits);
                power * near + (power - 1.0)
            }
        }
    };
}
exponential!(
    f32,
    -30.0,
    12_582_912.0,
    355.0 / 512.0,
    -2.121_944_4e-4,
    127,
    23,
    [5040.0, 720.0, 120.0, 24.0, 6.0, 2.0]
);
exponential!(
    f64,
    -50.0,
    6_755_399_441_055_744.0,
    0.693_145_751_953_125,
    1.428_606_820_309_417_2e-6,
    1023,
    52,
    [
        6_227_020_800.0,
        479_001_600.0,
        39_916_800.0,
        3_628_800.0,
        362_880.0,
        40_320.0,
        5040.0,
        720.0,
        120.0,
        24.0,
        6.0,
        2.0
    ]
);

#[cfg(test)]
mod tests {
    use super::*;

    /// Arguments from 1e-12 to 1e3, in steps of one per mille.
    fn arguments() -> impl Iterator<Item = f64> {
        (0..34_000).map(|k| -1e-12 * 1.001f64.powi(k)).filter(|x| *x > -1e3)
    }

    #[test]
    fn single_precision_is_within_two_units_of_the_last_place() {
        for x in arguments() {
            let x = x as f32;
            let exact = f64::from(x).exp_m1();
            let got = f64::from(x.exponential_minus_one());
            assert!(
                (got - exact).abs() <= 2.0 * f64::from(f32::EPSILON) / 2.0 * exact.abs(),
                "{x}: {got} {exact}"
            );
        }
    }

    #[test]
    fn double_precision_is_within_two_units_of_the_last_place() {
        for x in arguments() {
            // The standard library's own error is below one unit.
            let (exact, got) = (x.exp_m1(), x.exponential_minus_one());
            assert!((got - exact).abs() <= 2.0 * f64::EPSILON * exact.abs(), "{x}: {got} {exact}");
        }
    }

    #[test]
    fn the_ends() {
        assert_eq!((0f32.exponential_minus_one(), 0f64.exponential_minus_one()), (0.0, 0.0));
        assert_eq!((-0f64).exponential_minus_one(), 0.0);
        for x in [-60.0, -1e4, -1e300, f64::NEG_INFINITY] {
            assert_eq!((x.exponential_minus_one(), (x as f32).exponential_minus_one()), (-1.0, -1.0), "{x}");
        }
    }
}
