//! Seeded orders of the inputs that break every relation between two sides and keep what the data are like.
//!
//! Inputs that are not exchangeable must not be permuted as if they were: frames of one recording resemble each other, so a
//! free permutation makes chance look rarer than it is. A [`Scheme`] says which orders are as good as the one found.

use crate::{Error, Labels, Result};
use rand::seq::SliceRandom;
use rand::{RngExt as _, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Orders of the inputs of one side.
///
/// ```
/// use isorep::reading::{Permutations, Scheme};
/// let orders = Permutations { count: 99, seed: 7, scheme: Scheme::Free };
/// let mut order = orders.order(5, 0)?;
/// assert_eq!(order, orders.order(5, 0)?);
/// order.sort();
/// assert_eq!(order, [0, 1, 2, 3, 4]);
/// # Ok::<(), isorep::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Permutations {
    /// How many.
    pub count: usize,
    /// Seed of all of them.
    pub seed: u64,
    /// Which orders are allowed.
    pub scheme: Scheme,
}

/// Which orders of the inputs are as likely as the one found, if the sides have nothing in common.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Scheme {
    /// All of them: inputs are drawn independently.
    #[default]
    Free,
    /// Those that leave every input in its group: what the groups share is not the question.
    Within(Labels),
    /// Those that move whole groups of equal size, each in its own order: inputs of a group depend on each other.
    Blocks(Labels),
    /// Shifts around the end: each input depends on the one before.
    Shift,
}

impl Default for Permutations {
    fn default() -> Self {
        Self { count: 99, seed: 0, scheme: Scheme::Free }
    }
}

impl Permutations {
    /// One order of `n` inputs; the same for the same `number`, whatever else was asked before.
    ///
    /// # Errors
    /// [`Error::ContextLength`] if the groups are not about `n` inputs; [`Error::Undefined`] if the scheme leaves only the
    /// order found.
    pub fn order(&self, n: usize, number: usize) -> Result<Vec<usize>> {
        self.scheme.check(n)?;
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        random.set_stream(number as u64 + 1);
        let mut order: Vec<usize> = (0..n).collect();
        match &self.scheme {
            Scheme::Free => order.shuffle(&mut random),
            Scheme::Within(groups) => {
                for members in groups.members() {
                    permute_among(&mut order, &members, &mut random);
                }
            }
            Scheme::Blocks(groups) => {
                let members = groups.members();
                let mut sizes: Vec<usize> = members.iter().map(Vec::len).collect();
                sizes.sort_unstable();
                sizes.dedup();
                for size in sizes {
                    let alike: Vec<&Vec<usize>> =
                        members.iter().filter(|group| group.len() == size).collect();
                    let mut shuffled = alike.clone();
                    shuffled.shuffle(&mut random);
                    for (to, from) in alike.iter().zip(shuffled) {
                        to.iter().zip(from).for_each(|(to, from)| order[*to] = *from);
                    }
                }
            }
            Scheme::Shift => order.rotate_left(random.random_range(1..n)),
        }
        Ok(order)
    }

    /// The same, but no input leaves its class.
    #[must_use]
    pub fn within_classes(&self, classes: &Labels) -> Self {
        Self { scheme: Scheme::Within(classes.clone()), ..self.clone() }
    }

    /// The same, but inputs of a group stay together.
    #[must_use]
    pub fn of_blocks(&self, groups: &Labels) -> Self {
        Self { scheme: Scheme::Blocks(groups.clone()), ..self.clone() }
    }
}

/// Puts the given inputs in the places of each other.
fn permute_among(order: &mut [usize], places: &[usize], random: &mut ChaCha8Rng) {
    let mut shuffled = places.to_vec();
    shuffled.shuffle(random);
    places.iter().zip(shuffled).for_each(|(to, from)| order[*to] = from);
}

impl Scheme {
    fn check(&self, n: usize) -> Result<()> {
        let alone =
            |what: &str| Error::undefined(format!("{what}, so there is no other order to compare with"));
        let (groups, of_blocks) = match self {
            Self::Free | Self::Shift if n < 2 => return Err(Error::TooFewSamples { needed: 2, got: n }),
            Self::Free | Self::Shift => return Ok(()),
            Self::Within(groups) => (groups, false),
            Self::Blocks(groups) => (groups, true),
        };
        if groups.len() != n {
            return Err(Error::ContextLength { what: "the groups", got: groups.len(), n });
        }
        let mut sizes: Vec<usize> = groups.members().iter().map(Vec::len).filter(|size| *size > 0).collect();
        sizes.sort_unstable();
        if of_blocks && sizes.windows(2).all(|pair| pair[0] != pair[1]) {
            return Err(alone("no two groups of inputs have the same size"));
        }
        if !of_blocks && sizes.last().is_none_or(|largest| *largest < 2) {
            return Err(alone("every group has one input only"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn orders(scheme: Scheme, n: usize) -> Vec<Vec<usize>> {
        let permutations = Permutations { count: 50, seed: 3, scheme };
        (0..50).map(|number| permutations.order(n, number).unwrap()).collect()
    }

    #[test]
    fn groups_are_kept() {
        let groups = Labels::of_columns(vec![0, 0, 1, 1, 1, 0]);
        for order in orders(Scheme::Within(groups.clone()), 6) {
            assert!(
                order.iter().enumerate().all(|(to, from)| groups.classes()[to] == groups.classes()[*from])
            );
        }
        assert!(orders(Scheme::Within(groups.clone()), 6).iter().any(|order| order != &[0, 1, 2, 3, 4, 5]));
        // Two groups of three: they stay or change places, each in its own order.
        for order in orders(Scheme::Blocks(groups), 6) {
            assert!(order == [0, 1, 2, 3, 4, 5] || order == [2, 3, 0, 1, 5, 4], "{order:?}");
        }
    }

    #[test]
    fn a_shift_keeps_who_follows_whom() {
        for order in orders(Scheme::Shift, 7) {
            assert!(order[0] != 0 && order.windows(2).all(|pair| (pair[0] + 1) % 7 == pair[1]));
        }
    }

    #[test]
    fn a_scheme_with_one_order_is_refused() {
        let refused = |scheme: Scheme| {
            Permutations { scheme, ..Permutations::default() }.order(4, 0).unwrap_err().to_string()
        };
        assert!(refused(Scheme::Within(Labels::of_columns(vec![0, 1, 2, 3]))).contains("one input only"));
        assert!(refused(Scheme::Blocks(Labels::of_columns(vec![0, 1, 1, 1]))).contains("same size"));
        assert!(refused(Scheme::Within(Labels::of_columns(vec![0, 1]))).contains("groups are 2"));
    }
}
