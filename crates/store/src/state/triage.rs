//! What people decided about findings.
//!
//! A finding itself is learned; here is only its judgment. A finding without one is open. A resolved one that is seen
//! again, and an accepted one whose time is over, are reopened.

use sqlx::any::{AnyQueryResult, AnyRow};
use sqlx::{Any, Row, Transaction};
use vedette_model::Timestamp;
use vedette_model::limits::JUDGMENTS_MAX;

use super::{State, StateError, is_orphan, is_taken, signed};

/// Selects everything about judgments.
macro_rules! select {
    ($tail:literal) => {
        concat!("SELECT finding, state, reason, until_at, owner, updated_by, updated_at, version FROM triage ", $tail)
    };
}

/// Where a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TriageState {
    /// Nobody decided yet, or somebody decided that it must be mended.
    Open,
    /// It stays as it is, for a reason and for a time.
    Accepted,
    /// It was mended.
    Resolved,
    /// It was mended or accepted, and is there again.
    Reopened,
}

/// What was decided about one finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Triage {
    /// The finding's id.
    pub finding: String,
    /// Where it stands.
    pub state: TriageState,
    /// Why, in the decider's words.
    pub reason: Option<String>,
    /// Until when it is accepted.
    pub until: Option<Timestamp>,
    /// Who takes care of it.
    pub owner: Option<String>,
    /// Who changed it last; `vedette` for a reopening.
    pub updated_by: String,
    /// When.
    pub updated_at: Timestamp,
    /// Counts changes; for `If-Match`. 0 when there is no judgment.
    pub version: i64,
}

/// A decision; `None` leaves what is there, `Some(None)` takes it away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgment {
    /// New state.
    pub state: Option<TriageState>,
    /// New reason.
    pub reason: Option<Option<String>>,
    /// New end of the acceptance.
    pub until: Option<Option<Timestamp>>,
    /// New owner.
    pub owner: Option<Option<String>>,
}

impl TriageState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Open, Self::Accepted, Self::Resolved, Self::Reopened];

    /// As it is written in the API and the state.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Resolved => "resolved",
            Self::Reopened => "reopened",
        }
    }

    /// The state with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

impl Triage {
    /// The judgment of a finding that nobody judged.
    pub fn unjudged(finding: &str) -> Self {
        Self {
            finding: finding.to_owned(),
            state: TriageState::Open,
            reason: None,
            until: None,
            owner: None,
            updated_by: String::new(),
            updated_at: Timestamp(0),
            version: 0,
        }
    }

    /// Where the finding stands at `now`: an acceptance whose time is over counts as reopened before anything writes so.
    pub fn state_at(&self, now: Timestamp) -> TriageState {
        match self.state {
            TriageState::Accepted if self.until.is_some_and(|until| until <= now) => TriageState::Reopened,
            state => state,
        }
    }

    fn from_row(row: &AnyRow) -> Result<Self, StateError> {
        let state: String = row.try_get("state")?;
        Ok(Self {
            finding: row.try_get("finding")?,
            state: TriageState::parse(&state).ok_or(StateError::Malformed("judgment"))?,
            reason: row.try_get("reason")?,
            until: row.try_get::<Option<i64>, _>("until_at")?.map(Timestamp),
            owner: row.try_get("owner")?,
            updated_by: row.try_get("updated_by")?,
            updated_at: Timestamp(row.try_get("updated_at")?),
            version: row.try_get("version")?,
        })
    }

    fn apply(&mut self, judgment: &Judgment, who: &str, now: Timestamp) {
        if let Some(state) = judgment.state {
            self.state = state;
        }
        if let Some(reason) = &judgment.reason {
            self.reason.clone_from(reason);
        }
        if let Some(until) = judgment.until {
            self.until = until;
        }
        if let Some(owner) = &judgment.owner {
            self.owner.clone_from(owner);
        }
        if self.state != TriageState::Accepted {
            self.until = None;
        }
        who.clone_into(&mut self.updated_by);
        self.updated_at = now;
        self.version += 1;
    }
}

impl State {
    /// Every judgment of the tenant, by finding; at most [`JUDGMENTS_MAX`].
    pub async fn judgments(&self, tenant: &str) -> Result<Vec<Triage>, StateError> {
        let query = sqlx::query(select!("WHERE tenant = $1 ORDER BY finding"));
        let rows = query.bind(tenant).fetch_all(&self.pool).await?;
        rows.iter().map(Triage::from_row).collect()
    }

    /// The judgment of one finding; [`Triage::unjudged`] when there is none. Whether there is such a finding is not
    /// known here.
    pub async fn judgment(&self, tenant: &str, finding: &str) -> Result<Triage, StateError> {
        let query = sqlx::query(select!("WHERE tenant = $1 AND finding = $2"));
        let row = query.bind(tenant).bind(finding).fetch_optional(&self.pool).await?;
        row.as_ref().map_or_else(|| Ok(Triage::unjudged(finding)), Triage::from_row)
    }

    /// Judges a finding whose judgment has this version (0: none yet; any when `None`).
    pub async fn judge(
        &self,
        tenant: &str,
        finding: &str,
        version: Option<i64>,
        judgment: &Judgment,
        who: &str,
        now: Timestamp,
    ) -> Result<Triage, StateError> {
        let mut transaction = self.begin().await?;
        let mut triage = current(&mut transaction, tenant, finding).await?;
        if version.is_some_and(|version| version != triage.version) {
            return Err(StateError::Conflict);
        }
        triage.apply(judgment, who, now);
        write(&mut transaction, tenant, &triage).await?;
        transaction.commit().await?;
        Ok(triage)
    }

    /// Reopens, of the findings just seen (id and when last), those resolved before that and those whose acceptance is
    /// over. Returns their ids.
    pub async fn reopen_seen(
        &self,
        tenant: &str,
        seen: &[(String, Timestamp)],
        now: Timestamp,
    ) -> Result<Vec<String>, StateError> {
        let judged = self.judgments(tenant).await?;
        let back = |triage: &&Triage| match triage.state_at(now) {
            TriageState::Resolved => {
                seen.iter().any(|(finding, at)| *finding == triage.finding && *at > triage.updated_at)
            }
            TriageState::Reopened if triage.state == TriageState::Accepted => {
                seen.iter().any(|(finding, _)| *finding == triage.finding)
            }
            _ => false,
        };
        let reopened = Judgment { state: Some(TriageState::Reopened), ..Judgment::default() };
        let mut ids = Vec::new();
        for triage in judged.iter().filter(back) {
            match self.judge(tenant, &triage.finding, Some(triage.version), &reopened, "vedette", now).await {
                Ok(_) => ids.push(triage.finding.clone()),
                // Somebody judged it in between; what they said holds until it is seen once more.
                Err(StateError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(ids)
    }
}

async fn current(transaction: &mut Transaction<'static, Any>, tenant: &str, id: &str) -> Result<Triage, StateError> {
    let query = sqlx::query(select!("WHERE tenant = $1 AND finding = $2"));
    let row = query.bind(tenant).bind(id).fetch_optional(&mut **transaction).await?;
    row.as_ref().map_or_else(|| Ok(Triage::unjudged(id)), Triage::from_row)
}

/// Writes a judgment over its predecessor, which must still have the version before.
async fn write(transaction: &mut Transaction<'static, Any>, tenant: &str, triage: &Triage) -> Result<(), StateError> {
    if triage.version == 1 {
        let count = "SELECT COUNT(*) AS n FROM triage WHERE tenant = $1";
        require_room(transaction, count, tenant, "judgments of findings", JUDGMENTS_MAX).await?;
    }
    let statement = if triage.version == 1 {
        "INSERT INTO triage (tenant, finding, state, reason, until_at, owner, updated_by, updated_at, version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    } else {
        "UPDATE triage SET state = $3, reason = $4, until_at = $5, owner = $6, updated_by = $7, updated_at = $8, \
         version = $9 WHERE tenant = $1 AND finding = $2 AND version = $9 - 1"
    };
    let done = sqlx::query(statement)
        .bind(tenant)
        .bind(triage.finding.as_str())
        .bind(triage.state.name())
        .bind(triage.reason.clone())
        .bind(triage.until.map(|until| until.0))
        .bind(triage.owner.clone())
        .bind(triage.updated_by.as_str())
        .bind(triage.updated_at.0)
        .bind(triage.version)
        .execute(&mut **transaction)
        .await;
    require_written(done)
}

/// Refuses one more judgment when there are as many as there may be.
pub(super) async fn require_room(
    transaction: &mut Transaction<'static, Any>,
    count: &'static str,
    tenant: &str,
    what: &'static str,
    limit: usize,
) -> Result<(), StateError> {
    let row = sqlx::query(count).bind(tenant).fetch_one(&mut **transaction).await?;
    if row.try_get::<i64, _>("n")? >= signed(limit) { Err(StateError::Full { what, limit }) } else { Ok(()) }
}

/// What the statement that writes a judgment came to: one row, or somebody was faster.
pub(super) fn require_written(done: Result<AnyQueryResult, sqlx::Error>) -> Result<(), StateError> {
    let done = done.map_err(|error| match error {
        error if is_taken(&error) => StateError::Conflict,
        error if is_orphan(&error) => StateError::Missing("tenant"),
        error => error.into(),
    })?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(StateError::Conflict) }
}
