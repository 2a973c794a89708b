//! Headers within JSON logs: `{"Name":"value"}`, `{"Name":["value",…]}` or `[{"name":…,"value":…}]`.

use std::borrow::Cow;

use vedette_model::limits::HEADERS_MAX;
use vedette_model::{Exchange, Headers};

use super::scan::{Key, Scanner};

/// Reads the headers that are next.
pub(super) fn read<'a>(scanner: &mut Scanner<'a>, headers: &mut Headers<'a>) -> Option<()> {
    if scanner.peek()? == b'[' {
        return read_list(scanner, headers);
    }
    scanner.expect(b'{')?;
    let mut first = true;
    while let Key::Name(key) = scanner.key(first)? {
        first = false;
        match scanner.peek()? {
            b'[' => read_values(scanner, key, headers)?,
            b'{' => scanner.skip()?,
            _ => {
                if let Some(value) = scanner.scalar()?.into_text() {
                    push(headers, Cow::Borrowed(key), value);
                }
            }
        }
    }
    Some(())
}

/// `["a","b"]`.
fn read_values<'a>(scanner: &mut Scanner<'a>, key: &'a str, headers: &mut Headers<'a>) -> Option<()> {
    scanner.expect(b'[')?;
    while !scanner.eat(b']') {
        match scanner.peek()? {
            b'{' | b'[' => scanner.skip()?,
            _ => {
                if let Some(value) = scanner.scalar()?.into_text() {
                    push(headers, Cow::Borrowed(key), value);
                }
            }
        }
        scanner.eat(b',');
    }
    Some(())
}

/// `[{"name":"Host","value":"a"}]` (AWS WAF).
fn read_list<'a>(scanner: &mut Scanner<'a>, headers: &mut Headers<'a>) -> Option<()> {
    scanner.expect(b'[')?;
    while !scanner.eat(b']') {
        if scanner.peek()? != b'{' {
            scanner.skip()?;
            scanner.eat(b',');
            continue;
        }
        scanner.expect(b'{')?;
        let (mut name, mut value) = (None, None);
        let mut first = true;
        while let Key::Name(key) = scanner.key(first)? {
            first = false;
            match (key, scanner.peek()?) {
                ("name" | "Name" | "key", b'"') => name = scanner.scalar()?.into_text(),
                ("value" | "Value", b'"') => value = scanner.scalar()?.into_text(),
                _ => scanner.skip()?,
            }
        }
        if let (Some(name), Some(value)) = (name, value) {
            push(headers, name, value);
        }
        scanner.eat(b',');
    }
    Some(())
}

/// Adds a header unless there are too many.
pub(super) fn push<'a>(headers: &mut Headers<'a>, name: Cow<'a, str>, value: Cow<'a, str>) {
    if headers.0.len() < HEADERS_MAX {
        headers.push(name, value);
    }
}

/// Fills what has a place of its own from the headers.
pub(super) fn complete(exchange: &mut Exchange<'_>) {
    if exchange.request_headers.is_empty() {
        return;
    }
    for (name, value) in &exchange.request_headers.0 {
        let place = match name.len() {
            4 if name.eq_ignore_ascii_case("host") => &mut exchange.host,
            7 if name.eq_ignore_ascii_case("referer") => &mut exchange.referer,
            10 if name.eq_ignore_ascii_case("user-agent") => &mut exchange.user_agent,
            _ => continue,
        };
        if place.is_none() {
            *place = Some(value.clone());
        }
    }
}
