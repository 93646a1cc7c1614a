//! The difference of two kernel matrices, where they are so alike that their cosine says too little about it.

use super::Kernel;
use crate::linalg::{dot, multiply_a_at, squared_norm};
use crate::profile::profile_residual;
use crate::representation::SelfTerms;
use crate::{Pair, Result};

/// The centred sums of `a K − b L`, formed from the difference itself. `None` if moments do not hold it.
pub(super) fn residual(pair: &Pair, kernel: Kernel, (a, b): (f64, f64)) -> Result<Option<SelfTerms>> {
    let (x, y) = (pair.x(), pair.y());
    if let Some(profile) = kernel.profile() {
        return profile_residual(pair, profile, (a, b)).map(Some);
    }
    let mut difference = if x.is_wide() && y.is_wide() {
        (x.gram()?.clone(), y.gram()?.clone())
    } else if pair.has_factor() {
        // The inner products of all inputs in an orthonormal basis of what both sides span.
        let (x, y) = pair.factor()?.neurons(x.d(), true);
        (multiply_a_at(&x), multiply_a_at(&y))
    } else {
        return Ok(None);
    };
    for (k, l) in difference.0.values_mut().iter_mut().zip(difference.1.values()) {
        *k = a * *k - b * l;
    }
    let (trace, diagonal) = if x.rows().is_ok() {
        let own = x.row_norms()?.iter().zip(y.row_norms()?).map(|(k, l)| a * k - b * l).collect::<Vec<_>>();
        (own.iter().sum(), dot(&own, &own))
    } else {
        let (own_x, own_y, cross) = (x.self_terms()?, y.self_terms()?, pair.cross_terms()?);
        let diagonal = a * a * own_x.diagonal - 2.0 * a * b * cross.diagonal + b * b * own_y.diagonal;
        (a * own_x.trace - b * own_y.trace, diagonal)
    };
    Ok(Some(SelfTerms { trace, squared_norm: squared_norm(&difference.0), diagonal }))
}
