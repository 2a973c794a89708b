//! # Calls between services without TLS
//!
//! **What.** Own services talk to each other over plain HTTP.
//!
//! **Why it matters.** Whoever gets into one container reads what passes by, credentials of other services included.
//!
//! **Signals and thresholds.** Exchanges marked internal whose scheme is `http`. Medium when they carried credentials or the
//! endpoints hold personal data, low otherwise. One finding per service.
//!
//! **False positives.** A service mesh encrypts between its sidecars while the application speaks plain HTTP: calls
//! with `X-Forwarded-Client-Cert`, `X-Forwarded-Proto: https` or a client certificate are not counted.
//!
//! **Fix.** Mutual TLS, by a mesh or in the services.
//!
//! **References.** OWASP API8:2023, CWE-319, NIST SP 800-204A.

use std::fmt::Write;

use vedette_model::Direction;
use vedette_model::results::Severity;
use vedette_parse::credentials::AuthScheme;

use super::ground::Ground;
use super::sensitive::{self, PERSONAL};
use super::{Check, Conclusion, Meta, Needs, Note, Tally, View, wording};
use crate::quality::facts::Fact;

/// Slot of [`Tally::counts`].
const CREDENTIALED: usize = 0;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "east-west-plaintext",
        title: "Calls between services without TLS",
        severity: Severity::Low,
        owasp: &["API8:2023"],
        cwe: &["CWE-319"],
        compliance: &["PCI DSS 4.0.1 4.2.1", "HIPAA 164.312(e)(1)", "ASVS 5.0.0 12.3.3"],
        compliance_by_data: true,
        facts: &[&[Fact::Internal], &[Fact::Transport]],
        fix: "Use mutual TLS between services: a mesh does it without changes in the services.",
    },
    needs: Needs::CLEARTEXT,
    observe: Some(observe),
    endpoint: None,
    service: Some(service),
};

fn observe(view: &View<'_>, note: &mut Note<'_>) {
    let exchange = view.exchange;
    if exchange.direction != Direction::Internal || is_meshed(view) {
        return;
    }
    note.add(CREDENTIALED, u64::from(!view.credentials.is_empty()));
    let caller = exchange.caller_service.as_deref().unwrap_or("a service");
    note.hit_distinct(view, "request.url", || format!("http:// from {caller}"));
}

fn is_meshed(view: &View<'_>) -> bool {
    let headers = &view.exchange.request_headers;
    headers.get("x-forwarded-client-cert").is_some()
        || headers.get("x-forwarded-proto").is_some_and(|proto| proto.trim().eq_ignore_ascii_case("https"))
        || view.credentials.iter().any(|credential| credential.scheme == AuthScheme::MutualTls)
}

fn service(ground: &Ground<'_>, tallies: &[&Tally]) -> Option<Conclusion> {
    let (mut calls, mut credentialed) = (0, 0);
    let mut held = Vec::new();
    let mut callers = Vec::new();
    for (endpoint, tally) in ground.endpoints.iter().zip(tallies) {
        if tally.hits > 0 {
            calls += tally.hits;
            credentialed += tally.count(CREDENTIALED);
            callers.extend(tally.evidence.iter().map(|e| e.excerpt.trim_start_matches("http:// from ").to_owned()));
            for side in ["request", "response"] {
                held.extend(sensitive::held(endpoint, ground.context.classifier, side, PERSONAL));
            }
        }
    }
    if calls == 0 {
        return None;
    }
    callers.sort();
    callers.dedup();
    let mut explanation = format!(
        "{} to {} from {} traveled without TLS",
        wording::count(calls, "internal call"),
        ground.service.name,
        wording::list(&callers)
    );
    if credentialed > 0 {
        let _ = write!(explanation, ", {credentialed} of them with a credential");
    }
    if !held.is_empty() {
        let _ = write!(explanation, "; they carry {}", sensitive::labels(&held));
    }
    explanation.push('.');
    Some(Conclusion {
        severity: Some(if credentialed > 0 || !held.is_empty() { Severity::Medium } else { Severity::Low }),
        confidence: wording::confidence(calls, 0.85),
        explanation,
        occurrences: calls,
        compliance: sensitive::compliance(&held),
        ..Conclusion::default()
    })
}
