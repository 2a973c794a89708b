//! Multipart bodies (RFC 7578, 2046): fields with their text, files by name only.

use std::borrow::Cow;

use memchr::memmem;
use vedette_model::limits::{MULTIPART_PARTS_MAX, VALUE_BYTES_MAX};
use vedette_model::{Exchange, Side};

use super::{Call, FormField, Part, members};

/// Longest boundary (RFC 2046, 5.1.1).
const BOUNDARY_BYTES_MAX: usize = 70;

/// Bytes of the headers of one part.
const HEAD_BYTES_MAX: usize = 4 << 10;

/// The form of an exchange; `None` when its body is none.
pub(super) fn read<'a>(exchange: &'a Exchange<'_>) -> Option<Call<'a>> {
    let mut call = Call::own(None);
    each(exchange, |part| {
        let value = (!part.is_file).then(|| String::from_utf8_lossy(bounded(part.content)));
        call.form.push(FormField { name: part.name, value });
    });
    call.request = Part::none();
    (!call.form.is_empty()).then_some(call)
}

/// The text of one field, whatever its length.
pub(super) fn field(exchange: &Exchange<'_>, wanted: &str) -> Option<String> {
    let mut found = None;
    each(exchange, |part| {
        if found.is_none() && part.name == wanted {
            found = members::text(Some(part.content)).map(str::to_owned);
        }
    });
    found
}

struct Piece<'a> {
    name: Cow<'a, str>,
    is_file: bool,
    content: &'a [u8],
}

fn each<'a>(exchange: &'a Exchange<'_>, mut piece: impl FnMut(Piece<'a>)) {
    let Some(body) = exchange.request_body.as_deref() else { return };
    let Some(boundary) = exchange.content_type(Side::Request).and_then(boundary) else { return };
    let delimiter = [b"--", boundary.as_bytes()].concat();
    let finder = memmem::Finder::new(&delimiter);
    let mut rest = body;
    let mut parts = 0;
    let Some(first) = finder.find(rest) else { return };
    rest = rest.get(first + delimiter.len()..).unwrap_or_default();
    // `--` behind the delimiter ends the body; a cut body ends without.
    while parts < MULTIPART_PARTS_MAX && !rest.starts_with(b"--") && !rest.is_empty() {
        let end = finder.find(rest).unwrap_or(rest.len());
        let (part, behind) = rest.split_at_checked(end).unwrap_or((rest, &[]));
        if let Some(read) = read_part(part) {
            piece(read);
        }
        parts += 1;
        rest = behind.get(delimiter.len()..).unwrap_or_default();
    }
}

fn boundary(media: &str) -> Option<&str> {
    let at = media.to_ascii_lowercase().find("boundary=")?;
    let value = media.get(at + "boundary=".len()..)?;
    let value = match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => value.split(';').next()?.trim(),
    };
    (!value.is_empty() && value.len() <= BOUNDARY_BYTES_MAX).then_some(value)
}

/// Headers, an empty line, content, a line end.
fn read_part(part: &[u8]) -> Option<Piece<'_>> {
    let part = part.strip_prefix(b"\r\n").or_else(|| part.strip_prefix(b"\n")).unwrap_or(part);
    let searched = part.get(..HEAD_BYTES_MAX).unwrap_or(part);
    let crlf = memmem::find(searched, b"\r\n\r\n").map(|at| (at, 4));
    let (at, gap) = crlf.or_else(|| memmem::find(searched, b"\n\n").map(|at| (at, 2)))?;
    let head = std::str::from_utf8(part.get(..at)?).ok()?;
    let content = part.get(at + gap..)?;
    let content = content.strip_suffix(b"\r\n").or_else(|| content.strip_suffix(b"\n")).unwrap_or(content);
    let line = head
        .lines()
        .find(|line| line.get(..20).is_some_and(|name| name.eq_ignore_ascii_case("content-disposition:")))?;
    let name = parameter(line, "name=").filter(|name| !name.is_empty())?;
    let is_file = parameter(line, "filename=").is_some() || line.contains("filename*=");
    Some(Piece { name: Cow::Borrowed(name), is_file, content })
}

/// A parameter of a header line; `name` must not match the end of `filename`.
fn parameter<'a>(line: &'a str, wanted: &str) -> Option<&'a str> {
    let found = line.split(';').map(str::trim_start).find_map(|part| part.strip_prefix(wanted))?;
    Some(found.trim().trim_matches('"'))
}

fn bounded(content: &[u8]) -> &[u8] {
    content.get(..VALUE_BYTES_MAX).unwrap_or(content)
}
