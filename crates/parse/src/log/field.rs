//! What a column, variable or key of a log holds: the closed list that all formats compile to.

/// What one value of a log record holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Field {
    /// Read past it.
    Skip,
    /// Address of the peer, perhaps with a port.
    Peer,
    /// `X-Forwarded-For` or another field in which a proxy names the client; a list.
    Forwarded,
    /// User that the gateway authenticated.
    User,
    /// When the request arrived.
    Time(TimeKind),
    /// Date column (`2026-11-22`), completed by [`Field::TimeOfDay`].
    Date,
    /// Time column (`10:05:03`).
    TimeOfDay,
    /// `METHOD target HTTP/x`.
    Request,
    /// Method.
    Method,
    /// Path with query, or an absolute URL.
    Target,
    /// Path without query.
    Path,
    /// A path template of a gateway, good enough when nothing better is there.
    Template,
    /// Query, with or without `?`.
    Query,
    /// `HTTP/1.1`.
    Protocol,
    /// Response status.
    Status,
    /// Time to answer; the finest unit of a format is used.
    Duration(Unit),
    /// One of several spans that add up to the time to answer.
    DurationPart(Unit),
    /// HAProxy's `TR/Tw/Tc/Tr/Ta`: the last one, in milliseconds.
    HaproxyTimers,
    /// Size of the request.
    RequestBytes,
    /// Size of the response with headers.
    ResponseBytes,
    /// Size of the response without headers; used when nothing else is there.
    BodyBytes,
    /// `Host` header or authority.
    Host,
    /// Name of the virtual host; used when no [`Field::Host`] is there.
    ServerName,
    /// Name of an API or service as a gateway manages it.
    Service,
    /// Name of a backend; names the service when there is no host.
    Backend,
    /// HAProxy frontend; a trailing `~` says TLS.
    Frontend,
    /// `http`, `https`, or a listener type that implies one (`h2`, `wss`).
    Scheme,
    /// Port of the server: 443 says TLS.
    ServerPort,
    /// A truth value that says TLS.
    TlsOn,
    /// TLS version.
    TlsVersion,
    /// `User-Agent`.
    UserAgent,
    /// `Referer`.
    Referer,
    /// Another request header; lower case.
    RequestHeader(Box<str>),
    /// A response header; lower case.
    ResponseHeader(Box<str>),
    /// A request cookie.
    Cookie(Box<str>),
    /// All request headers (JSON object).
    RequestHeaders,
    /// All response headers (JSON object).
    ResponseHeaders,
    /// A field whose value is encoded.
    Encoded(Encoding, Box<Field>),
}

/// How W3C logs keep spaces out of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Encoding {
    /// `+` for a space (IIS).
    Plus,
    /// Percent-escapes (CloudFront).
    Percent,
}

/// How a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum TimeKind {
    /// `17/May/2015:10:05:03 +0000`, also HAProxy's `06/Feb/2009:12:14:14.655`.
    Clf,
    /// Anything that can be told from its look: CLF, RFC 3339, epoch in any unit by magnitude.
    Auto,
}

/// Unit of a duration, finest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Unit {
    /// Nanoseconds.
    Ns,
    /// Microseconds.
    Us,
    /// Milliseconds.
    Ms,
    /// Seconds.
    S,
    /// The value says (`3ms`, `0.061s`); without a suffix, a fraction is in seconds and an integer in milliseconds.
    Written,
}

impl Field {
    /// Why a record without this field cannot be read.
    pub(crate) fn missing(&self) -> &'static str {
        match self {
            Self::Peer | Self::Forwarded => "expected a client address",
            Self::Time(_) | Self::Date | Self::TimeOfDay => "expected a time",
            Self::Request => "expected a quoted request",
            Self::Method => "expected a method",
            Self::Target | Self::Path | Self::Template | Self::Query => "expected a path",
            Self::Status => "expected a status",
            Self::Duration(_) | Self::DurationPart(_) | Self::HaproxyTimers => "expected a duration",
            Self::RequestBytes | Self::ResponseBytes | Self::BodyBytes => "expected a size",
            Self::Host | Self::ServerName => "expected a host",
            Self::UserAgent => "expected a user agent",
            Self::Referer => "expected a referer",
            _ => "fewer fields than the format has",
        }
    }

    /// True when the value of this field is a number or `-`.
    pub(crate) fn is_number(&self) -> bool {
        matches!(self, Self::Status | Self::RequestBytes | Self::ResponseBytes | Self::BodyBytes)
    }

    /// True when the value of this field never contains a space, so that what follows a space is not part of it.
    pub(crate) fn is_word(&self) -> bool {
        !matches!(
            self,
            Self::Skip
                | Self::Forwarded
                | Self::User
                | Self::Time(_)
                | Self::Request
                | Self::Target
                | Self::Path
                | Self::UserAgent
                | Self::Referer
                | Self::RequestHeader(_)
                | Self::ResponseHeader(_)
                | Self::Cookie(_)
        )
    }
}
