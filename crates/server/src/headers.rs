//! What every answer carries, and what every request must be: request ids, security headers, the right host, in time.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use uuid::Uuid;

use crate::problem::{Kind, Problem};

/// Names a request in logs, problems and answers.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a page of ours may load: its own bundle and this API, nothing else, and no inline script or style.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Headers that are the same for every answer.
const FIXED: [(HeaderName, &str); 7] = [
    (CONTENT_SECURITY_POLICY, CONTENT_POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
    ),
];

/// Under which names this server may be asked, and how long.
#[derive(Clone, Debug)]
pub struct Hosts {
    /// Host names beside `localhost` and any address, lower case, without port.
    pub names: Arc<[String]>,
    /// Answers travel under TLS.
    pub tls: bool,
}

impl Hosts {
    /// Whether a `Host` (or `:authority`) is one of ours.
    ///
    /// A page of a stranger whose name was pointed at this machine (DNS rebinding) sends the stranger's name; it cannot
    /// send an address, because then it would not be the stranger's page.
    pub fn knows(&self, authority: &str) -> bool {
        let name = match authority.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => authority.rsplit_once(':').map_or(authority, |(name, _)| name),
        };
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        name == "localhost" || name.parse::<IpAddr>().is_ok() || self.names.contains(&name)
    }
}

/// Gives the request an id of our own: one that a client sends could forge another's log lines.
pub async fn identify(mut request: Request, next: Next) -> Response {
    let id = Uuid::now_v7().to_string();
    let value = HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("-"));
    request.headers_mut().insert(REQUEST_ID, value.clone());
    let mut response = next.run(request).await;
    response.headers_mut().insert(REQUEST_ID, value);
    response
}

/// Sets the headers that protect a browser. Answers of the API are not kept by anybody unless the handler allows it.
pub async fn protect(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if hosts.tls {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

/// Refuses a request that names another host.
pub async fn check_host(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    let known = match authority(request.headers(), &request) {
        Some(authority) => hosts.knows(authority),
        // HTTP/1.0 health checks have none, and no browser is behind them.
        None => request.headers().get(HOST).is_none(),
    };
    if known {
        return next.run(request).await;
    }
    Problem::new(Kind::Misdirected, "this server is not known under the host name of the request")
        .hint("add the name to server.hosts in the configuration")
        .into_response()
}

fn authority<'r>(headers: &'r HeaderMap, request: &'r Request) -> Option<&'r str> {
    match headers.get(HOST) {
        Some(host) => host.to_str().ok(),
        None => request.uri().authority().map(axum::http::uri::Authority::as_str),
    }
}

/// Ends a request that takes longer than a limit until its answer begins: slow bodies, slow work.
pub async fn limit_time(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(Kind::Timeout, format!("no answer within {} s", limit.as_secs())).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_name_is_refused_and_addresses_are_not() {
        let hosts = Hosts { names: Arc::from(["vedette.example.com".to_owned()]), tls: false };
        for known in [
            "localhost",
            "LOCALHOST:7700",
            "127.0.0.1:7700",
            "[::1]:7700",
            "[::1]",
            "192.0.2.7",
            "vedette.example.com:443",
            "Vedette.Example.com.",
        ] {
            assert!(hosts.knows(known), "{known}");
        }
        for stranger in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", ":7700", "[", "a:b:c"]
        {
            assert!(!hosts.knows(stranger), "{stranger}");
        }
    }
}
