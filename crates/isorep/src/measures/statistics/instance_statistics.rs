#![doc = include_str!("instance_statistics.md")]

use super::directions::{for_each_direction, mean_direction};
use crate::linalg::dot;
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Error, Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// Whether both sides give the same inputs the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InstanceStatistics {
    /// The number of an input.
    pub of: InstanceQuantity,
    /// How the numbers of both sides are compared.
    pub by: InstanceComparison,
}

/// A number that a side gives to an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstanceQuantity {
    /// The length of its activations.
    #[default]
    Magnitude,
    /// The cosine between its activations and the mean of all inputs.
    Concentricity,
}

/// How two lists of numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstanceComparison {
    /// Pearson's correlation, a similarity.
    #[default]
    Correlation,
    /// The mean absolute difference.
    Difference,
}

/// The numbers of both sides, of the inputs that have one on both.
struct Numbers {
    x: Vec<f64>,
    y: Vec<f64>,
    omitted: bool,
}

impl InstanceQuantity {
    /// The number of every input; `None` if it has no direction, and a direction is asked for.
    fn of(self, side: &Representation) -> Result<Vec<Option<f64>>> {
        side.rows()?;
        side.variation()?;
        match self {
            Self::Magnitude => {
                let mut row = vec![0.0; side.d()];
                let rows = side.rows()?;
                let length = |i: usize| {
                    rows.read_f64(i..i + 1, &[], &mut row);
                    Some(dot(&row, &row).sqrt())
                };
                Ok((0..side.n()).map(length).collect())
            }
            Self::Concentricity => {
                let mean = mean_direction(side).ok_or_else(|| {
                    Error::undefined(format!(
                        "the mean of `{}` is zero but for rounding and has no direction",
                        side.name()
                    ))
                })?;
                let mut cosines = vec![None; side.n()];
                for_each_direction(side, |i, direction| cosines[i] = Some(dot(direction, &mean)))?;
                Ok(cosines)
            }
        }
    }
}

impl InstanceStatistics {
    fn numbers(self, pair: &Pair) -> Result<Numbers> {
        let (x, y) = (self.of.of(pair.x())?, self.of.of(pair.y())?);
        let both: Vec<(f64, f64)> = x.into_iter().zip(y).filter_map(|(x, y)| Some((x?, y?))).collect();
        if both.is_empty() {
            return Err(Error::undefined("no input has activations on both sides"));
        }
        let omitted = both.len() < pair.n();
        let (x, y) = both.into_iter().unzip();
        Ok(Numbers { x, y, omitted })
    }

    /// What a number of one side is about its mean.
    fn deviations(self, side: &Representation, numbers: &[f64]) -> Result<Vec<f64>> {
        let count = numbers.len() as f64;
        let mean = numbers.iter().sum::<f64>() / count;
        let largest = numbers.iter().fold(0.0, |largest: f64, v| largest.max(v.abs()));
        let deviations: Vec<f64> = numbers.iter().map(|v| v - mean).collect();
        let spread = deviations.iter().fold(0.0, |spread: f64, v| spread.max(v.abs()));
        if spread > ROUNDING * largest {
            // Squares of extreme lengths would leave the range of f64.
            return Ok(deviations.iter().map(|v| v / spread).collect());
        }
        let what = match self.of {
            InstanceQuantity::Magnitude => "are equally long",
            InstanceQuantity::Concentricity => "have the same angle to their mean",
        };
        Err(Error::undefined(format!("all inputs of `{}` {what}", side.name())))
    }
}

/// Numbers that differ by less than this are equal but for rounding.
const ROUNDING: f64 = 1e-12;

impl Measure for InstanceStatistics {
    const INFO: Info = Info {
        id: "instance-statistics",
        title: "Magnitude and concentricity input by input",
        family: Family::Statistics,
        formula: "correlation or mean absolute difference over inputs of ||x_i|| and ||y_i||, or of cos(x_i, mean of x)",
        reference: "Wang et al. 2022, doi:10.1109/TKDE.2020.2989512; Klabunde et al. 2025, doi:10.1145/3728458",
        options: &[
            ("of", "magnitude (length), concentricity (cosine with the mean of all inputs)"),
            ("by", "correlation, difference (mean absolute)"),
        ],
        doc: include_str!("instance_statistics.md"),
    };

    fn properties(&self) -> Properties {
        let by_difference = self.by == InstanceComparison::Difference;
        let is_magnitude = self.of == InstanceQuantity::Magnitude;
        let largest = if is_magnitude { f64::INFINITY } else { 2.0 };
        let mut invariance = Invariance::ORTHOGONAL;
        if !(by_difference && is_magnitude) {
            invariance |= Invariance::SCALE;
        }
        Properties {
            kind: if by_difference { Kind::Distance } else { Kind::Similarity },
            range: if by_difference { (0.0, largest) } else { (-1.0, 1.0) },
            identity: Some(if by_difference { 0.0 } else { 1.0 }),
            symmetric: true,
            // Cosines are of the inputs that have one on both sides, which may be others in every pair.
            metric: by_difference && is_magnitude,
            aligned: true,
            invariance: Sides::both(invariance),
            needs: Needs::ROWS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let Numbers { x, y, .. } = self.numbers(pair)?;
        match self.by {
            InstanceComparison::Difference => {
                Ok(x.iter().zip(&y).map(|(x, y)| (x - y).abs()).sum::<f64>() / x.len() as f64)
            }
            InstanceComparison::Correlation => {
                let (x, y) = (self.deviations(pair.x(), &x)?, self.deviations(pair.y(), &y)?);
                Ok((dot(&x, &y) / dot(&x, &x).sqrt() / dot(&y, &y).sqrt()).clamp(-1.0, 1.0))
            }
        }
    }

    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        let Numbers { x, mut y, omitted } = self.numbers(pair)?;
        // Other partners leave out other inputs.
        if omitted {
            return Ok(None);
        }
        if self.by == InstanceComparison::Correlation {
            return Ok(Some(0.0));
        }
        // The mean of |x − y| over all pairs of numbers, by the sums of those below and above each x.
        y.sort_unstable_by(f64::total_cmp);
        let mut sums = vec![0.0];
        sums.extend(y.iter().scan(0.0, |sum, v| {
            *sum += v;
            Some(*sum)
        }));
        let n = y.len();
        let distance = |x: &f64| {
            let below = y.partition_point(|v| v < x);
            let above = (sums[n] - sums[below]) - (n - below) as f64 * x;
            below as f64 * x - sums[below] + above
        };
        Ok(Some(x.iter().map(distance).sum::<f64>() / (n * n) as f64))
    }

    fn samples() -> Vec<Self> {
        use InstanceComparison::{Correlation, Difference};
        use InstanceQuantity::{Concentricity, Magnitude};
        [
            (Magnitude, Correlation),
            (Concentricity, Correlation),
            (Magnitude, Difference),
            (Concentricity, Difference),
        ]
        .map(|(of, by)| Self { of, by })
        .to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(name: &str, values: Vec<f64>) -> Representation {
        Representation::from_f64(name, values.len() / 2, 2, values).unwrap()
    }

    fn of(of: InstanceQuantity, by: InstanceComparison) -> InstanceStatistics {
        InstanceStatistics { of, by }
    }

    /// Lengths 5, 1, 3 and 1, 2, 0: deviations 2, −2, 0 and 0, 1, −1, so −2 / √8 / √2; differences 4, 1, 3.
    #[test]
    fn lengths_by_hand() {
        let (x, y) = (side("x", vec![3., 4., 1., 0., 0., -3.]), side("y", vec![0., 1., -2., 0., 0., 0.]));
        let pair = Pair::new(&x, &y).unwrap();
        let correlation = of(InstanceQuantity::Magnitude, InstanceComparison::Correlation);
        assert!((correlation.compare(&pair).unwrap() + 0.5).abs() < 1e-15);
        let difference = of(InstanceQuantity::Magnitude, InstanceComparison::Difference);
        assert!((difference.compare(&pair).unwrap() - 8.0 / 3.0).abs() < 1e-15);
        // |5 − 1|, |5 − 2|, |5 − 0|, then 0, 1, 1 and 2, 1, 3.
        assert!((difference.chance(&pair).unwrap().unwrap() - 20.0 / 9.0).abs() < 1e-15);
    }

    /// The mean of x has the direction of (11, 5), that of y is the first axis. An input of zeros in y is left out on both sides,
    /// but not of the mean of x.
    #[test]
    fn cosines_by_hand_without_inputs_of_zeros() {
        let x = side("x", vec![3., 4., 3., -4., 0., 2., 0., -2., 5., 5.]);
        let y = side("y", vec![1., 0., 2., 0., 0., 7., 0., -7., 0., 0.]);
        let pair = Pair::new(&x, &y).unwrap();
        let mean = (11.0f64 * 11.0 + 25.0).sqrt();
        let cosines = [(33. + 20.) / 5. / mean, (33. - 20.) / 5. / mean, 5. / mean, -5. / mean];
        let expected: f64 = [1.0, 1.0, 0.0, 0.0].iter().zip(cosines).map(|(y, x)| (y - x).abs()).sum();
        let difference = of(InstanceQuantity::Concentricity, InstanceComparison::Difference);
        assert!((difference.compare(&pair).unwrap() - expected / 4.0).abs() < 1e-14);
        assert_eq!(difference.chance(&pair).unwrap(), None);
    }

    #[test]
    fn what_has_no_number_is_undefined() {
        let circle = side("circle", vec![1., 0., 0., 1., -1., 0., 0., -1.]);
        let y = side("y", vec![1., 2., 3., 4., 5., 6., 0., 1.]);
        let refused = |measure: InstanceStatistics, x: &Representation, y: &Representation| {
            measure.compare(&Pair::new(x, y).unwrap()).unwrap_err().to_string()
        };
        let lengths = of(InstanceQuantity::Magnitude, InstanceComparison::Correlation);
        assert!(refused(lengths, &circle, &y).contains("all inputs of `circle` are equally long"));
        let cosines = of(InstanceQuantity::Concentricity, InstanceComparison::Correlation);
        assert!(refused(cosines, &circle, &y).contains("mean of `circle`"));
        let (left, right) = (side("left", vec![1., 0., 0., 0.]), side("right", vec![0., 0., 1., 0.]));
        assert!(refused(cosines, &left, &right).contains("no input has activations on both sides"));
        let cone = side("cone", vec![3., 4., 3., -4.]);
        assert!(refused(cosines, &cone, &side("y", vec![1., 2., 3., 4.])).contains("same angle"));
    }
}
