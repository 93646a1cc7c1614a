#![doc = include_str!("imd.md")]

use super::heat::heat_trace;
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Pair, Representation, Result};
use serde::{Deserialize, Serialize};
use std::num::NonZeroUsize;

/// Times at which heat is looked at, and the first and the last of them.
const TIMES: usize = 256;
const FIRST: f64 = 0.1;
const LAST: f64 = 10.0;

/// Intrinsic multi-scale distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Imd {
    /// How many nearest neighbours every input is connected to.
    pub k: NonZeroUsize,
}

impl Default for Imd {
    fn default() -> Self {
        Self { k: NonZeroUsize::MIN.saturating_add(4) }
    }
}

impl Imd {
    /// How much heat is left where it started, averaged over the inputs, at [`Imd::times`]: between 0 and 1.
    ///
    /// # Errors
    /// As [`Measure::compare`].
    pub fn heat_traces(&self, side: &Representation) -> Result<Vec<f64>> {
        let traces = side.chebyshev_traces(self.k.get())?;
        Ok(Self::times().map(|t| heat_trace(&traces, t)).collect())
    }

    /// 256 times from .1 to 10 in equal ratios.
    pub fn times() -> impl Iterator<Item = f64> {
        let ratio = (LAST / FIRST).ln() / (TIMES - 1) as f64;
        (0..TIMES).map(move |i| FIRST * (ratio * i as f64).exp())
    }
}

impl Measure for Imd {
    const INFO: Info = Info {
        id: "imd",
        title: "Intrinsic multi-scale distance",
        family: Family::Topology,
        formula: "max over t of exp(-2 (t + 1/t)) |tr exp(-t L_x) / n_x - tr exp(-t L_y) / n_y|",
        reference: "Tsitsulin et al. 2020, arXiv:1905.11141",
        options: &[("k", "how many nearest neighbours every input is connected to")],
        doc: include_str!("imd.md"),
    };

    fn properties(&self) -> Properties {
        Properties {
            kind: Kind::Distance,
            // Traces lie between 0 and 1, and the weight is largest at t = 1.
            range: (0.0, (-4f64).exp()),
            identity: Some(0.0),
            symmetric: true,
            metric: true,
            aligned: false,
            invariance: Sides::both(Invariance::ORTHOGONAL | Invariance::SCALE | Invariance::TRANSLATION),
            needs: Needs::ROWS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let (x, y) = (self.heat_traces(pair.x())?, self.heat_traces(pair.y())?);
        let between = Self::times().zip(x.iter().zip(&y));
        let weighted = between.map(|(t, (x, y))| (-2.0 * (t + 1.0 / t)).exp() * (x - y).abs());
        Ok(weighted.fold(0.0, f64::max))
    }

    /// Reordering the inputs of one side changes nothing.
    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        self.compare(pair).map(Some)
    }

    fn prepare(&self, side: &Representation) -> Result<()> {
        side.chebyshev_traces(self.k.get()).map(drop)
    }

    fn samples() -> Vec<Self> {
        vec![Self::default(), Self { k: NonZeroUsize::MIN.saturating_add(1) }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    fn side(values: Vec<f64>, d: usize) -> Representation {
        Representation::from_f64("x", values.len() / d, d, values).unwrap()
    }

    /// Pairs of inputs far from other pairs, k = 1: L has the eigenvalues 0 and 2 equally often. Triangles, k = 2: 0, 3/2, 3/2.
    #[test]
    fn pairs_and_triangles_by_hand() {
        let pairs = side((0..12).map(|i| f64::from(i / 2) * 10.0 + f64::from(i % 2)).collect(), 1);
        let one = Imd { k: NonZeroUsize::MIN };
        let triangles: Vec<f64> = (0..12)
            .flat_map(|i| {
                let turn = std::f64::consts::TAU * f64::from(i % 3) / 3.0;
                [turn.cos() + 100.0 * f64::from(i / 3), turn.sin()]
            })
            .collect();
        let triangles = side(triangles, 2);
        let two = Imd { k: NonZeroUsize::MIN.saturating_add(1) };
        for (i, t) in Imd::times().enumerate() {
            let (p, q) = (one.heat_traces(&pairs).unwrap()[i], two.heat_traces(&triangles).unwrap()[i]);
            assert!((p - f64::midpoint(1.0, (-2.0 * t).exp())).abs() < 1e-9, "{t}: {p}");
            assert!((q - (1.0 + 2.0 * (-1.5 * t).exp()) / 3.0).abs() < 1e-9, "{t}: {q}");
        }
    }

    #[test]
    fn fewer_inputs_than_make_a_graph_are_refused() {
        let x = side((0..6).map(f64::from).collect(), 1);
        let error = Imd::default().compare(&Pair::new(&x, &x).unwrap()).unwrap_err();
        assert_eq!(error, Error::TooFewSamples { needed: 7, got: 6 });
    }
}
