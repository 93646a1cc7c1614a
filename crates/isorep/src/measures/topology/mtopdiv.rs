#![doc = include_str!("mtopdiv.md")]

use super::distances::length;
use super::subsets::{standard_error, subsets};
use crate::folds::for_each_of;
use crate::linalg::{Points, Space, widest};
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::persistence::{Graph, affordable, loops, total_length};
use crate::{Error, Pair, Representation, Result};
use serde::{Deserialize, Serialize};
use std::num::NonZeroUsize;
use std::ops::Range;

/// Points of the collapsed cloud that are looked at together.
const BLOCK: usize = 256;
/// Lengths this near to each other are one length.
const ROUNDING: f64 = 1e-12;

/// Which cloud is collapsed to a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Collapse {
    /// Each in turn: the mean of both directions.
    #[default]
    Each,
    /// That of x: loops and parts of y that x does not have.
    X,
    /// That of y: loops and parts of x that y does not have.
    Y,
}

/// Manifold topology divergence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mtopdiv {
    /// Which cloud is collapsed to a point.
    pub collapse: Collapse,
    /// Inputs in a subset of the cloud that is not collapsed; all, once, if there are no more.
    pub size: NonZeroUsize,
    /// How many subsets the value is the mean of.
    pub subsets: NonZeroUsize,
    /// Seed of the subsets.
    pub seed: u64,
}

impl Default for Mtopdiv {
    fn default() -> Self {
        let (size, subsets) = (NonZeroUsize::MIN.saturating_add(499), NonZeroUsize::MIN.saturating_add(9));
        Self { collapse: Collapse::Each, size, subsets, seed: 0 }
    }
}

/// The values of one direction.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MtopdivSubsets {
    /// On each subset of the cloud that is not collapsed.
    pub values: Vec<f64>,
    /// Of their mean; `None` of a single one.
    pub standard_error: Option<f64>,
}

impl Mtopdiv {
    /// The values on the subsets of y, with x collapsed, and of x, with y collapsed, as far as `collapse` asks for them.
    ///
    /// # Errors
    /// As [`Measure::compare`].
    pub fn on_subsets(&self, pair: &Pair) -> Result<Vec<MtopdivSubsets>> {
        let joint = joint(pair)?;
        let points = joint.points::<f64>(Space::Centred)?;
        let (x, y) = (0..pair.x().n(), pair.x().n()..joint.n());
        let directions = match self.collapse {
            Collapse::Each => vec![(x.clone(), y.clone()), (y, x)],
            Collapse::X => vec![(x, y)],
            Collapse::Y => vec![(y, x)],
        };
        let mut all = Vec::new();
        for (collapsed, kept) in directions {
            let size = self.size.get().min(kept.len());
            affordable(size + 1)?;
            let drawn = subsets(kept.len(), size, self.subsets.get(), self.seed);
            let values = for_each_of(drawn.len(), |subset| {
                let inputs: Vec<usize> = drawn[subset].iter().map(|i| kept.start + i).collect();
                Ok(total_length(&loops(&graph(points, &inputs, collapsed.clone()))?))
            })?;
            all.push(MtopdivSubsets { standard_error: standard_error(&values), values });
        }
        Ok(all)
    }
}

/// The inputs of x, then those of y, in one cloud.
fn joint(pair: &Pair) -> Result<Representation> {
    let (x, y) = (pair.x(), pair.y());
    let rows = [x.rows()?, y.rows()?];
    pair.equal_widths()?;
    for side in [x, y] {
        side.variation()?;
        if side.n() < 3 {
            return Err(Error::TooFewSamples { needed: 3, got: side.n() });
        }
    }
    let mut values = vec![0.0; (x.n() + y.n()) * x.d()];
    let (of_x, of_y) = values.split_at_mut(x.n() * x.d());
    rows[0].read_f64(0..x.n(), &[], of_x);
    rows[1].read_f64(0..y.n(), &[], of_y);
    Representation::from_f64(format!("{}` and `{}", x.name(), y.name()), x.n() + y.n(), x.d(), values)
}

/// Some points, and another cloud as their apex: a point is connected to it from the nearest of its points on, and two
/// points are a triangle with it from where on one of its points is near to both.
fn graph(points: &Points<f64>, inputs: &[usize], collapsed: Range<usize>) -> Graph {
    let m = inputs.len();
    let square = |i: usize, j: usize, of_product: f64| length(points, i, j, of_product).powi(2);
    let mut weights = vec![0.0; m * m];
    let mut near_both = vec![f64::INFINITY; m * m];
    let mut nearest = vec![f64::INFINITY; m];
    let mut line = vec![0.0; collapsed.len().min(BLOCK)];
    for start in collapsed.clone().step_by(BLOCK) {
        let block = start..(start + BLOCK).min(collapsed.end);
        let mut squares = Vec::with_capacity(m * block.len());
        for i in inputs {
            points.squared_distances(*i..*i + 1, block.clone(), &mut line);
            squares.extend(block.clone().zip(&line).map(|(p, value)| square(*i, p, *value)));
        }
        let rows: Vec<&[f64]> = squares.chunks_exact(block.len()).collect();
        for u in 0..m {
            nearest[u] = rows[u].iter().copied().fold(nearest[u], f64::min);
            for v in 0..u {
                near_both[u * m + v] = widest(|| least_of_larger(near_both[u * m + v], rows[u], rows[v]));
            }
        }
    }
    let mut one = [0.0];
    for u in 0..m {
        nearest[u] = nearest[u].sqrt();
        for v in 0..u {
            let (i, j) = (inputs[u], inputs[v]);
            points.squared_distances(i..i + 1, j..j + 1, &mut one);
            let weight = length(points, i, j, one[0]);
            let both = near_both[u * m + v].sqrt();
            let both = if both <= weight * (1.0 + ROUNDING) { weight } else { both };
            for at in [u * m + v, v * m + u] {
                weights[at] = weight;
                near_both[at] = both;
            }
        }
    }
    Graph::coned(m, &weights, &nearest, &near_both)
}

/// The least over all places of the larger of two.
#[inline(always)]
fn least_of_larger(known: f64, a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 8;
    let mut lanes = [known; LANES];
    let (a, b) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a.0.iter().zip(b.0) {
        for k in 0..LANES {
            let larger = if a[k] > b[k] { a[k] } else { b[k] };
            lanes[k] = if larger < lanes[k] { larger } else { lanes[k] };
        }
    }
    let rest = a.1.iter().zip(b.1).map(|(a, b)| a.max(*b));
    lanes.into_iter().chain(rest).fold(known, f64::min)
}

impl Measure for Mtopdiv {
    const INFO: Info = Info {
        id: "mtopdiv",
        title: "Manifold topology divergence",
        family: Family::Topology,
        formula: "total length of the bars of H1 of the joint cloud with one side collapsed to a point",
        reference: "Barannikov et al. 2021, arXiv:2106.04024",
        options: &[
            ("collapse", "each (in turn, the mean of both), x, y: which cloud is collapsed to a point"),
            (
                "size",
                "inputs in a subset of the cloud that is not collapsed; all, once, if there are no more",
            ),
            ("subsets", "how many subsets the value is the mean of"),
            ("seed", "seed of the subsets"),
        ],
        doc: include_str!("mtopdiv.md"),
    };

    fn properties(&self) -> Properties {
        Properties {
            kind: Kind::Distance,
            range: (0.0, f64::INFINITY),
            identity: Some(0.0),
            symmetric: self.collapse == Collapse::Each,
            metric: false,
            aligned: false,
            invariance: Sides::both(Invariance::empty()),
            needs: Needs::ROWS | Needs::EQUAL_WIDTHS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let directions = self.on_subsets(pair)?;
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let means: Vec<f64> = directions.iter().map(|direction| mean(&direction.values)).collect();
        Ok(mean(&means))
    }

    fn samples() -> Vec<Self> {
        let default = Self::default();
        vec![default, Self { collapse: Collapse::X, ..default }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(name: &str, values: Vec<f64>, d: usize) -> Representation {
        Representation::from_f64(name, values.len() / d, d, values).unwrap()
    }

    /// On a line every two points that reach the collapsed cloud are filled as soon as they reach each other.
    #[test]
    fn clouds_on_a_line_have_no_loops_between_them() {
        let pair = Pair::unaligned(&side("x", vec![0., 2., 6.], 1), &side("y", vec![0., 1., 5.], 1));
        assert_eq!(Mtopdiv::default().compare(&pair).unwrap(), 0.0);
    }

    /// A square of side 2, and the same square with a copy of it 10 to the right. With the single square collapsed, the copy
    /// has its own loop from 2 to √8; its two near corners reach the collapsed square at 8, opposite corners of it, and
    /// no corner is near to both before √68. With the two squares collapsed the single one is part of them.
    #[test]
    fn what_the_collapsed_cloud_lacks_is_counted() {
        let square = [[0., 0.], [2., 0.], [0., 2.], [2., 2.]];
        let near: Vec<f64> = square.concat();
        let far: Vec<f64> = square.iter().flat_map(|p| [p[0] + 10.0, p[1]]).collect();
        let both = [near.clone(), far.clone()].concat();
        let (one, two) = (side("one", near, 2), side("two", both, 2));
        let value = |collapse| {
            let measure = Mtopdiv { collapse, ..Mtopdiv::default() };
            measure.compare(&Pair::unaligned(&one, &two)).unwrap()
        };
        assert_eq!(value(Collapse::Y), 0.0, "the larger cloud has all of the smaller one");
        let expected = 8f64.sqrt() - 2.0 + 68f64.sqrt() - 8.0;
        assert!((value(Collapse::X) - expected).abs() < 1e-12, "{}", value(Collapse::X));
        assert!((value(Collapse::Each) - value(Collapse::X) / 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_cloud_and_a_subset_of_it() {
        use rand::{RngExt, SeedableRng};
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(3);
        let values: Vec<f64> = (0..90 * 3).map(|_| random.random_range(-1.0..1.0)).collect();
        let (all, some) = (side("all", values.clone(), 3), side("some", values[..120].to_vec(), 3));
        let drawn = Mtopdiv { size: NonZeroUsize::new(30).unwrap(), ..Mtopdiv::default() };
        // Even where subsets are drawn: the collapsed cloud is whole.
        assert_eq!(drawn.compare(&Pair::unaligned(&all, &all)).unwrap(), 0.0);
        let one_way = Mtopdiv { collapse: Collapse::X, ..drawn };
        assert_eq!(one_way.compare(&Pair::unaligned(&all, &some)).unwrap(), 0.0);
        let other = one_way.on_subsets(&Pair::unaligned(&some, &all)).unwrap();
        assert!(other[0].values.len() == 10 && other[0].standard_error.unwrap() > 0.0);
    }
}
