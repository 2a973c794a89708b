//! One endpoint as an operation (OpenAPI 3.1.1, section 4.8.10).

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};
use vedette_model::results::{Endpoint, Field};

use super::{example, schema, security};

/// Calls that must all have carried a parameter before it is required.
const REQUIRED_MIN: u64 = 5;

/// One operation, its members in the order in which people read them.
#[derive(Debug, Serialize)]
pub(super) struct Operation {
    #[serde(rename = "operationId")]
    id: String,
    tags: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    deprecated: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<Parameter>,
    #[serde(rename = "requestBody", skip_serializing_if = "Option::is_none")]
    request_body: Option<RequestBody>,
    responses: BTreeMap<String, Response>,
    #[serde(skip_serializing_if = "Option::is_none")]
    security: Option<Vec<security::Requirement>>,
    #[serde(rename = "x-vedette-exchanges")]
    exchanges: u64,
    #[serde(rename = "x-vedette-confidence")]
    confidence: f64,
    #[serde(rename = "x-vedette-risk")]
    risk: u64,
}

#[derive(Debug, Serialize)]
struct Parameter {
    name: String,
    #[serde(rename = "in")]
    location: String,
    required: bool,
    schema: Value,
    example: Value,
}

#[derive(Debug, Serialize)]
struct RequestBody {
    content: BTreeMap<String, MediaType>,
}

#[derive(Debug, Serialize)]
struct Response {
    description: &'static str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    content: BTreeMap<String, MediaType>,
}

#[derive(Debug, Serialize)]
struct MediaType {
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    example: Option<Value>,
}

/// Operation ids that were given, so that each is unique in a document.
#[derive(Debug, Default)]
pub(super) struct Ids(BTreeSet<String>);

impl Ids {
    /// `getV1UsersUserId`, with a number behind when it was taken.
    fn give(&mut self, method: &str, template: &str) -> String {
        let mut id = method.to_lowercase();
        for word in template.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
            let (first, rest) = word.split_at(1);
            id.push_str(&first.to_uppercase());
            id.push_str(rest);
        }
        let mut unique = id.clone();
        let mut number = 2;
        while !self.0.insert(unique.clone()) {
            unique = format!("{id}{number}");
            number += 1;
        }
        unique
    }
}

/// The operation of an endpoint, at a template whose parameters may have other names than its own.
pub(super) fn of(endpoint: &Endpoint, template: &str, ids: &mut Ids) -> Operation {
    let responses = responses(endpoint);
    Operation {
        id: ids.give(&endpoint.method, template),
        tags: vec![tag(template)],
        deprecated: endpoint.deprecated,
        parameters: parameters(endpoint, template),
        request_body: request_body(endpoint),
        responses,
        security: security::requirements(endpoint),
        exchanges: endpoint.exchanges,
        confidence: (endpoint.confidence * 100.0).round() / 100.0,
        risk: u64::from(endpoint.risk.score),
    }
}

/// The first segment that is neither version, prefix nor parameter.
fn tag(template: &str) -> String {
    let prefix = |word: &str| word.starts_with('{') || crate::paths::parts::is_prefix(word);
    template.split('/').find(|word| !prefix(word)).unwrap_or("root").to_owned()
}

fn parameters(endpoint: &Endpoint, template: &str) -> Vec<Parameter> {
    let of =
        |location: &'static str| endpoint.fields.iter().filter(move |f| f.side == "request" && f.location == location);
    let own: Vec<&Field> = of("path").collect();
    let mut parameters = Vec::new();
    for (index, name) in names(template).into_iter().enumerate() {
        let learned = own.get(index).map_or_else(|| json!({"type": "string"}), |field| schema::of_parameter(field));
        parameters.push(parameter(name.to_owned(), "path", true, learned));
    }
    let mut seen = BTreeSet::new();
    for location in ["query", "header", "cookie"] {
        for field in of(location).filter(|field| !is_credential(field, endpoint)) {
            let name = if location == "header" { field.name.to_lowercase() } else { field.name.clone() };
            if name.is_empty() || !seen.insert((location, name.clone())) {
                continue;
            }
            let required = field.presence >= 1.0 && field.seen >= REQUIRED_MIN;
            parameters.push(parameter(name, location, required, schema::of_parameter(field)));
        }
    }
    parameters
}

fn parameter(name: String, location: &str, required: bool, schema: Value) -> Parameter {
    Parameter { name, location: location.to_owned(), required, example: example::of(&schema), schema }
}

/// Names in braces, in order.
fn names(template: &str) -> Vec<&str> {
    template.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name)).collect()
}

/// Said by a security scheme, not by a parameter.
fn is_credential(field: &Field, endpoint: &Endpoint) -> bool {
    let scheme = |a: &vedette_model::results::Authentication| {
        a.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(&field.name))
    };
    matches!(field.name.to_ascii_lowercase().as_str(), "accept" | "content-type" | "authorization")
        || endpoint.authentication_details.iter().any(scheme)
}

fn request_body(endpoint: &Endpoint) -> Option<RequestBody> {
    let fields = body_fields(endpoint, "request", None);
    let learned = endpoint.request_schema.as_ref().map(|learned| schema::stated(learned, &fields));
    // Clients name a media type on requests that have no body, too.
    let bodies = endpoint.request_bytes.as_ref().is_none_or(|bytes| bytes.max > 0.0);
    let may_have = !matches!(endpoint.method.as_str(), "GET" | "HEAD" | "DELETE" | "OPTIONS" | "TRACE");
    if learned.is_none() && (endpoint.request_content_types.is_empty() || !bodies || !may_have) {
        return None;
    }
    Some(RequestBody { content: content(&endpoint.request_content_types, learned) })
}

fn responses(endpoint: &Endpoint) -> BTreeMap<String, Response> {
    let statuses = endpoint.statuses.keys().filter(|status| is_status(status));
    let mut responses: BTreeMap<String, Response> = statuses
        .map(|status| {
            let fields = body_fields(endpoint, "response", Some(status));
            let learned = endpoint.response_schemas.get(status).map(|learned| schema::stated(learned, &fields));
            let content = learned.map(|learned| content(&endpoint.response_content_types, Some(learned)));
            (status.clone(), Response { description: reason(status), content: content.unwrap_or_default() })
        })
        .collect();
    if responses.is_empty() {
        let unknown = Response { description: "Not observed", content: BTreeMap::new() };
        responses.insert("default".to_owned(), unknown);
    }
    responses
}

fn is_status(status: &str) -> bool {
    status.len() == 3 && status.starts_with(['1', '2', '3', '4', '5']) && status.bytes().all(|b| b.is_ascii_digit())
}

fn body_fields<'e>(endpoint: &'e Endpoint, side: &str, status: Option<&str>) -> Vec<&'e Field> {
    let here = |f: &&Field| f.side == side && f.location == "body" && f.status.as_deref() == status;
    endpoint.fields.iter().filter(here).collect()
}

/// A schema belongs to the JSON types among those that were seen.
fn content(types: &[String], learned: Option<Value>) -> BTreeMap<String, MediaType> {
    let json = |media: &str| media.contains("json");
    let mut content: BTreeMap<String, MediaType> = BTreeMap::new();
    for media in types.iter().filter(|media| learned.is_none() || json(media)) {
        let schema = learned.clone().filter(|_| json(media));
        content.insert(media.clone(), MediaType { example: schema.as_ref().map(example::of), schema });
    }
    if let (true, Some(schema)) = (content.is_empty(), learned) {
        let example = Some(example::of(&schema));
        content.insert("application/json".to_owned(), MediaType { schema: Some(schema), example });
    }
    content
}

/// The reason phrase of a status (RFC 9110, section 15), in general when it has none.
fn reason(status: &str) -> &'static str {
    match status {
        "200" => "OK",
        "201" => "Created",
        "202" => "Accepted",
        "204" => "No Content",
        "206" => "Partial Content",
        "301" => "Moved Permanently",
        "302" => "Found",
        "304" => "Not Modified",
        "400" => "Bad Request",
        "401" => "Unauthorized",
        "403" => "Forbidden",
        "404" => "Not Found",
        "405" => "Method Not Allowed",
        "409" => "Conflict",
        "422" => "Unprocessable Content",
        "429" => "Too Many Requests",
        "500" => "Internal Server Error",
        "502" => "Bad Gateway",
        "503" => "Service Unavailable",
        "504" => "Gateway Timeout",
        _ => match status.as_bytes().first() {
            Some(b'1') => "Informational",
            Some(b'2') => "Success",
            Some(b'3') => "Redirection",
            Some(b'4') => "Client error",
            _ => "Server error",
        },
    }
}
