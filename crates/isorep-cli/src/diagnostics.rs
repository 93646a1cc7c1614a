//! Why a command did not end well: what the user reads, and the exit code.
//!
//! The fact stands first, its cause below it, and what to do about it apart, so that each can be found at a glance.

use std::fmt;

/// Why there is no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The command could not run.
    Refused {
        /// What could not be done.
        what: String,
        /// Why, where that is not said already.
        cause: Option<String>,
        /// What to do about it.
        hint: Option<String>,
    },
    /// What was to be checked did not hold; the result was printed and says so.
    Gate,
    /// The user pressed Ctrl-C, and nothing was written.
    Interrupted,
    /// The user pressed Ctrl-C; what was finished by then was printed.
    Partial,
}

impl Failure {
    /// What could not be done, in one line that says why.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self::Refused { what: what.into(), cause: None, hint: None }
    }

    /// Puts a line about what was being done above what is said so far.
    #[must_use]
    pub(crate) fn during(self, doing: impl Into<String>) -> Self {
        match self {
            Self::Refused { what, cause: None, hint } => {
                Self::Refused { what: doing.into(), cause: Some(what), hint }
            }
            other => other,
        }
    }

    #[must_use]
    pub(crate) fn hint(self, remedy: impl Into<String>) -> Self {
        match self {
            Self::Refused { what, cause, .. } => Self::Refused { what, cause, hint: Some(remedy.into()) },
            other => other,
        }
    }

    /// 1 for what did not hold; 2 for what could not run; 130 after Ctrl-C, as shells have it.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Gate => 1,
            Self::Refused { .. } => 2,
            Self::Interrupted | Self::Partial => 130,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gate => f.write_str("what was to be checked does not hold"),
            Self::Interrupted => f.write_str("stopped: nothing was written"),
            Self::Partial => f.write_str("stopped: only what was finished by then was printed"),
            Self::Refused { what, cause, hint } => {
                write!(f, "error: {what}")?;
                if let Some(cause) = cause {
                    write!(f, "\n  cause: {cause}")?;
                }
                if let Some(hint) = hint {
                    write!(f, "\n\nhint: {hint}")?;
                }
                Ok(())
            }
        }
    }
}

impl From<isorep::Error> for Failure {
    fn from(error: isorep::Error) -> Self {
        Self::Refused { what: error.to_string(), cause: None, hint: error.hint() }
    }
}

impl From<isorep_io::Error> for Failure {
    fn from(error: isorep_io::Error) -> Self {
        Self::Refused { what: error.to_string(), cause: None, hint: remedy(&error) }
    }
}

/// What the reader says can be done, in terms of the command's own options.
fn remedy(error: &isorep_io::Error) -> Option<String> {
    let isorep_io::Error::LayoutNeeded { shape, missing, .. } = error else { return error.hint() };
    let with_flatten = "or take every number of an input as a neuron with `--pool flatten`";
    Some(match shape.len() {
        _ if !missing.starts_with("its layout") => {
            "`--pool mean` averages over positions, `--pool positions` makes \
             each of them a row, `--pool flatten` makes each a neuron; also `max`, `first`, `last`"
                .into()
        }
        3 => format!("pass `--layout ntd` if it is inputs × tokens × channels, {with_flatten}"),
        4 => format!("pass `--layout nchw` (PyTorch) or `--layout nhwc` (TensorFlow, JAX), {with_flatten}"),
        _ => "pass `--pool flatten`: nothing else is defined for this many axes".into(),
    })
}

impl From<isorep_onnx::Error> for Failure {
    fn from(error: isorep_onnx::Error) -> Self {
        match error {
            isorep_onnx::Error::Read(error) => error.into(),
            other => Self::Refused { what: other.to_string(), cause: None, hint: other.hint() },
        }
    }
}

impl From<isorep_lab::Error> for Failure {
    fn from(error: isorep_lab::Error) -> Self {
        match error {
            isorep_lab::Error::Interrupted => Self::Interrupted,
            other => Self::Refused { what: other.to_string(), cause: None, hint: other.hint() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fact_cause_and_remedy_stand_apart() {
        let failure =
            Failure::new("they differ").during("cannot compare `a` and `b`").hint("use the same inputs");
        assert_eq!(
            failure.to_string(),
            "error: cannot compare `a` and `b`\n  cause: they differ\n\nhint: use the same inputs"
        );
        assert_eq!((failure.code(), Failure::Interrupted.code()), (2, 130));
    }
}
