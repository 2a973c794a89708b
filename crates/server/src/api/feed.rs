//! `GET /v1/feed`: the live feed as server-sent events.

use std::time::Duration;

use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response, Sse};
use futures::StreamExt as _;
use schemars::JsonSchema;
use serde::Deserialize;
use vedette_ingest::wall_clock;
use vedette_model::limits::FEED_CLIENTS_MAX;

use super::Asking;
use crate::auth::{Principal, session};
use crate::extract::Params;
use crate::openapi::query_parameters;
use crate::problem::{Kind, Problem};
use crate::{App, feed};

/// How often an idle stream says that it lives, and its login is looked at.
const BEAT: Duration = Duration::from_secs(15);

/// Where to go on.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeedQuery {
    /// Id of the last event that was read, for clients that cannot set `Last-Event-ID`.
    last_event_id: Option<String>,
}
query_parameters!(FeedQuery);

/// Listen to the live feed
///
/// Server-sent events: `stats`, `concluded` (lists have changed), `change` (of the inventory), `finding` (came, went or was
/// judged), `incident` and `actor` (were judged), `source`. A client that comes back gets what it missed, or `reset` when that is gone: then read again what is
/// shown. `dropped` tells a client that it read too slowly, `ended` that the login is over; after both the stream ends.
#[utoipa::path(get, path = "/v1/feed", tag = "Overview", params(FeedQuery,
        ("Last-Event-ID" = Option<String>, Header, description = "Id of the last event that was read")),
    responses(
        (status = 200, description = "Events until the client leaves", content_type = "text/event-stream", body = String),
    ))]
pub(crate) async fn listen(
    asking: Asking,
    headers: HeaderMap,
    Params(query): Params<FeedQuery>,
) -> Result<Response, Problem> {
    let feed = asking.app.feed(asking.tenant());
    let Some(place) = feed.enter(FEED_CLIENTS_MAX) else {
        return Err(Problem::new(Kind::TooManyRequests, "too many live feeds are open").retry_after_secs(30));
    };
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).or(query.last_event_id.as_deref());
    let subscription = feed.subscribe(last);
    let (app, who) = (asking.app.clone(), asking.who.clone());
    let still_allowed = move || {
        let (app, who) = (app.clone(), who.clone());
        async move { still_valid(&app, &who).await }
    };
    let events = feed::stream(subscription, asking.who, BEAT, still_allowed);
    // The place is given back when the stream is dropped.
    let events = events.map(move |event| {
        let _held = &place;
        event
    });
    Ok(Sse::new(events).into_response())
}

/// Whether a login or token still stands. When the state cannot say, it stands until it can.
async fn still_valid(app: &App, who: &Principal) -> bool {
    let now = wall_clock();
    if who.expires_at.is_some_and(|end| end <= now) {
        return false;
    }
    match &who.session {
        Some(hash) => match app.state().session(hash).await {
            Ok(found) => found.is_some_and(|found| !session::is_over(&found, now)),
            Err(_) => true,
        },
        None => match app.state().tokens(&who.tenant).await {
            Ok(tokens) => tokens.iter().any(|token| token.id == who.id),
            Err(_) => true,
        },
    }
}
