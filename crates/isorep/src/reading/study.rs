//! The evidence about every number of a grid: chance level, interval and influence, each as far as it can be had.
//!
//! One set of permuted inputs serves all pairs and all measures, so that the most alike of all layers can be held
//! against the most alike of all layers of permuted inputs: who searches over layers pays for it.

use super::chance::{Chance, sign};
use super::influence::{Influence, Suspects};
use super::interval::{Interval, Jackknife};
use super::permutations::Permutations;
use crate::{AnyMeasure, Cell, Grid, Pair, Result};
use serde::Serialize;
use std::ops::ControlFlow;

/// Which evidence is gathered.
///
/// ```
/// use isorep::reading::Study;
/// use isorep::{Grid, Representation};
/// use std::ops::ControlFlow;
/// let side = |k: usize| {
///     let values = (0..120).map(|i| ((i * i * k + i) % 23) as f64).collect();
///     Representation::from_f64("layer", 60, 2, values)
/// };
/// let grid = Grid::new(vec![side(3)?], vec![side(5)?], vec!["cka".parse()?]);
/// let cells = grid.run(|_| ControlFlow::Continue(()));
/// let found = Study::default().of(&grid, &cells, || ControlFlow::Continue(()));
/// let chance = found.evidence[0][0].chance.unwrap();
/// assert!(chance.p.is_some_and(|p| p > 0.0 && p < 1.0));
/// # Ok::<(), isorep::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    /// Orders of the inputs for chance levels that no closed form gives; with fewer than two of them only closed forms are
    /// used.
    pub permutations: Permutations,
    /// How intervals are found; `None` for none.
    pub jackknife: Option<Jackknife>,
    /// Whether to look who owns the values.
    pub influence: bool,
}

impl Default for Study {
    fn default() -> Self {
        Self { permutations: Permutations::default(), jackknife: Some(Jackknife::default()), influence: true }
    }
}

/// What is known about one value.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Evidence {
    /// Where it stands among values of permuted inputs.
    pub chance: Option<Chance>,
    /// Where it would be on other inputs of the same kind.
    pub interval: Option<Interval>,
    /// Who owns it.
    pub influence: Option<Influence>,
}

/// The most alike pair of a grid under one measure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Best {
    /// Its index among the cells.
    pub cell: usize,
    /// Probability that the most alike of all pairs is at least as alike if the inputs of one side are permuted.
    pub p: f64,
}

/// What a study found.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// For each cell, for each measure.
    pub evidence: Vec<Vec<Evidence>>,
    /// For each measure, where there are several cells.
    pub best: Vec<Option<Best>>,
    /// Whether it was stopped: what is not known then is missing.
    pub interrupted: bool,
}

impl Study {
    /// Gathers the evidence about what [`Grid::run`] found. `on_step` is called often and can stop the work; what is known
    /// by then is kept. The numbers do not depend on the number of threads.
    pub fn of(&self, grid: &Grid, cells: &[Cell], on_step: impl Fn() -> ControlFlow<()> + Sync) -> Findings {
        let measures = grid.measures();
        let mut evidence = vec![vec![Evidence::default(); measures.len()]; cells.len()];
        let mut drawn = Vec::new();
        let mut interrupted = false;
        for (cell, evidence) in cells.iter().zip(&mut evidence) {
            if interrupted || on_step().is_break() {
                interrupted = true;
                break;
            }
            if let Ok(pair) = grid.pair(cell.x, cell.y) {
                self.of_pair(&pair, cell, measures, evidence);
            }
        }
        if self.permutations.count > 1 && !interrupted {
            let wanted: Vec<(usize, usize)> = (0..cells.len())
                .flat_map(|c| (0..measures.len()).map(move |m| (c, m)))
                .filter(|(c, m)| measures[*m].properties().aligned && cells[*c].readings[*m].value.is_ok())
                .filter(|(c, m)| evidence[*c][*m].chance.is_none_or(|chance| chance.p.is_none()))
                .collect();
            let permuted = grid.permuted(cells, &wanted, &self.permutations, &on_step);
            interrupted =
                permuted.iter().any(|values| values.len() < self.permutations.count) && on_step().is_break();
            for ((c, m), values) in wanted.iter().zip(&permuted) {
                let Ok(value) = cells[*c].readings[*m].value else { continue };
                let values: Vec<f64> = values.iter().flatten().copied().collect();
                let found = Chance::from_permuted(value, &values, &measures[*m].properties());
                evidence[*c][*m].chance = found.or(evidence[*c][*m].chance);
            }
            drawn = wanted.into_iter().zip(permuted).collect();
        }
        let best = (0..measures.len()).map(|m| best(cells, m, &measures[m], &evidence, &drawn)).collect();
        Findings { evidence, best, interrupted }
    }

    /// At most how often `on_step` is called beyond once a cell.
    pub fn steps(&self, grid: &Grid, cells: &[Cell]) -> usize {
        let lacking = grid.measures().iter().any(|measure| measure.properties().aligned);
        let mut ys: Vec<usize> = cells.iter().map(|cell| cell.y).collect();
        ys.sort_unstable();
        ys.dedup();
        if self.permutations.count > 1 && lacking { self.permutations.count * ys.len() } else { 0 }
    }

    /// What needs no permuted inputs.
    fn of_pair(&self, pair: &Pair, cell: &Cell, measures: &[AnyMeasure], evidence: &mut [Evidence]) {
        let suspects = if self.influence { Suspects::of(pair).ok() } else { None };
        let values: Vec<Option<f64>> = measures
            .iter()
            .zip(&cell.readings)
            .map(|(measure, reading)| {
                reading.value.as_ref().ok().copied().filter(|_| measure.properties().aligned)
            })
            .collect();
        let intervals =
            self.jackknife.and_then(|jackknife| jackknife.intervals(measures, pair, &values).ok());
        if let Some(intervals) = intervals {
            evidence.iter_mut().zip(intervals).for_each(|(evidence, interval)| evidence.interval = interval);
        }
        for ((measure, reading), evidence) in measures.iter().zip(&cell.readings).zip(evidence) {
            let Ok(value) = reading.value else { continue };
            evidence.chance = closed_form(measure, pair, value, reading.chance).ok().flatten();
            if measure.properties().aligned {
                evidence.influence =
                    suspects.as_ref().map(|suspects| suspects.influence(measure, self.permutations.seed));
            }
        }
    }
}

/// What is known of the chance level without permuting anything.
fn closed_form(measure: &AnyMeasure, pair: &Pair, value: f64, mean: Option<f64>) -> Result<Option<Chance>> {
    if let Some(null) = measure.null(pair)? {
        return Ok(Some(Chance::from_null(value, &null, &measure.properties())));
    }
    Ok(mean.map(Chance::from_mean))
}

/// A cell, a measure, and its values in every order.
type Drawn = ((usize, usize), Vec<Option<f64>>);

/// The most alike cell, and the probability of the like among permuted inputs.
fn best(
    cells: &[Cell],
    m: usize,
    measure: &AnyMeasure,
    evidence: &[Vec<Evidence>],
    drawn: &[Drawn],
) -> Option<Best> {
    if cells.len() < 2 {
        return None;
    }
    let sign = sign(measure.properties().kind);
    let values =
        cells.iter().enumerate().filter_map(|(c, cell)| Some((c, *cell.readings[m].value.as_ref().ok()?)));
    let (cell, value) = values.max_by(|a, b| (sign * a.1).total_cmp(&(sign * b.1)))?;
    let of_measure: Vec<&Vec<Option<f64>>> =
        drawn.iter().filter(|((_, measure), _)| *measure == m).map(|(_, values)| values).collect();
    if of_measure.is_empty() {
        // Of exact distributions only those of single cells are known: the bound that holds whatever binds the cells.
        let p = evidence[cell][m].chance?.p?;
        return Some(Best { cell, p: (p * cells.len() as f64).min(1.0) });
    }
    let count = of_measure.iter().map(|values| values.len()).max()?;
    let reached = (0..count)
        .filter(|k| {
            of_measure
                .iter()
                .any(|values| values.get(*k).copied().flatten().is_some_and(|v| sign * (v - value) >= 0.0))
        })
        .count();
    Some(Best { cell, p: (1.0 + reached as f64) / (1.0 + count as f64) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Representation;
    use rand::{RngExt as _, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn noise(n: usize, d: usize, seed: u64) -> Representation {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut normal = || (0..6).map(|_| random.random_range(-1.0..1.0)).sum::<f64>();
        Representation::from_f64("noise", n, d, (0..n * d).map(|_| normal()).collect()).unwrap()
    }

    fn go_on() -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn studied(
        xs: Vec<Representation>,
        ys: Vec<Representation>,
        labels: &[&str],
        study: &Study,
    ) -> (Vec<Cell>, Findings) {
        let measures = labels.iter().map(|label| label.parse().unwrap()).collect();
        let grid = Grid::new(xs, ys, measures);
        let cells = grid.run(|_| ControlFlow::Continue(()));
        let found = study.of(&grid, &cells, go_on);
        (cells, found)
    }

    fn chance_only(count: usize) -> Study {
        let permutations = Permutations { count, ..Permutations::default() };
        Study { permutations, jackknife: None, influence: false }
    }

    /// Under independence a p-value is uniform: one in ten below .1, whichever way it is found.
    #[test]
    fn p_values_are_uniform_under_independence() {
        let labels = ["cka", "cka(estimator=gretton)", "mutual-knn(k=5)", "procrustes"];
        let mut small = [0usize; 4];
        let rounds = 300;
        for round in 0..rounds {
            let (_, found) = studied(
                vec![noise(24, 3, round)],
                vec![noise(24, 40, 1000 + round)],
                &labels,
                &chance_only(19),
            );
            for (count, evidence) in small.iter_mut().zip(&found.evidence[0]) {
                *count += usize::from(evidence.chance.unwrap().p.unwrap() <= 0.1);
            }
        }
        // Standard error of a share of .1 over 300 rounds: .0173. Ties of mutual-knn can only make p larger.
        for (label, count) in labels.iter().zip(small) {
            let share = count as f64 / rounds as f64;
            let low = if label.starts_with("mutual") { 0.0 } else { 0.045 };
            assert!(share > low && share < 0.155, "{label}: {share}");
        }
    }

    /// The most alike of 25 unrelated pairs is no more often significant than any one of them should be.
    #[test]
    fn searching_over_layers_is_paid_for() {
        let rounds = 60;
        let (mut naive, mut paid) = (0, 0);
        for round in 0..rounds {
            let side =
                |k: u64| (0..5).map(|j| noise(20, 4, 10_000 * round + 100 * k + j)).collect::<Vec<_>>();
            let (cells, found) = studied(side(1), side(2), &["nbs"], &chance_only(39));
            let best = found.best[0].unwrap();
            assert_eq!(cells.len(), 25);
            naive += usize::from(found.evidence[best.cell][0].chance.unwrap().p.unwrap() <= 0.05);
            paid += usize::from(best.p <= 0.05);
        }
        assert!(naive > rounds as usize / 3, "{naive} of {rounds}");
        assert!(paid <= rounds as usize / 6, "{paid} of {rounds}");
    }

    /// Nineteen of twenty intervals hold the value for endless inputs, which is known here.
    #[test]
    fn intervals_hold_the_value_of_the_population() {
        // y = a x + b z for independent directions of variance 1: CKA = a² / √(a⁴ + 2 a² b² · 0 + b⁴) by directions.
        let (a, b, d) = (1.0, 1.0, 4);
        let truth = a * a * d as f64 / ((d as f64).sqrt() * (d as f64 * (a * a + b * b).powi(2)).sqrt());
        let rounds = 150;
        let mut held = 0;
        for round in 0..rounds {
            let (x, z) = (noise(80, d, round), noise(80, d, 5000 + round));
            let rows = |side: &Representation| {
                let mut values = vec![0.0; 80 * d];
                side.rows().unwrap().read_f64(0..80, &[], &mut values);
                values
            };
            let y: Vec<f64> = rows(&x).iter().zip(rows(&z)).map(|(x, z)| a * x + b * z).collect();
            let y = Representation::from_f64("y", 80, d, y).unwrap();
            let study = Study { jackknife: Some(Jackknife::default()), ..chance_only(0) };
            let (_, found) = studied(vec![x], vec![y], &["cka"], &study);
            let interval = found.evidence[0][0].interval.unwrap();
            held += usize::from(interval.low <= truth && truth <= interval.high);
        }
        let coverage = held as f64 / rounds as f64;
        assert!((0.88..=0.99).contains(&coverage), "{coverage}");
    }

    #[test]
    fn an_outlier_and_a_massive_neuron_own_what_they_own() {
        let (x, y) = (noise(60, 20, 1), noise(60, 16, 2));
        let change = |side: &Representation, f: &dyn Fn(usize, usize, f64) -> f64| {
            let (n, d) = (side.n(), side.d());
            let mut values = vec![0.0; n * d];
            side.rows().unwrap().read_f64(0..n, &[], &mut values);
            let values = values.iter().enumerate().map(|(at, v)| f(at / d, at % d, *v)).collect();
            Representation::from_f64("changed", n, d, values).unwrap()
        };
        let study = Study {
            permutations: Permutations { count: 0, ..Permutations::default() },
            jackknife: None,
            influence: true,
        };
        let outlier = |i: usize, _: usize, v: f64| if i == 7 { 300.0 * v } else { v };
        let (cells, found) = studied(
            vec![change(&x, &outlier)],
            vec![change(&y, &outlier)],
            &["cka(estimator=gretton)"],
            &study,
        );
        let influence = found.evidence[0][0].influence.clone().unwrap();
        assert!(*cells[0].readings[0].value.as_ref().unwrap() > 0.99);
        assert_eq!(influence.input, 7);
        assert!(influence.without_input.unwrap() < 0.6);
        assert!(influence.massive.is_empty());
        // One neuron each that both sides have in common, forty times as strong as all others.
        let shared = noise(60, 1, 3);
        let mut wave = vec![0.0; 60];
        shared.rows().unwrap().read_f64(0..60, &[], &mut wave);
        let huge = |i: usize, j: usize, v: f64| if j == 3 { 40.0 * wave[i] } else { v };
        let (cells, found) =
            studied(vec![change(&x, &huge)], vec![change(&y, &huge)], &["cka", "aligned-cosine"], &study);
        let influence = found.evidence[0][0].influence.clone().unwrap();
        assert!(*cells[0].readings[0].value.as_ref().unwrap() > 0.95);
        assert_eq!(
            influence.massive.iter().map(|m| (m.of_x, m.neuron)).collect::<Vec<_>>(),
            [(true, 3), (false, 3)]
        );
        assert!(influence.without_massive.unwrap() < 0.2);
        assert!(influence.peeled[0].value.clone().unwrap() < 0.2);
    }
}
