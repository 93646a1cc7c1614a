//! Whether the rows of both sides belong together at all: tests of other orders, and of columns taken for rows.
//!
//! A loader that shuffles, a batch too many, or an array written with its axes exchanged leave two sides that look
//! unrelated. If the order found is at chance, a few orders that such mistakes produce are tried. Debiased CKA has an
//! exact distribution over permuted rows, so each try has a p-value, and the level is divided by the number of tries.

use super::warnings::{Code, Warning};
use crate::{Cka, Measure, Pair, Representation, Result};

/// Probability of an alarm for sides that have nothing in common, whatever the number of orders tried.
const FALSE_ALARM: f64 = 1e-3;
/// From this value on the order found needs no defence.
const CLEAR: f64 = 0.01;

/// What a mistake could have done to the rows, if that explains the pair better than the order found.
pub(super) fn suspicious_order(pair: &Pair) -> Option<Warning> {
    if p_value(pair).ok()?? < CLEAR {
        return None;
    }
    let candidates = candidates(pair.n());
    let tries = candidates.len() + 1;
    let level = FALSE_ALARM / tries as f64;
    let mut best: Option<(f64, &String)> = None;
    for (what, order) in &candidates {
        let Ok(Some(p)) = pair.permuted(order).and_then(|moved| p_value(&moved)) else { continue };
        if p < level && best.is_none_or(|(least, _)| p < least) {
            best = Some((p, what));
        }
    }
    if let Some((_, what)) = best {
        return Some(Warning::new(
            Code::LooksShuffled,
            format!("the sides agree if the rows of `{}` are {what}", pair.y().name()),
        ));
    }
    let p = transposed(pair).ok()??;
    (p < level).then(|| {
        Warning::new(
            Code::LooksTransposed,
            format!(
                "`{}` and `{}` agree if their columns are taken for inputs",
                pair.x().name(),
                pair.y().name()
            ),
        )
    })
}

/// Probability of as much debiased CKA for permuted rows.
fn p_value(pair: &Pair) -> Result<Option<f64>> {
    let cka = Cka::default();
    let value = cka.compare(pair)?;
    Ok(cka.null(pair)?.and_then(|null| null.upper_tail(value)))
}

/// Orders that usual mistakes produce, and what they are.
fn candidates(n: usize) -> Vec<(String, Vec<usize>)> {
    const BATCHES: [usize; 12] = [1, 2, 4, 8, 16, 32, 50, 64, 100, 128, 256, 512];
    let mut all = vec![("reversed".to_owned(), (0..n).rev().collect())];
    for batch in BATCHES.into_iter().filter(|batch| 2 * batch < n) {
        all.push((format!("moved {batch} down"), (0..n).map(|i| (i + n - batch) % n).collect()));
        all.push((format!("moved {batch} up"), (0..n).map(|i| (i + batch) % n).collect()));
    }
    // What several workers hand in, each every k-th input, one worker after the other; and the way back.
    for workers in [2, 4, 8].into_iter().filter(|workers| n.is_multiple_of(*workers) && n > 2 * workers) {
        let share = n / workers;
        let apart: Vec<usize> = (0..n).map(|i| (i % share) * workers + i / share).collect();
        let together = (0..n).map(|i| (i % workers) * share + i / workers).collect();
        all.push((format!("taken from {workers} workers in turns"), together));
        all.push((format!("sorted by {workers} workers"), apart));
    }
    all
}

/// The same question with rows and columns exchanged, where both sides have as many columns.
fn transposed(pair: &Pair) -> Result<Option<f64>> {
    /// Copies of both sides beyond this are not made for a suspicion.
    const LARGEST: usize = 1 << 24;
    let (n, d) = (pair.n(), pair.x().d());
    if pair.y().d() != d || d < 8 || n * d > LARGEST {
        return Ok(None);
    }
    let turned = |side: &Representation| {
        let mut rows = vec![0.0; n * d];
        side.rows()?.read_f64(0..n, &[], &mut rows);
        let columns = (0..d).flat_map(|j| rows.iter().skip(j).step_by(d)).copied().collect();
        Representation::from_f64(side.name(), d, n, columns)
    };
    p_value(&Pair::new(&turned(pair.x())?, &turned(pair.y())?)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt as _, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn noise(random: &mut ChaCha8Rng, count: usize) -> Vec<f64> {
        (0..count).map(|_| (0..4).map(|_| random.random_range(-1.0..1.0)).sum()).collect()
    }

    /// Two views of one signal, with noise.
    fn related(n: usize, seed: u64) -> (Representation, Representation) {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let signal = noise(&mut random, n * 4);
        let mut view = |name: &str, d: usize| {
            let (weights, rest) = (noise(&mut random, 4 * d), noise(&mut random, n * d));
            let value = |i: usize, j: usize| {
                (0..4).map(|k| signal[4 * i + k] * weights[4 * j + k]).sum::<f64>() + 0.5 * rest[i * d + j]
            };
            let values = (0..n).flat_map(|i| (0..d).map(move |j| (i, j))).map(|(i, j)| value(i, j)).collect();
            Representation::from_f64(name, n, d, values).unwrap()
        };
        (view("x", 12), view("y", 12))
    }

    #[test]
    fn usual_mistakes_are_recognised() {
        let (x, y) = related(64, 1);
        assert_eq!(suspicious_order(&Pair::new(&x, &y).unwrap()), None);
        for (what, order) in candidates(64) {
            let Some(warning) = suspicious_order(&Pair::new(&x, &y.select(&order).unwrap()).unwrap()) else {
                panic!("{what} is not seen")
            };
            assert_eq!(warning.code, Code::LooksShuffled, "{what}");
        }
    }

    #[test]
    fn exchanged_axes_are_recognised() {
        // Twelve inputs of 64 neurons each, written neuron by neuron.
        let turn = |side: &Representation| {
            let mut rows = vec![0.0; 64 * 12];
            side.rows().unwrap().read_f64(0..64, &[], &mut rows);
            let columns = (0..12).flat_map(|j| rows.iter().skip(j).step_by(12)).copied().collect();
            Representation::from_f64(side.name(), 12, 64, columns).unwrap()
        };
        let (x, y) = related(64, 2);
        let warning = suspicious_order(&Pair::new(&turn(&x), &turn(&y)).unwrap()).unwrap();
        assert_eq!(warning.code, Code::LooksTransposed);
    }

    #[test]
    fn unrelated_sides_raise_no_alarm() {
        let alarms = (0..200)
            .filter(|seed| {
                let (x, _) = related(40, 100 + seed);
                let (_, y) = related(40, 9000 + seed);
                suspicious_order(&Pair::new(&x, &y).unwrap()).is_some()
            })
            .count();
        // One in a thousand is allowed; two of two hundred would happen once in fifty.
        assert!(alarms <= 1, "{alarms}");
    }
}
