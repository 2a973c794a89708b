//! Finders: matches whose extent is easier told in Rust than by a regular expression.

use memchr::memmem;

use super::boundary;
use super::finder::Finder;

/// Longest PEM block that is followed, in bytes: a 16,384-bit RSA key has 13 kB.
const PEM_BYTES_MAX: usize = 16 << 10;

/// Longest local part and longest domain (RFC 5321, 4.5.3.1).
const LOCAL_BYTES_MAX: usize = 64;
const DOMAIN_BYTES_MAX: usize = 255;

/// Longest user, password and host of a URL that are read.
const AUTHORITY_BYTES_MAX: usize = 1 << 10;

/// Longest compact token; with certificates in their header they reach some kilobytes.
const JWT_BYTES_MAX: usize = 16 << 10;

impl Finder {
    /// The match around a literal at `start..end`, as a byte range.
    pub(crate) fn find(self, text: &str, start: usize, end: usize) -> Option<(usize, usize)> {
        match self {
            Self::Email => email(text, start, end),
            Self::Url => url(text, start, end),
            Self::UrlPassword => url_password(text, start, end),
            Self::Jwt => jwt(text, start),
            Self::Pem => pem(text, start),
            Self::EncodedPem => encoded_pem(text, start),
        }
    }
}

fn email(text: &str, at: usize, after: usize) -> Option<(usize, usize)> {
    let local = text.get(..at)?;
    let mut start = at;
    for (i, c) in local.char_indices().rev() {
        if !is_local(c) || at - i > LOCAL_BYTES_MAX {
            break;
        }
        start = i;
    }
    start = skip_escapes(text, start, at);
    let begin = text.get(start..at)?.trim_start_matches(['.', '\'', '+', '-', '/', '=', '`', '&', '?', '*', '%', '_']);
    start = at - begin.len();
    let end = domain_end(text, after)?;
    let domain = text.get(after..end)?;
    let local = text.get(start..at)?;
    let before = text.get(..start)?;
    // `scheme://user:password@host` and `git@host:path` are no mailboxes.
    let authority = before.ends_with("://") || (before.ends_with(':') && in_authority(before));
    let remote = local == "git"
        || (text.as_bytes().get(end) == Some(&b':') && text.get(end + 1..)?.starts_with(|c: char| c.is_alphabetic()));
    if local.is_empty() || local.ends_with('.') || local.contains("..") || authority || remote || !is_domain(domain) {
        return None;
    }
    Some((start, end))
}

/// Letters of Latin, Greek and Cyrillic count (RFC 6531); scripts written without spaces would take their sentence in.
fn is_local(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._%+-'/=&?*`".contains(c) || (('\u{c0}'..'\u{530}').contains(&c) && c.is_alphabetic())
}

/// `\nada@…` in a string that was escaped once more, and `%20ada@…` in a URL: the address begins after the escape.
fn skip_escapes(text: &str, start: usize, at: usize) -> usize {
    let bytes = text.as_bytes();
    let escaped =
        start > 0 && bytes.get(start - 1) == Some(&b'\\') && bytes.get(start).is_some_and(|byte| b"nrt".contains(byte));
    let mut start = if escaped { start + 1 } else { start };
    let percent = |i: usize| {
        bytes.get(i) == Some(&b'%') && bytes.get(i + 1..i + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    };
    let mut i = start;
    while i < at {
        if percent(i) || bytes.get(i).is_some_and(|byte| matches!(byte, b'=' | b'&' | b'?' | b'/')) {
            start = if percent(i) { i + 3 } else { i + 1 };
        }
        i += 1;
    }
    start.min(at)
}

fn in_authority(before: &str) -> bool {
    let tail_start = before.len().saturating_sub(128);
    let tail = (tail_start..before.len()).find_map(|i| before.get(i..)).unwrap_or_default();
    tail.rfind("://").is_some_and(|i| !tail.get(i + 3..).unwrap_or_default().contains(['/', ' ', '\n', '"', '\'']))
}

fn domain_end(text: &str, after: usize) -> Option<usize> {
    let rest = text.get(after..)?;
    let mut len = 0;
    for (i, c) in rest.char_indices() {
        let letter = c.is_ascii_alphanumeric()
            || c == '-'
            || c == '.'
            || (('\u{c0}'..'\u{530}').contains(&c) && c.is_alphabetic());
        if !letter || i > DOMAIN_BYTES_MAX {
            break;
        }
        len = i + c.len_utf8();
    }
    let domain = rest.get(..len)?.trim_end_matches(['.', '-']);
    Some(after + domain.len())
}

fn is_domain(domain: &str) -> bool {
    let Some((_, top)) = domain.rsplit_once('.') else { return false };
    let letters = top.chars().all(char::is_alphabetic) || top.starts_with("xn--");
    let labels = domain.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && label.len() <= 63);
    let file = [
        "png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "ts", "json", "html", "php", "py", "rb", "java",
        "tgz", "gz", "zip",
    ];
    letters
        && labels
        && (2..=24).contains(&top.chars().count())
        && !file.iter().any(|known| top.eq_ignore_ascii_case(known))
}

fn url(text: &str, start: usize, end: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let byte_before = |at: usize| at.checked_sub(1).and_then(|i| bytes.get(i)).copied();
    let begin = if text.get(start..end)? == "://" {
        let scheme = boundary::run_before(bytes, start, |byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
        (scheme..start).find(|i| bytes.get(*i).is_some_and(u8::is_ascii_alphabetic))?
    } else if byte_before(start).is_some_and(|byte| boundary::is_word(byte) || b"./-_@%=&".contains(&byte)) {
        return None;
    } else {
        start
    };
    // What can fail comes before the walk to the end, so that a text of `://` alone stays cheap.
    let host = bytes.get(end)?;
    if !host.is_ascii_alphanumeric() && *host != b'[' && *host < 0x80 {
        return None;
    }
    Some((begin, url_end(text, end)))
}

/// The end of a URL in prose: closing punctuation belongs to the sentence, a bracket only when it was not opened.
fn url_end(text: &str, host: usize) -> usize {
    let Some(rest) = text.get(host..) else { return host };
    let stop =
        rest.find(|c: char| c.is_whitespace() || c.is_control() || "<>\"'`{}|\\^".contains(c)).unwrap_or(rest.len());
    let mut url = rest.get(..stop).unwrap_or_default();
    loop {
        let trimmed = url.trim_end_matches(['.', ',', ';', ':', '!', '?', '*']);
        let trimmed = match trimmed.chars().last() {
            Some(')') if !trimmed.contains('(') => trimmed.trim_end_matches(')'),
            Some(']') if !trimmed.contains('[') => trimmed.trim_end_matches(']'),
            _ => trimmed,
        };
        if trimmed.len() == url.len() {
            return host + url.len();
        }
        url = trimmed;
    }
}

fn url_password(text: &str, start: usize, end: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let begin = boundary::run_before(bytes, start, |byte| byte.is_ascii_alphanumeric() || b"+-.:".contains(&byte));
    let begin = (begin..start).find(|i| bytes.get(*i).is_some_and(u8::is_ascii_alphabetic))?;
    let rest = text.get(end..)?;
    let ends = |(i, c): (usize, char)| {
        let closes = c.is_whitespace() || c.is_control() || "/<>\"'`|\\^,".contains(c);
        (closes || i > AUTHORITY_BYTES_MAX).then_some(i)
    };
    let authority = rest.get(..rest.char_indices().find_map(ends).unwrap_or(rest.len()))?;
    let (user_info, host) = authority.rsplit_once('@')?;
    let (_, password) = user_info.split_once(':')?;
    // `secret` and `password` are real passwords of real test systems, except in documentation.
    let weak = password.eq_ignore_ascii_case("secret") || password.eq_ignore_ascii_case("password");
    let stands_in = super::entropy::is_placeholder(password) && (!weak || is_documentation(host));
    let host_ok = host.starts_with(|c: char| c.is_alphanumeric() || c == '[' || c == '%' || c == '_');
    if password.is_empty() || stands_in || !host_ok || host.contains('$') {
        return None;
    }
    Some((begin, end + authority.len()))
}

/// Hosts that are reserved for documentation (RFC 2606, RFC 3849, RFC 5737).
fn is_documentation(host: &str) -> bool {
    let host = host.trim_start_matches('[');
    ["2001:db8:", "192.0.2.", "198.51.100.", "203.0.113."].iter().any(|prefix| host.starts_with(prefix))
        || host.split(':').next().is_some_and(|name| {
            [".example", "example.com", "example.org", "example.net"].iter().any(|top| name.ends_with(top))
        })
}

fn jwt(text: &str, start: usize) -> Option<(usize, usize)> {
    let before = start.checked_sub(1).and_then(|i| text.as_bytes().get(i));
    if before.is_some_and(|byte| b".-_".contains(byte)) || !boundary::begins(text.as_bytes(), start) {
        return None;
    }
    let rest = text.as_bytes().get(start..)?;
    let len = rest
        .iter()
        .take(JWT_BYTES_MAX)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'='))
        .count();
    let token = text.get(start..start + len)?;
    // A sentence's full stop is not a part; an empty signature is one.
    let mut end = 0;
    let mut parts = 0;
    for part in token.split('.').take(5) {
        if part.is_empty() && parts != 2 {
            break;
        }
        parts += 1;
        end += part.len() + usize::from(parts > 1);
    }
    (parts >= 2).then_some((start, start + end))
}

fn pem(text: &str, start: usize) -> Option<(usize, usize)> {
    let rest = bounded(text, start);
    let header = rest.get(..rest.len().min(80)).or_else(|| rest.get(..64))?;
    let kind = memmem::find(header.as_bytes(), b"PRIVATE KEY")?;
    let after_header = kind + memmem::find(rest.as_bytes().get(kind..)?, b"-----")? + 5;
    if after_header > kind + 40 {
        return None;
    }
    let body = rest.get(after_header..)?;
    let base64 =
        body.bytes().filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')).take(16).count();
    let end = match memmem::find(body.as_bytes(), b"-----END") {
        Some(at) => {
            let tail = body.get(at + 8..)?;
            after_header
                + at
                + 8
                + memmem::find(tail.as_bytes().get(..tail.len().min(60))?, b"-----").map_or(0, |dashes| dashes + 5)
        }
        None => {
            after_header
                + body
                    .bytes()
                    .take_while(|byte| byte.is_ascii_alphanumeric() || b"+/=\r\n\\\"' \t,:-".contains(byte))
                    .count()
        }
    };
    (base64 == 16).then_some((start, start + end))
}

fn encoded_pem(text: &str, start: usize) -> Option<(usize, usize)> {
    use base64::Engine as _;
    let rest = bounded(text, start);
    let len = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte)).count();
    let head = rest.get(..64)?;
    let decoded = base64::engine::general_purpose::STANDARD.decode(head).ok()?;
    memmem::find(&decoded, b"PRIVATE KEY")?;
    Some((start, start + len))
}

fn bounded(text: &str, start: usize) -> &str {
    let end = (start + PEM_BYTES_MAX).min(text.len());
    (end.saturating_sub(3)..=end).rev().find_map(|end| text.get(start..end)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(finder: Finder, text: &str) -> Option<&str> {
        let at = finder.anchors().iter().find_map(|anchor| text.find(anchor).map(|at| (at, at + anchor.len())))?;
        finder.find(text, at.0, at.1).map(|(start, end)| &text[start..end])
    }

    #[test]
    fn extents_are_exact() {
        for (finder, text, expected) in [
            (Finder::Email, "write to <ada.l+x@mail.example.org>.", Some("ada.l+x@mail.example.org")),
            (Finder::Email, "q=1&email=ada@example.org&x", Some("ada@example.org")),
            (Finder::Email, "email=ada%40example.org", Some("ada%40example.org")),
            (Finder::Email, "søren@example.dk,", Some("søren@example.dk")),
            (Finder::Email, "git@example.org:team/repo", None),
            (Finder::Email, "https://u:p@example.org", None),
            (Finder::Email, "logo@2x.png", None),
            (Finder::Email, "pkg@1.2.3", None),
            (Finder::Url, "see https://example.org/a(b)?c=d.", Some("https://example.org/a(b)?c=d")),
            (Finder::Url, "(http://example.org/)", Some("http://example.org/")),
            (Finder::Url, "www.example.org", Some("www.example.org")),
            (Finder::UrlPassword, "amqp://app:s3cr3t@mq:5672/v", Some("amqp://app:s3cr3t@mq:5672")),
            (Finder::UrlPassword, "https://example.org/a:b@c", None),
            (Finder::UrlPassword, "https://app:${PASS}@mq", None),
            (Finder::Jwt, "eyJa.eyJb.c-d. Next", Some("eyJa.eyJb.c-d")),
        ] {
            let got = found(finder, text);
            assert_eq!(got, expected, "{finder:?} in {text}");
        }
    }
}
