//! The one list of measures, and how text becomes a measure.

use crate::measure::{AnyMeasure, Info, Measure};
use crate::measures::{subspace::*, *};
use crate::{Error, Result};
use serde_json::{Map, Value};
use std::str::FromStr;

/// Every measure there is, in the order it is listed everywhere.
pub static MEASURES: &[Entry] = &[
    Entry::of::<MaximumMatch>(),
    Entry::of::<MeanMatch>(),
    Entry::of::<PrincipalAngles>(),
    Entry::of::<Grassmann>(),
    Entry::of::<Cca>(),
    Entry::of::<Svcca>(),
    Entry::of::<Pwcca>(),
    Entry::of::<Rcca>(),
    Entry::of::<Eos>(),
    Entry::of::<Gulp>(),
    Entry::of::<Procrustes>(),
    Entry::of::<Shape>(),
    Entry::of::<Nbs>(),
    Entry::of::<PermutationProcrustes>(),
    Entry::of::<SoftMatch>(),
    Entry::of::<CorrelationMatch>(),
    Entry::of::<PairwiseMatchCv>(),
    Entry::of::<StochasticShape>(),
    Entry::of::<AlignedCosine>(),
    Entry::of::<PlsSvd>(),
    Entry::of::<GromovWasserstein>(),
    Entry::of::<LinearRegression>(),
    Entry::of::<RidgeCv>(),
    Entry::of::<PlsCv>(),
    Entry::of::<Cka>(),
    Entry::of::<Hsic>(),
    Entry::of::<Dcor>(),
    Entry::of::<KernelAlignment>(),
    Entry::of::<Ensd>(),
    Entry::of::<Pnka>(),
    Entry::of::<MinibatchCka>(),
    Entry::of::<NeuronCorrectedCka>(),
    Entry::of::<DeconfoundedCka>(),
    Entry::of::<Rsa>(),
    Entry::of::<RsmNorm>(),
    Entry::of::<Stress>(),
    Entry::of::<Riemann>(),
    Entry::of::<Rtd>(),
    Entry::of::<RtdLite>(),
    Entry::of::<Mtopdiv>(),
    Entry::of::<Imd>(),
    Entry::of::<MutualKnn>(),
    Entry::of::<KnnJaccard>(),
    Entry::of::<Cknna>(),
    Entry::of::<CycleKnn>(),
    Entry::of::<LcsKnn>(),
    Entry::of::<EditKnn>(),
    Entry::of::<SecondOrderCosine>(),
    Entry::of::<NeighborRank>(),
    Entry::of::<InformationImbalance>(),
    Entry::of::<Trustworthiness>(),
    Entry::of::<Difference<ParticipationRatio>>(),
    Entry::of::<Difference<EffectiveRank>>(),
    Entry::of::<Difference<SpectrumExponent>>(),
    Entry::of::<Difference<TwoNn>>(),
    Entry::of::<Difference<LevinaBickel>>(),
    Entry::of::<Difference<Magnitude>>(),
    Entry::of::<Difference<Concentricity>>(),
    Entry::of::<Difference<Anisotropy>>(),
    Entry::of::<Difference<Uniformity>>(),
    Entry::of::<Difference<Tolerance>>(),
    Entry::of::<Difference<Modularity>>(),
    Entry::of::<Difference<FeatureSplitStability>>(),
    Entry::of::<InstanceStatistics>(),
    Entry::of::<AccuracyDifference>(),
    Entry::of::<Disagreement>(),
    Entry::of::<CohenKappa>(),
    Entry::of::<ErrorConsistency>(),
    Entry::of::<Capa>(),
    Entry::of::<Jsd>(),
    Entry::of::<SymmetricKl>(),
    Entry::of::<SoftmaxDifference>(),
    Entry::of::<SurrogateChurn>(),
];

/// One line of [`MEASURES`].
pub struct Entry {
    info: Info,
    required: &'static [&'static str],
    parse: fn(Map<String, Value>) -> Result<AnyMeasure, serde_json::Error>,
    samples: fn() -> Vec<AnyMeasure>,
}

impl Entry {
    const fn of<M: Measure>() -> Self {
        Self {
            info: M::INFO,
            required: M::REQUIRED,
            parse: |options| {
                let options =
                    if options.is_empty() { M::default() } else { serde_json::from_value(options.into())? };
                Ok(options.into())
            },
            samples: || M::samples().into_iter().map(AnyMeasure::from).collect(),
        }
    }

    /// What the measure is.
    pub fn info(&self) -> Info {
        self.info
    }

    /// Names of the options that must be given.
    pub fn required(&self) -> &'static [&'static str] {
        self.required
    }

    /// What a label lacks that gives only these options, as a clause; `None` if nothing.
    fn lacking(&self, given: &Map<String, Value>) -> Option<String> {
        let missing = self.required.iter().filter(|name| !given.contains_key(**name));
        let described = missing.map(|name| {
            let choices = self.info.options.iter().find(|(option, _)| option == name);
            format!("`{name}` must be given: {}", choices.map_or("", |(_, text)| text))
        });
        let reasons: Vec<String> = described.collect();
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }

    /// The measure with its default options; where some must be given, with those that stand for it in lists.
    pub fn default_measure(&self) -> AnyMeasure {
        (self.samples)().swap_remove(0)
    }

    /// Option settings worth testing; the first is the default.
    pub fn samples(&self) -> Vec<AnyMeasure> {
        (self.samples)()
    }
}

/// The entry with this id.
///
/// # Errors
/// [`Error::UnknownMeasure`], with the nearest id if one is near.
pub fn find(id: &str) -> Result<&'static Entry> {
    MEASURES
        .iter()
        .find(|entry| entry.info.id == id)
        .ok_or_else(|| Error::UnknownMeasure { id: id.to_owned(), suggestion: suggestion(id) })
}

impl FromStr for AnyMeasure {
    type Err = Error;

    /// Reads `id` or `id(option=value, …)`.
    fn from_str(label: &str) -> Result<Self> {
        let label = label.trim();
        let invalid = |reason: String| Error::InvalidOptions { label: label.to_owned(), reason };
        let (id, inside) = match label.split_once('(') {
            None => (label, ""),
            Some((id, rest)) => {
                let inside = rest
                    .strip_suffix(')')
                    .ok_or_else(|| invalid("a closing parenthesis is missing".into()))?;
                (id.trim(), inside)
            }
        };
        let entry = find(id)?;
        let mut options = Map::new();
        for part in inside.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part
                .split_once('=')
                .ok_or_else(|| invalid(format!("`{part}` is not of the form option=value")))?;
            if options.insert(name.trim().to_owned(), scalar(value.trim())).is_some() {
                return Err(invalid(format!("`{}` is given twice", name.trim())));
            }
        }
        if let Some(reason) = entry.lacking(&options) {
            return Err(invalid(reason));
        }
        (entry.parse)(options).map_err(|error| invalid(error.to_string()))
    }
}

/// A number or a truth value where the text is one, else the text.
fn scalar(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value @ (Value::Number(_) | Value::Bool(_))) => value,
        _ => Value::String(text.to_owned()),
    }
}

/// Other names that measures go by, for suggestions only.
const SYNONYMS: &[(&str, &str)] = &[
    ("rv", "cka"),
    ("rv-coefficient", "cka"),
    ("linear-cka", "cka"),
    ("kta", "kernel-alignment"),
    ("kernel-target-alignment", "kernel-alignment"),
    ("cka-minibatch", "minibatch-cka"),
    ("cka-neuron", "neuron-corrected-cka"),
    ("dcka", "deconfounded-cka"),
    ("cka-deconf", "deconfounded-cka"),
    ("bures", "nbs"),
    ("subspace-match", "maximum-match"),
    ("max-match", "maximum-match"),
    ("cca-mean", "cca"),
    ("canonical-correlation", "cca"),
    ("subspace-angles", "principal-angles"),
    ("linreg", "linear-regression"),
    ("ridge", "ridge-cv"),
    ("pls", "pls-cv"),
    ("ridge-cca", "rcca"),
    ("pls-regression", "pls-cv"),
    ("eigenspace-overlap", "eos"),
    ("perm-procrustes", "permutation-procrustes"),
    ("perm-angular", "permutation-procrustes"),
    ("partial-soft-match", "soft-match"),
    ("gw", "gromov-wasserstein"),
    ("soft-match-correlation", "correlation-match"),
    ("hard-correlation-match", "correlation-match"),
    ("soft-correlation-match", "correlation-match"),
    ("shape-metric", "shape"),
    ("linear-metric", "shape"),
    ("rank-similarity", "neighbor-rank"),
    ("knn", "mutual-knn"),
    ("continuity", "trustworthiness"),
    ("mle-id", "levina-bickel"),
    ("intrinsic-dimension", "levina-bickel"),
    ("alpha-req", "spectrum-exponent"),
    ("spectrum-alpha", "spectrum-exponent"),
    ("shesha", "feature-split-stability"),
    ("magnitude-inst", "instance-statistics"),
    ("concentricity-inst", "instance-statistics"),
    ("churn", "disagreement"),
    ("acc-diff", "accuracy-difference"),
    ("kappa", "cohen-kappa"),
    ("jensen-shannon", "jsd"),
    ("kl", "symmetric-kl"),
    ("sym-kl", "symmetric-kl"),
    ("total-variation", "softmax-difference"),
    ("softmax-norm", "softmax-difference"),
];

fn suggestion(id: &str) -> Option<String> {
    let id = id.to_lowercase().replace('_', "-");
    if let Some((_, known)) = SYNONYMS.iter().find(|(synonym, _)| *synonym == id) {
        return Some((*known).to_owned());
    }
    MEASURES
        .iter()
        .map(|entry| (edit_distance(&id, entry.info.id), entry.info.id))
        .min()
        .filter(|(distance, known)| *distance <= known.len().div_ceil(3))
        .map(|(_, known)| known.to_owned())
}

/// How many letters must be inserted, deleted or replaced.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for j in 0..b.len() {
            let replaced = diagonal + usize::from(letter != b[j]);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_and_synonyms_are_suggested() {
        let near = |id: &str| match find(id) {
            Err(Error::UnknownMeasure { suggestion, .. }) => suggestion,
            _ => panic!("`{id}` should not exist"),
        };
        assert_eq!(near("ckaa").as_deref(), Some("cka"));
        assert_eq!(near("RV"), Some("cka".into()));
        assert_eq!(near("something else entirely"), None);
        assert_eq!((edit_distance("cka", "hsic"), edit_distance("", "ab")), (4, 2));
    }

    #[test]
    fn labels_say_what_is_wrong_with_them() {
        for (label, part) in [
            ("cka(estimator=best)", "unknown variant"),
            ("cka(estimater=song)", "unknown field `estimater`, expected one of `estimator`"),
            ("cka(estimator)", "not of the form"),
            ("cka(estimator=song", "parenthesis"),
            ("cka(estimator=song, estimator=song)", "twice"),
        ] {
            let error = label.parse::<AnyMeasure>().unwrap_err().to_string();
            assert!(error.contains(part), "{label}: {error}");
        }
    }
}
