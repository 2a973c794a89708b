//! HAR 1.2 entries with Vedette's underscore extensions, in all the dialects that recorders write.
//!
//! Browsers, proxies and exporters agree on HAR's outline only: sizes of -1, numbers as strings, `null` for absent,
//! headers as an object, forms as `params` without `text`, HTTP/2 pseudo headers among the headers, cookies stripped
//! from the headers but listed, bodies in base64, lone surrogates. All of it is read; what has the wrong type is left
//! out and noted as [`Anomaly::MistypedField`]. Only JSON that is none, or an entry without request or URL, is
//! [`Unreadable`]. The extensions are described by `vedette_model::har`.

use std::borrow::Cow;

use vedette_model::limits::EVENT_ID_BYTES_MAX;
use vedette_model::{Anomaly, Direction, Exchange, Headers, Scheme};

use crate::decode::Unreadable;
use wire::{Entry, Message, Pair, number, text};

pub use json::quote_or_backslash;

pub(crate) mod address;
mod body;
#[doc(hidden)]
pub mod fuzz;
mod json;
#[cfg(test)]
mod tests;
pub(crate) mod url;
mod wire;

/// Reads one HAR entry. What can be borrowed is borrowed: an entry without escapes costs no copy.
///
/// # Errors
/// When the record is not one JSON object, has no request or no URL, or its URL is not of the HTTP family
/// ([`Unreadable::NOT_HTTP`]: browsers list `data:` and `blob:` loads too).
pub fn entry(record: &str) -> Result<Exchange<'_>, Unreadable> {
    let mut reader = json::Reader::new(record);
    let broken = |_| Unreadable { reason: "not valid JSON" };
    let mut wire = Entry::read(&mut reader).map_err(broken)?.ok_or(Unreadable { reason: "not a JSON object" })?;
    // An array cut into lines leaves its commas; anything else may be a second entry that would be lost.
    if !reader.rest().trim_start_matches([' ', '\t', '\r', '\n', ',']).is_empty() {
        return Err(Unreadable { reason: "text after the entry" });
    }
    let request = wire.request.take().ok_or(Unreadable { reason: "no request" })?;
    let response = wire.response.take().unwrap_or_default();
    let mut exchange = Exchange::default();
    let mut mistyped = wire.mistyped;
    request_half(request, &mut exchange, &mut mistyped)?;
    response_half(response, &mut exchange, &mut mistyped);
    exchange.has_headers = !exchange.request_headers.is_empty() || !exchange.response_headers.is_empty();
    surroundings(wire, &mut exchange, &mut mistyped);
    if mistyped {
        note(&mut exchange.anomalies, Anomaly::MistypedField);
    }
    Ok(exchange)
}

pub(crate) fn note(anomalies: &mut Vec<Anomaly>, anomaly: Anomaly) {
    if !anomalies.contains(&anomaly) {
        anomalies.push(anomaly);
    }
}

fn request_half<'a>(m: Message<'a>, x: &mut Exchange<'a>, mistyped: &mut bool) -> Result<(), Unreadable> {
    let url = text(m.url, mistyped).filter(|url| !url.trim().is_empty()).ok_or(Unreadable { reason: "no URL" })?;
    let method = text(m.method, mistyped).unwrap_or_default();
    let target = url::split(&url, &method).ok_or(Unreadable::NOT_HTTP)?;
    if target.odd {
        note(&mut x.anomalies, Anomaly::BadUrl);
    }
    x.scheme = target.scheme;
    x.path = match part(&url, target.path) {
        path if target.odd => Cow::Owned(format!("/{path}")),
        path if path.is_empty() => Cow::Borrowed("/"),
        path => path,
    };
    x.query = target.query.map(|query| part(&url, query));
    if x.query.is_none() && !m.query.is_empty() {
        x.query = Some(Cow::Owned(body::urlencoded(&m.query)));
    }

    let pseudo = headers(m.headers, &mut x.request_headers, &mut x.anomalies);
    if x.scheme == Scheme::Unknown {
        x.scheme = pseudo.scheme.as_deref().map_or(Scheme::Unknown, url::scheme);
    }
    x.host = Some(part(&url, target.authority))
        .filter(|authority| !authority.is_empty())
        .or(pseudo.authority)
        .or_else(|| x.request_headers.get("host").map(|host| Cow::Owned(host.to_owned())))
        .and_then(|authority| url::host(&authority, x.scheme));
    x.method = url::method(Some(method).filter(|m| !m.is_empty()).or(pseudo.method).unwrap_or_default());
    if !url::is_token(&x.method) {
        note(&mut x.anomalies, Anomaly::BadMethod);
    }
    if !m.cookies.is_empty() && x.request_headers.get("cookie").is_none() {
        x.request_headers.push("cookie", body::cookie(&m.cookies));
    }
    x.user_agent = first(&x.request_headers, "user-agent");
    x.referer = first(&x.request_headers, "referer");
    x.http_version = text(m.http_version, mistyped).filter(|version| !version.is_empty() && version != "unknown");

    let size = number(&m.body_size, mistyped).filter(|size| *size >= 0.0).map(|size| size as u64);
    x.request_body = body::read(m.body, &mut x.request_headers, &mut x.anomalies, mistyped);
    x.request_bytes = size.or(x.request_body.as_ref().map(|body| body.len() as u64));
    Ok(())
}

fn response_half<'a>(m: Message<'a>, x: &mut Exchange<'a>, mistyped: &mut bool) {
    // 0 and -1 are what browsers write for a request that was blocked or broken off.
    x.status = match number(&m.status, mistyped).map(|status| status as i64) {
        Some(status @ 100..600) => status as u16,
        None | Some(-1 | 0) => 0,
        Some(_) => {
            note(&mut x.anomalies, Anomaly::BadStatus);
            0
        }
    };
    headers(m.headers, &mut x.response_headers, &mut x.anomalies);
    if !m.cookies.is_empty() && x.response_headers.get("set-cookie").is_none() {
        for cookie in &m.cookies {
            x.response_headers.push("set-cookie", body::set_cookie(cookie));
        }
    }
    if x.http_version.is_none() {
        x.http_version = text(m.http_version, mistyped).filter(|version| !version.is_empty() && version != "unknown");
    }
    // What went over the wire when it is known (0 is also "from the cache"), else the size of the content.
    let mut size = |value| number(&value, mistyped).filter(|size| *size > 0.0).map(|size| size as u64);
    let sizes = [size(m.body_size), size(m.transfer_size)];
    let mut body = m.body;
    let content = size(std::mem::take(&mut body.size));
    x.response_body = body::read(body, &mut x.response_headers, &mut x.anomalies, mistyped);
    let [body_size, transfer_size] = sizes;
    x.response_bytes = body_size.or(content).or(x.response_body.as_ref().map(|b| b.len() as u64)).or(transfer_size);
}

fn surroundings<'a>(wire: Entry<'a>, x: &mut Exchange<'a>, mistyped: &mut bool) {
    x.event_id = text(wire.id, mistyped).filter(|id| !id.is_empty());
    if x.event_id.as_ref().is_some_and(|id| id.len() > EVENT_ID_BYTES_MAX) {
        (x.event_id, *mistyped) = (None, true);
    }
    x.at = url::timestamp(&wire.started);
    if x.at.is_none() {
        note(&mut x.anomalies, Anomaly::BadTimestamp);
    }
    let measured = Some(wire.timings).filter(|ms| *ms > 0.0);
    x.duration_us = number(&wire.time, mistyped).filter(|ms| *ms >= 0.0).or(measured).map(|ms| (ms * 1e3) as u64);
    let peer = text(wire.client_ip, mistyped).and_then(|ip| address::parse(&ip));
    x.client_ip = address::client(peer, &x.request_headers);
    x.forwarded = address::forwarded(&x.request_headers);
    x.service = text(wire.server_service, mistyped).filter(|name| !name.is_empty());
    x.caller_service = text(wire.caller_service, mistyped).filter(|name| !name.is_empty());
    x.caller_identity = text(wire.caller_identity, mistyped).filter(|name| !name.is_empty());
    x.tls_version = text(wire.tls_version, mistyped).filter(|version| !version.is_empty());
    x.websocket = wire.websocket;
    x.tls_ja4 = text(wire.tls_ja4, mistyped).filter(|ja4| !ja4.is_empty());
    x.server_ip = text(wire.server_ip, mistyped).and_then(|ip| address::parse(&ip));
    x.tls_mutual = match text(wire.tls_mutual, mistyped).as_deref() {
        Some("true") => Some(true),
        Some("false") => Some(false),
        other => {
            *mistyped |= other.is_some();
            None
        }
    };
    // TLS that a proxy of ours ended is TLS to the caller.
    let forwarded = peer.is_some_and(address::is_private)
        && x.request_headers.get("x-forwarded-proto").is_some_and(|p| p.eq_ignore_ascii_case("https"));
    if forwarded || (wire.tls && x.scheme == Scheme::Unknown) {
        x.scheme = Scheme::Https;
    }
    x.direction = match text(wire.direction, mistyped).as_deref() {
        None | Some("inbound" | "") => Direction::Inbound,
        Some("internal") => Direction::Internal,
        Some("outbound") => Direction::Outbound,
        Some(_) => {
            *mistyped = true;
            Direction::Inbound
        }
    };
}

/// HTTP/2 pseudo headers (RFC 9113, 8.3.1): control data that some recorders list among the fields.
#[derive(Default)]
struct Pseudo<'a> {
    authority: Option<Cow<'a, str>>,
    method: Option<Cow<'a, str>>,
    scheme: Option<Cow<'a, str>>,
}

/// Moves fields over; duplicates stay, and those that must not differ are noted.
fn headers<'a>(pairs: Vec<Pair<'a>>, out: &mut Headers<'a>, anomalies: &mut Vec<Anomaly>) -> Pseudo<'a> {
    let mut pseudo = Pseudo::default();
    out.0.reserve(pairs.len() + 1);
    for Pair { name, value, .. } in pairs {
        match name.as_ref() {
            ":authority" => pseudo.authority = Some(value),
            ":method" => pseudo.method = Some(value),
            ":scheme" => pseudo.scheme = Some(value),
            other if other.is_empty() || other.starts_with(':') => {}
            other => {
                if is_single(other) && out.get(other).is_some_and(|before| before != value) {
                    note(anomalies, Anomaly::DuplicateHeader);
                }
                out.push(name, value);
            }
        }
    }
    pseudo
}

/// Fields of which two different ones make a message ambiguous (RFC 9112, 6.3 and 3.2; RFC 9110, 11.6.2).
pub(crate) fn is_single(name: &str) -> bool {
    let names: &[&str] = match name.len() {
        4 => &["host"],
        12 => &["content-type"],
        13 => &["authorization"],
        14 => &["content-length"],
        _ => &[],
    };
    names.iter().any(|single| name.eq_ignore_ascii_case(single))
}

pub(crate) fn first<'a>(headers: &Headers<'a>, name: &str) -> Option<Cow<'a, str>> {
    headers.0.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
}

/// A part of a text, borrowed when the whole is.
pub(crate) fn part<'a>(whole: &Cow<'a, str>, range: std::ops::Range<usize>) -> Cow<'a, str> {
    match whole {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(range).unwrap_or_default()),
        Cow::Owned(text) => Cow::Owned(text.get(range).unwrap_or_default().to_owned()),
    }
}
