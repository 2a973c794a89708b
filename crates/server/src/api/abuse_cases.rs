//! Abuse cases: what each business function would be abused for, and who would notice.

use axum::Json;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Deserialize;
use vedette_model::results::{AbuseCase, Severity};

use super::Asking;
use crate::extract::Params;
use crate::openapi::{Doc, query_parameters};
use crate::page::{self, Direction, Key, Order, Page};
use crate::problem::Problem;

// What utoipa takes for a type without parameters.
type AbuseCasePageDoc = Doc<Page<AbuseCase>>;

/// Which abuse cases, worst first.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AbuseCaseQuery {
    /// Where the last page ended (`next_cursor`).
    cursor: Option<String>,
    /// Items of a page.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
    /// Only of this service.
    service: Option<String>,
    /// Only at least this bad.
    min_severity: Option<Severity>,
}
query_parameters!(AbuseCaseQuery);

/// List abuse cases
///
/// Each business function of each service: who uses it, what could be lost, what watches it and what does not.
#[utoipa::path(get, path = "/v1/abuse-cases", tag = "Detections", params(AbuseCaseQuery),
    responses((status = 200, description = "A page of abuse cases", body = inline(AbuseCasePageDoc))))]
pub(crate) async fn list(asking: Asking, Params(query): Params<AbuseCaseQuery>) -> Result<Response, Problem> {
    let view = asking.view();
    let seen = view.results.abuse_cases.iter().filter(|case| {
        asking.who.sees(&case.service)
            && query.service.as_ref().is_none_or(|service| *service == case.service)
            && query.min_severity.is_none_or(|least| case.severity >= least)
    });
    let order = Order { name: "severity", direction: Direction::Descending, key: &by_severity, id: &case_id };
    let page = page::cut(seen, &order, query.cursor.as_deref(), query.limit)?;
    Ok(Json(page).into_response())
}

/// By severity, and within one by risk, which is at most 100.
fn by_severity(case: &AbuseCase) -> Key<'_> {
    Key::Number(case.severity as i64 * 1_000 + i64::from(case.risk))
}

fn case_id(case: &AbuseCase) -> &str {
    &case.id
}
