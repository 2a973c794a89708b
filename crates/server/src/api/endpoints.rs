//! Endpoints: the inventory.

use std::borrow::Cow;
use std::collections::BTreeMap;

use axum::Json;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Deserialize;
use vedette_model::Timestamp;
use vedette_model::results::Endpoint;

use super::Asking;
use crate::extract::{Id, Params};
use crate::openapi::{Doc, query_parameters};
use crate::page::{self, Direction, Key, Order, Page};
use crate::problem::Problem;

// What utoipa takes for a type without parameters.
type EndpointDoc = Doc<Endpoint>;
type EndpointPageDoc = Doc<Page<Endpoint>>;

/// Which endpoints, in which order. Filters are joined by "and".
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndpointQuery {
    /// Where the last page ended (`next_cursor`).
    cursor: Option<String>,
    /// Items of a page.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
    /// Order.
    sort: Option<EndpointSort>,
    /// Only those whose method, template or service holds this text, in any case.
    q: Option<String>,
    /// Only of the service with this name.
    service: Option<String>,
    /// Only with this HTTP method.
    method: Option<String>,
    /// Only of this kind (`api`, `page`, `static`, `graphql`, …).
    kind: Option<String>,
    /// Only reachable so.
    exposure: Option<Exposure>,
    /// Only where this authentication is in use (`none`, `bearer`, …).
    authentication: Option<String>,
    /// Only where this data class is in motion, on either side.
    class: Option<String>,
    /// Only with a risk score of at least this.
    #[schemars(range(min = 0, max = 100))]
    min_risk: Option<u8>,
    /// Only deprecated ones, or only others.
    deprecated: Option<bool>,
    /// Only those first seen at this time or later.
    first_seen_after: Option<Timestamp>,
}
query_parameters!(EndpointQuery);

/// Order of endpoints.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum EndpointSort {
    /// Riskiest first.
    Risk,
    /// Busiest first.
    Exchanges,
    /// By template.
    Template,
    /// Newest first.
    FirstSeen,
    /// Latest used first.
    LastSeen,
}

/// How an endpoint can be reached.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Exposure {
    /// From anywhere.
    Public,
    /// From a company's network.
    Private,
    /// From other services.
    Internal,
}

impl Exposure {
    fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::Internal => "internal",
        }
    }
}

impl EndpointQuery {
    fn admits(&self, endpoint: &Endpoint, text: &str) -> bool {
        let fits = |wanted: &Option<String>, value: &str| wanted.as_ref().is_none_or(|wanted| wanted == value);
        let holds = |value: &str| value.to_lowercase().contains(text);
        let classes = &endpoint.data_classes;
        fits(&self.service, &endpoint.service)
            && fits(&self.method, &endpoint.method)
            && fits(&self.kind, &endpoint.kind)
            && self.exposure.is_none_or(|wanted| wanted.name() == endpoint.exposure)
            && self.min_risk.is_none_or(|least| endpoint.risk.score >= least)
            && self.deprecated.is_none_or(|wanted| wanted == endpoint.deprecated)
            && self.first_seen_after.is_none_or(|after| endpoint.first_seen.is_some_and(|seen| seen >= after))
            && self.authentication.as_ref().is_none_or(|wanted| endpoint.authentication.contains(wanted))
            && self
                .class
                .as_ref()
                .is_none_or(|class| classes.request.contains(class) || classes.response.contains(class))
            && (text.is_empty() || holds(&endpoint.template) || holds(&endpoint.method) || holds(&endpoint.service))
    }
}

/// List endpoints
///
/// The inventory, riskiest first unless asked otherwise. Items are without fields, schemas, callers and samples: show one
/// for all of it.
#[utoipa::path(get, path = "/v1/endpoints", tag = "Inventory", params(EndpointQuery),
    responses((status = 200, description = "A page of endpoints", body = inline(EndpointPageDoc))))]
pub(crate) async fn list(asking: Asking, Params(query): Params<EndpointQuery>) -> Result<Response, Problem> {
    if query.min_risk.is_some_and(|score| score > 100) {
        return Err(Problem::invalid("min_risk", "may be at most 100"));
    }
    let view = asking.view();
    let text = query.q.as_deref().unwrap_or_default().to_lowercase();
    let seen = view
        .results
        .endpoints
        .iter()
        .filter(|endpoint| asking.who.sees(&endpoint.service) && query.admits(endpoint, &text));
    let time = |at: Option<Timestamp>| Key::Number(at.map_or(i64::MIN, |at| at.0));
    let by_risk = page::key_of(|endpoint: &Endpoint| Key::Number(i64::from(endpoint.risk.score)));
    let by_count = page::key_of(|endpoint: &Endpoint| Key::Number(endpoint.exchanges as i64));
    let by_first = page::key_of(|endpoint: &Endpoint| time(endpoint.first_seen));
    let by_last = page::key_of(|endpoint: &Endpoint| time(endpoint.last_seen));
    let (name, direction, key): (_, _, &dyn Fn(&Endpoint) -> Key<'_>) = match query.sort.unwrap_or(EndpointSort::Risk) {
        EndpointSort::Risk => ("risk", Direction::Descending, &by_risk),
        EndpointSort::Exchanges => ("exchanges", Direction::Descending, &by_count),
        EndpointSort::Template => ("template", Direction::Ascending, &by_template),
        EndpointSort::FirstSeen => ("first-seen", Direction::Descending, &by_first),
        EndpointSort::LastSeen => ("last-seen", Direction::Descending, &by_last),
    };
    let order = Order { name, direction, key, id: &endpoint_id };
    let page = page::cut(seen, &order, query.cursor.as_deref(), query.limit)?.map(light);
    Ok(Json(page).into_response())
}

fn by_template(endpoint: &Endpoint) -> Key<'_> {
    Key::Text(Cow::Borrowed(&endpoint.template))
}

fn endpoint_id(endpoint: &Endpoint) -> &str {
    &endpoint.id
}

/// Show an endpoint
///
/// With its parameters and body fields, schemas, callers and samples.
#[utoipa::path(get, path = "/v1/endpoints/{id}", tag = "Inventory",
    params(("id" = String, Path, description = "The endpoint's id")),
    responses(
        (status = 200, description = "The endpoint", body = inline(EndpointDoc)),
        (status = 404, description = "No such endpoint"),
    ))]
pub(crate) async fn show(asking: Asking, Id(id): Id) -> Result<Response, Problem> {
    let view = asking.view();
    Ok(Json(find(&asking, &view.results.endpoints, &id)?).into_response())
}

/// The endpoint with this id, if who asks may see it.
pub(super) fn find<'v>(asking: &Asking, endpoints: &'v [Endpoint], id: &str) -> Result<&'v Endpoint, Problem> {
    let endpoint = endpoints.iter().find(|endpoint| endpoint.id == id).ok_or_else(|| Problem::no_such("endpoint"))?;
    asking.who.require_service(&endpoint.service, "endpoint")?;
    Ok(endpoint)
}

/// What a list shows of an endpoint: all but what takes most of its size.
fn light(endpoint: &Endpoint) -> Endpoint {
    Endpoint {
        id: endpoint.id.clone(),
        service: endpoint.service.clone(),
        method: endpoint.method.clone(),
        template: endpoint.template.clone(),
        kind: endpoint.kind.clone(),
        function: endpoint.function.clone(),
        exchanges: endpoint.exchanges,
        first_seen: endpoint.first_seen,
        last_seen: endpoint.last_seen,
        statuses: endpoint.statuses.clone(),
        actors: endpoint.actors,
        authentication: endpoint.authentication.clone(),
        authentication_details: Vec::new(),
        data_classes: endpoint.data_classes.clone(),
        risk: endpoint.risk.clone(),
        exposure: endpoint.exposure.clone(),
        deprecated: endpoint.deprecated,
        version: endpoint.version.clone(),
        confidence: endpoint.confidence,
        template_reasons: Vec::new(),
        fields: Vec::new(),
        request_schema: None,
        response_schemas: BTreeMap::new(),
        request_content_types: endpoint.request_content_types.clone(),
        response_content_types: endpoint.response_content_types.clone(),
        latency_ms: endpoint.latency_ms,
        response_bytes: endpoint.response_bytes,
        request_bytes: endpoint.request_bytes,
        timeline: endpoint.timeline.clone(),
        callers: Vec::new(),
        samples: Vec::new(),
        findings: endpoint.findings.clone(),
        protocol: endpoint.protocol.clone(),
        operation: endpoint.operation.clone(),
        owner: endpoint.owner.clone(),
    }
}
