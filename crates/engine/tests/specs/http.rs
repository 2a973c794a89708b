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
//! Attributes of the block: `@actor=` who (one address each) or `@ip=` the address itself, `@direction=`, `@caller=`
//! service, `@headers=no` for sources that record none, `@bytes=` response size and `@ms=` time to answer that the
//! source counted. `jwt(header.payload.signature)` is encoded, `token(rosa agent)` is the token of a user and a role.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vedette_model::{Direction, Exchange, Headers, Scheme};

use super::Block;

/// One exchange; its time is not said here.
pub(crate) fn exchange(block: &Block) -> Exchange<'static> {
    let number = |name: &str| block.attribute(name).map(|n| n.parse::<u64>().expect("a number"));
    let mut exchange = parse(&encode_tokens(&name_users(&block.text)));
    let address = block.attribute("ip").map(|ip| ip.parse().expect("@ip is an address"));
    exchange.client_ip = address.or_else(|| Some(address_of(block.attribute("actor").unwrap_or("somebody"))));
    exchange.caller_service = block.attribute("caller").map(|caller| Cow::Owned(caller.to_owned()));
    exchange.response_bytes = number("bytes");
    exchange.duration_us = number("ms").map(|ms| ms * 1_000);
    exchange.direction = match block.attribute("direction") {
        Some("internal") => Direction::Internal,
        Some("outbound") => Direction::Outbound,
        _ => Direction::Inbound,
    };
    if block.attribute("headers") == Some("no") {
        exchange.has_headers = false;
        exchange.request_headers = Headers::default();
        exchange.response_headers = Headers::default();
        exchange.scheme = Scheme::Unknown;
        exchange.response_body = None;
    }
    exchange
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
        user_agent: request_headers.get("user-agent").map(|agent| Cow::Owned(agent.to_owned())),
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

/// Replaces `token(user)` and `token(user role)` by a `jwt(…)` that names them, each with a signature of its own.
fn name_users(text: &str) -> String {
    let Some((before, rest)) = text.split_once("token(") else { return text.to_owned() };
    let (words, after) = rest.split_once(')').expect("token(…)");
    let (user, role) = words.split_once(' ').map_or((words, None), |(user, role)| (user, Some(role)));
    let role = role.map(|role| format!(r#","role":"{role}""#)).unwrap_or_default();
    let signature = URL_SAFE_NO_PAD.encode(format!("signature of {words}"));
    format!(r#"{before}jwt({{"alg":"RS256"}}.{{"sub":"{user}"{role}}}.{signature}){}"#, name_users(after))
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
fn address_of(actor: &str) -> IpAddr {
    let sum = actor.bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
    IpAddr::V4(Ipv4Addr::new(203, 0, 113, sum))
}
