//! The change feed of the inventory: what is new, in the order in which it was noticed.

use axum::Json;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vedette_model::limits::{PAGE_ITEMS, PAGE_ITEMS_MAX};
use vedette_model::results::{Change, ChangeKind};

use super::{Asking, endpoints};
use crate::extract::{Id, Params};
use crate::openapi::{Doc, query_parameters};
use crate::problem::Problem;

// What utoipa takes for a type without parameters.
type ChangesDoc = Doc<Changes>;

/// Pages that are looked through for changes that one may see and that fit, before the client is given what there is.
const PAGES_READ_MAX: usize = 20;

/// Which changes, newest first. Filters are joined by "and".
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeQuery {
    /// Where the last page ended (`next_cursor`).
    cursor: Option<String>,
    /// Items of a page.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
    /// Only of this kind.
    kind: Option<ChangeKind>,
    /// Only of the service with this name.
    service: Option<String>,
}
query_parameters!(ChangeQuery);

/// Which changes of an endpoint.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndpointChangeQuery {
    /// Items, the newest.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}
query_parameters!(EndpointChangeQuery);

/// A change with its place in the feed.
#[derive(Serialize, JsonSchema)]
pub(crate) struct NumberedChange {
    /// Its number: the next change's is one more.
    number: u64,
    #[serde(flatten)]
    change: Change,
}

/// Some changes.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Changes {
    /// Newest first.
    items: Vec<NumberedChange>,
    /// Gives the next page; absent when there are no older ones. A page may be empty and have a next one: what the
    /// filters leave out is looked through in steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// List changes
///
/// New endpoints, parameters and data classes, changed authentication, findings that came and went; newest first.
#[utoipa::path(get, path = "/v1/changes", tag = "Inventory", params(ChangeQuery),
    responses((status = 200, description = "A page of changes", body = inline(ChangesDoc))))]
pub(crate) async fn list(asking: Asking, Params(query): Params<ChangeQuery>) -> Result<Response, Problem> {
    let limit = limit(query.limit)?;
    let mut before = match query.cursor.as_deref() {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| Problem::invalid("cursor", "is not one that this server gave"))?),
    };
    let mut items = Vec::new();
    let mut more = true;
    for _ in 0..PAGES_READ_MAX {
        let state = asking.app.state();
        let read = state.changes_before(asking.tenant(), before, PAGE_ITEMS_MAX).await?;
        more = read.len() == PAGE_ITEMS_MAX as usize;
        for stored in read {
            if items.len() == limit {
                more = true;
                break;
            }
            before = Some(stored.seq);
            let Some(change) = visible(&asking, &stored.change) else { continue };
            let fits = query.kind.is_none_or(|kind| kind == change.kind)
                && query.service.as_ref().is_none_or(|service| *service == change.service);
            if fits {
                items.push(NumberedChange { number: stored.seq, change });
            }
        }
        if items.len() == limit || !more {
            break;
        }
    }
    let next_cursor = before.filter(|_| more).map(|number| number.to_string());
    Ok(Json(Changes { items, next_cursor }).into_response())
}

/// List changes of an endpoint
#[utoipa::path(get, path = "/v1/endpoints/{id}/changes", tag = "Inventory",
    params(("id" = String, Path, description = "The endpoint's id"), EndpointChangeQuery),
    responses(
        (status = 200, description = "Its changes", body = inline(ChangesDoc)),
        (status = 404, description = "No such endpoint"),
    ))]
pub(crate) async fn of_endpoint(
    asking: Asking,
    Id(id): Id,
    Params(query): Params<EndpointChangeQuery>,
) -> Result<Response, Problem> {
    endpoints::find(&asking, &asking.view().results.endpoints, &id)?;
    let limit = limit(query.limit)?;
    let state = asking.app.state();
    let read = state.changes_of_endpoint(asking.tenant(), &id, limit as u32).await?;
    let items = read
        .into_iter()
        .filter_map(|stored| Some(NumberedChange { number: stored.seq, change: visible(&asking, &stored.change)? }));
    Ok(Json(Changes { items: items.collect(), next_cursor: None }).into_response())
}

/// The change, if who asks may see it. One that stands for others of all services is for those who see all.
fn visible(asking: &Asking, stored: &vedette_store::state::NewChange) -> Option<Change> {
    if !asking.who.sees(&stored.service) {
        return None;
    }
    serde_json::from_str(&stored.detail).ok()
}

fn limit(wanted: Option<u32>) -> Result<usize, Problem> {
    match wanted.unwrap_or(PAGE_ITEMS) {
        0 => Err(Problem::invalid("limit", "must be at least 1")),
        limit if limit > PAGE_ITEMS_MAX => Err(Problem::invalid("limit", format!("may be at most {PAGE_ITEMS_MAX}"))),
        limit => Ok(limit as usize),
    }
}
