use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use vedette_model::hash::HashKey;
use vedette_model::results::{Endpoint, Results};
use vedette_model::{Exchange, Headers};
use vedette_parse::classes::Classifier;
use vedette_parse::spec::{self, Spec};

use super::tally::rank;
use super::*;
use crate::Engine;

static CLASSIFIER: LazyLock<Arc<Classifier>> = LazyLock::new(|| Arc::new(Classifier::builtin()));

const SHOP: &str = r##"
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: https://shop.example/v1}]
security: [{token: []}]
paths:
  /orders:
    get:
      parameters:
        - {name: page, in: query, schema: {type: integer}}
        - {name: since, in: query, required: true, schema: {type: string}}
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Orders"}}}}
  /orders/{orderId}:
    parameters: [{name: orderId, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: ok}}}
    delete: {deprecated: true, responses: {"204": {description: gone}}}
  /files/{name}.{ext}:
    parameters:
      - {name: name, in: path, required: true, schema: {type: string}}
      - {name: ext, in: path, required: true, schema: {type: string}}
    get: {security: [], responses: {"200": {description: ok}}}
components:
  securitySchemes: {token: {type: http, scheme: bearer}}
  schemas:
    Orders: {type: object, required: [items], properties: {items: {type: array, items: {$ref: "#/components/schemas/Order"}}}}
    Order: {type: object, properties: {price: {type: number}, state: {enum: [open, paid]}}}
"##;

fn shop() -> Spec {
    spec::read("shop.yaml", SHOP, &mut |_| Err(String::new())).unwrap()
}

fn call<'a>(method: &'a str, path: &'a str, query: &'a str, status: u16, body: &'a str) -> Exchange<'a> {
    let mut exchange = Exchange {
        host: Some(Cow::Borrowed("shop.example")),
        method: Cow::Borrowed(method),
        path: Cow::Borrowed(path),
        query: (!query.is_empty()).then_some(Cow::Borrowed(query)),
        status,
        has_headers: true,
        response_body: (!body.is_empty()).then_some(Cow::Borrowed(body.as_bytes())),
        ..Exchange::default()
    };
    exchange.request_headers.push("authorization", "Bearer abcdefghijklmnop");
    exchange.response_headers.push("content-type", "application/json");
    exchange
}

fn learn<'a>(exchanges: impl IntoIterator<Item = Exchange<'a>>) -> Results {
    let contract = Arc::new(Contract::new(vec![shop()]));
    let mut engine = Engine::new(Arc::clone(&CLASSIFIER), HashKey::default()).with_contract(contract);
    for (number, exchange) in (0..).zip(exchanges) {
        engine.observe(&exchange, (0, number));
    }
    engine.conclude(Vec::new())
}

fn endpoint<'r>(results: &'r Results, method: &str, template: &str) -> &'r Endpoint {
    let found = results.endpoints.iter().find(|one| one.method == method && one.template == template);
    found.unwrap_or_else(|| {
        panic!("no {method} {template} in {:?}", results.endpoints.iter().map(|e| &e.template).collect::<Vec<_>>())
    })
}

#[test]
fn declared_templates_win_over_learned_ones() {
    let results = learn([
        call("GET", "/v1/orders/7", "", 200, "{}"),
        call("GET", "/v1/orders/export", "", 200, "{}"),
        call("GET", "/v1/orders/8/items", "", 200, "{}"),
        call("GET", "/v1/files/a.txt", "", 200, ""),
    ]);
    assert!(endpoint(&results, "GET", "/v1/orders/{orderId}").operation.is_some());
    // The id is an integer: a word beside it is another endpoint.
    assert!(endpoint(&results, "GET", "/v1/orders/export").operation.is_none());
    assert!(endpoint(&results, "GET", "/v1/orders/{orderId}/items").operation.is_none());
    assert!(endpoint(&results, "GET", "/v1/files/{name}.{ext}").operation.is_some());
    let shadows = results.findings.iter().filter(|finding| finding.kind == "shadow-endpoint").count();
    assert_eq!(shadows, 2);
}

#[test]
fn templates_of_the_user_win_over_specified_and_learned_ones() {
    let given = vedette_parse::templates::read(
        "templates.txt",
        "/v1/orders/{number}\n/v1/teams/red\n/v1/teams/{team}\nelsewhere.example /v1/files/{file}\n",
    );
    let contract = Arc::new(Contract::new(vec![shop()]).with_templates(given.unwrap()));
    let words = ["blue", "green", "black", "white", "amber", "ocher", "olive"];
    let paths: Vec<String> = words.iter().map(|word| format!("/v1/teams/{word}")).collect();
    let mut exchanges: Vec<Exchange> = paths.iter().map(|path| call("GET", path, "", 200, "{}")).collect();
    exchanges.extend([
        call("GET", "/v1/teams/red", "", 200, "{}"),
        call("GET", "/v1/orders/7", "", 200, "{}"),
        call("GET", "/v1/orders/export", "", 200, "{}"),
        call("GET", "/v1/files/a.txt", "", 200, ""),
    ]);
    let learned = |exchanges: &[Exchange]| {
        let mut engine = Engine::new(Arc::clone(&CLASSIFIER), HashKey::default()).with_contract(Arc::clone(&contract));
        for (number, exchange) in (0..).zip(exchanges) {
            engine.observe(exchange, (0, number));
        }
        engine
    };
    let mut halves = learned(&exchanges[..5]);
    halves.merge(learned(&exchanges[5..]));
    let results = halves.conclude(Vec::new());
    let mut templates: Vec<&str> = results.endpoints.iter().map(|one| one.template.as_str()).collect();
    templates.sort_unstable();
    assert_eq!(templates, ["/v1/files/{name}.{ext}", "/v1/orders/{number}", "/v1/teams/red", "/v1/teams/{team}"]);
    let orders = endpoint(&results, "GET", "/v1/orders/{number}");
    assert_eq!(orders.exchanges, 2);
    assert!(orders.template_reasons[0].contains("you gave this template"), "{:?}", orders.template_reasons);
}

#[test]
fn declared_words_are_no_values_however_alike_they_are() {
    let mut document = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n".to_owned();
    let words = ["amber", "black", "blue", "green", "ocher", "olive", "red", "white"];
    for word in words {
        document.push_str(&["  /teams/", word, ": {get: {responses: {'200': {description: ok}}}}\n"].concat());
    }
    let spec = spec::read("teams.yaml", &document, &mut |_| Err(String::new())).unwrap();
    let contract = Arc::new(Contract::new(vec![spec]));
    let mut engine = Engine::new(Arc::clone(&CLASSIFIER), HashKey::default()).with_contract(contract);
    let paths = words.map(|word| format!("/teams/{word}"));
    let body = paths.clone().map(|path| format!(r#"{{"name": "{}"}}"#, path.trim_start_matches("/teams/")));
    for (number, (path, body)) in (0..).zip(paths.iter().zip(&body)) {
        engine.observe(&call("GET", path, "", 200, body), (0, number));
    }
    assert_eq!(engine.conclude(Vec::new()).endpoints.len(), words.len());
}

#[test]
fn a_pattern_in_another_dialect_costs_only_itself_and_is_named() {
    let document = r#"
openapi: 3.1.0
info: {title: T, version: "1"}
paths:
  /names/{name}:
    get:
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema: {type: object, properties: {host: {type: string, pattern: '(?<n'}, size: {type: integer}}}
"#;
    let spec = spec::read("names.yaml", document, &mut |_| Err(String::new())).unwrap();
    let mut engine =
        Engine::new(Arc::clone(&CLASSIFIER), HashKey::default()).with_contract(Arc::new(Contract::new(vec![spec])));
    engine.observe(&call("GET", "/names/a", "", 200, r#"{"host": "x", "size": "large"}"#), (0, 0));
    let results = engine.conclude(Vec::new());
    let operation = endpoint(&results, "GET", "/names/{name}").operation.clone().unwrap();
    let told: Vec<&str> = operation.violations.iter().map(|one| one.place.as_str()).collect();
    assert_eq!(told, ["response.200.body.$.size"]);
    assert_eq!(results.specs[0].problems, ["names.yaml: the pattern (?<n cannot be used"]);
}

#[test]
fn differences_are_told_with_their_exchanges_and_without_values() {
    let good = r#"{"items": [{"price": 1.5, "state": "open"}]}"#;
    let bad = r#"{"items": [{"price": "much", "state": "lost", "secret": 1}]}"#;
    let mut anonymous = call("GET", "/v1/orders", "since=x", 200, good);
    anonymous.request_headers = Headers::default();
    let results = learn([
        call("GET", "/v1/orders", "since=x&page=2", 200, good),
        call("GET", "/v1/orders", "since=x&page=two&debug=1", 200, bad),
        call("GET", "/v1/orders", "", 202, good),
        call("GET", "/v1/orders", "page=zero", 400, ""),
        anonymous,
    ]);
    let operation = endpoint(&results, "GET", "/v1/orders").operation.clone().unwrap();
    assert_eq!((operation.checked, operation.line), (5, Some(8)));
    assert!((operation.conforming - 0.2).abs() < 1e-9, "{operation:?}");
    let told: Vec<String> =
        operation.violations.iter().map(|one| format!("{} {}: {}", one.kind, one.place, one.text)).collect();
    let mut sorted = told.clone();
    sorted.sort();
    assert_eq!(
        sorted,
        [
            "invalid-parameter request.query.page: integer expected, string found",
            "invalid-response response.200.body.$.items[].price: number expected, string found",
            "invalid-response response.200.body.$.items[].state: not one of the 2 values declared",
            "missing-authentication request.header.authorization: token declared, the call carried no credential and \
             succeeded",
            "missing-parameter request.query.since: it is required",
            "undocumented-field response.200.body.$.items[].secret: no schema names it",
            "undocumented-parameter request.query.debug: the operation has no such parameter",
            "undocumented-status response.202: the operation declares no such answer",
            "undocumented-status response.400: the operation declares no such answer",
        ]
    );
    let debug = operation.violations.iter().find(|one| one.kind == "undocumented-parameter").unwrap();
    assert_eq!(debug.evidence[0].exchange, 1);
    let spec = &results.specs[0];
    assert_eq!((spec.operations, spec.observed), (4, 1));
    assert_eq!(results.services[0].orphans.len(), 3);
}

#[test]
fn a_recording_without_credentials_shows_no_missing_ones() {
    let mut anonymous = call("GET", "/v1/orders/7", "", 200, "");
    anonymous.request_headers = Headers::default();
    let results = learn([anonymous]);
    let operation = endpoint(&results, "GET", "/v1/orders/{orderId}").operation.clone().unwrap();
    assert!(operation.violations.is_empty() && (operation.conforming - 1.0).abs() < 1e-9);
}

proptest! {
    #[test]
    fn samples_merge_to_the_sample_of_the_whole(records in prop::collection::vec((0_u64..4_000, 0_usize..4), 1..400), cut in 0_usize..400) {
        let broken = |at: usize| judge::Broken { kind: kind::ViolationKind::InvalidResponse, place: format!("p{at}").into(), text: "t".into() };
        let mut records = records;
        records.sort_unstable();
        records.dedup_by_key(|(record, _)| *record);
        let take = |records: &[(u64, usize)]| {
            let mut tally = Conformance::default();
            for &(record, at) in records {
                let rank = rank((0, record));
                if tally.wants(rank) {
                    tally.take(rank, if at == 0 { Vec::new() } else { vec![broken(at)] }, (0, record));
                }
            }
            tally
        };
        let whole = take(&records);
        let (first, second) = records.split_at(cut.min(records.len()));
        let mut merged = take(first);
        merged.merge(take(second));
        prop_assert_eq!(merged.checked(), whole.checked());
        prop_assert_eq!(merged.conforming(|_| false), whole.conforming(|_| false));
        let places = |tally: &Conformance| {
            let mut all: Vec<_> = tally.violations.iter().enumerate().map(|(at, one)| (one.place.clone(), tally.with(at))).collect();
            all.retain(|(_, places)| !places.is_empty());
            all.sort();
            all
        };
        prop_assert_eq!(places(&merged), places(&whole));
    }
}
