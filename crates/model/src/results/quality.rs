//! How much a source tells, and what therefore stays unseen.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How good a source is.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Quality {
    /// 0 to 100, as an access log: bodies and complete headers are not counted, they stand in `missing`.
    pub score: u8,
    /// What the score is made of, in a fixed order; the points add up to it.
    pub parts: Vec<QualityPart>,
    /// Facts (ids of [`Fact`]) that no exchange of the source tells.
    pub missing: Vec<String>,
    /// Kinds of findings that the source can never show.
    pub blind_findings: Vec<String>,
    /// Kinds of detections that the source can never show.
    pub blind_detections: Vec<String>,
    /// The addresses that it names as clients.
    pub clients: Clients,
    /// Its clock.
    pub clock: Clock,
    /// Gateways (ids of [`LogSnippet`]) whose lines would raise the score.
    pub snippets: Vec<String>,
}

/// One part of a score.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QualityPart {
    /// Id of the part: that of a [`Fact`], `own-address` or `clock`.
    pub id: String,
    /// What it is about, in a few words.
    pub name: String,
    /// Points.
    pub points: u8,
    /// Points at most.
    pub of: u8,
    /// Share of the exchanges that tell it, where a share is what counts.
    pub share: Option<f64>,
    /// Why points are missing; empty when none are.
    pub reason: String,
}

/// The addresses that a source names as clients, after forwarded headers of private proxies were applied.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Clients {
    /// Distinct addresses (estimate).
    pub distinct: u64,
    /// Share of the addresses, by exchange, that are private, shared or loopback.
    pub private_share: f64,
    /// Share of the exchanges with a forwarded header that names an address.
    pub forwarded_share: f64,
    /// Distinct first addresses in forwarded headers (estimate).
    pub forwarded_distinct: u64,
    /// They look like those of a proxy.
    pub proxy: bool,
}

/// What the times of a source are worth.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Clock {
    /// `microseconds`, `milliseconds`, `seconds` or `minutes`; empty without times.
    pub resolution: String,
    /// Share of the records whose time lies before that of the record above.
    pub backward_share: f64,
    /// Longest step back from one record to the next, in seconds.
    pub step_back_secs: f64,
    /// How the times disagree with those of the other sources, in a sentence.
    pub skew: Option<String>,
}

/// Order of the times within a source: neighbors within a batch of records are compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TimeOrder {
    /// Pairs of neighbors that both have a time.
    pub compared: u64,
    /// Of them those whose second lies before the first.
    pub backward: u64,
    /// Longest step back in microseconds.
    pub step_back_us: u64,
}

/// Something that a source may tell of an exchange, and what depends on it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Fact {
    /// `response-bodies`.
    pub id: String,
    /// In a few words.
    pub name: String,
    /// Points of a score that it is worth; 0 for what no access log has.
    pub weight: u8,
    /// What cannot be told without it.
    pub lost: String,
    /// Kinds of findings that need it, alone or as one of several ways.
    pub findings: Vec<String>,
    /// Kinds of detections that need it, alone or as one of several ways.
    pub detections: Vec<String>,
}

/// Lines for a gateway's configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogSnippet {
    /// `nginx`.
    pub id: String,
    /// Name of the product.
    pub title: String,
    /// Where the lines go.
    pub place: String,
    /// The lines.
    pub text: String,
}
