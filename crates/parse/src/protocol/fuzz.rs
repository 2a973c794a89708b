//! The property of every protocol reader: calls stay within their bounds, and their documents are JSON.

use std::borrow::Cow;

use vedette_model::limits::{CALL_DOCUMENTS_MAX, CALL_NAME_BYTES_MAX, CALLS_MAX};
use vedette_model::{Exchange, Headers};

use super::{Part, Protocols};
use crate::json::{Reader, Token};

/// Media types and paths that lead to the readers; the first byte of the input chooses.
const WAYS: &[(&str, &str, &str)] = &[
    ("application/json", "application/json", "/graphql"),
    ("application/graphql", "application/json", "/graphql"),
    ("multipart/form-data; boundary=b", "application/json", "/graphql"),
    ("multipart/form-data; boundary=b", "text/html", "/upload"),
    ("application/json", "application/json", "/mcp"),
    ("application/json", "text/event-stream", "/mcp"),
    ("text/xml", "text/xml", "/soap"),
    ("application/xml", "application/xml", "/orders"),
    ("application/grpc", "application/grpc", "/shop.v1.Orders/GetOrder"),
    ("application/grpc-web-text", "application/grpc-web-text", "/shop.v1.Orders/GetOrder"),
    ("application/json", "text/event-stream", "/v1/chat/completions"),
    ("", "", "/x"),
];

/// Any two bodies, split at the first zero byte, read as any protocol give calls within bounds.
pub fn calls_of_anything(data: &[u8]) {
    let Some((way, rest)) = data.split_first() else { return };
    let Some((request, response, path)) = WAYS.get(usize::from(*way) % WAYS.len()) else { return };
    let middle = rest.iter().position(|b| *b == 0).unwrap_or(rest.len() / 2);
    let (sent, answered) = rest.split_at_checked(middle).unwrap_or((rest, &[]));
    let mut exchange = Exchange {
        method: "POST".into(),
        path: (*path).into(),
        status: 200,
        has_headers: true,
        request_body: Some(Cow::Borrowed(sent)),
        response_body: Some(Cow::Borrowed(answered)),
        ..Exchange::default()
    };
    exchange.request_headers = Headers(vec![("content-type".into(), (*request).into())]);
    exchange.response_headers = Headers(vec![("content-type".into(), (*response).into())]);
    let mut protocols = Protocols::default();
    let first = protocols.read(&exchange);
    assert!(first.len() <= CALLS_MAX);
    for call in &first {
        if let Some(name) = &call.name {
            assert!(!name.is_empty() && name.len() <= CALL_NAME_BYTES_MAX && !name.contains('#'), "{name}");
        }
        for part in [&call.request, &call.response] {
            let Part::Documents(documents) = part else { continue };
            assert!(documents.len() <= CALL_DOCUMENTS_MAX);
        }
        // What a reader made itself must be JSON; slices of JSON are judged by who learns from them.
        let made = matches!(*way as usize % WAYS.len(), 6..=9);
        if let (true, Part::Documents(documents)) = (made, &call.request) {
            for document in documents {
                assert_json(document);
            }
        }
        let named = call.name.as_ref().map(|name| first.iter().filter(|one| one.name.as_ref() == Some(name)).count());
        assert!(named.is_none_or(|n| n == 1), "a name twice");
    }
    // What was remembered does not change what is read.
    assert_eq!(format!("{first:?}"), format!("{:?}", protocols.read(&exchange)));
}

fn assert_json(document: &[u8]) {
    let text = String::from_utf8_lossy(document);
    let mut reader = Reader::new(&text);
    let read = match reader.value() {
        Ok(Token::Array | Token::Object) => reader.skip(),
        Ok(_) => Ok(()),
        Err(broken) => Err(broken),
    };
    assert!(read.is_ok() && reader.end().is_ok(), "no JSON: {text}");
}
