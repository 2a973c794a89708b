//! The outline of a JSON text: its members or items as slices, nothing built, nothing copied.

use std::borrow::Cow;

use crate::json::{Broken, Reader, Token};

/// Calls `member` with each key and raw value of an object, in order. False when the text is no object; one that breaks
/// off is told as far as it goes.
pub(super) fn object<'a>(text: &'a str, mut member: impl FnMut(&str, &'a str)) -> bool {
    let text = bare(text);
    let mut reader = Reader::new(text);
    let Ok(Token::Object) = reader.value() else { return false };
    let mut first = true;
    while let Ok(Some(key)) = reader.key(&mut first) {
        let Ok(raw) = raw(&mut reader, text) else { break };
        member(&key, raw);
    }
    true
}

/// Calls `item` with each raw item of an array until it says no. False when the text is no array.
pub(crate) fn array<'a>(text: &'a str, mut item: impl FnMut(&'a str) -> bool) -> bool {
    let text = bare(text);
    let mut reader = Reader::new(text);
    let Ok(Token::Array) = reader.value() else { return false };
    let mut first = true;
    while let Ok(true) = reader.item(&mut first) {
        let Ok(raw) = raw(&mut reader, text) else { break };
        if !item(raw) {
            break;
        }
    }
    true
}

/// The raw value of one member.
pub(crate) fn get<'a>(text: &'a str, wanted: &str) -> Option<&'a str> {
    let mut found = None;
    object(text, |key, raw| {
        if key == wanted {
            found = Some(raw);
        }
    });
    found
}

/// The value of a raw string.
pub(crate) fn string(raw: &str) -> Option<Cow<'_, str>> {
    match Reader::new(raw).value() {
        Ok(Token::Text(text)) => Some(text.unescape()),
        _ => None,
    }
}

/// The value of a raw whole number.
pub(crate) fn integer(raw: &str) -> Option<i64> {
    match Reader::new(raw).value() {
        Ok(Token::Number(number)) => number.integer,
        _ => None,
    }
}

/// The value of a raw whole number that is a count.
pub(super) fn count(raw: &str) -> Option<u64> {
    integer(raw).and_then(|n| u64::try_from(n).ok())
}

/// True for `null`.
pub(super) fn is_null(raw: &str) -> bool {
    raw.trim_ascii() == "null"
}

/// True when the text is one whole JSON object or array.
pub(super) fn is_container(text: &str) -> bool {
    if !text.trim_start().starts_with(['{', '[']) {
        return false;
    }
    let text = bare(text);
    let mut reader = Reader::new(text);
    raw(&mut reader, text).is_ok() && reader.end().is_ok()
}

/// A body as text, when it is UTF-8.
pub(crate) fn text(body: Option<&[u8]>) -> Option<&str> {
    body.and_then(|body| std::str::from_utf8(body).ok())
}

/// A text as a JSON string.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn bare(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// The raw text of the value that begins here.
fn raw<'a>(reader: &mut Reader<'a>, text: &'a str) -> Result<&'a str, Broken> {
    let start = reader.position();
    if matches!(reader.value()?, Token::Array | Token::Object) {
        reader.skip()?;
    }
    text.get(start..reader.position()).map(str::trim_ascii_start).ok_or(Broken::Malformed)
}
