//! Which headers, query parameters and cookies carry credentials, by name.

/// What a request header carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeaderKind {
    /// `Authorization` and its proxy twin.
    Authorization,
    /// `Cookie`.
    Cookie,
    /// What a TLS-ending proxy says of the client certificate.
    Certificate,
    /// An API key or token by a well-known name.
    Key,
    /// A key by the words of its name: the value must look like one.
    MaybeKey,
}

/// What a query parameter carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum QueryKind {
    /// A key by a name that means nothing else.
    Key,
    /// A key if the value looks like one (`key`, `token`).
    MaybeKey,
    /// A session id.
    Session,
    /// The signature of a presigned URL.
    Signature,
}

/// What a cookie carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CookieKind {
    /// An API key.
    Key,
    /// A session by a well-known name.
    Session,
    /// A session by the words of its name: the value must look like one.
    MaybeSession,
}

/// Names are squashed to lower-case letters and digits before they are looked up: `X-API-Key` is `xapikey`.
const HEADER_KEYS: &[&str] = &[
    "accesstoken",
    "apikey",
    "authtoken",
    "cfaccessclientsecret",
    "circletoken",
    "ddapikey",
    "ddapplicationkey",
    "jobtoken",
    "ocpapimsubscriptionkey",
    "privatetoken",
    "subscriptionkey",
    "xaccesskey",
    "xaccesstoken",
    "xamzsecuritytoken",
    "xapikey",
    "xapitoken",
    "xappkey",
    "xauthkey",
    "xauthtoken",
    "xfunctionskey",
    "xgoogapikey",
    "xsessionid",
    "xsessiontoken",
    "xvaulttoken",
];

const CERTIFICATES: &[&str] = &[
    "clientcert",
    "sslclientcert",
    "sslclientsdn",
    "sslclientverify",
    "xamznmtlsclientcert",
    "xamznmtlsclientcertleaf",
    "xamznmtlsclientcertsubject",
    "xarrclientcert",
    "xclientcert",
    "xclientverify",
    "xforwardedclientcert",
    "xforwardedtlsclientcert",
    "xforwardedtlsclientcertinfo",
    "xsslclientcert",
    "xsslclientsdn",
    "xsslclientverify",
];

const QUERY_KEYS: &[&str] = &[
    "accesstoken",
    "apikey",
    "apitoken",
    "authtoken",
    "clientsecret",
    "idtoken",
    "jwt",
    "oauthtoken",
    "privatetoken",
    "refreshtoken",
    "secretkey",
    "sessiontoken",
    "subscriptionkey",
    "xapikey",
];

const QUERY_MAYBE_KEYS: &[&str] = &["appkey", "auth", "authorization", "bearer", "key", "secret", "token"];

const SESSIONS: &[&str] = &[
    "aspnetsessionid",
    "aspxauth",
    "authsession",
    "cisession",
    "connectsid",
    "jsessionid",
    "koasess",
    "laravelsession",
    "nextauthsessiontoken",
    "phpsessid",
    "playsession",
    "racksession",
    "remembertoken",
    "rememberusertoken",
    "sailssid",
    "sessid",
    "session",
    "sessionid",
    "sessiontoken",
    "sid",
    "usersession",
];

const SIGNATURES: &[&str] = &["sig", "signature", "xamzsignature", "xgoogsignature"];

/// Words that make a cookie a session.
const SESSION_WORDS: [&str; 10] =
    ["auth", "jwt", "login", "logged", "remember", "sess", "session", "sessionid", "sid", "token"];

/// Words that make a name mean something other than a proof of identity: forgery tokens, idempotency, paging,
/// analytics, push, and facts about a token.
const OTHER_WORDS: &[&str] = &[
    "ajs",
    "amplitude",
    "analytics",
    "anon",
    "anonymous",
    "antiforgery",
    "campaign",
    "captcha",
    "consent",
    "continuation",
    "count",
    "csrf",
    "cursor",
    "dedupe",
    "device",
    "expires",
    "expiry",
    "fcm",
    "ga",
    "gdpr",
    "gid",
    "hj",
    "idempotency",
    "limit",
    "mixpanel",
    "next",
    "nonce",
    "page",
    "pagination",
    "prev",
    "push",
    "ratelimit",
    "recaptcha",
    "remaining",
    "request",
    "state",
    "sync",
    "tracking",
    "trace",
    "ttl",
    "type",
    "utm",
    "verification",
    "visit",
    "visitor",
    "websocket",
    "xsrf",
];

/// What the header carries; `None` for nearly all of them, at a nanosecond or so per letter.
pub(super) fn header(name: &str) -> Option<HeaderKind> {
    if !hints(name.as_bytes()) {
        return None;
    }
    if name.eq_ignore_ascii_case("authorization") || name.eq_ignore_ascii_case("proxy-authorization") {
        return Some(HeaderKind::Authorization);
    }
    if name.eq_ignore_ascii_case("cookie") {
        return Some(HeaderKind::Cookie);
    }
    let squashed = Squashed::new(name);
    if HEADER_KEYS.contains(&squashed.text()) {
        return Some(HeaderKind::Key);
    }
    if CERTIFICATES.contains(&squashed.text()) {
        return Some(HeaderKind::Certificate);
    }
    (keylike(name, squashed.text()) && !other(name, squashed.text())).then_some(HeaderKind::MaybeKey)
}

/// What the query parameter carries. Hot path of access logs: nearly every name is done after a look at its end.
#[inline]
pub(super) fn query(name: &str) -> Option<QueryKind> {
    if query_hint(name.as_bytes()) { query_by_words(name) } else { None }
}

/// Ends of `key`, `token`, `secret`, `jwt`, `auth`, `sid`, `sessid`, `sig`, `signature`, `authorization`, `session`,
/// `bearer`, `sessionid` and `session_id`.
#[inline]
fn query_hint(name: &[u8]) -> bool {
    let Some([before, a, b, c]) =
        name.last_chunk::<4>().copied().or_else(|| name.last_chunk::<3>().map(|[a, b, c]| [0, *a, *b, *c]))
    else {
        return false;
    };
    match &[a | 0x20, b | 0x20, c | 0x20] {
        b"key" | b"ken" | b"ret" | b"jwt" | b"uth" | b"sid" | b"sig" | b"ure" | b"ion" | b"rer" | b"nid" => true,
        // `_` and `-` under the mask of the case bit
        [b'\x7f' | b'-', b'i', b'd'] => before | 0x20 == b'n',
        _ => false,
    }
}

#[cold]
fn query_by_words(name: &str) -> Option<QueryKind> {
    let squashed = Squashed::new(name);
    let text = squashed.text();
    if QUERY_KEYS.contains(&text) {
        Some(QueryKind::Key)
    } else if SIGNATURES.contains(&text) {
        Some(QueryKind::Signature)
    } else if SESSIONS.contains(&text) {
        Some(QueryKind::Session)
    } else if QUERY_MAYBE_KEYS.contains(&text) || keylike(name, text) && !other(name, text) {
        Some(QueryKind::MaybeKey)
    } else {
        None
    }
}

/// What the cookie carries.
pub(super) fn cookie(name: &str) -> Option<CookieKind> {
    if !hints(name.as_bytes()) {
        return None;
    }
    let name = name.strip_prefix("__Host-").or_else(|| name.strip_prefix("__Secure-")).unwrap_or(name);
    let squashed = Squashed::new(name);
    let text = squashed.text();
    if SESSIONS.contains(&text) {
        return Some(CookieKind::Session);
    }
    if other(name, text) {
        return None;
    }
    if text.contains("apikey") {
        return Some(CookieKind::Key);
    }
    let fused = ["session", "sessionid", "sessid", "token", "auth"].iter().any(|end| text.ends_with(end));
    let servlet = text.starts_with("aspsessionid") || text.starts_with("session");
    (fused || servlet || words(name).any(|word| is_one_of(word, &SESSION_WORDS))).then_some(CookieKind::MaybeSession)
}

/// True when three letters in a row begin a word that some rule below knows. Sieves out nearly every name.
fn hints(name: &[u8]) -> bool {
    name.array_windows::<3>().any(|[a, b, c]| {
        matches!(
            &[a | 0x20, b | 0x20, c | 0x20],
            b"key"
                | b"tok"
                | b"sec"
                | b"aut"
                | b"coo"
                | b"cer"
                | b"jwt"
                | b"ses"
                | b"ver"
                | b"sid"
                | b"sig"
                | b"bea"
                | b"rem"
                | b"log"
                | b"tls"
                | b"ssl"
        )
    })
}

/// The words of the name say "API key", "token" or "secret".
fn keylike(name: &str, squashed: &str) -> bool {
    squashed.contains("apikey")
        || squashed.ends_with("token")
        || words(name).any(|word| is_one_of(word, &["token", "secret", "jwt"]))
}

/// Something else than a proof of identity.
fn other(name: &str, squashed: &str) -> bool {
    ["csrf", "xsrf", "requestverification", "pagetoken", "nexttoken"].iter().any(|part| squashed.contains(part))
        || words(name).any(|word| is_one_of(word, OTHER_WORDS))
}

fn is_one_of(word: &str, list: &[&str]) -> bool {
    list.iter().any(|one| word.eq_ignore_ascii_case(one))
}

/// Words of a name: split at everything that is no letter or digit, and where lower case meets upper case.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_ascii_alphanumeric()).flat_map(|piece| {
        let mut rest = piece;
        std::iter::from_fn(move || {
            let bytes = rest.as_bytes();
            let at = bytes.array_windows::<2>().position(|[a, b]| a.is_ascii_lowercase() && b.is_ascii_uppercase());
            let (word, tail) = rest.split_at_checked(at.map_or(rest.len(), |at| at + 1))?;
            rest = tail;
            (!word.is_empty()).then_some(word)
        })
    })
}

/// A name reduced to lower-case letters and digits, on the stack; what does not fit is dropped.
struct Squashed {
    bytes: [u8; 40],
    len: usize,
}

impl Squashed {
    fn new(name: &str) -> Self {
        let mut bytes = [0; 40];
        let letters = name.bytes().filter(u8::is_ascii_alphanumeric);
        let len = bytes.iter_mut().zip(letters).map(|(slot, b)| *slot = b.to_ascii_lowercase()).count();
        Self { bytes, len }
    }

    fn text(&self) -> &str {
        self.bytes.get(..self.len).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_known_by_name() {
        use HeaderKind::{Authorization, Certificate, Cookie, Key, MaybeKey};
        for (name, expected) in [
            ("Authorization", Some(Authorization)),
            ("proxy-authorization", Some(Authorization)),
            ("COOKIE", Some(Cookie)),
            ("X-API-Key", Some(Key)),
            ("apikey", Some(Key)),
            ("x_auth_token", Some(Key)),
            ("Ocp-Apim-Subscription-Key", Some(Key)),
            ("DD-API-KEY", Some(Key)),
            ("PRIVATE-TOKEN", Some(Key)),
            ("X-Acme-Api-Key", Some(MaybeKey)),
            ("X-Shop-Access-Token", Some(MaybeKey)),
            ("X-Partner-Secret", Some(MaybeKey)),
            ("X-Forwarded-Client-Cert", Some(Certificate)),
            ("X-SSL-Client-Verify", Some(Certificate)),
            ("X-CSRF-Token", None),
            ("X-XSRF-TOKEN", None),
            ("RequestVerificationToken", None),
            ("Idempotency-Key", None),
            ("X-Request-Token", None),
            ("Sec-WebSocket-Key", None),
            ("Sec-Fetch-Site", None),
            ("X-Token-Type", None),
            ("User-Agent", None),
            ("Accept", None),
            ("X-Max-Tokens", None),
        ] {
            assert_eq!(header(name), expected, "{name}");
        }
    }

    #[test]
    fn query_parameters_are_known_by_name() {
        use QueryKind::{Key, MaybeKey, Session, Signature};
        for (name, expected) in [
            ("api_key", Some(Key)),
            ("apikey", Some(Key)),
            ("access_token", Some(Key)),
            ("token", Some(MaybeKey)),
            ("key", Some(MaybeKey)),
            ("reset_token", Some(MaybeKey)),
            ("PHPSESSID", Some(Session)),
            ("X-Amz-Signature", Some(Signature)),
            ("sig", Some(Signature)),
            ("code", None),
            ("state", None),
            ("page_token", None),
            ("nextToken", None),
            ("pageToken", None),
            ("cursor", None),
            ("csrf_token", None),
            ("keyword", None),
            ("sort_key", None),
            ("id", None),
        ] {
            assert_eq!(query(name), expected, "{name}");
        }
    }

    #[test]
    fn cookies_are_known_by_name() {
        use CookieKind::{Key, MaybeSession, Session};
        for (name, expected) in [
            ("JSESSIONID", Some(Session)),
            ("PHPSESSID", Some(Session)),
            ("connect.sid", Some(Session)),
            ("ASP.NET_SessionId", Some(Session)),
            ("sid", Some(Session)),
            ("__Host-session", Some(Session)),
            ("_shop_session", Some(MaybeSession)),
            ("session-token", Some(Session)),
            ("authToken", Some(MaybeSession)),
            ("remember_me", Some(MaybeSession)),
            ("__Secure-next-auth.session-token", Some(Session)),
            ("api_key", Some(Key)),
            ("_ga", None),
            ("_gid", None),
            ("csrftoken", None),
            ("XSRF-TOKEN", None),
            ("_hjSessionUser_123", None),
            ("__RequestVerificationToken", None),
            ("theme", None),
            ("visitor_session", None),
        ] {
            assert_eq!(cookie(name), expected, "{name}");
        }
    }
}
