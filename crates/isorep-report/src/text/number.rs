//! How a number looks to people: four decimals, so that columns line up, and powers of ten only where those fail.

/// A value of a measure: four decimals where the scale is fixed, so that small means nearly nothing.
pub(crate) fn value_in(range: [Option<f64>; 2], value: f64) -> String {
    match range {
        // Adding 0 turns a rounded −0 into 0.
        [_, Some(highest)] if highest <= 4.0 && value.abs() < 1e3 => {
            format!("{:.4}", (value * 1e4).round() / 1e4 + 0.0)
        }
        _ => number(value),
    }
}

/// A share such as explained variance, with as many decimals as given; what rounds to zero has no sign.
pub(crate) fn share(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let is_zero = text.chars().all(|c| matches!(c, '-' | '0' | '.'));
    if is_zero { text.trim_start_matches('-').into() } else { text }
}

/// Four decimals; numbers that four decimals would hide or that are too long get four significant digits.
///
/// ```
/// use isorep_report::number;
/// assert_eq!(number(0.81234), "0.8123");
/// assert_eq!(number(1.0), "1.0000");
/// assert_eq!(number(0.0), "0.0000");
/// assert_eq!(number(0.000_012_344), "1.234e-5");
/// assert_eq!(number(-54_321.9), "-5.432e4");
/// ```
pub fn number(value: f64) -> String {
    let size = value.abs();
    // Rounding noise around zero is zero to a reader; JSON and CSV keep it.
    if size < 1e-14 {
        "0.0000".into()
    } else if (5e-4..1e4).contains(&size) {
        format!("{value:.4}")
    } else {
        format!("{value:.3e}")
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_share_is_a_negative_zero() {
        let shown = [-4e-5, 0.0, -0.000_06, 0.5].map(|value| super::share(value, 4));
        assert_eq!(shown, ["0.0000", "0.0000", "-0.0001", "0.5000"]);
    }
}
