//! # Calls between services without authentication
//!
//! **What.** A service answers calls of other services without asking who they are.
//!
//! **Why it matters.** The network is then the only lock: whoever runs code anywhere inside reads and changes everything.
//!
//! **Signals and thresholds.** Successful internal calls without any credential, from a source that records headers.
//! Medium when the endpoints hold personal data or change something, low otherwise. One finding per service.
//!
//! **False positives.** A mesh that proves the caller by certificate shows it in `X-Forwarded-Client-Cert` or in the
//! TLS facts: not counted. Health and metrics are open by design. When no call of the whole analysis carried a
//! credential, the recording may have been scrubbed: info.
//!
//! **Fix.** An identity per workload, checked on every call.
//!
//! **References.** OWASP API2:2023, CWE-306, NIST SP 800-204B.

use std::fmt::Write;

use vedette_model::Direction;
use vedette_model::results::Severity;

use super::ground::{self, Ground};
use super::sensitive::{self, PERSONAL};
use super::{Check, Conclusion, Meta, Needs, Note, Tally, View, wording};
use crate::quality::facts::Fact;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "east-west-unauthenticated",
        title: "Calls between services without authentication",
        severity: Severity::Low,
        owasp: &["API2:2023"],
        cwe: &["CWE-306"],
        compliance: &["PCI DSS 4.0.1 8.6.1", "NIST SP 800-228", "ASVS 5.0.0 12.3.5", "ASVS 5.0.0 13.2.1"],
        compliance_by_data: true,
        facts: &[&[Fact::Internal], &[Fact::RequestHeaders]],
        fix: "Give every workload an identity (mutual TLS or signed tokens) and let each service check who calls it.",
    },
    needs: Needs::HEADERS,
    observe: Some(observe),
    endpoint: None,
    service: Some(service),
};

/// `hits`: successful internal calls without a credential; `chances`: successful internal calls.
fn observe(view: &View<'_>, note: &mut Note<'_>) {
    if view.exchange.direction != Direction::Internal || !view.success || !view.call {
        return;
    }
    note.chance();
    if view.anonymous() && view.exchange.request_headers.get("x-forwarded-client-cert").is_none() {
        let caller = view.exchange.caller_service.as_deref().unwrap_or("a service");
        note.hit_distinct(view, "request.headers", || format!("no credential from {caller}"));
    }
}

fn service(ground: &Ground<'_>, tallies: &[&Tally]) -> Option<Conclusion> {
    let mut held = Vec::new();
    let (mut open, mut calls, mut writes) = (0, 0, 0);
    for (endpoint, tally) in ground.endpoints.iter().zip(tallies) {
        if ground::is_open_by_design(endpoint) || ground::function(endpoint) == Some("metrics") {
            continue;
        }
        calls += tally.chances;
        if tally.hits > 0 {
            open += tally.hits;
            writes += if ground::is_write(endpoint) { tally.hits } else { 0 };
            for side in ["request", "response"] {
                held.extend(sensitive::held(endpoint, ground.context.classifier, side, PERSONAL));
            }
        }
    }
    if open == 0 {
        return None;
    }
    let recorded = ground.credentialed_endpoints > 0 || ground.context.credentials_seen;
    let severity = match (recorded, writes > 0 || !held.is_empty()) {
        (false, _) => Severity::Info,
        (true, true) => Severity::Medium,
        (true, false) => Severity::Low,
    };
    let mut explanation = format!(
        "{open} of {} to {} carried no credential",
        wording::count(calls, "successful internal call"),
        ground.service.name
    );
    if writes > 0 {
        let _ = write!(explanation, ", {writes} of them changed data");
    }
    if !held.is_empty() {
        let _ = write!(explanation, "; they carry {}", sensitive::labels(&held));
    }
    explanation.push('.');
    if !recorded {
        explanation += " No call of the whole analysis carried one, so they may have been removed from the recording.";
    }
    Some(Conclusion {
        severity: Some(severity),
        confidence: if recorded { wording::confidence(open, 0.85) } else { 0.3 },
        explanation,
        occurrences: open,
        compliance: sensitive::compliance(&held),
        ..Conclusion::default()
    })
}
