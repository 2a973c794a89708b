//! What operators see of this program: metrics for Prometheus, spans for any OTLP collector.
//!
//! Labels of metrics and names of spans come from closed lists (route as in the OpenAPI document, status class): never a
//! path, an address or a name that a client chose.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing::Instrument as _;

mod export;
mod process;

pub use export::{Otlp, OtlpError, Traces};
pub use process::record as record_process;

/// Seconds of requests: from a cached list to the longest hunt.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0, 120.0];

/// How often the recorder folds what came in.
const UPKEEP_SECS: u64 = 5;

/// The process's recorder; made at the first call.
pub fn metrics() -> Option<&'static PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    HANDLE
        .get_or_init(|| PrometheusBuilder::new().set_buckets(&BUCKETS).ok()?.install_recorder().ok())
        .as_ref()
        .inspect(|_| describe())
}

fn describe() {
    static DESCRIBED: OnceLock<()> = OnceLock::new();
    DESCRIBED.get_or_init(|| {
        metrics::describe_counter!("vedette_http_requests_total", "Requests answered, by route and status class.");
        metrics::describe_histogram!("vedette_http_request_seconds", "Time until the answer began, by route.");
        metrics::describe_counter!("vedette_push_exchanges_total", "Exchanges pushed, by outcome.");
        metrics::describe_counter!("vedette_push_bytes_total", "Bytes pushed, after decompression.");
        metrics::describe_counter!("vedette_push_refused_requests_total", "Pushes refused whole, by reason.");
        metrics::describe_gauge!("vedette_endpoints", "Endpoints known.");
        metrics::describe_gauge!("vedette_services", "Services known.");
        metrics::describe_gauge!("vedette_findings", "Findings, by severity.");
        metrics::describe_gauge!("vedette_exchanges", "Exchanges learned from.");
        metrics::describe_gauge!("vedette_actors", "Distinct actors (estimate).");
        metrics::describe_gauge!("vedette_concluded_age_seconds", "Age of what the API shows.");
        metrics::describe_gauge!("vedette_feed_clients", "Live feeds open.");
        metrics::describe_gauge!("process_resident_memory_bytes", "Memory in use.");
        metrics::describe_gauge!("process_open_fds", "File descriptors in use.");
        metrics::describe_counter!("process_cpu_seconds_total", "Processor time used.");
        metrics::describe_gauge!("vedette_build_info", "1, with the version as label.");
    });
}

/// Keeps the recorder's memory flat; runs until it is dropped.
pub async fn keep_up() {
    let mut timer = tokio::time::interval(Duration::from_secs(UPKEEP_SECS));
    loop {
        timer.tick().await;
        if let Some(handle) = metrics() {
            handle.run_upkeep();
        }
    }
}

/// Counts and times each request, and makes it a span.
pub async fn observe(request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = method(request.method());
    // A 404 has no route; a scanner's paths must not become labels.
    let route =
        request.extensions().get::<MatchedPath>().map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let id = request.headers().get(crate::headers::REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    let span = tracing::info_span!(
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        http.response.status_code = tracing::field::Empty,
        request.id = id,
    );
    let response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    span.record("http.response.status_code", status.as_u16());
    tracing::debug!(parent: &span, elapsed_us = begun.elapsed().as_micros() as u64, "answered");
    metrics::counter!("vedette_http_requests_total", "method" => method, "route" => route.clone(), "status" => class(status))
        .increment(1);
    metrics::histogram!("vedette_http_request_seconds", "method" => method, "route" => route)
        .record(begun.elapsed().as_secs_f64());
    response
}

fn method(method: &axum::http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}
