//! Sessions in a browser: the cookie, its lifetime, and the token against forged requests.
//!
//! A session's id is 256 random bits, made at login and never taken from the browser (so nobody can plant one). The
//! cookie is out of reach of scripts, of other sites and, with TLS, of other hosts and plain HTTP (`__Host-`). Every
//! unsafe request must besides show a token that only our own pages can read, and come from our own origin.

use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::header::{COOKIE, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method};
use sha2::{Digest, Sha256};
use vedette_model::Timestamp;
use vedette_model::limits::{SESSION_IDLE_MAX, SESSION_LIFE_MAX};
use vedette_store::keys;
use vedette_store::state::Session;
use zeroize::Zeroizing;

use super::factor::same;
use crate::problem::{Kind, Problem};

/// Header that carries the token against forged requests.
pub const CSRF_HEADER: &str = "x-csrf-token";

/// Name of the cookie under TLS: the prefix makes browsers refuse it without `Secure`, with a domain or another path.
const SECURE_NAME: &str = "__Host-vedette";

/// Name of the cookie without TLS.
const PLAIN_NAME: &str = "vedette";

/// The session of a request, beside its principal.
#[derive(Clone, Debug)]
pub struct Current {
    /// Fingerprint of the session's id.
    pub hash: String,
    /// What unsafe requests must send in [`CSRF_HEADER`].
    pub csrf: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Current {
    type Rejection = Problem;

    /// Refuses whoever is not logged in by cookie.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let none = || Problem::new(Kind::Forbidden, "this needs a login by session, not by token");
        parts.extensions.get::<Self>().cloned().ok_or_else(none)
    }
}

/// A session to be: what the browser gets and what is kept.
pub struct Fresh {
    /// The cookie's value.
    id: Zeroizing<String>,
    /// What is kept.
    pub current: Current,
    /// End at the latest.
    pub expires_at: Timestamp,
}

impl Fresh {
    /// Makes a session that begins now.
    pub fn new(now: Timestamp) -> Result<Self, Problem> {
        let bytes = Zeroizing::new(keys::random::<32>().map_err(|error| Problem::internal(&error))?);
        let id = Zeroizing::new(keys::hex(bytes.as_slice()));
        let current = Current { hash: keys::fingerprint(&id), csrf: csrf_of(&id) };
        Ok(Self { id, current, expires_at: later(now, SESSION_LIFE_MAX) })
    }

    /// The header `Set-Cookie` that gives it to the browser.
    pub fn cookie(&self, secure: bool) -> Result<HeaderValue, Problem> {
        let text = format!("{}={}; Max-Age={}", name(secure), *self.id, SESSION_LIFE_MAX.as_secs());
        header(&text, secure)
    }
}

/// The header `Set-Cookie` that takes the session away.
pub fn gone(secure: bool) -> Result<HeaderValue, Problem> {
    header(&format!("{}=; Max-Age=0", name(secure)), secure)
}

/// The session's id in a request's cookies, and what must hold for it.
pub struct Shown {
    /// The session's fingerprint and token.
    pub current: Current,
}

impl Shown {
    /// From the cookies; `None` when there is none that could be one of ours.
    pub fn of(headers: &HeaderMap, secure: bool) -> Option<Self> {
        let id = cookie_value(headers, name(secure))?;
        if id.len() != 64 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        Some(Self { current: Current { hash: keys::fingerprint(id), csrf: csrf_of(id) } })
    }
}

/// The value of a cookie. A second cookie of the same name is an attempt to plant one: then there is none.
pub fn cookie_value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut found = None;
    for line in headers.get_all(COOKIE) {
        for pair in line.to_str().ok()?.split(';') {
            let Some((key, value)) = pair.trim().split_once('=') else { continue };
            if key == name && found.replace(value).is_some() {
                return None;
            }
        }
    }
    found
}

/// Whether the session is over: its end, or nobody used it for long.
pub fn is_over(session: &Session, now: Timestamp) -> bool {
    now >= session.expires_at || now >= later(session.seen_at, SESSION_IDLE_MAX)
}

/// Refuses unsafe requests that another site may have made the browser send.
pub fn check_forgery(method: &Method, headers: &HeaderMap, current: &Current) -> Result<(), Problem> {
    if method.is_safe() {
        return Ok(());
    }
    let shown = headers.get(CSRF_HEADER).map(HeaderValue::as_bytes).unwrap_or_default();
    if !same(shown, current.csrf.as_bytes()) {
        return Err(Problem::new(Kind::Forbidden, "the header x-csrf-token is missing or not this session's")
            .hint("GET /v1/me tells it"));
    }
    check_origin(headers, true)
}

/// Refuses requests of other origins, as far as the browser tells; with `told`, also those that do not say.
pub fn check_origin(headers: &HeaderMap, told: bool) -> Result<(), Problem> {
    let foreign = || Problem::new(Kind::Forbidden, "the request comes from another site");
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    if site.is_some_and(|site| site != b"same-origin" && site != b"none") {
        return Err(foreign());
    }
    let origin = headers.get(ORIGIN).map(HeaderValue::as_bytes);
    if let Some(origin) = origin {
        let host = headers.get(HOST).map(HeaderValue::as_bytes).unwrap_or_default();
        // Only the authority: a proxy that ends TLS changes the scheme.
        let authority = origin.strip_prefix(b"https://").or_else(|| origin.strip_prefix(b"http://"));
        if host.is_empty() || authority.is_none_or(|authority| !authority.eq_ignore_ascii_case(host)) {
            return Err(foreign());
        }
    }
    if told && site.is_none() && origin.is_none() {
        return Err(Problem::new(Kind::Forbidden, "the request does not say where it comes from")
            .hint("send the header origin, or use an API token"));
    }
    Ok(())
}

/// A time after another.
pub fn later(at: Timestamp, after: Duration) -> Timestamp {
    Timestamp(at.0.saturating_add(i64::try_from(after.as_micros()).unwrap_or(i64::MAX)))
}

fn name(secure: bool) -> &'static str {
    if secure { SECURE_NAME } else { PLAIN_NAME }
}

fn header(pair: &str, secure: bool) -> Result<HeaderValue, Problem> {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{pair}; Path=/; HttpOnly; SameSite=Strict{secure}");
    let mut value = HeaderValue::try_from(text).map_err(|error| Problem::internal(&error))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Derived from the id, so that it needs no place of its own; the id cannot be told from it.
fn csrf_of(id: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"vedette csrf\0");
    hash.update(id.as_bytes());
    keys::hex(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, value.parse().unwrap());
        }
        map
    }

    fn cookie_of(fresh: &Fresh, secure: bool) -> String {
        fresh.cookie(secure).unwrap().to_str().unwrap().to_owned()
    }

    #[test]
    fn the_cookie_is_out_of_reach_and_comes_back() {
        let fresh = Fresh::new(Timestamp::from_secs(0)).unwrap();
        let secure = cookie_of(&fresh, true);
        assert!(secure.starts_with("__Host-vedette="), "{secure}");
        assert!(secure.ends_with("Path=/; HttpOnly; SameSite=Strict; Secure"), "{secure}");
        assert!(fresh.cookie(true).unwrap().is_sensitive());
        let plain = cookie_of(&fresh, false);
        assert!(plain.ends_with("Path=/; HttpOnly; SameSite=Strict"), "{plain}");
        let pair = secure.split(';').next().unwrap();
        let shown = Shown::of(&headers(&[("cookie", &format!("a=b; {pair}"))]), true).unwrap();
        assert_eq!((&shown.current.hash, &shown.current.csrf), (&fresh.current.hash, &fresh.current.csrf));
        assert!(Shown::of(&headers(&[("cookie", pair)]), false).is_none(), "another name without TLS");
        assert!(Shown::of(&headers(&[("cookie", pair), ("cookie", pair)]), true).is_none(), "planted");
        assert!(Shown::of(&headers(&[("cookie", "__Host-vedette=00")]), true).is_none());
    }

    #[test]
    fn forged_requests_are_refused() {
        let current = Fresh::new(Timestamp::from_secs(0)).unwrap().current;
        let csrf = current.csrf.as_str();
        let passes =
            |method: Method, pairs: &[(&'static str, &str)]| check_forgery(&method, &headers(pairs), &current).is_ok();
        let ours = [("host", "vedette.test:7700"), ("origin", "https://vedette.test:7700")];
        assert!(passes(Method::GET, &[]));
        assert!(passes(Method::POST, &[ours[0], ours[1], (CSRF_HEADER, csrf)]));
        assert!(passes(Method::POST, &[("sec-fetch-site", "same-origin"), (CSRF_HEADER, csrf)]));
        assert!(!passes(Method::POST, &ours), "no token");
        assert!(!passes(Method::POST, &[ours[0], ours[1], (CSRF_HEADER, "00")]));
        assert!(!passes(Method::POST, &[(CSRF_HEADER, csrf)]), "no origin");
        assert!(!passes(Method::DELETE, &[ours[0], ("origin", "https://evil.test"), (CSRF_HEADER, csrf)]));
        assert!(!passes(Method::PUT, &[ours[0], ("origin", "null"), (CSRF_HEADER, csrf)]));
        assert!(!passes(Method::PATCH, &[ours[0], ours[1], ("sec-fetch-site", "same-site"), (CSRF_HEADER, csrf)]));
    }

    #[test]
    fn sessions_end_when_idle_and_at_the_latest() {
        let session = Session {
            tenant: "default".to_owned(),
            user_id: "u1".to_owned(),
            hash: String::new(),
            created_at: Timestamp::from_secs(0),
            seen_at: Timestamp::from_secs(1_000),
            expires_at: Timestamp::from_secs(10_000),
        };
        let idle = i64::try_from(SESSION_IDLE_MAX.as_secs()).unwrap();
        assert!(!is_over(&session, Timestamp::from_secs(1_001)));
        assert!(is_over(&session, Timestamp::from_secs(10_000)));
        let seen = Session { expires_at: Timestamp(i64::MAX), ..session };
        assert!(!is_over(&seen, Timestamp::from_secs(1_000 + idle - 1)));
        assert!(is_over(&seen, Timestamp::from_secs(1_000 + idle)));
    }
}
