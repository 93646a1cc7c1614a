#![doc = include_str!("rtd_lite.md")]

use super::skeleton::{RtdCompat, distance, precision};
use crate::linalg::{Points, Precision, Real, Space};
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::spanning::{lightest_forest, spanning_tree};
use crate::{Bar, Pair, Representation, Result};
use serde::{Deserialize, Serialize};

/// A difference this small beside the weights of the trees is rounding.
const ROUNDING: f64 = 1e-9;

/// Representation topology divergence from spanning trees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RtdLite {
    /// Over what the unit of length is taken.
    pub compat: RtdCompat,
}

/// Where the inputs of one side fall into groups that are one group when both sides are looked at together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RtdLiteBarcode {
    /// From the length at which the shorter of both distances joins two groups to that at which x alone does; in
    /// ascending order of births, bars of length 0 left out.
    pub x: Vec<Bar>,
    /// The same for y.
    pub y: Vec<Bar>,
}

type Forest = Vec<(f64, usize, usize)>;

/// Minimum spanning trees, lightest edges first, in units of length.
struct Trees {
    x: Forest,
    y: Forest,
    /// Of the shorter of both distances.
    both: Forest,
}

fn weight(forest: &Forest) -> f64 {
    forest.iter().map(|edge| edge.0).sum()
}

impl RtdLite {
    /// The bars whose lengths are added up.
    ///
    /// # Errors
    /// As [`Measure::compare`].
    pub fn barcode(&self, pair: &Pair) -> Result<RtdLiteBarcode> {
        let trees = self.trees(pair)?;
        Ok(RtdLiteBarcode { x: bars(&trees.both, &trees.x), y: bars(&trees.both, &trees.y) })
    }

    fn trees(self, pair: &Pair) -> Result<Trees> {
        let (x, y) = (pair.x(), pair.y());
        x.variation()?;
        y.variation()?;
        pair.at_least(3)?;
        let units = [x.unit_of_length(self.compat)?, y.unit_of_length(self.compat)?];
        match precision(&[x, y])? {
            Precision::Single => trees::<f32>(x, y, units),
            Precision::Double => trees::<f64>(x, y, units),
        }
    }
}

fn trees<T: Real>(x: &Representation, y: &Representation, units: [f64; 2]) -> Result<Trees> {
    let (a, b) = (x.points::<T>(Space::Centred)?, y.points::<T>(Space::Centred)?);
    let n = a.n();
    let scales = units.map(|unit| unit.powi(-2));
    let both = spanning_tree(n, |rows, columns, out: &mut [T]| {
        let mut other = vec![T::default(); rows.len() * columns.len()];
        a.squared_distances(rows.clone(), columns.clone(), out);
        b.squared_distances(rows, columns, &mut other);
        for (a, b) in out.iter_mut().zip(other) {
            *a = T::narrow((scales[0] * a.wide()).min(scales[1] * b.wide()));
        }
    });
    // Lengths to full precision, and of all edges found the best for each: no tree can then outweigh one it should not.
    let edges = [x.spanning_tree()?, y.spanning_tree()?, &both].concat();
    let lengths = |points: &Points<T>, unit: f64| -> Vec<f64> {
        edges.iter().map(|(i, j)| distance(points, *i, *j) / unit).collect()
    };
    let (a, b) = (lengths(a, units[0]), lengths(b, units[1]));
    let shorter: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a.min(*b)).collect();
    let forest = |lengths: &[f64]| {
        lightest_forest(n, lengths.iter().zip(&edges).map(|(length, (i, j))| (*length, *i, *j)).collect())
    };
    Ok(Trees { x: forest(&a), y: forest(&b), both: forest(&shorter) })
}

/// For every edge of `both`, shortest first: from its length to that at which one side joins the same two groups.
fn bars(both: &Forest, side: &Forest) -> Vec<Bar> {
    let mut neighbours = vec![Vec::new(); both.len() + 1];
    let connect = |neighbours: &mut Vec<Vec<(usize, f64)>>, i: usize, j: usize, length: f64| {
        neighbours[i].push((j, length));
        neighbours[j].push((i, length));
    };
    for (length, i, j) in side {
        connect(&mut neighbours, *i, *j, *length);
    }
    let mut bars = Vec::new();
    for (birth, i, j) in both {
        // What `both` has joined is one group: its edges have no length in the tree of the side, and the longest edge on
        // the way between the two groups gives way to them.
        let (death, u, v) = longest_between(&neighbours, *i, *j);
        neighbours[u].retain(|(end, _)| *end != v);
        neighbours[v].retain(|(end, _)| *end != u);
        connect(&mut neighbours, *i, *j, 0.0);
        if death > *birth {
            bars.push(Bar { birth: *birth, death });
        }
    }
    bars
}

/// The longest edge on the way from i to j in a tree, with its ends.
fn longest_between(neighbours: &[Vec<(usize, f64)>], i: usize, j: usize) -> (f64, usize, usize) {
    let mut from = vec![usize::MAX; neighbours.len()];
    let mut longest = vec![(f64::NEG_INFINITY, i, i); neighbours.len()];
    let mut open = vec![i];
    from[i] = i;
    while let Some(at) = open.pop() {
        if at == j {
            break;
        }
        for (end, length) in &neighbours[at] {
            if from[*end] == usize::MAX {
                from[*end] = at;
                longest[*end] = if *length > longest[at].0 { (*length, at, *end) } else { longest[at] };
                open.push(*end);
            }
        }
    }
    longest[j]
}

impl Measure for RtdLite {
    const INFO: Info = Info {
        id: "rtd-lite",
        title: "Representation topology divergence from spanning trees",
        family: Family::Topology,
        formula: "(w(MST a) + w(MST b)) / 2 - w(MST min(a, b)), with a and b distances over their .9-quantiles",
        reference: "Tulchinskii et al. 2025, arXiv:2503.11910",
        options: &[RtdCompat::OPTION],
        doc: include_str!("rtd_lite.md"),
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
        let trees = self.trees(pair)?;
        let (alone, both) = (f64::midpoint(weight(&trees.x), weight(&trees.y)), weight(&trees.both));
        let value = alone - both;
        Ok(if value.abs() <= ROUNDING * alone { value.max(0.0) } else { value })
    }

    fn prepare(&self, side: &Representation) -> Result<()> {
        side.unit_of_length(self.compat)?;
        side.spanning_tree()?;
        Ok(())
    }

    fn samples() -> Vec<Self> {
        [RtdCompat::None, RtdCompat::Rtd].map(|compat| Self { compat }).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(name: &str, values: Vec<f64>, d: usize) -> Representation {
        Representation::from_f64(name, values.len() / d, d, values).unwrap()
    }

    /// x at 0, 1, 3, 7 and y at 0, 5, 4, 1 on a line; units 6.5 and 4.5 (ranks 4.5 of 1 2 3 4 6 7 and of 1 1 3 4 4 5).
    /// MST x = 1 + 2 + 4 = 7 / 6.5. MST y = 1 + 1 + 3 = 5 / 4.5. Shorter of both, edge by edge: 01 1/6.5, 12 1/4.5, 03 1/4.5,
    /// all others longer: three edges that connect everything.
    #[test]
    fn four_inputs_by_hand() {
        let pair =
            Pair::new(&side("x", vec![0., 1., 3., 7.], 1), &side("y", vec![0., 5., 4., 1.], 1)).unwrap();
        let value = RtdLite::default().compare(&pair).unwrap();
        let (x, y, both) = (7.0 / 6.5, 5.0 / 4.5, 1.0 / 6.5 + 2.0 / 4.5);
        assert!((value - (f64::midpoint(x, y) - both)).abs() < 1e-12, "{value}");
        let barcode = RtdLite::default().barcode(&pair).unwrap();
        // x joins 12 at 2 and 03 at 4; y joins 01 at 3.
        let close = |bars: &[Bar], expected: &[(f64, f64)]| {
            assert_eq!(bars.len(), expected.len());
            for (bar, (birth, death)) in bars.iter().zip(expected) {
                assert!((bar.birth - birth).abs() < 1e-12 && (bar.death - death).abs() < 1e-12, "{bars:?}");
            }
        };
        close(&barcode.x, &[(1.0 / 4.5, 2.0 / 6.5), (1.0 / 4.5, 4.0 / 6.5)]);
        close(&barcode.y, &[(1.0 / 6.5, 3.0 / 4.5)]);
    }

    #[test]
    fn bars_add_up_to_the_value() {
        let random = |seed: u64| {
            use rand::{RngExt, SeedableRng};
            let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
            (0..400 * 5).map(|_| random.random_range(-1.0..1.0)).collect::<Vec<f64>>()
        };
        let pair = Pair::new(&side("x", random(1), 5), &side("y", random(2), 5)).unwrap();
        let barcode = RtdLite::default().barcode(&pair).unwrap();
        let total: f64 = barcode.x.iter().chain(&barcode.y).map(|bar| bar.length()).sum();
        assert!((total / 2.0 - RtdLite::default().compare(&pair).unwrap()).abs() < 1e-9);
    }
}
