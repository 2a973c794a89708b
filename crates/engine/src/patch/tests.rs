use std::sync::Arc;

use vedette_model::Exchange;
use vedette_model::hash::HashKey;
use vedette_parse::classes::Classifier;

use super::*;
use crate::Engine;
use crate::conformance::Contract;

const SPEC: &str = "\
# Our shop.
openapi: 3.1.0
info: {title: Shop, version: '1'}
servers:
  - url: https://shop.example/v1
paths:
  # Everything about orders.
  /orders:
    get:
      parameters:
        - name: page   # from 1
          in: query
          schema: {type: integer}
      responses:
        '200':
          description: all
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Order'}

    # Creating is for staff.
    post: {responses: {'201': {description: made}}}
components:
  schemas:
    Order:
      type: object
      properties:
        id: {type: integer}
        # The end.
";

fn call<'a>(method: &'a str, path: &'a str, query: Option<&'a str>, status: u16, body: &'a str) -> Exchange<'a> {
    let mut exchange = Exchange {
        host: Some("shop.example".into()),
        method: method.into(),
        path: path.into(),
        query: query.map(Into::into),
        status,
        has_headers: true,
        response_body: Some(body.as_bytes().into()),
        ..Exchange::default()
    };
    exchange.response_headers.push("content-type", "application/json");
    exchange
}

fn learned(spec: &Spec, text: &str) -> Results {
    let again = spec::read(&spec.file, text, &mut |_| Err(String::new())).unwrap();
    let contract = Arc::new(Contract::new(vec![again]));
    let mut engine = Engine::new(Arc::new(Classifier::builtin()), HashKey::default()).with_contract(contract);
    let exchanges = [
        call("GET", "/v1/orders", Some("page=1&sort=up"), 200, r#"{"id": 1, "note": "x"}"#),
        call("GET", "/v1/orders", None, 202, r#"{"id": 1}"#),
        call("PUT", "/v1/orders", None, 200, "{}"),
        call("GET", "/v1/carts/7", None, 200, r#"{"total": 1}"#),
        call("POST", "/v1/orders", Some("x=1"), 201, ""),
    ];
    for (number, exchange) in (0..).zip(&exchanges) {
        engine.observe(exchange, (0, number));
    }
    engine.conclude(Vec::new())
}

#[test]
fn a_patch_adds_lines_only_and_makes_the_traffic_conform() {
    let spec = spec::read("shop.yaml", SPEC, &mut |_| Err(String::new())).unwrap();
    let results = learned(&spec, SPEC);
    let patch = patch(&results, &spec, SPEC).unwrap();
    assert_eq!(patch.added.len(), 5, "{patch:#?}");
    assert_eq!(patch.skipped, ["POST /v1/orders: query parameter 'x': it is written in flow style"]);
    let kept = SPEC.lines().all(|line| patch.text.lines().any(|other| other == line));
    assert!(kept && patch.diff.lines().skip(2).all(|line| !line.starts_with('-')), "{}", patch.diff);
    assert!(patch.text.contains("        - in: query\n          name: sort\n"), "{}", patch.text);
    let again = learned(&spec, &patch.text);
    let left: Vec<_> =
        again.endpoints.iter().filter_map(|one| one.operation.as_ref()).flat_map(|one| &one.violations).collect();
    assert_eq!(left.len(), 1, "{left:#?}");
    let undeclared: Vec<_> = again.endpoints.iter().filter(|one| one.operation.is_none()).collect();
    assert!(undeclared.is_empty(), "{undeclared:#?} {}", patch.text);
}

#[test]
fn json_and_other_dialects_are_refused() {
    let text = r#"{"openapi": "3.1.0", "paths": {}}"#;
    let spec = spec::read("s.json", text, &mut |_| Err(String::new())).unwrap();
    assert!(patch(&Results::default(), &spec, text).unwrap_err().contains("JSON"));
}
