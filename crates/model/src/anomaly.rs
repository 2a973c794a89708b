//! Oddities a parser met: evidence, never a failure (invariant 1).

use serde::{Deserialize, Serialize};

/// An oddity met while reading one exchange. A closed list, so that it can be a metric label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Anomaly {
    /// Bytes that are not UTF-8 were replaced.
    InvalidUtf8,
    /// A record was longer than [`crate::limits::RECORD_BYTES_MAX`] and was skipped.
    RecordTooLong,
    /// A percent-escape that is not followed by two hexadecimal digits.
    BadPercentEscape,
    /// A JSON body that is not JSON.
    MalformedJson,
    /// A JSON body deeper than [`crate::limits::JSON_DEPTH_MAX`].
    JsonTooDeep,
    /// A JSON object with the same key twice.
    DuplicateJsonKey,
    /// A base64 body or token that does not decode.
    BadBase64,
    /// A request line that is not `METHOD target HTTP/x`.
    MalformedRequestLine,
    /// A method that is not an HTTP token.
    BadMethod,
    /// A URL that could not be split.
    BadUrl,
    /// A time that could not be read.
    BadTimestamp,
    /// A header that may occur once occurred again with another value.
    DuplicateHeader,
    /// A status outside 100 to 599.
    BadStatus,
    /// A token that looks like a JWT and is not one.
    MalformedJwt,
    /// A body that was cut by its recorder or by our limit.
    TruncatedBody,
    /// A message whose end two parties may see at different places: `Transfer-Encoding` beside `Content-Length`, or
    /// several lengths (RFC 9112, 6.3; request smuggling).
    AmbiguousLength,
    /// A body in a content coding that is not known, or that does not decode.
    BadContentCoding,
    /// A field of a structured record had an unexpected type and was left out.
    MistypedField,
}

impl Anomaly {
    /// Its stable id, as serialized.
    pub const fn id(self) -> &'static str {
        match self {
            Self::InvalidUtf8 => "invalid-utf8",
            Self::RecordTooLong => "record-too-long",
            Self::BadPercentEscape => "bad-percent-escape",
            Self::MalformedJson => "malformed-json",
            Self::JsonTooDeep => "json-too-deep",
            Self::DuplicateJsonKey => "duplicate-json-key",
            Self::BadBase64 => "bad-base64",
            Self::MalformedRequestLine => "malformed-request-line",
            Self::BadMethod => "bad-method",
            Self::BadUrl => "bad-url",
            Self::BadTimestamp => "bad-timestamp",
            Self::DuplicateHeader => "duplicate-header",
            Self::BadStatus => "bad-status",
            Self::MalformedJwt => "malformed-jwt",
            Self::TruncatedBody => "truncated-body",
            Self::AmbiguousLength => "ambiguous-length",
            Self::BadContentCoding => "bad-content-coding",
            Self::MistypedField => "mistyped-field",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_what_is_serialized() {
        for anomaly in [Anomaly::InvalidUtf8, Anomaly::MalformedJwt, Anomaly::DuplicateJsonKey] {
            assert_eq!(serde_json::to_value(anomaly).unwrap(), anomaly.id());
        }
    }
}
