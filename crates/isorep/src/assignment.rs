//! The one-to-one assignment of rows to columns with the largest sum of entries, exactly.
//!
//! Shortest augmenting paths with potentials (Jonker and Volgenant 1987, doi:10.1007/BF02278710): after a greedy start
//! each row that is still free costs one Dijkstra search over the columns, O(k²·l) in all for k ≤ l. Ties go to the
//! lower index, so the result is the same everywhere.

use crate::linalg::Matrix;

/// Pairs (row, column), as many as the shorter side has, in order of that side, with the largest sum of `profit`.
pub(crate) fn maximum_assignment(profit: &Matrix) -> Vec<(usize, usize)> {
    if profit.rows() < profit.columns() {
        let pairs = of_columns(&profit.transpose());
        return pairs.into_iter().enumerate().collect();
    }
    let pairs = of_columns(profit);
    pairs.into_iter().enumerate().map(|(column, row)| (row, column)).collect()
}

const FREE: usize = usize::MAX;

/// For every column its row, where there are at least as many rows as columns.
///
/// The columns are the agents (a column is a slice), the rows their tasks; costs are negated profits.
fn of_columns(profit: &Matrix) -> Vec<usize> {
    let (tasks, agents) = (profit.rows(), profit.columns());
    let mut search = Search {
        profit,
        task_of: vec![FREE; agents],
        agent_of: vec![FREE; tasks],
        agent_price: Vec::with_capacity(agents),
        task_price: vec![0.0; tasks],
    };
    // Greedy start: every agent's best task at price zero is tight; the first to ask for it gets it.
    for agent in 0..agents {
        let column = profit.column(agent);
        let best = (0..tasks).fold(0, |best, task| if column[task] > column[best] { task } else { best });
        search.agent_price.push(-column[best]);
        if search.agent_of[best] == FREE {
            (search.agent_of[best], search.task_of[agent]) = (agent, best);
        }
    }
    for agent in 0..agents {
        if search.task_of[agent] == FREE {
            search.augment(agent);
        }
    }
    search.task_of
}

/// An optimal partial assignment with its dual prices: every reduced cost is ≥ 0, and 0 where assigned.
struct Search<'a> {
    profit: &'a Matrix,
    task_of: Vec<usize>,
    agent_of: Vec<usize>,
    agent_price: Vec<f64>,
    task_price: Vec<f64>,
}

impl Search<'_> {
    /// Gives the free agent a task along the cheapest alternating path.
    fn augment(&mut self, free: usize) {
        let tasks = self.agent_of.len();
        let mut distance = vec![f64::INFINITY; tasks];
        let mut reached_from = vec![free; tasks];
        let mut open: Vec<usize> = (0..tasks).collect();
        let mut closed: Vec<usize> = Vec::new();
        let (mut agent, mut so_far) = (free, 0.0);
        let end = loop {
            let column = self.profit.column(agent);
            let base = so_far - self.agent_price[agent];
            let mut nearest = (f64::INFINITY, 0);
            for (at, &task) in open.iter().enumerate() {
                let through = base - column[task] - self.task_price[task];
                if through < distance[task] {
                    (distance[task], reached_from[task]) = (through, agent);
                }
                // Among equals a free task ends the search; then the lower index decides.
                let better = distance[task] < nearest.0
                    || (distance[task] == nearest.0
                        && (self.agent_of[open[nearest.1]] != FREE, open[nearest.1])
                            > (self.agent_of[task] != FREE, task));
                if better {
                    nearest = (distance[task], at);
                }
            }
            so_far = nearest.0;
            let task = open.swap_remove(nearest.1);
            if self.agent_of[task] == FREE {
                break task;
            }
            closed.push(task);
            agent = self.agent_of[task];
        };
        self.agent_price[free] += so_far;
        for task in closed {
            self.agent_price[self.agent_of[task]] += so_far - distance[task];
            self.task_price[task] -= so_far - distance[task];
        }
        let mut task = end;
        loop {
            let agent = reached_from[task];
            self.agent_of[task] = agent;
            std::mem::swap(&mut task, &mut self.task_of[agent]);
            if agent == free {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn total(profit: &Matrix, pairs: &[(usize, usize)]) -> f64 {
        pairs.iter().map(|pair| profit[*pair]).sum()
    }

    /// The best sum over all injections of the columns from `column` on into rows not yet used.
    fn exhaustive(profit: &Matrix, column: usize, used: &mut Vec<bool>) -> f64 {
        if column == profit.columns() {
            return 0.0;
        }
        let mut best = f64::NEG_INFINITY;
        for row in 0..profit.rows() {
            if !used[row] {
                used[row] = true;
                best = best.max(profit[(row, column)] + exhaustive(profit, column + 1, used));
                used[row] = false;
            }
        }
        best
    }

    #[test]
    fn the_sum_is_the_largest_there_is() {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        for case in 0..400 {
            let (columns, extra) = (1 + case % 6, case / 6 % 3);
            // Every other case has many ties.
            let mut entry = |_, _| {
                if case % 2 == 0 {
                    random.random_range(-1.0..1.0)
                } else {
                    f64::from(random.random_range(-2..3))
                }
            };
            let profit = Matrix::from_fn(columns + extra, columns, &mut entry);
            let best = exhaustive(&profit, 0, &mut vec![false; columns + extra]);
            for (profit, flipped) in [(profit.clone(), false), (profit.transpose(), true)] {
                let pairs = maximum_assignment(&profit);
                assert!(
                    (total(&profit, &pairs) - best).abs() < 1e-12,
                    "{case} {flipped} {profit:?} {pairs:?}"
                );
                let mut rows: Vec<usize> = pairs.iter().map(|p| p.0).collect();
                let mut taken: Vec<usize> = pairs.iter().map(|p| p.1).collect();
                rows.sort_unstable();
                rows.dedup();
                taken.sort_unstable();
                taken.dedup();
                assert_eq!((rows.len(), taken.len()), (columns, columns));
            }
        }
    }

    #[test]
    fn a_hidden_permutation_is_found() {
        let d = 200;
        let profit = Matrix::from_fn(d, d, |i, j| {
            f64::from(u8::from(i == j * 7 % d)) + ((i * 31 + j * 17) % 97) as f64 / 400.0
        });
        assert!(maximum_assignment(&profit).iter().all(|(i, j)| *i == j * 7 % d));
    }
}
