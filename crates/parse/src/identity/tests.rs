use super::*;

fn key() -> HashKey {
    HashKey::default()
}

fn with_headers(headers: &[(&'static str, String)]) -> Exchange<'static> {
    let mut exchange = Exchange { has_headers: true, ..Exchange::default() };
    for (name, value) in headers {
        exchange.request_headers.push(*name, value.clone());
    }
    exchange
}

fn rules(yaml: &str) -> Extractors {
    Extractors::read("identity.yaml", yaml).expect("rules")
}

#[test]
fn a_chain_takes_a_text_apart() {
    let rules = rules(
        "actors:\n  - kind: user\n    header: X-Auth-Context\n    steps:\n      - base64\n      - json: $.user.id\n      - regex: '^acct-(\\d+)$'\n",
    );
    let context = base64::engine::general_purpose::STANDARD.encode(r#"{"user":{"id":"acct-42"}}"#);
    let named = rules.name(&with_headers(&[("x-auth-context", context)]), &key());
    assert_eq!(named, Some(Named::User("42".to_owned())));
    let other = base64::engine::general_purpose::STANDARD.encode(r#"{"user":{"id":"guest"}}"#);
    let stuck = rules.rules()[0].apply(&with_headers(&[("x-auth-context", other)]), &key());
    assert_eq!(stuck, Outcome::Stuck(3));
    assert_eq!(rules.rules()[0].apply(&with_headers(&[]), &key()), Outcome::Absent);
    assert_eq!(rules.rules()[0].to_string(), "user from header x-auth-context, base64, json user.id, regex");
}

#[test]
fn the_first_rule_that_names_somebody_wins() {
    let rules = rules(
        "actors:\n  - {kind: user, query: user}\n  - {kind: client, header: x-app}\n  - {kind: session, cookie: visit}\n",
    );
    let mut exchange = with_headers(&[("x-app", "ledger".to_owned()), ("cookie", "a=1; visit=8f2c9d11aa".to_owned())]);
    assert_eq!(rules.name(&exchange, &key()), Some(Named::Client("ledger".to_owned())));
    exchange.query = Some("user=ada%40example.com".into());
    assert_eq!(rules.name(&exchange, &key()), Some(Named::User("ada@example.com".to_owned())));
    assert_eq!(rules.rules()[2].apply(&exchange, &key()), Outcome::Named(Named::Session(key().hash(b"8f2c9d11aa"))));
}

#[test]
fn bodies_and_claims_are_read_by_path() {
    let rules = rules("actors:\n  - {kind: user, claim: act.sub}\n  - {kind: user, json: account.owners.1.login}\n");
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(r#"{"act":{"sub":"kim"}}"#);
    let head = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256"}"#);
    let token = with_headers(&[("authorization", format!("Bearer {head}.{payload}.c2ln"))]);
    assert_eq!(rules.name(&token, &key()), Some(Named::User("kim".to_owned())));
    let mut body = with_headers(&[]);
    body.request_body = Some(br#"{"account":{"owners":[{"login":"a"},{"login":"lee"}]}}"#.as_slice().into());
    assert_eq!(rules.name(&body, &key()), Some(Named::User("lee".to_owned())));
}

#[test]
fn a_whole_credential_is_not_shown() {
    let rules = rules("actors:\n  - {kind: client, header: x-api-key}\n");
    let named = rules.name(&with_headers(&[("x-api-key", "k3y-7f9a2b8c4d1e".to_owned())]), &key());
    assert_eq!(named, Some(Named::Client(format!("{:016x}", key().hash(b"k3y-7f9a2b8c4d1e")))));
}

#[test]
fn mistakes_are_all_told_with_their_place() {
    let yaml = "actors:\n  - kind: user\n  - kind: user\n    header: a\n    cookie: b\n  - kind: user\n    header: c\n    steps: [{regex: '('}]\n";
    let wrong = Extractors::read("identity.yaml", yaml).expect_err("mistakes");
    let told: Vec<(usize, &str)> = wrong.iter().map(|one| (one.line, one.message.as_str())).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(told[0], (2, "a rule that does not say where to take it from"));
    assert_eq!(told[1], (3, "a rule that takes from more than one place"));
    assert!(told[2].1.starts_with("the regular expression is not readable"), "{told:?}");
    let unknown = Extractors::read("identity.yaml", "actors:\n  - {kind: robot, header: a}\n").expect_err("kind");
    assert_eq!((unknown[0].line, unknown.len()), (2, 1));
}

#[test]
fn hostile_texts_name_nobody() {
    let rules = rules("actors:\n  - {kind: user, header: x-user}\n  - {kind: user, json: a.0.b}\n");
    for text in ["", "  ", "\u{0}", &"x".repeat(5_000), "<redacted>"] {
        assert_eq!(rules.name(&with_headers(&[("x-user", text.to_owned())]), &key()), None, "{text:?}");
    }
    let mut deep = with_headers(&[]);
    deep.request_body = Some("[".repeat(100_000).into_bytes().into());
    assert_eq!(rules.name(&deep, &key()), None);
}
