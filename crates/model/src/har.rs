//! The exchange stream at the border: HAR 1.2 entries, one per line, with Vedette's underscore extensions.
//!
//! These types are what we *write* (recorders, generators) and what the committed JSON Schema
//! (`docs/schema/exchange.json`) is made from. Reading is `vedette_parse::har`, which is faster and far more
//! forgiving: every field but `request.method` and `request.url` may be missing there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Direction;

/// One exchange: an element of HAR's `log.entries`, or one line of an exchange stream (`.har.ndjson`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Entry {
    /// When the request arrived: RFC 3339 with any offset.
    pub started_date_time: String,
    /// Time to answer in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<f64>,
    /// What the caller sent.
    pub request: Request,
    /// What the service answered.
    pub response: Response,
    /// Address of the server.
    #[serde(rename = "serverIPAddress", skip_serializing_if = "Option::is_none")]
    pub server_ip_address: Option<String>,
    /// Extension: an id of this exchange, unique at its source, of at most 256 bytes (`EVENT_ID_BYTES_MAX`). An entry
    /// that is sent again with the same id is not counted twice.
    #[serde(rename = "_id", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Extension: the peer that connected.
    #[serde(rename = "_client", skip_serializing_if = "Option::is_none")]
    pub client: Option<Client>,
    /// Extension: the service that answered, when its name is known better than by host.
    #[serde(rename = "_server", skip_serializing_if = "Option::is_none")]
    pub server: Option<Server>,
    /// Extension: the workload that called, in east-west traffic.
    #[serde(rename = "_caller", skip_serializing_if = "Option::is_none")]
    pub caller: Option<Caller>,
    /// Extension: facts of the TLS connection; absent means not known.
    #[serde(rename = "_tls", skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
    /// Extension: W3C trace context.
    #[serde(rename = "_trace", skip_serializing_if = "Option::is_none")]
    pub trace: Option<Trace>,
    /// Extension: where the call went relative to the organization; `inbound` when absent.
    #[serde(rename = "_direction", skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// Extension of Chrome and others: what went over the WebSocket that the exchange opened.
    #[serde(rename = "_webSocketMessages", skip_serializing_if = "Vec::is_empty")]
    pub web_socket_messages: Vec<WebSocketMessage>,
}

/// One message of a WebSocket.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct WebSocketMessage {
    /// `send` (from the client) or `receive`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Seconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<f64>,
    /// 1 for text, 2 for binary.
    pub opcode: u8,
    /// The text; binary in base64.
    pub data: String,
}

/// What the caller sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Request {
    /// Method, case as sent.
    pub method: String,
    /// Absolute URL; a path is accepted when a `Host` header is there.
    pub url: String,
    /// Protocol (`HTTP/1.1`, `h2`).
    pub http_version: String,
    /// Header fields in the order sent, duplicates included.
    pub headers: Vec<NameValue>,
    /// Query parameters; only read when the URL has no query.
    pub query_string: Vec<NameValue>,
    /// Cookies; only read when there is no `Cookie` header.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cookies: Vec<NameValue>,
    /// Body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_data: Option<PostData>,
    /// Size of the body in bytes, -1 when not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_size: Option<i64>,
}

/// What the service answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Response {
    /// Status, 0 when there was no answer.
    pub status: u16,
    /// Reason phrase.
    pub status_text: String,
    /// Protocol (`HTTP/1.1`, `h2`).
    pub http_version: String,
    /// Header fields in the order sent, duplicates included.
    pub headers: Vec<NameValue>,
    /// Cookies; only read when there is no `Set-Cookie` header.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cookies: Vec<NameValue>,
    /// Body.
    pub content: Content,
    /// Size of the body as it traveled in bytes, -1 when not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_size: Option<i64>,
}

/// A header field, cookie or query parameter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NameValue {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
}

/// A request body: `text`, or `params` of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct PostData {
    /// Media type.
    pub mime_type: String,
    /// The body as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// `base64` when `text` is that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Fields of a form; only read when there is no `text`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub params: Vec<Param>,
}

/// A field of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Param {
    /// Name.
    pub name: String,
    /// Value, or content of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Name of an uploaded file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
}

/// A response body, decoded from its content coding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Content {
    /// Length in bytes, -1 when not known.
    pub size: i64,
    /// Media type.
    pub mime_type: String,
    /// The body as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// `base64` when `text` is that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
}

/// The peer that connected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Client {
    /// Address.
    pub ip: String,
    /// Port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
}

/// The service that answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Server {
    /// Name.
    pub service: String,
}

/// The workload that called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Caller {
    /// Name.
    pub service: String,
    /// What it proved to be (SPIFFE id, certificate subject).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
}

/// Facts of a TLS connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Tls {
    /// `TLSv1.3`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The caller showed a certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mutual: Option<bool>,
    /// JA4 fingerprint of the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ja4: Option<String>,
}

/// W3C trace context, hexadecimal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Trace {
    /// 32 digits.
    pub trace_id: String,
    /// 16 digits.
    pub span_id: String,
    /// 16 digits; absent for a root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_span_id: Option<String>,
}

/// JSON Schema (2020-12) of [`Entry`]; committed as `docs/schema/exchange.json`.
pub fn exchange_schema() -> schemars::Schema {
    let mut schema = schemars::schema_for!(Entry);
    schema.insert("title".into(), "Vedette exchange (HAR 1.2 entry with extensions)".into());
    schema.insert("required".into(), serde_json::json!(["request"]));
    if let Some(request) = schema.pointer_mut("/$defs/Request").and_then(serde_json::Value::as_object_mut) {
        request.insert("required".into(), serde_json::json!(["method", "url"]));
    }
    schema
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_schema_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schema/exchange.json");
        let fresh = serde_json::to_string_pretty(&super::exchange_schema()).unwrap() + "\n";
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(std::path::Path::new(path).parent().unwrap()).unwrap();
            std::fs::write(path, &fresh).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), fresh, "run with UPDATE=1");
    }
}
