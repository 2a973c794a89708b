//! Reads an unknown layout from the lines themselves.
//!
//! Access logs differ in their order more than in their values: a quoted request, a time, an address and a status
//! look the same everywhere. Lines are split into words, quoted and bracketed values; lines with the same sequence of
//! those agree on what each place holds; what comes out is a format string like one that a user would write.

use vedette_model::limits::LOG_VALUES_MAX;

use super::address::{address, first_forwarded};
use super::format::LogFormat;
use super::request::{RequestLine, is_method};
use super::text::is_nothing;
use super::time;

/// A value in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Value<'a> {
    kind: Kind,
    text: &'a str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Word,
    Quoted,
    Bracketed,
}

/// Variables that a place may hold, in the order in which they are looked for; each is used once.
type Test = (&'static str, fn(&Value<'_>) -> bool);

const TESTS: &[Test] = &[
    ("request", |v| v.kind == Kind::Quoted && !RequestLine::parse(v.text).malformed),
    ("time_iso8601", |v| v.text.len() >= 10 && !is_date(v.text) && time::auto(v.text).is_some()),
    ("vedette_date", |v| v.kind == Kind::Word && is_date(v.text)),
    ("remote_addr", |v| address(v.text).is_some()),
    ("http_user_agent", |v| v.kind == Kind::Quoted && is_user_agent(v.text)),
    ("http_referer", |v| v.kind == Kind::Quoted && is_absolute(v.text)),
    ("http_x_forwarded_for", |v| v.kind == Kind::Quoted && first_forwarded(v.text).is_some()),
    ("host", |v| is_host(v.text)),
    ("vedette_written_duration", |v| v.kind == Kind::Word && is_written_duration(v.text)),
    ("request_time", |v| v.kind == Kind::Word && is_seconds(v.text)),
];

/// The format string and its compiled form. `None` unless a request and a status were found.
pub(super) fn infer(lines: &[&str]) -> Option<(String, LogFormat)> {
    let rows: Vec<Vec<Value<'_>>> = lines.iter().map(|line| values(line)).collect();
    let model = rows.iter().find(|row| row.iter().any(|value| fits("request", value)))?;
    let alike: Vec<&Vec<Value<'_>>> = rows.iter().filter(|row| same_shape(row, model)).collect();
    let mut names: Vec<Option<&str>> = vec![None; model.len()];
    for (name, test) in TESTS {
        let place = (0..model.len()).find(|place| {
            let free = names.get(*place).is_some_and(Option::is_none);
            let present = alike.iter().filter_map(|row| row.get(*place)).filter(|value| !is_nothing(value.text));
            let (mut holds, mut count) = (0, 0);
            for value in present {
                count += 1;
                holds += usize::from(test(value));
            }
            free && holds * 2 > count
        });
        if let Some(name_at) = place.and_then(|place| names.get_mut(place)) {
            *name_at = Some(name);
        }
    }
    name_numbers(&alike, &mut names)?;
    let format = write(model, &names);
    let log = LogFormat::inferred(&format).ok()?;
    Some((format, log))
}

fn fits(name: &str, value: &Value<'_>) -> bool {
    TESTS.iter().any(|(known, test)| *known == name && test(value))
}

/// Names what is told by its place: the status after the request, the size after that, the time of day after the
/// date, the referer before the user agent.
fn name_numbers(alike: &[&Vec<Value<'_>>], names: &mut [Option<&'static str>]) -> Option<()> {
    let position = |names: &[Option<&str>], name: &str| names.iter().position(|n| *n == Some(name));
    let all = |place: usize, test: fn(&str) -> bool| {
        alike.iter().all(|row| row.get(place).is_some_and(|v| v.kind == Kind::Word && test(v.text)))
    };
    let request = position(names, "request")?;
    let status = (request + 1..names.len()).find(|place| all(*place, is_status))?;
    *names.get_mut(status)? = Some("status");
    if all(status + 1, |text| text == "-" || text.bytes().all(|c| c.is_ascii_digit())) {
        *names.get_mut(status + 1)? = Some("body_bytes_sent");
    }
    if let Some(date) = position(names, "vedette_date") {
        *names.get_mut(date + 1)? = Some("vedette_time_of_day");
    }
    if let Some(agent) = position(names, "http_user_agent")
        && position(names, "http_referer").is_none()
        && let Some(before @ None) = agent.checked_sub(1).and_then(|place| names.get_mut(place))
    {
        *before = Some("http_referer");
    }
    Some(())
}

/// The format string of a row.
fn write(row: &[Value<'_>], names: &[Option<&str>]) -> String {
    let mut out = String::new();
    for (value, name) in row.iter().zip(names) {
        if !out.is_empty() {
            out.push(' ');
        }
        let name = name.unwrap_or("_");
        match value.kind {
            // Punctuation that stands alone is text of the layout.
            Kind::Word if value.text.bytes().all(|c| c.is_ascii_punctuation() && c != b'-') => out.push_str(value.text),
            Kind::Word => out.extend(["$", name]),
            Kind::Quoted => out.extend(["\"$", name, "\""]),
            Kind::Bracketed => out.extend(["[$", name, "]"]),
        }
    }
    out
}

/// Splits a line at single spaces, leaving quoted and bracketed values whole.
fn values(line: &str) -> Vec<Value<'_>> {
    let mut out = Vec::new();
    let mut rest = line;
    while !rest.is_empty() && out.len() < LOG_VALUES_MAX {
        let closed = |kind, open: char, close: &str| {
            let (text, after) = rest.strip_prefix(open)?.split_once(close)?;
            (after.is_empty() || after.starts_with(' ')).then_some((Value { kind, text }, after))
        };
        let (value, after) =
            closed(Kind::Quoted, '"', "\"").or_else(|| closed(Kind::Bracketed, '[', "]")).unwrap_or_else(|| {
                let (text, after) = rest.split_at(rest.find(' ').unwrap_or(rest.len()));
                (Value { kind: Kind::Word, text }, after)
            });
        out.push(value);
        rest = after.strip_prefix(' ').unwrap_or(after);
    }
    out
}

fn same_shape(a: &[Value<'_>], b: &[Value<'_>]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.kind == b.kind)
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && time::columns(text, "00:00:00").is_some()
}

fn is_status(text: &str) -> bool {
    text.len() == 3 && text.parse::<u16>().is_ok_and(|status| (100..600).contains(&status))
}

fn is_absolute(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

/// `product/version`, as nearly all user agents begin (RFC 9110, 10.1.5).
fn is_user_agent(text: &str) -> bool {
    let product = text.split(' ').next().unwrap_or_default();
    let Some((name, version)) = product.split_once('/') else { return false };
    is_method(name.split('.').next().unwrap_or(name)) && version.starts_with(|c: char| c.is_ascii_digit())
}

fn is_host(text: &str) -> bool {
    let name = text.rsplit_once(':').map_or(text, |(name, _)| name);
    name.contains('.')
        && name.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-'))
        && name.rsplit('.').next().is_some_and(|top| top.len() >= 2 && top.bytes().all(|c| c.is_ascii_alphabetic()))
}

fn is_written_duration(text: &str) -> bool {
    let number = text.trim_end_matches(|c: char| c.is_alphabetic());
    let unit = text.get(number.len()..).unwrap_or_default();
    matches!(unit, "s" | "ms" | "us" | "µs" | "μs" | "ns") && number.parse::<f64>().is_ok()
}

/// `0.012`, as nginx writes it.
fn is_seconds(text: &str) -> bool {
    text.split_once('.').is_some_and(|(whole, fraction)| {
        fraction.len() == 3 && [whole, fraction].iter().all(|part| part.bytes().all(|c| c.is_ascii_digit()))
    })
}
