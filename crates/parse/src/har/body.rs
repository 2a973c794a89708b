//! Bodies, cookies and forms: what recorders took apart is put together again as it traveled.

use std::borrow::Cow;
use std::fmt::Write;

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use vedette_model::limits::BODY_BYTES_MAX;
use vedette_model::{Anomaly, Headers};

use super::wire::{Body, Pair, text};

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

/// Boundary of a multipart body that was recorded as parameters only.
const BOUNDARY: &str = "vedette-recorded-as-parameters";

/// The body of one side, at most [`BODY_BYTES_MAX`] long; adds the media type to headers that lack it.
pub(super) fn read<'a>(
    mut body: Body<'a>,
    headers: &mut Headers<'a>,
    anomalies: &mut Vec<Anomaly>,
    mistyped: &mut bool,
) -> Option<Cow<'a, [u8]>> {
    let mime = text(std::mem::take(&mut body.mime), mistyped).unwrap_or_default();
    let is_base64 = text(body.encoding, mistyped).is_some_and(|name| name.eq_ignore_ascii_case("base64"));
    let mut bytes = body.text.filter(|text| !text.is_empty());
    if let (true, Some(encoded)) = (is_base64, &bytes) {
        match base64(encoded) {
            Some(decoded) => bytes = Some(Cow::Owned(decoded)),
            // Some recorders claim base64 and write text.
            None => super::note(anomalies, Anomaly::BadBase64),
        }
    }
    if bytes.is_none() && !body.params.is_empty() {
        bytes = Some(Cow::Owned(form(&body.params, &mime, headers).into_bytes()));
    }
    // One byte more than the limit is decoded, so that a cut shows here.
    if bytes.as_ref().is_some_and(|bytes| bytes.len() > BODY_BYTES_MAX) {
        super::note(anomalies, Anomaly::TruncatedBody);
        bytes = bytes.map(cut);
    }
    // `x-unknown` is what Chrome writes for "none".
    if bytes.is_some() && !mime.is_empty() && mime != "x-unknown" && headers.get("content-type").is_none() {
        headers.push("content-type", mime);
    }
    bytes
}

fn cut(bytes: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    match bytes {
        Cow::Borrowed(bytes) => Cow::Borrowed(bytes.get(..BODY_BYTES_MAX).unwrap_or(bytes)),
        Cow::Owned(mut bytes) => {
            bytes.truncate(BODY_BYTES_MAX);
            bytes.shrink_to_fit();
            Cow::Owned(bytes)
        }
    }
}

/// Decodes either alphabet, with or without padding and line breaks; stops just past [`BODY_BYTES_MAX`].
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let clean: Cow<'_, [u8]> = if text.iter().any(u8::is_ascii_whitespace) {
        Cow::Owned(text.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect())
    } else {
        Cow::Borrowed(text)
    };
    let clean = clean.get(..(BODY_BYTES_MAX / 3 + 1) * 4).unwrap_or(&clean);
    BASE64.decode(clean).or_else(|_| BASE64_URL.decode(clean)).ok()
}

/// A form that was recorded as parameters, as it would have been sent.
fn form<'a>(params: &[Pair<'a>], mime: &str, headers: &mut Headers<'a>) -> String {
    if !mime.to_ascii_lowercase().starts_with("multipart/") {
        return urlencoded(params);
    }
    let boundary = headers.get("content-type").unwrap_or(mime);
    let boundary = boundary.split_once("boundary=").map(|(_, rest)| rest.split(';').next().unwrap_or_default().trim());
    let boundary = if let Some(boundary) = boundary.map(|b| b.trim_matches('"')).filter(|b| !b.is_empty()) {
        boundary.to_owned()
    } else {
        headers.0.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        headers.push("content-type", format!("multipart/form-data; boundary={BOUNDARY}"));
        BOUNDARY.to_owned()
    };
    let mut out = String::new();
    for Pair { name, value, detail } in params {
        let name = name.replace(['"', '\r', '\n'], "_");
        let _ = write!(out, "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"");
        if let Some(file) = detail {
            let _ = write!(out, "; filename=\"{}\"", file.replace(['"', '\r', '\n'], "_"));
        }
        let _ = write!(out, "\r\n\r\n{value}\r\n");
    }
    let _ = write!(out, "--{boundary}--\r\n");
    out
}

/// Parameters as a query string or form. Values stand decoded in some recordings and encoded in others, so escapes
/// that are there already stay.
pub(super) fn urlencoded(pairs: &[Pair<'_>]) -> String {
    let mut out = String::new();
    for Pair { name, value, .. } in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        encode(name, &mut out);
        out.push('=');
        encode(value, &mut out);
    }
    out
}

fn encode(text: &str, out: &mut String) {
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let is_escape =
            *byte == b'%' && bytes.get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        match byte {
            b' ' => out.push('+'),
            b if is_escape || b.is_ascii_alphanumeric() || b"-._~!$'()*,;:@/+".contains(b) => out.push(char::from(*b)),
            b => {
                let _ = write!(out, "%{b:02X}");
            }
        }
    }
}

/// Listed cookies as one `Cookie` header: sanitized recordings drop the header and keep the list.
pub(super) fn cookie(cookies: &[Pair<'_>]) -> String {
    let pairs: Vec<String> = cookies.iter().map(|c| format!("{}={}", c.name, c.value)).collect();
    pairs.join("; ")
}

/// A listed response cookie as a `Set-Cookie` header.
pub(super) fn set_cookie(cookie: &Pair<'_>) -> String {
    let mut out = format!("{}={}", cookie.name, cookie.value);
    if let Some(attributes) = &cookie.detail {
        out.push_str(attributes);
    }
    out
}
