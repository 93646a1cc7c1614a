//! How heat spreads on the graph of nearest neighbours: the trace of its heat kernel, exact up to rounding.
//!
//! The trace of `exp(−tL)` is a sum over the spectrum of L = I − S. Instead of the spectrum (n³) it is expanded in Chebyshev
//! polynomials of S, whose traces come from products of the sparse S with the n unit vectors, a block of them at a time:
//! no random probes, so a representation is at distance 0 from itself, and no n × n matrix.

use crate::linalg::{row_blocks, widest};
use crate::neighbors::{Metric, Neighbors};
use crate::{Error, Representation, Result};
use std::sync::{Arc, Mutex, PoisonError};

/// Products with S per unit vector; the expansion has twice as many terms. What is left out is below 1e-9 at t = 10 and below
/// 1e-15 up to t = 2.
const PRODUCTS: usize = 13;
/// Unit vectors that are multiplied at a time.
const BLOCK: usize = 32;
type Line = [f64; BLOCK];

/// Traces of Chebyshev polynomials of one representation, a set for every number of neighbours that was asked for.
#[derive(Debug, Default)]
pub(crate) struct HeatStore(Mutex<Vec<(usize, Arc<Vec<f64>>)>>);

impl Representation {
    /// `tr T_j(S) / n` for j = 0, 1, …, with S the normalised adjacency of the graph of `k` nearest neighbours.
    pub(super) fn chebyshev_traces(&self, k: usize) -> Result<Arc<Vec<f64>>> {
        let store = &self.skeleton().heat.0;
        let known = || {
            let known = store.lock().unwrap_or_else(PoisonError::into_inner);
            known.iter().find(|(other, _)| *other == k).map(|(_, traces)| traces.clone())
        };
        if let Some(known) = known() {
            return Ok(known);
        }
        self.variation()?;
        if self.n() < k + 2 {
            // Of k + 1 inputs each has all others as neighbours, whatever the data.
            return Err(Error::TooFewSamples { needed: k + 2, got: self.n() });
        }
        let graph = Adjacency::of(&*self.neighbors(Metric::Euclidean, k)?, self.n(), k);
        // The lock is not held meanwhile: see `once.rs`.
        let traces = Arc::new(graph.chebyshev_traces());
        store.lock().unwrap_or_else(PoisonError::into_inner).push((k, traces.clone()));
        Ok(traces)
    }
}

/// `tr exp(−tL) / n` from the traces of Chebyshev polynomials of S.
pub(super) fn heat_trace(traces: &[f64], t: f64) -> f64 {
    let terms = traces.iter().enumerate().map(|(j, trace)| {
        let twice = if j == 0 { 1.0 } else { 2.0 };
        twice * scaled_bessel(j, t) * trace
    });
    terms.sum()
}

/// `exp(−t) I_j(t)`, the modified Bessel function, from its power series.
fn scaled_bessel(j: usize, t: f64) -> f64 {
    let half = t / 2.0;
    let mut term = (1..=j).fold((-t).exp(), |term, i| term * half / i as f64);
    let mut sum = 0.0;
    let mut i = 1;
    while term > 1e-18 * sum {
        sum += term;
        term *= half * half / (i * (i + j)) as f64;
        i += 1;
    }
    sum
}

/// The normalised adjacency matrix of an undirected graph without weights: 1/√(deg i · deg j) where i and j are connected.
struct Adjacency {
    /// Where the neighbours of every vertex start.
    starts: Vec<usize>,
    ends: Vec<u32>,
    weights: Vec<f64>,
}

impl Adjacency {
    /// Two inputs are connected if one is among the k nearest of the other.
    fn of(neighbors: &Neighbors, n: usize, k: usize) -> Self {
        let mut edges: Vec<(u32, u32)> = (0..n as u32)
            .flat_map(|i| neighbors.of(i as usize, k).iter().flat_map(move |j| [(i, *j), (*j, i)]))
            .collect();
        edges.sort_unstable();
        edges.dedup();
        let mut starts = vec![0; n + 1];
        for (i, _) in &edges {
            starts[*i as usize + 1] += 1;
        }
        for i in 0..n {
            starts[i + 1] += starts[i];
        }
        let degree = |i: u32| (starts[i as usize + 1] - starts[i as usize]) as f64;
        let weights = edges.iter().map(|(i, j)| 1.0 / (degree(*i) * degree(*j)).sqrt()).collect();
        Self { ends: edges.iter().map(|(_, j)| *j).collect(), weights, starts }
    }

    fn n(&self) -> usize {
        self.starts.len() - 1
    }

    /// Adds `2 S v − before` in place of `before`.
    fn step(&self, v: &[Line], before: &mut [Line]) {
        for (i, out) in before.iter_mut().enumerate() {
            let own = self.starts[i]..self.starts[i + 1];
            for value in out.iter_mut() {
                *value = -*value;
            }
            for (j, weight) in self.ends[own.clone()].iter().zip(&self.weights[own]) {
                for (value, other) in out.iter_mut().zip(&v[*j as usize]) {
                    *value += 2.0 * weight * other;
                }
            }
        }
    }

    fn chebyshev_traces(&self) -> Vec<f64> {
        let n = self.n();
        // Sums over unit vectors e of |T_j e|² and of T_(j+1) e · T_j e.
        let blocks = row_blocks(n, BLOCK, |columns| {
            let mut before = vec![[0.0; BLOCK]; n];
            for (at, column) in columns.enumerate() {
                before[column][at] = 1.0;
            }
            let mut now = vec![[0.0; BLOCK]; n];
            self.step(&before, &mut now);
            now.iter_mut().flatten().for_each(|value| *value /= 2.0);
            let mut sums = vec![dot(&before, &before), dot(&now, &before)];
            for _ in 1..PRODUCTS {
                sums.push(dot(&now, &now));
                widest(|| self.step(&now, &mut before));
                std::mem::swap(&mut now, &mut before);
                sums.push(dot(&now, &before));
            }
            sums
        });
        let mut traces = vec![0.0; 2 * PRODUCTS];
        for sums in blocks {
            traces.iter_mut().zip(sums).for_each(|(trace, sum)| *trace += sum / n as f64);
        }
        // T_2j = 2 T_j² − T_0, T_(2j+1) = 2 T_(j+1) T_j − T_1; nobody is connected to itself, so tr T_1 = 0.
        let of_square = |(at, trace): (usize, &f64)| match at {
            0 => 1.0,
            1 => *trace,
            _ if at % 2 == 0 => 2.0 * trace - 1.0,
            _ => 2.0 * trace,
        };
        traces.iter().enumerate().map(of_square).collect()
    }
}

fn dot(a: &[Line], b: &[Line]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Matrix;
    use crate::linalg::eigenvalues;

    #[test]
    fn bessel_functions() {
        // I_0(1), I_1(1), I_3(10), from tables.
        assert!((scaled_bessel(0, 1.0) * 1f64.exp() - 1.266_065_877_752_008).abs() < 1e-14);
        assert!((scaled_bessel(1, 1.0) * 1f64.exp() - 0.565_159_103_992_485).abs() < 1e-14);
        assert!((scaled_bessel(3, 10.0) * 10f64.exp() / 1_758.380_716_610_853 - 1.0).abs() < 1e-13);
    }

    #[test]
    fn traces_are_those_of_the_spectrum() {
        let (n, d, k) = (90, 4, 5);
        let values = (0..n * d).map(|i| f64::from(((i * i * 31 + i * 7) % 211) as u32)).collect();
        let x = Representation::from_f64("x", n, d, values).unwrap();
        let graph = Adjacency::of(&x.neighbors(Metric::Euclidean, k).unwrap(), n, k);
        let mut dense = Matrix::zeros(n, n);
        for i in 0..n {
            for at in graph.starts[i]..graph.starts[i + 1] {
                dense[(i, graph.ends[at] as usize)] = graph.weights[at];
            }
        }
        let spectrum = eigenvalues(&dense).unwrap();
        let traces = x.chebyshev_traces(k).unwrap();
        for (t, tolerance) in [(0.1, 1e-14), (1.0, 1e-14), (3.0, 1e-13), (10.0, 1e-9)] {
            let expected = spectrum.iter().map(|s| (-t * (1.0 - s)).exp()).sum::<f64>() / n as f64;
            let ours = heat_trace(&traces, t);
            assert!((ours - expected).abs() < tolerance, "{t}: {ours}, {expected}");
        }
    }
}
