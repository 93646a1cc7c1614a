#![doc = include_str!("modularity.md")]

use super::Statistic;
use crate::measure::{Family, Info, Invariance, Needs};
use crate::measures::NeighborCount;
use crate::neighbors::Metric;
use crate::{Context, Error, Representation, Result};
use serde::{Deserialize, Serialize};

/// How much the graph of nearest neighbours keeps to the classes of the inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Options", into = "Options")]
pub struct Modularity {
    k: NeighborCount,
    metric: Metric,
    weight: EdgeWeight,
}

/// What an edge counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EdgeWeight {
    /// The cosine between its ends, or nothing if that is negative.
    #[default]
    Cosine,
    /// 1.
    One,
}

/// The options as they are written.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    k: NeighborCount,
    metric: Metric,
    weight: EdgeWeight,
}

impl TryFrom<Options> for Modularity {
    type Error = &'static str;
    fn try_from(options: Options) -> Result<Self, Self::Error> {
        Self::new(options.k, options.metric, options.weight)
            .ok_or("edges between Euclidean neighbours have no cosine: choose weight=one")
    }
}

impl From<Modularity> for Options {
    fn from(modularity: Modularity) -> Self {
        Self { k: modularity.k, metric: modularity.metric, weight: modularity.weight }
    }
}

impl Modularity {
    /// `None` for cosines as weights between Euclidean neighbours.
    pub fn new(k: NeighborCount, metric: Metric, weight: EdgeWeight) -> Option<Self> {
        let fits = metric == Metric::Cosine || weight == EdgeWeight::One;
        fits.then_some(Self { k, metric, weight })
    }
}

impl Statistic for Modularity {
    const INFO: Info = Info {
        id: "modularity",
        title: "Modularity of classes in the graph of neighbours",
        family: Family::Statistics,
        formula: "| Q(x) - Q(y) |, Q = sum over classes of e_c / W - (a_c / 2W)^2 in the graph of k nearest neighbours",
        reference: "Lu et al. 2022, arXiv:2111.12485; Newman & Girvan 2004, arXiv:cond-mat/0308217",
        options: &[
            NeighborCount::OPTION,
            Metric::OPTION,
            ("weight", "of an edge: cosine (0 if it is negative), one"),
        ],
        doc: include_str!("modularity.md"),
    };

    fn invariance(&self) -> Invariance {
        let directions = Invariance::ORTHOGONAL | Invariance::SCALE;
        if self.metric == Metric::Euclidean { directions | Invariance::TRANSLATION } else { directions }
    }

    fn needs(&self) -> Needs {
        Needs::ROWS | Needs::LABELS
    }

    fn range(&self) -> (f64, f64) {
        (-0.5, 1.0)
    }

    fn of(&self, x: &Representation) -> Result<f64> {
        self.in_context(x, &Context::default())
    }

    fn in_context(&self, x: &Representation, inputs: &Context) -> Result<f64> {
        x.rows()?;
        x.variation()?;
        let labels = inputs.labels()?;
        let classes = labels.classes();
        if classes.iter().all(|class| *class == classes[0]) {
            return Err(Error::undefined(
                "all inputs are of one class, which has no others to keep apart from",
            ));
        }
        let k = self.k.get();
        let lists = x.neighbors(self.metric, k)?;
        let (mut whole, mut within) = (0.0, vec![0.0; labels.count()]);
        let mut ends = vec![0.0; labels.count()];
        for i in 0..x.n() {
            for (&j, distance) in lists.of(i, k).iter().zip(lists.distances(i, k)) {
                let (other, weight) = (
                    j as usize,
                    match self.weight {
                        EdgeWeight::Cosine => (1.0 - distance).max(0.0),
                        EdgeWeight::One => 1.0,
                    },
                );
                // An edge that both ends list is one edge.
                if other < i && lists.of(other, k).contains(&(i as u32)) {
                    continue;
                }
                whole += weight;
                ends[classes[i]] += weight;
                ends[classes[other]] += weight;
                if classes[i] == classes[other] {
                    within[classes[i]] += weight;
                }
            }
        }
        if whole == 0.0 {
            return Err(Error::undefined(format!(
                "no neighbours in `{}` have a cosine above 0, so the graph has no edges",
                x.name()
            )));
        }
        let share = |(within, ends): (&f64, &f64)| within / whole - (ends / whole / 2.0).powi(2);
        Ok(within.iter().zip(&ends).map(share).sum())
    }

    fn samples() -> Vec<Self> {
        let few = NeighborCount::new(3).unwrap_or_default();
        let default = Self::default();
        vec![
            default,
            Self { k: few, weight: EdgeWeight::One, ..default },
            Self { metric: Metric::Euclidean, weight: EdgeWeight::One, ..default },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Labels;

    fn inputs(classes: &[usize]) -> Context {
        Context::default().with_labels(Labels::of_columns(classes.to_vec()))
    }

    fn nearest(metric: Metric, weight: EdgeWeight) -> Modularity {
        Modularity::new(NeighborCount::ONE, metric, weight).unwrap()
    }

    /// 0, 1, 3, 7 and 8 on a line: edges 0–1, 1–3 and 7–8. Classes 0 0 0 1 1: all within, `2/3 − (4/6)² + 1/3 − (2/6)²`.
    /// Classes 0 1 0 1 0: none within, `−(3/6)² · 2`, the least there is.
    #[test]
    fn a_line_by_hand() {
        let x = Representation::from_f64("x", 5, 1, vec![0., 1., 3., 7., 8.]).unwrap();
        let of = |classes: &[usize]| {
            nearest(Metric::Euclidean, EdgeWeight::One).in_context(&x, &inputs(classes)).unwrap()
        };
        assert!((of(&[0, 0, 0, 1, 1]) - 4.0 / 9.0).abs() < 1e-15);
        assert!((of(&[0, 1, 0, 1, 0]) + 0.5).abs() < 1e-15);
    }

    /// Angles 0°, 60° and 180° (twice): edges 0–1 of cosine 1/2 and 2–3 of cosine 1. In classes 0 0 1 1 the first has a third
    /// of all: `1 − 1/9 − 4/9`; with equal edges half.
    #[test]
    fn edges_count_their_cosine_or_one() {
        let values = vec![2.0, 0.0, 1.0, 3f64.sqrt(), -1.0, 0.0, -5.0, 0.0];
        let x = Representation::from_f64("x", 4, 2, values).unwrap();
        let of = |weight| nearest(Metric::Cosine, weight).in_context(&x, &inputs(&[0, 0, 1, 1])).unwrap();
        assert!((of(EdgeWeight::Cosine) - 4.0 / 9.0).abs() < 1e-14);
        assert!((of(EdgeWeight::One) - 0.5).abs() < 1e-14);
    }

    #[test]
    fn graphs_without_edges_or_without_classes_are_undefined() {
        let x = Representation::from_f64("apart", 2, 1, vec![1.0, -1.0]).unwrap();
        let default = nearest(Metric::Cosine, EdgeWeight::Cosine);
        let error = default.in_context(&x, &inputs(&[0, 1])).unwrap_err().to_string();
        assert!(error.contains("`apart`") && error.contains("no edges"), "{error}");
        let error = default.in_context(&x, &inputs(&[1, 1])).unwrap_err().to_string();
        assert!(error.contains("one class"), "{error}");
        assert!(matches!(default.of(&x), Err(Error::NeedsContext { name: "labels", .. })));
    }

    #[test]
    fn euclidean_neighbours_have_no_cosine() {
        let error = "modularity(metric=euclidean)".parse::<crate::AnyMeasure>().unwrap_err().to_string();
        assert!(error.contains("choose weight=one"), "{error}");
    }
}
