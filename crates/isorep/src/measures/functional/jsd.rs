#![doc = include_str!("jsd.md")]

use super::Outputs;
use super::distributions::{Distribution, fold};
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Pair, Result};
use serde::{Deserialize, Serialize};
use std::f64::consts::LN_2;

/// Jensen–Shannon divergence of soft outputs, in bits.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Jsd {
    /// What both sides hold.
    pub outputs: Outputs,
    /// Whether the root of every input's divergence is taken.
    pub root: bool,
}

impl Measure for Jsd {
    const INFO: Info = Info {
        id: "jsd",
        title: "Jensen–Shannon divergence of outputs",
        family: Family::Functional,
        formula: "mean over the inputs of H((p + q)/2) − (H(p) + H(q))/2, entropies in bits",
        reference: "Lin 1991, doi:10.1109/18.61115",
        options: &[
            Outputs::OPTION,
            ("root", "false, true: the mean of the roots, which is a metric (Endres and Schindelin 2003)"),
        ],
        doc: include_str!("jsd.md"),
    };

    fn properties(&self) -> Properties {
        Properties {
            kind: Kind::Distance,
            range: (0.0, 1.0),
            identity: Some(0.0),
            symmetric: true,
            metric: self.root,
            aligned: true,
            invariance: Sides::both(Invariance::empty()),
            needs: Needs::ROWS | Needs::EQUAL_WIDTHS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let visit = |sum: &mut f64, _: usize, x: Distribution<'_>, y: Distribution<'_>| {
            let bits: f64 = x.p.iter().zip(y.p).map(|(p, q)| share(*p, *q)).sum();
            // Of distributions without a class in common rounding may leave a little more than one bit.
            let bits = bits.min(1.0);
            *sum += if self.root { bits.sqrt() } else { bits };
        };
        let total = fold(pair, self.outputs, || 0.0, visit, |sum, other| *sum += other)?;
        Ok(total / pair.n() as f64)
    }

    fn samples() -> Vec<Self> {
        [false, true].map(|root| Self { root, ..Self::default() }).to_vec()
    }
}

/// What one class adds, in bits.
///
/// With s = p + q and t = (p − q)/s it is s/4 · [(1 + t) ln(1 + t) + (1 − t) ln(1 − t)] / ln 2, never negative. Near
/// t = 0, where that is t², the bracket is taken as 2 t artanh t + ln(1 − t²), which keeps all digits.
fn share(p: f64, q: f64) -> f64 {
    let s = p + q;
    if s == 0.0 {
        return 0.0;
    }
    let t = ((p - q) / s).abs();
    let bracket = if t < 0.5 {
        2.0 * t * t.atanh() + (-t * t).ln_1p()
    } else if t < 1.0 {
        (1.0 + t) * t.ln_1p() + (1.0 - t) * (-t).ln_1p()
    } else {
        2.0 * LN_2
    };
    s / 4.0 * bracket / LN_2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Representation;

    fn compare(measure: Jsd, x: &[f64], y: &[f64]) -> f64 {
        let side =
            |name: &str, values: &[f64]| Representation::from_f64(name, 2, 2, values.to_vec()).unwrap();
        measure.compare(&Pair::new(&side("x", x), &side("y", y)).unwrap()).unwrap()
    }

    /// Certain of different classes is one bit; (½, ½) against (1, 0) is H(¾, ¼) − ½ = .3113 bits.
    #[test]
    fn by_hand() {
        let probabilities = Jsd { outputs: Outputs::Probabilities, root: false };
        let (x, y) = ([1., 0., 0.5, 0.5], [0., 1., 1., 0.]);
        let apart = compare(probabilities, &x, &y);
        let entropy = |p: f64| -p * p.log2();
        let half = entropy(0.75) + entropy(0.25) - 0.5;
        assert!((apart - f64::midpoint(1.0, half)).abs() < 1e-15, "{apart}");
        let roots = compare(Jsd { root: true, ..probabilities }, &x, &y);
        assert!((roots - f64::midpoint(1.0, half.sqrt())).abs() < 1e-15, "{roots}");
    }

    /// For p = (½ + e, ½ − e) against (½ − e, ½ + e) it is 4e²/ (2 ln 2) to first order.
    #[test]
    fn small_differences_keep_their_digits() {
        for e in [1e-3, 1e-6, 1e-9] {
            let (a, b) = (0.5 + e, 0.5 - e);
            let value = share(a, b) + share(b, a);
            let expected = 4.0 * e * e / (2.0 * LN_2);
            assert!((value / expected - 1.0).abs() < 1e-5 + e, "{e}: {value} {expected}");
        }
    }

    #[test]
    fn the_two_ways_to_write_a_share_meet() {
        let just = |t: f64| share(f64::midpoint(1.0, t), (1.0 - t) / 2.0);
        assert!((just(0.5 - 1e-12) - just(0.5 + 1e-12)).abs() < 1e-11);
        assert!((just(1.0) - 0.5).abs() < 1e-15 && just(1.0 - 1e-12) < just(1.0));
    }
}
