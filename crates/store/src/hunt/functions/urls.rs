//! Parts of URLs, and other small text of HTTP.

/// Host of a URL or of `host:port`.
pub(super) fn host(url: &str) -> Option<String> {
    let (schemed, rest) = match url.split_once("://") {
        Some((_, rest)) => (true, rest),
        None => match url.strip_prefix("//") {
            Some(rest) => (true, rest),
            None => (false, url),
        },
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        // More than one colon without brackets is a bare IPv6 address.
        None if authority.matches(':').count() > 1 => authority,
        None => authority.split(':').next().unwrap_or_default(),
    };
    let named =
        !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:".contains(&b) || b >= 0x80);
    (named && (schemed || host.contains(['.', ':']) || host == "localhost")).then(|| host.to_lowercase())
}

/// Segment from 1, or from the end when negative.
pub(super) fn path_segment(path: &str, n: i64) -> Option<String> {
    let path =
        path.split_once("://").map_or(path, |(_, rest)| rest.find('/').and_then(|at| rest.get(at..)).unwrap_or(""));
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let nth = usize::try_from(n.unsigned_abs().checked_sub(1)?).ok()?;
    let segment = if n > 0 { segments.nth(nth) } else { segments.rev().nth(nth) };
    segment.map(ToOwned::to_owned)
}

/// Undoes percent escapes; others stay as they are.
#[expect(clippy::unnecessary_wraps, reason = "as all functions of text are")]
pub(super) fn decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, after) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                bytes.push(nibble(*high) << 4 | nibble(*low));
                rest = after;
            }
            _ => bytes.push(*first),
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

/// `2xx` of 200.
pub(super) fn status_class(status: i64) -> Option<String> {
    (100..600).contains(&status).then(|| format!("{}xx", status / 100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found() {
        for (url, expected) in [
            ("https://user:pw@Example.org:443/x", Some("example.org")),
            ("//cdn.example.org/a.js", Some("cdn.example.org")),
            ("example.org:8080", Some("example.org")),
            ("http://[2001:db8::1]:80/", Some("2001:db8::1")),
            ("http://db/x", Some("db")),
            ("localhost", Some("localhost")),
            ("/only/a/path", None),
            ("word", None),
            ("http://", None),
            ("", None),
        ] {
            assert_eq!(host(url).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn segments_count_from_both_ends() {
        for (path, n, expected) in [
            ("/a/b/c", 1, Some("a")),
            ("/a/b/c", -1, Some("c")),
            ("https://h/a?b=/c", 1, Some("a")),
            ("/a/b", 3, None),
            ("/a/b", 0, None),
            ("/a/b", i64::MIN, None),
            ("", 1, None),
        ] {
            assert_eq!(path_segment(path, n).as_deref(), expected, "{path} {n}");
        }
    }

    #[test]
    fn broken_escapes_stay() {
        for (text, expected) in [("100%", "100%"), ("%zz", "%zz"), ("%C3%A4", "ä"), ("%ff", "\u{fffd}"), ("%", "%")] {
            assert_eq!(decode(text).as_deref(), Some(expected));
        }
    }
}
