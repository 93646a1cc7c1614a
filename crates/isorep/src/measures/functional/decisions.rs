//! Which class each input is put in: the column with the largest output.

use crate::linalg::row_blocks;
use crate::{Error, Representation, Result};

/// Numbers read at a time.
const BLOCK: usize = 1 << 16;

/// The decisions of one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decisions {
    classes: Vec<usize>,
    tied: usize,
}

impl Decisions {
    pub(crate) fn of(outputs: &Representation) -> Result<Self> {
        let (rows, d) = (outputs.rows()?, outputs.d());
        outputs.variation()?;
        let blocks = row_blocks(outputs.n(), (BLOCK / d).max(1), |range| {
            let mut values = vec![0.0; range.len() * d];
            rows.read_f64(range, &[], &mut values);
            values.chunks_exact(d).map(largest).collect::<Vec<_>>()
        });
        let (classes, ties): (Vec<usize>, Vec<bool>) = blocks.into_iter().flatten().unzip();
        let tied = ties.into_iter().filter(|tied| *tied).count();
        if tied == classes.len() {
            return Err(Error::undefined(format!(
                "`{}` decides for no class: every input has its largest output in more than one column",
                outputs.name()
            )));
        }
        Ok(Self { classes, tied })
    }

    /// The decisions for the same inputs in another order.
    pub(crate) fn reordered(&self, order: &[usize]) -> Self {
        Self { classes: order.iter().map(|i| self.classes[*i]).collect(), tied: self.tied }
    }

    /// The column of the largest output of every input; the first of them if there are several.
    pub fn classes(&self) -> &[usize] {
        &self.classes
    }

    /// How many inputs have their largest output in more than one column.
    pub fn tied(&self) -> usize {
        self.tied
    }

    /// How many inputs are put in each of `count` classes.
    pub(super) fn counts(&self, count: usize) -> Vec<usize> {
        let mut counts = vec![0; count];
        for class in &self.classes {
            counts[*class] += 1;
        }
        counts
    }
}

/// The first of the largest values, and whether there are several.
fn largest(row: &[f64]) -> (usize, bool) {
    let (mut at, mut tied) = (0, false);
    for (class, value) in row.iter().enumerate().skip(1) {
        if *value > row[at] {
            (at, tied) = (class, false);
        } else if *value == row[at] {
            tied = true;
        }
    }
    (at, tied)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_equal_outputs_counts_and_ties_are_counted() {
        let values = vec![1.0, 3.0, 3.0, 0.0, -1.0, -2.0, 2.0, 2.0, 5.0];
        let outputs = Representation::from_f64("x", 3, 3, values).unwrap();
        let decisions = outputs.decisions().unwrap();
        assert_eq!((decisions.classes(), decisions.tied()), (&[1, 0, 2][..], 1));
        assert_eq!(decisions.counts(3), [1, 1, 1]);
    }

    #[test]
    fn a_side_that_never_decides_is_refused_by_name() {
        let undecided = Representation::from_f64("undecided", 2, 2, vec![1.0, 1.0, 2.0, 2.0]).unwrap();
        let error = undecided.decisions().unwrap_err().to_string();
        assert!(error.contains("`undecided` decides for no class"), "{error}");
    }
}
