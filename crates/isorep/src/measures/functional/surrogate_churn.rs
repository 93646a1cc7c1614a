#![doc = include_str!("surrogate_churn.md")]

use super::Outputs;
use super::distributions::{Distribution, fold};
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::options::Positive;
use crate::{Pair, Result};
use serde::{Deserialize, Serialize};

/// A smooth stand-in for the share of inputs on which two networks decide for different classes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SurrogateChurn {
    /// What both sides hold.
    pub outputs: Outputs,
    /// The power of the relative probabilities; large values come near to decisions.
    pub alpha: Positive,
}

impl Default for SurrogateChurn {
    fn default() -> Self {
        Self { outputs: Outputs::default(), alpha: Positive::constant(1.0) }
    }
}

impl Measure for SurrogateChurn {
    const INFO: Info = Info {
        id: "surrogate-churn",
        title: "Surrogate churn",
        family: Family::Functional,
        formula: "mean over the inputs of ½ ‖(p / max p)^α − (q / max q)^α‖₁",
        reference: "Bhojanapalli et al. 2021, arXiv:2102.03349",
        options: &[
            Outputs::OPTION,
            ("alpha", "any number above 0: the power; for large ones only the largest probabilities count"),
        ],
        doc: include_str!("surrogate_churn.md"),
    };

    fn properties(&self) -> Properties {
        Properties {
            kind: Kind::Distance,
            range: (0.0, f64::INFINITY),
            identity: Some(0.0),
            symmetric: true,
            metric: true,
            aligned: true,
            invariance: Sides::both(Invariance::empty()),
            needs: Needs::ROWS | Needs::EQUAL_WIDTHS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let alpha = self.alpha.get();
        let largest = |row: Distribution<'_>| row.log.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let visit = |sum: &mut f64, _: usize, x: Distribution<'_>, y: Distribution<'_>| {
            let (of_x, of_y) = (largest(x), largest(y));
            let apart = |(log_p, log_q): (&f64, &f64)| {
                ((alpha * (log_p - of_x)).exp() - (alpha * (log_q - of_y)).exp()).abs()
            };
            *sum += 0.5 * x.log.iter().zip(y.log).map(apart).sum::<f64>();
        };
        let total = fold(pair, self.outputs, || 0.0, visit, |sum, other| *sum += other)?;
        Ok(total / pair.n() as f64)
    }

    fn samples() -> Vec<Self> {
        vec![Self::default(), Self { alpha: Positive::constant(4.0), ..Self::default() }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Disagreement, Representation};

    fn pair() -> Pair {
        let side = |name, values: [f64; 4]| Representation::from_f64(name, 2, 2, values.to_vec()).unwrap();
        Pair::new(&side("x", [0.8, 0.2, 0.6, 0.4]), &side("y", [0.2, 0.8, 0.5, 0.5])).unwrap()
    }

    fn of(alpha: f64, pair: &Pair) -> f64 {
        let alpha = Positive::new(alpha).unwrap();
        SurrogateChurn { outputs: Outputs::Probabilities, alpha }.compare(pair).unwrap()
    }

    /// (1, ¼) against (¼, 1) is ¾, (1, ⅔) against (1, 1) is 1/6.
    #[test]
    fn by_hand() {
        assert!((of(1.0, &pair()) - f64::midpoint(0.75, 1.0 / 6.0)).abs() < 1e-15);
        assert!((of(2.0, &pair()) - f64::midpoint(0.9375, 5.0 / 18.0)).abs() < 1e-15);
    }

    #[test]
    fn large_powers_come_near_to_disagreement() {
        let side = |name, values: [f64; 6]| Representation::from_f64(name, 2, 3, values.to_vec()).unwrap();
        let x = side("x", [0.5, 0.3, 0.2, 0.1, 0.2, 0.7]);
        let y = side("y", [0.3, 0.4, 0.3, 0.3, 0.3, 0.4]);
        let pair = Pair::new(&x, &y).unwrap();
        assert!((of(1000.0, &pair) - Disagreement::default().compare(&pair).unwrap()).abs() < 1e-12);
    }
}
