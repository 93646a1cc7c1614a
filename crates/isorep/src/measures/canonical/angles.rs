//! Principal angles between the spans of both sides, accurate for small angles too: what every distance between
//! subspaces is made of.

use crate::linalg::{Matrix, multiply, multiply_at_b, singular_values};
use crate::overlap::explicit_bases;
use crate::{Error, Pair, Result};
use std::f64::consts::FRAC_1_SQRT_2;

/// Absolute error of an angle that needs no better method, in radians.
const ACCEPTED: f64 = 1e-11;
/// Absolute error of an angle beyond which it is not given, in radians.
const TOLERATED: f64 = 1e-6;

/// Principal angles between the spans of the centred neurons of both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Angles {
    /// In radians, between 0 and π/2, smallest first; as many as the smaller rank.
    pub angles: Vec<f64>,
    /// Their cosines, the canonical correlations, largest first.
    pub correlations: Vec<f64>,
    /// How many independent neurons the first side has.
    pub rank_x: usize,
    /// How many independent neurons the second side has.
    pub rank_y: usize,
}

impl Angles {
    /// From cosines where no angle is small, else from sines too (Björck and Golub 1973): the cosine of an angle of
    /// 1e-9 is 1 in double precision.
    pub(super) fn of(pair: &Pair) -> Result<Self> {
        let overlap = pair.overlap(true)?;
        overlap.require_unsaturated(pair)?;
        let (rank_x, rank_y) = (overlap.rank_x, overlap.rank_y);
        let cosines = correlations(&overlap.cosines)?;
        let error = overlap.error();
        let sine = (1.0 - cosines[0] * cosines[0]).sqrt();
        let angles = if error <= ACCEPTED * sine {
            cosines.iter().map(|c| c.acos()).collect()
        } else if pair.has_factor() {
            return Self::from_bases(&explicit_bases(pair, true)?);
        } else if (2.0 * error).sqrt().min(error / sine) <= TOLERATED {
            cosines.iter().map(|c| c.acos()).collect()
        } else {
            return Err(Error::NeedsFactor { condition: overlap.condition.sqrt() });
        };
        Ok(Self { angles, correlations: cosines, rank_x, rank_y })
    }

    fn from_bases([x, y]: &[Matrix; 2]) -> Result<Self> {
        let (larger, smaller) = if x.columns() >= y.columns() { (x, y) } else { (y, x) };
        let within = multiply_at_b(larger, smaller);
        let cosines = correlations(&within)?;
        let mut outside = smaller.clone();
        let inside = multiply(larger, &within);
        outside.values_mut().iter_mut().zip(inside.values()).for_each(|(o, i)| *o -= i);
        let mut sines = singular_values(&outside)?;
        sines.reverse();
        let angle = |(c, s): (&f64, &f64)| if *c > FRAC_1_SQRT_2 { s.min(1.0).asin() } else { c.acos() };
        let mut angles: Vec<f64> = cosines.iter().zip(&sines).map(angle).collect();
        // The two formulas meet at 45°, where rounding may exchange neighbours.
        angles.sort_by(f64::total_cmp);
        Ok(Self { angles, correlations: cosines, rank_x: x.columns(), rank_y: y.columns() })
    }
}

/// Canonical correlations from the inner products of orthonormal bases, largest first.
pub(super) fn correlations(cosines: &Matrix) -> Result<Vec<f64>> {
    Ok(singular_values(cosines)?.into_iter().map(super::at_most_one).collect())
}
