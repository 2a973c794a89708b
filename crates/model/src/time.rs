//! Points in time, as microseconds since the Unix epoch.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time: microseconds since 1970-01-01T00:00:00Z, which is the default. Written as RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(pub i64);

/// Microseconds in a day.
const DAY_US: i64 = 86_400_000_000;

impl Timestamp {
    /// From a date and a time of day in UTC; fields are taken as they are (an hour of 24 is the next day's first).
    pub fn from_civil(year: i64, month: u32, day: u32, hour: u32, minute: u32, second: u32, micros: u32) -> Self {
        let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
        Self(days_from_civil(year, month, day) * DAY_US + seconds * 1_000_000 + i64::from(micros))
    }

    /// From seconds since the epoch.
    pub fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// Whole seconds since the epoch.
    pub fn secs(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Hour of the week in UTC, 0 to 167, Monday midnight first.
    pub fn hour_of_week(self) -> usize {
        // 1970-01-01 was a Thursday: three days after Monday.
        (self.0.div_euclid(3_600_000_000) + 72).rem_euclid(168) as usize
    }

    /// Reads RFC 3339 (`2026-09-21T14:13:20.5Z`, offset with or without colon, space instead of `T`). Without an
    /// offset the time is taken as UTC. Returns `None` for anything else.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let b = text.as_bytes();
        let year = digits(b, 0, 4)?;
        let month = digits(b, 5, 2)?;
        let day = digits(b, 8, 2)?;
        let hour = digits(b, 11, 2)?;
        let minute = digits(b, 14, 2)?;
        let second = digits(b, 17, 2)?;
        let punctuation = [b.get(4)?, b.get(7)?, b.get(10)?, b.get(13)?, b.get(16)?];
        if !matches!(punctuation, [b'-' | b'/', b'-' | b'/', b'T' | b't' | b' ', b':', b':']) {
            return None;
        }
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 24 || minute > 59 || second > 60 {
            return None;
        }
        let mut rest = b.get(19..)?;
        let mut micros = 0;
        if let [b'.' | b',', fraction @ ..] = rest {
            let len = fraction.iter().take_while(|c| c.is_ascii_digit()).count();
            let mut scale = 100_000;
            for c in fraction.iter().take(len.min(6)) {
                micros += u32::from(c - b'0') * scale;
                scale /= 10;
            }
            rest = fraction.get(len..)?;
        }
        let offset = offset_secs(rest)?;
        let at = Self::from_civil(i64::from(year), month, day, hour, minute, second, micros);
        Some(Self(at.0 - offset * 1_000_000))
    }
}

/// Reads `Z`, nothing, `+hh:mm`, `+hhmm` or `+hh` as seconds east of UTC.
pub fn offset_secs(b: &[u8]) -> Option<i64> {
    let (sign, rest) = match b {
        [] | [b'Z' | b'z'] => return Some(0),
        [b' ', rest @ ..] => return offset_secs(rest),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let hours = digits(rest, 0, 2)?;
    let minutes = match rest.len() {
        2 => 0,
        4 => digits(rest, 2, 2)?,
        5 if rest.get(2) == Some(&b':') => digits(rest, 3, 2)?,
        _ => return None,
    };
    Some(sign * (i64::from(hours) * 3600 + i64::from(minutes) * 60))
}

fn digits(b: &[u8], start: usize, len: usize) -> Option<u32> {
    let mut n = 0;
    for c in b.get(start..start + len)? {
        if !c.is_ascii_digit() {
            return None;
        }
        n = n * 10 + u32::from(c - b'0');
    }
    Some(n)
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar (Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms").
fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * ((i64::from(month) + 9) % 12) + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

/// The inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = (doy - (153 * mp + 2) / 5 + 1) as u32;
    let month = if mp < 10 { mp + 3 } else { mp - 9 } as u32;
    (yoe + era * 400 + i64::from(month <= 2), month, day)
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0.div_euclid(DAY_US));
        let us = self.0.rem_euclid(DAY_US);
        let secs = us / 1_000_000;
        write!(f, "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}", secs / 3600, secs / 60 % 60, secs % 60)?;
        match us % 1_000_000 {
            0 => {}
            micros if micros % 1000 == 0 => write!(f, ".{:03}", micros / 1000)?,
            micros => write!(f, ".{micros:06}")?,
        }
        f.write_str("Z")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse_rfc3339(&text).ok_or_else(|| serde::de::Error::custom("not an RFC 3339 time"))
    }
}

impl schemars::JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "format": "date-time"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc3339_is_read_and_written() {
        for (text, micros, written) in [
            ("1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"),
            ("2026-09-21T14:13:21.700000Z", 1_790_000_001_700_000, "2026-09-21T14:13:21.700Z"),
            ("2023-03-09T20:18:39.118+0530", 1_678_373_319_118_000, "2023-03-09T14:48:39.118Z"),
            ("2024-02-29 23:59:60", 1_709_251_200_000_000, "2024-03-01T00:00:00Z"),
            ("1969-12-31T23:59:59.000001-00:00", -999_999, "1969-12-31T23:59:59.000001Z"),
        ] {
            let at = Timestamp::parse_rfc3339(text).unwrap();
            assert_eq!((at.0, at.to_string().as_str()), (micros, written), "{text}");
        }
        for bad in ["", "2026", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00+1", "2026-01-01x00:00:00Z"] {
            assert_eq!(Timestamp::parse_rfc3339(bad), None, "{bad}");
        }
    }

    #[test]
    fn monday_midnight_is_hour_zero() {
        assert_eq!(Timestamp::parse_rfc3339("2026-11-23T00:30:00Z").unwrap().hour_of_week(), 0);
        assert_eq!(Timestamp::parse_rfc3339("2026-11-22T23:30:00Z").unwrap().hour_of_week(), 167);
    }
}
