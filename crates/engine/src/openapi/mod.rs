//! What was learned of a service as an OpenAPI 3.1 document (OpenAPI Specification 3.1.1).
//!
//! Only what the traffic supports is claimed: a parameter is required when no call lacked it, a property when no body
//! did, `null` is allowed where it was seen. Extensions carry what a specification has no word for:
//! `x-vedette-confidence` (0 to 1, of a path template), `x-vedette-exchanges`, `x-vedette-classes` (data classes of a
//! field) and `x-vedette-risk`. Operations behind one path (GraphQL, JSON-RPC, MCP, SOAP) are no paths of OpenAPI: their
//! path has one operation with any body, and `x-vedette-protocols` lists what is behind it. Examples are made up from types, formats and classes; no value of the traffic is in
//! the document.

mod behind;
mod example;
mod operation;
mod schema;
mod security;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use vedette_model::results::{Endpoint, Results, Service};

use operation::Operation;
use security::SecurityScheme;

/// An OpenAPI document, its members in the order in which people read them.
#[derive(Debug, Serialize)]
pub struct Document {
    openapi: &'static str,
    info: Info,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    servers: Vec<Server>,
    paths: BTreeMap<String, PathItem>,
    #[serde(skip_serializing_if = "Components::is_empty")]
    components: Components,
    /// What OpenAPI has no word for: operations behind one path, by `METHOD path`.
    #[serde(rename = "x-vedette-protocols", skip_serializing_if = "BTreeMap::is_empty")]
    protocols: BTreeMap<String, Vec<behind::Behind>>,
}

#[derive(Debug, Serialize)]
struct Info {
    title: String,
    version: String,
    description: String,
}

#[derive(Debug, Serialize)]
struct Server {
    url: String,
}

/// Operations by lower case method.
type PathItem = BTreeMap<String, Operation>;

#[derive(Debug, Default, Serialize)]
struct Components {
    #[serde(rename = "securitySchemes", skip_serializing_if = "BTreeMap::is_empty")]
    security_schemes: BTreeMap<String, SecurityScheme>,
}

impl Components {
    fn is_empty(&self) -> bool {
        self.security_schemes.is_empty()
    }
}

/// Methods that a path item can have (section 4.8.9).
const METHODS: &[&str] = &["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"];

/// The document of one service; `None` when it has no API endpoint. Pages and static files are left out.
pub fn export(results: &Results, service: &Service) -> Option<Document> {
    let mut endpoints: Vec<&Endpoint> = results
        .endpoints
        .iter()
        .filter(|e| e.service == service.name && e.is_api() && METHODS.contains(&e.method.as_str()))
        .collect();
    endpoints.sort_by(|a, b| (&a.template, &a.method).cmp(&(&b.template, &b.method)));
    let mut paths: BTreeMap<String, PathItem> = BTreeMap::new();
    let mut by_shape: BTreeMap<String, String> = BTreeMap::new();
    let mut components = Components::default();
    let mut ids = operation::Ids::default();
    let (own, behind): (Vec<&Endpoint>, Vec<&Endpoint>) =
        endpoints.iter().partition(|endpoint| endpoint.path_template() == endpoint.template);
    let carriers = behind::carriers(&behind);
    for endpoint in own.into_iter().chain(&carriers) {
        // Templates that differ in the names of their parameters are one path: the first names win.
        let template = by_shape.entry(shape(&endpoint.template)).or_insert_with(|| endpoint.template.clone());
        let operation = operation::of(endpoint, template, &mut ids);
        components.security_schemes.extend(security::schemes(endpoint));
        paths.entry(template.clone()).or_default().entry(endpoint.method.to_lowercase()).or_insert(operation);
    }
    (!endpoints.is_empty()).then(|| Document {
        openapi: "3.1.0",
        info: info(service, &endpoints),
        servers: server(service),
        paths,
        components,
        protocols: behind::listed(&behind),
    })
}

/// One endpoint as an operation, for a path whose parameters may have other names.
pub(crate) fn learned_operation(endpoint: &Endpoint, path: &str) -> Value {
    serde_json::to_value(operation::of(endpoint, path, &mut operation::Ids::default())).unwrap_or_default()
}

/// A learned schema as a specification states it: what was merely not ruled out is left out.
pub(crate) fn stated_schema(learned: &Value) -> Value {
    schema::stated(learned, &[])
}

fn info(service: &Service, endpoints: &[&Endpoint]) -> Info {
    let exchanges: u64 = endpoints.iter().map(|e| e.exchanges).sum();
    let period = match (service.first_seen, service.last_seen) {
        (Some(first), Some(last)) => format!(", seen from {first} to {last}"),
        _ => String::new(),
    };
    Info {
        title: service.name.clone(),
        version: service.versions.last().cloned().unwrap_or_else(|| "0.0.0".to_owned()),
        description: format!(
            "Learned by Vedette from {exchanges} exchanges{period}. It describes what was observed; read it before it \
             becomes a contract."
        ),
    }
}

/// A service that is named by its host is a server.
fn server(service: &Service) -> Vec<Server> {
    let host =
        service.name.contains('.') && service.name.chars().all(|c| c.is_ascii_alphanumeric() || ".-:".contains(c));
    let scheme = if service.tls_share == Some(0.0) { "http" } else { "https" };
    host.then(|| Server { url: format!("{scheme}://{}", service.name) }).into_iter().collect()
}

/// The template without names.
fn shape(template: &str) -> String {
    let mut out = String::with_capacity(template.len());
    let mut inside = false;
    for c in template.chars() {
        match c {
            '{' => inside = true,
            '}' => inside = false,
            _ if inside => continue,
            _ => {}
        }
        out.push(c);
    }
    out
}

/// A file name for the document of a service (`api.shop.example`, `default`).
pub fn file_name(service: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let name: String = service.chars().take(100).map(safe).collect();
    let name = name.trim_matches(['.', '-']);
    if name.is_empty() { "service".to_owned() } else { name.to_owned() }
}

/// A member of a schema or an extension.
type Members = serde_json::Map<String, Value>;

#[cfg(test)]
mod tests;
