//! What people said of incidents and actors, on its way to the engine.
//!
//! A verdict on an incident is a label for each kind of detection that it was said of; an actor that is allowed is expected
//! in everything. The labels are made of the judgments alone, so they live when the incident is gone, and end when the
//! judgment is taken back.

use std::collections::{BTreeSet, HashMap};

use vedette_engine::labels::{Label, Verdict as Taught};
use vedette_ingest::wall_clock;
use vedette_model::Timestamp;
use vedette_model::results::{Incident, Results};
use vedette_store::state::{ActorState, IncidentSeen, State, StateError, Verdict};

use crate::App;

/// Service that stands for all of them: the feed tells such an event to those who see everything.
pub(crate) const OF_ALL: &str = "";

/// All labels of a tenant as of now.
///
/// # Errors
/// When the state cannot be read.
pub async fn of(state: &State, tenant: &str, now: Timestamp) -> Result<Vec<Label>, StateError> {
    let mut labels = Vec::new();
    for judgment in state.incident_judgments(tenant).await? {
        labels.extend(judgment.kinds.iter().filter_map(|(kind, verdict)| {
            let verdict = match (*verdict)? {
                Verdict::True => Taught::True,
                Verdict::False => Taught::False,
                Verdict::Expected => Taught::Expected,
            };
            Some(Label { actor: judgment.actor.id.clone(), kind: kind.clone(), verdict })
        }));
    }
    let allowed = state.actor_judgments(tenant).await?;
    let allowed = allowed.into_iter().filter(|one| one.state_at(now) == Some(ActorState::Allowed));
    labels.extend(allowed.map(|one| Label { actor: one.actor.id, kind: "*".to_owned(), verdict: Taught::Expected }));
    Ok(labels)
}

/// Tells the node of a tenant what people said by now. A state that does not answer is asked again at the next occasion.
pub(crate) async fn teach(app: &App, tenant: &str) {
    let Some(node) = app.node(tenant) else { return };
    match of(app.state(), tenant, wall_clock()).await {
        Ok(labels) => node.set_labels(labels),
        Err(error) => tracing::warn!(%error, tenant, "what people said of incidents could not be read"),
    }
}

/// An incident as its judgment needs it.
pub(crate) fn seen(incident: &Incident, kinds: &HashMap<&str, &str>) -> IncidentSeen {
    let kinds: BTreeSet<&str> = incident.detections.iter().filter_map(|id| kinds.get(id.as_str()).copied()).collect();
    IncidentSeen {
        incident: incident.id.clone(),
        actor: incident.actor.clone(),
        title: incident.title.clone(),
        severity: incident.severity,
        kinds: kinds.into_iter().map(str::to_owned).collect(),
        last_at: incident.last_at,
    }
}

/// Kinds of all detections by id.
pub(crate) fn kinds(results: &Results) -> HashMap<&str, &str> {
    results.detections.iter().map(|one| (one.id.as_str(), one.kind.as_str())).collect()
}
