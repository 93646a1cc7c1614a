#![doc = include_str!("rtd.md")]

use super::distances::{distances_within, in_units};
use super::skeleton::RtdCompat;
use super::subsets::{standard_error, subsets};
use crate::folds::for_each_of;
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::persistence::{Graph, affordable, loops, total_length};
use crate::{Bar, Pair, Result};
use serde::{Deserialize, Serialize};
use std::num::NonZeroUsize;

/// Representation topology divergence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rtd {
    /// Inputs in a subset; all, once, if there are no more.
    pub size: NonZeroUsize,
    /// How many subsets the value is the mean of.
    pub subsets: NonZeroUsize,
    /// Over what the unit of length is taken.
    pub compat: RtdCompat,
    /// Seed of the subsets.
    pub seed: u64,
}

impl Default for Rtd {
    fn default() -> Self {
        let (size, subsets) = (NonZeroUsize::MIN.saturating_add(499), NonZeroUsize::MIN.saturating_add(9));
        Self { size, subsets, compat: RtdCompat::None, seed: 0 }
    }
}

/// The value on each subset.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RtdSubsets {
    /// In the order they were drawn; one if all inputs fit into one.
    pub values: Vec<f64>,
    /// Their mean.
    pub mean: f64,
    /// Of the mean, over the draw of subsets; `None` of a single one.
    pub standard_error: Option<f64>,
}

/// Loops of the cloud in which both sides' shorter distances count, that one side alone does not have.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RtdBarcode {
    /// Until the distances of x allow what the shorter of both did.
    pub x: Vec<Bar>,
    /// The same for y.
    pub y: Vec<Bar>,
}

impl Rtd {
    /// The value on each subset, and how sure the mean is.
    ///
    /// # Errors
    /// As [`Measure::compare`].
    pub fn on_subsets(&self, pair: &Pair) -> Result<RtdSubsets> {
        let subsets = self.drawn(pair)?;
        let values = for_each_of(subsets.len(), |subset| {
            let barcode = self.barcode_of(pair, &subsets[subset])?;
            Ok(f64::midpoint(total_length(&barcode.x), total_length(&barcode.y)))
        })?;
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        Ok(RtdSubsets { mean, standard_error: standard_error(&values), values })
    }

    /// The bars of the first subset, longest first.
    ///
    /// # Errors
    /// As [`Measure::compare`].
    pub fn barcode(&self, pair: &Pair) -> Result<RtdBarcode> {
        let mut barcode = self.barcode_of(pair, &self.drawn(pair)?[0])?;
        for bars in [&mut barcode.x, &mut barcode.y] {
            bars.sort_by(|a, b| b.length().total_cmp(&a.length()));
        }
        Ok(barcode)
    }

    fn drawn(self, pair: &Pair) -> Result<Vec<Vec<usize>>> {
        pair.x().variation()?;
        pair.y().variation()?;
        pair.at_least(3)?;
        let size = self.size.get().clamp(3, pair.n());
        affordable(size + 1)?;
        Ok(subsets(pair.n(), size, self.subsets.get(), self.seed))
    }

    fn barcode_of(self, pair: &Pair, inputs: &[usize]) -> Result<RtdBarcode> {
        let m = inputs.len();
        let own = |side| in_units(side, distances_within(side, inputs)?, m, self.compat);
        let (x, y) = (own(pair.x())?, own(pair.y())?);
        let shorter: Vec<f64> = x.iter().zip(&y).map(|(x, y)| x.min(*y)).collect();
        let connected = vec![0.0; m];
        let bars = |side: &[f64]| loops(&Graph::coned(m, &shorter, &connected, side));
        let (x, y) = rayon::join(|| bars(&x), || bars(&y));
        Ok(RtdBarcode { x: x?, y: y? })
    }
}

impl Measure for Rtd {
    const INFO: Info = Info {
        id: "rtd",
        title: "Representation topology divergence",
        family: Family::Topology,
        formula: "mean over both sides of the total length of the bars of H1(min(a, b) relative to a)",
        reference: "Barannikov et al. 2022, arXiv:2201.00058",
        options: &[
            ("size", "inputs in a subset; all, once, if there are no more"),
            ("subsets", "how many subsets the value is the mean of"),
            RtdCompat::OPTION,
            ("seed", "seed of the subsets"),
        ],
        doc: include_str!("rtd.md"),
    };

    fn properties(&self) -> Properties {
        Properties {
            kind: Kind::Distance,
            range: (0.0, f64::INFINITY),
            identity: Some(0.0),
            symmetric: true,
            metric: false,
            aligned: true,
            invariance: Sides::both(Invariance::ORTHOGONAL | Invariance::SCALE | Invariance::TRANSLATION),
            needs: Needs::ROWS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        Ok(self.on_subsets(pair)?.mean)
    }

    fn samples() -> Vec<Self> {
        let default = Self::default();
        let few = Self {
            size: NonZeroUsize::MIN.saturating_add(24),
            subsets: NonZeroUsize::MIN.saturating_add(2),
            compat: RtdCompat::Rtd,
            ..default
        };
        vec![default, few]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Error, Representation};

    fn side(name: &str, values: Vec<f64>, d: usize) -> Representation {
        Representation::from_f64(name, values.len() / d, d, values).unwrap()
    }

    fn random(name: &str, n: usize, d: usize, seed: u64) -> Representation {
        use rand::{RngExt, SeedableRng};
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        side(name, (0..n * d).map(|_| random.random_range(-1.0..1.0)).collect(), d)
    }

    /// x at 0, 1, 3, 7 and y at 0, 5, 4, 1 on a line, units 6.5 and 4.5. Relative to x the tree of the shorter distances
    /// (01 at 1/6.5 as in x; 12 and 03 at 1/4.5) is joined by x alone at 2/6.5 and 4/6.5; of the other edges only 13 (4/4.5
    /// beside 6/6.5) is shorter in y, and the triangle 0 1 3 fills it at once. Relative to y, 01 lasts until 12, 23 and 03
    /// join its ends, at 3/4.5; 02 (3/6.5 beside 4/4.5) and 23 (4/6.5 beside 3/4.5) are filled at once.
    #[test]
    fn four_inputs_by_hand() {
        let pair =
            Pair::new(&side("x", vec![0., 1., 3., 7.], 1), &side("y", vec![0., 5., 4., 1.], 1)).unwrap();
        let barcode = Rtd::default().barcode(&pair).unwrap();
        let close = |bars: &[Bar], expected: &[(f64, f64)]| {
            assert_eq!(bars.len(), expected.len(), "{bars:?}");
            for (bar, (birth, death)) in bars.iter().zip(expected) {
                assert!((bar.birth - birth).abs() < 1e-12 && (bar.death - death).abs() < 1e-12, "{bars:?}");
            }
        };
        close(&barcode.x, &[(1.0 / 4.5, 4.0 / 6.5), (1.0 / 4.5, 2.0 / 6.5)]);
        close(&barcode.y, &[(1.0 / 6.5, 3.0 / 4.5)]);
    }

    #[test]
    fn subsets_and_their_seed() {
        let pair = Pair::new(&random("x", 80, 4, 1), &random("y", 80, 5, 2)).unwrap();
        let whole = Rtd::default();
        assert_eq!(whole.on_subsets(&pair).unwrap().values.len(), 1);
        assert_eq!(whole.on_subsets(&pair).unwrap().standard_error, None);
        let some = |size, seed| Rtd { size: NonZeroUsize::new(size).unwrap(), seed, ..whole };
        let drawn = some(40, 0).on_subsets(&pair).unwrap();
        assert_eq!(drawn.values.len(), 10);
        assert!(drawn.standard_error.unwrap() > 0.0);
        assert!(drawn.mean != some(40, 1).compare(&pair).unwrap());
        let once = Rtd { subsets: NonZeroUsize::MIN, ..some(80, 5) };
        assert_eq!(once.compare(&pair).unwrap(), whole.compare(&pair).unwrap());
        let own = Pair::new(&random("x", 80, 4, 1), &random("copy", 80, 4, 1)).unwrap();
        assert_eq!(some(40, 0).compare(&own).unwrap(), 0.0);
    }

    #[test]
    fn what_would_not_fit_is_refused_before_it_starts() {
        let x = random("x", 6000, 1, 1);
        let large = Rtd { size: NonZeroUsize::new(6000).unwrap(), ..Rtd::default() };
        assert!(matches!(large.compare(&Pair::new(&x, &x).unwrap()), Err(Error::TooLarge { .. })));
    }
}
