//! Request lines and targets (RFC 9112, 3).

use memchr::{memchr, memchr2, memrchr};

use super::literal::find_byte;

/// A request line in its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestLine<'a> {
    /// Method; empty when the line is no request line at all.
    pub(crate) method: &'a str,
    /// Target; the whole line when it is no request line.
    pub(crate) target: &'a str,
    /// `HTTP/1.1`, when written.
    pub(crate) version: Option<&'a str>,
    /// True unless the line is exactly `METHOD target HTTP/x`.
    pub(crate) malformed: bool,
}

impl<'a> RequestLine<'a> {
    /// Splits a request line. Never fails: junk is a malformed line with everything in the target.
    #[inline]
    pub(crate) fn parse(line: &'a str) -> Self {
        let junk = Self { method: "", target: line, version: None, malformed: true };
        let Some(first) = find_byte(line.as_bytes(), b' ') else { return junk };
        let (method, rest) = split_at_space(line, first);
        if !is_method(method) {
            return junk;
        }
        let last = match rest.as_bytes().last_chunk::<9>() {
            Some([b' ', b'H', b'T', b'T', b'P', b'/', _, b'.', _]) => Some(rest.len() - 9),
            _ => memrchr(b' ', rest.as_bytes()),
        };
        let (target, version) = match last {
            Some(last) => {
                let (target, version) = split_at_space(rest, last);
                if version.starts_with("HTTP/") { (target, Some(version)) } else { (rest, None) }
            }
            None => (rest, None),
        };
        let spaced = version.is_none() || memchr(b' ', target.as_bytes()).is_some();
        Self { method, target, version, malformed: spaced || !is_target(method, target) }
    }
}

#[inline]
fn split_at_space(text: &str, at: usize) -> (&str, &str) {
    (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default())
}

/// True for an HTTP token of the length that methods have (the longest registered one has 17 bytes).
#[inline]
pub(crate) fn is_method(text: &str) -> bool {
    (1..=24).contains(&text.len())
        && text.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
        && text.bytes().all(|c| c.is_ascii_alphabetic() || matches!(c, b'-' | b'_' | b'.'))
}

/// Origin, absolute, authority (`CONNECT`) or asterisk form.
#[inline]
pub(crate) fn is_target(method: &str, target: &str) -> bool {
    target.starts_with('/') || target == "*" || method == "CONNECT" || scheme_end(target).is_some()
}

/// A target in its parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Target<'a> {
    /// `http` or `https` of an absolute form.
    pub(crate) scheme: Option<&'a str>,
    /// Authority of an absolute form, without user information.
    pub(crate) host: Option<&'a str>,
    /// Path.
    pub(crate) path: &'a str,
    /// Query without `?`.
    pub(crate) query: Option<&'a str>,
}

impl<'a> Target<'a> {
    /// Splits a target; a fragment is dropped.
    #[inline]
    pub(crate) fn parse(target: &'a str) -> Self {
        if target.starts_with('/') {
            return Self::origin(target);
        }
        let Some(scheme_end) = scheme_end(target) else { return Self::origin(target) };
        let rest = target.get(scheme_end + 3..).unwrap_or_default();
        let path_at = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(path_at).unwrap_or((rest, ""));
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let mut out = Self::origin(path);
        out.scheme = target.get(..scheme_end);
        out.host = Some(host);
        if out.path.is_empty() {
            out.path = "/";
        }
        out
    }

    #[inline]
    fn origin(target: &'a str) -> Self {
        let bytes = target.as_bytes();
        let Some(at) = memchr2(b'?', b'#', bytes) else { return Self { path: target, ..Self::default() } };
        let path = target.get(..at).unwrap_or_default();
        let rest = target.get(at + 1..).unwrap_or_default();
        let query = (bytes.get(at) == Some(&b'?')).then(|| match memchr(b'#', rest.as_bytes()) {
            Some(end) => rest.get(..end).unwrap_or_default(),
            None => rest,
        });
        Self { path, query, ..Self::default() }
    }
}

/// Length of `http` or `https` (also `ws`, `wss`) when the target is absolute.
#[inline]
fn scheme_end(target: &str) -> Option<usize> {
    let scheme = target.as_bytes().get(..8).unwrap_or(target.as_bytes());
    let at = memchr(b':', scheme)?;
    let known = ["http", "https", "ws", "wss"]
        .iter()
        .any(|known| target.get(..at).is_some_and(|scheme| scheme.eq_ignore_ascii_case(known)));
    (known && target.get(at..).is_some_and(|rest| rest.starts_with("://"))).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_lines_split_or_are_malformed() {
        for (line, method, target, version, malformed) in [
            ("GET /a?b=1 HTTP/1.1", "GET", "/a?b=1", Some("HTTP/1.1"), false),
            ("OPTIONS * HTTP/1.0", "OPTIONS", "*", Some("HTTP/1.0"), false),
            ("CONNECT shop.example:443 HTTP/1.1", "CONNECT", "shop.example:443", Some("HTTP/1.1"), false),
            ("GET http://a.example/x HTTP/1.1", "GET", "http://a.example/x", Some("HTTP/1.1"), false),
            ("GET /a b HTTP/1.1", "GET", "/a b", Some("HTTP/1.1"), true),
            ("GET /old", "GET", "/old", None, true),
            ("GET no-slash HTTP/1.1", "GET", "no-slash", Some("HTTP/1.1"), true),
            ("-", "", "-", None, true),
            ("", "", "", None, true),
            (r"\x16\x03\x01 \x02", "", r"\x16\x03\x01 \x02", None, true),
        ] {
            assert_eq!(RequestLine::parse(line), RequestLine { method, target, version, malformed }, "{line}");
        }
    }

    #[test]
    fn targets_split_at_question_marks_and_lose_fragments() {
        let plain = Target::default();
        for (target, expected) in [
            ("/a", Target { path: "/a", ..plain }),
            ("/a?", Target { path: "/a", query: Some(""), ..plain }),
            ("/a?b=1?c#d", Target { path: "/a", query: Some("b=1?c"), ..plain }),
            ("/a#d?x", Target { path: "/a", ..plain }),
            ("*", Target { path: "*", ..plain }),
            ("//x/y", Target { path: "//x/y", ..plain }),
            (
                "HTTPS://me:pw@a.example:8443?x=1",
                Target { scheme: Some("HTTPS"), host: Some("a.example:8443"), path: "/", query: Some("x=1") },
            ),
            ("http://[::1]/x", Target { scheme: Some("http"), host: Some("[::1]"), path: "/x", query: None }),
        ] {
            assert_eq!(Target::parse(target), expected, "{target}");
        }
    }
}
