//! Detections: dated matches of abuse.

use std::collections::HashSet;

use axum::Json;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Deserialize;
use vedette_model::Timestamp;
use vedette_model::results::{Detection, Results, Severity};

use super::Asking;
use crate::auth::Principal;
use crate::extract::{Id, Params};
use crate::openapi::{Doc, query_parameters};
use crate::page::{self, Direction, Key, Order, Page};
use crate::problem::Problem;

// What utoipa takes for a type without parameters.
type DetectionDoc = Doc<Detection>;
type DetectionPageDoc = Doc<Page<Detection>>;

/// Which detections, newest first. Filters are joined by "and".
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DetectionQuery {
    /// Where the last page ended (`next_cursor`).
    cursor: Option<String>,
    /// Items of a page.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
    /// Only of this kind (`bola`).
    kind: Option<String>,
    /// Only of the actor with this id.
    actor: Option<String>,
    /// Only at the endpoint with this id.
    endpoint: Option<String>,
    /// Only at least this bad.
    min_severity: Option<Severity>,
    /// Only at this time or later.
    after: Option<Timestamp>,
}
query_parameters!(DetectionQuery);

/// Ids of the endpoints that somebody sees; `None` for all.
pub(super) fn endpoints_seen<'r>(who: &Principal, results: &'r Results) -> Option<HashSet<&'r str>> {
    who.restricted().then(|| {
        let mine = results.endpoints.iter().filter(|endpoint| who.sees(&endpoint.service));
        mine.map(|endpoint| endpoint.id.as_str()).collect()
    })
}

/// List detections
#[utoipa::path(get, path = "/v1/detections", tag = "Detections", params(DetectionQuery),
    responses((status = 200, description = "A page of detections", body = inline(DetectionPageDoc))))]
pub(crate) async fn list(asking: Asking, Params(query): Params<DetectionQuery>) -> Result<Response, Problem> {
    let view = asking.view();
    let mine = endpoints_seen(&asking.who, &view.results);
    let fits = |wanted: &Option<String>, value: &str| wanted.as_ref().is_none_or(|wanted| wanted == value);
    let seen = view.results.detections.iter().filter(|one| {
        mine.as_ref().is_none_or(|mine| mine.contains(one.endpoint.as_str()))
            && fits(&query.kind, &one.kind)
            && fits(&query.actor, &one.actor.id)
            && fits(&query.endpoint, &one.endpoint)
            && query.min_severity.is_none_or(|least| one.severity >= least)
            && query.after.is_none_or(|after| one.at.is_some_and(|at| at >= after))
    });
    // In a block of its own: the order borrows closures, which must not live across what follows.
    let page = {
        let order = Order { name: "at", direction: Direction::Descending, key: &by_time, id: &detection_id };
        page::cut(seen, &order, query.cursor.as_deref(), query.limit)?
    };
    asking.note_read("detection.list", "", page.items.len()).await?;
    Ok(Json(page).into_response())
}

fn by_time(detection: &Detection) -> Key<'_> {
    Key::Number(detection.at.map_or(i64::MIN, |at| at.0))
}

fn detection_id(detection: &Detection) -> &str {
    &detection.id
}

/// Show a detection
#[utoipa::path(get, path = "/v1/detections/{id}", tag = "Detections",
    params(("id" = String, Path, description = "The detection's id")),
    responses(
        (status = 200, description = "The detection", body = inline(DetectionDoc)),
        (status = 404, description = "No such detection"),
    ))]
pub(crate) async fn show(asking: Asking, Id(id): Id) -> Result<Response, Problem> {
    let view = asking.view();
    let mine = endpoints_seen(&asking.who, &view.results);
    let found = view.results.detections.iter().find(|one| one.id == id);
    let found = found.filter(|one| mine.as_ref().is_none_or(|mine| mine.contains(one.endpoint.as_str())));
    let found = found.ok_or_else(|| Problem::no_such("detection"))?;
    asking.note_read("detection.read", &id, 1).await?;
    Ok(Json(found).into_response())
}
