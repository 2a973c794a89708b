//! What each business function would be abused for, and who would notice.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{RiskReason, Severity};

/// A business function of a service: who uses it, what could be lost, what watches it and what does not.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct AbuseCase {
    /// Stable id.
    pub id: String,
    /// Name of the service.
    pub service: String,
    /// The function (`payment`); as in the endpoints' `function`, or `personal-data` and `language-model`, which are told
    /// by what endpoints hold and speak.
    pub function: String,
    /// The function in a few words.
    pub title: String,
    /// The band of its risk, or the severity of the worst detection here when that is worse.
    pub severity: Severity,
    /// Risk of its riskiest endpoint, 0 to 100.
    pub risk: u8,
    /// What in that risk comes from what the endpoint is for and holds.
    pub risk_reasons: Vec<RiskReason>,
    /// The riskiest of its endpoints.
    pub endpoints: Vec<AbuseEndpoint>,
    /// How many there are.
    pub endpoint_count: u64,
    /// Who uses it.
    pub users: AbuseUsers,
    /// What could be lost, with numbers from the traffic.
    pub losses: Vec<AbuseLoss>,
    /// What happens when somebody who uses it is compromised.
    pub compromised: Vec<Compromise>,
    /// Detectors that watch it, those that alarmed first.
    pub watched: Vec<WatchedBy>,
    /// What nobody watches here, and why.
    pub unwatched: Vec<Unwatched>,
    /// Detections at its endpoints.
    pub detections: u64,
    /// Ids of the incidents that they belong to.
    pub incidents: Vec<String>,
}

/// An endpoint that serves a business function.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct AbuseEndpoint {
    /// Endpoint id.
    pub id: String,
    /// HTTP method.
    pub method: String,
    /// Path template.
    pub template: String,
    /// Its risk, 0 to 100.
    pub risk: u8,
    /// Exchanges.
    pub exchanges: u64,
    /// Distinct actors (estimate).
    pub actors: u64,
}

/// Who uses a business function.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct AbuseUsers {
    /// Distinct actors over all its endpoints (estimate).
    pub actors: u64,
    /// Exchanges.
    pub exchanges: u64,
    /// Exchanges that succeeded and were meant to change something.
    pub writes: u64,
    /// Exchanges with a status of 400 or more.
    pub errors: u64,
    /// The busiest actors by kind (`user`, `client`, `session`, `token`, `address`, `unknown`).
    pub kinds: BTreeMap<String, u64>,
    /// How they prove who they are; as in the endpoints' `authentication`.
    pub authentication: Vec<String>,
    /// `public`, `private` or `internal`, the widest of its endpoints.
    pub exposure: String,
}

/// Something that could be lost.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct AbuseLoss {
    /// `money`, `personal-records`, `secrets`, `accounts`, `goods`, `capacity`, `reach` or `control`.
    pub kind: String,
    /// How much of it the traffic shows, in a sentence.
    pub text: String,
    /// Data classes with their levels, most sensitive first, where data could be lost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<LostClass>,
}

/// A data class that could be lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LostClass {
    /// Class id (`email`).
    pub class: String,
    /// Sensitivity level (`personal`).
    pub level: String,
}

/// What happens when somebody is compromised.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Compromise {
    /// `user`, `client` or `staff`.
    pub who: String,
    /// In a sentence.
    pub text: String,
}

/// A detector that watches a business function.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct WatchedBy {
    /// Kind of detection (`bola`).
    pub kind: String,
    /// Its detections here.
    pub detections: u64,
    /// Why it sees less than it could; empty when it sees all.
    pub limit: String,
}

/// What nobody watches.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Unwatched {
    /// Kinds of detection that say nothing here; empty for what no traffic shows.
    pub kinds: Vec<String>,
    /// Why, in a sentence.
    pub reason: String,
}
