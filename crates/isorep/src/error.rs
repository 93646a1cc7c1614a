//! The one error type of the library: what is wrong, with the values that show it, and what to do about it.
//!
//! The message states the fact; [`Error::hint`] gives the remedy, on a line of its own.

/// What every fallible function of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why there is no number.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The number of values does not fit the stated shape.
    #[error("`{name}` has {got} values, but {rows} rows × {columns} columns need {needed}", needed = rows * columns)]
    Shape {
        /// Name of the representation.
        name: String,
        /// Stated number of rows (inputs).
        rows: usize,
        /// Stated number of columns (neurons).
        columns: usize,
        /// Number of values given.
        got: usize,
    },
    /// A representation without rows or without columns.
    #[error("`{name}` is empty: {rows} rows × {columns} columns")]
    Empty {
        /// Name of the representation.
        name: String,
        /// Number of rows (inputs).
        rows: usize,
        /// Number of columns (neurons).
        columns: usize,
    },
    /// NaN or infinite values in the input.
    #[error(
        "`{name}` holds {count} value(s) that are not finite; the first is {value} at row {row}, column {column}"
    )]
    NotFinite {
        /// Name of the representation.
        name: String,
        /// Row of the first offending value, from 0.
        row: usize,
        /// Column of the first offending value, from 0.
        column: usize,
        /// The first offending value.
        value: f64,
        /// How many there are in all.
        count: usize,
    },
    /// Row i of both sides must be the same input.
    #[error("cannot pair `{x}` with `{y}`: they have different numbers of rows, {n_x} and {n_y}")]
    RowCount {
        /// Name of the first representation.
        x: String,
        /// Its number of rows.
        n_x: usize,
        /// Name of the second representation.
        y: String,
        /// Its number of rows.
        n_y: usize,
    },
    /// Sides that were not paired row by row, and a measure that needs them so.
    #[error("row i of `{x}` and row i of `{y}` are not the same input, and this measure compares them so")]
    NotAligned {
        /// Name of the first representation.
        x: String,
        /// Name of the second representation.
        y: String,
    },
    /// The sides must have as many neurons, and do not.
    #[error("`{x}` has {d_x} columns and `{y}` has {d_y}, and this measure compares them one by one")]
    Widths {
        /// Name of the first representation.
        x: String,
        /// Its number of neurons.
        d_x: usize,
        /// Name of the second representation.
        y: String,
        /// Its number of neurons.
        d_y: usize,
    },
    /// Labels, groups or the raw input were not given.
    #[error("needs {what}, and none were given")]
    NeedsContext {
        /// What is missing, in words.
        what: &'static str,
        /// What it is called where it is given: `labels`, `groups` or `input`.
        name: &'static str,
    },
    /// Labels that do not say which column of the outputs is right.
    #[error("labels must be columns of the outputs: {reason}")]
    LabelColumns {
        /// What they are instead.
        reason: String,
    },
    /// Outputs that were said to be probabilities and are not.
    #[error("the outputs for input {input} of `{name}` are no probabilities: {reason}")]
    NotProbabilities {
        /// Name of the representation.
        name: String,
        /// The first input whose outputs are none, from 0.
        input: usize,
        /// Why they are none.
        reason: String,
    },
    /// Labels, groups or the raw input do not fit the inputs.
    #[error("{what} are {got}, and there are {n} inputs")]
    ContextLength {
        /// What does not fit, in words.
        what: &'static str,
        /// How many there are.
        got: usize,
        /// Number of inputs.
        n: usize,
    },
    /// Fewer inputs than the definition needs.
    #[error("too few inputs: the definition needs at least {needed}, there are {got}")]
    TooFewSamples {
        /// Smallest number of inputs for which the measure is defined.
        needed: usize,
        /// Number of inputs given.
        got: usize,
    },
    /// The definition gives no number for this input (0/0, a constant representation, …).
    #[error("undefined: {reason}")]
    Undefined {
        /// Why, as a clause that can follow a colon.
        reason: String,
    },
    /// The neurons of one side span every direction that so few inputs have: the value would be the same for any data.
    #[error("saturated: the {rank} independent neurons of `{name}` can reproduce anything on {n} inputs")]
    Saturated {
        /// Name of the representation.
        name: String,
        /// Its rank.
        rank: usize,
        /// Number of inputs.
        n: usize,
    },
    /// The spans of both sides have more dimensions together than the inputs allow, so they must meet whatever the data.
    #[error("saturated: spans of {rank_x} and {rank_y} dimensions must share directions on only {n} inputs")]
    Crowded {
        /// Dimensions of x that are compared.
        rank_x: usize,
        /// Dimensions of y that are compared.
        rank_y: usize,
        /// Number of inputs.
        n: usize,
    },
    /// What the computation takes is beyond a limit on memory.
    #[error("too large: {what} would take more than {} GiB of memory", limit >> 30)]
    TooLarge {
        /// What would take it.
        what: String,
        /// The limit, in bytes.
        limit: usize,
    },
    /// A measure that looks at single inputs was asked of accumulated moments.
    #[error("needs the rows themselves, and only moments of them were kept")]
    NeedsRows,
    /// The moments are too ill-conditioned for this measure and no triangular factor was kept.
    #[error(
        "moments alone cannot give this number: the condition number of the neurons is about {condition:.1e}"
    )]
    NeedsFactor {
        /// Estimated condition number of the matrix of neurons.
        condition: f64,
    },
    /// No measure has this id.
    #[error("there is no measure `{id}`")]
    UnknownMeasure {
        /// What was asked for.
        id: String,
        /// The nearest existing id, if one is near.
        suggestion: Option<String>,
    },
    /// The text between the parentheses of a label does not describe options of the measure.
    #[error("cannot read the options of `{label}`: {reason}")]
    InvalidOptions {
        /// The label as given.
        label: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Two states that do not belong together were merged, or bytes are not a state.
    #[error("cannot use these moments: {reason}")]
    State {
        /// What is wrong.
        reason: String,
    },
    /// A matrix decomposition did not converge, even when retried.
    #[error("the {what} did not converge")]
    Decomposition {
        /// Which decomposition.
        what: &'static str,
    },
}

impl Error {
    /// An [`Error::Undefined`] with its reason.
    pub fn undefined(reason: impl Into<String>) -> Self {
        Self::Undefined { reason: reason.into() }
    }

    /// What the caller can do about it, where there is something to do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotFinite { .. } => {
                Some("drop these inputs from both sides, or find out why the network produced them".into())
            }
            Self::RowCount { .. } => Some(
                "rows are matched by position: feed both networks the same inputs in the same order".into(),
            ),
            Self::NeedsRows => {
                Some("pass the activations themselves, or choose a measure whose `needs` say moments".into())
            }
            Self::NeedsFactor { .. } => {
                Some("accumulate with a triangular factor (`Moments::with_factor`), or pass the rows".into())
            }
            Self::UnknownMeasure { suggestion: Some(near), .. } => Some(format!("did you mean `{near}`?")),
            Self::UnknownMeasure { suggestion: None, .. } => Some("`isorep list` shows them all".into()),
            Self::Saturated { rank, .. } => Some(format!(
                "use more than {} inputs, or a measure of inner products such as `cka`",
                rank + 1
            )),
            Self::Crowded { rank_x, rank_y, .. } => Some(format!(
                "use more than {} inputs, or a measure of inner products such as `cka`",
                rank_x + rank_y + 1
            )),
            Self::TooFewSamples { .. } => Some("use more inputs".into()),
            Self::TooLarge { .. } => Some("use fewer inputs, or a smaller subset of them at a time".into()),
            Self::NeedsContext { name, .. } => {
                Some(format!("give them with `--{name} FILE` (in Rust: `Context::with_{name}`)"))
            }
            Self::LabelColumns { .. } => {
                Some("give class numbers counted from 0: k where column k stands for the true class".into())
            }
            Self::NotProbabilities { .. } => {
                Some("leave `outputs` out for logits, of which the softmax is taken".into())
            }
            _ => None,
        }
    }
}
