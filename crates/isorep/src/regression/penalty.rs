//! How strongly a regression is held back, and how that is chosen.

use serde::{Deserialize, Serialize};

/// Penalties that are tried: every power of ten from 1e-8 to 1e4, in units of the mean eigenvalue.
pub(crate) const GRID: [f64; 13] = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 1e1, 1e2, 1e3, 1e4];

/// The ridge penalty, in units of the mean eigenvalue of the scatter matrix that it is added to.
///
/// In these units it does not depend on the scale of the neurons or the number of inputs. As text it is `auto` or a
/// number.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "Text", into = "Text")]
pub enum Penalty {
    /// For each fold the power of ten from 1e-8 to 1e4 with the least squared error on the other folds.
    #[default]
    Auto,
    /// The same for every fold; 0 is plain least squares.
    Fixed(FixedPenalty),
}

impl Penalty {
    /// The same for every fold; `None` for a negative number, infinity and NaN.
    pub fn fixed(value: f64) -> Option<Self> {
        FixedPenalty::new(value).map(Self::Fixed)
    }
}

/// A finite number that is not negative.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FixedPenalty(f64);

impl FixedPenalty {
    /// `None` for a negative number, infinity and NaN.
    pub fn new(value: f64) -> Option<Self> {
        (value >= 0.0 && value.is_finite()).then_some(Self(value))
    }

    /// As a plain number.
    pub fn get(self) -> f64 {
        self.0
    }
}

/// What a penalty looks like in JSON.
#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "the penalty must be `auto` or a number")]
enum Text {
    Number(f64),
    Word(String),
}

impl TryFrom<Text> for Penalty {
    type Error = String;

    fn try_from(text: Text) -> Result<Self, String> {
        match text {
            Text::Word(word) if word == "auto" => Ok(Self::Auto),
            Text::Word(word) => Err(format!("the penalty must be `auto` or a number, not `{word}`")),
            Text::Number(value) => FixedPenalty::new(value)
                .map(Self::Fixed)
                .ok_or_else(|| format!("the penalty must not be negative, and {value} is")),
        }
    }
}

impl From<Penalty> for Text {
    fn from(penalty: Penalty) -> Self {
        match penalty {
            Penalty::Auto => Self::Word("auto".into()),
            Penalty::Fixed(value) => Self::Number(value.get()),
        }
    }
}

/// Index of the penalty for one fold: the least squared error summed over the *other* folds, the smaller penalty if
/// two are equal. The fold's own held-out error takes no part in it.
pub(crate) fn choose(errors: &[Vec<f64>], fold: usize) -> usize {
    let penalties = errors.first().map_or(0, Vec::len);
    let elsewhere = |penalty: usize| -> f64 {
        let others = errors.iter().enumerate().filter(|(k, _)| *k != fold);
        others.map(|(_, of_fold)| of_fold[penalty]).sum()
    };
    let totals: Vec<f64> = (0..penalties).map(elsewhere).collect();
    (0..penalties).min_by(|a, b| totals[*a].total_cmp(&totals[*b])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fold_has_no_say_in_its_own_penalty() {
        let errors = vec![vec![0.0, 9.0, 9.0], vec![5.0, 1.0, 2.0], vec![5.0, 2.0, 1.0], vec![5.0, 2.0, 2.5]];
        assert_eq!((0..4).map(|fold| choose(&errors, fold)).collect::<Vec<_>>(), [1, 0, 0, 0]);
    }

    #[test]
    fn text_and_back() {
        for text in ["\"auto\"", "0.5", "0.0"] {
            let penalty: Penalty = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&penalty).unwrap(), text);
        }
        for (text, part) in
            [("-1", "must not be negative"), ("\"best\"", "not `best`"), ("true", "`auto` or a number")]
        {
            let error = serde_json::from_str::<Penalty>(text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
