//! Gateways whose configuration was read, with their routes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One gateway.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Gateway {
    /// File that it was read from.
    pub file: String,
    /// Files that it consists of beside that one: included, or belonging to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_files: Vec<String>,
    /// `nginx`, `Envoy`, `Kong`, `HAProxy`, `AWS API Gateway`, `Azure API Management`, `Kubernetes`.
    pub product: String,
    /// Services of the traffic that it stands in front of; empty when none is, or no traffic was given.
    pub services: Vec<String>,
    /// Its routes, in the order written, the first some thousands.
    pub routes: Vec<GatewayRoute>,
    /// Routes that it has.
    pub route_count: u64,
    /// What could not be understood, each with its line.
    pub problems: Vec<String>,
}

/// What a gateway answers.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct GatewayRoute {
    /// File that configures it.
    pub file: String,
    /// Line in it, from 1.
    pub line: Option<u64>,
    /// Hosts; none takes every host.
    pub hosts: Vec<String>,
    /// Methods; none takes every method.
    pub methods: Vec<String>,
    /// Path or pattern.
    pub path: String,
    /// How the pattern is compared: `exact`, `prefix`, `segments`, `regex` or `template`.
    pub path_kind: String,
    /// What answers: `backend`, `files`, `redirect` or `fixed`.
    pub serves: String,
    /// Who may call.
    pub authentication: Protection,
    /// How often.
    pub rate_limit: Protection,
    /// How much a request may send.
    pub body_limit: Protection,
    /// Whether the traffic has calls of it; absent when that cannot be told.
    pub used: Option<bool>,
    /// Calls of endpoints that it takes.
    pub exchanges: u64,
}

/// Whether something protects a route.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Protection {
    /// `on`, `default` (by the product, unsaid), `off` or `unknown`.
    pub state: String,
    /// By what, or why not.
    pub text: String,
}
