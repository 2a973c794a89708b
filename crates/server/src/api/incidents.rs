//! Incidents: detections of one actor or campaign.

use std::collections::HashSet;

use axum::Json;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Deserialize;
use vedette_model::results::{Incident, Results, Severity};

use super::Asking;
use super::detections::endpoints_seen;
use crate::auth::Principal;
use crate::extract::{Id, Params};
use crate::openapi::{Doc, query_parameters};
use crate::page::{self, Direction, Key, Order, Page};
use crate::problem::Problem;

// What utoipa takes for a type without parameters.
type IncidentDoc = Doc<Incident>;
type IncidentPageDoc = Doc<Page<Incident>>;

/// Which incidents, worst first.
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
}
query_parameters!(IncidentQuery);

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

/// List incidents
#[utoipa::path(get, path = "/v1/incidents", tag = "Detections", params(IncidentQuery),
    responses((status = 200, description = "A page of incidents", body = inline(IncidentPageDoc))))]
pub(crate) async fn list(asking: Asking, Params(query): Params<IncidentQuery>) -> Result<Response, Problem> {
    let view = asking.view();
    let mine = detections_seen(&asking.who, &view.results);
    let seen = view
        .results
        .incidents
        .iter()
        .filter(|one| sees(mine.as_ref(), one) && query.min_severity.is_none_or(|least| one.severity >= least));
    let order = Order { name: "severity", direction: Direction::Descending, key: &by_severity, id: &incident_id };
    let page = page::cut(seen, &order, query.cursor.as_deref(), query.limit)?;
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
        (status = 200, description = "The incident", body = inline(IncidentDoc)),
        (status = 404, description = "No such incident"),
    ))]
pub(crate) async fn show(asking: Asking, Id(id): Id) -> Result<Response, Problem> {
    let view = asking.view();
    let mine = detections_seen(&asking.who, &view.results);
    let found = view.results.incidents.iter().find(|one| one.id == id && sees(mine.as_ref(), one));
    Ok(Json(found.ok_or_else(|| Problem::no_such("incident"))?).into_response())
}
