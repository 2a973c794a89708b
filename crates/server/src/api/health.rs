//! Whether the server lives, is ready, and how it does.

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use vedette_model::results::Severity;

use crate::App;
use crate::openapi::Doc;
use crate::problem::{Kind, Problem};
use crate::telemetry;

// What utoipa takes for a type without parameters.
type LiveDoc = Doc<Live>;
type ReadyDoc = Doc<Ready>;

/// That the server lives.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Live {
    /// Always `ok`.
    status: &'static str,
    /// Version of Vedette.
    version: &'static str,
}

/// That the server takes traffic.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Ready {
    /// `ready`, or `degraded` when traffic is taken and something else is wrong.
    status: &'static str,
    /// What is wrong, in sentences.
    troubles: Vec<String>,
}

/// The server lives
///
/// For the check that restarts a process that hangs. Says nothing of its data.
#[utoipa::path(get, path = "/health", tag = "Operation",
    responses((status = 200, description = "It lives", body = inline(LiveDoc))))]
pub(crate) async fn live() -> Json<Live> {
    Json(Live { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

/// The server takes traffic
///
/// 503 while tenants are being opened, and while the journal cannot be written: then traffic would be refused.
#[utoipa::path(get, path = "/ready", tag = "Operation",
    responses((status = 200, description = "It takes traffic", body = inline(ReadyDoc))))]
pub(crate) async fn ready(State(app): State<App>) -> Result<Json<Ready>, Problem> {
    let nodes = app.nodes();
    if nodes.is_empty() {
        return Err(Problem::new(Kind::Unavailable, "no tenant is open yet").retry_after_secs(1));
    }
    let mut troubles = Vec::new();
    for (_, node) in &nodes {
        let health = node.health();
        if health.journal_trouble.is_some() {
            // What exactly is in the log: this route answers anybody.
            return Err(Problem::new(Kind::Unavailable, "the journal cannot be written").retry_after_secs(5));
        }
        troubles.extend(health.lake_trouble.map(|_| "the lake does not take rows".to_owned()));
        troubles.extend(health.snapshot_trouble.map(|_| "no snapshot can be written".to_owned()));
    }
    let status = if troubles.is_empty() { "ready" } else { "degraded" };
    Ok(Json(Ready { status, troubles }))
}

/// Metrics for Prometheus
///
/// Text format 0.0.4. Labels are closed lists. Clients on loopback need no token unless configured otherwise.
#[utoipa::path(get, path = "/metrics", tag = "Operation",
    responses((status = 200, description = "The metrics", body = String, content_type = "text/plain")))]
pub(crate) async fn metrics(State(app): State<App>) -> Result<Response, Problem> {
    let handle = telemetry::metrics().ok_or_else(|| Problem::bare(Kind::Unavailable))?;
    telemetry::record_process();
    record(&app);
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render()).into_response())
}

/// What is known, over all tenants: a tenant is no closed list.
fn record(app: &App) {
    let (mut services, mut endpoints, mut exchanges, mut actors) = (0, 0, 0, 0);
    let mut findings = [0_usize; 5];
    let (mut journal_bytes, mut rows_waiting) = (0, 0);
    let mut oldest = 0.0_f64;
    let now = vedette_ingest::wall_clock();
    for (_, node) in app.nodes() {
        let view = node.view();
        services += view.results.services.len();
        endpoints += view.results.endpoints.len();
        exchanges += view.results.stats.exchanges;
        actors += view.results.stats.actors;
        for finding in &view.results.findings {
            if let Some(count) = findings.get_mut(finding.severity as usize) {
                *count += 1;
            }
        }
        let health = node.health();
        journal_bytes += health.journal_bytes;
        rows_waiting += health.rows_waiting;
        oldest = oldest.max((now.0 - view.concluded_at.0) as f64 / 1e6);
    }
    metrics::gauge!("vedette_services").set(services as f64);
    metrics::gauge!("vedette_endpoints").set(endpoints as f64);
    metrics::gauge!("vedette_exchanges").set(exchanges as f64);
    metrics::gauge!("vedette_actors").set(actors as f64);
    metrics::gauge!("vedette_journal_bytes").set(journal_bytes as f64);
    metrics::gauge!("vedette_lake_rows_waiting").set(rows_waiting as f64);
    metrics::gauge!("vedette_concluded_age_seconds").set(oldest);
    for severity in [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical] {
        let count = findings.get(severity as usize).copied().unwrap_or_default();
        metrics::gauge!("vedette_findings", "severity" => severity.id()).set(count as f64);
    }
}
