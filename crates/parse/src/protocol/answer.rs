//! Failures inside HTTP 200: which status says the same.

use super::{Failure, bounded_code};

/// Words of error codes and messages, and the status that says the same. The first that fits wins: a code `FORBIDDEN`
/// with a message about logging in is a 403.
const WORDS: &[(u16, &[&str])] = &[
    (
        401,
        &[
            "unauthenticated",
            "not authenticated",
            "authentication required",
            "authentication_required",
            "log in",
            "logged in",
        ],
    ),
    (
        403,
        &[
            "forbidden",
            "permission",
            "access denied",
            "access_denied",
            "unauthorized",
            "not authorized",
            "not_authorized",
        ],
    ),
    (429, &["rate limit", "rate_limit", "ratelimit", "throttled", "too many requests", "too_many_requests"]),
    (404, &["not found", "not_found"]),
];

/// Bytes of a message that are looked at.
const MESSAGE_BYTES: usize = 256;

/// The failure that a code and a message tell; `status` when neither says more.
pub(super) fn failure(code: &str, message: &str, status: u16) -> Failure {
    let told = by_words(code).or_else(|| by_words(message)).unwrap_or(status);
    Failure { status: told, code: if code.is_empty() { "error".to_owned() } else { bounded_code(code) } }
}

/// The status that a text speaks of.
fn by_words(text: &str) -> Option<u16> {
    let text = text.get(..text.floor_char_boundary(MESSAGE_BYTES)).unwrap_or(text).to_ascii_lowercase();
    WORDS.iter().find(|(_, words)| words.iter().any(|word| text.contains(word))).map(|(status, _)| *status)
}

/// The HTTP status of a gRPC status code, as gateways map it (google.rpc.Code).
pub(super) fn of_grpc(code: u32) -> u16 {
    match code {
        0 => 200,
        1 => 499,
        3 | 9 | 11 => 400,
        4 => 504,
        // A method that is not implemented is not there: HTTP would say 404.
        5 | 12 => 404,
        6 | 10 => 409,
        7 => 403,
        8 => 429,
        14 => 503,
        16 => 401,
        _ => 500,
    }
}

/// Names of the gRPC status codes.
pub(super) fn grpc_name(code: u32) -> &'static str {
    const NAMES: [&str; 17] = [
        "OK",
        "CANCELLED",
        "UNKNOWN",
        "INVALID_ARGUMENT",
        "DEADLINE_EXCEEDED",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION",
        "ABORTED",
        "OUT_OF_RANGE",
        "UNIMPLEMENTED",
        "INTERNAL",
        "UNAVAILABLE",
        "DATA_LOSS",
        "UNAUTHENTICATED",
    ];
    NAMES.get(code as usize).copied().unwrap_or("UNKNOWN")
}
