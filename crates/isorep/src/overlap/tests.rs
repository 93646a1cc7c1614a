//! Every route to a basis against plain singular value decompositions, and pairs of known angles for the measures.

use super::*;
use crate::factor::Factor;
use crate::linalg::{multiply, singular_values};
use crate::pair::CrossTerms;
use crate::{Rows, Values};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// A number in [−0.5, 0.5) for every index.
pub(crate) fn uniform(index: usize) -> f64 {
    ChaCha8Rng::seed_from_u64(index as u64).random::<f64>() - 0.5
}

pub(crate) fn random(rows: usize, columns: usize, seed: u64) -> Matrix {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    Matrix::from_fn(rows, columns, |_, _| generator.random::<f64>() - 0.5)
}

pub(crate) fn representation(name: &str, m: &Matrix) -> Representation {
    Representation::from_f64(name, m.rows(), m.columns(), m.transpose().values().to_vec()).unwrap()
}

fn single(name: &str, m: &Matrix) -> Representation {
    let values = m.transpose().values().iter().map(|v| *v as f32).collect();
    Representation::from_f32(name, m.rows(), m.columns(), values).unwrap()
}

pub(crate) fn centred(side: &Representation) -> Matrix {
    side.centred_matrix().unwrap()
}

/// Columns 0 and 1 turned by an angle.
pub(crate) fn rotated_by(m: &Matrix, angle: f64) -> Matrix {
    let (c, s) = (angle.cos(), angle.sin());
    Matrix::from_fn(m.rows(), m.columns(), |i, j| match j {
        0 => c * m[(i, 0)] - s * m[(i, 1)],
        1 => s * m[(i, 0)] + c * m[(i, 1)],
        _ => m[(i, j)],
    })
}

/// Two representations that share part of what they hold, with offsets.
pub(crate) fn sample_pair(n: usize, d_x: usize, d_y: usize) -> Pair {
    let (x, own) = (random(n, d_x, 1), random(n, d_y, 2));
    let mut y = multiply(&x, &random(d_x, d_y, 3));
    y.values_mut().iter_mut().zip(own.values()).for_each(|(y, o)| *y += o + 3.0);
    Pair::new(&representation("x", &x), &representation("y", &y)).unwrap()
}

/// The same pair without its rows.
pub(crate) fn moments(pair: &Pair, with_factor: bool) -> Pair {
    let bare = |side: &Representation| {
        Representation::from_moments(
            side.name().into(),
            side.n(),
            side.mean().to_vec(),
            side.scatter().unwrap().clone(),
            side.self_terms().unwrap(),
        )
    };
    let terms = CrossTerms { squared_norm: 0.0, diagonal: 0.0 };
    let factor = with_factor.then(|| Factor::of(pair.x(), pair.y()).unwrap());
    Pair::from_moments((bare(pair.x()), bare(pair.y())), pair.cross_scatter().unwrap().clone(), terms, factor)
}

/// Spans with these principal angles, mixed by random maps; y has `surplus` directions at right angles to all of x.
pub(crate) fn with_known_angles(n: usize, angles: &[f64], surplus: usize) -> Pair {
    let m = angles.len();
    let directions = Svd::of(&centred(&representation("d", &random(n, 2 * m + surplus, 11)))).unwrap().u;
    let y = Matrix::from_fn(n, m + surplus, |i, j| {
        if j < m {
            angles[j].cos() * directions[(i, j)] + angles[j].sin() * directions[(i, m + j)]
        } else {
            directions[(i, m + j)]
        }
    });
    // Diagonally dominant, so that mixing costs no accuracy.
    let mixed = |m: &Matrix, seed| {
        let d = m.columns();
        let noise = random(d, d, seed);
        multiply(m, &Matrix::from_fn(d, d, |i, j| f64::from(i == j) + 0.5 / d as f64 * noise[(i, j)]))
    };
    let x = mixed(&directions.leading_columns(m), 12);
    Pair::new(&representation("x", &x), &representation("y", &mixed(&y, 13))).unwrap()
}

/// Canonical correlations from singular value decompositions of the rows.
fn reference(pair: &Pair, centre: bool) -> Vec<f64> {
    let q = [pair.x(), pair.y()].map(|side| {
        let zero = vec![0.0; side.d()];
        let svd = Svd::of(&side.shifted_matrix(if centre { side.mean() } else { &zero }).unwrap()).unwrap();
        svd.u.leading_columns(svd.values.iter().filter(|s| **s > 1e-10 * svd.values[0]).count())
    });
    singular_values(&multiply_at_b(&q[0], &q[1])).unwrap()
}

fn assert_agree(pair: &Pair, expected: &[f64], centre: bool, tolerance: f64, what: &str) {
    let overlap = Overlap::of(pair, centre).unwrap();
    let found = singular_values(&overlap.cosines).unwrap();
    assert_eq!(found.len(), expected.len(), "{what}: {} {}", overlap.rank_x, overlap.rank_y);
    let worst = found.iter().zip(expected).map(|(f, e)| (f - e).abs()).fold(0.0, f64::max);
    assert!(worst < tolerance, "{what}: {worst:e}");
}

fn is_implicit(side: &Representation, centred: bool) -> bool {
    matches!(side.basis(centred).unwrap(), Basis::Implicit(_))
}

/// The last columns become sums of the first ones.
fn dependent(mut m: Matrix, count: usize) -> Matrix {
    let d = m.columns();
    for j in d - count..d {
        let sum: Vec<f64> = m.column(0).iter().zip(m.column(j - count)).map(|(a, b)| a - 2.0 * b).collect();
        m.column_mut(j).copy_from_slice(&sum);
    }
    m
}

#[test]
fn every_route_agrees_with_plain_decompositions() {
    let n = 60;
    let shapes = [("tall", random(n, 7, 1)), ("dependent", dependent(random(n, 9, 2), 3))];
    let low_rank = multiply(&random(n, 4, 4), &random(4, 90, 5));
    let all: Vec<(&str, Matrix)> =
        shapes.into_iter().chain([("wide", low_rank), ("narrow", random(n, 3, 6))]).collect();
    for (what_x, x) in &all {
        for (what_y, y) in &all {
            let mut y = y.clone();
            // Something shared, and offsets.
            y.values_mut().iter_mut().enumerate().for_each(|(k, v)| *v += 0.5 * x.values()[k % n] + 2.0);
            let pair = Pair::new(&representation("x", x), &representation("y", &y)).unwrap();
            for centre in [true, false] {
                let what = format!("{what_x} {what_y} {centre}");
                let expected = reference(&pair, centre);
                assert_agree(&pair, &expected, centre, 1e-10, &what);
                assert_agree(&moments(&pair, true), &expected, centre, 1e-10, &format!("{what} factor"));
                let bases = explicit_bases(&pair, centre).unwrap();
                let found = singular_values(&multiply_at_b(&bases[0], &bases[1])).unwrap();
                assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-10), "{what} explicit");
            }
            assert_eq!(is_implicit(pair.x(), true), ["tall", "narrow"].contains(what_x));
            let bare = Overlap::of(&moments(&pair, false), true);
            match (is_implicit(pair.x(), true), is_implicit(pair.y(), true)) {
                (true, true) => assert!(bare.is_ok()),
                _ => assert!(matches!(bare, Err(Error::NeedsFactor { .. })), "{what_x} {what_y}"),
            }
        }
    }
}

#[test]
fn loadings_are_inner_products_with_the_basis() {
    for (x, implicit) in [(random(40, 6, 1), true), (dependent(random(40, 8, 2), 2), false)] {
        let pair = Pair::new(&representation("x", &x), &representation("y", &random(40, 3, 3))).unwrap();
        for centre in [true, false] {
            assert_eq!(is_implicit(pair.x(), centre), implicit);
            for pair in [&pair, &moments(&pair, true)] {
                let overlap = Overlap::of(pair, centre).unwrap();
                let loadings = overlap.loadings_x(pair).unwrap();
                // X P Xᵀ = X Xᵀ: the basis spans the neurons.
                let products = crate::linalg::multiply_a_bt(&loadings, &loadings);
                let expected = scatter_about(pair.x(), centre).unwrap();
                for (a, b) in products.values().iter().zip(expected.values()) {
                    assert!((a - b).abs() < 1e-12, "{centre} {a} {b}");
                }
                assert_eq!(overlap.loadings_y(pair).unwrap().rows(), 3);
            }
        }
    }
}

/// Neurons come in twins (a, a + b · 2^-k), exact in f64: ill-conditioned, with the well-conditioned span of all a
/// and b.
#[test]
fn ill_conditioned_neurons_keep_their_correlations() {
    let n = 400;
    // On a grid of 2^-20, and every input with its opposite, so that means are exactly zero.
    let half = random(n / 2, 8, 1);
    let grid = |v: f64| (v * 1_048_576.0).round() / 1_048_576.0;
    let sign = |i: usize| if i.is_multiple_of(2) { 1.0 } else { -1.0 };
    let easy = Matrix::from_fn(n, 8, |i, j| sign(i) * grid(half[(i / 2, j)]));
    let mut y = random(n, 5, 2);
    y.values_mut().iter_mut().enumerate().for_each(|(k, v)| *v += easy.values()[k]);
    let y = representation("y", &y);
    for (bits, tolerance) in [(20, 5e-11), (27, 5e-9)] {
        let twins = Matrix::from_fn(n, 8, |i, j| {
            if j % 2 == 0 { easy[(i, j)] } else { easy[(i, j - 1)] + easy[(i, j)] / f64::from(1 << bits) }
        });
        let expected = reference(&Pair::new(&representation("easy", &easy), &y).unwrap(), true);
        let pair = Pair::new(&representation("x", &twins), &y).unwrap();
        assert!(!is_implicit(pair.x(), true));
        assert_agree(&pair, &expected, true, tolerance, "rows");
        assert_agree(&moments(&pair, true), &expected, true, tolerance, "factor");
        assert!(matches!(Overlap::of(&moments(&pair, false), true), Err(Error::NeedsFactor { .. })));
    }
}

#[test]
fn rounding_of_the_stored_numbers_is_not_counted_as_a_direction() {
    let x = dependent(random(200, 9, 2), 3);
    let shifted = Matrix::from_fn(200, 9, |i, j| x[(i, j)] + 1e4 * (j as f64 + 1.0));
    let half: Vec<half::f16> = x.transpose().values().iter().map(|v| half::f16::from_f64(*v)).collect();
    let half = Rows::new("x", 200, 9, Values::F16(Arc::new(half))).unwrap();
    for side in [
        representation("f64", &x),
        representation("f64 with offsets", &shifted),
        single("f32", &x),
        single("f32 with offsets", &shifted),
        Representation::new("f16", half).unwrap(),
    ] {
        assert_eq!(side.basis(true).unwrap().rank(), 6, "{}", side.name());
    }
    // Ten directions of very different strength are all real in double precision.
    let strengths = Matrix::from_fn(200, 10, |i, j| uniform(i * 10 + j) * 10f64.powf(-(j as f64)));
    assert_eq!(representation("faint", &strengths).basis(true).unwrap().rank(), 10);
}

#[test]
fn dead_and_zero_neurons_have_no_direction() {
    let x = representation("x", &random(20, 3, 1));
    let dead = Representation::from_f64("dead", 20, 2, vec![0.1; 40]).unwrap();
    let error = Overlap::of(&Pair::new(&x, &dead).unwrap(), true).unwrap_err();
    assert!(error.to_string().contains("`dead` is constant"), "{error}");
    // About zero a constant has a direction, but a layer of nothing else is dead all the same.
    assert_eq!(dead.basis(false).unwrap().rank(), 1);
    assert!(Overlap::of(&Pair::new(&x, &dead).unwrap(), false).is_err());
    let zero = Representation::from_f64("zero", 20, 2, vec![0.0; 40]).unwrap();
    let error = Overlap::of(&Pair::new(&x, &zero).unwrap(), false).unwrap_err();
    assert!(error.to_string().contains("`zero` is constant"), "{error}");
}
