//! Query strings, forms, cookies and percent-encoding (WHATWG URL, RFC 3986, RFC 6265).

use std::borrow::Cow;

use vedette_model::limits::PARAMETERS_MAX;

/// Decodes percent-escapes; bad escapes stay as they are, bytes that are not UTF-8 are replaced. Borrows when there
/// is nothing to do.
#[inline]
pub fn percent_decode(text: &str) -> Cow<'_, str> {
    match memchr::memchr(b'%', text.as_bytes()) {
        None => Cow::Borrowed(text),
        Some(first) => decode_from(text, first, false),
    }
}

/// Decodes one name or value of a query string or form: percent-escapes, and `+` as a space.
#[inline]
pub fn form_decode(text: &str) -> Cow<'_, str> {
    match memchr::memchr2(b'%', b'+', text.as_bytes()) {
        None => Cow::Borrowed(text),
        Some(first) => decode_from(text, first, true),
    }
}

/// Host of an absolute URL without port and user; empty for anything else.
pub fn host(url: &str) -> &str {
    let Some((_, rest)) = url.split_once("://") else { return "" };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    if host.starts_with('[') {
        return host.split_inclusive(']').next().unwrap_or_default();
    }
    host.split(':').next().unwrap_or_default()
}

/// Name and value pairs of a query string or an urlencoded form, decoded (`+` is a space), in order, at most
/// [`PARAMETERS_MAX`]. A name without `=` has an empty value; empty pairs (`a&&b`) are skipped.
pub fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    raw_pairs(query).map(|(name, value)| (form_decode(name), form_decode(value)))
}

/// Like [`pairs`], still encoded: for callers that decide by name which values are worth decoding.
#[inline]
pub fn raw_pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = query;
    std::iter::from_fn(move || {
        while let Some(tail) = rest.strip_prefix('&') {
            rest = tail;
        }
        if rest.is_empty() {
            return None;
        }
        // Names are too short for memchr to pay.
        let bytes = rest.as_bytes();
        let end = bytes.iter().position(|b| matches!(b, b'=' | b'&')).unwrap_or(bytes.len());
        let (name, tail) = rest.split_at_checked(end)?;
        let Some(tail) = tail.strip_prefix('=') else {
            rest = tail;
            return Some((name, ""));
        };
        let end = memchr::memchr(b'&', tail.as_bytes()).unwrap_or(tail.len());
        let (value, tail) = tail.split_at_checked(end)?;
        rest = tail;
        Some((name, value))
    })
    .take(PARAMETERS_MAX)
}

/// Name and value pairs of a `Cookie` header, in order, at most [`PARAMETERS_MAX`]. Values keep their encoding (they
/// are opaque, RFC 6265 section 4.1.1); quotes around a value are dropped. A piece without `=` is skipped.
pub fn cookies(header: &str) -> impl Iterator<Item = (&str, &str)> {
    split(header, b';')
        .filter_map(|piece| {
            let (name, value) = piece.split_once('=')?;
            let value = value.trim();
            let unquoted = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
            Some((name.trim(), unquoted))
        })
        .filter(|(name, _)| !name.is_empty())
        .take(PARAMETERS_MAX)
}

/// The pieces between `separator`, found with memchr.
fn split(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let (piece, tail) = match memchr::memchr(separator, rest?.as_bytes()).and_then(|at| rest?.split_at_checked(at))
        {
            Some((piece, tail)) => (piece, tail.get(1..)),
            None => (rest?, None),
        };
        rest = tail;
        Some(piece)
    })
}

#[cold]
fn decode_from(text: &str, first: usize, plus_is_space: bool) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(bytes.get(..first).unwrap_or_default());
    let mut rest = bytes.get(first..).unwrap_or_default();
    while let [byte, tail @ ..] = rest {
        rest = tail;
        match (byte, tail) {
            (b'%', [high, low, after @ ..]) => {
                if let (Some(high), Some(low)) = (hex(*high), hex(*low)) {
                    out.push(high << 4 | low);
                    rest = after;
                } else {
                    out.push(b'%');
                }
            }
            (b'+', _) if plus_is_space => out.push(b' '),
            (byte, _) => out.push(*byte),
        }
    }
    Cow::Owned(match String::from_utf8(out) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hosts_stand_alone() {
        for (url, expected) in [
            ("https://ada@shop.example:8443/cart?x=1", "shop.example"),
            ("http://[2001:db8::7]:80/", "[2001:db8::7]"),
            ("/cart", ""),
            ("-", ""),
        ] {
            assert_eq!(host(url), expected);
        }
    }

    #[test]
    fn escapes_decode_and_bad_ones_stay() {
        for (encoded, decoded) in [
            ("", ""),
            ("plain", "plain"),
            ("a%20b", "a b"),
            ("a+b", "a+b"),
            ("%C3%A9%e2%82%ac", "é€"),
            ("100%", "100%"),
            ("100%2", "100%2"),
            ("%zz%41", "%zzA"),
            ("%%41", "%A"),
            ("%ff", "\u{fffd}"),
            ("%00", "\0"),
            ("é%2Fé", "é/é"),
        ] {
            assert_eq!(percent_decode(encoded), decoded, "{encoded}");
        }
        assert!(matches!(percent_decode("plain+text"), Cow::Borrowed(_)));
    }

    #[test]
    fn queries_split_into_decoded_pairs() {
        for (query, expected) in [
            ("", &[][..]),
            ("a", &[("a", "")]),
            ("a=", &[("a", "")]),
            ("=b", &[("", "b")]),
            ("a=1&b=2", &[("a", "1"), ("b", "2")]),
            ("a=1&&a=2&", &[("a", "1"), ("a", "2")]),
            ("q=a+b%2Bc&x=1=2", &[("q", "a b+c"), ("x", "1=2")]),
            ("filter%5Bname%5D=%C3%A9", &[("filter[name]", "é")]),
            ("a=1;b=2", &[("a", "1;b=2")]),
        ] {
            let found: Vec<_> = pairs(query).collect();
            let found: Vec<_> = found.iter().map(|(n, v)| (n.as_ref(), v.as_ref())).collect();
            assert_eq!(found, expected, "{query}");
        }
        assert_eq!(pairs(&"a=1&".repeat(10_000)).count(), PARAMETERS_MAX);
    }

    #[test]
    fn cookies_split_and_lose_their_quotes() {
        let found: Vec<_> = cookies("a=1; b=\"two\";c = x=y ; ; d; =e; f=").collect();
        assert_eq!(found, [("a", "1"), ("b", "two"), ("c", "x=y"), ("f", "")]);
    }

    proptest! {
        #[test]
        fn any_text_is_decoded_without_panic_and_encoding_round_trips(text in "\\PC{0,40}", noise in "[%+&=;0-9a-fé]{0,40}") {
            let encoded = text.bytes().fold(String::new(), |out, b| out + &format!("%{b:02X}"));
            prop_assert_eq!(percent_decode(&encoded), text.as_str());
            let _ = pairs(&noise).chain(pairs(&text)).count();
            let _ = cookies(&noise).count();
            prop_assert!(percent_decode(&noise).len() <= noise.len() * 3);
        }
    }
}
