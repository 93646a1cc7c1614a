//! What values there are: the identity is the best one, all lie in the stated range, metrics obey the triangle
//! inequality.

use super::data::{Activations, Source, close, for_every_measure, value};
use isorep::AnyMeasure;
use isorep::measure::Kind;

/// Pairs of many shapes and degrees of likeness.
fn assorted() -> Vec<(Activations, Activations)> {
    let mut source = Source::new(21);
    let mut pairs = Vec::new();
    for (n, d_x, d_y) in [(40, 6, 6), (30, 3, 9), (64, 12, 5), (12, 20, 15), (16, 2, 30), (200, 4, 4)] {
        pairs.push(source.related(n, d_x, d_y));
        pairs.push(source.unrelated(n, d_x, d_y));
        pairs.push((source.noise(n, d_x), source.noise(n, d_y)));
    }
    let (x, y) = source.related(50, 5, 5);
    let nearly = |by: f64, source: &mut Source| x.plus(&source.noise(50, 5).scaled(by));
    pairs.push((x.clone(), nearly(1e-3, &mut source)));
    pairs.push((x.clone(), nearly(1e-9, &mut source)));
    pairs.push((x.clone(), x.scaled(-1.0)));
    pairs.push((x.clone(), x.times(&source.rotation(5))));
    pairs.push((y.scaled(1e3), y));
    pairs
}

#[test]
fn the_identity_has_the_promised_and_best_value() {
    let pairs = assorted();
    for_every_measure("a representation compared with itself has the best value", |measure| {
        let properties = measure.properties();
        let Some(best) = properties.identity else { return Vec::new() };
        let mut failures = Vec::new();
        let mut seen = 0;
        for (x, y) in &pairs {
            let shape = format!("{} × {}", x.n, x.d);
            if let Ok(own) = value(measure, x, x) {
                seen += 1;
                if !close(own, best, 1e-10) {
                    failures.push(format!("{shape} with itself gives {own}, not {best}"));
                }
            }
            if let Ok(other) = value(measure, x, y) {
                let better = match properties.kind {
                    Kind::Similarity => other > best + 1e-9,
                    Kind::Distance => other < best - 1e-9,
                };
                if better {
                    failures.push(format!("{shape} with {} neurons gives {other}, better than {best}", y.d));
                }
            }
        }
        if seen == 0 {
            failures.push("no representation could be compared with itself".into());
        }
        failures
    });
}

#[test]
fn values_lie_in_the_stated_range() {
    let pairs = assorted();
    for_every_measure("values lie in the stated range", |measure| {
        let (low, high) = measure.properties().range;
        let outside = |(x, y): &(Activations, Activations)| {
            let value = value(measure, x, y).ok()?;
            let inside = low <= value && value <= high;
            (!inside).then(|| format!("{value} is not in [{low}, {high}] ({} × {} and {})", x.n, x.d, y.d))
        };
        pairs.iter().filter_map(outside).collect()
    });
}

/// Sets of representations of the same inputs, within which every triple is tried.
fn families() -> Vec<Vec<Activations>> {
    let mut source = Source::new(22);
    let mut families = Vec::new();
    for (n, d) in [(30, 4), (12, 9), (8, 12)] {
        let (x, y) = source.related(n, d, d);
        let mut family = vec![x.clone(), y.clone(), source.noise(n, d), source.noise(n, 2)];
        // Points on the way from one to the other, for which the inequality is nearly an equality.
        family.extend([0.25, 0.5, 0.75].map(|t| x.scaled(1.0 - t).plus(&y.scaled(t))));
        family.push(x.times(&source.rotation(d)));
        family.push(x.times(&source.invertible(d)));
        family.push(x.scaled(2.0));
        family.push(x.scaled(-1.0));
        family.push(x.plus(&source.noise(n, d).scaled(0.05)));
        family.push(x.columns(&[0]));
        family.push(x.columns(&(0..d / 2).collect::<Vec<_>>()));
        family.push(x.columns(&(d / 2..d).collect::<Vec<_>>()));
        family.push(x.map(|_, j, v| if j == 0 { 100.0 * v } else { v }));
        families.push(family);
    }
    for n in [6, 20] {
        // Single inputs and pairs of inputs singled out: nearly orthogonal representations.
        let one = |i: usize| Activations::new(n, 1, (0..n).map(|k| f64::from(u8::from(k == i))).collect());
        let both = |i: usize, j: usize| {
            let at = |k| [f64::from(u8::from(k == i)), f64::from(u8::from(k == j))];
            Activations::new(n, 2, (0..n).flat_map(at).collect())
        };
        families.push(vec![one(0), one(1), both(0, 1), one(2), both(1, 2), both(3, 4), one(0).scaled(-1.0)]);
    }
    families
}

#[test]
fn metrics_obey_the_triangle_inequality() {
    let families = families();
    for_every_measure("metrics obey the triangle inequality", |measure: &AnyMeasure| {
        let properties = measure.properties();
        if !properties.metric {
            return Vec::new();
        }
        let mut failures = Vec::new();
        if properties.kind != Kind::Distance || !properties.symmetric || properties.range.0 != 0.0 {
            failures.push("a metric is a symmetric distance of at least 0".into());
        }
        let mut triples = 0;
        for (f, family) in families.iter().enumerate() {
            let distances: Vec<Vec<Option<f64>>> =
                family.iter().map(|a| family.iter().map(|b| value(measure, a, b).ok()).collect()).collect();
            let members = 0..family.len();
            for (a, b, c) in members
                .clone()
                .flat_map(|a| members.clone().flat_map(move |b| (0..family.len()).map(move |c| (a, b, c))))
            {
                let (Some(direct), Some(first), Some(second)) =
                    (distances[a][c], distances[a][b], distances[b][c])
                else {
                    continue;
                };
                triples += 1;
                if direct > first + second + 1e-9 * (1.0 + direct) {
                    failures.push(format!(
                        "family {f}: from {a} to {c} it is {direct}, but by way of {b} only {first} + {second}"
                    ));
                }
            }
        }
        if triples < 500 {
            failures.push(format!("only {triples} triples have distances"));
        }
        failures.truncate(5);
        failures
    });
}
