//! Strings (RFC 8259, 7).

use std::borrow::Cow;

use super::Broken;

/// A string between its quotes, still escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    /// As written.
    pub raw: &'a str,
    /// Has at least one backslash.
    pub escaped: bool,
}

impl<'a> Text<'a> {
    /// True for a value that is written without escapes.
    pub fn is_plain(value: &str) -> bool {
        plain(value.as_bytes()) == value.len()
    }

    /// Its value; borrows unless there are escapes. A lone surrogate becomes U+FFFD.
    #[inline]
    pub fn unescape(self) -> Cow<'a, str> {
        if self.escaped { Cow::Owned(unescape(self.raw)) } else { Cow::Borrowed(self.raw) }
    }
}

/// Length up to the closing quote, and whether there were escapes. `bytes` begins after the opening quote. Escapes are
/// checked, control characters refused.
#[inline]
pub(super) fn scan(bytes: &[u8]) -> Result<(usize, bool), Broken> {
    let mut at = 0;
    let mut escaped = false;
    loop {
        at += plain(bytes.get(at..).unwrap_or_default());
        match bytes.get(at) {
            Some(b'"') => return Ok((at, escaped)),
            Some(b'\\') => {
                escaped = true;
                at += escape(bytes.get(at + 1..).unwrap_or_default())? + 1;
            }
            Some(_) => return Err(Broken::Malformed),
            None => return Err(Broken::Truncated),
        }
    }
}

/// Bytes before the first quote, backslash or control character, eight at a time (Mycroft, "determine if a word has a
/// zero byte", 1987). Borrow between lanes can only report a byte too high, never hide the lowest.
#[inline]
fn plain(bytes: &[u8]) -> usize {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let mut at = 0;
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*chunk);
        let zero = |x: u64| x.wrapping_sub(LOW) & !x;
        let control = word.wrapping_sub(LOW * 0x20) & !word;
        let found = (zero(word ^ (LOW * 0x22)) | zero(word ^ (LOW * 0x5c)) | control) & HIGH;
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|b| matches!(b, b'"' | b'\\' | 0..0x20)).unwrap_or(rest.len())
}

/// Length of an escape after its backslash.
fn escape(bytes: &[u8]) -> Result<usize, Broken> {
    match bytes {
        [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => Ok(1),
        [b'u', digits @ ..] => {
            let valid = digits.iter().take(4).take_while(|b| b.is_ascii_hexdigit()).count();
            match valid {
                4 => Ok(5),
                _ if valid == digits.len() => Err(Broken::Truncated),
                _ => Err(Broken::Malformed),
            }
        }
        [] => Err(Broken::Truncated),
        _ => Err(Broken::Malformed),
    }
}

#[cold]
fn unescape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        let mut chars = escape.chars();
        match chars.next() {
            Some('u') => {
                let (character, len) = unicode(escape);
                out.push(character);
                rest = escape.get(len..).unwrap_or_default();
                continue;
            }
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some(other) => out.push(other),
            None => {}
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out
}

/// The character of `uXXXX`, or of a surrogate pair `uXXXX\uXXXX`, and the bytes it takes.
fn unicode(escape: &str) -> (char, usize) {
    let unit = |start: usize| escape.get(start..start + 4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let Some(high) = unit(1) else { return (char::REPLACEMENT_CHARACTER, 1) };
    if (0xd800..0xdc00).contains(&high)
        && escape.get(5..7) == Some("\\u")
        && let Some(low @ 0xdc00..0xe000) = unit(7)
    {
        let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 11);
    }
    (char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER), 5)
}
