//! Measures of what networks answer: both sides are outputs, inputs × classes, and column k of both stands for the
//! same class.

mod accuracy_difference;
mod capa;
mod cohen_kappa;
mod decisions;
mod disagreement;
mod distributions;
mod error_consistency;
mod jsd;
mod soft_terms;
mod softmax_difference;
mod surrogate_churn;
mod symmetric_kl;

pub use accuracy_difference::AccuracyDifference;
pub use capa::Capa;
pub use cohen_kappa::CohenKappa;
pub use decisions::Decisions;
pub use disagreement::{Disagreement, Normalization};
pub use distributions::Outputs;
pub use error_consistency::ErrorConsistency;
pub use jsd::Jsd;
pub(crate) use soft_terms::SoftTerms;
pub use softmax_difference::{Norm, SoftmaxDifference};
pub use surrogate_churn::SurrogateChurn;
pub use symmetric_kl::SymmetricKl;

use crate::measure::{Invariance, Sides};
use crate::{Error, Pair, Result};

/// What leaves the class with the largest output as it is, for each side.
const OF_DECISIONS: Sides<Invariance> = Sides::both(Invariance::SCALE);

/// Checks that the sides are outputs over the same classes, at least two; says how many.
fn classes(pair: &Pair) -> Result<usize> {
    // What rows are needed for cannot be asked of moments, whatever else is wrong.
    pair.x().rows().and(pair.y().rows())?;
    match pair.equal_widths()? {
        1 => Err(Error::undefined(format!(
            "`{}` and `{}` have a single column, so there is one class and nothing to decide",
            pair.x().name(),
            pair.y().name()
        ))),
        classes => Ok(classes),
    }
}

/// The column of the true class, for every input.
fn truth(pair: &Pair) -> Result<&[usize]> {
    let classes = classes(pair)?;
    let labels = pair.context().labels()?;
    if !labels.are_columns() {
        return Err(Error::LabelColumns {
            reason: "the labels are names, and which column stands for which is not known".into(),
        });
    }
    if labels.count() > classes {
        return Err(Error::LabelColumns {
            reason: format!(
                "there is a label {} and `{}` has only the columns 0 to {}",
                labels.count() - 1,
                pair.x().name(),
                classes - 1
            ),
        });
    }
    Ok(labels.classes())
}

/// How many inputs both sides decide rightly, only x, only y, and neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Correctness {
    n: usize,
    both: usize,
    only_x: usize,
    only_y: usize,
}

impl Correctness {
    fn of(pair: &Pair) -> Result<Self> {
        let truth = truth(pair)?;
        let (x, y) = (pair.x().decisions()?, pair.y().decisions()?);
        let mut counts = Self { n: truth.len(), both: 0, only_x: 0, only_y: 0 };
        for ((x, y), truth) in x.classes().iter().zip(y.classes()).zip(truth) {
            match (x == truth, y == truth) {
                (true, true) => counts.both += 1,
                (true, false) => counts.only_x += 1,
                (false, true) => counts.only_y += 1,
                (false, false) => {}
            }
        }
        Ok(counts)
    }

    /// Inputs that x decides rightly, and y.
    fn right(self) -> (usize, usize) {
        (self.both + self.only_x, self.both + self.only_y)
    }

    /// Inputs that x decides wrongly, and y.
    fn wrong(self) -> (usize, usize) {
        let (x, y) = self.right();
        (self.n - x, self.n - y)
    }
}

/// `(agreement − expected) / (1 − expected)` of counts: `agreeing` of n, and n² times the expected share. Exact but for
/// the division; `None` where agreement is certain.
fn beyond_chance(n: usize, agreeing: usize, expected: u128) -> Option<f64> {
    let (n, agreeing) = (n as u128, agreeing as u128);
    let room = n * n - expected;
    let beyond = (n * agreeing).cast_signed() - expected.cast_signed();
    (room > 0).then(|| beyond as f64 / room as f64)
}
