//! What people decided about incidents, and what follows from it for the next ones.
//!
//! An incident is learned; here is its judgment, with what is needed when the incident is gone: a verdict is about the
//! kinds of its detections at the time, and teaches for as long as the judgment is kept.

use std::collections::BTreeMap;

use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};
use vedette_model::Timestamp;
use vedette_model::limits::{ABUSE_JUDGMENTS_MAX, JUDGMENT_IDENTIFIERS_MAX, NOTE_CHARACTERS_MAX};
use vedette_model::results::{ActorRef, Severity};

use super::triage::{require_room, require_written};
use super::{State, StateError};

/// Selects everything about judgments.
macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT incident, state, verdict, reason, owner, closed_at, actor, identifiers, title, severity, kinds, \
             updated_by, updated_at, version FROM incident_judgments ",
            $tail
        )
    };
}

/// Where an incident stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IncidentState {
    /// Nobody looked yet, or somebody does.
    Open,
    /// It was looked at, and what was to be done is done.
    Closed,
    /// It was closed, and more came.
    Reopened,
}

/// What an incident was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Abuse.
    True,
    /// No abuse: looking at it was a waste.
    False,
    /// As seen, and allowed.
    Expected,
}

/// An incident as whoever judges it sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IncidentSeen {
    /// The incident's id.
    pub incident: String,
    /// Who; at most [`JUDGMENT_IDENTIFIERS_MAX`] of what identifies them is kept.
    pub actor: ActorRef,
    /// In a few words.
    pub title: String,
    /// How bad.
    pub severity: Severity,
    /// Kinds of its detections.
    pub kinds: Vec<String>,
    /// Its newest detection.
    pub last_at: Option<Timestamp>,
}

/// What was decided about one incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentJudgment {
    /// The incident's id.
    pub incident: String,
    /// Where it stands.
    pub state: IncidentState,
    /// What it was, when somebody said so.
    pub verdict: Option<Verdict>,
    /// Why, in the decider's words.
    pub reason: Option<String>,
    /// Who takes care of it.
    pub owner: Option<String>,
    /// When it was closed last.
    pub closed_at: Option<Timestamp>,
    /// Who it is about.
    pub actor: ActorRef,
    /// Its title when it was judged.
    pub title: String,
    /// How bad it was when it was judged.
    pub severity: Severity,
    /// Kinds of detections that were judged, each with what was said of it.
    pub kinds: BTreeMap<String, Option<Verdict>>,
    /// Who changed it last; `vedette` for a reopening.
    pub updated_by: String,
    /// When.
    pub updated_at: Timestamp,
    /// Counts changes; for `If-Match`. 0 when there is no judgment.
    pub version: i64,
}

/// A decision; `None` leaves what is there, `Some(None)` takes it away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IncidentDecision {
    /// New state. To open takes back what was said.
    pub state: Option<IncidentState>,
    /// What it was.
    pub verdict: Option<Option<Verdict>>,
    /// New reason.
    pub reason: Option<Option<String>>,
    /// New owner.
    pub owner: Option<Option<String>>,
}

impl IncidentState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Open, Self::Closed, Self::Reopened];

    /// As it is written in the API and the state.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Reopened => "reopened",
        }
    }

    /// The state with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 3] = [Self::True, Self::False, Self::Expected];

    /// As it is written in the API and the state.
    pub fn name(self) -> &'static str {
        match self {
            Self::True => "true",
            Self::False => "false",
            Self::Expected => "expected",
        }
    }

    /// The verdict with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.name() == name)
    }
}

impl IncidentJudgment {
    /// The judgment of an incident that nobody judged.
    pub fn unjudged(incident: &str) -> Self {
        Self {
            incident: incident.to_owned(),
            state: IncidentState::Open,
            verdict: None,
            reason: None,
            owner: None,
            closed_at: None,
            actor: ActorRef::default(),
            title: String::new(),
            severity: Severity::Info,
            kinds: BTreeMap::new(),
            updated_by: String::new(),
            updated_at: Timestamp(0),
            version: 0,
        }
    }

    /// What is known of an incident that is no longer told.
    pub fn seen(&self) -> IncidentSeen {
        IncidentSeen {
            incident: self.incident.clone(),
            actor: self.actor.clone(),
            title: self.title.clone(),
            severity: self.severity,
            kinds: Vec::new(),
            last_at: None,
        }
    }

    /// Whether the closed incident must be looked at once more.
    ///
    /// Abuse that goes on is. What was no abuse stays closed, unless it got worse or does what was not judged: of a scraper
    /// that is a partner nobody said that it may read other people's orders.
    fn is_back(&self, seen: &IncidentSeen) -> bool {
        if self.state != IncidentState::Closed {
            return false;
        }
        match self.verdict {
            None | Some(Verdict::True) => seen.last_at.zip(self.closed_at).is_some_and(|(last, closed)| last > closed),
            Some(Verdict::False | Verdict::Expected) => {
                seen.severity > self.severity || seen.kinds.iter().any(|kind| !self.kinds.contains_key(kind))
            }
        }
    }

    fn apply(&mut self, seen: &IncidentSeen, decision: &IncidentDecision, who: &str, now: Timestamp) {
        let was_closed = self.state == IncidentState::Closed;
        match decision.state {
            Some(IncidentState::Open) => {
                (self.verdict, self.reason, self.closed_at) = (None, None, None);
                self.kinds.clear();
                self.state = IncidentState::Open;
            }
            Some(IncidentState::Reopened) => self.state = IncidentState::Reopened,
            Some(IncidentState::Closed) if !was_closed => {
                self.state = IncidentState::Closed;
                self.closed_at = Some(now);
                self.say(decision.verdict.flatten(), seen);
            }
            Some(IncidentState::Closed) | None => {
                if let Some(verdict) = decision.verdict {
                    // A change of mind is about all that the verdict before was about.
                    let before = self.verdict;
                    self.kinds.values_mut().filter(|said| **said == before).for_each(|said| *said = verdict);
                    self.say(verdict, seen);
                }
            }
        }
        if let Some(reason) = &decision.reason {
            self.reason.clone_from(reason);
        }
        if let Some(owner) = &decision.owner {
            self.owner.clone_from(owner);
        }
        // How it was when it was closed is what a later look is compared with.
        if !was_closed {
            // A name from the traffic may be in it: of any length, and with NUL, which PostgreSQL does not store.
            self.title = seen.title.chars().filter(|char| *char != '\0').take(NOTE_CHARACTERS_MAX).collect();
            self.severity = seen.severity;
            self.actor.clone_from(&seen.actor);
            self.actor.identifiers.truncate(JUDGMENT_IDENTIFIERS_MAX);
        }
        who.clone_into(&mut self.updated_by);
        self.updated_at = now;
        self.version += 1;
    }

    fn say(&mut self, verdict: Option<Verdict>, seen: &IncidentSeen) {
        self.verdict = verdict;
        self.kinds.extend(seen.kinds.iter().map(|kind| (kind.clone(), verdict)));
    }

    fn from_row(row: &AnyRow) -> Result<Self, StateError> {
        let malformed = StateError::Malformed("judgment of an incident");
        let text = |column: &str| row.try_get::<String, _>(column);
        let said = |name: &str| Verdict::parse(name);
        let kinds: BTreeMap<String, Option<String>> =
            serde_json::from_str(&text("kinds")?).map_err(|_| StateError::Malformed("kinds"))?;
        let identifiers = serde_json::from_str(&text("identifiers")?);
        Ok(Self {
            incident: text("incident")?,
            state: IncidentState::parse(&text("state")?).ok_or(malformed)?,
            verdict: row.try_get::<Option<String>, _>("verdict")?.as_deref().and_then(said),
            reason: row.try_get("reason")?,
            owner: row.try_get("owner")?,
            closed_at: row.try_get::<Option<i64>, _>("closed_at")?.map(Timestamp),
            actor: ActorRef {
                id: text("actor")?,
                identifiers: identifiers.map_err(|_| StateError::Malformed("identifiers"))?,
            },
            title: text("title")?,
            severity: severity(&text("severity")?)?,
            kinds: kinds.into_iter().map(|(kind, verdict)| (kind, verdict.as_deref().and_then(said))).collect(),
            updated_by: text("updated_by")?,
            updated_at: Timestamp(row.try_get("updated_at")?),
            version: row.try_get("version")?,
        })
    }
}

impl State {
    /// Every judgment of incidents of the tenant, by incident; at most [`ABUSE_JUDGMENTS_MAX`].
    pub async fn incident_judgments(&self, tenant: &str) -> Result<Vec<IncidentJudgment>, StateError> {
        let query = sqlx::query(select!("WHERE tenant = $1 ORDER BY incident"));
        let rows = query.bind(tenant).fetch_all(&self.pool).await?;
        rows.iter().map(IncidentJudgment::from_row).collect()
    }

    /// The judgment of one incident; [`IncidentJudgment::unjudged`] when there is none.
    pub async fn incident_judgment(&self, tenant: &str, incident: &str) -> Result<IncidentJudgment, StateError> {
        let query = sqlx::query(select!("WHERE tenant = $1 AND incident = $2"));
        let row = query.bind(tenant).bind(incident).fetch_optional(&self.pool).await?;
        row.as_ref().map_or_else(|| Ok(IncidentJudgment::unjudged(incident)), IncidentJudgment::from_row)
    }

    /// Judges an incident whose judgment has this version (0: none yet; any when `None`).
    pub async fn judge_incident(
        &self,
        tenant: &str,
        seen: &IncidentSeen,
        version: Option<i64>,
        decision: &IncidentDecision,
        who: &str,
        now: Timestamp,
    ) -> Result<IncidentJudgment, StateError> {
        let mut transaction = self.begin().await?;
        let query = sqlx::query(select!("WHERE tenant = $1 AND incident = $2"));
        let row = query.bind(tenant).bind(seen.incident.as_str()).fetch_optional(&mut *transaction).await?;
        let mut judgment = match row {
            Some(row) => IncidentJudgment::from_row(&row)?,
            None => IncidentJudgment::unjudged(&seen.incident),
        };
        if version.is_some_and(|version| version != judgment.version) {
            return Err(StateError::Conflict);
        }
        judgment.apply(seen, decision, who, now);
        write(&mut transaction, tenant, &judgment).await?;
        transaction.commit().await?;
        Ok(judgment)
    }

    /// Reopens, of the incidents just seen, the closed ones of which more came. Returns their ids.
    pub async fn reopen_incidents(
        &self,
        tenant: &str,
        seen: &[IncidentSeen],
        now: Timestamp,
    ) -> Result<Vec<String>, StateError> {
        let judged = self.incident_judgments(tenant).await?;
        let reopened = IncidentDecision { state: Some(IncidentState::Reopened), ..IncidentDecision::default() };
        let mut ids = Vec::new();
        for judgment in &judged {
            let Some(seen) = seen.iter().find(|one| one.incident == judgment.incident) else { continue };
            if !judgment.is_back(seen) {
                continue;
            }
            match self.judge_incident(tenant, seen, Some(judgment.version), &reopened, "vedette", now).await {
                Ok(_) => ids.push(judgment.incident.clone()),
                // Somebody judged it in between; what they said holds until it is seen once more.
                Err(StateError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(ids)
    }
}

fn severity(name: &str) -> Result<Severity, StateError> {
    let all = [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    all.into_iter().find(|severity| severity.id() == name).ok_or(StateError::Malformed("severity"))
}

/// Writes a judgment over its predecessor, which must still have the version before.
async fn write(
    transaction: &mut Transaction<'static, Any>,
    tenant: &str,
    judgment: &IncidentJudgment,
) -> Result<(), StateError> {
    if judgment.version == 1 {
        let count = "SELECT COUNT(*) AS n FROM incident_judgments WHERE tenant = $1";
        require_room(transaction, count, tenant, "judgments of incidents", ABUSE_JUDGMENTS_MAX).await?;
    }
    let statement = if judgment.version == 1 {
        "INSERT INTO incident_judgments (tenant, incident, state, verdict, reason, owner, closed_at, actor, \
         identifiers, title, severity, kinds, updated_by, updated_at, version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
    } else {
        "UPDATE incident_judgments SET state = $3, verdict = $4, reason = $5, owner = $6, closed_at = $7, actor = $8, \
         identifiers = $9, title = $10, severity = $11, kinds = $12, updated_by = $13, updated_at = $14, \
         version = $15 WHERE tenant = $1 AND incident = $2 AND version = $15 - 1"
    };
    let kinds: BTreeMap<&str, Option<&str>> =
        judgment.kinds.iter().map(|(kind, verdict)| (kind.as_str(), verdict.map(Verdict::name))).collect();
    let done = sqlx::query(statement)
        .bind(tenant)
        .bind(judgment.incident.as_str())
        .bind(judgment.state.name())
        .bind(judgment.verdict.map(Verdict::name))
        .bind(judgment.reason.clone())
        .bind(judgment.owner.clone())
        .bind(judgment.closed_at.map(|at| at.0))
        .bind(judgment.actor.id.as_str())
        .bind(json(&judgment.actor.identifiers))
        .bind(judgment.title.as_str())
        .bind(judgment.severity.id())
        .bind(json(&kinds))
        .bind(judgment.updated_by.as_str())
        .bind(judgment.updated_at.0)
        .bind(judgment.version)
        .execute(&mut **transaction)
        .await;
    require_written(done)
}

/// JSON text of what cannot fail to become some.
pub(super) fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
