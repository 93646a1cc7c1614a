//! What each id of `bench/works.json` runs on our side.

use crate::Result;
use isorep::subspace::Epsilon;
use isorep::{AnyMeasure, Grid, MaximumMatch, Pair, Representation, Rows};
use std::ops::ControlFlow;

/// From the arrays, in the order of their file names, to the number that the peers compute too.
pub(crate) type Work = fn(&[Rows]) -> Result<f64>;

const WORKS: &[(&str, Work)] = &[
    ("cka-linear", |arrays| measure("cka(estimator=gretton)", arrays)),
    ("cka-debiased", |arrays| measure("cka", arrays)),
    ("cca", |arrays| measure("cca", arrays)),
    ("svcca", |arrays| measure("svcca", arrays)),
    ("pwcca", |arrays| measure("pwcca", arrays)),
    ("procrustes", |arrays| measure("procrustes", arrays)),
    ("ridge-cv", |arrays| measure("ridge-cv", arrays)),
    ("rsa-spearman", |arrays| measure("rsa(rdm=correlation, comparator=spearman)", arrays)),
    ("cka-rbf", |arrays| measure("cka(kernel=rbf, estimator=gretton)", arrays)),
    ("cka-calibrated", calibrated),
    ("mutual-knn", |arrays| measure("mutual-knn(k=10, metric=euclidean)", arrays)),
    ("match-path", match_path),
    ("match-chain", |arrays| measure("maximum-match(epsilon=0.55)", arrays)),
    ("rtd", |arrays| measure("rtd(size=1000)", arrays)),
    ("rtd-lite", |arrays| measure("rtd-lite", arrays)),
    ("cka-grid", cka_grid),
    ("grid-products", grid_products),
];

/// The work with this id.
pub(crate) fn find(id: &str) -> Result<Work> {
    let known = WORKS.iter().find(|(name, _)| *name == id);
    known.map(|(_, work)| *work).ok_or_else(|| format!("our side does not know the work `{id}`").into())
}

/// Fresh representations: what an earlier repetition computed from the same rows is not in them.
fn representations(arrays: &[Rows]) -> Result<Vec<Representation>> {
    arrays.iter().map(|rows| Ok(Representation::new("array", rows.clone())?)).collect()
}

fn pair(arrays: &[Rows]) -> Result<Pair> {
    match representations(arrays)?.as_slice() {
        [x, y] => Ok(Pair::new(x, y)?),
        others => Err(format!("a pair takes two arrays, not {}", others.len()).into()),
    }
}

fn measure(label: &str, arrays: &[Rows]) -> Result<f64> {
    Ok(label.parse::<AnyMeasure>()?.compare(&pair(arrays)?)?)
}

/// The value, with its distribution over all orders of the inputs.
fn calibrated(arrays: &[Rows]) -> Result<f64> {
    let pair = pair(arrays)?;
    let cka: AnyMeasure = "cka".parse()?;
    let value = cka.compare(&pair)?;
    let null = cka.null(&pair)?.and_then(|null| null.upper_tail(value));
    Ok(null.map(|_| value).ok_or("there is no chance level")?)
}

/// The complete path; the number is read from it at the 20 thresholds at which the peers solve the problem anew.
fn match_path(arrays: &[Rows]) -> Result<f64> {
    const THRESHOLDS: u32 = 20;
    let path = MaximumMatch::default().path(&pair(arrays)?)?;
    let mut sum = 0.0;
    for k in 0..THRESHOLDS {
        let epsilon = 0.05 + 0.9 * f64::from(k) / f64::from(THRESHOLDS - 1);
        sum += path.similarity(Epsilon::try_from(epsilon)?);
    }
    Ok(sum / f64::from(THRESHOLDS))
}

/// The mean over all pairs of layers.
fn cka_grid(arrays: &[Rows]) -> Result<f64> {
    let layers = representations(arrays)?;
    let cells = Grid::new(layers.clone(), layers, vec!["cka".parse()?]).run(|_| ControlFlow::Continue(()));
    let mut sum = 0.0;
    for cell in &cells {
        sum += cell.readings[0].value.clone()?;
    }
    Ok(sum / cells.len() as f64)
}

/// The cross products of the grid and their squared norms, nothing else.
fn grid_products(arrays: &[Rows]) -> Result<f64> {
    let layers = representations(arrays)?;
    let mut sum = 0.0;
    for (i, x) in layers.iter().enumerate() {
        for y in &layers[i..] {
            sum += Pair::new(x, y)?.cross_terms()?.squared_norm;
        }
    }
    Ok(sum)
}
