//! gRPC and gRPC-web: frames of protobuf messages over HTTP. Path and endpoint are `/package.Service/Method` as sent.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost_reflect::MethodDescriptor;
use vedette_model::limits::CALL_DOCUMENTS_MAX;
use vedette_model::{Exchange, Side};

use super::descriptors::{self, Descriptors};
use super::{Call, Failure, Kind, Label, Measure, Part, answer, protobuf};

/// Frame flags: a compressed message, and the trailers of gRPC-web.
const COMPRESSED: u8 = 0x01;
const TRAILERS: u8 = 0x80;

/// Frames of one body that are read; all of a stream would take long.
const FRAMES_MAX: usize = 1_024;

/// The call: messages by field name where a descriptor is known, else by field number.
pub(super) fn read<'a>(exchange: &'a Exchange<'_>, known: Option<&Descriptors>) -> Call<'a> {
    let mut call = Call::own(Some(Kind::Grpc));
    let method = known.and_then(|known| known.method(&exchange.path));
    let mut status = trailer(exchange, "grpc-status").and_then(|code| code.trim().parse().ok());
    for (side, count) in [(Side::Request, Measure::Sent), (Side::Response, Measure::Received)] {
        let Some(body) = body(exchange, side) else { continue };
        let frames = frames(&body);
        let mut part = Part::none();
        let mut messages = 0;
        for (flags, payload) in frames {
            if flags & TRAILERS != 0 {
                status = status.or_else(|| trailers_status(payload));
                continue;
            }
            messages += 1;
            if flags & COMPRESSED != 0 || messages > CALL_DOCUMENTS_MAX as u64 {
                continue;
            }
            if let Some(json) = message(method.as_ref(), side, payload) {
                part.push(json);
            }
        }
        call.measures.push((count, messages));
        match side {
            Side::Request => call.request = part,
            Side::Response => call.response = part,
        }
    }
    if let Some(code) = status.filter(|code| *code != 0) {
        call.failure = Some(Failure { status: answer::of_grpc(code), code: answer::grpc_name(code).to_owned() });
    }
    let web = exchange.content_type(Side::Request).is_some_and(|media| media.contains("grpc-web"));
    call.labels.push((Label::Way, Cow::Borrowed(if web { "grpc-web" } else { "grpc" })));
    call
}

fn message(method: Option<&MethodDescriptor>, side: Side, payload: &[u8]) -> Option<Vec<u8>> {
    let named = method.and_then(|method| descriptors::json(method, side, payload));
    named.or_else(|| protobuf::json(payload).map(String::into_bytes))
}

/// The frames of one side; gRPC-web may send them in base64.
fn body<'a>(exchange: &'a Exchange<'_>, side: Side) -> Option<Cow<'a, [u8]>> {
    let bytes = match side {
        Side::Request => exchange.request_body.as_deref(),
        Side::Response => exchange.response_body.as_deref(),
    }?;
    let encoded = exchange.content_type(side).is_some_and(|media| media.contains("grpc-web-text"));
    if !encoded {
        return Some(Cow::Borrowed(bytes));
    }
    // Padding may stand between frames that were flushed one by one.
    let mut out = Vec::new();
    for chunk in bytes.chunk_by(|a, b| !(*a == b'=' && *b != b'=')) {
        out.extend(STANDARD.decode(chunk.trim_ascii()).ok()?);
    }
    Some(Cow::Owned(out))
}

/// Flags and payload of each whole frame.
fn frames(mut body: &[u8]) -> Vec<(u8, &[u8])> {
    let mut out = Vec::new();
    while let Some(([flags, len @ ..], rest)) = body.split_first_chunk::<5>() {
        let len = u32::from_be_bytes(*len) as usize;
        let Some((payload, behind)) = rest.split_at_checked(len).filter(|_| out.len() < FRAMES_MAX) else { break };
        out.push((*flags, payload));
        body = behind;
    }
    out
}

/// Trailers stand among the headers in recordings, and in fact when there is no message.
fn trailer<'a>(exchange: &'a Exchange<'_>, name: &str) -> Option<&'a str> {
    exchange.response_headers.get(name)
}

fn trailers_status(payload: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(payload).ok()?;
    text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("grpc-status").then(|| value.trim().parse().ok())?
    })
}
