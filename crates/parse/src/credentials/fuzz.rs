//! The property that the fuzz target and the property test share.

use std::borrow::Cow;

use vedette_model::hash::HashKey;
use vedette_model::limits::CREDENTIALS_MAX;
use vedette_model::{Exchange, Headers};

use super::credentials;

/// Any bytes, put in every place where a credential may stand: no panic, bounded, the same twice, and no secret is
/// shown by `Debug`.
pub fn credentials_of_anything(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let text = text.as_ref();
    let mut headers = Headers::default();
    for name in ["authorization", "cookie", "x-api-key", "x-some-token", "x-forwarded-client-cert"] {
        headers.push(name, text);
    }
    headers.push(text, "0123456789abcdef0123456789ABCDEF");
    let basic = format!("Basic {text}");
    let bearer = format!("Bearer {text}");
    headers.push("authorization", basic.as_str());
    headers.push("authorization", bearer.as_str());
    let exchange = Exchange {
        user: Some(Cow::Borrowed(text)),
        path: Cow::Borrowed(text),
        query: Some(Cow::Borrowed(text)),
        request_headers: headers,
        has_headers: true,
        ..Exchange::default()
    };
    let key = HashKey::default();
    let found = credentials(&exchange, &key);
    assert!(found.len() <= CREDENTIALS_MAX, "bounded");
    let again = credentials(&exchange, &key);
    assert!(found.iter().map(|c| c.hash).eq(again.iter().map(|c| c.hash)), "deterministic");
}
