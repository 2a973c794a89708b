//! What people decided about actors, and how all that was decided about one person is forgotten.

use std::collections::BTreeSet;

use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};
use vedette_model::Timestamp;
use vedette_model::limits::{ABUSE_JUDGMENTS_MAX, JUDGMENT_IDENTIFIERS_MAX};
use vedette_model::results::{ActorRef, Identifier};

use super::incidents::json;
use super::triage::{require_room, require_written};
use super::{State, StateError, Subject};

/// Selects everything about judgments.
macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT actor, identifiers, state, reason, until_at, updated_by, updated_at, version FROM actor_judgments ",
            $tail
        )
    };
}

/// What somebody decided that an actor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActorState {
    /// Somebody keeps an eye on it.
    Watched,
    /// It should do nothing until somebody has looked.
    Suspended,
    /// What it does is as it should be: nothing of it is told.
    Allowed,
    /// It should do nothing.
    Denied,
}

/// What was decided about one actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActorJudgment {
    /// Who.
    pub actor: ActorRef,
    /// What was decided; none when nobody did or it was taken back.
    pub state: Option<ActorState>,
    /// Why, in the decider's words.
    pub reason: Option<String>,
    /// Until when.
    pub until: Option<Timestamp>,
    /// Who changed it last.
    pub updated_by: String,
    /// When.
    pub updated_at: Timestamp,
    /// Counts changes; for `If-Match`. 0 when there is no judgment.
    pub version: i64,
}

/// A decision; `None` leaves what is there, `Some(None)` takes it away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActorDecision {
    /// New state.
    pub state: Option<Option<ActorState>>,
    /// New reason.
    pub reason: Option<Option<String>>,
    /// New end.
    pub until: Option<Option<Timestamp>>,
}

impl ActorState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Watched, Self::Suspended, Self::Allowed, Self::Denied];

    /// As it is written in the API and the state.
    pub fn name(self) -> &'static str {
        match self {
            Self::Watched => "watched",
            Self::Suspended => "suspended",
            Self::Allowed => "allowed",
            Self::Denied => "denied",
        }
    }

    /// The state with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

impl ActorJudgment {
    /// The judgment of an actor whom nobody judged.
    pub fn unjudged(actor: &str) -> Self {
        Self {
            actor: ActorRef { id: actor.to_owned(), identifiers: Vec::new() },
            state: None,
            reason: None,
            until: None,
            updated_by: String::new(),
            updated_at: Timestamp(0),
            version: 0,
        }
    }

    /// What holds at `now`: nothing when its time is over.
    pub fn state_at(&self, now: Timestamp) -> Option<ActorState> {
        self.state.filter(|_| self.until.is_none_or(|until| until > now))
    }

    fn apply(&mut self, actor: &ActorRef, decision: &ActorDecision, who: &str, now: Timestamp) {
        if let Some(state) = decision.state {
            self.state = state;
        }
        if let Some(reason) = &decision.reason {
            self.reason.clone_from(reason);
        }
        if let Some(until) = decision.until {
            self.until = until;
        }
        if self.state.is_none() {
            (self.reason, self.until) = (None, None);
        }
        self.actor.clone_from(actor);
        self.actor.identifiers.truncate(JUDGMENT_IDENTIFIERS_MAX);
        who.clone_into(&mut self.updated_by);
        self.updated_at = now;
        self.version += 1;
    }

    fn from_row(row: &AnyRow) -> Result<Self, StateError> {
        let identifiers: String = row.try_get("identifiers")?;
        let identifiers = serde_json::from_str(&identifiers).map_err(|_| StateError::Malformed("identifiers"))?;
        let state: Option<String> = row.try_get("state")?;
        let parse = |name: String| ActorState::parse(&name).ok_or(StateError::Malformed("judgment of an actor"));
        Ok(Self {
            actor: ActorRef { id: row.try_get("actor")?, identifiers },
            state: state.map(parse).transpose()?,
            reason: row.try_get("reason")?,
            until: row.try_get::<Option<i64>, _>("until_at")?.map(Timestamp),
            updated_by: row.try_get("updated_by")?,
            updated_at: Timestamp(row.try_get("updated_at")?),
            version: row.try_get("version")?,
        })
    }
}

impl State {
    /// Every judgment of actors of the tenant, by actor; at most [`ABUSE_JUDGMENTS_MAX`].
    pub async fn actor_judgments(&self, tenant: &str) -> Result<Vec<ActorJudgment>, StateError> {
        let query = sqlx::query(select!("WHERE tenant = $1 ORDER BY actor"));
        let rows = query.bind(tenant).fetch_all(&self.pool).await?;
        rows.iter().map(ActorJudgment::from_row).collect()
    }

    /// The judgment of one actor; [`ActorJudgment::unjudged`] when there is none.
    pub async fn actor_judgment(&self, tenant: &str, actor: &str) -> Result<ActorJudgment, StateError> {
        let query = sqlx::query(select!("WHERE tenant = $1 AND actor = $2"));
        let row = query.bind(tenant).bind(actor).fetch_optional(&self.pool).await?;
        row.as_ref().map_or_else(|| Ok(ActorJudgment::unjudged(actor)), ActorJudgment::from_row)
    }

    /// Judges an actor whose judgment has this version (0: none yet; any when `None`).
    pub async fn judge_actor(
        &self,
        tenant: &str,
        actor: &ActorRef,
        version: Option<i64>,
        decision: &ActorDecision,
        who: &str,
        now: Timestamp,
    ) -> Result<ActorJudgment, StateError> {
        let mut transaction = self.begin().await?;
        let query = sqlx::query(select!("WHERE tenant = $1 AND actor = $2"));
        let row = query.bind(tenant).bind(actor.id.as_str()).fetch_optional(&mut *transaction).await?;
        let mut judgment = match row {
            Some(row) => ActorJudgment::from_row(&row)?,
            None => ActorJudgment::unjudged(&actor.id),
        };
        if version.is_some_and(|version| version != judgment.version) {
            return Err(StateError::Conflict);
        }
        judgment.apply(actor, decision, who, now);
        write(&mut transaction, tenant, &judgment).await?;
        transaction.commit().await?;
        Ok(judgment)
    }

    /// Forgets the judgments of these actors and of whom the identifier names (`actor` with an id is one), those of their
    /// incidents, and what was said about these. Returns how many judgments went.
    pub async fn erase_subject(
        &self,
        tenant: &str,
        actors: &[String],
        identifier: &Identifier,
    ) -> Result<u64, StateError> {
        let is_meant = |actor: &ActorRef| {
            actors.contains(&actor.id)
                || (identifier.kind == "actor" && identifier.value == actor.id)
                || actor.identifiers.contains(identifier)
        };
        let judged = self.actor_judgments(tenant).await?;
        let persons: BTreeSet<String> =
            judged.into_iter().map(|one| one.actor).filter(is_meant).map(|actor| actor.id).collect();
        let mut incidents = self.incident_judgments(tenant).await?;
        incidents.retain(|one| is_meant(&one.actor));
        let mut transaction = self.begin().await?;
        for actor in &persons {
            let delete = sqlx::query("DELETE FROM actor_judgments WHERE tenant = $1 AND actor = $2");
            delete.bind(tenant).bind(actor.as_str()).execute(&mut *transaction).await?;
        }
        for judgment in &incidents {
            let delete = sqlx::query("DELETE FROM incident_judgments WHERE tenant = $1 AND incident = $2");
            delete.bind(tenant).bind(judgment.incident.as_str()).execute(&mut *transaction).await?;
            sqlx::query("DELETE FROM comments WHERE tenant = $1 AND subject = $2 AND finding = $3")
                .bind(tenant)
                .bind(Subject::Incident.name())
                .bind(judgment.incident.as_str())
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok((persons.len() + incidents.len()) as u64)
    }
}

/// Writes a judgment over its predecessor, which must still have the version before.
async fn write(
    transaction: &mut Transaction<'static, Any>,
    tenant: &str,
    judgment: &ActorJudgment,
) -> Result<(), StateError> {
    if judgment.version == 1 {
        let count = "SELECT COUNT(*) AS n FROM actor_judgments WHERE tenant = $1";
        require_room(transaction, count, tenant, "judgments of actors", ABUSE_JUDGMENTS_MAX).await?;
    }
    let statement = if judgment.version == 1 {
        "INSERT INTO actor_judgments (tenant, actor, identifiers, state, reason, until_at, updated_by, updated_at, \
         version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    } else {
        "UPDATE actor_judgments SET identifiers = $3, state = $4, reason = $5, until_at = $6, updated_by = $7, \
         updated_at = $8, version = $9 WHERE tenant = $1 AND actor = $2 AND version = $9 - 1"
    };
    let done = sqlx::query(statement)
        .bind(tenant)
        .bind(judgment.actor.id.as_str())
        .bind(json(&judgment.actor.identifiers))
        .bind(judgment.state.map(ActorState::name))
        .bind(judgment.reason.clone())
        .bind(judgment.until.map(|until| until.0))
        .bind(judgment.updated_by.as_str())
        .bind(judgment.updated_at.0)
        .bind(judgment.version)
        .execute(&mut **transaction)
        .await;
    require_written(done)
}
