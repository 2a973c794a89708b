//! Operations behind one path (GraphQL, JSON-RPC, MCP, SOAP), which OpenAPI cannot say.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};
use vedette_model::results::Endpoint;

use super::schema;

/// One operation of `x-vedette-protocols`.
#[derive(Debug, Serialize)]
pub(super) struct Behind {
    operation: String,
    kind: String,
    exchanges: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Value>,
    /// Of the first status of success.
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<Value>,
}

/// The operations by `METHOD path`.
pub(super) fn listed(behind: &[&Endpoint]) -> BTreeMap<String, Vec<Behind>> {
    let mut out: BTreeMap<String, Vec<Behind>> = BTreeMap::new();
    for endpoint in behind {
        let operation = endpoint.protocol.as_ref().and_then(|protocol| protocol.operation.clone());
        let success = endpoint.response_schemas.iter().find(|(status, _)| status.starts_with('2'));
        out.entry(place(endpoint)).or_default().push(Behind {
            operation: operation.unwrap_or_default(),
            kind: endpoint.kind.clone(),
            exchanges: endpoint.exchanges,
            request: endpoint.request_schema.as_ref().map(|learned| schema::stated(learned, &[])),
            response: success.map(|(_, learned)| schema::stated(learned, &[])),
        });
    }
    out
}

/// One endpoint per carrying path, with bodies of any shape: what holds for all operations behind it.
pub(super) fn carriers(behind: &[&Endpoint]) -> Vec<Endpoint> {
    let mut carriers: BTreeMap<String, Endpoint> = BTreeMap::new();
    for endpoint in behind.iter().filter(|endpoint| endpoint.exchanges > 0) {
        let carrier = carriers.entry(place(endpoint)).or_insert_with(|| Endpoint {
            service: endpoint.service.clone(),
            method: endpoint.method.clone(),
            template: endpoint.path_template().to_owned(),
            confidence: endpoint.confidence,
            fields: endpoint.fields.iter().filter(|field| field.location == "path").cloned().collect(),
            request_content_types: endpoint.request_content_types.clone(),
            response_content_types: endpoint.response_content_types.clone(),
            request_schema: endpoint.request_schema.is_some().then(|| json!({})),
            authentication: endpoint.authentication.clone(),
            authentication_details: endpoint.authentication_details.clone(),
            ..Endpoint::default()
        });
        carrier.exchanges += endpoint.exchanges;
        carrier.deprecated |= endpoint.deprecated;
        carrier.risk.score = carrier.risk.score.max(endpoint.risk.score);
        // Failures inside the protocol count by a status that HTTP did not have.
        let inside = endpoint.protocol.as_ref().is_some_and(|protocol| !protocol.errors.is_empty());
        for (status, count) in endpoint.statuses.iter().filter(|(status, _)| !inside || status.starts_with('2')) {
            *carrier.statuses.entry(status.clone()).or_default() += count;
        }
    }
    carriers.into_values().collect()
}

fn place(endpoint: &Endpoint) -> String {
    format!("{} {}", endpoint.method, endpoint.path_template())
}
