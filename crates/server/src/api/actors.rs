//! Actors: who called. Names and addresses are personal data: every read is noted in the audit log.

use axum::Json;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Deserialize;
use vedette_model::results::Actor;

use super::Asking;
use crate::extract::{Id, Params};
use crate::openapi::{Doc, query_parameters};
use crate::page::{self, Direction, Key, Order, Page};
use crate::problem::Problem;

// What utoipa takes for a type without parameters.
type ActorDoc = Doc<Actor>;
type ActorPageDoc = Doc<Page<Actor>>;

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
}
query_parameters!(ActorQuery);

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

/// List actors
///
/// The most active callers, busiest first unless asked otherwise.
#[utoipa::path(get, path = "/v1/actors", tag = "Actors", params(ActorQuery),
    responses((status = 200, description = "A page of actors", body = inline(ActorPageDoc))))]
pub(crate) async fn list(asking: Asking, Params(query): Params<ActorQuery>) -> Result<Response, Problem> {
    let view = asking.view();
    let text = query.q.as_deref().unwrap_or_default().to_lowercase();
    let holds = |value: &str| value.to_lowercase().contains(&text);
    let seen = view.results.actors.iter().filter(|actor| {
        query.kind.is_none_or(|kind| kind.name() == actor.kind)
            && (text.is_empty()
                || holds(&actor.id)
                || actor.agent.as_deref().is_some_and(holds)
                || actor.identifiers.iter().any(|identifier| holds(&identifier.value)))
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
        (status = 200, description = "The actor", body = inline(ActorDoc)),
        (status = 404, description = "No such actor, or it is not among the most active ones"),
    ))]
pub(crate) async fn show(asking: Asking, Id(id): Id) -> Result<Response, Problem> {
    let view = asking.view();
    let actor = view.results.actors.iter().find(|actor| actor.id == id).ok_or_else(|| Problem::no_such("actor"))?;
    asking.note_read("actor.read", &id, 1).await?;
    Ok(Json(actor).into_response())
}
