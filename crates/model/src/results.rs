//! The document that an analysis prints (`--json`), that the report embeds and that the API serves.
//!
//! Names follow OpenAPI and OCSF. Everything in here may be shown: no raw secret, no personal value, samples masked.
//! The JSON Schema of [`Results`] is committed in `docs/schema/results.json` and the UI's types are made from it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Direction, Timestamp};

/// Version of the results format; the first number changes when a reader could break.
pub const FORMAT_VERSION: &str = "1.0";

/// One analysis.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Results {
    /// Version of this format ([`FORMAT_VERSION`]).
    pub version: String,
    /// Version of Vedette that wrote it.
    pub vedette: String,
    /// True when the run was interrupted: the numbers cover what was read until then.
    pub partial: bool,
    /// Where the exchanges came from, in the order read.
    pub sources: Vec<Source>,
    /// Services, busiest first.
    pub services: Vec<Service>,
    /// Endpoints, riskiest first.
    pub endpoints: Vec<Endpoint>,
    /// Standing weaknesses, worst first.
    pub findings: Vec<Finding>,
    /// Dated matches of abuse, newest first.
    pub detections: Vec<Detection>,
    /// Detections grouped for a human.
    pub incidents: Vec<Incident>,
    /// The most active callers.
    pub actors: Vec<Actor>,
    /// Totals.
    pub stats: Stats,
}

/// How bad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    #[default]
    Info,
    /// Tidy up when there.
    Low,
    /// Plan a fix.
    Medium,
    /// Fix this week.
    High,
    /// Fix today.
    Critical,
}

/// One file or stream that was read.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// Path as the user gave it, or `-` for standard input.
    pub name: String,
    /// Format id (`combined`, `har`, `har-ndjson`, `nginx-json`, …), `unknown` when none fitted.
    pub format: String,
    /// Why that format was chosen, in a sentence.
    pub format_reason: String,
    /// Compression that was undone (`gzip`, `zstd`), if any.
    pub compression: Option<String>,
    /// Bytes read, after decompression.
    pub bytes: u64,
    /// Records met (lines or entries).
    pub records: u64,
    /// Records that became exchanges.
    pub exchanges: u64,
    /// Records that could not be read.
    pub unreadable: u64,
    /// The first unreadable records, masked.
    pub unreadable_samples: Vec<UnreadableSample>,
    /// What else went wrong with the source (`permission denied`, `decompression bomb`), with a hint.
    pub problems: Vec<String>,
    /// First time seen in it.
    pub first_seen: Option<Timestamp>,
    /// Last time seen in it.
    pub last_seen: Option<Timestamp>,
}

/// A record that could not be read.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct UnreadableSample {
    /// Zero-based number of the record in its source.
    pub record: u64,
    /// What was wrong.
    pub reason: String,
    /// Its beginning, masked: letters are kept only in known words.
    pub excerpt: String,
}

/// An API host or application.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Service {
    /// Stable id.
    pub id: String,
    /// Host or application name.
    pub name: String,
    /// `public`, `private` or `internal`.
    pub exposure: String,
    /// Where its calls come from or go to.
    pub direction: Direction,
    /// Endpoints observed.
    pub endpoints: u64,
    /// Exchanges observed.
    pub exchanges: u64,
    /// Distinct actors (estimate).
    pub actors: u64,
    /// API versions seen in paths or headers (`v1`, `v2`).
    pub versions: Vec<String>,
    /// Share of exchanges under TLS, when the source says.
    pub tls_share: Option<f64>,
    /// First exchange.
    pub first_seen: Option<Timestamp>,
    /// Last exchange.
    pub last_seen: Option<Timestamp>,
}

/// A service's method and path template, as observed.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Endpoint {
    /// Stable id.
    pub id: String,
    /// Name of the service.
    pub service: String,
    /// HTTP method.
    pub method: String,
    /// Path template (`/v1/users/{userId}`).
    pub template: String,
    /// `api`, `page` (HTML) or `static` (scripts, images, fonts).
    pub kind: String,
    /// What the endpoint seems to be for (`login`, `payment`, `search`, …), when its path says so.
    pub function: Option<String>,
    /// Exchanges observed.
    pub exchanges: u64,
    /// First exchange.
    pub first_seen: Option<Timestamp>,
    /// Last exchange.
    pub last_seen: Option<Timestamp>,
    /// Exchanges by status.
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
    /// Source it is in (index into [`Results::sources`]).
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

/// A standing weakness.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Stable id of this finding.
    pub id: String,
    /// Kind (`credential-in-url`).
    pub kind: String,
    /// Endpoint id; empty when it concerns the whole service.
    pub endpoint: String,
    /// Name of the service.
    pub service: String,
    /// `METHOD template`, for people.
    pub place: String,
    /// How bad.
    pub severity: Severity,
    /// How sure, 0 to 1.
    pub confidence: f64,
    /// In a few words.
    pub title: String,
    /// Observed against expected, in a sentence or two.
    pub explanation: String,
    /// Exchanges that show it.
    pub evidence: Vec<Evidence>,
    /// OWASP API Security Top 10 2023 (`API2:2023`).
    pub owasp: Vec<String>,
    /// CWE ids (`CWE-306`).
    pub cwe: Vec<String>,
    /// What to do, in plain words.
    pub fix: String,
    /// Compliance requirements touched (`PCI DSS 4.0.1 6.2.4`, `GDPR Art. 32`).
    pub compliance: Vec<String>,
    /// First exchange that showed it.
    pub first_seen: Option<Timestamp>,
    /// Last exchange that showed it.
    pub last_seen: Option<Timestamp>,
    /// Exchanges that showed it.
    pub occurrences: u64,
}

/// What shows a finding or detection.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// Source it is in (index into [`Results::sources`]).
    pub source: u32,
    /// Zero-based record number in that source.
    pub exchange: u64,
    /// Where in the exchange (`request.query.token`, `response.body.$.items[].email`).
    pub location: String,
    /// What was there, masked.
    pub excerpt: String,
}

/// A dated match of abuse.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Detection {
    /// Stable id.
    pub id: String,
    /// Kind (`bola`).
    pub kind: String,
    /// When it was recognized.
    pub at: Option<Timestamp>,
    /// Who.
    pub actor: ActorRef,
    /// Endpoint id.
    pub endpoint: String,
    /// How bad.
    pub severity: Severity,
    /// How sure, 0 to 1.
    pub confidence: f64,
    /// In a few words.
    pub title: String,
    /// Observed against normal, in a sentence.
    pub explanation: String,
    /// Exchanges that show it.
    pub evidence: Vec<Evidence>,
    /// OWASP API Security Top 10 2023.
    pub owasp: Vec<String>,
    /// ATT&CK technique ids.
    pub attack: Vec<String>,
    /// What to do.
    pub response: Vec<String>,
}

/// Detections of one actor or campaign.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Incident {
    /// Stable id.
    pub id: String,
    /// In a few words.
    pub title: String,
    /// How bad.
    pub severity: Severity,
    /// Ids of its detections.
    pub detections: Vec<String>,
}

/// A reference to an actor.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct ActorRef {
    /// Actor id.
    pub id: String,
    /// What identifies it.
    pub identifiers: Vec<Identifier>,
}

/// One thing that identifies an actor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Identifier {
    /// `user`, `client`, `session`, `token` or `ip`.
    pub kind: String,
    /// The value; hashed for `session` and `token`.
    pub value: String,
}

/// Who called.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Actor {
    /// Stable id.
    pub id: String,
    /// `user`, `client`, `session`, `token` or `address`.
    pub kind: String,
    /// What identifies it.
    pub identifiers: Vec<Identifier>,
    /// Exchanges.
    pub exchanges: u64,
    /// Exchanges with a status of 400 or more.
    pub errors: u64,
    /// Distinct endpoints (estimate).
    pub endpoints: u64,
    /// Distinct addresses (estimate).
    pub addresses: u64,
    /// User agent family, when known.
    pub agent: Option<String>,
    /// First exchange.
    pub first_seen: Option<Timestamp>,
    /// Last exchange.
    pub last_seen: Option<Timestamp>,
}

/// Totals of an analysis.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Stats {
    /// Exchanges analyzed.
    pub exchanges: u64,
    /// Records that could not be read.
    pub unreadable: u64,
    /// Bytes read, after decompression.
    pub bytes: u64,
    /// Distinct actors (estimate).
    pub actors: u64,
    /// Exchanges that made no endpoint because they only ever met 404 or 405.
    pub unrouted: u64,
    /// First exchange.
    pub first_seen: Option<Timestamp>,
    /// Last exchange.
    pub last_seen: Option<Timestamp>,
    /// Wall time of the analysis in seconds; absent where output must repeat exactly.
    pub elapsed_secs: Option<f64>,
    /// Exchanges by status class (`2xx`).
    pub statuses: BTreeMap<String, u64>,
    /// Exchanges by method.
    pub methods: BTreeMap<String, u64>,
    /// Oddities met, by kind.
    pub anomalies: BTreeMap<String, u64>,
    /// Fields per data class.
    pub data_classes: BTreeMap<String, u64>,
    /// Exchanges over time.
    pub timeline: Timeline,
    /// Exchanges by hour of week in UTC, Monday midnight first (168 values).
    pub hours_of_week: Vec<u64>,
    /// What the traffic cannot show (`response bodies: data classes in responses were not looked for`).
    pub blind_spots: Vec<String>,
}
