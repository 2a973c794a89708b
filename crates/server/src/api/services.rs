//! Services, and what was learned of each as OpenAPI.

use std::borrow::Cow;

use axum::Json;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Deserialize;
use vedette_model::results::Service;

use super::Asking;
use crate::extract::{Id, Params};
use crate::openapi::{Doc, query_parameters};
use crate::page::{self, Direction, Key, Order, Page};
use crate::problem::{Kind, Problem};

// What utoipa takes for a type without parameters.
type ServiceDoc = Doc<Service>;
type ServicePageDoc = Doc<Page<Service>>;

/// Which services, in which order.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceQuery {
    /// Where the last page ended (`next_cursor`).
    cursor: Option<String>,
    /// Items of a page.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
    /// Only services whose name holds this text, in any case.
    q: Option<String>,
    /// Order.
    sort: Option<ServiceSort>,
}
query_parameters!(ServiceQuery);

/// Order of services.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum ServiceSort {
    /// Busiest first.
    Exchanges,
    /// By name.
    Name,
    /// Newest first.
    FirstSeen,
}

/// List services
///
/// API hosts and applications that were observed; busiest first unless asked otherwise.
#[utoipa::path(get, path = "/v1/services", tag = "Inventory", params(ServiceQuery),
    responses((status = 200, description = "A page of services", body = inline(ServicePageDoc))))]
pub(crate) async fn list(asking: Asking, Params(query): Params<ServiceQuery>) -> Result<Response, Problem> {
    let view = asking.view();
    let text = query.q.as_deref().unwrap_or_default().to_lowercase();
    let seen = view.results.services.iter().filter(|service| {
        asking.who.sees(&service.name) && (text.is_empty() || service.name.to_lowercase().contains(&text))
    });
    let by_count = page::key_of(|service: &Service| Key::Number(service.exchanges as i64));
    let by_time = page::key_of(|service: &Service| Key::Number(service.first_seen.map_or(i64::MIN, |at| at.0)));
    let order = match query.sort.unwrap_or(ServiceSort::Exchanges) {
        ServiceSort::Exchanges => order("exchanges", Direction::Descending, &by_count),
        ServiceSort::FirstSeen => order("first-seen", Direction::Descending, &by_time),
        ServiceSort::Name => order("name", Direction::Ascending, &by_name),
    };
    let page = page::cut(seen, &order, query.cursor.as_deref(), query.limit)?;
    Ok(Json(page).into_response())
}

fn order<'o>(name: &'static str, direction: Direction, key: &'o dyn Fn(&Service) -> Key<'_>) -> Order<'o, Service> {
    Order { name, direction, key, id: &service_id }
}

fn by_name(service: &Service) -> Key<'_> {
    Key::Text(Cow::Borrowed(&service.name))
}

fn service_id(service: &Service) -> &str {
    &service.id
}

/// Show a service
#[utoipa::path(get, path = "/v1/services/{id}", tag = "Inventory",
    params(("id" = String, Path, description = "The service's id")),
    responses(
        (status = 200, description = "The service", body = inline(ServiceDoc)),
        (status = 404, description = "No such service"),
    ))]
pub(crate) async fn show(asking: Asking, Id(id): Id) -> Result<Response, Problem> {
    let view = asking.view();
    let service = find(&asking, &view.results.services, &id)?;
    Ok(Json(service).into_response())
}

/// Export a service as OpenAPI
///
/// What was learned of the service as an OpenAPI 3.1 document. Examples in it are made up: no value of the traffic is in
/// there.
#[utoipa::path(get, path = "/v1/services/{id}/openapi", tag = "Inventory",
    params(("id" = String, Path, description = "The service's id")),
    responses(
        (status = 200, description = "An OpenAPI 3.1 document", body = serde_json::Value),
        (status = 404, description = "No such service, or no API endpoint of it was seen"),
    ))]
pub(crate) async fn openapi(asking: Asking, Id(id): Id) -> Result<Response, Problem> {
    let view = asking.view();
    find(&asking, &view.results.services, &id)?;
    // Milliseconds for a large service: not on a worker of the runtime.
    let work = tokio::task::spawn_blocking(move || {
        let service = view.results.services.iter().find(|service| service.id == id)?;
        serde_json::to_vec(&vedette_engine::openapi::export(&view.results, service)?).ok()
    });
    match work.await {
        Ok(Some(document)) => Ok(([(CONTENT_TYPE, "application/json")], document).into_response()),
        Ok(None) => Err(Problem::new(Kind::NotFound, "no API endpoint of this service was seen")),
        Err(error) => Err(Problem::internal(&error)),
    }
}

fn find<'v>(asking: &Asking, services: &'v [Service], id: &str) -> Result<&'v Service, Problem> {
    let service = services.iter().find(|service| service.id == id).ok_or_else(|| Problem::no_such("service"))?;
    asking.who.require_service(&service.name, "service")?;
    Ok(service)
}
