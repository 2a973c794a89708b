//! `endpoints`: the inventory.

use vedette_model::results::{Endpoint, Results};

use super::{Cell, Column, Kind, Rows, Sheet, Table, column};

pub(super) const TABLE: Table = Table {
    name: "endpoints",
    about: "One row per endpoint that was observed: service, method and path template, with what was learned of it.",
    example: "select service, endpoint, risk, risk_reasons from endpoints\n\
              where array_has(authentication, 'none') and exposure = 'public' order by risk desc",
    columns: COLUMNS,
    rows: Rows::Learned(rows),
};

const COLUMNS: &[Column] = &[
    column("id", Kind::Text, "stable id"),
    column("service", Kind::Text, "name of the service"),
    column("method", Kind::Text, "HTTP method"),
    column("template", Kind::Text, "path template (`/v1/users/{userId}`)"),
    column("endpoint", Kind::Text, "method and template, as in `exchanges.endpoint`"),
    column("kind", Kind::Text, "`api`, `page`, `static`, `graphql`, `json-rpc`, `mcp-tool`, `grpc`, …"),
    column("function", Kind::Text, "what it seems to be for (`login`, `payment`), null when its path does not say"),
    column("exchanges", Kind::Integer, "exchanges observed"),
    column("errors", Kind::Integer, "of them with a status of 400 or more"),
    column("actors", Kind::Integer, "distinct actors (estimate)"),
    column("authentication", Kind::Texts, "authentication in use; more than one means mixed"),
    column("request_classes", Kind::Texts, "data classes in requests"),
    column("response_classes", Kind::Texts, "data classes in responses"),
    column("risk", Kind::Integer, "risk, 0 to 100"),
    column("risk_reasons", Kind::Texts, "why, heaviest first"),
    column("exposure", Kind::Text, "`public`, `private` or `internal`"),
    column("deprecated", Kind::Flag, "declared or announced as deprecated"),
    column("version", Kind::Text, "version in path or header (`v1`)"),
    column("declared", Kind::Flag, "a specification declares it; false when no specification was given"),
    column("confidence", Kind::Number, "how sure the template is, 0 to 1"),
    column("latency_p50_ms", Kind::Number, "median time to answer in milliseconds"),
    column("latency_p95_ms", Kind::Number, "95th percentile of it"),
    column("latency_p99_ms", Kind::Number, "99th percentile of it"),
    column("response_bytes_p50", Kind::Number, "median size of responses in bytes"),
    column("response_bytes_max", Kind::Number, "largest response in bytes"),
    column("findings", Kind::Integer, "findings about it"),
    column("owner", Kind::Text, "team or person"),
    column("first_seen_at", Kind::Time, "first exchange"),
    column("last_seen_at", Kind::Time, "last exchange"),
];

fn rows(results: &Results, sheet: &mut Sheet) {
    for endpoint in &results.endpoints {
        row(endpoint, sheet);
    }
}

fn row(endpoint: &Endpoint, sheet: &mut Sheet) {
    let name = name(endpoint);
    let reasons: Vec<String> = endpoint.risk.reasons.iter().map(|reason| reason.text.clone()).collect();
    let latency = endpoint.latency_ms.as_ref();
    let size = endpoint.response_bytes.as_ref();
    sheet.row(&[
        Cell::Text(&endpoint.id),
        Cell::Text(&endpoint.service),
        Cell::Text(&endpoint.method),
        Cell::Text(&endpoint.template),
        Cell::Text(&name),
        Cell::Text(&endpoint.kind),
        Cell::MaybeText(endpoint.function.as_deref()),
        Cell::Integer(endpoint.exchanges),
        Cell::Integer(errors(endpoint)),
        Cell::Integer(endpoint.actors),
        Cell::Texts(&endpoint.authentication),
        Cell::Texts(&endpoint.data_classes.request),
        Cell::Texts(&endpoint.data_classes.response),
        Cell::Integer(u64::from(endpoint.risk.score)),
        Cell::Texts(&reasons),
        Cell::Text(&endpoint.exposure),
        Cell::Flag(endpoint.deprecated),
        Cell::MaybeText(endpoint.version.as_deref()),
        Cell::Flag(endpoint.operation.is_some()),
        Cell::Number(endpoint.confidence),
        Cell::MaybeNumber(latency.map(|d| d.p50)),
        Cell::MaybeNumber(latency.map(|d| d.p95)),
        Cell::MaybeNumber(latency.map(|d| d.p99)),
        Cell::MaybeNumber(size.map(|d| d.p50)),
        Cell::MaybeNumber(size.map(|d| d.max)),
        Cell::Integer(endpoint.findings.len() as u64),
        Cell::MaybeText(endpoint.owner.as_ref().map(|owner| owner.name.as_str())),
        Cell::Time(endpoint.first_seen),
        Cell::Time(endpoint.last_seen),
    ]);
}

/// Method and template, as the lake names an endpoint.
pub(super) fn name(endpoint: &Endpoint) -> String {
    format!("{} {}", endpoint.method, endpoint.template)
}

fn errors(endpoint: &Endpoint) -> u64 {
    let failed = endpoint.statuses.iter().filter(|(status, _)| status.parse::<u16>().is_ok_and(|status| status >= 400));
    failed.map(|(_, count)| count).sum()
}
