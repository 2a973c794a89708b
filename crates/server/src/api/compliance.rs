//! Findings seen from standards and laws.

use axum::Json;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use vedette_model::results::Framework;

use super::Asking;
use crate::openapi::Doc;
use crate::problem::Problem;

// What utoipa takes for a type without parameters.
type FrameworksDoc = Doc<Frameworks<'static>>;

/// All frameworks.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Frameworks<'v> {
    /// In a fixed order.
    items: &'v [Framework],
}

/// Show compliance
///
/// Each framework with its requirements, and which findings touch them.
#[utoipa::path(get, path = "/v1/compliance", tag = "Findings",
    responses((status = 200, description = "The frameworks", body = inline(FrameworksDoc))))]
pub(crate) async fn show(asking: Asking) -> Result<Response, Problem> {
    let view = asking.view();
    Ok(Json(Frameworks { items: &view.results.compliance }).into_response())
}
