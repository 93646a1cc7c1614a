//! The cheapest way to move goods from sources to sinks, exactly: the transportation problem with whole amounts.
//!
//! Network simplex on a dense bipartite graph. A basis is a spanning tree; each step lets the cell that lowers the cost
//! enter and another one leave. Two things make it exact. Costs are rounded once to a grid of integers, as fine as f64
//! is for all practical sizes, so every price and reduced cost is exact and the end is a proof of optimality: no
//! reduced cost is negative. And trees stay strongly feasible (Cunningham 1976, doi:10.1007/BF01580662): a cell without
//! flow hangs a source below a sink, which excludes cycling. Cells enter by blocks of columns (Grigoriadis 1986,
//! doi:10.1007/BFb0121089), always in the same order, so the plan is the same everywhere.

use crate::assignment::maximum_assignment;
use crate::linalg::{Matrix, widest};
use crate::options::Fraction;

/// A part of a plan: from this row, to this column, so much.
pub(crate) type Share = (usize, usize, f64);

/// The cheapest coupling of rows to columns in which all rows weigh the same, all columns weigh the same, and `mass` of
/// 1 is moved in all; the rest of each row and column stays where it is at no cost. Costs must not be negative if
/// `mass` is below 1.
pub(crate) fn uniform_coupling(cost: &Matrix, mass: Fraction) -> Vec<Share> {
    let (k, l) = (cost.rows(), cost.columns());
    if mass.get() < 1.0 {
        return partial_coupling(cost, mass.get());
    }
    if k == l {
        let profit = Matrix::from_columns(k, l, cost.values().iter().map(|c| -c).collect());
        return maximum_assignment(&profit).into_iter().map(|(i, j)| (i, j, 1.0 / k as f64)).collect();
    }
    let common = greatest_common_divisor(k, l);
    let (of_row, of_column) = (whole(l / common), whole(k / common));
    let total = (k * (l / common)) as f64;
    let plan = Tree::optimal(cost, &vec![of_row; k], &vec![of_column; l]).plan();
    plan.into_iter().map(|(i, j, amount)| (i, j, amount as f64 / total)).collect()
}

/// What is not moved goes to a sink, and comes from a source, that cost nothing. Nothing goes from one to the other, since
/// that costs more than nothing: both would be cheaper off without a cell that is used instead.
fn partial_coupling(cost: &Matrix, mass: f64) -> Vec<Share> {
    let (k, l) = (cost.rows(), cost.columns());
    // As many units as f64 counts, so that any mass is a whole number of them.
    let unit = (1i64 << 52) / whole(k * l);
    let total = unit * whole(k * l);
    let kept = total - ((mass * total as f64).round() as i64).clamp(1, total);
    let mut supply = vec![unit * whole(l); k];
    let mut demand = vec![unit * whole(k); l];
    let mut cost = cost.clone();
    if kept > 0 {
        let dearest = cost.values().iter().copied().fold(0.0, f64::max);
        cost = Matrix::from_fn(k + 1, l + 1, |i, j| match (i == k, j == l) {
            (false, false) => cost[(i, j)],
            (true, true) => {
                if dearest > 0.0 {
                    dearest
                } else {
                    1.0
                }
            }
            _ => 0.0,
        });
        supply.push(kept);
        demand.push(kept);
    }
    let plan = Tree::optimal(&cost, &supply, &demand).plan();
    let moved = plan.into_iter().filter(|(i, j, _)| *i < k && *j < l);
    moved.map(|(i, j, amount)| (i, j, amount as f64 / total as f64)).collect()
}

/// A count as an amount.
const fn whole(count: usize) -> i64 {
    (count as u64).cast_signed()
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

const NONE: u32 = u32::MAX;

/// A spanning tree of basic cells. Nodes are the sources `0..k`, then the sinks.
///
/// The arc between a node and its parent is the cell of the two; goods flow from the source among them to the sink.
struct Tree {
    k: usize,
    /// Costs on the grid, column after column.
    cost: Vec<i64>,
    /// The price of a source and that of a sink add up to the cost of every basic cell.
    price: Vec<i64>,
    parent: Vec<u32>,
    /// On the arc to the parent.
    flow: Vec<i64>,
    depth: Vec<u32>,
    first_child: Vec<u32>,
    next_sibling: Vec<u32>,
    previous_sibling: Vec<u32>,
    root: usize,
    /// Nodes yet to be visited; kept so that steps allocate nothing.
    stack: Vec<u32>,
}

/// The cell that enters the basis: from a source, to a sink, and by how much its cost is below its prices (negative).
struct Entering {
    source: usize,
    sink: usize,
    reduced: i64,
}

impl Tree {
    /// The tree of a cheapest plan.
    fn optimal(cost: &Matrix, supply: &[i64], demand: &[i64]) -> Self {
        debug_assert_eq!(supply.iter().sum::<i64>(), demand.iter().sum::<i64>());
        debug_assert!(supply.iter().chain(demand).all(|amount| *amount > 0));
        let mut tree = Self::feasible(cost, supply, demand);
        let mut column = 0;
        while let Some(entering) = tree.entering(&mut column) {
            tree.step(&entering);
        }
        tree
    }

    /// Sources go to the sinks that are cheapest for them, costs taken relative to the cheapest source of each sink; those
    /// whose second choice is dearest choose first.
    fn feasible(cost: &Matrix, supply: &[i64], demand: &[i64]) -> Self {
        let (k, l) = (supply.len(), demand.len());
        let nodes = k + l;
        let mut tree = Self {
            k,
            cost: on_grid(cost),
            price: vec![0; nodes],
            parent: vec![NONE; nodes],
            flow: vec![0; nodes],
            depth: vec![0; nodes],
            first_child: vec![NONE; nodes],
            next_sibling: vec![NONE; nodes],
            previous_sibling: vec![NONE; nodes],
            root: 0,
            stack: Vec::with_capacity(nodes),
        };
        let least: Vec<i64> =
            tree.cost.chunks_exact(k).map(|column| column.iter().copied().min().unwrap_or(0)).collect();
        let mut wanted = demand.to_vec();
        let mut open: Vec<usize> = (0..l).collect();
        for source in by_alternative(&tree.cost, &least) {
            let mut left = supply[source];
            loop {
                let relative = |j: usize| tree.cost[j * k + source] - least[j];
                let Some(at) = (0..open.len()).min_by_key(|at| (relative(open[*at]), open[*at])) else {
                    tree.root = source;
                    break;
                };
                let sink = open[at];
                let amount = left.min(wanted[sink]);
                left -= amount;
                wanted[sink] -= amount;
                if wanted[sink] > 0 {
                    // Also where nothing was left: the arc without flow then points from a source to its parent.
                    tree.hang(source, k + sink, amount);
                    break;
                }
                tree.hang(k + sink, source, amount);
                open.swap_remove(at);
            }
        }
        tree.settle(tree.root);
        tree
    }

    /// The most negative reduced cost of the next columns that hold one.
    fn entering(&self, next: &mut usize) -> Option<Entering> {
        /// Cells looked at before the best of them is taken.
        const BLOCK: usize = 2048;
        let k = self.k;
        let columns = self.price.len() - k;
        let prices = &self.price[..k];
        let (mut best, mut found, mut seen) = (0, None, 0);
        for _ in 0..columns {
            let sink = *next;
            *next = if sink + 1 == columns { 0 } else { sink + 1 };
            let column = &self.cost[sink * k..(sink + 1) * k];
            let least = widest(
                #[inline(always)]
                || column.iter().zip(prices).fold(i64::MAX, |least, (c, p)| least.min(c - p)),
            );
            let reduced = least - self.price[k + sink];
            if reduced < best {
                (best, found) = (reduced, Some((sink, least)));
            }
            seen += k;
            if seen >= BLOCK && found.is_some() {
                break;
            }
        }
        let (sink, least) = found?;
        let column = &self.cost[sink * k..(sink + 1) * k];
        let source = column.iter().zip(prices).position(|(c, p)| c - p == least)?;
        Some(Entering { source, sink: k + sink, reduced: best })
    }

    /// Sends as much as possible around the cycle that the entering cell closes, and lets the cell that is emptied go.
    fn step(&mut self, entering: &Entering) {
        let apex = self.apex(entering.source, entering.sink);
        // Among cells that empty at the same time the last one in the direction of the flow, from the apex on, leaves.
        let (mut amount, mut leaving, mut below_source) = (i64::MAX, entering.source, true);
        let mut node = entering.source;
        while node != apex {
            if node < self.k && self.flow[node] < amount {
                (amount, leaving, below_source) = (self.flow[node], node, true);
            }
            node = self.parent[node] as usize;
        }
        node = entering.sink;
        while node != apex {
            if node >= self.k && self.flow[node] <= amount {
                (amount, leaving, below_source) = (self.flow[node], node, false);
            }
            node = self.parent[node] as usize;
        }
        if amount > 0 {
            for (end, falls_at_source) in [(entering.source, true), (entering.sink, false)] {
                node = end;
                while node != apex {
                    let falls = (node < self.k) == falls_at_source;
                    self.flow[node] += if falls { -amount } else { amount };
                    node = self.parent[node] as usize;
                }
            }
        }
        let (moved, still) =
            if below_source { (entering.source, entering.sink) } else { (entering.sink, entering.source) };
        self.turn(moved, leaving, still, amount);
        let of_sources = if below_source { entering.reduced } else { -entering.reduced };
        self.reprice(moved, of_sources);
    }

    /// The lowest common ancestor.
    fn apex(&self, mut a: usize, mut b: usize) -> usize {
        while a != b {
            if self.depth[a] >= self.depth[b] {
                a = self.parent[a] as usize;
            } else {
                b = self.parent[b] as usize;
            }
        }
        a
    }

    /// Cuts the subtree of `top` off and hangs it up again by `node`, one of its nodes, below `parent`.
    fn turn(&mut self, mut node: usize, top: usize, mut parent: usize, mut flow: i64) {
        loop {
            let (old_parent, old_flow) = (self.parent[node] as usize, self.flow[node]);
            self.unhang(node);
            self.hang(node, parent, flow);
            if node == top {
                break;
            }
            (parent, flow, node) = (node, old_flow, old_parent);
        }
    }

    fn hang(&mut self, node: usize, parent: usize, flow: i64) {
        let next = self.first_child[parent];
        (self.parent[node], self.flow[node]) = (parent as u32, flow);
        (self.next_sibling[node], self.previous_sibling[node]) = (next, NONE);
        if next != NONE {
            self.previous_sibling[next as usize] = node as u32;
        }
        self.first_child[parent] = node as u32;
    }

    fn unhang(&mut self, node: usize) {
        let (previous, next) = (self.previous_sibling[node], self.next_sibling[node]);
        if previous == NONE {
            self.first_child[self.parent[node] as usize] = next;
        } else {
            self.next_sibling[previous as usize] = next;
        }
        if next != NONE {
            self.previous_sibling[next as usize] = previous;
        }
    }

    /// Changes the prices of a subtree, those of its sources by this and those of its sinks by as much less, and renews
    /// its depths.
    fn reprice(&mut self, top: usize, of_sources: i64) {
        self.visit(top, |tree, node, parent| {
            tree.price[node] += if node < tree.k { of_sources } else { -of_sources };
            tree.depth[node] = tree.depth[parent] + 1;
        });
    }

    /// Computes all prices and depths from the root.
    fn settle(&mut self, root: usize) {
        (self.price[root], self.depth[root]) = (0, 0);
        let mut child = self.first_child[root];
        while child != NONE {
            self.visit(child as usize, |tree, node, parent| {
                let (source, sink) = if node < tree.k { (node, parent) } else { (parent, node) };
                tree.price[node] = tree.cost[(sink - tree.k) * tree.k + source] - tree.price[parent];
                tree.depth[node] = tree.depth[parent] + 1;
            });
            child = self.next_sibling[child as usize];
        }
    }

    /// Calls `f` with every node of a subtree and its parent, parents first.
    fn visit(&mut self, top: usize, f: impl Fn(&mut Self, usize, usize)) {
        let mut stack = std::mem::take(&mut self.stack);
        stack.push(top as u32);
        while let Some(node) = stack.pop() {
            let node = node as usize;
            let parent = self.parent[node] as usize;
            f(self, node, parent);
            let mut child = self.first_child[node];
            while child != NONE {
                stack.push(child);
                child = self.next_sibling[child as usize];
            }
        }
        self.stack = stack;
    }

    /// What flows, in order of the sinks and then of the sources.
    fn plan(&self) -> Vec<(usize, usize, i64)> {
        let basic = (0..self.parent.len()).filter(|node| self.parent[*node] != NONE && self.flow[*node] > 0);
        let cell = |node: usize| {
            let parent = self.parent[node] as usize;
            let (source, sink) = if node < self.k { (node, parent) } else { (parent, node) };
            (source, sink - self.k, self.flow[node])
        };
        let mut plan: Vec<_> = basic.map(cell).collect();
        plan.sort_unstable_by_key(|(source, sink, _)| (*sink, *source));
        plan
    }
}

/// The sources, in falling order of the second smallest cost, relative to the least of each sink.
fn by_alternative(cost: &[i64], least: &[i64]) -> Vec<usize> {
    let k = cost.len() / least.len();
    let mut smallest = vec![(i64::MAX, i64::MAX); k];
    for (column, least) in cost.chunks_exact(k).zip(least) {
        for ((first, second), cost) in smallest.iter_mut().zip(column) {
            let relative = cost - least;
            *second = (*second).min(relative.max(*first));
            *first = (*first).min(relative);
        }
    }
    let mut order: Vec<usize> = (0..k).collect();
    order.sort_by_key(|source| (std::cmp::Reverse(smallest[*source].1), *source));
    order
}

/// Costs as integers from 0, so fine that the longest path through the graph still fits.
fn on_grid(cost: &Matrix) -> Vec<i64> {
    let (low, high) = cost
        .values()
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), c| (low.min(*c), high.max(*c)));
    let nodes = (cost.rows() + cost.columns()) as u64;
    let bits = (60 - nodes.ilog2().cast_signed()).min(52);
    let factor = if high > low { f64::from(bits).exp2() / (high - low) } else { 0.0 };
    cost.values().iter().map(|c| ((c - low) * factor).round() as i64).collect()
}

#[cfg(test)]
mod tests;
