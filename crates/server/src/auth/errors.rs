//! What a client is told when the state refuses.

use vedette_store::state::StateError;

use crate::problem::{Kind, Problem};

impl From<StateError> for Problem {
    fn from(error: StateError) -> Self {
        match error {
            StateError::Conflict => {
                Self::new(Kind::PreconditionFailed, "it was changed meanwhile").hint("read it again, then decide")
            }
            StateError::Missing(sort) => Self::no_such(sort),
            StateError::Exists(sort) => Self::new(Kind::Conflict, format!("there is such a {sort} already")),
            StateError::Full { .. } | StateError::LastAdmin => Self::new(Kind::Conflict, error.to_string()),
            StateError::Unstorable => Self::new(Kind::Invalid, error.to_string()),
            StateError::DiskFull(_) => logged(&error, Kind::StorageFull),
            StateError::Unreachable(_) => logged(&error, Kind::Unavailable).retry_after_secs(5),
            error => Self::internal(&error),
        }
    }
}

/// A fault that the operator must mend and the client may wait for.
fn logged(error: &StateError, kind: Kind) -> Problem {
    tracing::error!(error = error as &dyn std::error::Error, "the state cannot be used");
    Problem::new(kind, error.to_string())
}
