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
            error => Self::internal(&error),
        }
    }
}
