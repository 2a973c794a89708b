//! One exchange as checks see it, and the hot path over all of them.

use std::borrow::Cow;
use std::ops::Deref;

use vedette_model::{Direction, Exchange, Scheme};
use vedette_parse::classes::Classifier;
use vedette_parse::credentials::{AuthScheme, Credential};
use vedette_parse::protocol::Call;

use super::CHECKS;
use super::tally::{Note, TallySet};

/// One exchange, as the engine hands it to the checks.
pub struct Seen<'a> {
    /// The exchange.
    pub exchange: &'a Exchange<'a>,
    /// Source and zero-based record number.
    pub seen_at: (u32, u64),
    /// Its credentials, strongest first.
    pub credentials: &'a [Credential],
    /// Decoded query parameters.
    pub query: &'a [(Cow<'a, str>, Cow<'a, str>)],
    /// Knows data classes.
    pub classifier: &'a Classifier,
    /// The call that the exchange is looked at as, where a protocol inside HTTP was told; `exchange` is then its view.
    pub inside: Option<&'a Call<'a>>,
}

/// What an exchange must have for a check to look at it: a set of bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs(u8);

impl Needs {
    /// Never called.
    pub const NOTHING: Self = Self(0);
    /// Headers were recorded.
    pub const HEADERS: Self = Self(1);
    /// Query parameters.
    pub const QUERY: Self = Self(2);
    /// A body.
    pub const BODY: Self = Self(4);
    /// Credentials.
    pub const CREDENTIALS: Self = Self(8);
    /// It is known to have traveled without TLS.
    pub const CLEARTEXT: Self = Self(16);

    /// Either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    #[inline]
    fn of(seen: &Seen<'_>) -> Self {
        let exchange = seen.exchange;
        let bits = u8::from(exchange.has_headers)
            | (u8::from(!seen.query.is_empty()) << 1)
            | (u8::from(exchange.request_body.is_some() || exchange.response_body.is_some()) << 2)
            | (u8::from(!seen.credentials.is_empty()) << 3)
            | (u8::from(exchange.scheme == Scheme::Http) << 4);
        Self(bits)
    }
}

/// An exchange with what several checks ask of it, found in one pass over its headers.
pub struct View<'a> {
    seen: &'a Seen<'a>,
    /// Answered with 2xx.
    pub success: bool,
    /// Neither `OPTIONS` nor `HEAD` nor `TRACE`: a call that is meant to return or change something.
    pub call: bool,
    /// A credential that only its owner has: all but API keys in the URL, which pages and links carry around.
    pub credentialed: bool,
    /// The response headers that checks look at.
    pub answer: Answer<'a>,
}

impl<'a> Deref for View<'a> {
    type Target = Seen<'a>;

    fn deref(&self) -> &Seen<'a> {
        self.seen
    }
}

impl<'a> View<'a> {
    /// Reads what several checks ask.
    pub(super) fn of(seen: &'a Seen<'a>) -> Self {
        let exchange = seen.exchange;
        Self {
            seen,
            success: (200..300).contains(&exchange.status),
            call: !matches!(exchange.method.as_ref(), "OPTIONS" | "HEAD" | "TRACE"),
            credentialed: seen.credentials.iter().any(|credential| !credential.in_url),
            answer: Answer::of(exchange),
        }
    }

    /// No credential of any kind, not even in the URL.
    pub fn anonymous(&self) -> bool {
        self.seen.credentials.is_empty() && !self.exchange.request_headers.is_empty()
    }

    /// A credential that anonymous visitors do not get.
    pub fn strongly_credentialed(&self) -> bool {
        let strong = |c: &Credential| !c.in_url && c.scheme != AuthScheme::SessionCookie;
        self.seen.credentials.iter().any(strong)
    }

    /// Size of the answer's content: its body's when recorded, else what the source counted.
    pub fn answer_bytes(&self) -> u64 {
        let body = self.exchange.response_body.as_ref().map(|body| body.len() as u64);
        body.or(self.exchange.response_bytes).unwrap_or(0)
    }

    /// Neither between own services nor to somebody else's API.
    pub fn inbound(&self) -> bool {
        self.seen.exchange.direction == Direction::Inbound
    }
}

/// The response headers that checks look at.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each asked by another check")]
pub struct Answer<'a> {
    /// Header fields recorded.
    pub fields: usize,
    /// Fields that every server sends and that a scrubbed recording lacks (`Date`, `Server`, `Content-Length`,
    /// `Connection`, `Transfer-Encoding`, `ETag`).
    pub routine: usize,
    /// `Server`.
    pub server: Option<&'a str>,
    /// `X-Powered-By`, `X-AspNet-Version`, `X-Generator`.
    pub powered_by: Option<&'a str>,
    /// `Location`.
    pub location: Option<&'a str>,
    /// `Via`, `X-Backend-Server`, `X-Upstream` and the like.
    pub backend: Option<&'a str>,
    /// `Sunset` (RFC 8594).
    pub sunset: Option<&'a str>,
    /// `Deprecation` (RFC 9745).
    pub deprecation: Option<&'a str>,
    /// `Cache-Control`.
    pub cache_control: Option<&'a str>,
    /// `Content-Type`.
    pub content_type: Option<&'a str>,
    /// `Strict-Transport-Security`.
    pub hsts: bool,
    /// `X-Content-Type-Options`.
    pub nosniff: bool,
    /// `Content-Security-Policy` or `X-Frame-Options`.
    pub framing: bool,
    /// `RateLimit…`, `X-RateLimit-…` or `Retry-After`.
    pub rate_limit: bool,
    /// `Access-Control-Allow-Origin`.
    pub allow_origin: Option<&'a str>,
    /// `Access-Control-Allow-Credentials: true`.
    pub allow_credentials: bool,
}

impl<'a> Answer<'a> {
    fn of(exchange: &'a Exchange<'a>) -> Self {
        let mut answer = Self::default();
        for (name, value) in exchange.response_headers.iter() {
            answer.fields += 1;
            answer.read(name, value);
        }
        answer
    }

    /// Lengths first: most names are told apart without comparing a byte.
    fn read(&mut self, name: &'a str, value: &'a str) {
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        match name.len() {
            3 if is("via") => self.backend = Some(value),
            4 if is("date") || is("etag") => self.routine += 1,
            6 if is("server") => {
                self.server = Some(value);
                self.routine += 1;
            }
            6 if is("sunset") => self.sunset = Some(value),
            8 if is("location") => self.location = Some(value),
            10 if is("connection") => self.routine += 1,
            10 if is("x-upstream") => self.backend = Some(value),
            11 if is("deprecation") => self.deprecation = Some(value),
            11 if is("x-generator") => self.powered_by = Some(value),
            12 if is("x-powered-by") => self.powered_by = Some(value),
            12 if is("content-type") => self.content_type = Some(value),
            13 if is("cache-control") => self.cache_control = Some(value),
            14 if is("content-length") => self.routine += 1,
            15 if is("x-frame-options") => self.framing = true,
            16 if is("x-aspnet-version") => self.powered_by = Some(value),
            16 if is("x-backend-server") => self.backend = Some(value),
            17 if is("transfer-encoding") => self.routine += 1,
            22 if is("x-content-type-options") => self.nosniff = true,
            23 if is("content-security-policy") => self.framing = true,
            25 if is("strict-transport-security") => self.hsts = true,
            27 if is("access-control-allow-origin") => self.allow_origin = Some(value.trim()),
            32 if is("access-control-allow-credentials") => {
                self.allow_credentials = value.trim().eq_ignore_ascii_case("true");
            }
            _ => {}
        }
        self.rate_limit |= limits_rate(name);
    }
}

fn limits_rate(name: &str) -> bool {
    let starts = |prefix: &str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    matches!(name.as_bytes().first(), Some(b'r' | b'R' | b'x' | b'X'))
        && (starts("ratelimit") || starts("x-ratelimit") || starts("x-rate-limit") || starts("retry-after"))
}

/// Shows one exchange of an endpoint to every check that has a use for it. Hot path: a log line without headers,
/// bodies, query and credentials returns at once.
pub fn observe_all(seen: &Seen<'_>, tallies: &mut TallySet) {
    let has = Needs::of(seen);
    if !OBSERVED.meets(has) {
        return;
    }
    let view = View::of(seen);
    for (index, check) in CHECKS.iter().enumerate() {
        if let Some(observe) = check.observe
            && check.needs.meets(has)
        {
            observe(&view, &mut Note::new(tallies, index as u8));
        }
    }
}

/// What any check needs.
const OBSERVED: Needs = {
    let mut bits = 0;
    let mut rest = CHECKS;
    while let [check, tail @ ..] = rest {
        bits |= check.needs.0;
        rest = tail;
    }
    Needs(bits)
};
