//! Names of fields in mappings, built in and of users.

use crate::log::field::{Field, TimeKind, Unit};

/// Names that a mapping may use, with what they hold.
pub(super) const FIELDS: &[(&str, Field)] = &[
    ("time", Field::Time(TimeKind::Auto)),
    ("client_ip", Field::Peer),
    ("forwarded_for", Field::Forwarded),
    ("request", Field::Request),
    ("method", Field::Method),
    ("url", Field::Target),
    ("path", Field::Path),
    ("path_template", Field::Template),
    ("query", Field::Query),
    ("http_version", Field::Protocol),
    ("status", Field::Status),
    ("duration", Field::Duration(Unit::Written)),
    ("duration_s", Field::Duration(Unit::S)),
    ("duration_ms", Field::Duration(Unit::Ms)),
    ("duration_us", Field::Duration(Unit::Us)),
    ("duration_ns", Field::Duration(Unit::Ns)),
    ("request_bytes", Field::RequestBytes),
    ("response_bytes", Field::ResponseBytes),
    ("host", Field::Host),
    ("server_name", Field::ServerName),
    ("service", Field::Service),
    ("backend", Field::Backend),
    ("scheme", Field::Scheme),
    ("tls", Field::TlsOn),
    ("tls_version", Field::TlsVersion),
    ("user", Field::User),
    ("user_agent", Field::UserAgent),
    ("referer", Field::Referer),
    ("request_headers", Field::RequestHeaders),
    ("response_headers", Field::ResponseHeaders),
];

/// What a name in a mapping holds; `request_header.<name>` and `response_header.<name>` hold one header.
pub(super) fn field(name: &str) -> Option<Field> {
    if let Some(header) = name.strip_prefix("request_header.") {
        return Some(Field::RequestHeader(header.to_ascii_lowercase().into()));
    }
    if let Some(header) = name.strip_prefix("response_header.") {
        return Some(Field::ResponseHeader(header.to_ascii_lowercase().into()));
    }
    FIELDS.iter().find(|(known, _)| *known == name).map(|(_, field)| field.clone())
}

/// Fields that stand for the same fact, of which the best ranked counts, share a slot. `None`: every value counts.
pub(super) fn slot(field: &Field) -> Option<usize> {
    Some(match field {
        Field::Time(_) => 0,
        Field::Peer => 1,
        Field::Forwarded => 2,
        Field::User => 3,
        Field::Request | Field::Target | Field::Path | Field::Template => 4,
        Field::Method => 5,
        Field::Query => 6,
        Field::Protocol => 7,
        Field::Status => 8,
        Field::Duration(_) => 9,
        Field::RequestBytes => 10,
        Field::ResponseBytes | Field::BodyBytes => 11,
        Field::Host => 12,
        Field::ServerName => 13,
        Field::Service => 14,
        Field::Backend => 15,
        Field::Scheme => 16,
        Field::TlsVersion => 17,
        Field::UserAgent => 18,
        Field::Referer => 19,
        _ => return None,
    })
}

/// Number of slots.
pub(super) const SLOTS: usize = 20;

/// Ranks of one kind of URL field; the kinds come after each other: a request line tells most, a template least.
pub(super) const RANKS_PER_KIND: u8 = 32;

/// Rank of the `index`th path of a field.
pub(super) fn rank(field: &Field, index: usize) -> u8 {
    let kind = match field {
        Field::Target => 1,
        Field::Path => 2,
        Field::Template => 3,
        _ => 0,
    };
    kind * RANKS_PER_KIND + index.min(usize::from(RANKS_PER_KIND) - 1) as u8
}
