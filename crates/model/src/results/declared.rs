//! Traffic against what specifications declare.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Evidence;

/// One specification, compared with the traffic.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Spec {
    /// File it was read from.
    pub file: String,
    /// `OpenAPI 3.1.0`, `Swagger 2.0`, `Postman 2.1`.
    pub dialect: String,
    /// Title.
    pub title: String,
    /// Version of the API that it describes.
    pub version: String,
    /// Names of the observed services that it declares.
    pub services: Vec<String>,
    /// Operations declared.
    pub operations: u64,
    /// Of them observed.
    pub observed: u64,
    /// Share of the exchanges looked at that conform, over all its operations.
    pub conforming: Option<f64>,
    /// What could not be understood, with line and column.
    pub problems: Vec<String>,
}

/// The operation that an endpoint implements.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Operation {
    /// File of the specification.
    pub spec: String,
    /// Line of the operation, from 1.
    pub line: Option<u64>,
    /// JSON pointer of the operation.
    pub pointer: String,
    /// `operationId`.
    pub id: Option<String>,
    /// Declared deprecated.
    pub deprecated: bool,
    /// Exchanges compared with the declaration: all when they are few, a sample otherwise.
    pub checked: u64,
    /// Share of them that conform. Undocumented fields and parameters are drift, but break no declaration: schemas are
    /// open unless they say otherwise.
    pub conforming: f64,
    /// How they differ: what breaks the declaration first, most frequent first.
    pub violations: Vec<Violation>,
}

/// One way in which exchanges differ from their operation.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Violation {
    /// `undocumented-status`, `undocumented-content-type`, `undocumented-parameter`, `undocumented-field`,
    /// `missing-parameter`, `missing-body`, `missing-authentication`, `invalid-parameter`, `invalid-request` or
    /// `invalid-response`.
    pub kind: String,
    /// Where (`request.query.page`, `response.200.body.$.items[].price`).
    pub place: String,
    /// What was declared, and what came (`integer expected, string found`).
    pub text: String,
    /// Share of the exchanges looked at.
    pub share: f64,
    /// Exchanges that show it.
    pub evidence: Vec<Evidence>,
}

/// An operation that was never observed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Orphan {
    /// File of the specification.
    pub spec: String,
    /// Line of the operation, from 1.
    pub line: Option<u64>,
    /// Upper case.
    pub method: String,
    /// As declared.
    pub path: String,
    /// Declared deprecated.
    pub deprecated: bool,
}
