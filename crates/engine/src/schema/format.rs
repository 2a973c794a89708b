//! Formats of text, learned as what all values had in common.

use std::net::{Ipv4Addr, Ipv6Addr};

use vedette_parse::stored::{Damaged, Reader, Stored};

use crate::engine::snapshot;

/// A set of formats that every value so far had: begins as all of them and only shrinks, so most values cost nothing.
/// Empty values are not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Formats(u16);

/// A format: its name, whether JSON Schema knows it (2020-12, 7.3), and its test.
type Format = (&'static str, bool, fn(&str) -> bool);

/// All formats, the more special first.
const FORMATS: [Format; 11] = [
    ("uuid", true, is_uuid),
    ("date-time", true, |text| is_date_time(text) == Some(true)),
    ("date-time-local", false, |text| is_date_time(text) == Some(false)),
    ("date", true, |text| text.len() == 10 && is_date(text.as_bytes())),
    ("email", true, is_email),
    ("ipv4", true, |text| text.len() >= 7 && text.parse::<Ipv4Addr>().is_ok()),
    ("ipv6", true, |text| text.contains(':') && text.parse::<Ipv6Addr>().is_ok()),
    ("uri", true, is_uri),
    ("integer", false, is_integer),
    ("decimal", false, is_decimal),
    ("hex", false, is_hex),
];

impl Default for Formats {
    fn default() -> Self {
        Self((1 << FORMATS.len()) - 1)
    }
}

impl Formats {
    /// Of values that are not looked at.
    pub(crate) const NONE: Self = Self(0);

    /// Drops what `text` is not.
    #[inline]
    pub(crate) fn narrow(&mut self, text: &str) {
        if self.0 == 0 || text.is_empty() {
            return;
        }
        let mut candidates = self.0;
        while candidates != 0 {
            let bit = candidates.trailing_zeros();
            candidates &= candidates - 1;
            if FORMATS.get(bit as usize).is_some_and(|(_, _, test)| !test(text)) {
                self.0 &= !(1 << bit);
            }
        }
    }

    /// Keeps what both had.
    pub(crate) fn merge(&mut self, other: Self) {
        self.0 &= other.0;
    }

    /// Name of the most special format left, and whether it is one of JSON Schema's. `None` as well when nothing was
    /// seen yet.
    pub(crate) fn best(self) -> Option<(&'static str, bool)> {
        if self == Self::default() {
            return None;
        }
        FORMATS.iter().enumerate().find(|(bit, _)| self.0 & 1 << bit != 0).map(|(_, (name, known, _))| (*name, *known))
    }
}

/// As bits of the formats of the version that wrote them.
impl Stored for Formats {
    fn store(&self, out: &mut Vec<u8>) {
        self.0.store(out);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        let stored = u16::load(from)?;
        let mut formats = 0;
        for bit in (0..u16::BITS as u16).filter(|bit| stored & 1 << bit != 0) {
            if let Some(known) = from.renumber(snapshot::FORMATS, bit)? {
                formats |= 1 << known;
            }
        }
        Ok(Self(formats))
    }
}

/// Names of all formats, by their bits.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().map(|(name, ..)| *name)
}

pub(crate) fn is_uuid(text: &str) -> bool {
    let Ok(bytes) = <&[u8; 36]>::try_from(text.as_bytes()) else { return false };
    // Counted instead of searched: no branch per byte.
    let hexadecimal = bytes.iter().filter(|b| b.is_ascii_hexdigit()).count();
    hexadecimal == 32 && [bytes[8], bytes[13], bytes[18], bytes[23]] == *b"----"
}

/// RFC 3339: `Some(true)` with an offset, `Some(false)` without (ISO 8601 local time).
fn is_date_time(text: &str) -> Option<bool> {
    let (date, time) = text.as_bytes().split_first_chunk::<10>()?;
    let (clock, rest) = time.split_first_chunk::<9>()?;
    let digits = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_digit);
    let well_formed = is_date(date)
        && matches!(clock, [b'T' | b't' | b' ', hour @ .., b':', _, _] if matches!(hour, [_, _, b':', _, _]))
        && clock.iter().skip(1).all(|b| b.is_ascii_digit() || *b == b':');
    if !well_formed {
        return None;
    }
    let offset = match rest {
        [b'.', fraction @ ..] => {
            let len = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
            fraction.get(len..).filter(|_| len > 0)?
        }
        rest => rest,
    };
    match offset {
        [] => Some(false),
        [b'Z' | b'z'] => Some(true),
        [b'+' | b'-', hours_minutes @ ..] => match hours_minutes.split_at_checked(2)? {
            (hours, [b':', minutes @ ..]) if minutes.len() == 2 && digits(hours) && digits(minutes) => Some(true),
            _ => None,
        },
        _ => None,
    }
}

fn is_date(bytes: &[u8]) -> bool {
    let number = |digits: &[u8]| digits.iter().fold(0, |n, d| n * 10 + u32::from(*d) - u32::from(b'0'));
    match bytes {
        [y @ .., b'-', m1, m2, b'-', d1, d2] if y.len() == 4 => {
            let digits = y.iter().chain([m1, m2, d1, d2]).all(u8::is_ascii_digit);
            digits && (1..=12).contains(&number(&[*m1, *m2])) && (1..=31).contains(&number(&[*d1, *d2]))
        }
        _ => false,
    }
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let atom = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~.-".contains(&b);
    let label = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    !local.is_empty()
        && local.bytes().all(atom)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && domain.bytes().all(label)
        && domain.split('.').all(|part| !part.is_empty() && !part.starts_with('-') && !part.ends_with('-'))
        && domain.contains('.')
}

fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let plain = |b: u8| b.is_ascii_graphic() && !b"<>\"{}|\\^`[]".contains(&b);
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
        && !rest.is_empty()
        && rest.bytes().all(plain)
        && escapes_are_whole(rest)
        && rest.bytes().filter(|b| *b == b'#').count() <= 1
}

fn escapes_are_whole(text: &str) -> bool {
    text.split('%')
        .skip(1)
        .all(|after| matches!(after.as_bytes(), [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit()))
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (1..=19).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

fn is_decimal(text: &str) -> bool {
    let Some((whole, fraction)) = text.split_once('.') else { return false };
    is_integer(whole) && is_integer(fraction) && !fraction.starts_with('-')
}

fn is_hex(text: &str) -> bool {
    text.len() >= 16 && text.len().is_multiple_of(2) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_apart() {
        for (values, expected) in [
            (&["9f86d081-884c-4d65-9a2f-eaa0c55ad015"][..], Some("uuid")),
            (&["2026-01-02T03:04:05Z", "2026-01-02t03:04:05.123+01:00", ""], Some("date-time")),
            (&["2026-01-02T03:04:05"], Some("date-time-local")),
            (&["2026-01-02T03:04:05", "2026-01-02T03:04:05Z"], None),
            (&["2026-01-02"], Some("date")),
            (&["2026-13-02"], None),
            (&["a@b.example", "x.y+z@sub.b.example"], Some("email")),
            (&["a@b", "a@@b.c"], None),
            (&["192.0.2.1"], Some("ipv4")),
            (&["::1", "2001:db8::1"], Some("ipv6")),
            (&["https://a.example/x?y=%20#z"], Some("uri")),
            (&["https://a.example/{x}"], None),
            (&["12", "-3"], Some("integer")),
            (&["1.5"], Some("decimal")),
            (&["a8f5f167f44f4964e6c998dee827110c"], Some("hex")),
            (&["hello"], None),
            (&[""], None),
        ] {
            let mut formats = Formats::default();
            for text in values {
                formats.narrow(text);
            }
            assert_eq!(formats.best().map(|(name, _)| name), expected, "{values:?}");
        }
    }
}
