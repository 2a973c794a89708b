use std::sync::LazyLock;

use vedette_model::results::{self, Sample, Service};
use vedette_parse::classes::Classifier;

use super::*;

static CLASSIFIER: LazyLock<Classifier> = LazyLock::new(Classifier::builtin);

fn gateway(text: &str) -> Gateway {
    let files = [("gateway.conf".to_owned(), text.to_owned())];
    let (mut gateways, problems) =
        vedette_parse::gateway::read(&files, &CLASSIFIER, &mut |_, _| Err("none".to_owned()));
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(gateways.len(), 1, "{text}");
    gateways.remove(0)
}

fn kinds(text: &str) -> Vec<String> {
    let findings = judge(&gateway(text));
    for finding in &findings {
        assert!(finding.evidence.iter().all(|one| one.line.is_some_and(|line| line > 0)), "{finding:?}");
        assert!(finding.explanation.ends_with('.') && !finding.fix.is_empty(), "{finding:?}");
    }
    findings.into_iter().map(|finding| finding.kind).collect()
}

#[test]
fn every_rule_is_broken_by_its_bad_examples_and_not_by_its_good_ones() {
    for rule in RULES {
        assert!(!rule.bad.is_empty() && !rule.good.is_empty(), "{}", rule.meta.id);
        for text in rule.bad {
            assert!(kinds(text).iter().any(|kind| kind == rule.meta.id), "{} passes: {text}", rule.meta.id);
        }
        for text in rule.good {
            assert!(!kinds(text).iter().any(|kind| kind == rule.meta.id), "{} fails: {text}", rule.meta.id);
        }
    }
}

#[test]
fn ids_are_unique_and_the_worst_come_first() {
    let mut ids: Vec<&str> = metas().map(|meta| meta.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), RULES.len() + 2);
    assert!(RULES.is_sorted_by_key(|rule| std::cmp::Reverse(rule.meta.severity)));
}

fn traffic(service: &str, endpoints: &[(&str, &str)]) -> Results {
    let endpoints = endpoints.iter().map(|(method, template)| results::Endpoint {
        service: service.to_owned(),
        method: (*method).to_owned(),
        template: (*template).to_owned(),
        kind: "api".to_owned(),
        exchanges: 10,
        statuses: [("200".to_owned(), 10)].into(),
        samples: vec![Sample { status: 200, ..Sample::default() }],
        ..results::Endpoint::default()
    });
    let services = vec![Service { name: service.to_owned(), ..Service::default() }];
    Results { endpoints: endpoints.collect(), services, ..Results::default() }
}

const SHOP: &str = "server { listen 443 ssl; server_name api.shop.example; auth_basic x; location /v1/orders { proxy_pass http://a; } location ~ ^/v1/users/[0-9]+$ { proxy_pass http://a; } location /v1/old { proxy_pass http://a; } location = /healthz { proxy_pass http://a; } }";

#[test]
fn routes_are_compared_with_the_traffic_of_their_hosts() {
    let mut results = traffic(
        "api.shop.example",
        &[("GET", "/v1/orders/{orderId}"), ("GET", "/v1/users/{userId}"), ("POST", "/internal/jobs")],
    );
    join(&mut results, &[gateway(SHOP)]);
    let listed = &results.gateways[0];
    let used: Vec<Option<bool>> = listed.routes.iter().map(|route| route.used).collect();
    assert_eq!(used, [Some(true), Some(true), Some(false), Some(false)]);
    assert_eq!(listed.services, ["api.shop.example"]);
    let of = |kind: &str| results.findings.iter().find(|one| one.kind == kind);
    let unused = of("gateway-route-unused").unwrap();
    assert_eq!((unused.occurrences, unused.evidence[0].line), (1, Some(1)));
    assert!(unused.explanation.contains("/v1/old"), "{}", unused.explanation);
    assert!(of("gateway-route-missing").unwrap().explanation.contains("POST /internal/jobs"));
}

#[test]
fn traffic_of_other_hosts_says_nothing() {
    let mut results = traffic("www.shop.example", &[("GET", "/v1/orders/{orderId}"), ("POST", "/internal/jobs")]);
    join(&mut results, &[gateway(SHOP)]);
    assert!(results.gateways[0].routes.iter().all(|route| route.used.is_none()));
    assert!(!results.findings.iter().any(|one| one.kind.starts_with("gateway-route-")));
}

#[test]
fn a_service_without_a_host_is_only_taken_for_ones_that_are_its() {
    let both = |service: &str, config: &str| {
        let mut results = traffic(service, &[("GET", "/v1/orders/{orderId}"), ("GET", "/v1/items")]);
        join(&mut results, &[gateway(config)]);
        !results.gateways[0].services.is_empty()
    };
    assert!(both("api", SHOP), "the first label of the host");
    assert!(!both("orders", SHOP), "of another host");
    let anywhere = |path: &str| format!("server {{ listen 443 ssl; location {path} {{ proxy_pass http://a; }} }}");
    assert!(!both("orders", &anywhere("/v1/")), "every API has versions");
    assert!(both("orders", &anywhere("/v1/orders")));
}

#[test]
fn a_log_without_hosts_is_compared_by_its_paths() {
    let mut results = traffic("default", &[("GET", "/v1/orders/{orderId}"), ("GET", "/v1/users/{userId}")]);
    join(&mut results, &[gateway(SHOP)]);
    assert_eq!(results.gateways[0].services, ["default"]);
    assert!(!results.findings.iter().any(|one| one.kind == "gateway-route-missing"));
}
