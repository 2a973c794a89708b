use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use vedette_model::Headers;

use super::*;

fn key() -> HashKey {
    HashKey::from_text("test")
}

fn with_headers(headers: &[(&'static str, String)]) -> Vec<Credential> {
    let mut exchange = Exchange { has_headers: true, ..Exchange::default() };
    exchange.request_headers = Headers(headers.iter().map(|(n, v)| ((*n).into(), v.clone().into())).collect());
    credentials(&exchange, &key())
}

fn with_query(query: &str) -> Vec<Credential> {
    credentials(&Exchange { path: "/x".into(), query: Some(query.into()), ..Exchange::default() }, &key())
}

fn jwt(header: &str, payload: &str, signature: &str) -> String {
    format!("{}.{}.{signature}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload))
}

/// `scheme name user client redacted`, one credential per word group.
fn told(found: &[Credential]) -> Vec<String> {
    let dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
    found
        .iter()
        .map(|c| {
            let mark = if c.redacted { " redacted" } else { "" };
            let url = if c.in_url { " url" } else { "" };
            format!("{} {} {} {}{mark}{url}", c.scheme.id(), c.name, dash(&c.user), dash(&c.client))
        })
        .collect()
}

#[test]
fn authorization_headers_are_read() {
    let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
    for (value, expected) in [
        (basic("alice:secret"), "basic authorization alice -"),
        (basic("sk_live_4eC39HqLyjWDarjtT1zdp7dc:"), "basic authorization - -"),
        (basic("api:key-1234567890abcdef"), "basic authorization - -"),
        ("Basic !!!".into(), "basic authorization - -"),
        ("Basic <redacted>".into(), "basic authorization - - redacted"),
        ("Bearer 0a1b2c3d4e5f".into(), "bearer authorization - -"),
        ("bearer  0a1b2c3d4e5f ".into(), "bearer authorization - -"),
        ("Bearer {{token}}".into(), "bearer authorization - - redacted"),
        ("Bearer".into(), "bearer authorization - - redacted"),
        ("<redacted>".into(), "bearer authorization - - redacted"),
        (String::new(), "bearer authorization - - redacted"),
        ("Token 0a1b2c3d4e5f".into(), "bearer authorization - -"),
        ("ApiKey 0a1b2c3d4e5f".into(), "api-key-header authorization - -"),
        ("0a1b2c3d4e5f6a7b".into(), "bearer authorization - -"),
        ("Digest username=\"bob\", realm=\"x\", response=\"0\"".into(), "digest authorization bob -"),
        (
            "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu/s3/aws4_request, Signature=ab".into(),
            "bearer authorization - -",
        ),
    ] {
        assert_eq!(told(&with_headers(&[("Authorization", value.clone())])), [expected], "{value}");
    }
}

#[test]
fn signing_schemes_are_the_same_caller_whatever_was_signed() {
    for (one, other) in [
        ("AWS4-HMAC-SHA256 Credential=AKID/1/s3, Signature=aa", "AWS4-HMAC-SHA256 Credential=AKID/2/s3, Signature=bb"),
        ("SharedKey account:aaaa", "SharedKey account:bbbb"),
        ("Hawk id=\"k1\", ts=\"1\", mac=\"a\"", "Hawk id=\"k1\", ts=\"2\", mac=\"b\""),
        ("Signature keyId=\"k1\",signature=\"a\"", "Signature keyId=\"k1\",signature=\"b\""),
        ("Basic YWxpY2U6b25l", "Basic YWxpY2U6dHdv"),
    ] {
        let hash = |value: &str| with_headers(&[("authorization", value.into())])[0].hash;
        assert_eq!(hash(one), hash(other), "{one}");
    }
}

#[test]
fn jwts_tell_who_and_how() {
    let token = jwt(
        r#"{"alg":"RS256","typ":"JWT"}"#,
        r#"{"sub":"u17","azp":"app","roles":["teller","audit"],"iss":"https://id.example","iat":1700000000,"exp":1700003600.5}"#,
        "c2ln",
    );
    let found = with_headers(&[("Authorization", format!("Bearer {token}"))]);
    assert_eq!(told(&found), ["jwt authorization u17 app"]);
    assert_eq!(
        found[0].jwt,
        Some(Jwt {
            algorithm: "RS256".into(),
            issued_at: Some(Timestamp::from_secs(1_700_000_000)),
            expires_at: Some(Timestamp::from_secs(1_700_003_600)),
            issuer: Some("https://id.example".into()),
            unsigned: false,
            key_from_header: false,
            role: Some("audit,teller".into()),
            signature: found[0].jwt.as_ref().unwrap().signature,
        })
    );
    assert_ne!(found[0].jwt.as_ref().unwrap().signature, 0);
    let weak = jwt(r#"{"alg":"none","jku":"https://evil.example"}"#, r#"{"sub":12}"#, "");
    let found = with_query(&format!("a=1&session_jwt={weak}"));
    assert_eq!(told(&found), ["jwt session_jwt 12 - url"]);
    let facts = found[0].jwt.as_ref().unwrap();
    assert!(facts.unsigned && facts.key_from_header && facts.algorithm == "none");
}

#[test]
fn a_client_acting_for_itself_is_no_user() {
    let own = jwt(r#"{"alg":"RS256"}"#, r#"{"sub":"app1@clients","azp":"app1"}"#, "c2ln");
    let found = with_headers(&[("X-Access-Token", own)]);
    assert_eq!(told(&found), ["jwt x-access-token - app1"]);
}

#[test]
fn broken_jwts_are_noted_and_other_tokens_are_not() {
    let good = r#"{"alg":"HS256"}"#;
    for (token, scheme, anomaly) in [
        (jwt(good, "not json", "c2ln"), "jwt", Some(Anomaly::MalformedJwt)),
        (jwt(r#"{"alg""#, "{}", "c2ln"), "bearer", Some(Anomaly::MalformedJwt)),
        (format!("{}.e30", URL_SAFE_NO_PAD.encode(good)), "bearer", Some(Anomaly::MalformedJwt)),
        (jwt(r#"{"user_id":1,"csrf":2}"#, "{}", "c2ln"), "bearer", None),
        (format!("{}.a.b.c.d", URL_SAFE_NO_PAD.encode(r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#)), "jwt", None),
        ("abc.def.ghi".into(), "bearer", None),
        (URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","long":"enough"}"#), "bearer", None),
    ] {
        let found = with_headers(&[("Authorization", format!("Bearer {token}"))]);
        assert_eq!((found[0].scheme.id(), found[0].anomaly), (scheme, anomaly), "{token}");
    }
}

#[test]
fn queries_bring_keys_sessions_and_signatures() {
    for (query, expected) in [
        ("api_key=abc123", "api-key-query api_key - - url"),
        ("q=1&access_token=0a1b2c3d", "api-key-query access_token - - url"),
        ("key=AIzaSyA1b2C3d4E5f6G7h8I9j0", "api-key-query key - - url"),
        ("token=9f86d081-884c-4d65-9a2f-eaa0c55ad015", "api-key-query token - - url"),
        ("PHPSESSID=8p5j2k1l0m9n8b7v6c5x4z3a2s", "session-cookie phpsessid - - url"),
        ("se=2026&sig=abc%3D&sv=1", "signed-url sig - -"),
        ("api_key=%3Credacted%3E", "api-key-query api_key - - redacted url"),
    ] {
        assert_eq!(told(&with_query(query)), [expected], "{query}");
    }
    for none in [
        "",
        "q=secret+santa",
        "key=name",
        "token=next",
        "code=4/0AX4XfWh_abcdef0123456789&state=af0ifjsldkj0123456789",
        "page_token=CAUQAA0123456789abcdef",
        "cursor=eyJpZCI6MTIzNDU2Nzg5MDEyfQ",
        "sort_key=0a1b2c3d",
        "sid=12",
        "key=summer-sale-2024-offers",
    ] {
        assert_eq!(told(&with_query(none)), [""; 0], "{none}");
    }
}

#[test]
fn cookies_bring_sessions_and_keys() {
    let jwt = jwt(r#"{"alg":"HS256"}"#, r#"{"sub":"u1"}"#, "c2ln");
    for (cookies, expected) in [
        ("JSESSIONID=0123456789ABCDEF; theme=dark".into(), vec!["session-cookie jsessionid - -"]),
        ("_ga=GA1.2.3; connect.sid=s%3Aabcdef0123456789.sig".into(), vec!["session-cookie connect.sid - -"]),
        ("csrftoken=0a1b2c3d4e5f60718293a4b5; lang=en".into(), vec![]),
        ("sessionid=; sid=1".into(), vec![]),
        ("session=<redacted>".into(), vec!["session-cookie session - - redacted"]),
        (format!("prefs={jwt}"), vec!["jwt prefs u1 -"]),
        ("api_key=abc".into(), vec!["api-key-cookie api_key - -"]),
        ("_hjSession_1=eyJpZCI6ImE0NTY3ODkwMTIzNDU2In0=".into(), vec![]),
    ] {
        assert_eq!(told(&with_headers(&[("Cookie", cookies.clone())])), expected, "{cookies}");
    }
}

#[test]
fn keys_and_certificates_come_in_headers() {
    let found = with_headers(&[
        ("X-Api-Key", "abc".into()),
        ("X-Partner-Token", "short".into()),
        ("X-Other-Token", "0123456789".into()),
        ("X-CSRF-Token", "0123456789abcdef".into()),
        ("X-SSL-Client-Verify", "SUCCESS".into()),
        ("X-Forwarded-Client-Cert", "Hash=ab12;Subject=\"CN=cart,O=shop\";URI=spiffe://shop/cart".into()),
    ]);
    assert_eq!(
        told(&found),
        [
            "mutual-tls x-forwarded-client-cert - spiffe://shop/cart",
            "api-key-header x-api-key - -",
            "api-key-header x-other-token - -"
        ]
    );
    assert!(with_headers(&[("X-SSL-Client-Verify", "NONE".into())]).is_empty());
}

#[test]
fn the_strongest_credential_comes_first() {
    let user = jwt(r#"{"alg":"HS256"}"#, r#"{"sub":"u1"}"#, "c2ln");
    let found = with_headers(&[
        ("X-Api-Key", "k".into()),
        ("Cookie", "JSESSIONID=0123456789ABCDEF".into()),
        ("Authorization", format!("Bearer {user}")),
    ]);
    let ids: Vec<_> = found.iter().map(|c| c.scheme.id()).collect();
    assert_eq!(ids, ["jwt", "session-cookie", "api-key-header"]);
}

#[test]
fn an_access_log_brings_its_user_and_nothing_else() {
    let logged = |user: &'static str| credentials(&Exchange { user: Some(user.into()), ..Exchange::default() }, &key());
    assert_eq!(told(&logged("alice")), ["logged-user user alice -"]);
    assert!(logged("-").is_empty() && logged("").is_empty());
    let path = Exchange { path: "/cart;jsessionid=0123456789ABCDEF".into(), ..Exchange::default() };
    assert_eq!(told(&credentials(&path, &key())), ["session-cookie jsessionid - - url"]);
}

#[test]
fn a_source_that_knows_the_certificate_is_believed() {
    let mutual = Exchange { tls_mutual: Some(true), ..Exchange::default() };
    assert_eq!(told(&credentials(&mutual, &key())), ["mutual-tls tls - - redacted"]);
    let named = Exchange { caller_identity: Some("spiffe://shop/cart".into()), ..mutual };
    assert_eq!(told(&credentials(&named, &key())), ["mutual-tls tls - spiffe://shop/cart"]);
}

#[test]
fn secrets_stay_inside() {
    let found = with_headers(&[("Authorization", "Bearer topsecret0123456789".into())]);
    assert!(!format!("{found:?}").contains("topsecret"));
}

proptest! {
    #[test]
    fn anything_is_read_without_panic(text in "\\PC{0,60}", tokens in "(ey[A-Za-z0-9._=-]{0,60}|[a-z]{0,8}=[^;&]{0,30};?){0,4}") {
        super::fuzz::credentials_of_anything(text.as_bytes());
        super::fuzz::credentials_of_anything(tokens.as_bytes());
    }
}

#[test]
fn sessions_that_an_answer_hands_out_hash_as_those_that_come_back() {
    let key = key();
    let headers = [("Set-Cookie", "sid=3f9a77b2c1d04e58; Path=/; HttpOnly"), ("Set-Cookie", "theme=dark; Path=/")];
    let mut exchange = Exchange { has_headers: true, ..Exchange::default() };
    for (name, value) in headers {
        exchange.response_headers.push(name, value);
    }
    let issued: Vec<u64> = issued_sessions(&exchange, &key).collect();
    let back = with_headers(&[("cookie", "theme=dark; sid=3f9a77b2c1d04e58".into())]);
    assert_eq!(issued, [back[0].hash]);
}
