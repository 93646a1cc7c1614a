//! Comparators that are sums over pairs of inputs: correlations and cosines of dissimilarities, plain and whitened.
//!
//! Where dissimilarities are squared distances of points, the sums are those of linear HSIC, and no n × n matrix is
//! looked at; otherwise one pass over tiles makes them.

use super::dissimilarity::{Dissimilarities, Side};
use super::tiles::{Place, Room, places};
use crate::linalg::{Real, dot, each};
use crate::{Error, Pair, Result};

/// Less variance than this, as a share of the mean square, is what rounding left of none.
const ROUNDING: f64 = 1e-12;

/// What all linear comparators consist of. "Gram" is −½ H D H with the mean dissimilarity taken off D beforehand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sums {
    n: f64,
    mean: [f64; 2],
    /// Σ (u − ū)², Σ (v − v̄)², Σ (u − ū)(v − v̄) over pairs of inputs.
    about_mean: [f64; 3],
    /// Inner products of the Grams, in the same order.
    grams: [f64; 3],
}

impl Sums {
    /// From sums over centred points whose squared distances are the dissimilarities.
    ///
    /// With squared lengths a and b, traces s and t and inner products k and l of centred points:
    /// Σ (u − ū)(v − v̄) = n Σ ab + 2 ⟨k, l⟩ − s t (n + 1) / (n − 1), and the mean dissimilarity is 2 s / (n − 1).
    pub(super) fn of_points(pair: &Pair) -> Result<Self> {
        pair.at_least(3)?;
        let n = pair.n() as f64;
        let (s, t) = (pair.x().variation()?, pair.y().variation()?);
        let cross = pair.cross_terms()?;
        let (x, y) = (pair.x().self_terms()?, pair.y().self_terms()?);
        let about_mean = |diagonal: f64, product: f64, traces: f64| {
            n * diagonal + 2.0 * product - traces * (n + 1.0) / (n - 1.0)
        };
        let gram = |product: f64, traces: f64| product - traces / (n - 1.0);
        let sums = Self {
            n,
            mean: [2.0 * s / (n - 1.0), 2.0 * t / (n - 1.0)],
            about_mean: [
                about_mean(x.diagonal, x.squared_norm, s * s),
                about_mean(y.diagonal, y.squared_norm, t * t),
                about_mean(cross.diagonal, cross.squared_norm, s * t),
            ],
            grams: [
                gram(x.squared_norm, s * s),
                gram(y.squared_norm, t * t),
                gram(cross.squared_norm, s * t),
            ],
        };
        sums.checked([pair.x().name(), pair.y().name()])
    }

    /// From the dissimilarities themselves.
    pub(super) fn of_tiles<T: Real>(x: &Side, y: &Side) -> Result<Self> {
        let n = x.n();
        let (tiles_x, tiles_y) = (x.tiles::<T>()?, y.tiles::<T>()?);
        let mut whole = Moments::default();
        let mut sums = [vec![0.0; n], vec![0.0; n]];
        let places = places(n);
        let tiles =
            each(places.iter().collect(), |place| Tile::of(&tiles_x, &tiles_y, place, &mut Room::new()));
        for tile in tiles {
            whole.merge(&tile.moments);
            sums.iter_mut().enumerate().for_each(|(side, sums)| tile.add_sums(side, sums));
        }
        let Moments { mean, about_mean, .. } = whole;
        for (sums, mean) in sums.iter_mut().zip(mean) {
            for sum in sums {
                *sum -= (n as f64 - 1.0) * mean;
            }
        }
        // ⟨HDH, HEH⟩ = Σ D∘E − 2/n r·s for D, E whose entries sum to 0; pairs count twice, and −½ twice.
        let gram = |about: f64, a: usize, b: usize| 0.5 * (about - dot(&sums[a], &sums[b]) / n as f64);
        let grams = [gram(about_mean[0], 0, 0), gram(about_mean[1], 1, 1), gram(about_mean[2], 0, 1)];
        Self { n: n as f64, mean, about_mean, grams }.checked([x.name(), y.name()])
    }

    /// Refuses what leaves the range of f64.
    fn checked(self, names: [&str; 2]) -> Result<Self> {
        for (name, square) in names.into_iter().zip(self.about_mean) {
            let total = square + self.pairs() * self.mean[0].max(self.mean[1]).powi(2);
            if !square.is_finite() || !total.is_finite() {
                return Err(Error::undefined(format!(
                    "the dissimilarities of `{name}` are too large to be squared"
                )));
            }
        }
        Ok(self)
    }

    fn pairs(&self) -> f64 {
        self.n * (self.n - 1.0) / 2.0
    }

    /// tr K / √(n − 1) of a side, up to sign: what the Gram lacks since the mean was taken off.
    fn taken_off(&self, side: usize) -> f64 {
        self.mean[side] * (self.n - 1.0).sqrt() / 2.0
    }

    fn ratio(product: f64, squares: [f64; 2], sizes: [f64; 2], names: [&str; 2]) -> Result<f64> {
        for ((square, size), name) in squares.into_iter().zip(sizes).zip(names) {
            if square <= ROUNDING * size || square == 0.0 {
                return Err(Error::undefined(format!("all dissimilarities of `{name}` are the same")));
            }
        }
        let ratio = product / squares[0].sqrt() / squares[1].sqrt();
        Ok(if ratio.abs() <= 1.0 + 1e-6 { ratio.clamp(-1.0, 1.0) } else { ratio })
    }

    pub(super) fn pearson(&self, names: [&str; 2]) -> Result<f64> {
        let [x, y, product] = self.about_mean;
        let size = |side: usize, square: f64| square + self.pairs() * self.mean[side].powi(2);
        Self::ratio(product, [x, y], [size(0, x), size(1, y)], names)
    }

    pub(super) fn corr_cov(&self, names: [&str; 2]) -> Result<f64> {
        let [x, y, product] = self.grams;
        Self::ratio(
            product,
            [x, y],
            [0, 1].map(|side| self.grams[side] + self.taken_off(side).powi(2)),
            names,
        )
    }

    /// The value of `cosine`, and its mean over all orders of the inputs of one side.
    pub(super) fn cosine(&self, names: [&str; 2]) -> Result<[f64; 2]> {
        let [x, y, product] = self.about_mean;
        let chance = self.pairs() * self.mean[0] * self.mean[1];
        Self::about_zero([x, y, product], chance, [0, 1].map(|s| self.pairs() * self.mean[s].powi(2)), names)
    }

    /// The value of `cosine-cov`, and its mean over all orders of the inputs of one side.
    pub(super) fn cosine_cov(&self, names: [&str; 2]) -> Result<[f64; 2]> {
        let off = [self.taken_off(0), self.taken_off(1)];
        Self::about_zero(self.grams, off[0] * off[1], off.map(|off| off * off), names)
    }

    fn about_zero(
        [x, y, product]: [f64; 3],
        chance: f64,
        added: [f64; 2],
        names: [&str; 2],
    ) -> Result<[f64; 2]> {
        let squares = [x + added[0], y + added[1]];
        let value = Self::ratio(product + chance, squares, [0.0; 2], names)?;
        Ok([value, Self::ratio(chance, squares, [0.0; 2], names)?])
    }
}

/// Count, means and sums of products about them (Chan, Golub & LeVeque 1979).
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: [f64; 2],
    about_mean: [f64; 3],
}

impl Moments {
    fn of(x: &[f64], y: &[f64]) -> Self {
        let count = x.len() as f64;
        let mean = [x, y].map(|v| v.iter().sum::<f64>() / count);
        let about = |v: &[f64], mean: f64| v.iter().map(|v| v - mean).collect::<Vec<_>>();
        let (x, y) = (about(x, mean[0]), about(y, mean[1]));
        Self { count, mean, about_mean: [dot(&x, &x), dot(&y, &y), dot(&x, &y)] }
    }

    fn merge(&mut self, other: &Self) {
        let count = self.count + other.count;
        if other.count == 0.0 {
            return;
        }
        let step = [0, 1].map(|side| other.mean[side] - self.mean[side]);
        let weight = self.count * other.count / count;
        let products = [step[0] * step[0], step[1] * step[1], step[0] * step[1]];
        for (sum, (other, product)) in self.about_mean.iter_mut().zip(other.about_mean.iter().zip(products)) {
            *sum += other + weight * product;
        }
        for (mean, step) in self.mean.iter_mut().zip(step) {
            *mean += step * other.count / count;
        }
        self.count = count;
    }
}

/// What one tile contributes.
struct Tile<'a> {
    place: &'a Place,
    moments: Moments,
    /// Of each side: sums over the rows of the tile, then over its columns.
    sums: [Vec<f64>; 2],
}

impl<'a> Tile<'a> {
    fn of<T: Real>(
        x: &Dissimilarities<'_, T>,
        y: &Dissimilarities<'_, T>,
        place: &'a Place,
        room: &mut Room<T>,
    ) -> Self {
        let (height, width) = (place.rows.len(), place.columns.len());
        let mut values = [Vec::with_capacity(place.pairs()), Vec::with_capacity(place.pairs())];
        let mut sums = [vec![0.0; height + width], vec![0.0; height + width]];
        for (i, (x, y)) in room.read(x, y, place).enumerate() {
            for (side, line) in [x, y].into_iter().enumerate() {
                let first = values[side].len();
                values[side].extend(line.iter().map(|v| v.wide()));
                let line = &values[side][first..];
                sums[side][i] += line.iter().sum::<f64>();
                // On the diagonal a line begins behind it.
                let columns = &mut sums[side][height + width - line.len()..];
                columns.iter_mut().zip(line).for_each(|(sum, v)| *sum += v);
            }
        }
        let moments =
            if values[0].is_empty() { Moments::default() } else { Moments::of(&values[0], &values[1]) };
        Self { place, moments, sums }
    }

    /// Adds the sums of one side to those of all inputs.
    fn add_sums(&self, side: usize, to: &mut [f64]) {
        let inputs = self.place.rows.clone().chain(self.place.columns.clone());
        inputs.zip(&self.sums[side]).for_each(|(at, sum)| to[at] += sum);
    }
}
