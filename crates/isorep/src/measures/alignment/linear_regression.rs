#![doc = include_str!("linear_regression.md")]

use super::Predict;
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::overlap::{Projection, require_room};
use crate::{Pair, Result};
use serde::{Deserialize, Serialize};

/// Share of the variance of one side that the best linear map from the other explains, in sample.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinearRegression {
    /// Which side is predicted, from the other one.
    pub predict: Predict,
}

impl LinearRegression {
    fn projection(self, pair: &Pair) -> Result<Projection> {
        Projection::of(pair, self.predict == Predict::Y)
    }
}

impl Measure for LinearRegression {
    const INFO: Info = Info {
        id: "linear-regression",
        title: "Linear regression R² (in sample)",
        family: Family::Alignment,
        formula: "||Q_x' Y||^2 / ||Y||^2",
        reference: "Li et al. 2016, arXiv:1511.07543; Kornblith et al. 2019, arXiv:1905.00414",
        options: &[Predict::OPTION],
        doc: include_str!("linear_regression.md"),
    };

    fn properties(&self) -> Properties {
        let predictor = Invariance::AFFINE;
        let predicted = Invariance::ORTHOGONAL | Invariance::SCALE | Invariance::TRANSLATION;
        Properties {
            kind: Kind::Similarity,
            range: (0.0, 1.0),
            identity: Some(1.0),
            symmetric: false,
            metric: false,
            aligned: true,
            invariance: match self.predict {
                Predict::Y => Sides { x: predictor, y: predicted },
                Predict::X => Sides { x: predicted, y: predictor },
            },
            needs: Needs::FACTOR | Needs::BASIS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        pair.at_least(2)?;
        let (from, to) = self.predict.sides(pair);
        from.variation()?;
        let total = to.variation()?;
        let Projection { rank, explained } = self.projection(pair)?;
        require_room(from, rank, pair.n() - 1)?;
        // A share; rounding may have made it a little more than all.
        Ok((explained / total).min(1.0))
    }

    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        pair.at_least(2)?;
        let rank = self.projection(pair)?.rank;
        Ok(Some(rank as f64 / (pair.n() as f64 - 1.0)))
    }

    fn samples() -> Vec<Self> {
        [Predict::Y, Predict::X].map(|predict| Self { predict }).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Error, Representation};

    /// y has two orthogonal neurons of equal variance, x is one of them: half of y is explained, all of x.
    #[test]
    fn half_and_all_by_hand() {
        let x = Representation::from_f64("x", 4, 1, vec![1., 1., -1., -1.]).unwrap();
        let y = Representation::from_f64("y", 4, 2, vec![1., 1., 1., -1., -1., 1., -1., -1.]).unwrap();
        let pair = Pair::new(&x, &y).unwrap();
        let value = |predict| LinearRegression { predict }.compare(&pair).unwrap();
        assert!((value(Predict::Y) - 0.5).abs() < 1e-14);
        assert!((value(Predict::X) - 1.0).abs() < 1e-14);
        assert_eq!(LinearRegression::default().chance(&pair).unwrap(), Some(1.0 / 3.0));
    }

    #[test]
    fn as_many_neurons_as_inputs_explain_anything_and_are_refused() {
        let x = Representation::from_f64("x", 3, 2, vec![1., 0., 0., 1., 0., 0.]).unwrap();
        let y = Representation::from_f64("y", 3, 1, vec![1., 5., 2.]).unwrap();
        let pair = Pair::new(&x, &y).unwrap();
        let error = LinearRegression::default().compare(&pair).unwrap_err();
        assert_eq!(error, Error::Saturated { name: "x".into(), rank: 2, n: 3 });
        assert!(LinearRegression { predict: Predict::X }.compare(&pair).is_ok());
    }
}
