//! Which credentials a request carried. Secrets stay inside: what leaves is a scheme, a name, a keyed hash and the
//! facts of a JWT.
//!
//! Names decide first (`names`), then the value must look like a secret (`values`); the `Authorization` header has
//! its own grammar (`authorization`), and a JWT is one wherever it travels (`jwt`). Nothing is verified here.

mod authorization;
mod certificate;
#[doc(hidden)]
pub mod fuzz;
pub(crate) mod jwt;
mod names;
#[cfg(test)]
mod tests;
pub(crate) mod values;

use std::fmt;

use vedette_model::limits::CREDENTIALS_MAX;
use vedette_model::{Anomaly, Exchange, Timestamp, hash::HashKey};

use crate::url;
use names::{CookieKind, HeaderKind, QueryKind};

/// Kind of a credential; ids are those of `Endpoint::authentication`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AuthScheme {
    /// HTTP Basic (RFC 7617).
    Basic,
    /// HTTP Digest (RFC 7616).
    Digest,
    /// An opaque bearer token (RFC 6750), or another scheme of the `Authorization` header.
    Bearer,
    /// A JWT (RFC 7519), wherever it is carried.
    Jwt,
    /// An API key in a header.
    ApiKeyHeader,
    /// An API key in the query.
    ApiKeyQuery,
    /// An API key in a cookie.
    ApiKeyCookie,
    /// A session cookie.
    SessionCookie,
    /// A client certificate, as the source or a header of the proxy that ended TLS tells.
    MutualTls,
    /// A signature in the query (presigned object URL): good for one object and a short time.
    SignedUrl,
    /// A user name that the gateway logged; how it was proved is not known.
    LoggedUser,
}

impl AuthScheme {
    /// The id shown to users.
    pub fn id(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Digest => "digest",
            Self::Bearer => "bearer",
            Self::Jwt => "jwt",
            Self::ApiKeyHeader => "api-key-header",
            Self::ApiKeyQuery => "api-key-query",
            Self::ApiKeyCookie => "api-key-cookie",
            Self::SessionCookie => "session-cookie",
            Self::MutualTls => "mutual-tls",
            Self::SignedUrl => "signed-url",
            Self::LoggedUser => "logged-user",
        }
    }
}

crate::stored_codes!(AuthScheme {
    Basic = 0,
    Digest = 1,
    Bearer = 2,
    Jwt = 3,
    ApiKeyHeader = 4,
    ApiKeyQuery = 5,
    ApiKeyCookie = 6,
    SessionCookie = 7,
    MutualTls = 8,
    SignedUrl = 9,
    LoggedUser = 10,
});

/// One credential of one request.
#[derive(Clone)]
pub struct Credential {
    /// Its kind.
    pub scheme: AuthScheme,
    /// Header, query parameter or cookie that carried it, lower case.
    pub name: String,
    /// True when it traveled in the URL; false for [`AuthScheme::SignedUrl`], which is made to travel there.
    pub in_url: bool,
    /// Keyed hash of the secret; of the user name for Basic and Digest, of the key id for signing schemes, whose
    /// secret never travels.
    pub hash: u64,
    /// The recorder masked the value (`<redacted>`, `***`) or it was empty: the credential was there, `hash` is that
    /// of the placeholder and tells nobody apart.
    pub redacted: bool,
    /// User that it names: Basic and Digest user name, JWT `sub`, logged user.
    pub user: Option<String>,
    /// Client application that it names (JWT `client_id`, `azp`, `appid`).
    pub client: Option<String>,
    /// Facts of a JWT.
    pub jwt: Option<Jwt>,
    /// What was odd about it ([`Anomaly::MalformedJwt`], [`Anomaly::BadBase64`]).
    pub anomaly: Option<Anomaly>,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({} in {})", self.scheme.id(), self.name)
    }
}

/// What a JWT says of itself, unverified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Jwt {
    /// `alg` of the header (`RS256`, `none`).
    pub algorithm: String,
    /// `iat`.
    pub issued_at: Option<Timestamp>,
    /// `exp`.
    pub expires_at: Option<Timestamp>,
    /// `iss`.
    pub issuer: Option<String>,
    /// The signature part is empty.
    pub unsigned: bool,
    /// Header points to a key of the sender's (`jku`, `x5u`, `jwk`).
    pub key_from_header: bool,
    /// What its bearer may do (`role`, `roles`, `groups`), several joined by commas.
    pub role: Option<String>,
    /// Hash of the signature part; 0 without one. Two tokens that share it were not both signed.
    pub signature: u64,
}

/// All credentials of a request, strongest first (user, client, session, key), at most [`CREDENTIALS_MAX`]. An access
/// log without headers yields the logged user, and keys found in the query. Empty means that none was seen.
pub fn credentials(exchange: &Exchange<'_>, key: &HashKey) -> Vec<Credential> {
    let mut found = Found { key, list: Vec::new() };
    if let Some(user) = exchange.user.as_deref()
        && !matches!(user, "" | "-")
    {
        found.push(Credential { user: values::identifier(user), ..found.plain(AuthScheme::LoggedUser, "user", user) });
    }
    if let Some(query) = exchange.query.as_deref()
        && !query.is_empty()
    {
        in_query(query, &mut found);
    }
    if memchr::memchr(b';', exchange.path.as_bytes()).is_some() {
        in_path(&exchange.path, &mut found);
    }
    if !exchange.request_headers.is_empty() {
        in_headers(exchange, &mut found);
    }
    if exchange.tls_mutual == Some(true) || exchange.caller_identity.is_some() {
        let identity = exchange.caller_identity.as_deref().unwrap_or_default();
        let plain = found.plain(AuthScheme::MutualTls, "tls", identity);
        found.push(Credential { client: values::identifier(identity), ..plain });
    }
    if found.list.len() > 1 {
        found.list.sort_by_key(strength);
        // Proxies tell of one certificate in several headers; the one that names the client came first.
        let mut certificates = 0;
        found.list.retain(|c| c.scheme != AuthScheme::MutualTls || std::mem::replace(&mut certificates, 1) == 0);
    }
    found.list
}

/// Hashes of the sessions that the answer hands out in cookies, as [`Credential::hash`] will have them.
pub fn issued_sessions(exchange: &Exchange<'_>, key: &HashKey) -> impl Iterator<Item = u64> {
    exchange.response_headers.all("set-cookie").filter_map(|cookie| {
        let (name, value) = cookie.split(';').next()?.trim().split_once('=')?;
        let session = match names::cookie(name)? {
            CookieKind::Session => values::session(value),
            CookieKind::MaybeSession => values::opaque(value),
            CookieKind::Key => false,
        };
        session.then(|| key.hash(value.as_bytes()))
    })
}

/// True when a request header of this name carries credentials: its values must not be looked at.
pub fn in_header(name: &str) -> bool {
    names::header(name).is_some()
}

/// True when a cookie of this name carries a session or a key: its values must not be looked at.
pub fn in_cookie(name: &str) -> bool {
    names::cookie(name).is_some()
}

/// True when a query parameter of this name carries a session or a key.
pub fn in_query_parameter(name: &str) -> bool {
    names::query(name).is_some()
}

/// What was found so far.
struct Found<'k> {
    key: &'k HashKey,
    list: Vec<Credential>,
}

impl Found<'_> {
    /// A credential that says nothing but its value.
    fn plain(&self, scheme: AuthScheme, name: &str, value: &str) -> Credential {
        Credential {
            scheme,
            name: name.to_ascii_lowercase(),
            in_url: false,
            hash: self.key.hash(value.as_bytes()),
            redacted: values::redacted(value),
            user: None,
            client: None,
            jwt: None,
            anomaly: None,
        }
    }

    /// A JWT when the value is one, else a plain credential.
    fn token(&self, scheme: AuthScheme, name: &str, value: &str) -> Credential {
        let plain = self.plain(scheme, name, value);
        match jwt::read(value) {
            jwt::Reading::Not => plain,
            jwt::Reading::Malformed => Credential { anomaly: Some(Anomaly::MalformedJwt), ..plain },
            jwt::Reading::Jwt(token) => Credential {
                scheme: AuthScheme::Jwt,
                user: token.user,
                client: token.client,
                jwt: Some(token.facts),
                anomaly: token.anomaly,
                ..plain
            },
        }
    }

    /// Keeps it, unless the same name already brought the same value.
    fn push(&mut self, credential: Credential) {
        let known = |c: &Credential| c.hash == credential.hash && c.name == credential.name;
        if self.list.len() < CREDENTIALS_MAX && !self.list.iter().any(known) {
            self.list.push(credential);
        }
    }
}

/// Sort key: what names a user first, then a client, a session, a token, a key.
fn strength(credential: &Credential) -> u8 {
    if credential.user.is_some() {
        return 0;
    }
    if credential.client.is_some() {
        return 1;
    }
    match credential.scheme {
        AuthScheme::SessionCookie => 2,
        AuthScheme::Basic | AuthScheme::Digest | AuthScheme::Bearer | AuthScheme::Jwt | AuthScheme::LoggedUser => 3,
        AuthScheme::ApiKeyHeader | AuthScheme::ApiKeyQuery | AuthScheme::ApiKeyCookie => 4,
        AuthScheme::MutualTls => 5,
        AuthScheme::SignedUrl => 6,
    }
}

fn in_query(query: &str, found: &mut Found<'_>) {
    for (raw_name, raw_value) in url::raw_pairs(query) {
        let kind = names::query(raw_name);
        if kind.is_some() || jwt::may_be(raw_value) {
            query_parameter(raw_name, raw_value, kind, found);
        }
    }
}

#[cold]
fn query_parameter(raw_name: &str, raw_value: &str, kind: Option<QueryKind>, found: &mut Found<'_>) {
    let value = url::form_decode(raw_value);
    let scheme = match kind {
        Some(QueryKind::Signature) => {
            found.push(found.plain(AuthScheme::SignedUrl, raw_name, &value));
            return;
        }
        Some(QueryKind::Key) => AuthScheme::ApiKeyQuery,
        Some(QueryKind::MaybeKey) if values::opaque(&value) => AuthScheme::ApiKeyQuery,
        Some(QueryKind::Session) if values::session(&value) => AuthScheme::SessionCookie,
        Some(QueryKind::MaybeKey | QueryKind::Session) => return,
        None => AuthScheme::Jwt,
    };
    let credential = found.token(scheme, raw_name, &value);
    if kind.is_some() || credential.jwt.is_some() {
        found.push(Credential { in_url: true, ..credential });
    }
}

/// A servlet's session id in the path (`/cart;jsessionid=…`).
fn in_path(path: &str, found: &mut Found<'_>) {
    for parameter in path.split(';').skip(1) {
        if let Some((name, value)) = parameter.split('/').next().and_then(|p| p.split_once('='))
            && names::query(name) == Some(QueryKind::Session)
            && values::session(value)
        {
            found.push(Credential { in_url: true, ..found.plain(AuthScheme::SessionCookie, name, value) });
        }
    }
}

fn in_headers(exchange: &Exchange<'_>, found: &mut Found<'_>) {
    for (name, value) in exchange.request_headers.iter() {
        match names::header(name) {
            None => {}
            Some(HeaderKind::Authorization) => authorization::read(name, value, found),
            Some(HeaderKind::Cookie) => in_cookies(value, found),
            Some(HeaderKind::Certificate) => certificate::read(name, value, found),
            Some(HeaderKind::Key) => {
                let value = value.trim();
                let token = value.strip_prefix("Bearer ").unwrap_or(value);
                found.push(found.token(AuthScheme::ApiKeyHeader, name, token));
            }
            Some(HeaderKind::MaybeKey) => {
                let value = value.trim();
                if value.len() >= 8 && !value.contains(' ') || values::redacted(value) {
                    found.push(found.token(AuthScheme::ApiKeyHeader, name, value));
                }
            }
        }
    }
}

fn in_cookies(header: &str, found: &mut Found<'_>) {
    for (name, value) in url::cookies(header) {
        let scheme = match names::cookie(name) {
            Some(CookieKind::Key) if !value.is_empty() => AuthScheme::ApiKeyCookie,
            Some(CookieKind::Session) if values::session(value) => AuthScheme::SessionCookie,
            Some(CookieKind::MaybeSession) if values::opaque(value) || values::masked(value) => {
                AuthScheme::SessionCookie
            }
            None if !jwt::may_be(value) => continue,
            None => AuthScheme::Jwt,
            Some(_) => continue,
        };
        let credential = found.token(scheme, name, value);
        if credential.scheme != AuthScheme::Jwt || credential.jwt.is_some() {
            found.push(credential);
        }
    }
}
