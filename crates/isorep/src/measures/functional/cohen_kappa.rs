#![doc = include_str!("cohen_kappa.md")]

use super::{OF_DECISIONS, beyond_chance, classes};
use crate::measure::{Family, Info, Kind, Measure, Needs, Properties};
use crate::{Error, Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// Agreement of decisions beyond what their frequencies explain.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CohenKappa {}

impl Measure for CohenKappa {
    const INFO: Info = Info {
        id: "cohen-kappa",
        title: "Cohen's kappa of decisions",
        family: Family::Functional,
        formula: "(p_o − p_e) / (1 − p_e), p_o the share of equal decisions, p_e = Σ_c p_x(c) p_y(c)",
        reference: "Cohen 1960, doi:10.1177/001316446002000104",
        options: &[],
        doc: include_str!("cohen_kappa.md"),
    };

    fn properties(&self) -> Properties {
        Properties {
            kind: Kind::Similarity,
            range: (-1.0, 1.0),
            identity: Some(1.0),
            symmetric: true,
            metric: false,
            aligned: true,
            invariance: OF_DECISIONS,
            needs: Needs::ROWS | Needs::EQUAL_WIDTHS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let classes = classes(pair)?;
        let (x, y) = (pair.x().decisions()?, pair.y().decisions()?);
        let agreeing = x.classes().iter().zip(y.classes()).filter(|(x, y)| x == y).count();
        let expected =
            x.counts(classes).iter().zip(y.counts(classes)).map(|(x, y)| *x as u128 * y as u128).sum();
        beyond_chance(pair.n(), agreeing, expected).ok_or_else(|| {
            Error::undefined(format!(
                "`{}` and `{}` decide for one and the same class on every input",
                pair.x().name(),
                pair.y().name()
            ))
        })
    }

    /// Frequencies stay as they are when inputs are permuted, and agreement is then what they explain.
    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        self.compare(pair).map(|_| Some(0.0))
    }

    fn prepare(&self, side: &Representation) -> Result<()> {
        side.decisions().map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(name: &str, decisions: &[usize]) -> Representation {
        let values = decisions.iter().flat_map(|&k| [1.0 - k as f64, k as f64]);
        Representation::from_f64(name, decisions.len(), 2, values.collect()).unwrap()
    }

    /// 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: p_o = .7, p_e = .5, so κ = .4.
    #[test]
    fn the_textbook_table() {
        let cells = [(1, 1, 20), (1, 0, 5), (0, 1, 10), (0, 0, 15)];
        let of = |first: bool| -> Vec<usize> {
            cells
                .iter()
                .flat_map(|&(a, b, count)| std::iter::repeat_n(if first { a } else { b }, count))
                .collect()
        };
        let pair = Pair::new(&side("x", &of(true)), &side("y", &of(false))).unwrap();
        assert!((CohenKappa {}.compare(&pair).unwrap() - 0.4).abs() < 1e-15);
    }

    #[test]
    fn one_class_for_everything_on_both_sides_is_undefined() {
        // Not constant: the outputs vary, the decisions do not.
        let always = |name| Representation::from_f64(name, 3, 2, vec![1.0, 0.0, 2.0, 0.0, 3.0, 1.0]).unwrap();
        let error = CohenKappa {}.compare(&Pair::new(&always("x"), &always("y")).unwrap()).unwrap_err();
        assert!(error.to_string().contains("same class"), "{error}");
    }
}
