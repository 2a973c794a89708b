//! What can go wrong with a hunt, worded for the analyst who wrote it.

use std::fmt;
use std::io;
use std::time::Duration;

/// Why a hunt gave no answer, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum HuntError {
    /// The SQL or a parameter is wrong; its author can mend it.
    #[error("{}{message}", Where(*.position))]
    Wrong {
        /// What is wrong.
        message: String,
        /// Where in the SQL, when that is known.
        position: Option<Position>,
        /// What to try.
        hint: Option<String>,
    },
    /// The SQL would do something else than read, or read what it may not.
    #[error("{what} is not allowed in a hunt")]
    Refused {
        /// What it would do.
        what: String,
        /// What to do instead.
        hint: String,
    },
    /// As many hunts run and wait as may; ask again later.
    #[error("too many hunts at once")]
    Busy,
    /// It took longer than it may.
    #[error("the hunt took longer than {} s", .limit.as_secs_f64())]
    TimedOut {
        /// What it may take.
        limit: Duration,
    },
    /// Somebody ended it.
    #[error("the hunt was canceled")]
    Canceled,
    /// It needs more memory or more room for spilled rows than it may have.
    #[error("the hunt needs more {what} than a hunt may have")]
    TooLarge {
        /// `memory` or `room for spilled rows`.
        what: &'static str,
    },
    /// The lake or the control plane did not give the rows. The source may name files: for logs, not for users.
    #[error("stored rows could not be read")]
    Storage(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A fault of ours or of the query engine.
    #[error("the hunt failed inside")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Hunting could not be set up.
    #[error("hunts cannot run here")]
    Setup(#[source] io::Error),
}

/// A place in the SQL, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line.
    pub line: u64,
    /// Column in characters.
    pub column: u64,
}

impl HuntError {
    /// Something the author can mend.
    pub(crate) fn wrong(message: impl Into<String>) -> Self {
        Self::Wrong { message: message.into(), position: None, hint: None }
    }

    /// The same, with what to try.
    pub(crate) fn wrong_hint(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Wrong { message: message.into(), position: None, hint: Some(hint.into()) }
    }

    /// Something that hunts do not do.
    pub(crate) fn refused(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Refused { what: what.into(), hint: hint.into() }
    }

    /// What to try, in a fragment.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Wrong { hint, .. } => hint.as_deref(),
            Self::Refused { hint, .. } => Some(hint),
            Self::Busy => Some("try again in some seconds, or cancel a hunt that runs"),
            Self::TimedOut { .. } => Some("ask for a shorter time (at > now() - interval '1 day'), or allow more time"),
            Self::TooLarge { .. } => {
                Some("ask for a shorter time or fewer groups; approx_distinct needs little memory")
            }
            Self::Canceled | Self::Storage(_) | Self::Broken(_) | Self::Setup(_) => None,
        }
    }

    /// Where in the SQL.
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::Wrong { position, .. } => *position,
            _ => None,
        }
    }

    /// True when the one who asked can do something about it.
    pub fn is_askers(&self) -> bool {
        matches!(self, Self::Wrong { .. } | Self::Refused { .. } | Self::TooLarge { .. } | Self::TimedOut { .. })
    }
}

/// `line 1, column 8: ` before a message.
struct Where(Option<Position>);

impl fmt::Display for Where {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(Position { line, column }) => write!(f, "line {line}, column {column}: "),
            None => Ok(()),
        }
    }
}
