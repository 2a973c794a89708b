//! What a secret looks like, and what only stands for one.

use vedette_model::limits::IDENTIFIER_BYTES_MAX;

/// What recorders and documentation write in place of a secret.
const PLACEHOLDERS: [&str; 9] =
    ["redacted", "filtered", "masked", "hidden", "removed", "null", "undefined", "none", "placeholder"];

/// The recorder masked the value, it is a template's hole (`{{token}}`, `<token>`), or it is empty.
pub(super) fn redacted(value: &str) -> bool {
    value.is_empty() || masked(value)
}

/// As [`redacted`], but something stands there: a cookie that was cleared is no cookie.
pub(super) fn masked(value: &str) -> bool {
    let value = value.trim().trim_matches('"');
    let bytes = value.as_bytes();
    if let [open, .., close] = bytes
        && matches!((open, close), (b'<', b'>') | (b'{' | b'$', b'}') | (b'[', b']') | (b'(', b')') | (b'%', b'%'))
    {
        return true;
    }
    if let Some(&first) = bytes.first()
        && matches!(first, b'x' | b'X' | b'*' | b'#' | b'.' | b'-' | b'_')
        && bytes.iter().all(|b| *b == first)
    {
        return true;
    }
    // Known words and runs are short or carry the mask in their middle; long clean tokens leave early.
    PLACEHOLDERS.iter().any(|word| value.eq_ignore_ascii_case(word))
        || value.contains("***")
        || value.contains('•')
        || contains_ignore_case(bytes, b"redacted")
        || starts_with_any(bytes, &[b"%3credacted", b"your-", b"your_", b"xxxx"])
}

/// A value that a program made at random: 16 or more characters of a token alphabet, letters with digits (or a long
/// mix of cases), many different ones, and no words in a row.
pub(super) fn opaque(value: &str) -> bool {
    let bytes = value.as_bytes();
    if bytes.len() < 16 {
        return false;
    }
    let (mut seen, mut digits, mut upper, mut lower, mut switches) = (0u128, 0usize, 0usize, 0usize, 0usize);
    let mut before = 0u8;
    for &byte in bytes {
        let kind = match byte {
            b'0'..=b'9' => {
                digits += 1;
                1
            }
            b'a'..=b'z' => {
                lower += 1;
                2
            }
            b'A'..=b'Z' => {
                upper += 1;
                3
            }
            b'-' | b'_' | b'.' | b'~' | b'+' | b'/' | b'=' | b':' | b'%' | b'|' | b'!' | b'*' => 0,
            _ => return false,
        };
        switches += usize::from(kind != 0 && before != 0 && kind != before && !(before == 3 && kind == 2));
        before = kind;
        seen |= 1 << (byte & 0x7f);
    }
    let letters = upper + lower;
    let mixed = digits > 0 && letters > 0 || upper > 0 && lower > 0 && bytes.len() >= 20;
    mixed && seen.count_ones() >= 8 && switches * 10 >= bytes.len()
}

/// A session id: shorter ones exist than [`opaque`] takes, but never a word, a flag or a small number.
pub(super) fn session(value: &str) -> bool {
    masked(value)
        || opaque(value)
        || value.len() >= 8 && value.bytes().any(|b| b.is_ascii_digit()) && !value.bytes().any(|b| b == b' ')
        || value.len() >= 20 && value.bytes().all(|b| b.is_ascii_graphic())
}

/// A name that may be shown: trimmed, not empty, bounded, printable.
pub(crate) fn identifier(name: &str) -> Option<String> {
    let name = name.trim();
    let shown = !name.is_empty() && name.len() <= IDENTIFIER_BYTES_MAX && !name.chars().any(char::is_control);
    (shown && !masked(name)).then(|| name.to_owned())
}

pub(super) fn contains_ignore_case(haystack: &[u8], lower: &[u8]) -> bool {
    haystack.windows(lower.len().max(1)).any(|window| window.eq_ignore_ascii_case(lower))
}

fn starts_with_any(bytes: &[u8], prefixes: &[&[u8]]) -> bool {
    prefixes.iter().any(|prefix| bytes.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_told_from_secrets() {
        for placeholder in [
            "",
            "<redacted>",
            "REDACTED",
            "[REDACTED]",
            "***",
            "x",
            "xxxxxx",
            "XXXXXXXXXXXXXXXX",
            "{{token}}",
            "${API_KEY}",
            "eyJ***",
            "[FILTERED]",
            "••••",
            "--redacted--",
            "%3Credacted%3E",
            "YOUR-API-KEY",
            "null",
            "sk_live_****",
        ] {
            assert!(redacted(placeholder), "{placeholder}");
        }
        for secret in ["hunter2", "a8f5f167f44f4964e6c998dee827110c", "abcdef", "t0k3n", "nullable"] {
            assert!(!redacted(secret), "{secret}");
        }
    }

    #[test]
    fn random_values_are_opaque_and_names_are_not() {
        for secret in [
            "a8f5f167f44f4964e6c998dee827110c",
            "9f86d081-884c-4d65-9a2f-eaa0c55ad015",
            "AIzaSyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q",
            "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
            "dGhpcyBpcyBhIHRlc3Q0NTY3ODk=",
        ] {
            assert!(opaque(secret), "{secret}");
        }
        for name in [
            "short1",
            "product-list-for-summer",
            "2024-01-02T10:00:00",
            "1234567890123456",
            "aaaaaaaaaaaaaaaa1",
            "hello world 12345678",
            "summer-collection-2024",
            "en-US,en;q=0.9 text",
            "name:asc,created:desc",
        ] {
            assert!(!opaque(name), "{name}");
        }
    }
}
