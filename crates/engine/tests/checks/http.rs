//! Simplified HTTP: a request, `HTTP <status>`, and the response.
//!
//! ```text
//! POST https://api.shop.example/v1/orders?draft=true
//! Authorization: Bearer jwt({"alg":"RS256"}.{"exp":1767229200}.signature)
//!
//! {"item": 7}
//! HTTP 201
//! Content-Type: application/json
//!
//! {"id": 1}
//! ```
//!
//! Attributes: `@t=` time of the first (default 2026-01-01T00:00:00Z), `@repeat=` times with `@step=` seconds between
//! them (default 60), `@actor=` who (one address each), `@direction=`, `@caller=` service, `@headers=no` for sources
//! that record none, `@bytes=` response size that the source counted. `jwt(header.payload.signature)` is encoded.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vedette_model::{Direction, Exchange, Headers, Scheme, Timestamp};

use super::spec::Block;

/// The exchanges of one block.
pub(super) fn exchanges(block: &Block) -> Vec<Exchange<'static>> {
    let attribute = |name: &str| {
        let mut words = block.info.split_whitespace();
        words.find_map(|word| word.strip_prefix('@')?.strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
    };
    let start = attribute("t").unwrap_or_else(|| "2026-01-01T00:00:00Z".to_owned());
    let start = Timestamp::parse_rfc3339(&start).expect("@t is an RFC 3339 time");
    let number = |name: &str, default: i64| attribute(name).map_or(default, |n| n.parse().expect("a number"));
    let mut exchange = parse(&encode_tokens(&block.text));
    exchange.client_ip = Some(address(attribute("actor").as_deref().unwrap_or("somebody")));
    exchange.caller_service = attribute("caller").map(Cow::Owned);
    exchange.response_bytes = attribute("bytes").map(|bytes| bytes.parse().expect("a number"));
    exchange.direction = match attribute("direction").as_deref() {
        Some("internal") => Direction::Internal,
        Some("outbound") => Direction::Outbound,
        _ => Direction::Inbound,
    };
    if attribute("headers").as_deref() == Some("no") {
        exchange.has_headers = false;
        exchange.request_headers = Headers::default();
        exchange.response_headers = Headers::default();
        exchange.scheme = Scheme::Unknown;
        exchange.response_body = None;
    }
    let step = number("step", 60);
    let repeated = (0..number("repeat", 1)).map(|n| {
        let at = Timestamp(start.0 + n * step * 1_000_000);
        Exchange { at: Some(at), ..exchange.clone() }
    });
    repeated.collect()
}

fn parse(text: &str) -> Exchange<'static> {
    let (request, response) = text.split_once("\nHTTP ").expect("a line `HTTP <status>`");
    let (request_line, request_headers, request_body) = message(request);
    let (status, response_headers, response_body) = message(response);
    let (method, url) = request_line.split_once(' ').expect("METHOD URL");
    let (scheme, rest) = url.split_once("://").expect("an absolute URL");
    let (host, target) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    Exchange {
        scheme: if scheme == "http" { Scheme::Http } else { Scheme::Https },
        host: Some(Cow::Owned(host.to_owned())),
        method: Cow::Owned(method.to_owned()),
        path: Cow::Owned(path.to_owned()),
        query: query.map(|query| Cow::Owned(query.to_owned())),
        status: status.trim().parse().expect("a status"),
        request_headers,
        response_headers,
        request_body,
        response_body,
        has_headers: true,
        ..Exchange::default()
    }
}

/// First line, headers and body.
fn message(text: &str) -> (String, Headers<'static>, Option<Cow<'static, [u8]>>) {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default().to_owned();
    let mut headers = Headers::default();
    for line in lines {
        let (name, value) = line.split_once(':').expect("Name: value");
        headers.push(name.trim().to_owned(), value.trim().to_owned());
    }
    let body = body.trim_end();
    (first, headers, (!body.is_empty()).then(|| Cow::Owned(body.as_bytes().to_vec())))
}

/// Replaces `jwt(header.payload.signature)` by the encoded token.
fn encode_tokens(text: &str) -> String {
    let Some((before, rest)) = text.split_once("jwt(") else { return text.to_owned() };
    let (token, after) = rest.split_once(')').expect("jwt(…)");
    let (header, rest) = token.split_once("}.").expect("jwt({…}.{…}.signature)");
    let (payload, signature) = rest.split_once("}.").expect("jwt({…}.{…}.signature)");
    let encode = |json: &str| URL_SAFE_NO_PAD.encode(format!("{json}}}"));
    format!("{before}{}.{}.{signature}{}", encode(header), encode(payload), encode_tokens(after))
}

/// An address of the documentation network for each name.
fn address(actor: &str) -> IpAddr {
    let sum = actor.bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
    IpAddr::V4(Ipv4Addr::new(203, 0, 113, sum))
}
