//! The mergeable one-pass state of a pair: what can be kept of two layers without keeping their activations.
//!
//! A *leaf* is a fixed range of inputs, summed up by one thread about its own means; leaves merge in a forest keyed
//! by leaf id. So files, threads, processes and clusters that cover the same leaves give the same bits in whatever
//! order they come, and a leaf that is delivered twice is refused instead of counted twice. Memory is
//! O((`d_x` + `d_y`)²) whatever the number of inputs.

mod bytes;
mod node;

use crate::linalg::squared_norm;
use crate::pair::CrossTerms;
use crate::{Error, Pair, Representation, Result, Rows};
use node::Node;
use std::collections::BTreeMap;

/// Sums over the inputs of a pair of layers: means, all second moments, and the fourth-order sums of HSIC.
///
/// ```
/// use isorep::{Cka, Measure, Moments, Pair, Representation};
/// let rows = |seed: usize| (0..40).map(|i| ((i * seed) % 17) as f64).collect::<Vec<_>>();
/// let (x, y) = (Representation::from_f64("x", 20, 2, rows(7))?, Representation::from_f64("y", 20, 2, rows(5))?);
///
/// let mut first = Moments::new("x", 2, "y", 2);
/// first.update(0, x.select(&(0..10).collect::<Vec<_>>())?.rows()?, y.select(&(0..10).collect::<Vec<_>>())?.rows()?)?;
/// let mut second = Moments::new("x", 2, "y", 2);
/// second.update(1, x.select(&(10..20).collect::<Vec<_>>())?.rows()?, y.select(&(10..20).collect::<Vec<_>>())?.rows()?)?;
///
/// let streamed = Cka::default().compare(&first.merged(&second)?.pair()?)?;
/// let whole = Cka::default().compare(&Pair::new(&x, &y)?)?;
/// assert!((streamed - whole).abs() < 1e-12);
/// # Ok::<(), isorep::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    spec: Spec,
    /// Subtrees of complete leaves: (level, index) covers the leaves `index << level` up to the next index.
    forest: BTreeMap<(u32, u64), Node>,
}

/// What must agree for two states to belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Spec {
    names: [String; 2],
    widths: [usize; 2],
    factor: bool,
}

impl Moments {
    /// Nothing seen yet, of two layers with these names and widths.
    pub fn new(x: impl Into<String>, d_x: usize, y: impl Into<String>, d_y: usize) -> Self {
        Self::with_spec(Spec { names: [x.into(), y.into()], widths: [d_x, d_y], factor: false })
    }

    /// Also keeps the triangular factor of the neurons, for measures that would lose digits to squared moments.
    ///
    /// Twice the state and a few times the work. Subspace match needs it.
    ///
    /// # Panics
    /// If inputs were already added.
    #[must_use]
    pub fn with_factor(mut self) -> Self {
        assert!(self.forest.is_empty(), "the factor must be asked for before the first input");
        self.spec.factor = true;
        self
    }

    fn with_spec(spec: Spec) -> Self {
        Self { spec, forest: BTreeMap::new() }
    }

    /// Number of inputs seen.
    pub fn n(&self) -> usize {
        self.forest.values().map(|node| node.n).sum()
    }

    /// Adds the activations of one leaf: the same inputs for both layers, in the same order.
    ///
    /// # Errors
    /// [`Error::State`] if the leaf was already added or the widths are not those of this state,
    /// [`Error::RowCount`], [`Error::NotFinite`].
    pub fn update(&mut self, leaf: u64, x: &Rows, y: &Rows) -> Result<()> {
        for ((rows, width), name) in [x, y].into_iter().zip(self.spec.widths).zip(&self.spec.names) {
            if rows.d() != width {
                return Err(state(format!("`{name}` has {width} neurons, the rows have {}", rows.d())));
            }
        }
        self.refuse_overlap(0, leaf)?;
        let [x_name, y_name] = &self.spec.names;
        let x = Representation::new(x_name.as_str(), x.clone())?;
        let y = Representation::new(y_name.as_str(), y.clone())?;
        let node = Node::of(&Pair::new(&x, &y)?, self.spec.factor)?;
        self.insert(0, leaf, node);
        Ok(())
    }

    /// All leaves of both; neither is changed.
    ///
    /// # Errors
    /// [`Error::State`] if the two are not of the same layers or have a leaf in common.
    pub fn merged(&self, other: &Self) -> Result<Self> {
        if self.spec != other.spec {
            return Err(state("they are of different layers, widths or forms".into()));
        }
        let mut all = self.clone();
        for ((level, index), node) in &other.forest {
            all.refuse_overlap(*level, *index)?;
            all.insert(*level, *index, node.clone());
        }
        Ok(all)
    }

    /// The pair these sums are of, for every measure that does not need the rows.
    ///
    /// # Errors
    /// [`Error::Empty`] if no input was added.
    pub fn pair(&self) -> Result<Pair> {
        let [x_name, y_name] = self.spec.names.clone();
        let mut in_order: Vec<_> =
            self.forest.iter().map(|((level, index), node)| (index << level, node)).collect();
        in_order.sort_by_key(|(start, _)| *start);
        let mut nodes = in_order.into_iter().map(|(_, node)| node);
        let Some(first) = nodes.next() else {
            return Err(Error::Empty { name: x_name, rows: 0, columns: self.spec.widths[0] });
        };
        let total = nodes.fold(first.clone(), |total, node| total.merge(node));
        let cross_terms =
            CrossTerms { squared_norm: squared_norm(&total.xy.scatter), diagonal: total.xy.product };
        let x = total.side(x_name, &total.xx, self.spec.widths[0], 0);
        let y = total.side(y_name, &total.yy, self.spec.widths[1], self.spec.widths[0]);
        Ok(Pair::from_moments((x, y), total.xy.scatter, cross_terms, total.factor))
    }

    /// Versioned, checksummed, little-endian; the same state gives the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        bytes::write(self)
    }

    /// What [`Moments::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`Error::State`] if the bytes are cut, changed, or of another version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        bytes::read(bytes)
    }

    fn insert(&mut self, mut level: u32, mut index: u64, mut node: Node) {
        while let Some(sibling) = self.forest.remove(&(level, index ^ 1)) {
            node = if index.is_multiple_of(2) { node.merge(&sibling) } else { sibling.merge(&node) };
            (level, index) = (level + 1, index / 2);
        }
        self.forest.insert((level, index), node);
    }

    fn refuse_overlap(&self, level: u32, index: u64) -> Result<()> {
        let range = |(level, index): (u32, u64)| index << level..(index + 1) << level;
        let new = range((level, index));
        if self.forest.keys().map(|key| range(*key)).any(|old| old.start < new.end && new.start < old.end) {
            return Err(state(format!("leaf {} was already added", new.start)));
        }
        Ok(())
    }
}

fn state(reason: String) -> Error {
    Error::State { reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AnyMeasure;

    const LEAVES: usize = 7;
    const PER_LEAF: usize = 12;

    fn side(name: &str, d: usize, offset: f64, leaf: Option<usize>) -> Representation {
        let inputs = leaf.map_or(0..LEAVES * PER_LEAF, |k| k * PER_LEAF..(k + 1) * PER_LEAF);
        let values = inputs
            .clone()
            .flat_map(|i| {
                (0..d).map(move |j| ((i * 31 + j * 17 + i * i * j + i * j) % 101) as f64 / 25.0 + offset)
            })
            .collect();
        Representation::from_f64(name, inputs.len(), d, values).unwrap()
    }

    fn of_leaves(leaves: &[usize]) -> Moments {
        let mut moments = Moments::new("x", 4, "y", 3).with_factor();
        for leaf in leaves {
            let (x, y) = (side("x", 4, 5.0, Some(*leaf)), side("y", 3, -9.0, Some(*leaf)));
            moments.update(*leaf as u64, x.rows().unwrap(), y.rows().unwrap()).unwrap();
        }
        moments
    }

    #[test]
    fn any_partition_and_order_gives_the_same_bytes() {
        let whole = of_leaves(&[0, 1, 2, 3, 4, 5, 6]).to_bytes();
        assert_eq!(of_leaves(&[6, 3, 1, 5, 0, 2, 4]).to_bytes(), whole);
        let merged =
            of_leaves(&[5, 2]).merged(&of_leaves(&[0, 6])).unwrap().merged(&of_leaves(&[1, 4, 3])).unwrap();
        assert_eq!(merged.to_bytes(), whole);
    }

    #[test]
    fn sums_equal_those_of_the_rows() {
        let rows = Pair::new(&side("x", 4, 5.0, None), &side("y", 3, -9.0, None)).unwrap();
        let moments = of_leaves(&[0, 1, 2, 3, 4, 5, 6]).pair().unwrap();
        let close = |a: f64, b: f64| assert!((a - b).abs() <= 1e-11 * b.abs(), "{a} {b}");
        close(moments.cross_terms().unwrap().squared_norm, rows.cross_terms().unwrap().squared_norm);
        close(moments.cross_terms().unwrap().diagonal, rows.cross_terms().unwrap().diagonal);
        for (a, b) in [(moments.x(), rows.x()), (moments.y(), rows.y())] {
            close(a.self_terms().unwrap().trace, b.self_terms().unwrap().trace);
            close(a.self_terms().unwrap().squared_norm, b.self_terms().unwrap().squared_norm);
            close(a.self_terms().unwrap().diagonal, b.self_terms().unwrap().diagonal);
        }
        for label in ["cka", "cka(estimator=gretton)", "cka(estimator=lange)"] {
            let measure: AnyMeasure = label.parse().unwrap();
            close(measure.compare(&moments).unwrap(), measure.compare(&rows).unwrap());
        }
    }

    #[test]
    fn what_does_not_belong_together_is_refused() {
        let mut state = of_leaves(&[0, 1, 2]);
        let (x, y) = (side("x", 4, 5.0, Some(1)), side("y", 3, -9.0, Some(1)));
        let again = state.update(1, x.rows().unwrap(), y.rows().unwrap()).unwrap_err();
        assert!(again.to_string().contains("leaf 1 was already added"), "{again}");
        assert!(state.merged(&of_leaves(&[2])).is_err());
        assert!(state.merged(&Moments::new("x", 4, "y", 3)).is_err());
        assert!(state.update(9, y.rows().unwrap(), x.rows().unwrap()).is_err());
        assert!(matches!(Moments::new("x", 1, "y", 1).pair(), Err(Error::Empty { .. })));
    }
}
