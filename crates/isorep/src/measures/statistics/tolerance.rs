#![doc = include_str!("tolerance.md")]

use super::Statistic;
use super::directions::for_each_direction;
use crate::linalg::dot;
use crate::measure::{Family, Info, Invariance, Needs};
use crate::{Context, Error, Representation, Result};
use serde::{Deserialize, Serialize};

/// The mean cosine between two inputs of the same class.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tolerance {}

impl Statistic for Tolerance {
    const INFO: Info = Info {
        id: "tolerance",
        title: "Tolerance: mean cosine within classes",
        family: Family::Statistics,
        formula: "| T(x) - T(y) |, T = mean over i ≠ j of the same class of cos(x_i, x_j)",
        reference: "Wang & Liu 2021, arXiv:2012.09740",
        options: &[],
        doc: include_str!("tolerance.md"),
    };

    fn invariance(&self) -> Invariance {
        Invariance::ORTHOGONAL | Invariance::SCALE
    }

    fn needs(&self) -> Needs {
        Needs::ROWS | Needs::LABELS
    }

    fn range(&self) -> (f64, f64) {
        (-1.0, 1.0)
    }

    fn of(&self, x: &Representation) -> Result<f64> {
        self.in_context(x, &Context::default())
    }

    fn in_context(&self, x: &Representation, inputs: &Context) -> Result<f64> {
        x.rows()?;
        x.variation()?;
        let labels = inputs.labels()?;
        let mut sums = vec![vec![0.0; x.d()]; labels.count()];
        let mut counts = vec![0.0; labels.count()];
        for_each_direction(x, |i, direction| {
            let class = labels.classes()[i];
            sums[class].iter_mut().zip(direction).for_each(|(s, v)| *s += v);
            counts[class] += 1.0;
        })?;
        let pairs: f64 = counts.iter().map(|count| count * (count - 1.0)).sum();
        if pairs == 0.0 {
            return Err(Error::undefined(format!(
                "no class has two inputs with activations in `{}`",
                x.name()
            )));
        }
        // The square of a class's sum holds every pair twice, and every input once with itself.
        let cosines: f64 = sums.iter().zip(&counts).map(|(sum, count)| dot(sum, sum) - count).sum();
        Ok(cosines / pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Labels, Pair};

    fn inputs(classes: Vec<usize>) -> Context {
        Context::default().with_labels(Labels::of_columns(classes))
    }

    /// Angles 0°, 90°, 180° and one input without activations. Classes 0, 0, 1, 1: one pair, of cosine 0. Classes
    /// 0, 1, 0, 1: one pair, of cosine −1. All one class: the three of `anisotropy`.
    #[test]
    fn pairs_of_a_class_by_hand() {
        let x = Representation::from_f64("x", 4, 2, vec![2., 0., 0., 1., -3., 0., 0., 0.]).unwrap();
        let of = |classes| Tolerance {}.in_context(&x, &inputs(classes));
        assert!(of(vec![0, 0, 1, 1]).unwrap().abs() < 1e-15);
        assert!((of(vec![0, 1, 0, 1]).unwrap() + 1.0).abs() < 1e-15);
        assert!((of(vec![0, 0, 0, 0]).unwrap() + 1.0 / 3.0).abs() < 1e-15);
        let error = of(vec![0, 1, 2, 2]).unwrap_err().to_string();
        assert!(error.contains("no class has two inputs") && error.contains("`x`"), "{error}");
    }

    #[test]
    fn it_is_refused_without_labels_and_has_no_chance_value() {
        let x = Representation::from_f64("x", 2, 1, vec![1.0, 2.0]).unwrap();
        assert!(matches!(Tolerance {}.of(&x), Err(Error::NeedsContext { name: "labels", .. })));
        let pair = Pair::new(&x, &x).unwrap().with_context(inputs(vec![0, 0])).unwrap();
        let measure = crate::AnyMeasure::from(super::super::Difference(Tolerance {}));
        assert_eq!((measure.compare(&pair), measure.chance(&pair)), (Ok(0.0), Ok(None)));
        assert!(measure.properties().aligned);
    }
}
