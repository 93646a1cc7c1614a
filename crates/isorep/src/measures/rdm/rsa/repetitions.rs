//! Means of repeated inputs in units of the noise between repetitions, with squared lengths that the noise does not raise.
//!
//! ‖mean‖² of c repetitions is too large by the variance of their mean. Inner products of *different* repetitions have no
//! such bias, so the squared length is their mean: (‖Σ z‖² − Σ ‖z‖²) / (c (c − 1)) (Walther et al. 2016).

use crate::linalg::{Eigen, Matrix, dot, multiply_at_b};
use crate::{Error, Labels, Representation, Result};

/// Eigenvalues of the noise below this share of the largest are rounding.
const ROUNDING: f64 = 1e-12;

/// One row a group, and the squared lengths without bias.
///
/// # Errors
/// [`Error::Undefined`] if an input is not repeated, there are fewer than three different ones, or the noise between
/// repetitions does not span all neurons.
pub(super) fn means(side: &Representation, groups: &Labels) -> Result<(Representation, Vec<f64>)> {
    let members: Vec<Vec<usize>> = groups.members().into_iter().filter(|m| !m.is_empty()).collect();
    if let Some(alone) = members.iter().find(|members| members.len() < 2) {
        return Err(Error::undefined(format!(
            "the input of row {} is not repeated: every group needs two rows at least",
            alone[0]
        )));
    }
    if members.len() < 3 {
        return Err(Error::TooFewSamples { needed: 3, got: members.len() });
    }
    let live = side.live(true)?;
    let rows = side.centred_matrix()?;
    let noise = Noise::of(side, &rows, &live, &members)?;
    // One column an input.
    let scaled = Matrix::from_fn(live.len(), side.n(), |j, i| rows[(i, live[j])] * noise.scale[j]);
    let z = multiply_at_b(&noise.directions, &scaled);
    let d = z.rows();

    let mut values = Vec::with_capacity(members.len() * d);
    let mut squares = Vec::with_capacity(members.len());
    for members in &members {
        let c = members.len() as f64;
        let mut sum = vec![0.0; d];
        let mut own = 0.0;
        for &i in members {
            let row = z.column(i);
            own += dot(row, row);
            sum.iter_mut().zip(row).for_each(|(sum, v)| *sum += v);
        }
        squares.push((dot(&sum, &sum) - own) / (c * (c - 1.0)));
        values.extend(sum.iter().map(|v| v / c));
    }
    Ok((Representation::from_f64(side.name(), members.len(), d, values)?, squares))
}

/// What brings neurons to unit noise without correlation.
struct Noise {
    /// One over the size of the noise of every neuron.
    scale: Vec<f64>,
    /// Of neurons of that scale: principal directions of the noise over its size along them, one a column.
    directions: Matrix,
}

impl Noise {
    fn of(side: &Representation, rows: &Matrix, live: &[usize], members: &[Vec<usize>]) -> Result<Self> {
        let d = live.len();
        let mut residuals = Vec::with_capacity(side.n() * d);
        for members in members {
            let mean = |j: usize| members.iter().map(|i| rows[(*i, j)]).sum::<f64>() / members.len() as f64;
            let means: Vec<f64> = live.iter().map(|j| mean(*j)).collect();
            for i in members {
                residuals.extend(live.iter().zip(&means).map(|(j, mean)| rows[(*i, *j)] - mean));
            }
        }
        let residuals = Representation::from_f64(side.name(), side.n(), d, residuals)?;
        let scatter = residuals.scatter()?;
        let size = |j: usize| scatter[(j, j)].sqrt();
        let scale: Vec<f64> = (0..d).map(|j| if size(j) > 0.0 { 1.0 / size(j) } else { 0.0 }).collect();
        let Eigen { values, vectors } =
            Eigen::of(&Matrix::from_fn(d, d, |i, j| scatter[(i, j)] * scale[i] * scale[j]))?;
        let rank = values.iter().filter(|value| **value > ROUNDING * values[0]).count();
        let neurons = side.basis(true)?.rank();
        if rank < neurons {
            return Err(Error::undefined(format!(
                "the noise covariance of `{}` cannot be inverted: {} rows of {} inputs differ in {rank} independent ways \
                 between repetitions, and there are {neurons} independent neurons",
                side.name(),
                side.n(),
                members.len(),
            )));
        }
        let directions = Matrix::from_fn(d, rank, |j, k| vectors[(j, k)] / values[k].sqrt());
        Ok(Self { scale, directions })
    }
}
