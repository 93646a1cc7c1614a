//! What each id of `bench/works.json` runs on our side.

use crate::Result;
use isorep::{Representation, Rows};

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
];

/// The work with this id.
pub(crate) fn find(id: &str) -> Result<Work> {
    let known = WORKS.iter().find(|(name, _)| *name == id);
    known.map(|(_, work)| *work).ok_or_else(|| format!("our side does not know the work `{id}`").into())
}

fn measure(label: &str, arrays: &[Rows]) -> Result<f64> {
    let [x, y] = arrays else {
        return Err(format!("`{label}` takes two arrays, not {}", arrays.len()).into());
    };
    let _pair = (Representation::new("x", x.clone())?, Representation::new("y", y.clone())?);
    Err(format!("`{label}` does not exist yet").into())
}
