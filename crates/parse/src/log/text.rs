//! Values as logs write them: escapes, and the ways to say "nothing".

use std::borrow::Cow;

use memchr::memchr;

/// Resolves the escapes of nginx and Apache (`\x22`, `\"`, `\\`, `\n`, `\t`); borrows when there is none. Bytes
/// that are not UTF-8 are replaced.
#[inline]
pub(crate) fn unescape(text: &str) -> Cow<'_, str> {
    match memchr(b'\\', text.as_bytes()) {
        None => Cow::Borrowed(text),
        Some(first) => Cow::Owned(unescape_from(text, first)),
    }
}

fn unescape_from(text: &str, first: usize) -> String {
    let (head, mut rest) = text.as_bytes().split_at(first.min(text.len()));
    let mut out = head.to_vec();
    while let [c, tail @ ..] = rest {
        let (byte, tail) = match (c, tail) {
            (b'\\', [b'x' | b'X', high, low, tail @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, tail),
                _ => (b'\\', rest.get(1..).unwrap_or_default()),
            },
            (b'\\', [b'n', tail @ ..]) => (b'\n', tail),
            (b'\\', [b't', tail @ ..]) => (b'\t', tail),
            (b'\\', [b'r', tail @ ..]) => (b'\r', tail),
            (b'\\', [quoted @ (b'"' | b'\\' | b'/' | b'\''), tail @ ..]) => (*quoted, tail),
            (c, tail) => (*c, tail),
        };
        out.push(byte);
        rest = tail;
    }
    String::from_utf8(out).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn hex(c: u8) -> Option<u8> {
    char::from(c).to_digit(16).map(|digit| digit as u8)
}

/// True for the ways in which logs say "nothing".
#[inline]
pub(crate) fn is_nothing(text: &str) -> bool {
    matches!(text, "" | "-" | "\"-\"" | "\"\"")
}

/// Longest prefix of at most `max` bytes that ends at a character.
pub(crate) fn prefix(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// Applies a cut to a value and keeps it borrowed when it was.
pub(crate) fn cut<'a>(value: Cow<'a, str>, cut: impl for<'s> Fn(&'s str) -> &'s str) -> Cow<'a, str> {
    match value {
        Cow::Borrowed(text) => Cow::Borrowed(cut(text)),
        Cow::Owned(text) => Cow::Owned(cut(&text).to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_resolved_only_when_there_are_some() {
        assert!(matches!(unescape("plain"), Cow::Borrowed("plain")));
        for (text, plain) in [
            (r#"say \"hi\""#, r#"say "hi""#),
            (r"\x22a\x22", "\"a\""),
            (r"\xc3\xa9", "é"),
            (r"\xff", "\u{fffd}"),
            (r"a\\b\qc\", r"a\b\qc\"),
            (r"\xz1", r"\xz1"),
        ] {
            assert_eq!(unescape(text), plain, "{text}");
        }
    }

    #[test]
    fn a_prefix_never_splits_a_character() {
        assert_eq!(prefix("aé", 2), "a");
        assert_eq!(prefix("aé", 9), "aé");
    }
}
