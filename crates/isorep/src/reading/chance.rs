//! What a value would be if the sides had nothing in common: its distribution when the inputs of one side are permuted,
//! and where the value found stands in it.
//!
//! For some measures the moments of that distribution are known exactly ([`Null`]); for the others it is drawn from
//! ([`super::Permutations`]). Both answer the same questions.

use crate::measure::{Kind, Properties};
use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Gamma, Normal};

/// Mean, spread and skewness of a value over all orders of the inputs of one side.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Null {
    /// The mean.
    pub mean: f64,
    /// The standard deviation, above 0.
    pub sd: f64,
    /// The third moment about the mean over the third power of `sd`; absent where it is not known.
    pub skewness: Option<f64>,
}

/// How a chance level was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// From the moments over all orders.
    Exact,
    /// From as many orders, drawn with a seed.
    Permutations(usize),
}

/// Where a value stands among those of permuted inputs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Chance {
    /// Mean over permuted inputs.
    pub mean: f64,
    /// Standard deviation over permuted inputs; absent where only the mean is known.
    pub sd: Option<f64>,
    /// How many standard deviations the value is on the more alike side of the mean; negative if on the other.
    pub z: Option<f64>,
    /// Probability of a value at least as alike. From permutations the value itself counts as one of them, so it is never
    /// 0.
    pub p: Option<f64>,
    /// What one in twenty permuted inputs reaches.
    pub threshold: Option<f64>,
    /// Where the value stands between the threshold (0) and the value of a representation with itself (1). Below 0 it is
    /// not above chance; never cut off.
    pub calibrated: Option<f64>,
    /// How all this was found.
    pub origin: Origin,
}

/// Share of permuted inputs that reach the threshold.
pub const LEVEL: f64 = 0.05;

impl Null {
    /// Probability of a value at least as far up, from the Pearson type III distribution with these moments.
    ///
    /// ```
    /// let null = isorep::reading::Null { mean: 0.0, sd: 1.0, skewness: Some(0.0) };
    /// assert!((null.upper_tail(1.959_964).unwrap_or(1.0) - 0.025).abs() < 1e-6);
    /// ```
    pub fn upper_tail(&self, value: f64) -> Option<f64> {
        self.standard_tail((value - self.mean) / self.sd, 1.0)
    }

    /// As [`Null::upper_tail`], in units of the spread, or with `sign` −1 on the other side.
    fn standard_tail(&self, z: f64, sign: f64) -> Option<f64> {
        let skewness = sign * self.skewness?;
        if skewness.abs() < 1e-4 {
            return Some(Normal::standard().sf(z));
        }
        // A gamma variable with mean and variance a, minus a, over √a, has the skewness 2 / √a.
        let a = 4.0 / (skewness * skewness);
        let gamma = Gamma::new(a, 1.0).ok()?;
        Some(if skewness > 0.0 { gamma.sf(a + z * a.sqrt()) } else { gamma.cdf(a - z * a.sqrt()) })
    }

    /// The value that a share `level` of all orders exceeds, on the side of `sign`.
    fn quantile(&self, level: f64, sign: f64) -> Option<f64> {
        let (mut low, mut high) = (-40.0, 40.0);
        for _ in 0..80 {
            let middle = f64::midpoint(low, high);
            if self.standard_tail(middle, sign)? > level { low = middle } else { high = middle }
        }
        Some(self.mean + sign * self.sd * high)
    }
}

/// 1 where larger is more alike, else −1.
pub(super) fn sign(kind: Kind) -> f64 {
    match kind {
        Kind::Similarity => 1.0,
        Kind::Distance => -1.0,
    }
}

/// The value of complete likeness: that of a representation with itself, or the end of the range.
pub(super) fn best(properties: &Properties) -> Option<f64> {
    let end = match properties.kind {
        Kind::Similarity => properties.range.1,
        Kind::Distance => properties.range.0,
    };
    properties.identity.or_else(|| end.is_finite().then_some(end))
}

impl Chance {
    /// Of a value whose distribution is known.
    pub fn from_null(value: f64, null: &Null, properties: &Properties) -> Self {
        let sign = sign(properties.kind);
        let z = sign * (value - null.mean) / null.sd;
        let threshold = null.quantile(LEVEL, sign);
        Self {
            mean: null.mean,
            sd: Some(null.sd),
            z: Some(z),
            p: null.standard_tail(z, sign),
            threshold,
            calibrated: calibrated(value, threshold, properties),
            origin: Origin::Exact,
        }
    }

    /// Of a value of which only the mean over all orders is known.
    pub fn from_mean(mean: f64) -> Self {
        Self { mean, sd: None, z: None, p: None, threshold: None, calibrated: None, origin: Origin::Exact }
    }

    /// Of a value and those of permuted inputs. `None` without any, or where all of them are the value itself: then it
    /// does not depend on the order.
    pub fn from_permuted(value: f64, permuted: &[f64], properties: &Properties) -> Option<Self> {
        let count = permuted.len();
        if count < 2 {
            return None;
        }
        let sign = sign(properties.kind);
        let n = count as f64;
        let mean = permuted.iter().sum::<f64>() / n;
        let sd = (permuted.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        // Rounding must not tell two orders apart that have one value.
        let same = 1e-12 * mean.abs().max(value.abs());
        if sd <= same && (value - mean).abs() <= same {
            return None;
        }
        let reach = permuted.iter().filter(|v| sign * (**v - value) >= -same).count();
        let threshold = order_statistic(permuted, sign);
        Some(Self {
            mean,
            sd: Some(sd),
            z: (sd > 0.0).then(|| sign * (value - mean) / sd),
            p: Some((1.0 + reach as f64) / (1.0 + n)),
            threshold,
            calibrated: calibrated(value, threshold, properties),
            origin: Origin::Permutations(count),
        })
    }

    /// Whether no more than one in twenty permuted inputs is as alike; `None` if that is not known.
    pub fn is_significant(&self) -> Option<bool> {
        self.p.map(|p| p <= LEVEL)
    }
}

/// The value that the one found must exceed to be among the most alike 5 % of itself and the permuted ones; `None` if there
/// are too few of them.
pub(super) fn order_statistic(permuted: &[f64], sign: f64) -> Option<f64> {
    let mut sorted: Vec<f64> = permuted.iter().map(|v| sign * v).collect();
    sorted.sort_by(f64::total_cmp);
    let at = ((1.0 - LEVEL) * (sorted.len() as f64 + 1.0)).ceil() as usize;
    (at <= sorted.len()).then(|| sign * sorted[at - 1])
}

fn calibrated(value: f64, threshold: Option<f64>, properties: &Properties) -> Option<f64> {
    let (threshold, best) = (threshold?, best(properties)?);
    let room = best - threshold;
    (sign(properties.kind) * room > 0.0).then(|| (value - threshold) / room)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AnyMeasure;

    fn properties(label: &str) -> Properties {
        label.parse::<AnyMeasure>().unwrap().properties()
    }

    /// A chi-squared variable with 4 degrees of freedom: mean 4, variance 8, skewness √2; P(X > 9.4877) = .05.
    #[test]
    fn tails_of_a_skewed_distribution() {
        let null = Null { mean: 4.0, sd: 8f64.sqrt(), skewness: Some(2f64.sqrt()) };
        assert!((null.upper_tail(9.487_729).unwrap() - 0.05).abs() < 1e-6);
        assert!((null.quantile(0.05, 1.0).unwrap() - 9.487_729).abs() < 1e-5);
        // P(X < 0.7107) = .05, the more alike end of a distance.
        assert!((null.quantile(0.05, -1.0).unwrap() - 0.710_723).abs() < 1e-5);
        assert_eq!(Null { skewness: None, ..null }.upper_tail(5.0), None);
    }

    #[test]
    fn permuted_values_count_the_one_found() {
        let permuted: Vec<f64> = (0..99).map(f64::from).map(|v| v / 100.0).collect();
        let chance = Chance::from_permuted(0.985, &permuted, &properties("cka")).unwrap();
        assert_eq!(chance.p, Some(0.01));
        assert_eq!(chance.threshold, Some(0.94));
        assert!((chance.calibrated.unwrap() - 0.045 / 0.06).abs() < 1e-12);
        let same = Chance::from_permuted(0.94, &permuted, &properties("cka")).unwrap();
        assert_eq!(same.p, Some(0.06));
        // The same as a distance: less is more.
        let distance = Chance::from_permuted(0.0, &permuted, &properties("nbs")).unwrap();
        assert_eq!(distance.p, Some(1.0));
        let distance = Chance::from_permuted(-0.5, &permuted, &properties("grassmann")).unwrap();
        assert_eq!((distance.p, distance.threshold), (Some(0.01), Some(0.04)));
    }

    #[test]
    fn a_value_that_no_order_changes_has_no_chance_level() {
        assert_eq!(Chance::from_permuted(0.5, &[0.5; 20], &properties("cka")), None);
        assert!(Chance::from_permuted(0.6, &[0.5; 20], &properties("cka")).is_some());
    }

    #[test]
    fn too_few_orders_have_no_threshold() {
        assert_eq!(order_statistic(&[0.1; 18], 1.0), None);
        assert_eq!(order_statistic(&[0.1; 19], 1.0), Some(0.1));
    }
}
