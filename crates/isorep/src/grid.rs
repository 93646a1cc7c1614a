//! Layers × layers × measures: many pairs at once, each layer's own terms computed once.
//!
//! Two phases, so that no task ever waits for a value another one is computing: first what belongs to one
//! representation alone, for all of them; then all pairs, which only read it. The numbers do not depend on the
//! number of threads.

use crate::measure::Needs;
use crate::reading::Permutations;
use crate::{AnyMeasure, Context, Error, Pair, Representation, Result};
use rayon::prelude::*;
use std::cell::OnceCell;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Every pair of two lists of representations, or chosen ones, under the same measures.
#[derive(Debug, Clone)]
pub struct Grid {
    xs: Vec<Representation>,
    ys: Vec<Representation>,
    cells: Vec<(usize, usize)>,
    measures: Vec<AnyMeasure>,
    context: Arc<Context>,
    /// Whether row i of both sides is the same input.
    rows_correspond: bool,
}

/// What was found for one pair.
#[derive(Debug, Clone)]
pub struct Cell {
    /// Index into the first list.
    pub x: usize,
    /// Index into the second list.
    pub y: usize,
    /// One for every measure, in their order.
    pub readings: Vec<Reading>,
}

/// A number, or why there is none, and the level it would have by chance.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The value of the measure.
    pub value: Result<f64>,
    /// Its mean over all permutations of the rows of one side, where a closed form is known.
    pub chance: Option<f64>,
}

impl Grid {
    /// Every representation of `xs` against every one of `ys`.
    pub fn new(xs: Vec<Representation>, ys: Vec<Representation>, measures: Vec<AnyMeasure>) -> Self {
        let cells = (0..xs.len()).flat_map(|x| (0..ys.len()).map(move |y| (x, y))).collect();
        Self { xs, ys, cells, measures, context: Arc::default(), rows_correspond: true }
    }

    /// The k-th representation of `xs` against the k-th of `ys`, as far as the shorter list goes.
    pub fn aligned(xs: Vec<Representation>, ys: Vec<Representation>, measures: Vec<AnyMeasure>) -> Self {
        let cells = (0..xs.len().min(ys.len())).map(|k| (k, k)).collect();
        Self { xs, ys, cells, measures, context: Arc::default(), rows_correspond: true }
    }

    /// The same pairs, of which nothing says that row i of both sides is the same input; see [`Pair::unaligned`].
    #[must_use]
    pub fn unaligned(self) -> Self {
        Self { rows_correspond: false, ..self }
    }

    /// The same pairs, and what is known of the inputs they all share.
    #[must_use]
    pub fn with_context(self, context: impl Into<Arc<Context>>) -> Self {
        Self { context: context.into(), ..self }
    }

    /// Number of pairs.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// True if there is no pair.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Compares every pair, on all threads of the pool.
    ///
    /// `on_cell` sees each cell as it is done, in no particular order, and can stop the work; what was done by then
    /// is returned. Cells come back in order, x by x.
    pub fn run(&self, on_cell: impl Fn(&Cell) -> ControlFlow<()> + Sync) -> Vec<Cell> {
        let stopped = AtomicBool::new(false);
        self.warm(&stopped);
        let done = Mutex::new(Vec::with_capacity(self.len()));
        let keep = |cell: Cell| {
            if on_cell(&cell).is_break() {
                stopped.store(true, Ordering::Relaxed);
            }
            if let Ok(mut done) = done.lock() {
                done.push(cell);
            }
        };
        let mirrored = self.mirrors_itself();
        let cells: Vec<_> = self.cells.iter().copied().filter(|(x, y)| !mirrored || x <= y).collect();
        each(&cells, &stopped, |(x, y)| {
            let cell = self.cell(*x, *y);
            if mirrored && x != y {
                keep(Cell { x: *y, y: *x, ..cell.clone() });
            }
            keep(cell);
        });
        let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        done.sort_by_key(|cell| (cell.x, cell.y));
        done
    }

    /// The measures, in the order of every list of readings.
    pub fn measures(&self) -> &[AnyMeasure] {
        &self.measures
    }

    /// One pair, by its places on both lists.
    ///
    /// # Errors
    /// As [`Pair::new`] and [`Pair::with_context`].
    pub fn pair(&self, x: usize, y: usize) -> Result<Pair> {
        self.pair_of(&self.xs[x], &self.ys[y])
    }

    fn pair_of(&self, x: &Representation, y: &Representation) -> Result<Pair> {
        if self.rows_correspond {
            Pair::new(x, y)?.with_context(self.context.clone())
        } else {
            Ok(Pair::unaligned(x, y))
        }
    }

    /// Values over permuted inputs of y for the wanted (cell, measure), one for each order; `None` where there is none.
    /// After a stop only the first orders are there.
    pub(crate) fn permuted(
        &self,
        cells: &[Cell],
        wanted: &[(usize, usize)],
        permutations: &Permutations,
        on_step: &(impl Fn() -> ControlFlow<()> + Sync),
    ) -> Vec<Vec<Option<f64>>> {
        let mut ys: Vec<usize> = wanted.iter().map(|(cell, _)| cells[*cell].y).collect();
        ys.sort_unstable();
        ys.dedup();
        let tasks: Vec<(usize, usize)> =
            (0..permutations.count).flat_map(|number| ys.iter().map(move |y| (number, *y))).collect();
        let stopped = AtomicBool::new(false);
        let done = Mutex::new(Vec::with_capacity(tasks.len()));
        each(&tasks, &stopped, |(number, y)| {
            let values = self.permuted_once(cells, wanted, permutations, (*number, *y));
            if let Ok(mut done) = done.lock() {
                done.push((*number, values));
            }
            if on_step().is_break() {
                stopped.store(true, Ordering::Relaxed);
            }
        });
        let done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        // Only orders that all sides went through: otherwise the best of a grid would be that of a part.
        let mut sides = vec![0; permutations.count];
        done.iter().for_each(|(number, _)| sides[*number] += 1);
        let whole: Vec<usize> = (0..permutations.count).filter(|number| sides[*number] == ys.len()).collect();
        let mut out = vec![vec![None; whole.len()]; wanted.len()];
        for (number, values) in done {
            let Ok(at) = whole.binary_search(&number) else { continue };
            for (which, value) in values {
                out[which][at] = value;
            }
        }
        out
    }

    /// The wanted values of one y in one order, each with its place in `wanted`.
    fn permuted_once(
        &self,
        cells: &[Cell],
        wanted: &[(usize, usize)],
        permutations: &Permutations,
        (number, y): (usize, usize),
    ) -> Vec<(usize, Option<f64>)> {
        let side = &self.ys[y];
        let moved: [OnceCell<Result<Representation>>; 3] = Default::default();
        let moved = |kept: Kept| {
            let side = moved[kept as usize].get_or_init(|| {
                let permutations = match kept {
                    Kept::Nothing => permutations.clone(),
                    Kept::Classes => permutations.within_classes(self.context.labels()?),
                    Kept::Groups => permutations.of_blocks(self.context.groups()?),
                };
                side.reordered(&permutations.order(side.n(), number)?)
            });
            side.as_ref().map_err(Clone::clone)
        };
        let mine: Vec<_> = wanted.iter().enumerate().filter(|(_, (cell, _))| cells[*cell].y == y).collect();
        let mut values = Vec::with_capacity(mine.len());
        for of_cell in mine.chunk_by(|a, b| a.1.0 == b.1.0) {
            // One pair for all measures of a cell, which share what they compute.
            let pairs: [OnceCell<Result<Pair>>; 3] = Default::default();
            for (which, (cell, m)) in of_cell {
                let kept = Kept::by(&self.measures[*m]);
                let pair =
                    pairs[kept as usize].get_or_init(|| self.pair_of(&self.xs[cells[*cell].x], moved(kept)?));
                values
                    .push((*which, pair.as_ref().ok().and_then(|pair| self.measures[*m].compare(pair).ok())));
            }
        }
        values
    }

    /// True for all pairs of one list with itself under symmetric measures: half of the cells follow from the others.
    fn mirrors_itself(&self) -> bool {
        self.xs.len() == self.ys.len()
            && self.len() == self.xs.len().pow(2)
            && self.xs.iter().zip(&self.ys).all(|(x, y)| x.is_same(y))
            && self.measures.iter().all(|measure| measure.properties().symmetric)
    }

    /// Phase one: what each representation can know by itself. A representation on both lists is warmed once, as
    /// copies share what they compute.
    fn warm(&self, stopped: &AtomicBool) {
        if self.len() < 2 {
            return;
        }
        let needs = self.measures.iter().fold(Needs::empty(), |all, m| all | m.properties().needs);
        let mut sides: Vec<&Representation> = Vec::new();
        for side in self.xs.iter().chain(&self.ys) {
            if !sides.iter().any(|known| known.is_same(side)) {
                sides.push(side);
            }
        }
        each(&sides, stopped, |side| {
            side.warm(needs);
            self.measures.iter().for_each(|measure| measure.prepare(side));
        });
    }

    /// Phase two, one pair.
    fn cell(&self, x: usize, y: usize) -> Cell {
        let readings = match self.pair(x, y) {
            Ok(pair) => self.measures.iter().map(|measure| Reading::of(measure, &pair)).collect(),
            Err(error) => self.measures.iter().map(|_| Reading::failed(error.clone())).collect(),
        };
        Cell { x, y, readings }
    }
}

/// What permuted inputs keep, because a measure takes it for a property of the input on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    Nothing,
    Classes,
    Groups,
}

impl Kept {
    fn by(measure: &AnyMeasure) -> Self {
        let needs = measure.properties().needs;
        if needs.contains(Needs::GROUPS) {
            Self::Groups
        } else if needs.contains(Needs::LABELS) {
            Self::Classes
        } else {
            Self::Nothing
        }
    }
}

/// One task an item where there are plenty; otherwise one item after the other, each on all threads.
fn each<T: Sync>(items: &[T], stopped: &AtomicBool, task: impl Fn(&T) + Sync) {
    let run = |item: &T| {
        if !stopped.load(Ordering::Relaxed) {
            task(item);
        }
    };
    if items.len() < 4 * rayon::current_num_threads() {
        items.iter().for_each(run);
    } else {
        items.par_iter().with_max_len(1).for_each(run);
    }
}

impl Reading {
    /// The value and chance level of one measure for one pair.
    pub fn of(measure: &AnyMeasure, pair: &Pair) -> Self {
        let value = measure.compare(pair);
        let chance = if value.is_ok() { measure.chance(pair).ok().flatten() } else { None };
        Self { value, chance }
    }

    fn failed(error: Error) -> Self {
        Self { value: Err(error), chance: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(count: usize, seed: usize) -> Vec<Representation> {
        (0..count)
            .map(|layer| {
                let values =
                    (0..40 * 6).map(|i| ((i * (layer + seed + 3) * 7 + i * i) % 23) as f32).collect();
                Representation::from_f32(format!("layer{layer}"), 40, 6, values).unwrap()
            })
            .collect()
    }

    fn measures() -> Vec<AnyMeasure> {
        crate::MEASURES.iter().map(crate::Entry::default_measure).collect()
    }

    fn go_on(_: &Cell) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    #[test]
    fn a_grid_gives_what_single_pairs_give_on_any_number_of_threads() {
        let (xs, ys) = (layers(5, 0), layers(6, 20));
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| Grid::new(layers(5, 0), layers(6, 20), measures()).run(go_on))
        };
        let (one, three) = (run(1), run(3));
        assert_eq!(one.len(), 30);
        for (a, b) in one.iter().zip(&three) {
            let pair = Pair::new(&xs[a.x], &ys[a.y]).unwrap();
            for ((a, b), measure) in a.readings.iter().zip(&b.readings).zip(measures()) {
                assert_eq!(a.value, b.value, "{measure}");
                assert_eq!(a.value, measure.compare(&pair), "{measure}");
            }
        }
    }

    #[test]
    fn a_grid_of_one_list_with_itself_is_mirrored() {
        let xs = layers(6, 0);
        let symmetric: Vec<AnyMeasure> =
            measures().into_iter().filter(|m| m.properties().symmetric).collect();
        let mirrored = Grid::new(xs.clone(), xs.clone(), symmetric.clone()).run(go_on);
        let full = Grid::new(xs, layers(6, 0), symmetric).run(go_on);
        assert_eq!((mirrored.len(), full.len()), (36, 36));
        for (a, b) in mirrored.iter().zip(&full) {
            assert_eq!((a.x, a.y), (b.x, b.y));
            for (a, b) in a.readings.iter().zip(&b.readings) {
                match (&a.value, &b.value) {
                    (Ok(a), Ok(b)) => assert!((a - b).abs() < 1e-6, "{a} {b}"),
                    (a, b) => assert_eq!(a.is_err(), b.is_err()),
                }
            }
        }
    }

    #[test]
    fn one_bad_layer_empties_only_its_own_cells() {
        let mut xs = layers(3, 0);
        xs[1] = Representation::from_f32("dead", 40, 2, vec![1.5; 80]).unwrap();
        let cells = Grid::new(xs, layers(3, 9), vec!["cka".parse().unwrap()]).run(go_on);
        for cell in cells {
            assert_eq!(cell.readings[0].value.is_err(), cell.x == 1);
        }
    }

    #[test]
    fn what_was_done_before_a_stop_is_kept() {
        let seen = std::sync::atomic::AtomicUsize::new(0);
        let cells = Grid::new(layers(5, 0), layers(5, 1), measures()).run(|_| {
            if seen.fetch_add(1, Ordering::Relaxed) == 3 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        assert!((4..25).contains(&cells.len()), "{}", cells.len());
    }

    #[test]
    fn own_terms_are_computed_once() {
        let (xs, ys) = (layers(8, 0), layers(8, 5));
        Grid::new(xs.clone(), ys.clone(), measures()).run(go_on);
        for side in xs.iter().chain(&ys) {
            assert!(side.computations().iter().all(|(_, times)| *times <= 1), "{:?}", side.computations());
            assert!(side.computations().contains(&("self_terms", 1)));
        }
    }

    /// Threads inside and outside the pool that all want the same value at once: this must not hang.
    #[test]
    fn shared_values_do_not_deadlock() {
        for round in 0..20 {
            let xs = layers(4, round);
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| Grid::new(xs.clone(), xs.clone(), measures()).run(go_on));
                }
            });
        }
    }
}
