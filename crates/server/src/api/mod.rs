//! The resources, one file each.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;
use crate::auth::Principal;
use crate::node::{Node, View};
use crate::problem::{Kind, Problem};

mod abuse_cases;
mod actors;
mod changes;
mod classes;
mod comments;
mod compliance;
mod detections;
mod endpoints;
pub(crate) mod exchanges;
mod feed;
mod findings;
mod health;
mod hunts;
mod incidents;
mod note;
mod overview;
mod services;
pub(crate) mod settings;
mod sources;
mod specs;

/// Who asks, and the node of their tenant.
pub(crate) struct Asking {
    pub(crate) app: App,
    pub(crate) who: Principal,
    pub(crate) node: Arc<Node>,
}

impl Asking {
    /// What was concluded last.
    pub(crate) fn view(&self) -> Arc<View> {
        self.node.view()
    }

    pub(crate) fn tenant(&self) -> &str {
        &self.who.tenant
    }

    /// Notes a change in the audit log. What cannot be noted is not answered as done.
    pub(crate) async fn note(&self, action: &str, target: &str, detail: &Value) -> Result<(), Problem> {
        let detail = if detail.is_null() { String::new() } else { detail.to_string() };
        self.app.auth().audit(&self.who, action, target, detail).await
    }

    /// Notes that personal data was shown. What cannot be noted is not shown.
    pub(crate) async fn note_read(&self, action: &str, target: &str, items: usize) -> Result<(), Problem> {
        self.note(action, target, &serde_json::json!({ "items": items })).await
    }
}

impl FromRequestParts<App> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let who = Principal::from_request_parts(parts, app).await?;
        let Some(node) = app.node(&who.tenant) else {
            return Err(Problem::new(Kind::Unavailable, "the tenant is not ready yet").retry_after_secs(5));
        };
        Ok(Self { app: app.clone(), who, node })
    }
}

/// Every resource, with its part of the OpenAPI document.
pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(health::metrics))
        .routes(routes!(exchanges::push))
        .routes(routes!(overview::show))
        .routes(routes!(sources::list))
        .routes(routes!(sources::show))
        .routes(routes!(services::list))
        .routes(routes!(services::show))
        .routes(routes!(services::openapi))
        .routes(routes!(endpoints::list))
        .routes(routes!(endpoints::show))
        .routes(routes!(changes::of_endpoint))
        .routes(routes!(findings::list))
        .routes(routes!(findings::show, findings::judge))
        .routes(routes!(findings::comments, findings::comment))
        .routes(routes!(detections::list))
        .routes(routes!(detections::show))
        .routes(routes!(incidents::list))
        .routes(routes!(incidents::show, incidents::judge))
        .routes(routes!(incidents::comments, incidents::comment))
        .routes(routes!(abuse_cases::list))
        .routes(routes!(actors::list))
        .routes(routes!(actors::show, actors::judge))
        .routes(routes!(changes::list))
        .routes(routes!(compliance::show))
        .routes(routes!(hunts::tables))
        .routes(routes!(hunts::list, hunts::create))
        .routes(routes!(hunts::show, hunts::replace, hunts::delete))
        .routes(routes!(hunts::running))
        .routes(routes!(hunts::run))
        .routes(routes!(hunts::cancel))
        .routes(routes!(specs::list, specs::create))
        .routes(routes!(specs::show, specs::replace, specs::delete))
        .routes(routes!(specs::versions))
        .routes(routes!(specs::document))
        .routes(routes!(specs::conformance))
        .routes(routes!(classes::list))
        .routes(routes!(classes::replace, classes::delete))
        .routes(routes!(settings::list))
        .routes(routes!(settings::show, settings::replace))
        .routes(routes!(feed::listen))
}
