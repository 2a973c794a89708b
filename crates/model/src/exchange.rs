//! One request with its response: the unit of everything.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::{Anomaly, Timestamp};

/// One request with its response, borrowed from the record that it was read from.
///
/// What a source does not carry is `None` or empty: an access log has no headers and no bodies. Text is valid
/// UTF-8; bytes that were not are replaced and noted in [`Exchange::anomalies`].
#[derive(Clone, Debug, Default)]
pub struct Exchange<'a> {
    /// Id that the client gave this exchange (`_id`), so that sending it again counts once.
    pub event_id: Option<Cow<'a, str>>,
    /// When the request arrived.
    pub at: Option<Timestamp>,
    /// Address of the peer, after forwarded headers of trusted proxies were applied by the reader.
    pub client_ip: Option<IpAddr>,
    /// First address that a forwarded header names, also when it was not believed.
    pub forwarded: Option<IpAddr>,
    /// Address that answered.
    pub server_ip: Option<IpAddr>,
    /// Where the call went relative to the organization.
    pub direction: Direction,
    /// Name of the calling workload in east-west traffic (`_caller.service`).
    pub caller_service: Option<Cow<'a, str>>,
    /// Identity that the calling workload proved (`_caller.identity`, a SPIFFE id), in east-west traffic.
    pub caller_identity: Option<Cow<'a, str>>,
    /// Service as the source names it (`_server.service`); otherwise the host serves.
    pub service: Option<Cow<'a, str>>,
    /// Host of the URL or `Host` header, without port when it is the scheme's default.
    pub host: Option<Cow<'a, str>>,
    /// How the request traveled.
    pub scheme: Scheme,
    /// TLS version as the source writes it (`TLSv1.3`).
    pub tls_version: Option<Cow<'a, str>>,
    /// The caller showed a client certificate (`_tls.mutual`), when the source says.
    pub tls_mutual: Option<bool>,
    /// JA4 fingerprint of the TLS client.
    pub tls_ja4: Option<Cow<'a, str>>,
    /// Protocol as written (`HTTP/1.1`, `h2`).
    pub http_version: Option<Cow<'a, str>>,
    /// Method as sent, normally upper case.
    pub method: Cow<'a, str>,
    /// Path as sent, still percent-encoded, begins with `/` except for `*` and authority forms.
    pub path: Cow<'a, str>,
    /// Query as sent, without `?`, still percent-encoded.
    pub query: Option<Cow<'a, str>>,
    /// Response status, 0 when unknown.
    pub status: u16,
    /// Time to answer in microseconds.
    pub duration_us: Option<u64>,
    /// Size of the request in bytes, as the source counts it.
    pub request_bytes: Option<u64>,
    /// Size of the response in bytes, as the source counts it.
    pub response_bytes: Option<u64>,
    /// User that the gateway authenticated (`%u`, `$remote_user`).
    pub user: Option<Cow<'a, str>>,
    /// `User-Agent`, also when the source has no other headers.
    pub user_agent: Option<Cow<'a, str>>,
    /// `Referer`, also when the source has no other headers.
    pub referer: Option<Cow<'a, str>>,
    /// Request headers in order.
    pub request_headers: Headers<'a>,
    /// Response headers in order.
    pub response_headers: Headers<'a>,
    /// Request body, decoded from transfer and content coding.
    pub request_body: Option<Cow<'a, [u8]>>,
    /// Response body, decoded from transfer and content coding.
    pub response_body: Option<Cow<'a, [u8]>>,
    /// What went over the WebSocket that the exchange opened, when the source records it.
    pub websocket: Option<Box<WebSocket<'a>>>,
    /// True when the source records headers, so that a missing header means something.
    pub has_headers: bool,
    /// Oddities met while reading.
    pub anomalies: Vec<Anomaly>,
}

impl Exchange<'_> {
    /// A 2xx or 3xx answer.
    #[inline]
    pub fn succeeded(&self) -> bool {
        (200..400).contains(&self.status)
    }

    /// Media type header of one side, when the source has headers.
    pub fn content_type(&self, side: Side) -> Option<&str> {
        match side {
            Side::Request => self.request_headers.get("content-type"),
            Side::Response => self.response_headers.get("content-type"),
        }
    }
}

/// Messages of one WebSocket (RFC 6455). Control frames are not counted.
#[derive(Clone, Debug, Default)]
pub struct WebSocket<'a> {
    /// Messages by the client.
    pub sent: u64,
    /// Payload bytes by the client, as they traveled.
    pub sent_bytes: u64,
    /// Messages by the server.
    pub received: u64,
    /// Payload bytes by the server, as they traveled.
    pub received_bytes: u64,
    /// Payload of the largest message, in bytes.
    pub message_bytes_max: u64,
    /// The first [`crate::limits::WEBSOCKET_MESSAGES_MAX`] messages, when the source records them.
    pub messages: Vec<WebSocketMessage<'a>>,
}

/// One message of a WebSocket.
#[derive(Clone, Debug, Default)]
pub struct WebSocketMessage<'a> {
    /// The client sent it.
    pub from_client: bool,
    /// Size in bytes.
    pub bytes: u64,
    /// Its text, unless it was binary.
    pub text: Option<Cow<'a, str>>,
}

/// Which half of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// What the caller sent.
    Request,
    /// What the service answered.
    Response,
}

/// Where a call went relative to the organization.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From outside (north-south).
    #[default]
    Inbound,
    /// Between own services (east-west).
    Internal,
    /// To somebody else's API.
    Outbound,
}

/// How a request traveled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// The source does not say.
    #[default]
    Unknown,
    /// In the clear.
    Http,
    /// Under TLS.
    Https,
}

/// Header fields in the order sent. Names compare without case (RFC 9110, 5.1).
#[derive(Clone, Debug, Default)]
pub struct Headers<'a>(pub Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Headers<'a> {
    /// First value of a field; `name` in any case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_ref())
    }

    /// All values of a field in order.
    pub fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s str> {
        self.0.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_ref())
    }

    /// Name and value pairs in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_ref(), v.as_ref()))
    }

    /// Appends a field.
    pub fn push(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) {
        self.0.push((name.into(), value.into()));
    }

    /// True when the source gave none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
