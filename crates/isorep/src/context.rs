//! What belongs to the inputs rather than to either side: their classes, which of them are repetitions of one, and what
//! both networks were fed.
//!
//! It is kept apart from representations because a grid of layers has one context for all its pairs.

use crate::{Error, Representation, Result};
use std::collections::BTreeSet;
use std::sync::Arc;

/// One class an input, counted from 0.
///
/// ```
/// use isorep::Labels;
/// let digits = Labels::of_columns(vec![0, 2, 1, 2]);
/// assert_eq!((digits.len(), digits.count()), (4, 3));
/// let words = Labels::named(["cat", "dog", "cat"]);
/// assert_eq!(words.classes(), [0, 1, 0]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    classes: Arc<[usize]>,
    count: usize,
    are_columns: bool,
}

impl Labels {
    /// Class k is what column k of a network's outputs stands for.
    pub fn of_columns(classes: Vec<usize>) -> Self {
        let count = classes.iter().max().map_or(0, |largest| largest + 1);
        Self { classes: classes.into(), count, are_columns: true }
    }

    /// Classes by name, numbered in alphabetical order. Which column of an output they belong to is not known.
    pub fn named<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Self {
        let names: Vec<String> = names.into_iter().map(|name| name.as_ref().to_owned()).collect();
        let known: Vec<&str> =
            names.iter().map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect();
        let classes = names.iter().filter_map(|name| known.binary_search(&name.as_str()).ok()).collect();
        Self { classes, count: known.len(), are_columns: false }
    }

    /// The class of every input.
    pub fn classes(&self) -> &[usize] {
        &self.classes
    }

    /// Whether class k is column k of an output.
    pub fn are_columns(&self) -> bool {
        self.are_columns
    }

    /// One more than the largest class.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Number of inputs.
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// True if there is no input.
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// Those of the given inputs, in the order given; classes keep their numbers.
    ///
    /// # Panics
    /// If an input is out of range.
    #[must_use]
    pub fn select(&self, inputs: &[usize]) -> Self {
        Self { classes: inputs.iter().map(|input| self.classes[*input]).collect(), ..self.clone() }
    }

    /// The inputs of every class, in their order.
    pub fn members(&self) -> Vec<Vec<usize>> {
        let mut members = vec![Vec::new(); self.count];
        for (i, class) in self.classes.iter().enumerate() {
            members[*class].push(i);
        }
        members
    }
}

/// What is known of the inputs besides their activations; all of it may be absent.
#[derive(Debug, Clone, Default)]
pub struct Context {
    labels: Option<Labels>,
    groups: Option<Labels>,
    input: Option<Representation>,
}

impl Context {
    /// With the class of every input.
    #[must_use]
    pub fn with_labels(self, labels: Labels) -> Self {
        Self { labels: Some(labels), ..self }
    }

    /// With groups of inputs that are repetitions of one, or otherwise belong together.
    #[must_use]
    pub fn with_groups(self, groups: Labels) -> Self {
        Self { groups: Some(groups), ..self }
    }

    /// With what both networks were fed, or any other representation whose influence is to be taken out.
    #[must_use]
    pub fn with_input(self, input: Representation) -> Self {
        Self { input: Some(input), ..self }
    }

    /// The class of every input.
    ///
    /// # Errors
    /// [`Error::NeedsContext`] if it is not known.
    pub fn labels(&self) -> Result<&Labels> {
        self.labels.as_ref().ok_or(Error::NeedsContext { what: "the class of every input", name: "labels" })
    }

    /// Which inputs are repetitions of one.
    ///
    /// # Errors
    /// [`Error::NeedsContext`] if it is not known.
    pub fn groups(&self) -> Result<&Labels> {
        self.groups.as_ref().ok_or(Error::NeedsContext {
            what: "groups of inputs that are repetitions of one",
            name: "groups",
        })
    }

    /// What both networks were fed.
    ///
    /// # Errors
    /// [`Error::NeedsContext`] if it is not known.
    pub fn input(&self) -> Result<&Representation> {
        self.input.as_ref().ok_or(Error::NeedsContext { what: "what both networks were fed", name: "input" })
    }

    /// The same for some of the inputs, in the order given.
    ///
    /// # Errors
    /// As [`Representation::select`].
    pub fn select(&self, inputs: &[usize]) -> Result<Self> {
        let labels = |labels: &Option<Labels>| labels.as_ref().map(|labels| labels.select(inputs));
        Ok(Self {
            labels: labels(&self.labels),
            groups: labels(&self.groups),
            input: self.input.as_ref().map(|input| input.select(inputs)).transpose()?,
        })
    }

    /// Checks that everything is there for n inputs.
    pub(crate) fn fits(&self, n: usize) -> Result<()> {
        let lengths = [
            ("the labels", self.labels.as_ref().map(Labels::len)),
            ("the groups", self.groups.as_ref().map(Labels::len)),
            ("the rows of the raw input", self.input.as_ref().map(Representation::n)),
        ];
        for (what, length) in lengths {
            if let Some(got) = length.filter(|got| *got != n) {
                return Err(Error::ContextLength { what, got, n });
            }
        }
        Ok(())
    }
}
