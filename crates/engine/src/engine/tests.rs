//! What the engine learns from small traffic, end to end.

use std::borrow::Cow;
use std::sync::Arc;

use proptest::prelude::*;
use vedette_model::hash::HashKey;
use vedette_model::results::Results;
use vedette_model::{Exchange, Timestamp};
use vedette_parse::classes::Classifier;

use super::Engine;

fn engine() -> Engine {
    Engine::new(Arc::new(Classifier::builtin()), HashKey::default())
}

/// `METHOD /path STATUS [response body]`.
fn exchange(line: &str, second: i64) -> Exchange<'_> {
    let mut words = line.splitn(4, ' ');
    let mut next = || words.next().unwrap_or_default();
    let (method, target, status, body) = (next(), next(), next(), next());
    let (path, query) = target.split_once('?').map_or((target, None), |(p, q)| (p, Some(q)));
    Exchange {
        at: Some(Timestamp::from_secs(1_790_000_000 + second)),
        client_ip: Some([203, 0, 113, (second % 9) as u8].into()),
        host: Some("api.example.com".into()),
        method: method.into(),
        path: path.into(),
        query: query.map(Into::into),
        status: status.parse().unwrap(),
        response_body: (!body.is_empty()).then_some(Cow::Borrowed(body.as_bytes())),
        ..Exchange::default()
    }
}

fn learn(lines: &[String]) -> Engine {
    let mut engine = engine();
    for (number, line) in (0u32..).zip(lines) {
        engine.observe(&exchange(line, i64::from(number)), (0, u64::from(number)));
    }
    engine
}

fn templates(lines: &[String]) -> Vec<String> {
    let results = learn(lines).conclude(Vec::new());
    let mut found: Vec<String> = results.endpoints.iter().map(|e| format!("{} {}", e.method, e.template)).collect();
    found.sort();
    found
}

fn lines(patterns: &[&str], values: &[&str]) -> Vec<String> {
    values.iter().flat_map(|value| patterns.iter().map(move |p| p.replace("{}", value))).collect()
}

#[test]
fn ids_are_parameters_and_words_beside_them_stay() {
    let mut traffic = lines(
        &[
            "GET /v2/users/{} 200",
            "GET /v2/users/{}/orders 200",
            "DELETE /v2/users/{} 204",
            "GET /v2/users/{}.json 200",
        ],
        &["17", "18", "2041"],
    );
    traffic.extend(lines(&["GET /v2/{} 200"], &["users/me", "users/search", "teams", "users"]));
    traffic.extend(lines(&["POST /v2/jobs/{}:cancel 200"], &["a0de932128a4", "b1ff932128a5"]));
    assert_eq!(
        templates(&traffic),
        [
            "DELETE /v2/users/{userId}",
            "GET /v2/teams",
            "GET /v2/users",
            "GET /v2/users/me",
            "GET /v2/users/search",
            "GET /v2/users/{userId}",
            "GET /v2/users/{userId}.json",
            "GET /v2/users/{userId}/orders",
            "POST /v2/jobs/{jobId}:cancel",
        ]
    );
}

#[test]
fn slugs_are_known_by_the_bodies_that_hand_them_out() {
    let names = ["lantern", "harbor-lamp", "anchor", "compass-rose"];
    let items: Vec<String> = names.iter().map(|n| format!(r#"{{"slug":"{n}","price":7}}"#)).collect();
    let mut traffic = vec![format!("GET /products 200 [{}]", items.join(","))];
    for name in names {
        traffic.push(format!(r#"GET /products/{name} 200 {{"slug":"{name}","price":7}}"#));
    }
    traffic.push(r#"GET /products/search 200 {"hits":3}"#.to_owned());
    assert_eq!(templates(&traffic), ["GET /products", "GET /products/search", "GET /products/{product}"]);
}

#[test]
fn sibling_collections_are_not_one_parameter() {
    let mut traffic = Vec::new();
    for collection in ["users", "teams", "invoices", "products", "orders", "carriers"] {
        traffic.push(format!(r#"GET /v1/{collection} 200 {{"data":[],"next":null}}"#));
        traffic.push(format!(r#"GET /v1/{collection}/7 200 {{"data":{{"id":7}},"next":null}}"#));
        traffic.push(format!("DELETE /v1/{collection}/8 204"));
    }
    assert_eq!(templates(&traffic).len(), 18);
}

#[test]
fn two_free_segments_are_two_parameters() {
    let mut traffic = Vec::new();
    for owner in ["rosa", "miko", "lund", "tarek", "ines"] {
        for repo in ["lamp", "harbor", "tide-table"] {
            let body = format!(r#"{{"name":"{repo}","owner":{{"login":"{owner}"}}}}"#);
            traffic.push(format!("GET /repos/{owner}/{repo} 200 {body}"));
            traffic.push(format!(r#"GET /repos/{owner}/{repo}/issues 200 [{{"title":"x","state":"open"}}]"#));
        }
    }
    assert_eq!(templates(&traffic), ["GET /repos/{repo}/{name}", "GET /repos/{repo}/{name}/issues"]);
}

#[test]
fn what_only_met_404_is_no_endpoint_but_is_counted_where_it_fits() {
    let traffic =
        ["GET /wp-login.php 404", "GET /orders/9 404", "GET /orders/1 200", "GET /orders/2 200", "PUT /orders/1 405"]
            .map(str::to_owned);
    let results = learn(&traffic).conclude(Vec::new());
    let [orders] = results.endpoints.as_slice() else { panic!("one endpoint, not {:?}", templates(&traffic)) };
    assert_eq!(orders.template, "/orders/{orderId}");
    assert_eq!(orders.statuses.get("404"), Some(&1));
    assert_eq!(results.stats.unrouted, 2);
    assert_eq!(results.stats.exchanges, 5);
}

#[test]
fn an_attacker_cannot_grow_the_tree() {
    let traffic: Vec<String> = (0..5_000).map(|n| format!("GET /search/w{}x 200", n_as_word(n))).collect();
    let results = learn(&traffic).conclude(Vec::new());
    assert!(results.endpoints.len() <= 512, "{} endpoints", results.endpoints.len());
    assert_eq!(results.endpoints.iter().map(|e| e.exchanges).sum::<u64>(), 5_000);
}

fn n_as_word(n: usize) -> String {
    [n / 676 % 26, n / 26 % 26, n % 26].iter().map(|d| char::from(b'a' + *d as u8)).collect()
}

#[test]
fn hostile_exchanges_are_counted() {
    let long = format!("/{}", "a/".repeat(50_000));
    for path in ["", "*", "/", "//", "/%", "/%ff%fe", "/{}/{x}", long.as_str(), "example.com:443", "/a\u{0}b"] {
        let mut engine = engine();
        let odd = Exchange { method: "GE T".into(), path: path.into(), status: 65_535, ..Exchange::default() };
        engine.observe(&odd, (0, 0));
        assert_eq!(engine.conclude(Vec::new()).stats.exchanges, 1, "{path:.20}");
    }
}

/// What must not depend on how exchanges were dealt to shards.
fn facts(results: &Results) -> Vec<(String, String, u64, u64, usize)> {
    let mut facts: Vec<_> = results
        .endpoints
        .iter()
        .map(|e| (e.id.clone(), e.template.clone(), e.exchanges, e.actors, e.fields.len()))
        .collect();
    facts.sort();
    facts
}

fn any_line() -> impl Strategy<Value = String> {
    let segment = prop_oneof!["[a-c]{1,3}", "[0-9]{1,4}", Just("users".to_owned()), Just("v1".to_owned())];
    let path = proptest::collection::vec(segment, 0..4).prop_map(|s| format!("/{}", s.join("/")));
    let status = prop_oneof![Just(200), Just(404), Just(500)];
    let body = prop_oneof![Just(String::new()), "[a-c]{1,3}".prop_map(|v| format!(r#"{{"id":"{v}","n":1}}"#))];
    (prop_oneof![Just("GET"), Just("POST")], path, status, body).prop_map(|(m, p, s, b)| format!("{m} {p} {s} {b}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn shards_add_up_in_any_order(traffic in proptest::collection::vec(any_line(), 0..60), cut in 0usize..60) {
        // Strays are matched when everything is known, except where a shard had already learned the place.
        let traffic: Vec<String> = traffic.into_iter().filter(|l| !l.contains(" 404 ")).collect();
        let (left, right) = traffic.split_at(cut.min(traffic.len()));
        let mut one = learn(left);
        one.merge(learn(right));
        let mut other = learn(right);
        other.merge(learn(left));
        let (one, other) = (one.conclude(Vec::new()), other.conclude(Vec::new()));
        prop_assert_eq!(facts(&one), facts(&other));
        prop_assert_eq!(one.stats.exchanges, traffic.len() as u64);
    }
}
