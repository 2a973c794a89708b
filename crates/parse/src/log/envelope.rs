//! What log shippers put around a line: syslog, container runtimes, compose.

use std::borrow::Cow;

use vedette_model::{Exchange, Headers, Timestamp};

/// Cuts off what is before the line itself. `None` when nothing was recognized.
pub(crate) fn strip(line: &str) -> Option<&str> {
    let (priority, rest) = priority(line);
    rfc5424(rest)
        .filter(|_| priority)
        .or_else(|| bsd_syslog(rest))
        .or_else(|| after_rfc3339(rest))
        .or_else(|| compose(rest))
        .filter(|inner| !inner.is_empty())
}

/// `<134>`.
fn priority(line: &str) -> (bool, &str) {
    let rest = line.strip_prefix('<').and_then(|rest| rest.split_once('>'));
    match rest {
        Some((number, rest)) if number.len() <= 3 && number.bytes().all(|c| c.is_ascii_digit()) => (true, rest),
        _ => (false, line),
    }
}

/// `1 2026-11-22T10:05:03Z host app 123 - - ` (RFC 5424), structured data read past.
fn rfc5424(rest: &str) -> Option<&str> {
    let mut rest = rest.strip_prefix("1 ")?;
    for _ in 0..5 {
        rest = rest.split_once(' ')?.1;
    }
    let rest = match rest.strip_prefix("- ") {
        Some(message) => message,
        None if rest.starts_with('[') => rest.split_once("] ")?.1,
        None => return None,
    };
    Some(rest.trim_start_matches('\u{feff}'))
}

/// `Apr  4 14:30:19 host tag[123]: ` (RFC 3164).
fn bsd_syslog(rest: &str) -> Option<&str> {
    let (time, rest) = rest.split_at_checked(16)?;
    match time.as_bytes() {
        [_, _, _, b' ', _, _, b' ', h, _, b':', _, _, b':', _, _, b' '] if h.is_ascii_digit() => {}
        _ => return None,
    }
    Some(after_tag(rest.split_once(' ')?.1))
}

/// `2026-11-22T10:05:03.1Z stdout F ` (CRI) or `2026-11-22T10:05:03.1Z host tag: ` (rsyslog).
fn after_rfc3339(rest: &str) -> Option<&str> {
    let (time, rest) = rest.split_once(' ')?;
    Timestamp::parse_rfc3339(time).filter(|_| time.len() > 10)?;
    let (host, rest) = rest.split_once(' ')?;
    if matches!(host, "stdout" | "stderr") {
        return rest.strip_prefix("F ").or_else(|| rest.strip_prefix("P ")).or(Some(rest));
    }
    Some(after_tag(rest.trim_start()))
}

/// `tag[123]: `, if there is one.
fn after_tag(rest: &str) -> &str {
    match rest.split_once(": ") {
        Some((tag, message)) if !tag.contains([' ', '{', '"']) => message,
        _ => rest,
    }
}

/// `web-1  | ` (docker compose).
fn compose(rest: &str) -> Option<&str> {
    let (name, rest) = rest.split_once(" | ")?;
    let name = name.trim_end();
    let is_name = !name.is_empty() && name.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_.".contains(&c));
    is_name.then_some(rest)
}

/// The line within a record of Docker's json-file driver (`{"log":"…\n","stream":"stdout","time":"…"}`).
pub(crate) fn docker(line: &str) -> Option<String> {
    let rest = line.strip_prefix("{\"log\":")?;
    let mut value = serde_json::Deserializer::from_str(rest).into_iter::<String>();
    value.next()?.ok()
}

/// An exchange that borrows from nothing.
pub(crate) fn into_owned(e: Exchange<'_>) -> Exchange<'static> {
    fn own(text: Cow<'_, str>) -> Cow<'static, str> {
        Cow::Owned(text.into_owned())
    }
    fn own_bytes(bytes: Cow<'_, [u8]>) -> Cow<'static, [u8]> {
        Cow::Owned(bytes.into_owned())
    }
    fn own_headers(headers: Headers<'_>) -> Headers<'static> {
        Headers(headers.0.into_iter().map(|(name, value)| (own(name), own(value))).collect())
    }
    Exchange {
        event_id: e.event_id.map(own),
        at: e.at,
        client_ip: e.client_ip,
        forwarded: e.forwarded,
        server_ip: e.server_ip,
        direction: e.direction,
        caller_service: e.caller_service.map(own),
        caller_identity: e.caller_identity.map(own),
        service: e.service.map(own),
        host: e.host.map(own),
        scheme: e.scheme,
        tls_version: e.tls_version.map(own),
        tls_mutual: e.tls_mutual,
        tls_ja4: e.tls_ja4.map(own),
        http_version: e.http_version.map(own),
        method: own(e.method),
        path: own(e.path),
        query: e.query.map(own),
        status: e.status,
        duration_us: e.duration_us,
        request_bytes: e.request_bytes,
        response_bytes: e.response_bytes,
        user: e.user.map(own),
        user_agent: e.user_agent.map(own),
        referer: e.referer.map(own),
        request_headers: own_headers(e.request_headers),
        response_headers: own_headers(e.response_headers),
        request_body: e.request_body.map(own_bytes),
        response_body: e.response_body.map(own_bytes),
        // No log format records WebSocket messages.
        websocket: None,
        has_headers: e.has_headers,
        anomalies: e.anomalies,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn envelopes_are_cut_off() {
        for line in [
            "Apr  4 14:30:19 edge-1 haproxy[3946303]: x y",
            "<134>Apr 14 14:30:19 edge-1 nginx: x y",
            "<134>1 2026-11-22T10:05:03Z edge-1 nginx 12 - - x y",
            "<134>1 2026-11-22T10:05:03Z edge-1 nginx 12 - [a b=\"c\"] x y",
            "2026-11-22T10:05:03.123456789Z stdout F x y",
            "2026-11-22T10:05:03+00:00 edge-1 nginx[1]: x y",
            "web-1  | x y",
        ] {
            assert_eq!(strip(line), Some("x y"), "{line}");
        }
        for line in ["", "x y", "192.0.2.1 - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 1"] {
            assert_eq!(strip(line), None, "{line}");
        }
        assert_eq!(docker(r#"{"log":"a \"b\"\n","stream":"stdout"}"#).as_deref(), Some("a \"b\"\n"));
    }
}
