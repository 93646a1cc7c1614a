//! Comparators of ranks. Up to [`HELD`] pairs of inputs both sides' dissimilarities are kept and sorted; beyond, they are
//! counted, which takes the products twice and memory only for values that differ.

use super::dissimilarity::Side;
use super::tiles::{Place, Room, places};
use crate::linalg::{Real, each};
use crate::ranking::{Concordance, Counts, Ordered, RankSums, Record, concordance, rank_sums};
use crate::{Error, Result};

/// Pairs of inputs whose dissimilarities are kept: those of 8 192 inputs.
const HELD: usize = 1 << 25;
/// Pairs of inputs that Kendall's counts are made of at most: those of 16 384 inputs.
const KENDALL: usize = 1 << 27;
/// What counting double precision as single may cost.
const ROUNDING: f64 = 1e-5;
/// Tiles that one task reads, in the same room.
const TILES: usize = 4;

/// What Spearman's correlation and ρ_a are made of.
///
/// # Errors
/// [`Error::Undefined`] if the dissimilarities are too many to be kept, in double precision, and too close to each other
/// to be told apart in single precision.
pub(super) fn sums<T: Real + Ordered>(x: &Side, y: &Side) -> Result<RankSums> {
    if pairs(x) <= HELD { Ok(rank_sums(&mut records::<T>(x, y)?)) } else { counted::<T>(x, y) }
}

/// What Kendall's correlations are made of.
///
/// # Errors
/// [`Error::Undefined`] for more than 16 384 inputs.
pub(super) fn counts<T: Real + Ordered>(x: &Side, y: &Side) -> Result<Concordance> {
    if pairs(x) > KENDALL {
        return Err(Error::undefined(format!(
            "Kendall's correlation sorts all pairs of inputs in memory, and {} inputs have too many; use rho-a or spearman",
            x.n()
        )));
    }
    Ok(concordance(&mut records::<T>(x, y)?))
}

fn pairs(side: &Side) -> usize {
    side.n() * (side.n() - 1) / 2
}

/// Both dissimilarities of every pair of inputs.
fn records<T: Real + Ordered>(x: &Side, y: &Side) -> Result<Vec<Record<T::Key>>> {
    let (mut records, places) = (vec![Record::default(); pairs(x)], places(x.n()));
    let (x, y) = (x.ordered_tiles::<T>()?, y.ordered_tiles::<T>()?);
    let digits = if T::NARROW { 24 } else { 53 };
    let (coarse_x, coarse_y) = (T::narrow(x.granularity(digits)), T::narrow(y.granularity(digits)));
    let (mut rest, mut tasks) = (&mut records[..], Vec::new());
    for places in places.chunks(TILES) {
        let part;
        (part, rest) = rest.split_at_mut(places.iter().map(Place::pairs).sum());
        tasks.push((places, part));
    }
    each(tasks, |(places, mut out): (&[Place], &mut [Record<T::Key>])| {
        let mut room = Room::new();
        for place in places {
            for (x, y) in room.read(&x, &y, place) {
                let line;
                (line, out) = std::mem::take(&mut out).split_at_mut(x.len());
                for (out, (x, y)) in line.iter_mut().zip(x.iter().zip(y)) {
                    *out = Record { x: (*x + coarse_x).key(), y: (*y + coarse_y).key() };
                }
            }
        }
    });
    Ok(records)
}

fn counted<T: Real + Ordered>(x: &Side, y: &Side) -> Result<RankSums> {
    let names = [x.name(), y.name()];
    let places = places(x.n());
    let (x, y) = (x.ordered_tiles::<T>()?, y.ordered_tiles::<T>()?);
    let (coarse_x, coarse_y) = (x.granularity(24) as f32, y.granularity(24) as f32);
    let counts = [Counts::new(), Counts::new()];
    each(places.chunks(TILES).collect(), |places: &[Place]| {
        let mut room = Room::new();
        for place in places {
            for (x, y) in room.read(&x, &y, place) {
                for v in x {
                    counts[0].add(v.wide() as f32 + coarse_x);
                }
                for v in y {
                    counts[1].add(v.wide() as f32 + coarse_y);
                }
            }
        }
    });
    let [ranks_x, ranks_y] = counts.map(Counts::ranks);
    if !T::NARROW {
        for (ranks, name) in [&ranks_x, &ranks_y].into_iter().zip(names) {
            if ranks.rounding() > ROUNDING {
                return Err(Error::undefined(format!(
                    "so many dissimilarities of `{name}` are counted in single precision, where too many agree; store \
                     the activations in single precision to have them count as tied, or use at most 8192 inputs"
                )));
            }
        }
    }
    let products = each(places.chunks(TILES).collect(), |places: &[Place]| {
        let (mut room, mut sum) = (Room::new(), 0);
        for place in places {
            for (x, y) in room.read(&x, &y, place) {
                for (x, y) in x.iter().zip(y) {
                    let (x, y) = (x.wide() as f32 + coarse_x, y.wide() as f32 + coarse_y);
                    sum += ranks_x.product(x, &ranks_y, y);
                }
            }
        }
        sum
    });
    Ok(ranks_x.sums(&ranks_y, products.into_iter().sum()))
}

#[cfg(test)]
mod tests {
    use super::super::Rdm;
    use super::*;
    use crate::{Context, Representation};

    #[test]
    fn kept_and_counted_dissimilarities_give_the_same_whole_numbers() {
        let layer = |name: &str, step: usize| {
            let values = (0..700 * 5).map(|k| ((k * k * step + k * 13) % 101) as f32 / 7.0).collect();
            Representation::from_f32(name, 700, 5, values).unwrap()
        };
        let side = |layer: &Representation| Side::of(Rdm::Correlation, layer, &Context::default()).unwrap();
        let (x, y) = (side(&layer("x", 7)), side(&layer("y", 3)));
        assert_eq!(sums::<f32>(&x, &y).unwrap(), counted::<f32>(&x, &y).unwrap());
    }
}
