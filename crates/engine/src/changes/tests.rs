//! Pairs of small results, as JSON that is laid over an empty one.

use serde_json::{Value, json};
use vedette_model::Timestamp;

use super::*;

/// Lays `over` over `base`, object by object.
fn lay(base: &mut Value, over: &Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                lay(base.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (base, over) => *base = over.clone(),
    }
}

fn filled<T: Default + serde::Serialize + serde::de::DeserializeOwned>(over: &Value) -> T {
    let mut value = serde_json::to_value(T::default()).unwrap();
    lay(&mut value, over);
    serde_json::from_value(value).unwrap()
}

/// An endpoint of the shop that is known well; its id follows from method and template.
fn endpoint(method: &str, template: &str, over: &Value) -> Endpoint {
    let mut base = json!({
        "service": "shop", "method": method, "template": template, "exchanges": 100, "exposure": "public",
        "first_seen": "2026-01-01T00:00:00Z", "last_seen": "2026-01-02T00:00:00Z", "statuses": {"200": 100},
    });
    base["id"] = json!(crate::conclude::id(&[method, template]));
    lay(&mut base, over);
    filled(&base)
}

fn results(endpoints: Vec<Endpoint>) -> Results {
    let service = filled(&json!({
        "name": "shop", "exposure": "public", "endpoints": endpoints.len(), "versions": ["v1"],
        "first_seen": "2026-01-01T00:00:00Z",
    }));
    Results { endpoints, services: vec![service], ..Results::default() }
}

/// `kind: text` of each change.
fn told(before: &Results, after: &Results) -> Vec<String> {
    let kind = |change: &Change| serde_json::to_value(change.kind).unwrap().as_str().unwrap().to_owned();
    between(before, after).iter().map(|change| format!("{}: {}", kind(change), change.text)).collect()
}

fn field(side: &str, location: &str, name: &str, class: &str) -> Value {
    let classes = if class.is_empty() {
        json!([])
    } else {
        json!([{"class": class, "level": "personal", "confidence": 1.0, "share": 1.0, "excerpt": "", "exchange": null}])
    };
    lay_field(&json!({"side": side, "in": location, "name": name, "classes": classes}))
}

fn lay_field(over: &Value) -> Value {
    let mut value = serde_json::to_value(vedette_model::results::Field::default()).unwrap();
    lay(&mut value, over);
    value
}

#[test]
fn each_difference_of_an_endpoint_is_told_in_a_sentence() {
    let details = |scheme: &str, successes: u64| {
        let mut value = serde_json::to_value(vedette_model::results::Authentication::default()).unwrap();
        lay(&mut value, &json!({"scheme": scheme, "exchanges": successes, "successes": successes}));
        value
    };
    let reason = |factor: &str, text: &str| json!({"factor": factor, "points": 9.0, "text": text});
    let cases: Vec<(&str, Value, Value, &[&str])> = vec![
        ("nothing", json!({}), json!({"exchanges": 900}), &[]),
        (
            "anonymous access",
            json!({"authentication": ["jwt"], "authentication_details": [details("jwt", 100)]}),
            json!({"authentication": ["jwt", "none"], "authentication_details": [details("jwt", 100), details("none", 1)]}),
            &["anonymous-access: GET /v1/users answered a call without any credential; until now callers had jwt."],
        ),
        (
            "refused calls without a credential are no access",
            json!({"authentication": ["jwt"], "authentication_details": [details("jwt", 100)]}),
            json!({"authentication": ["jwt", "none"], "authentication_details": [details("jwt", 100), details("none", 0)]}),
            &[],
        ),
        (
            "another scheme",
            json!({"authentication": ["jwt"]}),
            json!({"authentication": ["basic", "jwt"]}),
            &["new-authentication: GET /v1/users is called with basic, and was with jwt."],
        ),
        (
            "a scheme less",
            json!({"authentication": ["basic", "jwt"]}),
            json!({"authentication": ["jwt"]}),
            &["authentication-gone: GET /v1/users is not called with basic any more, but with jwt."],
        ),
        (
            "exposure",
            json!({"exposure": "internal"}),
            json!({}),
            &["exposure-changed: GET /v1/users was internal and is public now."],
        ),
        (
            "risk",
            json!({"risk": {"score": 38, "reasons": [reason("write", "It changes things.")]}}),
            json!({"risk": {"score": 62, "reasons": [reason("write", "It changes things."), reason("open", "Nobody has to log in.")]}}),
            &["risk-changed: The risk of GET /v1/users rose from low (38) to high (62): Nobody has to log in."],
        ),
        ("risk within its band", json!({"risk": {"score": 61}}), json!({"risk": {"score": 79}}), &[]),
        (
            "unused, then used",
            json!({}),
            json!({"last_seen": "2026-03-01T00:00:00Z"}),
            &["endpoint-back: GET /v1/users is in use again after 58 days."],
        ),
        (
            "server errors",
            json!({}),
            json!({"statuses": {"200": 100, "500": 1, "503": 2}}),
            &["new-status-class: GET /v1/users answers with 500 and 503 for the first time."],
        ),
        (
            "fields and classes",
            json!({"fields": [field("request", "query", "page", "")]}),
            json!({
                "fields": [field("request", "query", "page", ""), field("request", "query", "role", ""), field("request", "path", "userId", ""),
                    field("request", "body", "$.note", ""), field("response", "body", "$.email", "email")],
                "data_classes": {"request": [], "response": ["email"]},
            }),
            &[
                "new-data-class: GET /v1/users returns email in $.email.",
                "new-parameter: Callers of GET /v1/users send a query parameter role.",
                "new-field: Answers of GET /v1/users have a field $.email.",
                "new-field: Callers of GET /v1/users send a field $.note.",
            ],
        ),
        (
            "properties that became entries of a map",
            json!({"fields": [field("response", "body", "$.prices.EUR", "")]}),
            json!({"fields": [field("response", "body", "$.prices.*", "")]}),
            &[],
        ),
        (
            "what is still being learned is no news",
            json!({"exchanges": 19}),
            json!({"fields": [field("response", "body", "$.email", "email")], "data_classes": {"request": [], "response": ["email"]}, "statuses": {"200": 20, "404": 1}}),
            &[],
        ),
        (
            "an MCP tool that says something else",
            json!({"protocol": {"path": "/v1/users", "operation": null, "mcp": {"description_hash": "1", "description_bytes": 1, "input_schema": null, "output_schema": null, "changes": []}}}),
            json!({"protocol": {"path": "/v1/users", "operation": null, "mcp": {"description_hash": "2", "description_bytes": 1, "input_schema": null, "output_schema": null,
                "changes": [{"at": null, "source": 0, "exchange": 7, "changed": ["description"], "description_hash": "2"}]}}}),
            &["declaration-changed: GET /v1/users is declared with another description than before."],
        ),
    ];
    for (name, before, after, expected) in cases {
        let [before, after] = [before, after].map(|over| results(vec![endpoint("GET", "/v1/users", &over)]));
        assert_eq!(told(&before, &after), expected, "{name}");
        assert_eq!(told(&after, &after), [] as [&str; 0], "{name}: nothing changes between a state and itself");
    }
}

#[test]
fn what_appears_is_told_once_and_at_its_first_exchange() {
    let before = results(vec![endpoint("GET", "/v1/users", &json!({}))]);
    let new = json!({"authentication": ["none"], "first_seen": "2026-01-05T00:00:00Z"});
    let mut after = results(vec![endpoint("GET", "/v1/users", &json!({})), endpoint("POST", "/v2/users", &new)]);
    after.services[0].versions.push("v2".to_owned());
    let other = json!({"name": "accounts", "exposure": "internal", "endpoints": 1});
    after.services.push(filled(&other));
    after.endpoints.push(endpoint("GET", "/login", &json!({"service": "accounts"})));
    assert_eq!(
        told(&before, &after),
        [
            "new-service: The service accounts appeared, internal and with 1 endpoint.",
            "new-endpoint: POST /v2/users appeared in shop, public, called without authentication.",
            "new-version: The service shop has a version v2 beside v1.",
        ]
    );
    let changes = between(&before, &after);
    let at = changes.iter().find(|change| change.kind == ChangeKind::NewEndpoint).unwrap().at;
    assert_eq!(at, Some(Timestamp::from_civil(2026, 1, 5, 0, 0, 0, 0)));
}

#[test]
fn paths_that_became_one_template_are_not_new_endpoints() {
    let product = |name: &str| {
        endpoint("GET", &format!("/products/{name}"), &json!({"fields": [field("response", "body", "$.price", "")]}))
    };
    let before = results(vec![product("anchor"), product("lantern"), product("search")]);
    let merged = json!({"fields": [field("response", "body", "$.price", "")]});
    let after = results(vec![endpoint("GET", "/products/{product}", &merged), product("search")]);
    assert_eq!(
        told(&before, &after),
        [
            "endpoints-merged: 2 paths turned out to be values of GET /products/{product}: GET /products/anchor and GET /products/lantern."
        ]
    );
}

#[test]
fn an_exposure_that_changes_with_its_service_is_told_there() {
    let inside = json!({"exposure": "internal"});
    let mut before = results(vec![endpoint("GET", "/a", &inside), endpoint("GET", "/b", &inside)]);
    before.services[0].exposure = "internal".to_owned();
    let after = results(vec![endpoint("GET", "/a", &json!({})), endpoint("GET", "/b", &inside)]);
    assert_eq!(told(&before, &after), ["exposure-changed: The service shop was internal and is public now."]);
}

#[test]
fn findings_come_and_go() {
    let finding = |id: &str, title: &str| -> Finding {
        filled(
            &json!({"id": id, "kind": id, "service": "shop", "place": "GET /v1/users", "title": title, "severity": "high"}),
        )
    };
    let mut before = results(Vec::new());
    before.findings = vec![finding("1", "Token in the URL"), finding("2", "No rate limit")];
    let mut after = results(Vec::new());
    after.findings = vec![finding("2", "No rate limit"), finding("3", "Open to everybody")];
    assert_eq!(
        told(&before, &after),
        [
            "finding-appeared: Found at GET /v1/users: Open to everybody (high).",
            "finding-gone: Not found any more at GET /v1/users: Token in the URL.",
        ]
    );
}

#[test]
fn a_finding_goes_with_the_path_that_it_is_at() {
    let at = |endpoint: &Endpoint, id: &str| -> Finding {
        filled(
            &json!({"id": id, "kind": "token-in-url", "service": "shop", "endpoint": endpoint.id, "place": endpoint.template, "title": "Token in the URL"}),
        )
    };
    let mut before = results(vec![endpoint("GET", "/products/anchor", &json!({}))]);
    before.findings = vec![at(&before.endpoints[0], "1")];
    let mut after = results(vec![endpoint("GET", "/products/{product}", &json!({}))]);
    after.findings = vec![at(&after.endpoints[0], "2")];
    assert_eq!(
        told(&before, &after),
        ["endpoints-merged: GET /products/anchor turned out to be GET /products/{product}."]
    );
}

#[test]
fn the_list_is_bounded_and_says_what_it_leaves_out() {
    let before = results(Vec::new());
    let endpoints = (0..CHANGES_MAX + 7).map(|n| endpoint("GET", &format!("/a{n}"), &json!({}))).collect();
    let changes = between(&before, &results(endpoints));
    assert_eq!(changes.len(), CHANGES_MAX + 1);
    let last = changes.last().unwrap();
    assert_eq!((last.kind, last.text.as_str()), (ChangeKind::More, "And 7 more changes."));
}
