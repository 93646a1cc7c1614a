//! Pairs of representations of the kind Johnson (2019, arXiv 1901.00884) describes: the subspace match is low or
//! zero although the two sides are isomorphic, share what is read from them, or compute the same function.
//!
//! Five families, each with its parameters and with every number known in closed form, so that they test measures
//! as well as show their limits. "Isomorphic as vector spaces" means equal rank and no more, so the ranks stand
//! beside every example.

mod basis;
mod complements;
mod gain;
mod networks;
mod read_out;
mod relu;

pub use basis::{centred_orthonormal, normal};
pub use complements::{complements, orthogonal_complements};
pub use gain::{gain, log_normal_gains};
pub use networks::{OneHiddenLayer, Twins};
pub use read_out::read_out;
pub use relu::{relu_networks, relu_read_out};

use isorep::{Matrix, Representation, Result};

/// Two representations, what coincides between them, and what every measure must say.
#[derive(Debug, Clone)]
pub struct CounterExample {
    /// Kebab-case name of the family.
    pub id: &'static str,
    /// The parameters, such as `t = 3`.
    pub parameters: String,
    /// What the two sides share, as a noun phrase.
    pub coincides: &'static str,
    /// Inputs × neurons of the first side.
    pub x: Matrix,
    /// Inputs × neurons of the second side, of the same shape.
    pub y: Matrix,
    /// The values in closed form.
    pub exact: Exact,
    /// The two networks whose hidden layers these are, where the family is one of networks.
    pub twins: Option<Twins>,
}

/// The closed forms. All but the critical ε are those of centred columns; most families are centred anyway.
#[derive(Debug, Clone, PartialEq)]
pub struct Exact {
    /// The ε from which subspace match matches every neuron of both sides, and below which it matches none.
    pub critical_epsilon: f64,
    /// Linear CKA (biased): `‖XᵀY‖² / (‖XᵀX‖ ‖YᵀY‖)`.
    pub cka: f64,
    /// Normalised Bures similarity: `‖XᵀY‖₁ / (‖X‖ ‖Y‖)`, the cosine behind Procrustes.
    pub bures: f64,
    /// Canonical correlations, descending, as many as the smaller rank.
    pub canonical_correlations: Vec<f64>,
    /// Share of the variance of one side that linear regression on the other explains; the same in both directions.
    pub explained: f64,
    /// Rank of `x`, not centred.
    pub rank_x: usize,
    /// Rank of `y`, not centred.
    pub rank_y: usize,
    /// Rank of both side by side, not centred.
    pub rank_joint: usize,
}

impl CounterExample {
    /// Both sides, named `x` and `y`.
    ///
    /// # Errors
    /// Only if a parameter led to numbers that are not finite.
    pub fn representations(&self) -> Result<[Representation; 2]> {
        let side = |name: &str, m: &Matrix| {
            let values = (0..m.rows()).flat_map(|i| (0..m.columns()).map(move |j| m[(i, j)])).collect();
            Representation::from_f64(name, m.rows(), m.columns(), values)
        };
        Ok([side("x", &self.x)?, side("y", &self.y)?])
    }
}

/// One example of each family, at the parameters that the project's pages quote.
pub fn all() -> Vec<CounterExample> {
    vec![
        gain(&log_normal_gains(1.0, 64, 0), 5),
        read_out(3.0, 100),
        relu_read_out(3.0, &[1.0, 1.0, 1.0, 4.0]),
        complements(4, 1.0, 100),
        orthogonal_complements(4, 100),
    ]
}
