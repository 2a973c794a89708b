//! One endpoint of the results, with all that was learned of it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// A service's method and path template, as observed. Behind a path that carries many operations (GraphQL, JSON-RPC,
/// MCP, SOAP) each operation is an endpoint: its template is the path's, `#`, and the operation's name.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Endpoint {
    /// Stable id.
    pub id: String,
    /// Name of the service.
    pub service: String,
    /// HTTP method.
    pub method: String,
    /// Path template (`/v1/users/{userId}`); of an operation behind a path `PATH#NAME` (`/graphql#query.user`,
    /// `/mcp#tools/call/search_docs`, `/rpc#eth_call`, `/ws#GetOrder`).
    pub template: String,
    /// `api`, `page` (HTML) or `static` (scripts, images, fonts); of a protocol inside HTTP `graphql`, `json-rpc`,
    /// `mcp-tool`, `mcp-resource`, `mcp-prompt`, `soap`, `grpc`, `llm`, `sse` or `websocket`.
    pub kind: String,
    /// What the endpoint seems to be for (`login`, `payment`, `search`, …), when its path says so.
    pub function: Option<String>,
    /// Exchanges observed. One with several operations counts at each of them; a path that carries operations is
    /// listed itself only for exchanges of which none could be told. 0 for what was only declared (MCP).
    pub exchanges: u64,
    /// First exchange.
    pub first_seen: Option<Timestamp>,
    /// Last exchange.
    pub last_seen: Option<Timestamp>,
    /// Exchanges by status. Where a protocol reports a failure inside HTTP 200, by the HTTP status that says the same.
    pub statuses: BTreeMap<String, u64>,
    /// Distinct actors (estimate).
    pub actors: u64,
    /// Authentication in use: `none`, `basic`, `bearer`, `jwt`, `api-key-header`, `api-key-query`, `api-key-cookie`,
    /// `session-cookie`, `digest`, `mutual-tls`, `unknown` (the source does not say). More than one means mixed.
    pub authentication: Vec<String>,
    /// How often each was used, with what was learned of it.
    pub authentication_details: Vec<Authentication>,
    /// Data classes in motion.
    pub data_classes: DataClasses,
    /// Likelihood × impact.
    pub risk: Risk,
    /// `public`, `private` or `internal`.
    pub exposure: String,
    /// Declared deprecated, or answered with a `Deprecation` or `Sunset` header.
    pub deprecated: bool,
    /// Version in the path or header (`v1`), if any.
    pub version: Option<String>,
    /// How sure the template is, 0 to 1.
    pub confidence: f64,
    /// Why each parameter of the template is one.
    pub template_reasons: Vec<String>,
    /// Parameters and body fields.
    pub fields: Vec<Field>,
    /// JSON Schema of successful request bodies.
    pub request_schema: Option<serde_json::Value>,
    /// JSON Schema of response bodies by status.
    pub response_schemas: BTreeMap<String, serde_json::Value>,
    /// Media types of request bodies.
    pub request_content_types: Vec<String>,
    /// Media types of response bodies.
    pub response_content_types: Vec<String>,
    /// Time to answer in milliseconds.
    pub latency_ms: Option<Distribution>,
    /// Response size in bytes.
    pub response_bytes: Option<Distribution>,
    /// Request size in bytes.
    pub request_bytes: Option<Distribution>,
    /// Exchanges over time.
    pub timeline: Timeline,
    /// Most frequent callers.
    pub callers: Vec<Caller>,
    /// A few exchanges to look at.
    pub samples: Vec<Sample>,
    /// Ids of its findings.
    pub findings: Vec<String>,
    /// Facts of the protocol that it speaks inside HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<super::Protocol>,
    /// The operation that declares it, when a specification was given that does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<super::Operation>,
    /// Who owns it, when a file was given that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<super::Owner>,
}

impl Endpoint {
    /// The template of its HTTP path, without the name of an operation behind it.
    pub fn path_template(&self) -> &str {
        self.protocol.as_ref().filter(|one| one.operation.is_some()).map_or(&self.template, |one| &one.path)
    }

    /// Its method is meant to change something. A GraphQL query only reads, whatever carries it.
    pub fn is_write(&self) -> bool {
        let graphql = self.protocol.as_ref().and_then(|protocol| protocol.graphql.as_ref());
        matches!(self.method.as_str(), "POST" | "PUT" | "PATCH" | "DELETE")
            && graphql.is_none_or(|graphql| graphql.operation_type != "query")
    }

    /// An API of any kind: neither a page nor a file that pages load.
    pub fn is_api(&self) -> bool {
        !matches!(self.kind.as_str(), "page" | "static")
    }
}

/// One kind of authentication at one endpoint.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Authentication {
    /// As in [`Endpoint::authentication`].
    pub scheme: String,
    /// Header, query parameter or cookie that carries it.
    pub name: Option<String>,
    /// Exchanges with it.
    pub exchanges: u64,
    /// Exchanges with it that succeeded.
    pub successes: u64,
    /// JWT algorithms seen (`RS256`, `none`).
    pub jwt_algorithms: Vec<String>,
    /// Longest JWT lifetime seen in seconds (`exp` − `iat`).
    pub jwt_lifetime_secs: Option<u64>,
    /// JWTs without `exp`.
    pub jwt_without_expiry: u64,
    /// JWTs accepted after their `exp`.
    pub jwt_expired_accepted: u64,
}

/// Class ids by side.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct DataClasses {
    /// In path, query, headers, cookies or request body.
    pub request: Vec<String>,
    /// In response headers or body.
    pub response: Vec<String>,
}

/// Risk of an endpoint.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Risk {
    /// 0 to 100.
    pub score: u8,
    /// What makes it likely, 0 to 1.
    pub likelihood: f64,
    /// What makes it matter, 0 to 1.
    pub impact: f64,
    /// Why, heaviest first.
    pub reasons: Vec<RiskReason>,
}

/// One factor of a risk score.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct RiskReason {
    /// Factor id (`unauthenticated`, `sensitive-response`).
    pub factor: String,
    /// Points of the score it accounts for.
    pub points: f64,
    /// In a sentence.
    pub text: String,
}

/// A parameter or body field.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Field {
    /// `request` or `response`.
    pub side: String,
    /// `path`, `query`, `header`, `cookie`, `form` or `body`.
    #[serde(rename = "in")]
    pub location: String,
    /// Parameter name, or JSON path of a body field (`$.items[].email`).
    pub name: String,
    /// Statuses it was seen with, for response fields (`200`).
    pub status: Option<String>,
    /// JSON types (`string`, `integer`, …).
    pub types: Vec<String>,
    /// Format (`uuid`, `date-time`, `email`, …) that all values had.
    pub format: Option<String>,
    /// Values seen.
    pub seen: u64,
    /// Share of exchanges (or of parent objects) that had it, 0 to 1.
    pub presence: f64,
    /// Distinct values (estimate).
    pub distinct: u64,
    /// The values, when they are a small closed set that is not sensitive.
    pub values: Vec<String>,
    /// Smallest number seen.
    pub min: Option<f64>,
    /// Largest number seen.
    pub max: Option<f64>,
    /// Longest text seen, in characters.
    pub max_length: Option<u64>,
    /// What the field holds.
    pub classes: Vec<FieldClass>,
}

/// The decision that a field holds a class.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct FieldClass {
    /// Class id (`email`).
    pub class: String,
    /// Sensitivity level (`personal`, `financial`, `secret`, …).
    pub level: String,
    /// How sure, 0 to 1.
    pub confidence: f64,
    /// Share of values that matched.
    pub share: f64,
    /// One masked value.
    pub excerpt: String,
    /// Exchange it was seen in.
    pub exchange: Option<u64>,
}

/// Quantiles of a quantity.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Distribution {
    /// Values.
    pub count: u64,
    /// Median.
    pub p50: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
    /// Largest.
    pub max: f64,
    /// Mean.
    pub mean: f64,
}

/// Counts over time in equal buckets.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Timeline {
    /// Start of the first bucket.
    pub start: Option<Timestamp>,
    /// Width of a bucket.
    pub bucket_secs: u64,
    /// Exchanges per bucket.
    pub exchanges: Vec<u64>,
    /// Exchanges with a status of 400 or more per bucket.
    pub errors: Vec<u64>,
}

/// A frequent caller of an endpoint.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Caller {
    /// Actor id.
    pub actor: String,
    /// Exchanges (may be over-counted by the sketch's error).
    pub exchanges: u64,
    /// Seconds between the first and the last exchange of this actor anywhere, when times are known: its calls here
    /// lie within them.
    pub active_secs: Option<u64>,
}

/// One exchange to look at.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Sample {
    /// Source it is in (index into `sources`).
    pub source: u32,
    /// Zero-based record number in that source.
    pub exchange: u64,
    /// When.
    pub at: Option<Timestamp>,
    /// Status.
    pub status: u16,
    /// Actor id.
    pub actor: Option<String>,
}
