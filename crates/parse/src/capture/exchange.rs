//! From a record to an exchange: headers are split, content codings undone.

use std::borrow::Cow;
use std::net::SocketAddr;

use vedette_model::limits::HEADERS_MAX;
use vedette_model::{Anomaly, Exchange, Headers, Scheme, Timestamp};

use super::http1::head as framing;
use super::record::{Part, Record, TlsFields};
use crate::coding::{self, Outcome};
use crate::decode::Unreadable;
use crate::har::{address, first, is_single, note, part, url};

/// Reads a record of [`Finished`](super::Finished).
///
/// # Errors
/// When the bytes are no such record, or its request has no target.
pub fn exchange(record: &[u8]) -> Result<Exchange<'_>, Unreadable> {
    let record = Record::read(record).ok_or(Unreadable { reason: "not an exchange of a capture" })?;
    let mut x = Exchange {
        at: Some(Timestamp(record.at)),
        duration_us: record.duration_us,
        server_ip: Some(record.server.ip()),
        scheme: if record.tls.is_some() { Scheme::Https } else { Scheme::Http },
        has_headers: true,
        websocket: record.websocket,
        ..Exchange::default()
    };
    let name = record.tls.as_ref().map(|tls| text(tls.name)).filter(|name| !name.is_empty());
    if let Some(TlsFields { version, ja4, mutual, .. }) = record.tls {
        x.tls_version = Some(text(version)).filter(|version| !version.is_empty());
        x.tls_ja4 = Some(text(ja4)).filter(|ja4| !ja4.is_empty());
        x.tls_mutual = mutual;
    }
    request(&record.request, name, record.server, &mut x)?;
    if let Some(response) = &record.response {
        self::response(response, &mut x);
    }
    let peer = record.client.ip();
    x.client_ip = address::client(Some(peer), &x.request_headers);
    x.forwarded = address::forwarded(&x.request_headers);
    // TLS that a proxy of ours ended is TLS to the caller.
    let forwarded = x.request_headers.get("x-forwarded-proto").is_some_and(|p| p.eq_ignore_ascii_case("https"));
    if address::is_private(peer) && forwarded {
        x.scheme = Scheme::Https;
    }
    Ok(x)
}

fn request<'a>(
    sent: &Part<'a>,
    name: Option<Cow<'a, str>>,
    server: SocketAddr,
    x: &mut Exchange<'a>,
) -> Result<(), Unreadable> {
    let head = text(sent.head);
    let (line, rest) = lines(&head).next().ok_or(Unreadable { reason: "no request line" })?;
    let pseudo = headers(&head, rest, &mut x.request_headers, &mut x.anomalies);
    // A target may hold spaces that should have been escaped.
    let words = head.get(line.clone()).unwrap_or_default();
    let (method, after) = words.split_once(' ').ok_or(Unreadable { reason: "no target" })?;
    let target = after.rsplit_once(' ').map_or(after, |(target, _)| target).trim_end();
    let start = line.start + method.len() + 1;
    x.http_version = Some(part(&head, start + target.len() + 1..line.end)).filter(|version| !version.is_empty());
    x.method = part(&head, line.start..line.start + method.len());
    if !url::is_token(&x.method) {
        note(&mut x.anomalies, Anomaly::BadMethod);
    }
    let whole = part(&head, start..start + target.len());
    let split = url::split(&whole, &x.method).ok_or(Unreadable::NOT_HTTP)?;
    if split.odd {
        note(&mut x.anomalies, Anomaly::BadUrl);
    }
    x.query = split.query.clone().map(|query| part(&whole, query));
    x.path = match part(&whole, split.path.clone()) {
        path if path.is_empty() => Cow::Borrowed("/"),
        path if path.starts_with('/') || path == "*" || x.method == "CONNECT" => path,
        path => Cow::Owned(format!("/{path}")),
    };
    let host = Some(part(&whole, split.authority.clone())).filter(|authority| !authority.is_empty());
    let host = host.or(pseudo).or_else(|| first(&x.request_headers, "host")).or(name);
    x.host = host.and_then(|host| url::host(&host, x.scheme)).or_else(|| Some(Cow::Owned(server.to_string())));
    x.user_agent = first(&x.request_headers, "user-agent");
    x.referer = first(&x.request_headers, "referer");
    x.request_bytes = Some(sent.body_bytes);
    x.request_body = body(sent, &x.request_headers, &mut x.anomalies);
    Ok(())
}

fn response<'a>(received: &Part<'a>, x: &mut Exchange<'a>) {
    let head = text(received.head);
    x.status = framing::status(received.head);
    if !(100..600).contains(&x.status) {
        note(&mut x.anomalies, Anomaly::BadStatus);
        x.status = 0;
    }
    if let Some((_, rest)) = lines(&head).next() {
        headers(&head, rest, &mut x.response_headers, &mut x.anomalies);
    }
    x.response_bytes = Some(received.body_bytes);
    x.response_body = body(received, &x.response_headers, &mut x.anomalies);
}

/// Bytes of the wire as text.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// Where each line stands, without its end, and where the next one begins.
fn lines(head: &str) -> impl Iterator<Item = (std::ops::Range<usize>, usize)> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = head.as_bytes().get(start..).filter(|rest| !rest.is_empty())?;
        let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = rest.get(..length)?;
        let range = start..start + line.strip_suffix(b"\r").unwrap_or(line).len();
        start += length + 1;
        Some((range, start))
    })
}

/// Splits the fields that begin at `from`; returns `:authority`.
fn headers<'a>(
    head: &Cow<'a, str>,
    from: usize,
    out: &mut Headers<'a>,
    anomalies: &mut Vec<Anomaly>,
) -> Option<Cow<'a, str>> {
    if matches!(head, Cow::Owned(_)) {
        note(anomalies, Anomaly::InvalidUtf8);
    }
    let mut authority = None;
    let fields = head.get(from..).unwrap_or_default();
    for (range, _) in lines(fields).take(HEADERS_MAX) {
        let line = fields.get(range.clone()).unwrap_or_default();
        // A folded line (RFC 9112, 5.2).
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = out.0.last_mut() {
                *value = Cow::Owned(format!("{value} {}", line.trim()));
            }
            continue;
        }
        let Some(colon) = line.get(1..).and_then(|line| line.find(':')).map(|colon| colon + 1) else { continue };
        let start = from + range.start;
        let value = line.get(colon + 1..).unwrap_or_default();
        let value_start = start + colon + 1 + (value.len() - value.trim_start().len());
        let value = part(head, value_start..value_start + value.trim().len());
        let name = part(head, start..start + line.get(..colon).unwrap_or_default().trim_end().len());
        if name == ":authority" {
            authority = Some(value);
        } else if !name.starts_with(':') {
            if is_single(&name) && out.get(&name).is_some_and(|before| before != value) {
                note(anomalies, Anomaly::DuplicateHeader);
            }
            out.push(name, value);
        }
    }
    let lengths = out.all("content-length").collect::<Vec<_>>();
    let differ = lengths.iter().any(|length| Some(length) != lengths.first());
    if differ || (!lengths.is_empty() && out.get("transfer-encoding").is_some()) {
        note(anomalies, Anomaly::AmbiguousLength);
    }
    authority
}

fn body<'a>(message: &Part<'a>, headers: &Headers<'_>, anomalies: &mut Vec<Anomaly>) -> Option<Cow<'a, [u8]>> {
    if message.is_cut {
        note(anomalies, Anomaly::TruncatedBody);
    }
    if message.body.is_empty() {
        return None;
    }
    let (mut body, mut outcome) = (Cow::Borrowed(message.body), Outcome::Whole);
    // Transfer codings were put on last.
    for name in ["transfer-encoding", "content-encoding"] {
        let Some(codings) = headers.get(name) else { continue };
        let (decoded, next) = match body {
            Cow::Borrowed(bytes) => coding::decode(bytes, codings),
            Cow::Owned(bytes) => {
                let (decoded, next) = coding::decode(&bytes, codings);
                (Cow::Owned(decoded.into_owned()), next)
            }
        };
        body = decoded;
        outcome = if next == Outcome::Whole { outcome } else { next };
    }
    match outcome {
        Outcome::Whole => {}
        Outcome::Cut => note(anomalies, Anomaly::TruncatedBody),
        Outcome::Broken => note(anomalies, Anomaly::BadContentCoding),
    }
    Some(body).filter(|body| !body.is_empty())
}
