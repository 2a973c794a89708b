use std::sync::LazyLock;

use proptest::prelude::*;
use vedette_model::results::{DataClasses, Field, FieldClass};

use super::*;

/// Compiled once: it takes longer than all cases together.
static CLASSIFIER: LazyLock<Classifier> = LazyLock::new(Classifier::builtin);

fn endpoint(method: &str, template: &str, authentication: &[&str]) -> Endpoint {
    Endpoint {
        id: "e".into(),
        method: method.into(),
        template: template.into(),
        kind: "api".into(),
        exposure: "public".into(),
        authentication: authentication.iter().map(ToString::to_string).collect(),
        exchanges: 100,
        ..Endpoint::default()
    }
}

fn returns(mut endpoint: Endpoint, class: &str, level: &str) -> Endpoint {
    let held = FieldClass { class: class.into(), level: level.into(), confidence: 0.9, ..FieldClass::default() };
    let (side, location, name) = ("response".to_owned(), "body".to_owned(), format!("$.{class}"));
    endpoint.fields.push(Field { side, location, name, classes: vec![held], ..Field::default() });
    let DataClasses { response, .. } = &mut endpoint.data_classes;
    response.push(class.into());
    endpoint
}

fn score_of(endpoint: &Endpoint) -> u8 {
    score(endpoint, &[], &CLASSIFIER).score
}

#[test]
fn the_whole_range_is_used() {
    let cards = returns(endpoint("GET", "/v1/cards", &["none"]), "payment-card", "financial");
    assert!(score_of(&cards) >= 70, "{}", score_of(&cards));
    let finding = Finding {
        kind: "unauthenticated-sensitive".into(),
        endpoint: "e".into(),
        severity: Severity::Critical,
        ..Finding::default()
    };
    let known = score(&cards, &[&finding], &CLASSIFIER);
    assert!(known.score >= 85, "{known:?}");
    let closed = returns(endpoint("GET", "/v1/cards", &["jwt"]), "payment-card", "financial");
    assert!((25..70).contains(&score_of(&closed)), "{}", score_of(&closed));
    let health = endpoint("GET", "/health", &["none"]);
    assert!(score_of(&health) <= 10, "{}", score_of(&health));
    let catalog = endpoint("GET", "/v1/products", &["none"]);
    assert!(score_of(&catalog) <= 15, "{}", score_of(&catalog));
}

#[test]
fn what_an_endpoint_is_for_raises_its_risk_and_says_so() {
    let plain = score(&endpoint("POST", "/v1/things", &["jwt"]), &[], &CLASSIFIER);
    for (template, factor, text) in [
        ("/v1/bookings", "stock", "takes what others then cannot have (reservation)"),
        ("/v1/orders", "stock", "takes what others then cannot have (order)"),
        ("/v1/export", "bulk", "hands out much at once (export)"),
        ("/v1/payouts", "money", "moves money (payout)"),
    ] {
        let risk = score(&endpoint("POST", template, &["jwt"]), &[], &CLASSIFIER);
        assert!(risk.score > plain.score, "{template}: {} against {}", risk.score, plain.score);
        let reason = risk.reasons.iter().find(|reason| reason.factor == factor).unwrap();
        assert_eq!(reason.text, text);
    }
    let read = score(&endpoint("GET", "/v1/orders", &["jwt"]), &[], &CLASSIFIER);
    assert!(read.reasons.iter().all(|reason| reason.factor != "stock"), "{read:?}");
    let invoice = score(&endpoint("GET", "/v1/invoices", &["jwt"]), &[], &CLASSIFIER);
    assert!(invoice.reasons.iter().any(|reason| reason.text == "tells of money (invoice)"), "{invoice:?}");
}

#[test]
fn points_sum_to_the_score() {
    let risk = score(&returns(endpoint("POST", "/v1/payments", &["none"]), "iban", "financial"), &[], &CLASSIFIER);
    let sum: f64 = risk.reasons.iter().map(|reason| reason.points).sum();
    assert!((sum - f64::from(risk.score)).abs() < 2.0, "{sum} {risk:?}");
}

proptest! {
    #[test]
    fn a_finding_or_a_more_sensitive_class_never_lowers_the_score(
        scheme in prop::sample::select(vec!["none", "jwt", "basic", "unknown"]),
        template in prop::sample::select(vec!["/login", "/v1/users/{id}", "/health", "/admin/users", "/pay"]),
        severities in prop::collection::vec(0usize..5, 0..12),
        kind in prop::sample::select(vec![
            "jwt-weak", "cleartext-transport", "mixed-authentication", "unauthenticated-sensitive",
        ]),
        added in 0usize..5,
        levels in prop::collection::vec(prop::sample::select(vec!["public", "personal", "financial", "secret"]), 0..4),
        level in prop::sample::select(vec!["public", "internal", "personal", "health", "secret"]),
    ) {
        let all = [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
        let finding = |severity: usize, kind: &str| Finding {
            severity: all[severity],
            kind: kind.into(),
            endpoint: "e".into(),
            ..Finding::default()
        };
        let mut target = endpoint("GET", template, &[scheme]);
        for (n, level) in levels.iter().enumerate() {
            target = returns(target, &format!("class-{n}"), level);
        }
        let findings: Vec<Finding> = severities.iter().map(|s| finding(*s, "verbose-error")).collect();
        let before: Vec<&Finding> = findings.iter().collect();
        let base = score(&target, &before, &CLASSIFIER).score;

        let new = finding(added, kind);
        let mut more = before.clone();
        more.push(&new);
        prop_assert!(score(&target, &more, &CLASSIFIER).score >= base);

        let heavier = returns(target, "one-more", level);
        prop_assert!(score(&heavier, &before, &CLASSIFIER).score >= base);
    }
}
