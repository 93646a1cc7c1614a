#![doc = include_str!("concentricity.md")]

use super::Statistic;
use super::directions::{mean_direction, sum_of_directions};
use crate::linalg::dot;
use crate::measure::{Family, Info, Invariance, Needs};
use crate::{Error, Representation, Result};
use serde::{Deserialize, Serialize};

/// How near the inputs are to the direction of their mean.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Concentricity {}

impl Statistic for Concentricity {
    const INFO: Info = Info {
        id: "concentricity",
        title: "Concentricity",
        family: Family::Statistics,
        formula: "| mean of cos(x_i, mean of x) - mean of cos(y_i, mean of y) |",
        reference: "Wang et al. 2022, doi:10.1109/TKDE.2020.2989512",
        options: &[],
        doc: include_str!("concentricity.md"),
    };

    fn invariance(&self) -> Invariance {
        Invariance::ORTHOGONAL | Invariance::SCALE
    }

    fn needs(&self) -> Needs {
        Needs::ROWS
    }

    fn range(&self) -> (f64, f64) {
        (-1.0, 1.0)
    }

    fn of(&self, x: &Representation) -> Result<f64> {
        x.variation()?;
        let (sum, count) = sum_of_directions(x)?;
        let mean = mean_direction(x).ok_or_else(|| {
            Error::undefined(format!(
                "the mean of `{}` is zero but for rounding and has no direction",
                x.name()
            ))
        })?;
        Ok(dot(&sum, &mean) / count as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand_and_without_a_mean() {
        // (3, 4) and (3, −4): the mean is (3, 0), each cosine 3/5; an input without activations does not count.
        let x = Representation::from_f64("x", 3, 2, vec![3.0, 4.0, 3.0, -4.0, 0.0, 0.0]).unwrap();
        assert!((Concentricity {}.of(&x).unwrap() - 0.6).abs() < 1e-15);
        let centred = Representation::from_f64("centred", 2, 1, vec![1.0, -1.0]).unwrap();
        let error = Concentricity {}.of(&centred).unwrap_err().to_string();
        assert!(error.contains("the mean of `centred` is zero but for rounding"), "{error}");
    }

    /// Single-precision data less their mean in single precision: what is left of it is rounding, and has no direction.
    #[test]
    fn what_rounding_leaves_of_a_mean_is_no_direction() {
        let (n, d) = (400, 5);
        let values: Vec<f32> =
            (0..n * d).map(|k| 3.0 + ((k * k * 7 + k * 13) % 101) as f32 / 101.0).collect();
        let mean: Vec<f32> =
            (0..d).map(|j| values.iter().skip(j).step_by(d).sum::<f32>() / n as f32).collect();
        let centred = values.iter().enumerate().map(|(k, v)| v - mean[k % d]).collect();
        let centred = Representation::from_f32("centred", n, d, centred).unwrap();
        assert!(Concentricity {}.of(&centred).unwrap_err().to_string().contains("mean of `centred`"));
        assert!(Concentricity {}.of(&Representation::from_f32("x", n, d, values).unwrap()).is_ok());
    }
}
