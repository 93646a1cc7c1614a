//! What the rows of a prepared representation are: inputs, or positions of inputs.
//!
//! Row i of both sides of a pair must be the same thing. With positions as rows the number of rows alone cannot show
//! that (10 000 of 32 × 32 and 10 000 of 16 × 16 are as many), so it is recorded here and can be checked.

use crate::{Error, Result};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::collections::BTreeSet;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// What the rows are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Samples {
    /// One row for each input.
    Inputs {
        /// Number of inputs.
        inputs: usize,
    },
    /// One row for each position of each input, input by input, or for a draw of them.
    Positions {
        /// Number of inputs.
        inputs: usize,
        /// Sizes of the axes that were positions: tokens, or height and width.
        grid: Vec<usize>,
        /// Which positions, ascending, as `input * positions + position`; all of them if `None`.
        drawn: Option<Arc<[usize]>>,
    },
}

impl Samples {
    /// Which input a row belongs to: rows of one input are not independent.
    pub fn input_of(&self, row: usize) -> usize {
        match self {
            Self::Inputs { .. } => row,
            Self::Positions { grid, drawn, .. } => {
                drawn.as_ref().map_or(row, |drawn| drawn[row]) / grid.iter().product::<usize>()
            }
        }
    }

    /// Refuses a pair whose rows are not the same positions of the same number of inputs; `x` and `y` name the sides.
    ///
    /// # Errors
    /// [`Error::Positions`]. Two sides of plain inputs always pass: their numbers are compared when they are paired.
    pub fn check_pair(&self, other: &Self, x: &str, y: &str) -> Result<()> {
        let plain = |samples: &Self| matches!(samples, Self::Inputs { .. });
        if self == other || (plain(self) && plain(other)) {
            return Ok(());
        }
        Err(Error::Positions {
            x: x.into(),
            x_rows: self.to_string(),
            y: y.into(),
            y_rows: other.to_string(),
        })
    }
}

impl fmt::Display for Samples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inputs { inputs } => write!(f, "{inputs} inputs"),
            Self::Positions { inputs, grid, drawn } => {
                let grid = sizes(grid);
                match drawn {
                    None => write!(f, "all {grid} positions of {inputs} inputs"),
                    Some(drawn) => {
                        write!(f, "a draw of {} from the {grid} positions of {inputs} inputs", drawn.len())
                    }
                }
            }
        }
    }
}

/// `7×7`.
pub(crate) fn sizes(shape: &[usize]) -> String {
    shape.iter().map(ToString::to_string).collect::<Vec<_>>().join("×")
}

/// `count` of `0..total` without replacement, ascending; `None` if that is all of them.
///
/// Floyd's algorithm (Bentley & Floyd, *Communications of the ACM* 30(9), 1987): as many random numbers as rows drawn,
/// whatever `total` is. Written out, so that no update of a dependency changes which rows are drawn.
pub(crate) fn draw(total: usize, count: Option<NonZeroUsize>, seed: u64) -> Option<Arc<[usize]>> {
    let count = count.map(NonZeroUsize::get).filter(|&count| count < total)?;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut drawn = BTreeSet::new();
    for last in total - count..total {
        // A 64-bit multiply maps to 0..=last with a bias below last / 2^64.
        let candidate = ((u128::from(random.next_u64()) * (last as u128 + 1)) >> 64) as usize;
        if !drawn.insert(candidate) {
            drawn.insert(last);
        }
    }
    Some(drawn.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_has_no_repeats_and_is_uniform() {
        let mut times = [0_u32; 20];
        for seed in 0..4000 {
            let drawn = draw(20, NonZeroUsize::new(5), seed).unwrap();
            assert_eq!(drawn.len(), 5);
            assert!(drawn.windows(2).all(|pair| pair[0] < pair[1]));
            drawn.iter().for_each(|&index| times[index] += 1);
        }
        // Each index is expected 1000 times with a standard deviation of sqrt(4000 · ¼ · ¾) = 27.
        assert!(times.iter().all(|&count| (850..1150).contains(&count)), "{times:?}");
    }

    #[test]
    fn a_draw_is_recorded() {
        // A change of these numbers changes every published result with drawn positions.
        assert_eq!(*draw(1_000_000, NonZeroUsize::new(4), 0).unwrap(), [60_171, 465_920, 699_142, 709_073]);
        assert_eq!(draw(4, NonZeroUsize::new(4), 0), None);
        assert_eq!(draw(4, None, 0), None);
    }

    #[test]
    fn rows_know_their_input() {
        let drawn = Some(Arc::from([0, 5, 6, 17]));
        let samples = Samples::Positions { inputs: 3, grid: vec![2, 3], drawn };
        assert_eq!((0..4).map(|row| samples.input_of(row)).collect::<Vec<_>>(), [0, 0, 1, 2]);
    }
}
