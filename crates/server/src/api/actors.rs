//! Actors: who called, and what people decided about them. Names and addresses are personal data: every read is noted in
//! the audit log.

use std::collections::{HashMap, HashSet};

use axum::Json;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vedette_ingest::wall_clock;
use vedette_model::results::{Actor, ActorRef, Results};
use vedette_store::state::ActorJudgment;

use self::judged::{Decision, Shown, State};
use super::Asking;
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

/// Which actors, in which order. Filters are joined by "and".
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActorQuery {
    /// Where the last page ended (`next_cursor`).
    cursor: Option<String>,
    /// Items of a page.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
    /// Order.
    sort: Option<ActorSort>,
    /// Only those with an identifier or agent that holds this text, in any case.
    q: Option<String>,
    /// Only of this kind.
    kind: Option<ActorKind>,
    /// Only of whom people decided this.
    state: Option<State>,
}
query_parameters!(ActorQuery);

/// An actor with what people decided about it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TriagedActor")]
pub(crate) struct Triaged {
    #[serde(flatten)]
    actor: Actor,
    /// What people decided.
    triage: Shown,
}

/// Order of actors.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum ActorSort {
    /// Busiest first.
    Exchanges,
    /// Most errors first.
    Errors,
    /// Widest use first.
    Endpoints,
    /// Latest seen first.
    LastSeen,
}

/// By what an actor is told from others.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum ActorKind {
    /// A name that authentication tells.
    User,
    /// A client or key.
    Client,
    /// A session.
    Session,
    /// A token of which no more is known.
    Token,
    /// Nothing but an address.
    Address,
}

impl ActorKind {
    fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Client => "client",
            Self::Session => "session",
            Self::Token => "token",
            Self::Address => "address",
        }
    }
}

impl ActorQuery {
    fn admits(&self, actor: &Actor, text: &str) -> bool {
        let holds = |value: &str| value.to_lowercase().contains(text);
        self.kind.is_none_or(|kind| kind.name() == actor.kind)
            && (text.is_empty()
                || holds(&actor.id)
                || actor.agent.as_deref().is_some_and(holds)
                || actor.identifiers.iter().any(|identifier| holds(&identifier.value)))
    }
}

/// List actors
///
/// The most active callers with what people decided about them, busiest first unless asked otherwise. Whom people decided
/// about stays listed when it is not among the most active ones any more, by what is known of who it is, without counts.
#[utoipa::path(get, path = "/v1/actors", tag = "Actors", params(ActorQuery),
    responses((status = 200, description = "A page of actors", body = inline(TriagedPageDoc))))]
pub(crate) async fn list(asking: Asking, Params(query): Params<ActorQuery>) -> Result<Response, Problem> {
    let judgments = asking.app.state().actor_judgments(asking.tenant()).await?;
    let by_id: HashMap<&str, &ActorJudgment> = judgments.iter().map(|one| (one.actor.id.as_str(), one)).collect();
    let view = asking.view();
    let (text, now) = (query.q.as_deref().unwrap_or_default().to_lowercase(), wall_clock());
    let shown = |actor: &Actor| Shown::of(by_id.get(actor.id.as_str()).copied(), now);
    let listed: HashSet<&str> = view.results.actors.iter().map(|actor| actor.id.as_str()).collect();
    let others = judgments.iter().filter(|one| one.state_at(now).is_some() && !listed.contains(one.actor.id.as_str()));
    let others: Vec<Actor> = others.map(|one| named(&one.actor)).collect();
    let seen = view.results.actors.iter().chain(&others).filter(|actor| {
        query.admits(actor, &text) && query.state.is_none_or(|wanted| shown(actor).state() == Some(wanted))
    });
    let sort = query.sort.unwrap_or(ActorSort::Exchanges);
    let key = page::key_of(|actor: &Actor| {
        Key::Number(match sort {
            ActorSort::Exchanges => actor.exchanges.cast_signed(),
            ActorSort::Errors => actor.errors.cast_signed(),
            ActorSort::Endpoints => actor.endpoints.cast_signed(),
            ActorSort::LastSeen => actor.last_seen.map_or(i64::MIN, |at| at.0),
        })
    });
    let name = match sort {
        ActorSort::Exchanges => "exchanges",
        ActorSort::Errors => "errors",
        ActorSort::Endpoints => "endpoints",
        ActorSort::LastSeen => "last-seen",
    };
    // In a block of its own: the order borrows closures, which must not live across what follows.
    let page = {
        let order = Order { name, direction: Direction::Descending, key: &key, id: &actor_id };
        page::cut(seen, &order, query.cursor.as_deref(), query.limit)?
    };
    let page = page.map(|actor| Triaged { actor: actor.clone(), triage: shown(actor) });
    asking.note_read("actor.list", &text, page.items.len()).await?;
    Ok(Json(page).into_response())
}

fn actor_id(actor: &Actor) -> &str {
    &actor.id
}

/// Show an actor
#[utoipa::path(get, path = "/v1/actors/{id}", tag = "Actors",
    params(("id" = String, Path, description = "The actor's id")),
    responses(
        (status = 200, description = "The actor", body = inline(TriagedDoc)),
        (status = 404, description = "No such actor: it is neither among the most active ones, nor in an incident or decided about"),
    ))]
pub(crate) async fn show(asking: Asking, Id(id): Id) -> Result<Response, Problem> {
    let judgment = asking.app.state().actor_judgment(asking.tenant(), &id).await?;
    let actor = find(&asking.view().results, &judgment)?;
    asking.note_read("actor.read", &id, 1).await?;
    Ok(answer(actor, &judgment))
}

/// Judge an actor
///
/// Watch, suspend, allow or deny it, or take that back. A merge patch (RFC 7396). `If-Match` says which decision this one
/// follows. Of whom is allowed no detection is told. The other states are for people: Vedette blocks nobody by them.
#[utoipa::path(patch, path = "/v1/actors/{id}", tag = "Actors",
    params(
        ("id" = String, Path, description = "The actor's id"),
        ("If-Match" = String, Header, description = "ETag of the actor, or `*`", example = "\"7\""),
    ),
    request_body(content(
        (inline(DecisionDoc) = "application/json"), (inline(DecisionDoc) = "application/merge-patch+json"))),
    responses(
        (status = 200, description = "The actor, judged", body = inline(TriagedDoc)),
        (status = 404, description = "No such actor"),
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
    let known = state.actor_judgment(asking.tenant(), &id).await?;
    let actor = find(&asking.view().results, &known)?;
    conditional::require_match(&headers, known.version.unsigned_abs())?;
    let now = wall_clock();
    let decision = decision.checked(&known, now)?;
    let about = ActorRef { id: id.clone(), identifiers: actor.identifiers.clone() };
    let who = asking.who.name.as_str();
    let judgment = state.judge_actor(asking.tenant(), &about, Some(known.version), &decision, who, now).await?;
    let name = judgment.state.map(vedette_store::state::ActorState::name);
    asking.note("actor.judge", &id, &serde_json::json!({"state": name, "version": judgment.version})).await?;
    labels::teach(&asking.app, asking.tenant()).await;
    let event = serde_json::json!({
        "id": id, "state": name, "updated_by": judgment.updated_by, "version": judgment.version,
    });
    asking.app.feed(asking.tenant()).publish(EventKind::Actor, Some(labels::OF_ALL), &event);
    Ok(answer(actor, &judgment))
}

/// The actor that a judgment is of: among the most active ones, by a detection, or by what was decided before.
fn find(results: &Results, judgment: &ActorJudgment) -> Result<Actor, Problem> {
    let id = &judgment.actor.id;
    if let Some(actor) = results.actors.iter().find(|actor| actor.id == *id) {
        return Ok(actor.clone());
    }
    let detected = results.incidents.iter().map(|incident| &incident.actor).find(|actor| actor.id == *id);
    let known = detected.or_else(|| (judgment.version > 0).then_some(&judgment.actor));
    known.map(named).ok_or_else(|| Problem::no_such("actor"))
}

/// An actor of whom only is known who it is.
fn named(actor: &ActorRef) -> Actor {
    let kind = actor.identifiers.first().map_or("", |identifier| match identifier.kind.as_str() {
        "ip" => "address",
        kind => kind,
    });
    Actor { id: actor.id.clone(), kind: kind.to_owned(), identifiers: actor.identifiers.clone(), ..Actor::default() }
}

fn answer(actor: Actor, judgment: &ActorJudgment) -> Response {
    let version = judgment.version.unsigned_abs();
    let triage = Shown::of(Some(judgment), wall_clock());
    let mut response = Json(Triaged { actor, triage }).into_response();
    conditional::tag_version(&mut response, Version(version));
    response
}
