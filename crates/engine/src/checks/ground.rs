//! What checks conclude from: a service with its endpoints, and the facts that several checks ask.

use vedette_model::results::{Endpoint, Service};
use vedette_model::{Direction, Timestamp};
use vedette_parse::classes::Classifier;

use crate::functions;

/// What holds for the whole analysis.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Knows data classes.
    pub classifier: &'a Classifier,
    /// Last time seen anywhere: "now" of this analysis.
    pub as_of: Option<Timestamp>,
    /// Some exchange of the analysis carried a credential in a header or cookie ([`shows_credentials`] for any
    /// endpoint of any service), so the recording was not scrubbed.
    pub credentials_seen: bool,
}

/// One service with its endpoints.
pub struct Ground<'a> {
    /// The service.
    pub service: &'a Service,
    /// All its endpoints.
    pub endpoints: &'a [Endpoint],
    /// What holds for the whole analysis.
    pub context: Context<'a>,
    /// Endpoints that were called with a credential in a header or cookie.
    pub credentialed_endpoints: usize,
    /// Some endpoint answered 429.
    pub limited: bool,
}

impl<'a> Ground<'a> {
    /// Gathers the facts of a service.
    pub fn new(service: &'a Service, endpoints: &'a [Endpoint], context: Context<'a>) -> Self {
        Self {
            service,
            endpoints,
            context,
            credentialed_endpoints: endpoints.iter().filter(|e| shows_credentials(e)).count(),
            limited: endpoints.iter().any(|e| e.statuses.contains_key("429")),
        }
    }

    /// Calls from outside to us: the only direction in which most weaknesses are ours.
    pub fn inbound(&self) -> bool {
        self.service.direction == Direction::Inbound
    }

    /// Time between the first and the last exchange of the service up to the end of the analysis, in seconds.
    pub fn window_secs(&self) -> i64 {
        match (self.service.first_seen, self.context.as_of.or(self.service.last_seen)) {
            (Some(first), Some(last)) => last.secs() - first.secs(),
            _ => 0,
        }
    }
}

/// What a check judges: one endpoint on its ground.
pub struct Subject<'a> {
    /// The endpoint with all that was learned of it (schemas, fields, classes, authentication).
    pub endpoint: &'a Endpoint,
    /// Its service with all endpoints, this one included.
    pub ground: &'a Ground<'a>,
}

impl Subject<'_> {
    /// What the endpoint is for, when its path says so.
    pub fn function(&self) -> Option<&str> {
        function(self.endpoint)
    }

    /// Knows data classes.
    pub fn classifier(&self) -> &Classifier {
        self.ground.context.classifier
    }

    /// Reachable from outside, as far as known.
    pub fn public(&self) -> bool {
        is_public(self.endpoint)
    }
}

/// What an endpoint is for, when its path says so.
pub(super) fn function(endpoint: &Endpoint) -> Option<&str> {
    endpoint.function.as_deref().or_else(|| functions::function(&endpoint.method, &endpoint.template))
}

/// Endpoints that hand out or take credentials, answer anybody by design, or carry nothing.
pub(super) fn is_open_by_design(endpoint: &Endpoint) -> bool {
    let open = ["login", "logout", "sign-up", "password-reset", "token", "mfa", "health", "docs"];
    endpoint.kind == "static" || function(endpoint).is_some_and(|f| open.contains(&f))
}

/// Reachable from outside, as far as known: only what is known to be private or internal is not.
pub(super) fn is_public(endpoint: &Endpoint) -> bool {
    !matches!(endpoint.exposure.as_str(), "private" | "internal")
}

/// A method that is meant to return or change something.
pub(super) fn is_call(endpoint: &Endpoint) -> bool {
    !matches!(endpoint.method.as_str(), "OPTIONS" | "HEAD" | "TRACE")
}

/// A method that changes something.
pub(super) fn is_write(endpoint: &Endpoint) -> bool {
    endpoint.is_write()
}

/// Exchanges answered with 2xx.
pub(super) fn successes(endpoint: &Endpoint) -> u64 {
    endpoint.statuses.iter().filter(|(status, _)| status.starts_with('2')).map(|(_, n)| n).sum()
}

/// Exchanges answered with 2xx or 3xx: what the service took in, also where it then sent the caller elsewhere.
pub(super) fn accepted(endpoint: &Endpoint) -> u64 {
    endpoint.statuses.iter().filter(|(status, _)| status.starts_with(['2', '3'])).map(|(_, n)| n).sum()
}

/// Somebody was turned away with 401 or 403, so access is checked at least sometimes.
pub(super) fn refuses(endpoint: &Endpoint) -> bool {
    endpoint.statuses.contains_key("401") || endpoint.statuses.contains_key("403")
}

/// A scheme that travels in a header or cookie: what a scrubbed recording lacks.
fn is_credential(scheme: &str) -> bool {
    !matches!(scheme, "none" | "unknown" | "api-key-query" | "signed-url" | "logged-user" | "")
}

/// Called with a credential in a header or cookie at least once: proof that the recording kept them.
pub fn shows_credentials(endpoint: &Endpoint) -> bool {
    endpoint.authentication_details.iter().any(|a| a.exchanges > 0 && is_credential(&a.scheme))
        || endpoint.authentication.iter().any(|scheme| is_credential(scheme))
}

/// Replaces the scheme `none` by `unknown` at the endpoints of an analysis in which no call carried a credential in a
/// header or cookie: the recorder probably removed them, so their absence says nothing. To be called before
/// [`super::conclude()`] and risk.
pub fn doubt_absence(endpoints: &mut [Endpoint]) {
    if endpoints.iter().any(shows_credentials) {
        return;
    }
    for endpoint in endpoints {
        let schemes = endpoint.authentication.iter_mut();
        let details = endpoint.authentication_details.iter_mut().map(|details| &mut details.scheme);
        for scheme in schemes.chain(details).filter(|scheme| *scheme == "none") {
            "unknown".clone_into(scheme);
        }
    }
}

/// The schemes that callers of an endpoint used, most used first, in words (`a bearer token`).
pub(super) fn schemes_in_words(endpoint: &Endpoint) -> String {
    let mut used: Vec<_> =
        endpoint.authentication_details.iter().filter(|a| !matches!(a.scheme.as_str(), "none" | "unknown")).collect();
    used.sort_by_key(|a| (std::cmp::Reverse(a.exchanges), a.scheme.clone()));
    let mut words: Vec<&str> = used.iter().map(|a| scheme_in_words(&a.scheme)).collect();
    words.dedup();
    if words.is_empty() { "a credential".to_owned() } else { words.join(" or ") }
}

fn scheme_in_words(scheme: &str) -> &'static str {
    match scheme {
        "basic" => "Basic authentication",
        "digest" => "Digest authentication",
        "bearer" => "a bearer token",
        "jwt" => "a JWT",
        "api-key-header" | "api-key-query" | "api-key-cookie" => "an API key",
        "session-cookie" => "a session cookie",
        "mutual-tls" => "a client certificate",
        _ => "a credential",
    }
}
