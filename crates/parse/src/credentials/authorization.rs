//! The `Authorization` header (RFC 9110, 11.6.2): Basic, Bearer, Digest, and the schemes that vendors made up.

use base64::Engine as _;
use vedette_model::Anomaly;

use super::{AuthScheme, Credential, Found, jwt, values};

/// User names that only say "what follows is a key".
const KEY_USERS: [&str; 8] = ["", "api", "api_key", "apikey", "key", "oauth2", "token", "x-token-auth"];

/// Passwords that only say "the user name is a key".
const KEY_PASSWORDS: [&str; 5] = ["", "api_token", "x", "x-oauth-basic", "_"];

/// Parameters of signing schemes that name the key, whose secret half never travels: AWS Signature 4, HTTP Message
/// Signatures, Hawk, OAuth 1.0, Akamai EdgeGrid.
const KEY_IDS: [&str; 7] =
    ["Credential=", "keyId=", "oauth_token=", "oauth_consumer_key=", "client_token=", "id=", "apikey="];

/// Schemes whose value is an API key in everything but name.
const KEY_SCHEMES: [&str; 6] = ["api-key", "apikey", "api_key", "geniekey", "key", "ssws"];

pub(super) fn read(name: &str, value: &str, found: &mut Found<'_>) {
    let value = value.trim();
    let credential = match value.split_once(' ') {
        None => bare(name, value, found),
        Some((scheme, rest)) => with_scheme(name, scheme, rest.trim(), value, found),
    };
    found.push(credential);
}

fn with_scheme(name: &str, scheme: &str, rest: &str, whole: &str, found: &Found<'_>) -> Credential {
    if scheme.eq_ignore_ascii_case("bearer") {
        found.token(AuthScheme::Bearer, name, rest)
    } else if scheme.eq_ignore_ascii_case("basic") {
        basic(name, rest, found)
    } else if scheme.eq_ignore_ascii_case("digest") {
        digest(name, rest, found)
    } else if values::masked(whole) {
        found.plain(AuthScheme::Bearer, name, whole)
    } else if KEY_SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        found.token(AuthScheme::ApiKeyHeader, name, rest)
    } else {
        match key_id(scheme, rest) {
            Some(id) => found.plain(AuthScheme::Bearer, name, id),
            // `Token token="…"`, `Token …`, `Negotiate …`, `NTLM …`
            None => found.token(AuthScheme::Bearer, name, rest.trim_start_matches("token=").trim_matches('"')),
        }
    }
}

/// No space: a token without a scheme, or a scheme whose token the recorder dropped.
fn bare(name: &str, value: &str, found: &Found<'_>) -> Credential {
    for (scheme, known) in
        [("basic", AuthScheme::Basic), ("digest", AuthScheme::Digest), ("bearer", AuthScheme::Bearer)]
    {
        if value.eq_ignore_ascii_case(scheme) {
            return Credential { redacted: true, ..found.plain(known, name, "") };
        }
    }
    found.token(AuthScheme::Bearer, name, value)
}

/// Basic: the user name identifies, unless user or password says that it is a key (common with payment and code
/// hosting APIs); then all of it is secret.
fn basic(name: &str, encoded: &str, found: &Found<'_>) -> Credential {
    let plain = found.plain(AuthScheme::Basic, name, encoded);
    if plain.redacted {
        return plain;
    }
    let Some(decoded) = jwt::LENIENT_STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok())
    else {
        return Credential { anomaly: Some(Anomaly::BadBase64), ..plain };
    };
    let (user, password) = decoded.split_once(':').unwrap_or((&decoded, ""));
    let key_is_user = KEY_PASSWORDS.contains(&password) && values::opaque(user);
    if key_is_user || KEY_USERS.iter().any(|known| user.eq_ignore_ascii_case(known)) {
        return plain;
    }
    Credential { hash: found.key.hash(user.as_bytes()), user: values::identifier(user), ..plain }
}

fn digest(name: &str, parameters: &str, found: &Found<'_>) -> Credential {
    match parameter(parameters, "username=") {
        Some(user) => Credential { user: values::identifier(user), ..found.plain(AuthScheme::Digest, name, user) },
        None => Credential { redacted: true, ..found.plain(AuthScheme::Digest, name, parameters) },
    }
}

/// Id of the signing key, if the scheme signs.
fn key_id<'v>(scheme: &str, rest: &'v str) -> Option<&'v str> {
    if scheme.len() >= 9 && values::contains_ignore_case(scheme.as_bytes(), b"sharedkey") || scheme == "AWS" {
        return rest.split_once(':').map(|(account, _)| account);
    }
    if !rest.contains('=') {
        return None;
    }
    KEY_IDS.iter().find_map(|key| parameter(rest, key)).map(|id| id.split('/').next().unwrap_or(id))
}

/// Value of `key=` in a list of parameters, quoted or not; `key` must begin a parameter.
fn parameter<'v>(list: &'v str, key: &str) -> Option<&'v str> {
    list.split([',', ' ', ';']).find_map(|piece| {
        let head = piece.get(..key.len())?;
        let value = piece.get(key.len()..)?.trim_matches('"');
        (head.eq_ignore_ascii_case(key) && !value.is_empty()).then_some(value)
    })
}
