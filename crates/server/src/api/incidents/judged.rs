//! What people decide about incidents, as the API says it.

#![expect(clippy::option_option, reason = "a merge patch tells leaving alone from taking away")]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vedette_model::Timestamp;
use vedette_store::state::{self, IncidentDecision, IncidentJudgment, IncidentState};

use crate::api::findings::{present, unprocessable};
use crate::api::note;
use crate::problem::Problem;

/// Where an incident stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "IncidentState")]
pub(crate) enum State {
    /// Nobody looked yet, or somebody does.
    Open,
    /// It was looked at, and what was to be done is done.
    Closed,
    /// It was closed, and more came.
    Reopened,
}

/// What an incident was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Verdict")]
pub(crate) enum Verdict {
    /// Abuse.
    True,
    /// No abuse: looking at it was a waste.
    False,
    /// As seen, and allowed: a test, a migration, a partner's export.
    Expected,
}

/// What people decided about an incident.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "IncidentTriage")]
pub(crate) struct Shown {
    /// Where it stands.
    state: State,
    /// What it was, when somebody said so.
    verdict: Option<Verdict>,
    /// Why, in the decider's words.
    reason: Option<String>,
    /// Who takes care of it.
    owner: Option<String>,
    /// When it was closed last.
    closed_at: Option<Timestamp>,
    /// Kinds of detections that the verdict is remembered for.
    kinds: Vec<String>,
    /// Who decided last; `vedette` when it was reopened because more came.
    updated_by: Option<String>,
    /// When.
    updated_at: Option<Timestamp>,
    /// Counts decisions. `If-Match` takes the ETag of the incident, or this number in quotes.
    version: u64,
}

/// A decision. What is absent stays as it is; `null` takes it away.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "IncidentDecision")]
pub(crate) struct Decision {
    /// New state. To close needs `reason`; to open takes verdict and reason back.
    state: Option<Settable>,
    /// What it was. Only a closed incident has a verdict.
    #[serde(default, deserialize_with = "present")]
    verdict: Option<Option<Verdict>>,
    /// Why.
    #[serde(default, deserialize_with = "present")]
    #[schemars(length(max = 4000))]
    reason: Option<Option<String>>,
    /// Who takes care of it.
    #[serde(default, deserialize_with = "present")]
    #[schemars(length(max = 200))]
    owner: Option<Option<String>>,
}

/// A state that people can set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "IncidentSettable")]
enum Settable {
    /// Somebody must look.
    Open,
    /// It was looked at. When more comes, it is reopened.
    Closed,
}

impl From<IncidentState> for State {
    fn from(state: IncidentState) -> Self {
        match state {
            IncidentState::Open => Self::Open,
            IncidentState::Closed => Self::Closed,
            IncidentState::Reopened => Self::Reopened,
        }
    }
}

impl From<state::Verdict> for Verdict {
    fn from(verdict: state::Verdict) -> Self {
        match verdict {
            state::Verdict::True => Self::True,
            state::Verdict::False => Self::False,
            state::Verdict::Expected => Self::Expected,
        }
    }
}

impl From<Verdict> for state::Verdict {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::True => Self::True,
            Verdict::False => Self::False,
            Verdict::Expected => Self::Expected,
        }
    }
}

impl Shown {
    pub(super) fn of(judgment: Option<&IncidentJudgment>) -> Self {
        let judged = judgment.filter(|judgment| judgment.version > 0);
        let kinds = judgment.into_iter().flat_map(|one| &one.kinds).filter(|(_, verdict)| verdict.is_some());
        Self {
            state: judgment.map_or(State::Open, |judgment| judgment.state.into()),
            verdict: judgment.and_then(|judgment| judgment.verdict).map(Into::into),
            reason: judgment.and_then(|judgment| judgment.reason.clone()),
            owner: judgment.and_then(|judgment| judgment.owner.clone()),
            closed_at: judgment.and_then(|judgment| judgment.closed_at),
            kinds: kinds.map(|(kind, _)| kind.clone()).collect(),
            updated_by: judged.map(|judgment| judgment.updated_by.clone()),
            updated_at: judged.map(|judgment| judgment.updated_at),
            version: judgment.map_or(0, |judgment| judgment.version.unsigned_abs()),
        }
    }
}

impl Decision {
    /// The decision with its texts checked, if it makes sense after what is known.
    pub(super) fn checked(self, known: &IncidentJudgment) -> Result<IncidentDecision, Problem> {
        let reason = note::patched(self.reason, |text| note::note("/reason", text))?;
        let owner = note::patched(self.owner, |name| note::name("/owner", name))?;
        let state = self.state.map(|state| match state {
            Settable::Open => IncidentState::Open,
            Settable::Closed => IncidentState::Closed,
        });
        let closed = state.unwrap_or(known.state) == IncidentState::Closed;
        if closed && reason.clone().unwrap_or_else(|| known.reason.clone()).is_none() {
            return Err(unprocessable("/reason", "a closed incident needs a reason"));
        }
        if !closed && self.verdict.flatten().is_some() {
            return Err(unprocessable("/verdict", "only a closed incident has a verdict"));
        }
        let verdict = self.verdict.map(|verdict| verdict.map(Into::into));
        Ok(IncidentDecision { state, verdict, reason, owner })
    }
}
