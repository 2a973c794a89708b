//! What a source may tell of an exchange: the closed list that scores, blind spots and recommendations derive from.

use vedette_model::{Direction, Exchange, Scheme};
use vedette_parse::credentials::{AuthScheme, Credential};

/// Something that a source may tell of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Fact {
    /// When.
    Time,
    /// When within the second.
    Subsecond,
    /// From which address.
    ClientAddress,
    /// Who: a user that the gateway names, or a credential that tells one from another.
    Caller,
    /// Which host or service.
    Host,
    /// The query of the URL.
    Query,
    /// How it was answered.
    Status,
    /// How long that took.
    Duration,
    /// How much was sent.
    RequestBytes,
    /// How much was answered.
    ResponseBytes,
    /// With or without TLS.
    Transport,
    /// By which program.
    UserAgent,
    /// A credential in a header, a cookie or a certificate.
    Credential,
    /// The claims of a JWT.
    Claims,
    /// All request headers, so that a missing one means something.
    RequestHeaders,
    /// All response headers.
    ResponseHeaders,
    /// What was sent.
    RequestBody,
    /// What was answered.
    ResponseBody,
    /// Calls between own services.
    Internal,
    /// Calls to the APIs of others.
    Outbound,
    /// The page that led here.
    Referer,
    /// Version of TLS.
    TlsVersion,
    /// An id that joins the hops of one request.
    TraceId,
    /// A specification to compare with; told by the user, not by a source.
    Specification,
}

/// Number of facts.
pub const FACTS: usize = TABLE.len();

/// What is to know of a fact.
#[derive(Clone, Copy)]
pub struct About {
    /// The fact.
    pub fact: Fact,
    /// `response-bodies`.
    pub id: &'static str,
    /// In a few words.
    pub name: &'static str,
    /// Points of the score. 0: no access log has it, or nothing is lost without it.
    pub weight: u8,
    /// Share of the exchanges from which it counts as told: the others rightly have none.
    pub enough: f64,
    /// What cannot be told without it.
    pub lost: &'static str,
    /// Missing when this one is; blind spots then name only this one.
    pub part_of: Option<Fact>,
}

/// Every fact, in the order of [`Fact`].
///
/// Why these weights: who called decides most of what can be detected, so the caller has the most points, and the
/// address has ten for being there and ten (`OWN_ADDRESS`) for being the caller's. Query and time carry half of
/// the detections each. Host and status come next: without them services and successes are one. The rest refines.
pub const TABLE: &[About] = &[
    about(Fact::Time, "time", "times", 8, 0.98, "activity over time, order and dormant endpoints cannot be told"),
    within(
        Fact::Time,
        about(
            Fact::Subsecond,
            "subsecond",
            "times finer than a second",
            4,
            0.5,
            "the order of calls within a second and machine-regular timing cannot be told",
        ),
    ),
    about(
        Fact::ClientAddress,
        "client-address",
        "client addresses",
        10,
        0.98,
        "anonymous callers cannot be told apart, and whether one is inside or outside",
    ),
    about(
        Fact::Caller,
        "caller",
        "users or credentials",
        15,
        0.05,
        "callers are addresses: users behind one address are one, and a user with two addresses is two",
    ),
    about(
        Fact::Host,
        "host",
        "host names",
        8,
        0.9,
        "all exchanges count as one service; log the host name to tell services apart",
    ),
    about(
        Fact::Query,
        "query",
        "query strings",
        10,
        0.001,
        "parameters in the URL are not seen, nor secrets and attacks in them",
    ),
    about(Fact::Status, "status", "statuses", 8, 0.9, "success and failure cannot be told apart"),
    about(Fact::Duration, "duration", "durations", 5, 0.9, "latency cannot be told"),
    about(
        Fact::RequestBytes,
        "request-bytes",
        "request sizes",
        5,
        0.8,
        "uploads and oversized requests cannot be told",
    ),
    about(Fact::ResponseBytes, "response-bytes", "response sizes", 5, 0.5, "how much data leaves cannot be told"),
    about(
        Fact::Transport,
        "transport",
        "the scheme, http or https",
        4,
        0.9,
        "whether a call was encrypted cannot be told",
    ),
    about(Fact::UserAgent, "user-agent", "user agents", 5, 0.3, "programs and tools cannot be told"),
    within(
        Fact::RequestHeaders,
        about(
            Fact::Credential,
            "credentials",
            "credentials in headers or cookies",
            0,
            0.0,
            "they were removed by the recorder or nothing is authenticated; missing authentication was not judged",
        ),
    ),
    within(
        Fact::Credential,
        about(Fact::Claims, "claims", "JWTs", 0, 0.0, "whether tokens are weak or live too long was not judged"),
    ),
    about(
        Fact::RequestHeaders,
        "request-headers",
        "complete request headers",
        0,
        0.0,
        "a missing credential cannot be told from one that was not logged",
    ),
    about(
        Fact::ResponseHeaders,
        "response-headers",
        "complete response headers",
        0,
        0.0,
        "CORS, security headers, rate limits and server versions cannot be told",
    ),
    about(
        Fact::RequestBody,
        "request-bodies",
        "request bodies",
        0,
        0.0,
        "body fields and their data classes were not looked for",
    ),
    about(
        Fact::ResponseBody,
        "response-bodies",
        "response bodies",
        0,
        0.0,
        "data classes, secrets and schemas of answers were not looked for",
    ),
    about(
        Fact::Internal,
        "internal-calls",
        "calls between own services",
        0,
        0.0,
        "what happens behind the edge is not seen",
    ),
    about(
        Fact::Outbound,
        "outbound-calls",
        "calls to the APIs of others",
        0,
        0.0,
        "what is sent to third parties is not seen",
    ),
    about(Fact::Referer, "referer", "referers", 0, 0.0, ""),
    about(Fact::TlsVersion, "tls-version", "TLS versions", 0, 0.0, ""),
    about(Fact::TraceId, "trace-id", "trace ids", 0, 0.0, ""),
    about(
        Fact::Specification,
        "specification",
        "a specification",
        0,
        0.0,
        "what is undocumented or drifted cannot be told; give one with --spec",
    ),
];

/// Points for addresses that are those of callers and not of a proxy.
pub(super) const OWN_ADDRESS: u8 = 10;

/// Points for a clock that runs forward and agrees with the other sources.
pub(super) const CLOCK: u8 = 3;

const fn about(fact: Fact, id: &'static str, name: &'static str, weight: u8, enough: f64, lost: &'static str) -> About {
    About { fact, id, name, weight, enough, lost, part_of: None }
}

const fn within(whole: Fact, about: About) -> About {
    About { part_of: Some(whole), ..about }
}

/// A set of facts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts(pub(crate) u32);

impl Facts {
    /// With one more.
    #[inline]
    #[must_use]
    pub(crate) fn with(self, fact: Fact, told: bool) -> Self {
        Self(self.0 | (u32::from(told) << fact as u8))
    }

    /// Without one that is not told after all.
    #[must_use]
    pub(crate) fn without(self, fact: Fact, lost: bool) -> Self {
        Self(self.0 & !(u32::from(lost) << fact as u8))
    }

    /// True when it is in the set.
    pub fn has(self, fact: Fact) -> bool {
        self.0 >> (fact as u8) & 1 != 0
    }

    /// True when something that needs these facts (of each group, one) can be seen with this set.
    pub fn meet(self, needs: &[&[Fact]]) -> bool {
        needs.iter().all(|group| group.iter().any(|fact| self.has(*fact)))
    }

    /// What one exchange tells. Hot path.
    #[inline]
    pub(super) fn of(exchange: &Exchange<'_>, credentials: &[Credential]) -> Self {
        let facts = Self::default()
            .with(Fact::Time, exchange.at.is_some())
            .with(Fact::Subsecond, exchange.at.is_some_and(|at| at.0 % 1_000_000 != 0))
            .with(Fact::ClientAddress, exchange.client_ip.is_some())
            .with(Fact::Caller, credentials.iter().any(|credential| !credential.redacted))
            .with(Fact::Host, exchange.host.is_some() || exchange.service.is_some())
            .with(Fact::Query, exchange.query.is_some())
            .with(Fact::Status, exchange.status != 0)
            .with(Fact::Duration, exchange.duration_us.is_some())
            .with(Fact::RequestBytes, exchange.request_bytes.is_some())
            .with(Fact::ResponseBytes, exchange.response_bytes.is_some())
            .with(Fact::Transport, exchange.scheme != Scheme::Unknown)
            .with(Fact::UserAgent, exchange.user_agent.is_some())
            .with(Fact::RequestBody, exchange.request_body.is_some())
            .with(Fact::ResponseBody, exchange.response_body.is_some())
            .with(Fact::Internal, exchange.direction == Direction::Internal)
            .with(Fact::Outbound, exchange.direction == Direction::Outbound)
            .with(Fact::Referer, exchange.referer.is_some())
            .with(Fact::TlsVersion, exchange.tls_version.is_some());
        if credentials.is_empty() && exchange.request_headers.is_empty() && !exchange.has_headers {
            return facts;
        }
        facts
            .with(Fact::Credential, credentials.iter().any(is_carried))
            .with(Fact::Claims, credentials.iter().any(|credential| credential.jwt.is_some()))
            .with(Fact::RequestHeaders, exchange.has_headers && !exchange.request_headers.is_empty())
            .with(Fact::ResponseHeaders, exchange.has_headers && !exchange.response_headers.is_empty())
            .with(Fact::TraceId, exchange.request_headers.iter().any(|(name, _)| names_trace(name)))
    }
}

/// A header that joins the hops of one request: W3C Trace Context, B3, and what gateways add. Lengths first, because
/// nearly all headers are others.
fn names_trace(name: &str) -> bool {
    match name.len() {
        2 => name.eq_ignore_ascii_case("b3"),
        11 => name.eq_ignore_ascii_case("traceparent"),
        12 => ["x-request-id", "x-b3-traceid"].iter().any(|known| name.eq_ignore_ascii_case(known)),
        15 => name.eq_ignore_ascii_case("x-amzn-trace-id"),
        _ => false,
    }
}

/// Keys in the URL and logged users survive a recorder that removes headers: they do not show that it did not.
fn is_carried(credential: &Credential) -> bool {
    !credential.in_url && !matches!(credential.scheme, AuthScheme::SignedUrl | AuthScheme::LoggedUser)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_facts_and_weighs_100() {
        for (at, about) in TABLE.iter().enumerate() {
            assert_eq!(about.fact as usize, at, "{}", about.id);
            assert!(about.weight == 0 || !about.lost.is_empty(), "{}", about.id);
        }
        let weights: u32 = TABLE.iter().map(|about| u32::from(about.weight)).sum();
        assert_eq!(weights + u32::from(OWN_ADDRESS) + u32::from(CLOCK), 100);
    }

    #[test]
    fn needs_are_met_by_one_of_each_group() {
        let told = Facts::default().with(Fact::Query, true).with(Fact::Status, true);
        assert!(told.meet(&[]));
        assert!(told.meet(&[&[Fact::Query, Fact::RequestBody], &[Fact::Status]]));
        assert!(!told.meet(&[&[Fact::Query], &[Fact::Time]]));
    }
}
