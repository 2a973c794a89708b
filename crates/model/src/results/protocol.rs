//! What is known of an endpoint beyond HTTP: facts of GraphQL, MCP, language models and streams.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Distribution;
use crate::Timestamp;

/// Facts of the protocol that an endpoint speaks inside HTTP.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Protocol {
    /// Template of the HTTP path that carries it (`/graphql`).
    pub path: String,
    /// Name behind `#` in the endpoint's template, for protocols that put many operations behind one path: `query.user`,
    /// `tools/call/search_docs`, `GetOrder`. Absent when the endpoint is the HTTP endpoint itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Failures that the protocol reported, by its own codes (`UNAUTHENTICATED`, `-32602`, `NOT_FOUND`). In
    /// [`super::Endpoint::statuses`] they count by the HTTP status that says the same.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub errors: BTreeMap<String, u64>,
    /// Operations in one exchange, of those that came in a batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<Distribution>,
    /// Of a GraphQL root field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graphql: Option<GraphQlFacts>,
    /// Of an MCP tool, resource or prompt that its server declares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mcp: Option<McpFacts>,
    /// Of a language model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub llm: Option<LlmFacts>,
    /// Of gRPC, server-sent events and WebSockets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<StreamFacts>,
}

/// How a GraphQL root field is asked for. Quantities are those of the whole operation.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct GraphQlFacts {
    /// `query`, `mutation` or `subscription`; empty when only the server knows the text.
    pub operation_type: String,
    /// Levels of fields.
    pub depth: Option<Distribution>,
    /// Fields, each times the page sizes asked for above it.
    pub cost: Option<Distribution>,
    /// Aliased fields.
    pub aliases: Option<Distribution>,
    /// Calls that named a stored text by its hash or id.
    pub persisted: u64,
    /// Names that clients gave their operations.
    pub operations: Vec<String>,
}

/// An MCP tool, resource or prompt as its server declares it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct McpFacts {
    /// Hash of title, description and annotations in the latest declaration.
    pub description_hash: String,
    /// Bytes of the description.
    pub description_bytes: u64,
    /// Declared JSON Schema of the arguments.
    pub input_schema: Option<serde_json::Value>,
    /// Declared JSON Schema of the structured result.
    pub output_schema: Option<serde_json::Value>,
    /// Every new version of the declaration after the first, in order of time.
    pub changes: Vec<McpChange>,
}

/// One change of a declaration.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct McpChange {
    /// First exchange that declared it so.
    pub at: Option<Timestamp>,
    /// Source of that exchange (index into `sources`).
    pub source: u32,
    /// Zero-based record number in that source.
    pub exchange: u64,
    /// What differs from the version before: `description`, `input-schema`, `output-schema`.
    pub changed: Vec<String>,
    /// Hash of the description from then on.
    pub description_hash: String,
}

/// How a language model is called.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct LlmFacts {
    /// Calls by model.
    pub models: BTreeMap<String, u64>,
    /// Calls that offered a tool, by tool.
    pub tools: BTreeMap<String, u64>,
    /// Tokens read per call, where the answer counts them.
    pub input_tokens: Option<Distribution>,
    /// Tokens written per call.
    pub output_tokens: Option<Distribution>,
    /// Calls answered as a stream.
    pub streamed: u64,
}

/// Messages of a stream.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct StreamFacts {
    /// Messages from the client per exchange.
    pub sent: Option<Distribution>,
    /// Messages or events from the server per exchange.
    pub received: Option<Distribution>,
    /// Bytes of a message from the client.
    pub sent_bytes: Option<Distribution>,
    /// Bytes of a message from the server; of events, the largest of each exchange.
    pub received_bytes: Option<Distribution>,
    /// Exchanges by dialect (`grpc`, `grpc-web`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dialects: BTreeMap<String, u64>,
}
