//! The one error type of the laboratory.

/// What every fallible function of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an experiment has no result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The callback asked to stop.
    #[error("stopped on request")]
    Interrupted,
    /// The activations of a layer cannot be compared.
    #[error(transparent)]
    Library(#[from] isorep::Error),
}

impl Error {
    /// What the caller can do about it, where there is something to do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Interrupted => None,
            Self::Library(error) => error.hint(),
        }
    }
}
