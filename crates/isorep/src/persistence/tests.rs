//! Against the reduction of whole boundary matrices, simplex by simplex.

use super::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

/// All bars of dimension 1 of a complex given by the lengths of its simplices (lists of vertices up to triangles).
fn by_whole_matrix(mut simplices: Vec<(f64, Vec<usize>)>) -> Vec<(f64, f64)> {
    simplices.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.len().cmp(&b.1.len())).then(a.1.cmp(&b.1)));
    let number: BTreeMap<Vec<usize>, usize> =
        simplices.iter().enumerate().map(|(at, (_, simplex))| (simplex.clone(), at)).collect();
    let mut owner: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut bars = Vec::new();
    for (length, simplex) in &simplices {
        let mut column: Vec<usize> = Vec::new();
        if simplex.len() > 1 {
            for left_out in 0..simplex.len() {
                let mut face = simplex.clone();
                face.remove(left_out);
                column.push(number[&face]);
            }
        }
        column.sort_unstable();
        while let Some(other) = column.last().and_then(|last| owner.get(last)) {
            let mut sum: Vec<usize> = column.iter().filter(|k| !other.contains(k)).copied().collect();
            sum.extend(other.iter().filter(|k| !column.contains(k)));
            sum.sort_unstable();
            column = sum;
        }
        if let Some(last) = column.last() {
            let birth = simplices[*last].0;
            if simplex.len() == 3 && *length > birth {
                bars.push((birth, *length));
            }
            owner.insert(*last, column);
        }
    }
    bars.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    bars
}

/// Vertices, edges and triangles of a flag complex.
fn flag(n: usize, weight: impl Fn(usize, usize) -> f64) -> Vec<(f64, Vec<usize>)> {
    let mut simplices: Vec<_> = (0..n).map(|v| (0.0, vec![v])).collect();
    for v in 0..n {
        for u in 0..v {
            simplices.push((weight(u, v), vec![u, v]));
            let triangle = |t| (weight(t, u).max(weight(t, v)).max(weight(u, v)), vec![t, u, v]);
            simplices.extend((0..u).map(triangle));
        }
    }
    simplices
}

/// Random weights; with few levels there are many ties.
fn weights(n: usize, levels: u32, random: &mut ChaCha8Rng) -> Vec<f64> {
    let mut weights = vec![0.0; n * n];
    for u in 0..n {
        for v in 0..u {
            let weight = f64::from(random.random_range(1..=levels)) / f64::from(levels);
            weights[u * n + v] = weight;
            weights[v * n + u] = weight;
        }
    }
    weights
}

fn sorted(bars: Vec<Bar>) -> Vec<(f64, f64)> {
    let mut bars: Vec<_> = bars.into_iter().map(|bar| (bar.birth, bar.death)).collect();
    bars.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    bars
}

#[test]
fn flag_complexes() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut seen = 0;
    for round in 0..60 {
        let n = 1 + round % 14;
        let w = weights(n, if round % 3 == 0 { 5 } else { 100_000 }, &mut random);
        let expected = by_whole_matrix(flag(n, |u, v| w[u * n + v]));
        seen += expected.len();
        assert_eq!(sorted(loops(&Graph::new(n, w)).unwrap()), expected, "round {round}");
    }
    assert!(seen > 50, "only {seen} bars");
}

/// A square of side 1 has a loop from 1 to its diagonal.
#[test]
fn a_square() {
    let d = |i: usize, j: usize| match i.abs_diff(j) {
        0 => 0.0,
        2 => 2f64.sqrt(),
        _ => 1.0,
    };
    let w = (0..16).map(|at| d(at / 4, at % 4)).collect();
    assert_eq!(loops(&Graph::new(4, w)).unwrap(), [Bar { birth: 1.0, death: 2f64.sqrt() }]);
}

/// The matrix [[0, r], [r, min(r, s)]] on 2n points, as the paper of the divergence has it, has the loops of n points and
/// an apex that is connected from 0 on and forms triangles from r on.
#[test]
fn a_doubled_graph_is_an_apex() {
    let mut random = ChaCha8Rng::seed_from_u64(2);
    let mut seen = 0;
    for round in 0..40 {
        let n = 3 + round % 8;
        let levels = if round % 3 == 0 { 6 } else { 100_000 };
        let (r, s) = (weights(n, levels, &mut random), weights(n, levels, &mut random));
        let shorter: Vec<f64> = r.iter().zip(&s).map(|(r, s)| r.min(*s)).collect();
        let doubled = |u: usize, v: usize| match (u < n, v < n) {
            (true, true) => 0.0,
            (true, false) => r[u * n + v - n],
            (false, true) => r[(u - n) * n + v],
            (false, false) => shorter[(u - n) * n + v - n],
        };
        let expected = by_whole_matrix(flag(2 * n, doubled));
        seen += expected.len();
        let graph = Graph::coned(n, &shorter, &vec![0.0; n], &r);
        assert_eq!(sorted(loops(&graph).unwrap()), expected, "round {round}");
    }
    assert!(seen > 100, "only {seen} bars");
}

/// A cloud whose points are at distance 0 of each other is an apex: connected to v from its nearest point on, in a triangle
/// with u and v from where on one point is near to both.
#[test]
fn a_collapsed_cloud_is_an_apex() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let mut seen = 0;
    for round in 0..40 {
        let (n, m) = (2 + round % 7, 1 + round % 5);
        let levels = if round % 3 == 0 { 6 } else { 100_000 };
        let (w, all) = (weights(n, levels, &mut random), weights(n + m, levels, &mut random));
        let cross = |v: usize, p: usize| all[v * (n + m) + n + p];
        let joint = |u: usize, v: usize| match (u < n, v < n) {
            (true, true) => w[u * n + v],
            (true, false) => cross(u, v - n),
            (false, true) => cross(v, u - n),
            (false, false) => 0.0,
        };
        let expected = by_whole_matrix(flag(n + m, joint));
        seen += expected.len();
        let nearest: Vec<f64> =
            (0..n).map(|v| (0..m).map(|p| cross(v, p)).fold(f64::INFINITY, f64::min)).collect();
        let both =
            |u: usize, v: usize| (0..m).map(|p| cross(u, p).max(cross(v, p))).fold(f64::INFINITY, f64::min);
        let triangles: Vec<f64> = (0..n * n).map(|at| both(at / n, at % n)).collect();
        let graph = Graph::coned(n, &w, &nearest, &triangles);
        assert_eq!(sorted(loops(&graph).unwrap()), expected, "round {round}");
    }
    assert!(seen > 50, "only {seen} bars");
}

#[test]
fn what_is_too_large_is_refused() {
    assert!(affordable(most_vertices()).is_ok());
    let error = affordable(most_vertices() + 1).unwrap_err();
    assert!(error.to_string().contains("2 GiB"), "{error}");
    let w = weights(40, 100_000, &mut ChaCha8Rng::seed_from_u64(4));
    assert!(reduction::reduce(&Filtration::of(&Graph::new(40, w)), 100).is_err());
}
