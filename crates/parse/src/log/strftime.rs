//! Times with a pattern of their own (`%{%d/%b/%Y %T}t` of Apache, after strftime(3)).

use super::time::{Civil, fraction, month_number, offset_prefix};
use vedette_model::Timestamp;

/// A compiled time pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(char),
    /// Numbers of a fixed greatest width.
    Year,
    YearOfCentury,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    /// Digits of a fraction of a second.
    Fraction,
    MonthName,
    /// A name that is read past (weekday, time zone).
    Word,
    AmPm,
    Offset,
    /// Seconds since the epoch and their decimal scale.
    Epoch(u32),
}

impl Pattern {
    /// Compiles what Apache allows between `%{` and `}t`. `None` for a specifier that is not read.
    pub(crate) fn compile(format: &str) -> Option<Self> {
        let format = format.strip_prefix("begin:").or_else(|| format.strip_prefix("end:")).unwrap_or(format);
        match format {
            "" | "begin" | "end" => return Self::compile("[%d/%b/%Y:%T %z]"),
            "sec" => return Some(Self(vec![Part::Epoch(1_000_000)])),
            "msec" => return Some(Self(vec![Part::Epoch(1_000)])),
            "usec" => return Some(Self(vec![Part::Epoch(1)])),
            "msec_frac" | "usec_frac" => return Some(Self(vec![Part::Fraction])),
            _ => {}
        }
        let mut parts = Vec::new();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                parts.push(Part::Literal(c));
                continue;
            }
            let mut specifier = chars.next()?;
            while matches!(specifier, 'E' | 'O' | '-' | '_' | '^') {
                specifier = chars.next()?;
            }
            match expand(specifier) {
                Some(longer) => parts.extend(Self::compile(longer)?.0),
                None => parts.push(part(specifier)?),
            }
        }
        Some(Self(parts))
    }

    /// Reads a time from the start of a text into `civil`; returns its length.
    pub(crate) fn read(&self, text: &str, civil: &mut Civil) -> Option<usize> {
        let mut rest = text;
        for part in &self.0 {
            rest = part.read(rest, civil)?;
        }
        Some(text.len() - rest.len())
    }
}

/// Specifiers that stand for several.
fn expand(specifier: char) -> Option<&'static str> {
    Some(match specifier {
        'T' | 'X' => "%H:%M:%S",
        'R' => "%H:%M",
        'r' => "%I:%M:%S %p",
        'D' | 'x' => "%m/%d/%y",
        'F' => "%Y-%m-%d",
        'c' => "%a %b %d %H:%M:%S %Y",
        _ => return None,
    })
}

fn part(specifier: char) -> Option<Part> {
    Some(match specifier {
        'Y' => Part::Year,
        'y' => Part::YearOfCentury,
        'm' => Part::Month,
        'd' | 'e' => Part::Day,
        'H' | 'I' | 'k' | 'l' => Part::Hour,
        'M' => Part::Minute,
        'S' => Part::Second,
        'f' | 'N' | 'L' => Part::Fraction,
        'b' | 'B' | 'h' => Part::MonthName,
        'a' | 'A' | 'Z' => Part::Word,
        'p' | 'P' => Part::AmPm,
        'z' => Part::Offset,
        's' => Part::Epoch(1_000_000),
        '%' => Part::Literal('%'),
        'n' => Part::Literal('\n'),
        't' => Part::Literal('\t'),
        _ => return None,
    })
}

impl Part {
    fn read<'t>(&self, text: &'t str, civil: &mut Civil) -> Option<&'t str> {
        match self {
            Self::Literal(c) => return text.strip_prefix(*c),
            Self::Year => return number(text, 4).map(|(n, rest)| (civil.year = i64::from(n), rest).1),
            Self::YearOfCentury => {
                let (n, rest) = number(text, 2)?;
                civil.year = i64::from(if n < 69 { 2000 + n } else { 1900 + n });
                return Some(rest);
            }
            Self::Month => return number(text, 2).map(|(n, rest)| (civil.month = n, rest).1),
            Self::Day => return number(text, 2).map(|(n, rest)| (civil.day = n, rest).1),
            Self::Hour => return number(text, 2).map(|(n, rest)| (civil.hour = n, rest).1),
            Self::Minute => return number(text, 2).map(|(n, rest)| (civil.minute = n, rest).1),
            Self::Second => return number(text, 2).map(|(n, rest)| (civil.second = n, rest).1),
            Self::MonthName | Self::Word | Self::AmPm | Self::Fraction | Self::Offset | Self::Epoch(_) => {}
        }
        self.read_longer(text, civil)
    }

    fn read_longer<'t>(&self, text: &'t str, civil: &mut Civil) -> Option<&'t str> {
        match self {
            Self::Fraction => {
                let digits = text.bytes().take_while(u8::is_ascii_digit).count();
                let dotted = format!(".{}", text.get(..digits)?);
                civil.micros = fraction(dotted.as_bytes()).0;
                text.get(digits..)
            }
            Self::Offset => {
                let (secs, len) = offset_prefix(text)?;
                civil.offset_secs = secs;
                text.get(len..)
            }
            Self::Epoch(scale) => {
                let digits = text.bytes().take_while(u8::is_ascii_digit).count();
                let n: i64 = text.get(..digits)?.parse().ok()?;
                civil.epoch = Some(Timestamp(n.checked_mul(i64::from(*scale))?));
                text.get(digits..)
            }
            _ => {
                let (word, rest) = text.split_at(text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len()));
                match (self, word.as_bytes()) {
                    (Self::MonthName, [a, b, c, ..]) => civil.month = month_number([*a, *b, *c])?,
                    (Self::MonthName, _) => return None,
                    (Self::AmPm, _) => civil.afternoon = Some(word.eq_ignore_ascii_case("pm")),
                    _ => {}
                }
                Some(rest)
            }
        }
    }
}

/// A number of one to `width` digits, perhaps padded with a space.
fn number(text: &str, width: usize) -> Option<(u32, &str)> {
    let text = text.strip_prefix(' ').unwrap_or(text);
    let digits = text.bytes().take(width).take_while(u8::is_ascii_digit).count();
    Some((text.get(..digits)?.parse().ok()?, text.get(digits..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_read_times_and_stop_behind_them() {
        for (pattern, text, at, rest) in [
            ("%d/%b/%Y %T", "17/May/2015 10:05:03.120", "2015-05-17T10:05:03Z", ".120"),
            ("%Y-%m-%dT%H:%M:%S%z", "2015-05-17T10:05:03+0200 x", "2015-05-17T08:05:03Z", " x"),
            ("%a, %e %B %y %I:%M:%S %p", "Sun,  7 June 15 01:05:03 PM", "2015-06-07T13:05:03Z", ""),
            ("sec", "1431857103 x", "2015-05-17T10:05:03Z", " x"),
            ("end:msec", "1431857103120", "2015-05-17T10:05:03.120Z", ""),
            ("", "[17/May/2015:10:05:03 +0000]", "2015-05-17T10:05:03Z", ""),
        ] {
            let mut civil = Civil::default();
            let len = Pattern::compile(pattern).unwrap().read(text, &mut civil).unwrap();
            let time = civil.timestamp().map(|t| t.to_string());
            assert_eq!((time.as_deref(), &text[len..]), (Some(at), rest), "{pattern}");
        }
        assert_eq!(Pattern::compile("%Q"), None);
    }
}
