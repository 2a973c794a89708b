//! The property of the fuzz target and of the property test: whatever the record, an answer within the limits.

use vedette_model::limits::{BODY_BYTES_MAX, HEADERS_MAX};

/// Reads any bytes as a HAR entry.
///
/// # Panics
/// When the parser breaks its contract; that is the point.
pub fn entry(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(exchange) = super::entry(&text) else { return };
    assert!(exchange.path.starts_with('/') || exchange.path == "*" || exchange.method.eq_ignore_ascii_case("CONNECT"));
    assert!(exchange.status == 0 || (100..600).contains(&exchange.status));
    // One more for a synthetic content type, and each listed cookie may become a header.
    assert!(exchange.request_headers.0.len() <= HEADERS_MAX + 2);
    assert!(exchange.response_headers.0.len() <= 2 * HEADERS_MAX + 1);
    for body in [&exchange.request_body, &exchange.response_body].into_iter().flatten() {
        assert!(body.len() <= BODY_BYTES_MAX);
    }
    assert!(exchange.host.is_none_or(|host| !host.is_empty() && !host.contains('@')));
}
