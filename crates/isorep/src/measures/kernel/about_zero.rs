//! Sums over inner products of the inputs as they are, not about their means.
//!
//! With the centred rows X, their mean m and u = X m it is `K = XXᵀ + 1uᵀ + u1ᵀ + ‖m‖² 11ᵀ`, and X has column sums of
//! zero. So `⟨K, L⟩ = ‖XᵀY‖² + 2n u·v + n² ‖m_x‖² ‖m_y‖²`: what is known of the centred sides is enough, also of
//! moments, and no large mean cancels in it.

use super::Kernel;
use super::residual::residual;
use crate::linalg::dot;
use crate::{Error, Pair, Representation, Result};

/// Sums of both sides and between them.
pub(super) struct AboutZero {
    n: f64,
    pub(super) x: Own,
    pub(super) y: Own,
    /// ⟨K, L⟩.
    pub(super) between: f64,
    /// The mean of ⟨K, L⟩ over all permutations of the rows of one side.
    pub(super) between_by_chance: f64,
    along: Along,
}

/// Sums of one side.
#[derive(Clone, Copy)]
pub(super) struct Own {
    /// tr K = Σ ‖xᵢ‖².
    pub(super) trace: f64,
    /// ‖K‖, the root of ⟨K, K⟩.
    pub(super) length: f64,
    /// ‖m‖².
    mean: f64,
}

/// u·u, u·v and v·v, and the vectors themselves if there are rows.
struct Along {
    x: f64,
    between: f64,
    y: f64,
    vectors: Option<(Vec<f64>, Vec<f64>)>,
}

impl AboutZero {
    pub(super) fn of(pair: &Pair) -> Result<Self> {
        let (x, y, n) = (pair.x(), pair.y(), pair.n() as f64);
        let variations = (x.variation()?, y.variation()?);
        let centred = pair.cross_terms()?;
        let along = Along::of(pair)?;
        let own = |side: &Representation, along: f64| -> Result<Own> {
            let (terms, mean) = (side.self_terms()?, dot(side.mean(), side.mean()));
            let square = terms.squared_norm + 2.0 * n * along + (n * mean).powi(2);
            if square.is_finite() {
                return Ok(Own { trace: terms.trace + n * mean, length: square.sqrt(), mean });
            }
            Err(Error::undefined(format!(
                "the activations of `{}` are too large for their fourth powers",
                side.name()
            )))
        };
        let (own_x, own_y) = (own(x, along.x)?, own(y, along.y)?);
        let means = (n * own_x.mean) * (n * own_y.mean);
        Ok(Self {
            n,
            between: centred.squared_norm + 2.0 * n * along.between + means,
            between_by_chance: variations.0 * variations.1 / (n - 1.0) + means,
            x: own_x,
            y: own_y,
            along,
        })
    }

    /// ‖K/‖K‖ − L/‖L‖‖² from the difference itself. `None` if moments do not hold it.
    pub(super) fn squared_gap(&self, pair: &Pair) -> Result<Option<f64>> {
        let (a, b) = (1.0 / self.x.length, 1.0 / self.y.length);
        let Some(centred) = residual(pair, Kernel::Linear, (a, b))? else { return Ok(None) };
        let means = self.n * (a * self.x.mean - b * self.y.mean);
        Ok(Some(centred.squared_norm + 2.0 * self.n * self.along.squared_gap(a, b) + means * means))
    }
}

impl Along {
    fn of(pair: &Pair) -> Result<Self> {
        let (x, y) = (pair.x(), pair.y());
        if x.rows().is_ok() && y.rows().is_ok() {
            let (u, v) = (along_mean(x)?, along_mean(y)?);
            return Ok(Self { x: dot(&u, &u), between: dot(&u, &v), y: dot(&v, &v), vectors: Some((u, v)) });
        }
        let form = |m: &crate::Matrix, left: &[f64], right: &[f64]| {
            (0..m.columns()).map(|j| right[j] * dot(m.column(j), left)).sum::<f64>()
        };
        Ok(Self {
            x: form(x.scatter()?, x.mean(), x.mean()),
            between: form(pair.cross_scatter()?, x.mean(), y.mean()),
            y: form(y.scatter()?, y.mean(), y.mean()),
            vectors: None,
        })
    }

    /// ‖a u − b v‖².
    fn squared_gap(&self, a: f64, b: f64) -> f64 {
        match &self.vectors {
            Some((u, v)) => u.iter().zip(v).map(|(u, v)| (a * u - b * v).powi(2)).sum(),
            None => (a * a * self.x - 2.0 * a * b * self.between + b * b * self.y).max(0.0),
        }
    }
}

/// Inner products of the centred inputs with their mean.
fn along_mean(side: &Representation) -> Result<Vec<f64>> {
    let rows = side.rows()?;
    let mut row = vec![0.0; side.d()];
    let product = |i: usize| {
        rows.read_f64(i..i + 1, side.mean(), &mut row);
        dot(&row, side.mean())
    };
    Ok((0..side.n()).map(product).collect())
}
