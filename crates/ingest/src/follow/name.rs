//! What the name of a file says: which log it belongs to, and how old it is among that log's generations.

use std::cmp::Reverse;

/// Age by name, older first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// `access.log.2` is older than `access.log.1`.
    Numbered(Reverse<u32>),
    /// `access.log-20260101`: the digits of the date.
    Dated(String),
    /// The name that servers write to.
    Live,
}

impl Rank {
    /// The name says that the log was rotated.
    pub(super) fn is_rotated(&self) -> bool {
        *self != Self::Live
    }
}

const COMPRESSIONS: &[&str] = &[".gz", ".zst", ".zstd"];

/// Words that rotation appends.
const OLD: &[&str] = &[".old", ".prev", ".bak"];

/// The name without what rotation made of it, and the age it tells.
pub(super) fn split(name: &str) -> (String, Rank) {
    let plain = COMPRESSIONS.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
    if let Some(stem) = OLD.iter().find_map(|ending| plain.strip_suffix(ending)).filter(|stem| !stem.is_empty()) {
        return (stem.to_owned(), Rank::Numbered(Reverse(1)));
    }
    if let Some((stem, number)) = plain.rsplit_once('.')
        && !stem.is_empty()
        && number.len() <= 4
        && let Ok(number) = number.parse()
        && !number_ends_date(stem)
    {
        return (stem.to_owned(), Rank::Numbered(Reverse(number)));
    }
    match date(plain) {
        Some((start, end)) => {
            let digits = plain.get(start..end).unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
            let before = plain.get(..start).unwrap_or_default().trim_end_matches(['-', '_', '.']);
            let after = plain.get(end..).unwrap_or_default();
            let after = if before.is_empty() { after.trim_start_matches(['-', '_', '.']) } else { after };
            (format!("{before}{after}"), Rank::Dated(digits))
        }
        None => (plain.to_owned(), Rank::Live),
    }
}

/// `access.2026.11.26` ends in a day, not in a number of its own.
fn number_ends_date(stem: &str) -> bool {
    date(stem).is_some_and(|(_, end)| end == stem.len())
        || stem.rsplit('.').next().is_some_and(|last| last.len() == 4 && is_year(last.as_bytes()))
        || {
            let mut parts = stem.rsplit('.');
            let (month, year) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            month.len() == 2 && year.len() == 4 && is_year(year.as_bytes())
        }
}

/// Where a date stands, with the time of day and the counter that may follow it.
fn date(name: &str) -> Option<(usize, usize)> {
    let bytes = name.as_bytes();
    let starts = (0..bytes.len()).filter(|at| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        bytes.get(*at).is_some_and(u8::is_ascii_digit) && !before.is_some_and(u8::is_ascii_digit)
    });
    for start in starts {
        let Some(len) = date_len(bytes.get(start..)?, bytes.get(..start)?) else { continue };
        let mut end = start + len;
        // `T18-30-00.000`, `.1`, `-13`.
        while let Some(rest) = bytes.get(end..) {
            let separators = rest.iter().take_while(|b| matches!(b, b'-' | b'_' | b'.' | b'T' | b':')).count();
            let digits = rest.iter().skip(separators).take_while(|b| b.is_ascii_digit()).count();
            if digits == 0 || separators > 1 {
                break;
            }
            end += separators + digits;
        }
        if bytes.get(end) == Some(&b'Z') {
            end += 1;
        }
        return Some((start, end));
    }
    None
}

/// Bytes of the date that `bytes` begin with.
fn date_len(bytes: &[u8], before: &[u8]) -> Option<usize> {
    let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    match digits {
        // 20261126, with hour, minute and second at most.
        8 | 10 | 12 | 14 if is_year(bytes) => Some(digits),
        // Seconds since the epoch (logrotate's `dateformat -%s`).
        10 if bytes.first() == Some(&b'1') => Some(digits),
        // IIS: `u_ex261126.log`, hourly `u_ex26112613.log`.
        6 | 8 if before.ends_with(b"ex") => Some(digits),
        4 if is_year(bytes) => {
            let separator = *bytes.get(4)?;
            let two = |at: usize| bytes.get(at..at + 2).is_some_and(|two| two.iter().all(u8::is_ascii_digit));
            let is_day =
                matches!(separator, b'-' | b'_' | b'.') && two(5) && bytes.get(7) == Some(&separator) && two(8);
            is_day.then_some(10)
        }
        _ => None,
    }
}

fn is_year(bytes: &[u8]) -> bool {
    bytes.starts_with(b"20") || bytes.starts_with(b"19")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotation_is_told_from_the_name() {
        let numbered = |n| Rank::Numbered(Reverse(n));
        let dated = |d: &str| Rank::Dated(d.to_owned());
        for (name, stem, rank) in [
            ("access.log", "access.log", Rank::Live),
            ("access.log.1", "access.log", numbered(1)),
            ("access.log.12.gz", "access.log", numbered(12)),
            ("access.log.old", "access.log", numbered(1)),
            ("access.log.zst", "access.log", Rank::Live),
            ("access.log-20261126", "access.log", dated("20261126")),
            ("access.log-20261126.gz", "access.log", dated("20261126")),
            ("access.log-1795651200", "access.log", dated("1795651200")),
            ("access.2026-11-26.log", "access.log", dated("20261126")),
            ("access.log.2026.11.26", "access.log", dated("20261126")),
            ("access-2026-11-26.3.log", "access.log", dated("202611263")),
            ("api-2026-11-04T18-30-00.000.log.gz", "api.log", dated("20261104183000000")),
            ("2026-11-26-access.log", "access.log", dated("20261126")),
            ("u_ex261126.log", "u_ex.log", dated("261126")),
            ("server-1.log", "server-1.log", Rank::Live),
            ("server.1.log", "server.1.log", Rank::Live),
            ("api-v2.log", "api-v2.log", Rank::Live),
            ("localhost_access_log.2026-11-26.txt", "localhost_access_log.txt", dated("20261126")),
            (".1", ".1", Rank::Live),
            ("", "", Rank::Live),
        ] {
            assert_eq!(split(name), (stem.to_owned(), rank), "{name}");
        }
        assert!(numbered(2) < numbered(1) && numbered(1) < Rank::Live && dated("20261125") < dated("20261126"));
    }
}
