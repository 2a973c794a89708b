//! The document that an analysis prints (`--json`), that the report embeds and that the API serves.
//!
//! Names follow OpenAPI and OCSF. Everything in here may be shown: no raw secret, no personal value, samples masked.
//! The JSON Schema of [`Results`] is committed in `docs/schema/results.json` and the UI's types are made from it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Direction, Timestamp};

mod abuse;
mod capture;
mod change;
mod compliance;
mod declared;
mod endpoint;
mod gateway;
mod ownership;
mod protocol;
mod quality;

pub use abuse::{AbuseCase, AbuseEndpoint, AbuseLoss, AbuseUsers, Compromise, LostClass, Unwatched, WatchedBy};
pub use capture::{Capture, ClosedTls, Loss, Tls, WebSockets};
pub use change::{Change, ChangeKind};
pub use compliance::{Framework, Requirement, RequirementStatus};
pub use declared::{Operation, Orphan, Spec, Violation};
pub use endpoint::{
    Authentication, Caller, DataClasses, Distribution, Endpoint, Field, FieldClass, Risk, RiskReason, Sample, Timeline,
};
pub use gateway::{Gateway, GatewayRoute, Protection};
pub use ownership::{Owner, OwnerSource, Ownership};
pub use protocol::{GraphQlFacts, LlmFacts, McpChange, McpFacts, Protocol, StreamFacts};
pub use quality::{Clients, Clock, Fact, LogSnippet, Quality, QualityPart, TimeOrder};

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
    /// Specifications that the traffic was compared with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub specs: Vec<Spec>,
    /// What a source may tell, and which kinds of findings and detections need it.
    #[serde(default)]
    pub facts: Vec<Fact>,
    /// Lines for the gateways whose logs tell too little.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub log_snippets: Vec<LogSnippet>,
    /// The findings seen from standards and laws.
    #[serde(default)]
    pub compliance: Vec<Framework>,
    /// Business functions with what their abuse would mean, worst first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub abuse_cases: Vec<AbuseCase>,
    /// Gateways whose configuration was read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gateways: Vec<Gateway>,
    /// Totals.
    pub stats: Stats,
    /// What an earlier analysis already had, when one was given: its findings are left out of [`Results::findings`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
    /// How files that name owners fit, when some were given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ownership: Option<Ownership>,
}

/// An analysis compared with an earlier one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Baseline {
    /// Name of the earlier results.
    pub name: String,
    /// Findings that both have; they are not listed.
    pub known: u64,
    /// Findings that only the earlier one had.
    pub resolved: u64,
    /// Endpoints that only this one has.
    pub new_endpoints: u64,
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

impl Severity {
    /// The band of a risk score, 0 to 100: twenty points each.
    pub fn of_risk(score: u8) -> Self {
        match score {
            0..20 => Self::Info,
            20..40 => Self::Low,
            40..60 => Self::Medium,
            60..80 => Self::High,
            _ => Self::Critical,
        }
    }

    /// In lower case, as in the results.
    pub fn id(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
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
    /// Order of its times.
    #[serde(default)]
    pub order: TimeOrder,
    /// How much it tells; absent when it had no exchange.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<Quality>,
    /// What a packet capture held beside the exchanges: what was lost, what stayed closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture: Option<Capture>,
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
    /// Files of the specifications that declare it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub specs: Vec<String>,
    /// Operations of them that were never observed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orphans: Vec<Orphan>,
    /// Who owns it, when a file was given that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner>,
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
    /// Where in the exchange (`request.query.token`, `response.body.$.items[].email`), or in the file.
    pub location: String,
    /// What was there, masked.
    pub excerpt: String,
    /// The specification or configuration that shows it; `source` and `exchange` then say nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Line in that file, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
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
    /// Ids of its detections, in order of time.
    pub detections: Vec<String>,
    /// Who.
    #[serde(default)]
    pub actor: ActorRef,
    /// How far it has come: `reconnaissance`, `access`, `abuse` or `exfiltration`.
    #[serde(default)]
    pub stage: String,
    /// What happened, in sentences, in order of time.
    #[serde(default)]
    pub story: String,
    /// When it was first recognized.
    #[serde(default)]
    pub started_at: Option<Timestamp>,
    /// When it was last recognized.
    #[serde(default)]
    pub last_at: Option<Timestamp>,
    /// Exchanges that show it.
    #[serde(default)]
    pub exchanges: u64,
    /// ATT&CK technique ids.
    #[serde(default)]
    pub attack: Vec<String>,
    /// What to do.
    #[serde(default)]
    pub response: Vec<String>,
}

/// A reference to an actor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
