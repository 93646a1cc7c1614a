#![doc = include_str!("symmetric_kl.md")]

use super::Outputs;
use super::soft_terms::Marginals;
use crate::linalg::dot;
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Error, Pair, Result};
use serde::{Deserialize, Serialize};

/// Kullback–Leibler divergence of soft outputs, the mean of both directions.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SymmetricKl {
    /// What both sides hold.
    pub outputs: Outputs,
}

impl Measure for SymmetricKl {
    const INFO: Info = Info {
        id: "symmetric-kl",
        title: "Symmetrised Kullback–Leibler divergence of outputs",
        family: Family::Functional,
        formula: "mean over the inputs of (KL(p‖q) + KL(q‖p)) / 2, in nats",
        reference: "Kullback & Leibler 1951, doi:10.1214/aoms/1177729694",
        options: &[Outputs::OPTION],
        doc: include_str!("symmetric_kl.md"),
    };

    fn properties(&self) -> Properties {
        Properties {
            kind: Kind::Distance,
            range: (0.0, f64::INFINITY),
            identity: Some(0.0),
            symmetric: true,
            metric: false,
            aligned: true,
            invariance: Sides::both(Invariance::empty()),
            needs: Needs::ROWS | Needs::EQUAL_WIDTHS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let terms = pair.soft_terms(self.outputs)?;
        if let Some(zero) = terms.zero {
            let side = if zero.in_x { pair.x() } else { pair.y() };
            return Err(Error::undefined(format!(
                "`{}` gives class {} of input {} a probability of exactly 0, where the divergence is infinite",
                side.name(),
                zero.class,
                zero.input
            )));
        }
        Ok(terms.divergence)
    }

    /// Permuted, p and ln q are independent, so the mean of a product is the product of the means.
    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        let terms = pair.soft_terms(self.outputs)?;
        let cross = |p: &Marginals, q: &Marginals| dot(&p.p, &q.log);
        let (x, y) = (&terms.x, &terms.y);
        let chance = 0.5 * (x.negative_entropy + y.negative_entropy - cross(x, y) - cross(y, x));
        Ok(chance.is_finite().then_some(chance))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Representation;

    fn pair(x: [f64; 4], y: [f64; 4]) -> Pair {
        let side = |name, values: [f64; 4]| Representation::from_f64(name, 2, 2, values.to_vec()).unwrap();
        Pair::new(&side("x", x), &side("y", y)).unwrap()
    }

    /// ½ Σ (p − q) ln(p/q): .25 · ln 3 for (¾, ¼) against (½, ½) twice over, 0 for the same.
    #[test]
    fn by_hand() {
        let measure = SymmetricKl { outputs: Outputs::Probabilities };
        let pair = pair([0.75, 0.25, 0.5, 0.5], [0.25, 0.75, 0.5, 0.5]);
        // ½ · (½ ln 3 + ½ ln 3) on the first input, nothing on the second.
        assert!((measure.compare(&pair).unwrap() - 0.25 * 3f64.ln()).abs() < 1e-15);
    }

    #[test]
    fn a_zero_on_one_side_is_refused_by_name_and_logits_have_none() {
        let measure = SymmetricKl { outputs: Outputs::Probabilities };
        let zero = pair([0.5, 0.5, 0.25, 0.75], [0.5, 0.5, 0.0, 1.0]);
        let error = measure.compare(&zero).unwrap_err().to_string();
        assert!(error.contains("`y` gives class 0 of input 1"), "{error}");
        let both = pair([0.5, 0.5, 0.0, 1.0], [0.25, 0.75, 0.0, 1.0]);
        assert!(measure.compare(&both).unwrap() > 0.0);
        assert_eq!(measure.chance(&both), Ok(None));
        // exp(−2000) is 0 in f64, and its logarithm is known all the same: ½ · 2000 on one of two inputs.
        let far = pair([0.0, 0.0, 0.0, 2000.0], [0.0, 0.0, 2000.0, 0.0]);
        assert!((SymmetricKl::default().compare(&far).unwrap() - 1000.0).abs() < 1e-9);
    }
}
