//! Times and durations as logs write them.

use std::cell::Cell;

use vedette_model::{Timestamp, time::offset_secs};

use super::field::Unit;

/// Reads `17/May/2015:10:05:03 +0000` at the start of `b`, also with a fraction (`…:03.655`), without an offset
/// (taken as UTC) or with a numeric month (`05/17/2015`, month first, as cPanel writes it). Returns the time and
/// the number of bytes that belong to it.
#[inline]
pub(crate) fn clf(b: &[u8]) -> Option<(Timestamp, usize)> {
    let Some(head) = b.first_chunk::<CLF_BYTES>() else { return read_clf(b) };
    if let Some((text, at)) = LAST.get()
        && text == *head
    {
        return Some((at, CLF_BYTES));
    }
    let read = read_clf(b);
    if let (Some((at, CLF_BYTES)), [.., b' ', b'+' | b'-', _, _, _, _]) = (read, head) {
        LAST.set(Some((*head, at)));
    }
    read
}

/// Length of `17/May/2015:10:05:03 +0000`.
const CLF_BYTES: usize = 26;

thread_local! {
    /// The last time of that length: where it ends and what it says are asked one after the other, and the lines of a
    /// busy log share their second.
    static LAST: Cell<Option<([u8; CLF_BYTES], Timestamp)>> = const { Cell::new(None) };
}

fn read_clf(b: &[u8]) -> Option<(Timestamp, usize)> {
    let [d1, d2, b'/', m1, m2, m3, rest @ ..] = b else { return None };
    let first = pair(*d1, *d2)?;
    let (day, month, rest, mut used) = match month_number([*m1, *m2, *m3]) {
        Some(month) => (first, month, rest.strip_prefix(b"/")?, 7),
        None if *m3 == b'/' => (pair(*m1, *m2)?, first, rest, 6),
        None => return None,
    };
    let [y1, y2, y3, y4, b':', h1, h2, b':', n1, n2, b':', s1, s2, rest @ ..] = rest else { return None };
    let year = pair(*y1, *y2)? * 100 + pair(*y3, *y4)?;
    let (hour, minute, second) = (pair(*h1, *h2)?, pair(*n1, *n2)?, pair(*s1, *s2)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 24 || minute > 59 || second > 60 {
        return None;
    }
    used += 13;
    let (micros, rest, fraction_len) = match rest {
        [b' ', ..] => (0, rest, 0),
        _ => fraction(rest),
    };
    used += fraction_len;
    let at = Timestamp::from_civil(i64::from(year), month, day, hour, minute, second, micros);
    let Some((offset, offset_len)) = clf_offset(rest) else { return Some((at, used)) };
    Some((Timestamp(at.0 - offset * 1_000_000), used + offset_len))
}

/// Reads ` +hhmm` as seconds east of UTC with its length.
#[inline]
fn clf_offset(b: &[u8]) -> Option<(i64, usize)> {
    let [b' ', sign @ (b'+' | b'-'), h1, h2, m1, m2, ..] = b else { return None };
    let secs = i64::from(pair(*h1, *h2)?) * 3600 + i64::from(pair(*m1, *m2)?) * 60;
    Some((if *sign == b'-' { -secs } else { secs }, 6))
}

/// Reads `.655` as microseconds; returns what follows and the length.
#[inline]
pub(crate) fn fraction(b: &[u8]) -> (u32, &[u8], usize) {
    let [b'.' | b',', digits @ ..] = b else { return (0, b, 0) };
    let len = digits.iter().take_while(|c| c.is_ascii_digit()).count();
    let mut micros = 0;
    let mut scale = 100_000;
    for c in digits.iter().take(len.min(6)) {
        micros += u32::from(c - b'0') * scale;
        scale /= 10;
    }
    (micros, digits.get(len..).unwrap_or_default(), len + 1)
}

#[inline]
fn pair(tens: u8, ones: u8) -> Option<u32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| u32::from(tens) * 10 + u32::from(ones))
}

/// `Jan` is 1.
#[inline]
pub(crate) fn month_number(name: [u8; 3]) -> Option<u32> {
    Some(match &name {
        b"Jan" => 1,
        b"Feb" => 2,
        b"Mar" => 3,
        b"Apr" => 4,
        b"May" => 5,
        b"Jun" => 6,
        b"Jul" => 7,
        b"Aug" => 8,
        b"Sep" => 9,
        b"Oct" => 10,
        b"Nov" => 11,
        b"Dec" => 12,
        _ => return None,
    })
}

/// Reads a time that can be told from its look: epoch seconds, milliseconds, microseconds or nanoseconds (by
/// magnitude, with or without a fraction), CLF with or without brackets, RFC 3339 with a few habits of loggers.
pub(crate) fn auto(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let text = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
    let b = text.as_bytes();
    match b {
        [_, _, b'/', ..] => clf(b).filter(|(_, used)| *used == b.len()).map(|(at, _)| at),
        [_, _, _, _, b'-' | b'/', ..] => Timestamp::parse_rfc3339(text.strip_suffix(" UTC").unwrap_or(text)),
        _ => epoch(text),
    }
}

/// Reads a date column and a time column (`2026-11-22`, `10:05:03`), UTC.
pub(crate) fn columns(date: &str, time: &str) -> Option<Timestamp> {
    let mut text = String::with_capacity(date.len() + time.len() + 1);
    text.push_str(date);
    text.push('T');
    text.push_str(time);
    Timestamp::parse_rfc3339(&text)
}

/// Times since the epoch: the unit follows from the magnitude, for dates between 1973 and 5138.
fn epoch(text: &str) -> Option<Timestamp> {
    // Splitting keeps all digits of `1693840791.7564995`; an f64 would not keep nanoseconds.
    let (whole, rest) = match text.find(['.', 'e', 'E']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    if rest.contains(['e', 'E']) {
        return epoch_number(text.parse::<f64>().ok().filter(|n| n.is_finite())? as i64, 0);
    }
    epoch_number(whole.parse().ok()?, fraction(rest.as_bytes()).0)
}

fn epoch_number(n: i64, micros: u32) -> Option<Timestamp> {
    Some(Timestamp(match n {
        ..100_000_000 => return None,
        100_000_000..100_000_000_000 => n * 1_000_000 + i64::from(micros),
        100_000_000_000..100_000_000_000_000 => n * 1_000 + i64::from(micros / 1_000),
        100_000_000_000_000..100_000_000_000_000_000 => n,
        _ => n / 1_000,
    }))
    .filter(|at| at.0 > 0)
}

/// Reads a duration as microseconds; `-`, negative and unreadable ones are `None`.
#[inline]
pub(crate) fn duration_us(text: &str, unit: Unit) -> Option<u64> {
    let (number, unit) = match unit {
        Unit::Written => written_unit(text.trim()),
        unit => (text.trim().trim_start_matches('+'), unit),
    };
    let scale_ns: u64 = match unit {
        Unit::Ns => 1,
        Unit::Us => 1_000,
        Unit::Ms | Unit::Written => 1_000_000,
        Unit::S => 1_000_000_000,
    };
    decimal_times(number, scale_ns).map(|ns| ns / 1_000)
}

/// Splits `3ms` into the number and its unit.
fn written_unit(text: &str) -> (&str, Unit) {
    const SUFFIXES: &[(&str, Unit)] =
        &[("ns", Unit::Ns), ("us", Unit::Us), ("µs", Unit::Us), ("μs", Unit::Us), ("ms", Unit::Ms), ("s", Unit::S)];
    for (suffix, unit) in SUFFIXES {
        if let Some(number) = text.strip_suffix(suffix) {
            return (number.trim_end(), *unit);
        }
    }
    (text, if text.contains(['.', 'e', 'E']) { Unit::S } else { Unit::Ms })
}

/// `1.25` times a scale, exactly, without floating point; falls back to it for exponents.
#[inline]
fn decimal_times(text: &str, scale: u64) -> Option<u64> {
    let b = text.as_bytes();
    let mut value: u64 = 0;
    let mut scale_left = None;
    for &c in b {
        match (c, scale_left) {
            (b'0'..=b'9', None) => value = value.checked_mul(10)?.checked_add(u64::from(c - b'0'))?,
            (b'0'..=b'9', Some(left)) => {
                let left: u64 = left / 10;
                value = value.checked_add(left * u64::from(c - b'0'))?;
                scale_left = Some(left);
            }
            (b'.', None) => {
                value = value.checked_mul(scale)?;
                scale_left = Some(scale);
            }
            (b'e' | b'E', _) => {
                let n = text.parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0)?;
                return Some((n * scale as f64) as u64);
            }
            _ => return None,
        }
    }
    match scale_left {
        _ if b.is_empty() => None,
        Some(_) => Some(value),
        None => value.checked_mul(scale),
    }
}

/// Part of a time written by a pattern of its own (`%{%d/%b/%Y}t`), put together field by field.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    pub(crate) month: u32,
    pub(crate) day: u32,
    pub(crate) hour: u32,
    pub(crate) afternoon: Option<bool>,
    pub(crate) minute: u32,
    pub(crate) second: u32,
    pub(crate) micros: u32,
    pub(crate) offset_secs: i64,
    /// A time since the epoch, which makes the other parts but a fraction unnecessary.
    pub(crate) epoch: Option<Timestamp>,
}

impl Civil {
    /// The point in time, when at least the date is there.
    pub(crate) fn timestamp(self) -> Option<Timestamp> {
        if let Some(at) = self.epoch {
            return Some(Timestamp(at.0.saturating_add(i64::from(self.micros))));
        }
        if self.year == 0 || !(1..=12).contains(&self.month) || !(1..=31).contains(&self.day) {
            return None;
        }
        let hour = match self.afternoon {
            Some(afternoon) => self.hour % 12 + if afternoon { 12 } else { 0 },
            None => self.hour,
        };
        let at = Timestamp::from_civil(self.year, self.month, self.day, hour, self.minute, self.second, self.micros);
        Some(Timestamp(at.0 - self.offset_secs * 1_000_000))
    }
}

/// Length and value of `Z`, `+hhmm` or `+hh:mm` at the start of a text.
pub(crate) fn offset_prefix(text: &str) -> Option<(i64, usize)> {
    [6, 5, 1].into_iter().find_map(|len| {
        let candidate = text.get(..len)?;
        offset_secs(candidate.as_bytes()).filter(|_| !candidate.starts_with(' ')).map(|secs| (secs, len))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clf_times_end_where_they_end() {
        for (text, at, used) in [
            ("17/May/2015:10:05:03 +0000] \"GET", "2015-05-17T10:05:03Z", 26),
            ("22/Jan/2019:03:56:14 +0330", "2019-01-22T00:26:14Z", 26),
            ("31/Dec/2023:23:59:60 -0100", "2024-01-01T01:00:00Z", 26),
            ("06/Feb/2009:12:14:14.655] http-in", "2009-02-06T12:14:14.655Z", 24),
            ("05/17/2015:10:05:03 -0000", "2015-05-17T10:05:03Z", 25),
        ] {
            let (time, len) = clf(text.as_bytes()).unwrap();
            assert_eq!((time.to_string().as_str(), len), (at, used), "{text}");
        }
        for bad in ["", "-", "17/Mai/2015:10:05:03 +0000", "32/May/2015:10:05:03 +0000", "17/May/2015:10:65:03"] {
            assert!(clf(bad.as_bytes()).is_none(), "{bad}");
        }
    }

    #[test]
    fn times_are_told_by_their_look() {
        for (text, at) in [
            ("1693840791.7564995", "2023-09-04T15:19:51.756499Z"),
            ("1693840791", "2023-09-04T15:19:51Z"),
            ("1693840791756", "2023-09-04T15:19:51.756Z"),
            ("1693840791756499", "2023-09-04T15:19:51.756499Z"),
            ("1693840791756499500", "2023-09-04T15:19:51.756499Z"),
            ("1.693840791e9", "2023-09-04T15:19:51Z"),
            ("[17/May/2015:10:05:03 +0000]", "2015-05-17T10:05:03Z"),
            ("2026-09-21T14:13:21.7Z", "2026-09-21T14:13:21.700Z"),
            ("2026-09-21 14:13:21 +0200 UTC", "2026-09-21T12:13:21Z"),
        ] {
            assert_eq!(auto(text).map(|t| t.to_string()).as_deref(), Some(at), "{text}");
        }
        for bad in ["", "-", "now", "17", "-5", "99999999999999999999999", "1e400"] {
            assert_eq!(auto(bad), None, "{bad}");
        }
    }

    #[test]
    fn durations_become_microseconds() {
        for (text, unit, us) in [
            ("0.123", Unit::S, Some(123_000)),
            ("2", Unit::S, Some(2_000_000)),
            ("173", Unit::Ms, Some(173_000)),
            ("+173", Unit::Ms, Some(173_000)),
            ("1234567", Unit::Ns, Some(1_234)),
            ("3ms", Unit::Written, Some(3_000)),
            ("150µs", Unit::Written, Some(150)),
            ("0.061s", Unit::Written, Some(61_000)),
            ("0.25", Unit::Written, Some(250_000)),
            ("12", Unit::Written, Some(12_000)),
            ("2.7e-06", Unit::S, Some(2)),
            ("-", Unit::S, None),
            ("-1", Unit::Ms, None),
            ("", Unit::S, None),
            ("99999999999999999999", Unit::S, None),
        ] {
            assert_eq!(duration_us(text, unit), us, "{text}");
        }
    }
}
