//! A chance value in closed form is the exact mean over all permutations of the rows of one side.

use super::data::{Activations, Source, close, for_every_measure, known, pair};
use isorep::AnyMeasure;

/// All orders of `0..n`.
fn orders(n: usize) -> Vec<Vec<usize>> {
    if n == 0 {
        return vec![Vec::new()];
    }
    let longer = |order: Vec<usize>| {
        (0..n).map(move |at| {
            let mut order = order.clone();
            order.insert(at, n - 1);
            order
        })
    };
    orders(n - 1).into_iter().flat_map(longer).collect()
}

fn mean_over(
    measure: &AnyMeasure,
    x: &Activations,
    y: &Activations,
    orders: &[Vec<usize>],
) -> Option<(f64, f64)> {
    // One representation for x, so that what depends on x alone is computed once.
    let x = x.representation("x");
    let values: Vec<f64> = orders
        .iter()
        .map(|order| measure.compare(&known(&x, &y.rows(order).representation("y"))).ok())
        .collect::<Option<_>>()?;
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (count - 1.0);
    Some((mean, (variance / count).sqrt()))
}

#[test]
fn the_closed_form_is_the_mean_over_all_permutations() {
    let mut source = Source::new(51);
    let all = orders(6);
    assert_eq!(all.len(), 720);
    let small = [
        source.related(6, 2, 3),
        source.unrelated(6, 3, 1),
        source.related(6, 9, 2),
        source.related(6, 8, 8),
    ];
    let large = [source.related(40, 5, 6), source.related(24, 30, 3)];
    let some: Vec<Vec<usize>> = (0..500).map(|_| source.order(40)).collect();
    for_every_measure("the chance value is the mean over permutations", |measure| {
        let mut failures = Vec::new();
        let mut compared = 0;
        for (x, y) in &small {
            let Ok(Some(chance)) = measure.chance(&pair(x, y)) else { continue };
            let Some((mean, _)) = mean_over(measure, x, y, &all) else { continue };
            compared += 1;
            if !close(chance, mean, 1e-9) {
                failures.push(format!("{} × {} and {}: {chance} is claimed, {mean} is it", x.n, x.d, y.d));
            }
        }
        for (x, y) in &large {
            let Ok(Some(chance)) = measure.chance(&pair(x, y)) else { continue };
            let orders: Vec<Vec<usize>> = if x.n == 40 {
                some.clone()
            } else {
                some.iter().map(|o| o.iter().copied().filter(|i| *i < x.n).collect()).collect()
            };
            let Some((mean, error)) = mean_over(measure, x, y, &orders) else { continue };
            compared += 1;
            if (chance - mean).abs() > 5.0 * error + 1e-9 {
                failures.push(format!(
                    "{} × {} and {}: {chance} is claimed, {mean} ± {error} was found",
                    x.n, x.d, y.d
                ));
            }
        }
        let claims = matches!(measure.chance(&pair(&large[0].0, &large[0].1)), Ok(Some(_)));
        if claims && compared == 0 {
            failures.push("the claim could not be checked on any input".into());
        }
        failures
    });
}
