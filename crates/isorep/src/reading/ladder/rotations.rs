//! The rungs that look at spaces rather than neurons: rotations, linear maps, affine maps.
//!
//! All of them depend on inner products of inputs only. With fewer inputs than neurons both sides are therefore first
//! rotated into as many coordinates as there are inputs, about zero, so that no matrix is larger than n × n.

use super::{FoldErrors, Map, MapFamily, Purpose, Ways};
use crate::folds::{Folds, Origin, SideSums, Split, Sums, cross_scatters, move_origins, scatters, split};
use crate::linalg::{Matrix, Svd, multiply_a_bt};
use crate::regression::{Decomposed, Predictor, error_of_map};
use crate::{Pair, Representation, Result};

pub(super) struct Rotations<'a> {
    folds: &'a Folds,
    x: Side,
    y: Side,
}

/// One side and its sums over every fold.
struct Side {
    rows: Representation,
    /// Number of neurons before rotating.
    neurons: usize,
    sums: SideSums,
    scatters: Vec<Matrix>,
}

/// One side on one fold.
pub(super) struct OnFold {
    sums: Split<Sums>,
    about_zero: About,
    about_mean: About,
    /// Products of held-out rows about zero.
    held_out: Matrix,
}

/// One side on one fold about one origin.
struct About {
    origin: Vec<f64>,
    /// Sum of squares of the held-out rows.
    total: f64,
    ridge: Decomposed,
}

impl Side {
    fn new(side: &Representation, folds: &Folds) -> Result<Self> {
        let rows = if side.is_wide() { side.rotated(&vec![0.0; side.d()])? } else { side.clone() };
        let (sums, scatters) = (SideSums::of(&rows, folds)?, scatters(&rows, folds)?);
        Ok(Self { rows, neurons: side.d(), sums, scatters })
    }

    fn on_fold(&self, fold: usize) -> Result<OnFold> {
        let sums = self.sums.split(fold);
        let about = |origin| {
            let origin = self.sums.origin(&sums.train, origin);
            let ridge = Predictor::new(&self.scatters, fold, &sums, &origin, self.neurons).decompose()?;
            Ok::<_, crate::Error>(About { total: sums.test.total_about(&origin), origin, ridge })
        };
        let (about_zero, about_mean) = (about(Origin::Zero)?, about(Origin::TrainMean)?);
        let mut held_out = self.scatters[fold].clone();
        let test = (&sums.test, about_zero.origin.as_slice());
        move_origins(&mut held_out, test, test);
        Ok(OnFold { sums, about_zero, about_mean, held_out })
    }
}

impl<'a> Rotations<'a> {
    pub(super) fn new(pair: &Pair, folds: &'a Folds) -> Result<Self> {
        Ok(Self { folds, x: Side::new(pair.x(), folds)?, y: Side::new(pair.y(), folds)? })
    }
}

impl MapFamily for Rotations<'_> {
    type Prepared = (OnFold, OnFold);
    /// `XᵀY` of every fold.
    type Matched = Vec<Matrix>;

    fn maps(&self) -> &'static [Map] {
        &[Map::Orthogonal, Map::Linear, Map::Affine]
    }

    fn folds(&self) -> &Folds {
        self.folds
    }

    fn prepare(&self, fold: usize) -> Result<Self::Prepared> {
        Ok((self.x.on_fold(fold)?, self.y.on_fold(fold)?))
    }

    fn match_rows(&self, y_folds: &Folds) -> Result<Self::Matched> {
        cross_scatters((&self.x.rows, self.folds), (&self.y.rows, y_folds))
    }

    fn errors(
        &self,
        (x, y): &Self::Prepared,
        crosses: &Self::Matched,
        fold: usize,
        purpose: Purpose,
    ) -> Result<FoldErrors> {
        let at_mean = split(crosses, fold);
        let about = |o_x: &[f64], o_y: &[f64]| {
            let mut cross = at_mean.clone();
            move_origins(&mut cross.train, (&x.sums.train, o_x), (&y.sums.train, o_y));
            move_origins(&mut cross.test, (&x.sums.test, o_x), (&y.sums.test, o_y));
            cross
        };
        let about_zero = about(&x.about_zero.origin, &y.about_zero.origin);
        let orthogonal = match purpose {
            Purpose::Judge => orthogonal(x, y, &about_zero)?,
            Purpose::ChoosePenalty => [vec![0.0], vec![0.0]],
        };
        let linear = ridge(&x.about_zero, &y.about_zero, &about_zero);
        let affine = ridge(&x.about_mean, &y.about_mean, &about(&x.about_mean.origin, &y.about_mean.origin));
        let total = [y.about_mean.total, x.about_mean.total];
        Ok(FoldErrors { total, of_maps: vec![orthogonal, linear, affine] })
    }
}

fn ridge(x: &About, y: &About, cross: &Split<Matrix>) -> Ways<Vec<f64>> {
    let forward = x.ridge.errors(cross, y.total);
    let backward = Split { train: cross.train.transpose(), test: cross.test.transpose() };
    [forward, y.ridge.errors(&backward, x.total)]
}

/// The rotation that Procrustes analysis finds, and its transpose back.
///
/// Singular vectors of singular value zero are arbitrary, so they are left out: the map sends to zero what the rows
/// learnt from do not determine.
fn orthogonal(x: &OnFold, y: &OnFold, cross: &Split<Matrix>) -> Result<Ways<Vec<f64>>> {
    let svd = Svd::of(&cross.train)?;
    let rank = svd.rank();
    let map = multiply_a_bt(&svd.u.leading_columns(rank), &svd.v.leading_columns(rank));
    let forward = error_of_map(&map, &cross.test, &x.held_out, y.about_zero.total);
    let backward = error_of_map(&map.transpose(), &cross.test.transpose(), &y.held_out, x.about_zero.total);
    Ok([vec![forward], vec![backward]])
}
