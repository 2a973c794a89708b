//! What people decide about actors, as the API says it.

#![expect(clippy::option_option, reason = "a merge patch tells leaving alone from taking away")]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vedette_model::Timestamp;
use vedette_store::state::{self, ActorDecision, ActorJudgment};

use crate::api::findings::{present, unprocessable};
use crate::api::note;
use crate::problem::Problem;

/// What somebody decided that an actor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "ActorState")]
pub(crate) enum State {
    /// Somebody keeps an eye on it.
    Watched,
    /// It should do nothing until somebody has looked.
    Suspended,
    /// What it does is as it should be: no detection of it is told.
    Allowed,
    /// It should do nothing.
    Denied,
}

/// What people decided about an actor.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ActorTriage")]
pub(crate) struct Shown {
    /// What was decided; `null` when nothing was, or its time is over.
    state: Option<State>,
    /// Why, in the decider's words.
    reason: Option<String>,
    /// Until when.
    until: Option<Timestamp>,
    /// Who decided last.
    updated_by: Option<String>,
    /// When.
    updated_at: Option<Timestamp>,
    /// Counts decisions. `If-Match` takes the ETag of the actor, or this number in quotes.
    version: u64,
}

/// A decision. What is absent stays as it is; `null` takes it away.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ActorDecision")]
pub(crate) struct Decision {
    /// New state; `null` takes back what was decided. To suspend, allow or deny needs `reason`.
    #[serde(default, deserialize_with = "present")]
    state: Option<Option<State>>,
    /// Why.
    #[serde(default, deserialize_with = "present")]
    #[schemars(length(max = 4000))]
    reason: Option<Option<String>>,
    /// End: after it nothing is decided. Without one it holds until somebody decides otherwise.
    #[serde(default, deserialize_with = "present")]
    until: Option<Option<Timestamp>>,
}

impl From<state::ActorState> for State {
    fn from(state: state::ActorState) -> Self {
        match state {
            state::ActorState::Watched => Self::Watched,
            state::ActorState::Suspended => Self::Suspended,
            state::ActorState::Allowed => Self::Allowed,
            state::ActorState::Denied => Self::Denied,
        }
    }
}

impl From<State> for state::ActorState {
    fn from(state: State) -> Self {
        match state {
            State::Watched => Self::Watched,
            State::Suspended => Self::Suspended,
            State::Allowed => Self::Allowed,
            State::Denied => Self::Denied,
        }
    }
}

impl Shown {
    pub(super) fn of(judgment: Option<&ActorJudgment>, now: Timestamp) -> Self {
        let judged = judgment.filter(|judgment| judgment.version > 0);
        Self {
            state: judgment.and_then(|judgment| judgment.state_at(now)).map(Into::into),
            reason: judgment.and_then(|judgment| judgment.reason.clone()),
            until: judgment.and_then(|judgment| judgment.until),
            updated_by: judged.map(|judgment| judgment.updated_by.clone()),
            updated_at: judged.map(|judgment| judgment.updated_at),
            version: judgment.map_or(0, |judgment| judgment.version.unsigned_abs()),
        }
    }

    pub(super) fn state(&self) -> Option<State> {
        self.state
    }
}

impl Decision {
    /// The decision with its texts checked, if it makes sense after what is known.
    pub(super) fn checked(self, known: &ActorJudgment, now: Timestamp) -> Result<ActorDecision, Problem> {
        let reason = note::patched(self.reason, |text| note::note("/reason", text))?;
        let state = self.state.map(|state| state.map(state::ActorState::from));
        let until = self.until.unwrap_or(known.until);
        match state.unwrap_or(known.state) {
            None if self.until.flatten().is_some() => {
                return Err(unprocessable("/until", "only what is decided has an end"));
            }
            None | Some(state::ActorState::Watched) => {}
            Some(_) if reason.clone().unwrap_or_else(|| known.reason.clone()).is_none() => {
                return Err(unprocessable("/reason", "to suspend, allow or deny an actor needs a reason"));
            }
            Some(_) => {}
        }
        if state.unwrap_or(known.state).is_some() && until.is_some_and(|until| until <= now) {
            return Err(unprocessable("/until", "must be in the future"));
        }
        Ok(ActorDecision { state, reason, until: self.until })
    }
}
