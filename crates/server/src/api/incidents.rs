//! Incidents: detections of one actor or campaign, and what people decided about them.

use std::collections::{HashMap, HashSet};

use axum::Json;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vedette_ingest::wall_clock;
use vedette_model::results::{Incident, Results, Severity};
use vedette_store::state::{IncidentJudgment, IncidentState, Subject};

use self::judged::{Decision, Shown, State};
use super::Asking;
use super::comments::{self, CommentsDoc, NewComment, NewCommentDoc, SaidDoc};
use super::detections::endpoints_seen;
use crate::auth::Principal;
use crate::conditional::{self, Version};
use crate::extract::{Body, Id, Params};
use crate::feed::Kind as EventKind;
use crate::labels;
use crate::openapi::{Doc, query_parameters};
use crate::page::{self, Direction, Key, Order, Page};
use crate::problem::Problem;

mod judged;

// What utoipa takes for a type without parameters.
type DecisionDoc = Doc<Decision>;
type TriagedDoc = Doc<Triaged>;
type TriagedPageDoc = Doc<Page<Triaged>>;

/// Which incidents, worst first. Filters are joined by "and".
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IncidentQuery {
    /// Where the last page ended (`next_cursor`).
    cursor: Option<String>,
    /// Items of a page.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
    /// Only at least this bad.
    min_severity: Option<Severity>,
    /// Only where people put them.
    state: Option<State>,
    /// Only of this owner.
    owner: Option<String>,
}
query_parameters!(IncidentQuery);

/// An incident with what people decided about it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TriagedIncident")]
pub(crate) struct Triaged {
    #[serde(flatten)]
    incident: Incident,
    /// What people decided.
    triage: Shown,
}

impl IncidentQuery {
    fn admits(&self, incident: &Incident, judgment: Option<&IncidentJudgment>) -> bool {
        let state = judgment.map_or(IncidentState::Open, |judgment| judgment.state);
        let owner = judgment.and_then(|judgment| judgment.owner.as_deref());
        self.min_severity.is_none_or(|least| incident.severity >= least)
            && self.state.is_none_or(|wanted| wanted == state.into())
            && self.owner.as_ref().is_none_or(|wanted| owner.unwrap_or_default() == wanted)
    }
}

/// Detections that somebody sees; `None` for all.
fn detections_seen<'r>(who: &Principal, results: &'r Results) -> Option<HashSet<&'r str>> {
    let endpoints = endpoints_seen(who, results)?;
    let mine = results.detections.iter().filter(|one| endpoints.contains(one.endpoint.as_str()));
    Some(mine.map(|one| one.id.as_str()).collect())
}

/// An incident is seen by whoever sees all of it: its title speaks of all.
fn sees(mine: Option<&HashSet<&str>>, incident: &Incident) -> bool {
    mine.is_none_or(|mine| {
        !incident.detections.is_empty() && incident.detections.iter().all(|id| mine.contains(id.as_str()))
    })
}

/// What is left of a closed incident of which nothing is told any more.
fn remembered(judgment: &IncidentJudgment) -> Option<Incident> {
    (judgment.state == IncidentState::Closed).then(|| Incident {
        id: judgment.incident.clone(),
        title: judgment.title.clone(),
        severity: judgment.severity,
        actor: judgment.actor.clone(),
        ..Incident::default()
    })
}

/// List incidents
///
/// With what people decided about them, worst first. One that was closed stays listed when nothing of it is told any more,
/// without detections: so that what was said of it can be taken back.
#[utoipa::path(get, path = "/v1/incidents", tag = "Detections", params(IncidentQuery),
    responses((status = 200, description = "A page of incidents", body = inline(TriagedPageDoc))))]
pub(crate) async fn list(asking: Asking, Params(query): Params<IncidentQuery>) -> Result<Response, Problem> {
    let judgments = asking.app.state().incident_judgments(asking.tenant()).await?;
    let by_id: HashMap<&str, &IncidentJudgment> = judgments.iter().map(|one| (one.incident.as_str(), one)).collect();
    let view = asking.view();
    let incidents = &view.results.incidents;
    let told: HashSet<&str> = incidents.iter().map(|one| one.id.as_str()).collect();
    let gone = judgments.iter().filter(|one| !told.contains(one.incident.as_str()));
    let gone: Vec<Incident> = gone.filter_map(remembered).collect();
    let mine = detections_seen(&asking.who, &view.results);
    let judgment = |incident: &Incident| by_id.get(incident.id.as_str()).copied();
    let seen = incidents.iter().chain(&gone).filter(|one| sees(mine.as_ref(), one) && query.admits(one, judgment(one)));
    let order = Order { name: "severity", direction: Direction::Descending, key: &by_severity, id: &incident_id };
    let page = page::cut(seen, &order, query.cursor.as_deref(), query.limit)?;
    let page = page.map(|one| Triaged { incident: one.clone(), triage: Shown::of(judgment(one)) });
    Ok(Json(page).into_response())
}

fn by_severity(incident: &Incident) -> Key<'_> {
    Key::Number(incident.severity as i64)
}

fn incident_id(incident: &Incident) -> &str {
    &incident.id
}

/// Show an incident
#[utoipa::path(get, path = "/v1/incidents/{id}", tag = "Detections",
    params(("id" = String, Path, description = "The incident's id")),
    responses(
        (status = 200, description = "The incident", body = inline(TriagedDoc)),
        (status = 404, description = "No such incident"),
    ))]
pub(crate) async fn show(asking: Asking, Id(id): Id) -> Result<Response, Problem> {
    let judgment = asking.app.state().incident_judgment(asking.tenant(), &id).await?;
    let incident = find(&asking, &judgment)?;
    Ok(answer(incident, &judgment))
}

/// Judge an incident
///
/// Give it to somebody, close it for a reason and say what it was, or open it again. A merge patch (RFC 7396). `If-Match`
/// says which decision this one follows. A verdict is remembered for the kinds of detections that the incident has: what
/// was `false` or `expected` is not told of this actor again, and each `false` makes its kind more careful with everybody.
/// Opening takes that back.
#[utoipa::path(patch, path = "/v1/incidents/{id}", tag = "Detections",
    params(
        ("id" = String, Path, description = "The incident's id"),
        ("If-Match" = String, Header, description = "ETag of the incident, or `*`", example = "\"7\""),
    ),
    request_body(content(
        (inline(DecisionDoc) = "application/json"), (inline(DecisionDoc) = "application/merge-patch+json"))),
    responses(
        (status = 200, description = "The incident, judged", body = inline(TriagedDoc)),
        (status = 404, description = "No such incident"),
        (status = 412, description = "Somebody judged it meanwhile"),
        (status = 422, description = "The decision cannot be carried out"),
        (status = 428, description = "`If-Match` is missing"),
    ))]
pub(crate) async fn judge(
    asking: Asking,
    Id(id): Id,
    headers: HeaderMap,
    Body(decision): Body<Decision>,
) -> Result<Response, Problem> {
    let state = asking.app.state();
    let known = state.incident_judgment(asking.tenant(), &id).await?;
    let incident = find(&asking, &known)?;
    conditional::require_match(&headers, known.version.unsigned_abs())?;
    let decision = decision.checked(&known)?;
    let seen = {
        let view = asking.view();
        let told = view.results.incidents.iter().find(|one| one.id == id);
        told.map_or_else(|| known.seen(), |one| labels::seen(one, &labels::kinds(&view.results)))
    };
    let (who, now) = (asking.who.name.as_str(), wall_clock());
    let judgment = state.judge_incident(asking.tenant(), &seen, Some(known.version), &decision, who, now).await?;
    let told = serde_json::json!({
        "state": judgment.state.name(), "verdict": judgment.verdict.map(vedette_store::state::Verdict::name),
        "version": judgment.version,
    });
    asking.note("incident.judge", &id, &told).await?;
    labels::teach(&asking.app, asking.tenant()).await;
    let event = serde_json::json!({
        "id": id, "state": judgment.state.name(), "owner": judgment.owner, "updated_by": judgment.updated_by,
        "version": judgment.version,
    });
    asking.app.feed(asking.tenant()).publish(EventKind::Incident, Some(labels::OF_ALL), &event);
    Ok(answer(incident, &judgment))
}

/// List comments on an incident
#[utoipa::path(get, path = "/v1/incidents/{id}/comments", tag = "Detections",
    params(("id" = String, Path, description = "The incident's id")),
    responses(
        (status = 200, description = "All that was said, in order of time", body = inline(CommentsDoc)),
        (status = 404, description = "No such incident"),
    ))]
pub(crate) async fn comments(asking: Asking, Id(id): Id) -> Result<Response, Problem> {
    find(&asking, &asking.app.state().incident_judgment(asking.tenant(), &id).await?)?;
    comments::list(&asking, Subject::Incident, &id).await
}

/// Comment on an incident
#[utoipa::path(post, path = "/v1/incidents/{id}/comments", tag = "Detections",
    params(("id" = String, Path, description = "The incident's id")),
    request_body(content = inline(NewCommentDoc)),
    responses(
        (status = 201, description = "What was said", body = inline(SaidDoc)),
        (status = 404, description = "No such incident"),
        (status = 422, description = "It has as many comments as it may have"),
    ))]
pub(crate) async fn comment(asking: Asking, Id(id): Id, Body(new): Body<NewComment>) -> Result<Response, Problem> {
    find(&asking, &asking.app.state().incident_judgment(asking.tenant(), &id).await?)?;
    comments::add(&asking, (Subject::Incident, &id), &new, labels::OF_ALL).await
}

/// The incident that a judgment is of, if who asks may see it.
fn find(asking: &Asking, judgment: &IncidentJudgment) -> Result<Incident, Problem> {
    let view = asking.view();
    let mine = detections_seen(&asking.who, &view.results);
    let told = view.results.incidents.iter().find(|one| one.id == judgment.incident);
    let found = told.cloned().or_else(|| remembered(judgment));
    found.filter(|one| sees(mine.as_ref(), one)).ok_or_else(|| Problem::no_such("incident"))
}

fn answer(incident: Incident, judgment: &IncidentJudgment) -> Response {
    let version = judgment.version.unsigned_abs();
    let mut response = Json(Triaged { incident, triage: Shown::of(Some(judgment)) }).into_response();
    conditional::tag_version(&mut response, Version(version));
    response
}
