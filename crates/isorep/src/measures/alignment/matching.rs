//! Ways to pair neurons of x with neurons of y by how strongly they are related, shared by the measures that average
//! correlations of matched neurons.

use crate::assignment::maximum_assignment;
use crate::linalg::Matrix;
use crate::options::Fraction;
use crate::transport::{Share, uniform_coupling};
use serde::{Deserialize, Serialize};

/// Which neurons are compared with which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Matching {
    /// Each with another one; of the wider side some are left over.
    OneToOne,
    /// Each with its best partner, whoever else has the same; the mean of both directions.
    Semi,
    /// Each neuron of x with its best partner.
    SemiX,
    /// Each neuron of y with its best partner.
    SemiY,
    /// Optimal transport: all neurons of a side weigh the same, and weight may be split.
    Transport,
}

/// Whether a negative correlation is as good as a positive one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// No.
    #[default]
    Signed,
    /// Yes: absolute values are taken first.
    Absolute,
}

impl Matching {
    pub(super) const OPTION: (&'static str, &'static str) = (
        "matching",
        "one-to-one, semi (each with its best partner, both directions), semi-x, semi-y, transport (weights may be split)",
    );

    /// Whether exchanging the sides exchanges the roles of nothing.
    pub(super) fn is_symmetric(self) -> bool {
        !matches!(self, Self::SemiX | Self::SemiY)
    }

    /// Which row goes with which column and with what weight, 1 in all; larger is stronger. Ties go to the lower index.
    pub(super) fn shares(self, strength: &Matrix) -> Vec<Share> {
        let (k, l) = (strength.rows(), strength.columns());
        match self {
            Self::OneToOne => {
                let weight = 1.0 / k.min(l) as f64;
                maximum_assignment(strength).into_iter().map(|(i, j)| (i, j, weight)).collect()
            }
            Self::Semi => {
                let both = [Self::SemiX.shares(strength), Self::SemiY.shares(strength)].concat();
                both.into_iter().map(|(i, j, weight)| (i, j, weight / 2.0)).collect()
            }
            Self::SemiX => {
                let mut best = vec![0; k];
                for j in 1..l {
                    for (i, best) in best.iter_mut().enumerate() {
                        if strength[(i, j)] > strength[(i, *best)] {
                            *best = j;
                        }
                    }
                }
                best.into_iter().enumerate().map(|(i, j)| (i, j, 1.0 / k as f64)).collect()
            }
            Self::SemiY => {
                let best = |j: usize| {
                    let column = strength.column(j);
                    (1..k).fold(0, |best, i| if column[i] > column[best] { i } else { best })
                };
                (0..l).map(|j| (best(j), j, 1.0 / l as f64)).collect()
            }
            Self::Transport => {
                let cost = strength.values().iter().map(|s| 1.0 - s).collect();
                uniform_coupling(&Matrix::from_columns(k, l, cost), Fraction::constant(1.0))
            }
        }
    }
}

impl Sign {
    pub(super) const OPTION: (&'static str, &'static str) =
        ("sign", "signed, or absolute (a negative correlation is as good as a positive one)");

    /// Smallest and largest possible value.
    pub(super) fn range(self) -> (f64, f64) {
        match self {
            Self::Signed => (-1.0, 1.0),
            Self::Absolute => (0.0, 1.0),
        }
    }

    /// How strong a correlation is.
    pub(super) fn strength(self, correlation: f64) -> f64 {
        match self {
            Self::Signed => correlation,
            Self::Absolute => correlation.abs(),
        }
    }
}
