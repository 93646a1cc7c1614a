#![doc = include_str!("disagreement.md")]

use super::{Correctness, OF_DECISIONS, classes};
use crate::measure::{Family, Info, Kind, Measure, Needs, Properties};
use crate::{Error, Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// How often two networks decide for different classes.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Disagreement {
    /// What the share is related to.
    pub normalization: Normalization,
}

/// What a share of disagreements is related to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Normalization {
    /// Nothing.
    #[default]
    None,
    /// The least and the most that the error rates of both sides allow.
    MinMax,
    /// The error rate of x.
    ReferenceError,
}

impl Disagreement {
    /// Inputs that are put in different classes.
    fn count(pair: &Pair) -> Result<usize> {
        classes(pair)?;
        let (x, y) = (pair.x().decisions()?, pair.y().decisions()?);
        Ok(x.classes().iter().zip(y.classes()).filter(|(x, y)| x != y).count())
    }

    /// What a number of disagreements is divided by if the error of x is the reference.
    fn reference(pair: &Pair) -> Result<f64> {
        match Correctness::of(pair)?.wrong().0 {
            0 => {
                Err(Error::undefined(format!("`{}` is never wrong, so its error rate is 0", pair.x().name())))
            }
            wrong => Ok(wrong as f64),
        }
    }
}

impl Measure for Disagreement {
    const INFO: Info = Info {
        id: "disagreement",
        title: "Disagreement (churn)",
        family: Family::Functional,
        formula: "share of the inputs where argmax of x and argmax of y differ",
        reference: "Milani Fard et al. 2016, arXiv:1610.02782; Fort et al. 2019, arXiv:1912.02757",
        options: &[(
            "normalization",
            "none, min-max (between the least and the most that the error rates allow), reference-error (over the \
             error rate of x): what the share is related to; the last two need labels",
        )],
        doc: include_str!("disagreement.md"),
    };

    fn properties(&self) -> Properties {
        let plain = self.normalization == Normalization::None;
        let by_x = self.normalization == Normalization::ReferenceError;
        let needs = Needs::ROWS | Needs::EQUAL_WIDTHS;
        Properties {
            kind: Kind::Distance,
            range: (0.0, if by_x { f64::INFINITY } else { 1.0 }),
            identity: Some(0.0),
            symmetric: !by_x,
            metric: plain,
            aligned: true,
            invariance: OF_DECISIONS,
            needs: if plain { needs } else { needs | Needs::LABELS },
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let count = Self::count(pair)?;
        match self.normalization {
            Normalization::None => Ok(count as f64 / pair.n() as f64),
            Normalization::ReferenceError => Ok(count as f64 / Self::reference(pair)?),
            Normalization::MinMax => {
                let (x, y) = Correctness::of(pair)?.wrong();
                let (least, most) = (x.abs_diff(y), (x + y).min(pair.n()));
                if least == most {
                    return Err(Error::undefined(format!(
                        "with error rates of {:.4} for `{}` and {:.4} for `{}` no other disagreement is possible",
                        x as f64 / pair.n() as f64,
                        pair.x().name(),
                        y as f64 / pair.n() as f64,
                        pair.y().name()
                    )));
                }
                Ok((count - least) as f64 / (most - least) as f64)
            }
        }
    }

    /// A permuted decision is any of the n: what x and y decide is independent.
    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        let n = pair.n() as f64;
        let expected = || {
            let classes = classes(pair)?;
            let (x, y) = (pair.x().decisions()?.counts(classes), pair.y().decisions()?.counts(classes));
            let agreeing: f64 = x.iter().zip(&y).map(|(x, y)| *x as f64 * *y as f64).sum();
            Ok(n - agreeing / n)
        };
        match self.normalization {
            Normalization::None => Ok(Some(expected()? / n)),
            Normalization::ReferenceError => Ok(Some(expected()? / Self::reference(pair)?)),
            // The error rate of y changes with the permutation.
            Normalization::MinMax => Ok(None),
        }
    }

    fn prepare(&self, side: &Representation) -> Result<()> {
        side.decisions().map(|_| ())
    }

    fn samples() -> Vec<Self> {
        [Normalization::None, Normalization::MinMax, Normalization::ReferenceError]
            .map(|normalization| Self { normalization })
            .to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, Labels};

    fn pair(x: &[usize], y: &[usize], truth: &[usize]) -> Pair {
        let side = |name: &str, decisions: &[usize]| {
            let values =
                decisions.iter().flat_map(|&k| (0..3).map(move |j| f64::from(u8::from(j == k)))).collect();
            Representation::from_f64(name, decisions.len(), 3, values).unwrap()
        };
        let context = Context::default().with_labels(Labels::of_columns(truth.to_vec()));
        Pair::new(&side("x", x), &side("y", y)).unwrap().with_context(context).unwrap()
    }

    fn value(normalization: Normalization, pair: &Pair) -> Result<f64> {
        Disagreement { normalization }.compare(pair)
    }

    /// x is wrong on 1 of 4, y on 2 of 4, and they differ on 2: between 1 and 3.
    #[test]
    fn by_hand() {
        let pair = pair(&[0, 1, 2, 0], &[0, 1, 0, 0], &[0, 1, 2, 1]);
        assert_eq!(value(Normalization::None, &pair), Ok(0.25));
        // x is wrong on the last, y on the last two; they differ on one: the least there can be, of 1 to 3.
        assert_eq!(value(Normalization::MinMax, &pair), Ok(0.0));
        assert_eq!(value(Normalization::ReferenceError, &pair), Ok(1.0));
        // x decides for the classes 2, 1, 1 times, y 3, 1, 0 times: they agree by chance on 7 of 16.
        assert_eq!(Disagreement::default().chance(&pair), Ok(Some(1.0 - 7.0 / 16.0)));
    }

    #[test]
    fn without_errors_there_is_nothing_to_relate_to() {
        let perfect = pair(&[0, 1, 2], &[0, 1, 1], &[0, 1, 2]);
        assert_eq!(value(Normalization::None, &perfect), Ok(1.0 / 3.0));
        for normalization in [Normalization::MinMax, Normalization::ReferenceError] {
            let error = value(normalization, &perfect).unwrap_err().to_string();
            assert!(error.contains("`x`"), "{error}");
        }
    }

    #[test]
    fn labels_must_be_columns() {
        let plain = pair(&[0, 1, 2], &[0, 1, 1], &[0, 1, 2]);
        let relabelled = |labels| {
            let sides = Pair::new(plain.x(), plain.y()).unwrap();
            let pair = sides.with_context(Context::default().with_labels(labels)).unwrap();
            value(Normalization::MinMax, &pair).unwrap_err()
        };
        for labels in [Labels::named(["a", "b", "a"]), Labels::of_columns(vec![0, 1, 3])] {
            let error = relabelled(labels);
            assert!(matches!(error, Error::LabelColumns { .. }) && error.hint().is_some(), "{error}");
        }
    }
}
