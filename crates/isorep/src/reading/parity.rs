//! Whether two runs of what should be the same layer give the same numbers: before and after a conversion, a
//! quantisation, a change of hardware.
//!
//! Neurons correspond one to one here, so plain differences say more than any measure of similarity. They are taken input
//! by input, because sums over all inputs belong to whichever input has the largest numbers: one outlier can hide that
//! all others agree, or that none does. [`Summary`] has both, the median over inputs and the total.
//!
//! For an input with activations x in the first run and y in the second:
//!
//! * relative error ‖y − x‖ / ‖x‖,
//! * signal-to-noise ratio −20 log₁₀ of it, in dB,
//! * cosine of the angle between x and y, without centring,
//! * the largest |y − x|.

use std::cmp::Ordering;

/// The difference of two runs on one input, or on several together.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Difference {
    /// ⟨x, y⟩.
    dot: f64,
    /// ‖x‖².
    x: f64,
    /// ‖y‖².
    y: f64,
    /// ‖y − x‖².
    error: f64,
    /// Largest |y − x|.
    largest: f64,
    /// Neurons that are infinite or NaN on one side and not the same on the other.
    broken: usize,
}

impl Difference {
    /// What differs between two runs on one input.
    ///
    /// A neuron that is the same infinity, or NaN, on both sides is left out: masks are made of these.
    ///
    /// # Panics
    /// If the sides have different numbers of neurons.
    ///
    /// ```
    /// use isorep::reading::parity::Difference;
    /// let difference = Difference::of(&[3.0, 4.0], &[3.0, 3.0]);
    /// assert_eq!(difference.relative_error(), 0.2);
    /// assert_eq!(difference.largest(), 1.0);
    /// assert!((difference.signal_to_noise() - 13.979).abs() < 1e-3);
    /// ```
    pub fn of(x: &[f64], y: &[f64]) -> Self {
        assert_eq!(x.len(), y.len(), "parity is of the same neurons");
        let mut all = Self::default();
        for (&x, &y) in x.iter().zip(y) {
            if x.is_finite() && y.is_finite() {
                let error = y - x;
                all.dot += x * y;
                all.x += x * x;
                all.y += y * y;
                all.error += error * error;
                all.largest = all.largest.max(error.abs());
            } else if x != y && !(x.is_nan() && y.is_nan()) {
                all.broken += 1;
            }
        }
        all
    }

    /// Both together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            dot: self.dot + other.dot,
            x: self.x + other.x,
            y: self.y + other.y,
            error: self.error + other.error,
            largest: self.largest.max(other.largest),
            broken: self.broken + other.broken,
        }
    }

    /// ‖y − x‖ / ‖x‖: 0 if nothing differs, infinite if x is zero and y is not, or if one side is not finite.
    pub fn relative_error(&self) -> f64 {
        if self.broken > 0 {
            f64::INFINITY
        } else if self.error == 0.0 {
            0.0
        } else {
            (self.error / self.x).sqrt()
        }
    }

    /// In dB: 20 for every factor of ten that the error is below the signal; infinite if nothing differs.
    pub fn signal_to_noise(&self) -> f64 {
        -20.0 * self.relative_error().log10()
    }

    /// The cosine of the angle between both, if neither is zero and both are finite.
    pub fn cosine(&self) -> Option<f64> {
        if self.broken > 0 || self.x == 0.0 || self.y == 0.0 {
            return (self.broken == 0 && self.x == self.y).then_some(1.0);
        }
        // Rounding may lead over the edge.
        Some((self.dot / (self.x.sqrt() * self.y.sqrt())).clamp(-1.0, 1.0))
    }

    /// The largest difference of a neuron; infinite if one side is not finite.
    pub fn largest(&self) -> f64 {
        if self.broken > 0 { f64::INFINITY } else { self.largest }
    }

    /// How many neurons are infinite or NaN on one side and not the same on the other.
    pub fn broken(&self) -> usize {
        self.broken
    }
}

/// The differences of one layer, input by input.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Differences(Vec<Difference>);

/// What the inputs of a layer say together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Median over inputs of the relative error: half of them are better.
    pub relative_error: f64,
    /// Median over inputs of the cosine; `None` if it is undefined for half of them.
    pub cosine: Option<f64>,
    /// Median over inputs of the largest difference.
    pub largest: f64,
    /// All inputs together, as one long vector.
    pub total: Difference,
}

impl Differences {
    /// Adds the next input.
    pub fn push(&mut self, difference: Difference) {
        self.0.push(difference);
    }

    /// One an input, in their order.
    pub fn inputs(&self) -> &[Difference] {
        &self.0
    }

    /// What they say together; `None` without inputs.
    pub fn summary(&self) -> Option<Summary> {
        let total = self.0.iter().copied().reduce(Difference::with)?;
        let relative_error = median(self.0.iter().map(Difference::relative_error).collect())?;
        // Where there is none, it is worse than any.
        let cosine = median(self.0.iter().map(|d| d.cosine().unwrap_or(f64::NEG_INFINITY)).collect())?;
        let largest = median(self.0.iter().map(Difference::largest).collect())?;
        Some(Summary { relative_error, cosine: Some(cosine).filter(|c| c.is_finite()), largest, total })
    }

    /// Inputs beyond a relative error.
    pub fn beyond(&self, tolerance: f64) -> usize {
        self.0.iter().filter(|difference| difference.relative_error() > tolerance).count()
    }

    /// Indices of the inputs with the largest relative errors, the worst first; ties go to the earlier input.
    pub fn worst(&self, count: usize) -> Vec<usize> {
        let errors: Vec<f64> = self.0.iter().map(Difference::relative_error).collect();
        let mut order: Vec<usize> = (0..errors.len()).collect();
        order.sort_by(|&a, &b| errors[b].total_cmp(&errors[a]).then(Ordering::Equal));
        order.truncate(count);
        order
    }
}

/// The middle value, or the mean of the two in the middle.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.len() % 2, values.as_slice()) {
        (_, []) => None,
        (1, values) => Some(values[middle]),
        (_, values) => Some(f64::midpoint(values[middle - 1], values[middle])),
    }
}

/// When a layer counts as another one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// Relative error that the median over inputs may have.
    pub tolerance: f64,
    /// How many times the relative error of a repetition of the first run it may have, where that is known.
    pub times_floor: f64,
}

impl Default for Rule {
    /// A twentieth (26 dB), and three times the floor.
    fn default() -> Self {
        Self { tolerance: 0.05, times_floor: 3.0 }
    }
}

impl Rule {
    /// What the median over inputs must be above: the tolerance, or a multiple of the floor where that is larger.
    pub fn limit(&self, floor: Option<f64>) -> f64 {
        self.tolerance.max(floor.map_or(0.0, |floor| self.times_floor * floor))
    }

    /// Whether the layer diverges.
    pub fn diverges(&self, relative_error: f64, floor: Option<f64>) -> bool {
        relative_error > self.limit(floor)
    }
}

/// The layer where the relative error grows most in one step, as a multiple of the largest before it: where something
/// happens, even if no layer is beyond the tolerance. `None` unless it at least doubles somewhere after a layer that has
/// an error already.
pub fn steepest(relative_errors: &[f64]) -> Option<(usize, f64)> {
    let mut before = 0.0_f64;
    let mut steepest: Option<(usize, f64)> = None;
    for (at, &error) in relative_errors.iter().enumerate() {
        let factor = if before > 0.0 { error / before } else { 0.0 };
        if factor >= 2.0 && steepest.is_none_or(|(_, most)| factor > most) {
            steepest = Some((at, factor));
        }
        before = before.max(error);
    }
    steepest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differences(errors: &[f64]) -> Differences {
        let mut all = Differences::default();
        for error in errors {
            all.push(Difference::of(&[1.0, 0.0], &[1.0, *error]));
        }
        all
    }

    #[test]
    fn one_outlier_moves_the_total_and_not_the_median() {
        let mut all = differences(&[1e-3; 10]);
        all.push(Difference::of(&[1.0, 0.0], &[1.0, 1e6]));
        let summary = all.summary().unwrap();
        assert!((summary.relative_error - 1e-3).abs() < 1e-15);
        assert!((summary.total.relative_error() - 1e6 / 11_f64.sqrt()).abs() < 1.0);
        assert_eq!((all.worst(1), all.beyond(0.5)), (vec![10], 1));
    }

    #[test]
    fn a_large_input_does_not_hide_that_the_others_differ() {
        let mut all = differences(&[1.0; 10]);
        all.push(Difference::of(&[1e6, 0.0], &[1e6, 0.0]));
        let summary = all.summary().unwrap();
        assert_eq!(summary.relative_error, 1.0);
        assert!(summary.total.relative_error() < 1e-5);
    }

    #[test]
    fn equal_runs_are_exact() {
        let same = Difference::of(&[0.0, 2.0], &[0.0, 2.0]);
        assert_eq!((same.relative_error(), same.cosine()), (0.0, Some(1.0)));
        assert_eq!(same.signal_to_noise(), f64::INFINITY);
        assert_eq!(Difference::of(&[0.0], &[0.0]).cosine(), Some(1.0));
        let from_nothing = Difference::of(&[0.0], &[1.0]);
        assert_eq!((from_nothing.relative_error(), from_nothing.cosine()), (f64::INFINITY, None));
    }

    #[test]
    fn what_is_not_finite_counts_unless_both_agree() {
        let mask = Difference::of(&[f64::NEG_INFINITY, f64::NAN, 2.0], &[f64::NEG_INFINITY, f64::NAN, 1.0]);
        assert_eq!((mask.broken(), mask.relative_error()), (0, 0.5));
        let broken = Difference::of(&[f64::INFINITY, 2.0], &[1.0, 2.0]);
        assert_eq!((broken.broken(), broken.relative_error(), broken.cosine()), (1, f64::INFINITY, None));
        assert_eq!(broken.largest(), f64::INFINITY);
    }

    #[test]
    fn the_floor_raises_the_limit_and_never_lowers_it() {
        let rule = Rule::default();
        assert!(rule.diverges(0.06, None) && !rule.diverges(0.04, None));
        assert!(!rule.diverges(0.06, Some(0.03)) && rule.diverges(0.1, Some(0.03)));
        assert!(!rule.diverges(0.04, Some(1e-9)));
    }

    #[test]
    fn the_steepest_step_is_a_multiple_of_all_before() {
        assert_eq!(steepest(&[0.0, 1e-6, 1e-6, 2e-4, 1e-6, 3e-4]).map(|(at, _)| at), Some(3));
        assert_eq!(steepest(&[0.0, 0.0, 1e-6, 1.5e-6]), None);
    }

    #[test]
    fn medians() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(vec![]), None);
    }
}
