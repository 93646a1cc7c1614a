//! Measures of the spans of all neurons: functions of the canonical correlations or their regularised kin.

#![allow(clippy::doc_markdown, reason = "the pages hold formulas and names of packages")]

mod angles;
mod cca;
mod eos;
mod grassmann;
mod gulp;
mod principal_angles;
mod pwcca;
mod rcca;
mod svcca;
mod weights;

pub use angles::Angles;
pub use cca::{Cca, CcaSummary};
pub use eos::{Eos, EosNormalization};
pub use grassmann::{Grassmann, GrassmannDistance, RankGap};
pub use gulp::Gulp;
pub use principal_angles::{AngleSummary, PrincipalAngles};
pub use pwcca::{Pwcca, WeightSide};
pub use rcca::{Evaluation, Rcca, RccaSummary};
pub use svcca::{Svcca, SvccaComponents};

/// Takes off what rounding put above 1.
fn at_most_one(value: f64) -> f64 {
    debug_assert!(value <= 1.0 + 1e-9, "{value} is more than rounding above 1");
    value.min(1.0)
}
