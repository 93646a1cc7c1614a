//! Measures of the best map of some kind from one side to the other.

mod aligned_cosine;
mod best_rotation;
mod clouds;
mod correlation_match;
mod gromov_wasserstein;
mod linear_regression;
mod matching;
mod metric_spaces;
mod nbs;
mod pairwise_match_cv;
mod permutation_procrustes;
mod pls_cv;
mod pls_svd;
mod procrustes;
mod ridge_cv;
mod shape;
mod single_neurons;
mod soft_match;
mod stochastic_shape;

pub use aligned_cosine::{AlignedCosine, AlignedRows};
pub use clouds::Ground;
pub use correlation_match::CorrelationMatch;
pub use gromov_wasserstein::{GromovWasserstein, InputCoupling};
pub use linear_regression::LinearRegression;
pub use matching::{Matching, Sign};
pub use nbs::Nbs;
pub use pairwise_match_cv::PairwiseMatchCv;
pub use permutation_procrustes::{Padding, PermutationProcrustes};
pub use pls_cv::{PlsCv, PredictionScore};
pub use pls_svd::{PlsSummary, PlsSvd};
pub use procrustes::{Alignment, Form, Procrustes};
pub use ridge_cv::RidgeCv;
pub use shape::{Shape, ShapeCompat, ShapeForm};
pub use soft_match::{Coupling, Scaling, SoftMatch};
pub use stochastic_shape::StochasticShape;

use crate::{Pair, Representation};
use serde::{Deserialize, Serialize};

/// The side that a map leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Predict {
    /// x, from y.
    X,
    /// y, from x.
    #[default]
    Y,
}

impl Predict {
    pub(super) const OPTION: (&'static str, &'static str) =
        ("predict", "y (from x), x (from y): the side whose variance is explained");

    /// The side that predicts and the side that is predicted.
    fn sides(self, pair: &Pair) -> (&Representation, &Representation) {
        match self {
            Self::X => (pair.y(), pair.x()),
            Self::Y => (pair.x(), pair.y()),
        }
    }
}
