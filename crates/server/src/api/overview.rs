//! What a person sees first: totals, the worst, the newest, and what cannot be seen.

use std::collections::{BTreeMap, HashSet};

use axum::Json;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use vedette_ingest::wall_clock;
use vedette_model::Timestamp;
use vedette_model::results::{Fact, LogSnippet, Ownership, Results, Severity, Stats};
use vedette_store::state::{IncidentJudgment, IncidentState, TriageState};

use super::Asking;
use crate::openapi::Doc;
use crate::problem::Problem;

// What utoipa takes for a type without parameters.
type OverviewDoc = Doc<Overview>;

/// The state of things.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Overview {
    /// When what is shown was concluded from the traffic.
    concluded_at: Timestamp,
    /// Version of Vedette.
    version: &'static str,
    /// How many of each.
    counts: Counts,
    /// Findings that nobody accepted or resolved, by severity.
    open_findings: BTreeMap<Severity, u64>,
    /// Incidents that nobody closed.
    open_incidents: u64,
    /// Endpoints by the band of their risk: `low` below 34, `medium` below 67, `high`.
    risk_bands: RiskBands,
    /// Totals of the traffic. For somebody who sees only some services: of those, as far as they can be told apart.
    stats: Stats,
    /// What a source may tell, and which kinds of findings need it.
    facts: Vec<Fact>,
    /// Lines for the gateways whose logs tell too little.
    log_snippets: Vec<LogSnippet>,
    /// How files that name owners fit, when some were given.
    ownership: Option<Ownership>,
    /// Names of the sources in the order in which evidence counts them; empty for those who see only some services.
    source_names: Vec<String>,
    /// What is wrong with the server itself, in sentences.
    troubles: Vec<String>,
}

/// How many of each are known.
#[derive(Default, Serialize, JsonSchema)]
#[schemars(rename = "OverviewCounts")]
pub(crate) struct Counts {
    services: u64,
    endpoints: u64,
    findings: u64,
    detections: u64,
    incidents: u64,
    /// Distinct actors (estimate).
    actors: u64,
    sources: u64,
}

/// Endpoints by risk.
#[derive(Default, Serialize, JsonSchema)]
pub(crate) struct RiskBands {
    low: u64,
    medium: u64,
    high: u64,
}

/// Show the overview
#[utoipa::path(get, path = "/v1/overview", tag = "Overview",
    responses((status = 200, description = "The state of things", body = inline(OverviewDoc))))]
pub(crate) async fn show(asking: Asking) -> Result<Response, Problem> {
    let now = wall_clock();
    let judgments = asking.app.state().judgments(asking.tenant()).await?;
    let closed: HashSet<&str> = judgments
        .iter()
        .filter(|one| matches!(one.state_at(now), TriageState::Accepted | TriageState::Resolved))
        .map(|one| one.finding.as_str())
        .collect();
    let view = asking.view();
    let results = &view.results;
    let mut open_findings = BTreeMap::new();
    let findings = results.findings.iter().filter(|finding| asking.who.sees(&finding.service));
    let mut counts = Counts::default();
    for finding in findings {
        counts.findings += 1;
        if !closed.contains(finding.id.as_str()) {
            *open_findings.entry(finding.severity).or_default() += 1;
        }
    }
    let mut risk_bands = RiskBands::default();
    for endpoint in results.endpoints.iter().filter(|endpoint| asking.who.sees(&endpoint.service)) {
        counts.endpoints += 1;
        match endpoint.risk.score {
            0..34 => risk_bands.low += 1,
            34..67 => risk_bands.medium += 1,
            _ => risk_bands.high += 1,
        }
    }
    counts.services = results.services.iter().filter(|service| asking.who.sees(&service.name)).count() as u64;
    let restricted = asking.who.restricted();
    let mut open_incidents = 0;
    if !restricted {
        open_incidents = open_of(results, &asking.app.state().incident_judgments(asking.tenant()).await?);
        counts.detections = results.detections.len() as u64;
        counts.incidents = results.incidents.len() as u64;
        counts.actors = results.stats.actors;
        counts.sources = asking.node.sources().len() as u64;
    }
    let stats = if restricted { stats_of(results, &asking) } else { results.stats.clone() };
    let troubles = if restricted { Vec::new() } else { troubles(&asking) };
    let names = results.sources.iter().map(|source| source.name.clone());
    let source_names = if restricted { Vec::new() } else { names.collect() };
    let overview = Overview {
        concluded_at: view.concluded_at,
        version: env!("CARGO_PKG_VERSION"),
        counts,
        open_findings,
        open_incidents,
        risk_bands,
        stats,
        facts: results.facts.clone(),
        log_snippets: if restricted { Vec::new() } else { results.log_snippets.clone() },
        ownership: if restricted { None } else { results.ownership.clone() },
        source_names,
        troubles,
    };
    Ok(Json(overview).into_response())
}

/// Incidents that nobody closed.
fn open_of(results: &Results, judgments: &[IncidentJudgment]) -> u64 {
    let closed = judgments.iter().filter(|one| one.state == IncidentState::Closed);
    let closed: HashSet<&str> = closed.map(|one| one.incident.as_str()).collect();
    results.incidents.iter().filter(|one| !closed.contains(one.id.as_str())).count() as u64
}

/// Totals of the services that one sees.
fn stats_of(results: &Results, asking: &Asking) -> Stats {
    let mut stats = Stats::default();
    for endpoint in results.endpoints.iter().filter(|endpoint| asking.who.sees(&endpoint.service)) {
        stats.exchanges += endpoint.exchanges;
        *stats.methods.entry(endpoint.method.clone()).or_default() += endpoint.exchanges;
        for (status, count) in &endpoint.statuses {
            let class = status.chars().next().map_or_else(String::new, |first| format!("{first}xx"));
            *stats.statuses.entry(class).or_default() += count;
        }
        stats.first_seen = [stats.first_seen, endpoint.first_seen].into_iter().flatten().min();
        stats.last_seen = stats.last_seen.max(endpoint.last_seen);
    }
    stats
}

/// What is wrong with the node, for those who see all of it.
fn troubles(asking: &Asking) -> Vec<String> {
    let health = asking.node.health();
    let mut troubles = health.recovery;
    let parts = [
        ("the journal cannot be written", health.journal_trouble),
        ("the lake does not take rows", health.lake_trouble),
        ("no snapshot can be written", health.snapshot_trouble),
    ];
    troubles.extend(parts.into_iter().filter_map(|(what, why)| Some(format!("{what}: {}", why?))));
    troubles
}
