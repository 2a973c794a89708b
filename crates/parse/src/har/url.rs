//! Splits the URL of an entry and reads the other small texts of a request.

use std::borrow::Cow;
use std::ops::Range;

use vedette_model::{Scheme, Timestamp};

use super::json::Loose;

/// Where the parts of a URL stand in it.
pub(crate) struct Target {
    pub(crate) scheme: Scheme,
    /// Host with port and user information; empty when the URL has none.
    pub(crate) authority: Range<usize>,
    /// Without query and fragment, as written.
    pub(crate) path: Range<usize>,
    /// Without `?`.
    pub(crate) query: Option<Range<usize>>,
    /// It is no URL: all of it was taken for a path without its slash.
    pub(crate) odd: bool,
}

/// Splits a URL in absolute, authority, scheme-less, path or asterisk form. `None` for another scheme than HTTP and
/// WebSocket (`data:`, `blob:`, `chrome-extension:`).
pub(crate) fn split(url: &str, method: &str) -> Option<Target> {
    let url = url.trim_end();
    let start = url.len() - url.trim_start().len();
    let text = url.get(start..)?;
    if method.eq_ignore_ascii_case("CONNECT") && !text.contains('/') {
        return Some(Target {
            scheme: Scheme::Https,
            authority: start..url.len(),
            path: start..url.len(),
            query: None,
            odd: false,
        });
    }
    let mut scheme = Scheme::Unknown;
    let mut after = 0;
    let mut odd = false;
    match text.find("://").filter(|at| text.get(..*at).is_some_and(is_scheme)) {
        Some(at) => {
            scheme = Some(self::scheme(text.get(..at)?)).filter(|s| *s != Scheme::Unknown)?;
            after = at + 3;
        }
        None if text.starts_with("//") => after = 2,
        None if text.starts_with('/') || text == "*" => return Some(tail(url, scheme, start..start, start, false)),
        None => {
            let first = text.split(['/', '?', '#']).next().unwrap_or_default();
            let (name, port) = first.split_once(':').unwrap_or((first, ""));
            let is_port = port.bytes().all(|b| b.is_ascii_digit());
            if first.contains(':') && !is_port && is_scheme(name) {
                return None;
            }
            odd = !is_port || !(name.contains('.') || name == "localhost" || !port.is_empty()) || !is_host(name);
        }
    }
    if odd {
        return Some(tail(url, scheme, start..start, start, true));
    }
    let host = start + after;
    let path = url.get(host..)?.find(['/', '?', '#']).map_or(url.len(), |at| host + at);
    Some(tail(url, scheme, host..path, path, false))
}

fn tail(url: &str, scheme: Scheme, authority: Range<usize>, path: usize, odd: bool) -> Target {
    let end = memchr::memchr(b'#', url.as_bytes().get(path..).unwrap_or_default()).map_or(url.len(), |at| path + at);
    let question = memchr::memchr(b'?', url.as_bytes().get(path..end).unwrap_or_default()).map(|at| path + at);
    Target { scheme, authority, path: path..question.unwrap_or(end), query: question.map(|at| at + 1..end), odd }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

fn is_host(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
}

/// The scheme of a URL or of `:scheme`.
pub(super) fn scheme(text: &str) -> Scheme {
    if text.eq_ignore_ascii_case("https") || text.eq_ignore_ascii_case("wss") {
        Scheme::Https
    } else if text.eq_ignore_ascii_case("http") || text.eq_ignore_ascii_case("ws") {
        Scheme::Http
    } else {
        Scheme::Unknown
    }
}

/// Host of an authority: lower case, without user information, default port and trailing dot; `None` when empty.
pub(crate) fn host<'a>(authority: &Cow<'a, str>, scheme: Scheme) -> Option<Cow<'a, str>> {
    let mut text = authority.trim();
    text = text.rsplit_once('@').map_or(text, |(_, host)| host);
    let default = match scheme {
        Scheme::Https => ":443",
        Scheme::Http => ":80",
        Scheme::Unknown => "",
    };
    text = text.strip_suffix(default).unwrap_or(text);
    text = text.strip_suffix([':', '.']).unwrap_or(text);
    if text.is_empty() {
        return None;
    }
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        return Some(Cow::Owned(text.to_ascii_lowercase()));
    }
    match authority {
        Cow::Borrowed(whole) => {
            let start = text.as_ptr().addr() - whole.as_ptr().addr();
            whole.get(start..start + text.len()).map(Cow::Borrowed)
        }
        Cow::Owned(_) => Some(Cow::Owned(text.to_owned())),
    }
}

/// A method; the usual ones in lower case (some exporters) become upper case.
pub(crate) fn method(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii_lowercase()) {
        for known in ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "CONNECT", "TRACE"] {
            if text.eq_ignore_ascii_case(known) {
                return Cow::Borrowed(known);
            }
        }
    }
    text
}

/// An HTTP token (RFC 9110, 5.6.2).
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// A time: RFC 3339 with any offset, or a number since the epoch whose magnitude tells seconds, milli-, micro- and
/// nanoseconds apart (they agree with dates from 1973 to 5138).
pub(super) fn timestamp(value: &Loose<'_>) -> Option<Timestamp> {
    let text = match value {
        Loose::Text(text) => text.trim(),
        Loose::Number(number) => number,
        _ => return None,
    };
    if let Some(at) = Timestamp::parse_rfc3339(text) {
        return Some(at);
    }
    let number: f64 = text.parse().ok().filter(|n: &f64| *n > 0.0 && *n < 1e20)?;
    let micros = match number {
        n if n < 1e11 => n * 1e6,
        n if n < 1e14 => n * 1e3,
        n if n < 1e17 => n,
        n => n / 1e3,
    };
    Some(Timestamp(micros as i64))
}
