//! Findings: what is wrong, and what people decided about it.

#![expect(clippy::option_option, reason = "a merge patch tells leaving alone from taking away")]

use std::collections::HashMap;

use axum::Json;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use vedette_ingest::wall_clock;
use vedette_model::Timestamp;
use vedette_model::results::{Finding, Severity};
use vedette_store::state::{Judgment, Subject, Triage, TriageState};

use super::comments::{self, CommentsDoc, NewComment, NewCommentDoc, SaidDoc};
use super::{Asking, note};
use crate::conditional::{self, Version};
use crate::extract::{Body, Id, Params};
use crate::feed::Kind as EventKind;
use crate::openapi::{Doc, query_parameters};
use crate::page::{self, Direction, Key, Order, Page};
use crate::problem::{Kind, Problem};

// What utoipa takes for a type without parameters.
type DecisionDoc = Doc<Decision>;
type TriagedDoc = Doc<Triaged>;
type TriagedPageDoc = Doc<Page<Triaged>>;

/// Which findings, in which order. Filters are joined by "and".
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FindingQuery {
    /// Where the last page ended (`next_cursor`).
    cursor: Option<String>,
    /// Items of a page.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
    /// Order.
    sort: Option<FindingSort>,
    /// Only those whose title, kind or place holds this text, in any case.
    q: Option<String>,
    /// Only of the service with this name.
    service: Option<String>,
    /// Only of the endpoint with this id.
    endpoint: Option<String>,
    /// Only of this kind (`credential-in-url`).
    kind: Option<String>,
    /// Only at least this bad.
    min_severity: Option<Severity>,
    /// Only where people put them.
    state: Option<State>,
    /// Only of this owner.
    owner: Option<String>,
    /// Only with this OWASP category (`API2:2023`).
    owasp: Option<String>,
}
query_parameters!(FindingQuery);

/// Order of findings.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum FindingSort {
    /// Worst first.
    Severity,
    /// Latest shown first.
    LastSeen,
    /// Newest first.
    FirstSeen,
    /// Most often shown first.
    Occurrences,
}

/// Where a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "FindingState")]
pub(crate) enum State {
    /// Nobody decided yet, or somebody decided that it must be mended.
    Open,
    /// It stays as it is, for a reason and for a time.
    Accepted,
    /// It was mended.
    Resolved,
    /// It was mended or accepted, and is there again.
    Reopened,
}

/// What people decided about a finding.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Triage")]
pub(crate) struct Shown {
    /// Where it stands.
    state: State,
    /// Why, in the decider's words.
    reason: Option<String>,
    /// Until when it is accepted.
    until: Option<Timestamp>,
    /// Who takes care of it.
    owner: Option<String>,
    /// Who decided last; `vedette` when it was reopened because it was seen again.
    updated_by: Option<String>,
    /// When.
    updated_at: Option<Timestamp>,
    /// Counts decisions. `If-Match` takes the ETag of the finding, or this number in quotes.
    version: u64,
}

/// A finding with what people decided about it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TriagedFinding")]
pub(crate) struct Triaged {
    #[serde(flatten)]
    finding: Finding,
    /// What people decided.
    triage: Shown,
}

/// A decision. What is absent stays as it is; `null` takes it away.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decision {
    /// New state. To accept needs `reason` and `until`.
    state: Option<Settable>,
    /// Why.
    #[serde(default, deserialize_with = "present")]
    #[schemars(length(max = 4000))]
    reason: Option<Option<String>>,
    /// End of an acceptance: then the finding is open again.
    #[serde(default, deserialize_with = "present")]
    until: Option<Option<Timestamp>>,
    /// Who takes care of it.
    #[serde(default, deserialize_with = "present")]
    #[schemars(length(max = 200))]
    owner: Option<Option<String>>,
}

/// A state that people can set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Settable {
    /// It must be mended.
    Open,
    /// It stays as it is, for a reason and for a time.
    Accepted,
    /// It was mended. Seen again, it is reopened.
    Resolved,
}

/// Tells `null` from absent.
pub(super) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl From<TriageState> for State {
    fn from(state: TriageState) -> Self {
        match state {
            TriageState::Open => Self::Open,
            TriageState::Accepted => Self::Accepted,
            TriageState::Resolved => Self::Resolved,
            TriageState::Reopened => Self::Reopened,
        }
    }
}

impl Shown {
    fn of(triage: Option<&Triage>, now: Timestamp) -> Self {
        let judged = triage.filter(|triage| triage.version > 0);
        Self {
            state: triage.map_or(State::Open, |triage| triage.state_at(now).into()),
            reason: triage.and_then(|triage| triage.reason.clone()),
            until: triage.and_then(|triage| triage.until),
            owner: triage.and_then(|triage| triage.owner.clone()),
            updated_by: judged.map(|triage| triage.updated_by.clone()),
            updated_at: judged.map(|triage| triage.updated_at),
            version: triage.map_or(0, |triage| triage.version.unsigned_abs()),
        }
    }
}

impl FindingQuery {
    fn admits(&self, finding: &Finding, triage: Option<&Triage>, text: &str, now: Timestamp) -> bool {
        let fits = |wanted: &Option<String>, value: &str| wanted.as_ref().is_none_or(|wanted| wanted == value);
        let holds = |value: &str| value.to_lowercase().contains(text);
        let state = triage.map_or(State::Open, |triage| triage.state_at(now).into());
        let owner = triage.and_then(|triage| triage.owner.as_deref()).unwrap_or_default();
        fits(&self.service, &finding.service)
            && fits(&self.endpoint, &finding.endpoint)
            && fits(&self.kind, &finding.kind)
            && fits(&self.owner, owner)
            && self.state.is_none_or(|wanted| wanted == state)
            && self.min_severity.is_none_or(|least| finding.severity >= least)
            && self.owasp.as_ref().is_none_or(|wanted| finding.owasp.contains(wanted))
            && (text.is_empty() || holds(&finding.title) || holds(&finding.kind) || holds(&finding.place))
    }
}

/// List findings
///
/// Standing weaknesses with what people decided about them, worst first unless asked otherwise.
#[utoipa::path(get, path = "/v1/findings", tag = "Findings", params(FindingQuery),
    responses((status = 200, description = "A page of findings", body = inline(TriagedPageDoc))))]
pub(crate) async fn list(asking: Asking, Params(query): Params<FindingQuery>) -> Result<Response, Problem> {
    let judgments = asking.app.state().judgments(asking.tenant()).await?;
    let judgments: HashMap<&str, &Triage> = judgments.iter().map(|one| (one.finding.as_str(), one)).collect();
    let view = asking.view();
    let (text, now) = (query.q.as_deref().unwrap_or_default().to_lowercase(), wall_clock());
    let seen = view.results.findings.iter().filter(|finding| {
        let triage = judgments.get(finding.id.as_str()).copied();
        asking.who.sees(&finding.service) && query.admits(finding, triage, &text, now)
    });
    let time = |at: Option<Timestamp>| Key::Number(at.map_or(i64::MIN, |at| at.0));
    let by_severity = page::key_of(|finding: &Finding| Key::Number(finding.severity as i64));
    let by_last = page::key_of(|finding: &Finding| time(finding.last_seen));
    let by_first = page::key_of(|finding: &Finding| time(finding.first_seen));
    let by_count = page::key_of(|finding: &Finding| Key::Number(finding.occurrences.cast_signed()));
    let (name, key): (_, &dyn Fn(&Finding) -> Key<'_>) = match query.sort.unwrap_or(FindingSort::Severity) {
        FindingSort::Severity => ("severity", &by_severity),
        FindingSort::LastSeen => ("last-seen", &by_last),
        FindingSort::FirstSeen => ("first-seen", &by_first),
        FindingSort::Occurrences => ("occurrences", &by_count),
    };
    let order = Order { name, direction: Direction::Descending, key, id: &finding_id };
    let page = page::cut(seen, &order, query.cursor.as_deref(), query.limit)?.map(|finding| Triaged {
        finding: finding.clone(),
        triage: Shown::of(judgments.get(finding.id.as_str()).copied(), now),
    });
    Ok(Json(page).into_response())
}

fn finding_id(finding: &Finding) -> &str {
    &finding.id
}

/// Show a finding
#[utoipa::path(get, path = "/v1/findings/{id}", tag = "Findings",
    params(("id" = String, Path, description = "The finding's id")),
    responses(
        (status = 200, description = "The finding", body = inline(TriagedDoc)),
        (status = 404, description = "No such finding"),
    ))]
pub(crate) async fn show(asking: Asking, Id(id): Id) -> Result<Response, Problem> {
    let finding = find(&asking, &id)?;
    let triage = asking.app.state().judgment(asking.tenant(), &id).await?;
    Ok(answer(finding, &triage))
}

/// Judge a finding
///
/// Open, accept for a reason and for a time, resolve, or give it to somebody. A merge patch (RFC 7396). `If-Match` says
/// which decision this one follows, so that two people do not overwrite each other.
#[utoipa::path(patch, path = "/v1/findings/{id}", tag = "Findings",
    params(
        ("id" = String, Path, description = "The finding's id"),
        ("If-Match" = String, Header, description = "ETag of the finding, or `*`", example = "\"7\""),
    ),
    request_body(content(
        (inline(DecisionDoc) = "application/json"), (inline(DecisionDoc) = "application/merge-patch+json"))),
    responses(
        (status = 200, description = "The finding, judged", body = inline(TriagedDoc)),
        (status = 404, description = "No such finding"),
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
    let finding = find(&asking, &id)?;
    let state = asking.app.state();
    let known = state.judgment(asking.tenant(), &id).await?;
    conditional::require_match(&headers, known.version.unsigned_abs())?;
    let now = wall_clock();
    let longest = super::settings::value(&asking.app, asking.tenant(), "accept-days-max").await?;
    let judgment = decision.judgment(&known, now, longest)?;
    let who = asking.who.name.as_str();
    let triage = state.judge(asking.tenant(), &id, Some(known.version), &judgment, who, now).await?;
    asking
        .note("finding.judge", &id, &serde_json::json!({"state": triage.state.name(), "version": triage.version}))
        .await?;
    let event = serde_json::json!({
        "id": id, "state": triage.state.name(), "owner": triage.owner, "updated_by": triage.updated_by,
        "version": triage.version,
    });
    asking.app.feed(asking.tenant()).publish(EventKind::Finding, Some(&finding.service), &event);
    Ok(answer(finding, &triage))
}

impl Decision {
    fn judgment(self, known: &Triage, now: Timestamp, longest_days: u32) -> Result<Judgment, Problem> {
        let reason = note::patched(self.reason, |text| note::note("/reason", text))?;
        let owner = note::patched(self.owner, |name| note::name("/owner", name))?;
        let state = self.state.map(|state| match state {
            Settable::Open => TriageState::Open,
            Settable::Accepted => TriageState::Accepted,
            Settable::Resolved => TriageState::Resolved,
        });
        let accepted = state.unwrap_or(known.state) == TriageState::Accepted;
        if accepted {
            let why = reason.clone().unwrap_or_else(|| known.reason.clone());
            let until = self.until.unwrap_or(known.until);
            if why.is_none() {
                return Err(unprocessable("/reason", "an accepted finding needs a reason"));
            }
            let Some(until) = until else {
                return Err(unprocessable("/until", "an accepted finding needs an end"));
            };
            let last = Timestamp(now.0.saturating_add(i64::from(longest_days) * 86_400_000_000));
            if until <= now || until > last {
                return Err(unprocessable("/until", &format!("must be within the next {longest_days} days")));
            }
        } else if self.until.flatten().is_some() {
            return Err(unprocessable("/until", "only an accepted finding has an end"));
        }
        Ok(Judgment { state, reason, until: self.until, owner })
    }
}

pub(super) fn unprocessable(at: &str, message: &str) -> Problem {
    Problem::new(Kind::Unprocessable, message).fault(at, message)
}

/// List comments on a finding
#[utoipa::path(get, path = "/v1/findings/{id}/comments", tag = "Findings",
    params(("id" = String, Path, description = "The finding's id")),
    responses(
        (status = 200, description = "All that was said, in order of time", body = inline(CommentsDoc)),
        (status = 404, description = "No such finding"),
    ))]
pub(crate) async fn comments(asking: Asking, Id(id): Id) -> Result<Response, Problem> {
    find(&asking, &id)?;
    comments::list(&asking, Subject::Finding, &id).await
}

/// Comment on a finding
#[utoipa::path(post, path = "/v1/findings/{id}/comments", tag = "Findings",
    params(("id" = String, Path, description = "The finding's id")),
    request_body(content = inline(NewCommentDoc)),
    responses(
        (status = 201, description = "What was said", body = inline(SaidDoc)),
        (status = 404, description = "No such finding"),
        (status = 422, description = "It has as many comments as it may have"),
    ))]
pub(crate) async fn comment(asking: Asking, Id(id): Id, Body(new): Body<NewComment>) -> Result<Response, Problem> {
    let finding = find(&asking, &id)?;
    comments::add(&asking, (Subject::Finding, &id), &new, &finding.service).await
}

/// The finding, if who asks may see it.
fn find(asking: &Asking, id: &str) -> Result<Finding, Problem> {
    let view = asking.view();
    let finding = view.results.findings.iter().find(|finding| finding.id == id);
    let finding = finding.ok_or_else(|| Problem::no_such("finding"))?;
    asking.who.require_service(&finding.service, "finding")?;
    Ok(finding.clone())
}

fn answer(finding: Finding, triage: &Triage) -> Response {
    let version = triage.version.unsigned_abs();
    let mut response = Json(Triaged { finding, triage: Shown::of(Some(triage), wall_clock()) }).into_response();
    conditional::tag_version(&mut response, Version(version));
    response
}
