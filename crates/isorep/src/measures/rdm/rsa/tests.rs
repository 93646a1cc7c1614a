//! Values by hand, against the definitions written out pair by pair, and the numbers that must be those of others.

use super::*;
use crate::{Context, Labels};

fn layer(name: &str, n: usize, d: usize, step: usize) -> Representation {
    let values =
        (0..n * d).map(|k| f64::from(((k * k * step + k * 131 + k / d * 17) % 1009) as u32) / 1009.0);
    Representation::from_f64(name, n, d, values.collect()).unwrap()
}

fn value(rdm: Rdm, comparator: Comparator, pair: &Pair) -> f64 {
    Rsa::new(rdm, comparator).unwrap().compare(pair).unwrap()
}

fn rows(x: &Representation) -> Vec<Vec<f64>> {
    let mut row = vec![0.0; x.d()];
    let read = |i: usize| {
        x.rows().unwrap().read_f64(i..i + 1, &[], &mut row);
        row.clone()
    };
    (0..x.n()).map(read).collect()
}

/// All dissimilarities, i < j, from the definition.
fn naive(rdm: Rdm, x: &Representation) -> Vec<f64> {
    let rows = rows(x);
    let inner = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let square = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
    let about_mean = |a: &[f64]| {
        let mean = a.iter().sum::<f64>() / a.len() as f64;
        a.iter().map(|v| v - mean).collect::<Vec<_>>()
    };
    let cosine = |a: &[f64], b: &[f64]| inner(a, b) / (inner(a, a) * inner(b, b)).sqrt();
    let pairs: Vec<(usize, usize)> =
        (0..rows.len()).flat_map(|i| (i + 1..rows.len()).map(move |j| (i, j))).collect();
    let mean_square =
        pairs.iter().map(|(i, j)| square(&rows[*i], &rows[*j])).sum::<f64>() / pairs.len() as f64;
    let rate = |v: &f64| (v + 0.1) / 1.1;
    let of = |(i, j): &(usize, usize)| {
        let (a, b) = (&rows[*i], &rows[*j]);
        match rdm {
            Rdm::Euclidean => square(a, b).sqrt(),
            Rdm::SquaredEuclidean => square(a, b),
            Rdm::Cosine => 1.0 - cosine(a, b),
            Rdm::Correlation => 1.0 - cosine(&about_mean(a), &about_mean(b)),
            Rdm::Gaussian => 1.0 - (-square(a, b) / mean_square).exp(),
            Rdm::Poisson => {
                let divergence = |(a, b)| (rate(a) - rate(b)) * (rate(a).ln() - rate(b).ln());
                a.iter().zip(b).map(divergence).sum()
            }
            Rdm::Mahalanobis | Rdm::Crossnobis => unreachable!("tested by themselves"),
        }
    };
    pairs.iter().map(of).collect()
}

fn cosine(u: &[f64], v: &[f64]) -> f64 {
    let inner = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    inner(u, v) / (inner(u, u) * inner(v, v)).sqrt()
}

/// The entries of −½ H D H, after the mean dissimilarity is taken off if asked for.
fn naive_gram(n: usize, u: &[f64], about_mean: bool) -> Vec<f64> {
    let off = if about_mean { u.iter().sum::<f64>() / u.len() as f64 } else { 0.0 };
    let mut d = vec![vec![0.0; n]; n];
    let pairs = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j)));
    for ((i, j), u) in pairs.zip(u) {
        d[i][j] = u - off;
        d[j][i] = u - off;
    }
    let means: Vec<f64> = d.iter().map(|row| row.iter().sum::<f64>() / n as f64).collect();
    let mean = means.iter().sum::<f64>() / n as f64;
    (0..n)
        .flat_map(|i| (0..n).map(move |j| (i, j)))
        .map(|(i, j)| -0.5 * (d[i][j] - means[i] - means[j] + mean))
        .collect()
}

#[test]
fn linear_comparators_are_those_of_the_definition_in_every_form() {
    // More than one tile, in one form or the other.
    let pair = Pair::new(&layer("x", 300, 6, 7), &layer("y", 300, 5, 3)).unwrap();
    for rdm in
        [Rdm::Euclidean, Rdm::SquaredEuclidean, Rdm::Cosine, Rdm::Correlation, Rdm::Gaussian, Rdm::Poisson]
    {
        let (u, v) = (naive(rdm, pair.x()), naive(rdm, pair.y()));
        let close = |comparator, expected: f64| {
            let found = value(rdm, comparator, &pair);
            assert!((found - expected).abs() < 1e-9, "{rdm:?} {comparator:?}: {found}, not {expected}");
        };
        let about_mean = |u: &[f64]| {
            let mean = u.iter().sum::<f64>() / u.len() as f64;
            u.iter().map(|u| u - mean).collect::<Vec<_>>()
        };
        close(Comparator::Pearson, cosine(&about_mean(&u), &about_mean(&v)));
        close(Comparator::Cosine, cosine(&u, &v));
        // The values of the sample are multiples of one number: many dissimilarities are equal up to rounding.
        let rounded = |u: &[f64]| u.iter().map(|u| (u * 1e11).round()).collect::<Vec<_>>();
        close(Comparator::Spearman, crate::ranking::spearman(&rounded(&u), &rounded(&v)).unwrap());
        if rdm != Rdm::Poisson {
            close(Comparator::CosineCov, cosine(&naive_gram(300, &u, false), &naive_gram(300, &v, false)));
            close(Comparator::CorrCov, cosine(&naive_gram(300, &u, true), &naive_gram(300, &v, true)));
        }
    }
}

#[test]
fn whitened_cosine_of_squared_distances_is_cka_and_bures_is_nbs() {
    let pair = Pair::new(&layer("x", 40, 6, 7), &layer("y", 40, 9, 3)).unwrap();
    let cka = "cka(estimator=gretton)".parse::<crate::AnyMeasure>().unwrap().compare(&pair).unwrap();
    assert!((value(Rdm::SquaredEuclidean, Comparator::CosineCov, &pair) - cka).abs() < 1e-12);
    let nbs = Nbs {}.compare(&pair).unwrap();
    assert!((value(Rdm::SquaredEuclidean, Comparator::Bures, &pair) - nbs).abs() < 1e-12);
    // The way of the decomposition gives the same.
    let side = |side| Side::of(Rdm::SquaredEuclidean, side, pair.context()).unwrap();
    assert!((gram::bures::<f64>(&side(pair.x()), &side(pair.y())).unwrap() - nbs).abs() < 1e-10);
}

/// A covariance of the identity, up to a factor, makes Mahalanobis distances squared Euclidean ones.
#[test]
fn mahalanobis_of_uncorrelated_neurons_is_euclidean() {
    let corner = |i: u32| (0..3).map(move |k| if i >> k & 1 == 0 { -1.0 } else { 1.0 });
    let x = Representation::from_f64("x", 8, 3, (0..8).flat_map(corner).collect()).unwrap();
    let y = layer("y", 8, 3, 5);
    let pair = Pair::new(&x, &y).unwrap();
    let mixed = {
        let values =
            rows(&x).into_iter().flat_map(|r| [3.0 * r[0] + r[1] + 5.0, r[1] - r[2], 0.1 * r[2]]).collect();
        Pair::new(&Representation::from_f64("x", 8, 3, values).unwrap(), &y).unwrap()
    };
    let kept = Side::of(Rdm::Mahalanobis, pair.x(), pair.context()).unwrap();
    let plain = Side::of(Rdm::SquaredEuclidean, pair.x(), pair.context()).unwrap();
    let y_side = Side::of(Rdm::SquaredEuclidean, pair.y(), pair.context()).unwrap();
    let pearson = |x: &Side| Sums::of_tiles::<f64>(x, &y_side).unwrap().pearson(["x", "y"]).unwrap();
    assert!((pearson(&kept) - pearson(&plain)).abs() < 1e-12);
    let of = |pair: &Pair| value(Rdm::Mahalanobis, Comparator::Pearson, pair);
    assert!((of(&pair) - of(&mixed)).abs() < 1e-10);
}

/// One neuron, means 0 2 5, repetitions ±1 about them: squared lengths m² − 1 instead of m², so 4 − 2, 25 − 2, 9 − 2.
#[test]
fn crossnobis_by_hand() {
    let x = Representation::from_f64("x", 6, 1, vec![-1.0, 1.0, 1.0, 3.0, 4.0, 6.0]).unwrap();
    let context = Context::default().with_groups(Labels::of_columns(vec![0, 0, 1, 1, 2, 2]));
    let side = Side::of(Rdm::Crossnobis, &x, &context).unwrap();
    let tiles = side.tiles::<f64>().unwrap();
    let (mut tile, mut room) = ([0.0; 9], [0.0; 9]);
    tiles.tile(0..3, 0..3, &mut tile, &mut room);
    // The scatter of the noise is 6.
    for (found, expected) in [tile[1], tile[2], tile[5]].into_iter().zip([2.0, 23.0, 7.0]) {
        assert!((6.0 * found - expected).abs() < 1e-12, "{found} {expected}");
    }
}

#[test]
fn crossnobis_refuses_what_is_not_repeated_and_noise_that_is_flat() {
    let refusal = |x: &Representation, groups: Vec<usize>| {
        let context = Context::default().with_groups(Labels::of_columns(groups));
        let pair = Pair::new(x, x).unwrap().with_context(context).unwrap();
        Rsa::new(Rdm::Crossnobis, Comparator::Cosine).unwrap().compare(&pair).unwrap_err().to_string()
    };
    let x = layer("x", 6, 2, 7);
    assert!(refusal(&x, vec![0, 0, 1, 1, 2, 3]).contains("row 4 is not repeated"));
    assert!(refusal(&x, vec![0, 0, 0, 1, 1, 1]).contains("too few"));
    assert!(refusal(&layer("x", 6, 5, 7), vec![0, 0, 1, 1, 2, 2]).contains("noise covariance of `x`"));
}

/// G_x = G_y + 3 I up to scale: scaling by a and adding no noise cannot undo it, but the other way round noise of 3 can.
#[test]
fn noise_is_added_to_x_alone() {
    let (n, near) = (12, layer("y", 12, 14, 7));
    // Beside the neurons of y, one neuron of variance 3 an input: ⟨x, x′⟩ = ⟨y, y′⟩ + 3 δ.
    let values = rows(&near).into_iter().enumerate().flat_map(|(i, row)| {
        row.into_iter().chain((0..n).map(move |k| if i == k { 3f64.sqrt() } else { 0.0 }))
    });
    let noisy = Representation::from_f64("noisy", n, 14 + n, values.collect()).unwrap();
    let of = |x: &Representation, y: &Representation| {
        value(Rdm::SquaredEuclidean, Comparator::NegRiem, &Pair::new(x, y).unwrap())
    };
    assert!(of(&near, &noisy).abs() < 1e-6, "{}", of(&near, &noisy));
    assert!(of(&noisy, &near) < -0.1);
}

#[test]
fn inputs_without_a_direction_are_left_out_of_both_sides() {
    let (x, y) = (layer("x", 12, 4, 7), layer("y", 12, 3, 5));
    let values =
        rows(&x).into_iter().enumerate().flat_map(|(i, row)| if i == 4 { vec![0.0; 4] } else { row });
    let with_zero = Representation::from_f64("x", 12, 4, values.collect()).unwrap();
    let kept: Vec<usize> = (0..12).filter(|i| *i != 4).collect();
    let expected = Pair::new(&x.select(&kept).unwrap(), &y.select(&kept).unwrap()).unwrap();
    let pair = Pair::new(&with_zero, &y).unwrap();
    for rdm in [Rdm::Cosine, Rdm::Correlation] {
        assert_eq!(value(rdm, Comparator::Spearman, &pair), value(rdm, Comparator::Spearman, &expected));
        assert_eq!(Rsa::new(rdm, Comparator::Spearman).unwrap().chance(&pair).unwrap(), None);
    }
}

#[test]
fn undefined_has_a_reason() {
    let refusal = |rdm, comparator, x: &Representation, y: &Representation| {
        Rsa::new(rdm, comparator).unwrap().compare(&Pair::new(x, y).unwrap()).unwrap_err().to_string()
    };
    let x = layer("x", 6, 3, 7);
    let corners =
        Representation::from_f64("corners", 3, 3, vec![1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]).unwrap();
    let few = x.select(&[0, 1, 2]).unwrap();
    for comparator in [Comparator::Pearson, Comparator::Spearman, Comparator::KendallA, Comparator::CorrCov] {
        let reason = refusal(Rdm::SquaredEuclidean, comparator, &few, &corners);
        assert!(reason.contains("all dissimilarities of `corners` are the same"), "{comparator:?}: {reason}");
    }
    let negative = Representation::from_f64("negative", 6, 1, vec![0.0, 1.0, -2.0, 1.0, 4.0, 3.0]).unwrap();
    let reason = refusal(Rdm::Poisson, Comparator::Pearson, &x, &negative);
    assert!(reason.contains("`negative` holds a negative activation at row 2, column 0"), "{reason}");
    let reason = refusal(Rdm::SquaredEuclidean, Comparator::NegRiem, &x, &x);
    assert!(reason.contains("rank n − 1"), "{reason}");
    let full = layer("full", 6, 9, 7);
    assert!(refusal(Rdm::Mahalanobis, Comparator::Pearson, &full, &x).contains("saturated"));
}

#[test]
fn options_that_do_not_go_together_are_refused() {
    for (label, part) in [
        ("rsa", "`rdm` must be given: euclidean,"),
        ("rsa", "`comparator` must be given: pearson,"),
        ("rsa(rdm=cosine)", "`comparator` must be given"),
        ("rsa(rdm=poisson, comparator=bures)", "no points have them"),
        ("rsa(rdm=poisson, comparator=corr-cov)", "no points have them"),
        ("rsa(rdm=crossnobis, comparator=neg-riem)", "may be negative"),
        ("rsa(rdm=cosin, comparator=pearson)", "unknown variant"),
    ] {
        let error = label.parse::<crate::AnyMeasure>().unwrap_err().to_string();
        assert!(error.contains(part), "{label}: {error}");
    }
    assert!(Rsa::new(Rdm::Crossnobis, Comparator::Bures).is_err());
    let label = "rsa(rdm=euclidean, comparator=spearman)";
    assert_eq!(label.parse::<crate::AnyMeasure>().unwrap().label(), label);
}
