//! What a measure is: the trait its author implements, what it states about itself, and the erased form every
//! caller uses.
//!
//! A measure is a value whose public fields are its options. What it is called is static ([`Info`]); what it
//! promises depends on the options ([`Properties`]). `tests/laws.rs` holds every promise against the numbers.

use crate::reading::Null;
use crate::{Error, Pair, Representation, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::fmt::{self, Debug};
use std::sync::Arc;

/// What the author of a measure writes.
pub trait Measure: Debug + Clone + Default + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What it is, whatever its options.
    const INFO: Info;

    /// Options that must be given, because no choice is the usual one: a label always shows them, and one that lacks them
    /// is refused. [`Default`] then only says which setting stands for the measure where all are listed.
    const REQUIRED: &'static [&'static str] = &[];

    /// What it promises with these options.
    fn properties(&self) -> Properties;

    /// The value for one pair.
    ///
    /// # Errors
    /// [`Error::Undefined`] and its kin where the definition gives no number; never NaN.
    fn compare(&self, pair: &Pair) -> Result<f64>;

    /// The mean value over all permutations of the rows of one side, where a closed form is known.
    ///
    /// # Errors
    /// As [`Measure::compare`].
    fn chance(&self, _pair: &Pair) -> Result<Option<f64>> {
        Ok(None)
    }

    /// How the value is distributed over all permutations of the rows of one side, where a closed form is known.
    ///
    /// # Errors
    /// As [`Measure::compare`].
    fn null(&self, _pair: &Pair) -> Result<Option<Null>> {
        Ok(None)
    }

    /// Computes what one side can know by itself with these options, so that many pairs share it; called for every
    /// representation of a grid before any pair is compared. What `properties().needs` names is computed anyway.
    ///
    /// # Errors
    /// Ignored: what cannot be computed fails again, with its reason, where it is asked for.
    fn prepare(&self, _side: &Representation) -> Result<()> {
        Ok(())
    }

    /// Option settings worth testing; the first is the default.
    fn samples() -> Vec<Self> {
        vec![Self::default()]
    }
}

/// What a measure is, whatever its options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Info {
    /// The one name, kebab-case, as papers call it.
    pub id: &'static str,
    /// For headings.
    pub title: &'static str,
    /// What kind of thing it looks at.
    pub family: Family,
    /// The definition in one line of plain text.
    pub formula: &'static str,
    /// Authors and year, with a DOI or arXiv number.
    pub reference: &'static str,
    /// Name and description of every option.
    pub options: &'static [(&'static str, &'static str)],
    /// The page: Markdown with fixed headings.
    pub doc: &'static str,
}

/// What kind of structure a measure looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Which neurons lie in the span of which others.
    Subspace,
    /// Canonical correlations: the spans of all neurons.
    Canonical,
    /// The best map of some kind from one side to the other.
    Alignment,
    /// Inner products of inputs, through any kernel.
    Kernel,
    /// Dissimilarities between inputs, and how two matrices of them agree.
    Rdm,
    /// Which inputs are nearest to which.
    Neighbors,
    /// Shapes of the cloud of inputs: connected parts, loops, diffusion.
    Topology,
    /// One number a side, and their difference.
    Statistics,
    /// What the network answers: the sides are outputs, one column a class.
    Functional,
}

/// Whether larger means more alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Larger is more alike.
    Similarity,
    /// Smaller is more alike.
    Distance,
}

bitflags::bitflags! {
    /// Changes of one side that leave a measure's value as it is.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct Invariance: u8 {
        /// Adding the same vector to every input's activations.
        const TRANSLATION = 1;
        /// Multiplying everything by one positive number.
        const SCALE = 2;
        /// Reordering the neurons.
        const PERMUTATION = 4;
        /// Any orthogonal map of the neurons.
        const ORTHOGONAL = 8 | Self::PERMUTATION.bits();
        /// Any invertible linear map of the neurons.
        const LINEAR = 16 | Self::ORTHOGONAL.bits() | Self::SCALE.bits();
        /// Any invertible affine map.
        const AFFINE = Self::LINEAR.bits() | Self::TRANSLATION.bits();
    }

    /// What a measure asks of a pair.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct Needs: u16 {
        /// The rows themselves; without this flag moments are enough.
        const ROWS = 1;
        /// Moments with a triangular factor, if there are no rows.
        const FACTOR = 2;
        // What is shared by all pairs of a representation, computed beforehand in a grid:
        /// Sums of one side that HSIC needs.
        const SELF_TERMS = 4;
        /// An orthonormal basis of the centred neurons.
        const BASIS = 8;
        /// An orthonormal basis of the neurons as they are.
        const BASIS_ABOUT_ZERO = 16;
        /// Principal axes.
        const PRINCIPAL = 32;
        /// Eigenvalues of the scatter matrix.
        const SPECTRUM = 64;
        /// At most as many neurons as inputs.
        const COMPACT = 128;
        // What belongs to the inputs and not to a side; see [`Context`](crate::Context):
        /// The class of every input.
        const LABELS = 256;
        /// Which inputs are repetitions of one.
        const GROUPS = 512;
        /// What both networks were fed.
        const INPUT = 1024;
        // What is asked of the shapes:
        /// As many neurons on both sides.
        const EQUAL_WIDTHS = 2048;
        /// No activation below zero: rates.
        const NON_NEGATIVE = 4096;
        /// No two inputs alike, on one side at least.
        const DISTINCT = 8192;
    }
}

/// The same thing stated for both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Sides<T> {
    /// For the first representation.
    pub x: T,
    /// For the second.
    pub y: T,
}

impl<T: Copy> Sides<T> {
    /// Both sides alike.
    pub const fn both(value: T) -> Self {
        Self { x: value, y: value }
    }
}

/// What a measure promises, with its options as they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Properties {
    /// Whether larger means more alike.
    pub kind: Kind,
    /// Smallest and largest possible value.
    pub range: (f64, f64),
    /// The value of a representation against itself, where it does not depend on the representation.
    pub identity: Option<f64>,
    /// Whether exchanging the sides changes nothing.
    pub symmetric: bool,
    /// Whether it is a distance that obeys the triangle inequality.
    pub metric: bool,
    /// Whether row i of both sides must be the same input; otherwise the sides may even differ in length.
    pub aligned: bool,
    /// What leaves it unchanged.
    pub invariance: Sides<Invariance>,
    /// What it asks of a pair.
    pub needs: Needs,
}

/// Any measure with its options fixed.
///
/// Prints as its label, such as `cka(estimator=gretton)`, which holds only options that differ from the default or must
/// always be given, and parses back to the same measure.
///
/// ```
/// let measure: isorep::AnyMeasure = "cka(estimator=gretton)".parse()?;
/// assert_eq!(measure.label(), "cka(estimator=gretton)");
/// # Ok::<(), isorep::Error>(())
/// ```
#[derive(Clone)]
pub struct AnyMeasure(Arc<dyn Erased>);

trait Erased: Debug + Send + Sync {
    fn info(&self) -> Info;
    fn properties(&self) -> Properties;
    fn compare(&self, pair: &Pair) -> Result<f64>;
    fn chance(&self, pair: &Pair) -> Result<Option<f64>>;
    fn null(&self, pair: &Pair) -> Result<Option<Null>>;
    fn prepare(&self, side: &Representation) -> Result<()>;
    fn options(&self) -> Map<String, Value>;
    fn defaults(&self) -> Map<String, Value>;
    fn required(&self) -> &'static [&'static str];
}

impl<M: Measure> Erased for M {
    fn info(&self) -> Info {
        M::INFO
    }
    fn properties(&self) -> Properties {
        Measure::properties(self)
    }
    fn compare(&self, pair: &Pair) -> Result<f64> {
        Measure::compare(self, pair)
    }
    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        Measure::chance(self, pair)
    }
    fn null(&self, pair: &Pair) -> Result<Option<Null>> {
        Measure::null(self, pair)
    }
    fn prepare(&self, side: &Representation) -> Result<()> {
        Measure::prepare(self, side)
    }
    fn options(&self) -> Map<String, Value> {
        fields(self)
    }
    fn defaults(&self) -> Map<String, Value> {
        fields(&M::default())
    }
    fn required(&self) -> &'static [&'static str] {
        M::REQUIRED
    }
}

/// The options as JSON fields; a measure without options has none.
fn fields(measure: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(measure) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

impl AnyMeasure {
    /// What it is, whatever its options.
    pub fn info(&self) -> Info {
        self.0.info()
    }

    /// What it promises with these options.
    pub fn properties(&self) -> Properties {
        self.0.properties()
    }

    /// The value for one pair.
    ///
    /// # Errors
    /// As [`Measure::compare`]; a value that is not finite is an error too, and so is a pair whose rows do not belong
    /// together if they must.
    pub fn compare(&self, pair: &Pair) -> Result<f64> {
        if self.properties().aligned {
            pair.aligned()?;
        }
        let value = self.0.compare(pair)?;
        if !value.is_finite() {
            return Err(Error::undefined(format!(
                "`{}` left the range of f64: the activations are too large or too small to be squared",
                self.label()
            )));
        }
        Ok(value)
    }

    /// The mean value over all permutations of the rows of one side, where a closed form is known.
    ///
    /// # Errors
    /// As [`AnyMeasure::compare`].
    pub fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        self.0.chance(pair)
    }

    /// How the value is distributed over all permutations of the rows of one side, where a closed form is known.
    ///
    /// # Errors
    /// As [`AnyMeasure::compare`].
    pub fn null(&self, pair: &Pair) -> Result<Option<Null>> {
        self.0.null(pair)
    }

    /// Computes what one side can know by itself, so that many pairs share it.
    pub(crate) fn prepare(&self, side: &Representation) {
        let _ = self.0.prepare(side);
    }

    /// All options and their values.
    pub fn options(&self) -> Map<String, Value> {
        self.0.options()
    }

    /// The id, and in parentheses the options that differ from the default or have none.
    pub fn label(&self) -> String {
        let (defaults, required) = (self.0.defaults(), self.0.required());
        let differing: Vec<String> = self
            .0
            .options()
            .iter()
            .filter(|(name, value)| required.contains(&name.as_str()) || defaults.get(*name) != Some(*value))
            .map(|(name, value)| match value {
                Value::String(text) => format!("{name}={text}"),
                other => format!("{name}={other}"),
            })
            .collect();
        let id = self.info().id;
        if differing.is_empty() { id.to_owned() } else { format!("{id}({})", differing.join(", ")) }
    }
}

impl<M: Measure> From<M> for AnyMeasure {
    fn from(measure: M) -> Self {
        Self(Arc::new(measure))
    }
}

impl Debug for AnyMeasure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for AnyMeasure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.label())
    }
}

impl PartialEq for AnyMeasure {
    fn eq(&self, other: &Self) -> bool {
        self.info().id == other.info().id && self.options() == other.options()
    }
}
