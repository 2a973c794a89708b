//! # Sensitive data without authentication
//!
//! **What.** An endpoint answers calls that carry no credential at all with sensitive data.
//!
//! **Why it matters.** Whoever finds the address reads the data: no account, no exploit and no trace that could be
//! told from normal use. Most large API breaches of recent years were of this kind.
//!
//! **Signals and thresholds.** Successful (2xx) `GET` or write calls from outside, from a source that records
//! headers, none of them with a credential, and response fields decided to hold personal data or more. High when
//! other endpoints of the service are called with credentials and the class is financial, health, a national id or a
//! secret; critical from five such calls at a public service. Contact data (e-mail, phone, address) is medium.
//! A name, an address of a machine or a place alone is not enough: catalogs, maps and logs are full of them. One step
//! lower, with half the confidence, when only other services of the analysis are called with credentials.
//!
//! **False positives.** Recorders and browsers remove credentials from what they write ("sanitized HAR"). When no call
//! to the service ever carried one, absence proves nothing: one finding of level info says so, unless other services
//! of the same analysis show that credentials were recorded. Login, sign-up, password reset, tokens, health and
//! documentation are open by design. Published contact data (shops, imprints) is personal by class, public by intent:
//! accept the finding. When only some calls lack a credential, `mixed-authentication` judges.
//!
//! **Fix.** Demand a credential at the gateway for every route and list the public ones by name.
//!
//! **References.** OWASP API2:2023, CWE-306.

use vedette_model::results::Severity;

use super::ground::{self, Ground, Subject};
use super::sensitive::{self, Held, PERSONAL, SENSITIVE};
use super::{Check, Conclusion, Meta, Needs, Note, Tally, View, wording};

/// Successful calls from which an open door is a habit and not a slip.
const CALLS_FOR_CRITICAL: u64 = 5;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "unauthenticated-sensitive",
        title: "Sensitive data without authentication",
        severity: Severity::High,
        owasp: &["API2:2023"],
        cwe: &["CWE-306"],
        compliance: &["PCI DSS 4.0.1 6.2.4", "NIST SP 800-228"],
        fix: "Require a credential for this endpoint at the gateway and in the service, deny by default, and list the \
              few routes that are public on purpose. Until then, check the logs for who has read it.",
    },
    needs: Needs::HEADERS,
    observe: Some(observe),
    endpoint: Some(endpoint),
    service: Some(service),
};

/// `hits`: successful calls without a credential; `chances`: successful calls.
fn observe(view: &View<'_>, note: &mut Note<'_>) {
    if view.success && view.call && view.inbound() {
        note.chance();
        if view.anonymous() {
            note.hit(view, "request.headers", || "no credential".to_owned());
        }
    }
}

fn endpoint(subject: &Subject<'_>, tally: &Tally) -> Option<Conclusion> {
    let (endpoint, ground) = (subject.endpoint, subject.ground);
    if tally.hits == 0 || tally.hits < tally.chances || !ground.inbound() || !credentials_are_recorded(ground) {
        return None;
    }
    let held = exposed(subject)?;
    let heaviest = held.first()?;
    let peers = ground.credentialed_endpoints;
    let severity = match (heaviest.weight >= SENSITIVE, peers > 0) {
        (true, true) if subject.public() && tally.hits >= CALLS_FOR_CRITICAL && heaviest.confidence >= 0.8 => {
            Severity::Critical
        }
        (true, true) => Severity::High,
        (true, false) | (false, true) => Severity::Medium,
        (false, false) => Severity::Low,
    };
    let contrast = match peers {
        0 => "other services of this analysis are called with one".to_owned(),
        1 => "another endpoint of the service is called with one".to_owned(),
        n => format!("{n} other endpoints of the service are called with one"),
    };
    Some(Conclusion {
        severity: Some(severity),
        confidence: wording::confidence(tally.hits, if peers > 0 { heaviest.confidence } else { 0.5 }),
        explanation: format!(
            "{} got {} without any credential, although {contrast}.",
            wording::all_of(tally.hits, "successful call"),
            sensitive::labels(&held),
        ),
        evidence: [sensitive::evidence(endpoint, &held), tally.evidence.clone()].concat(),
        compliance: sensitive::compliance(&held),
        ..Conclusion::default()
    })
}

/// Says once per service that the question cannot be answered.
fn service(ground: &Ground<'_>, tallies: &[&Tally]) -> Option<Conclusion> {
    if !ground.inbound() || credentials_are_recorded(ground) {
        return None;
    }
    let mut calls = 0;
    let mut places = Vec::new();
    for (endpoint, tally) in ground.endpoints.iter().zip(tallies) {
        if tally.hits > 0 && exposed(&Subject { endpoint, ground }).is_some() {
            calls += tally.hits;
            places.push(wording::place(endpoint));
        }
    }
    if places.is_empty() {
        return None;
    }
    Some(Conclusion {
        severity: Some(Severity::Info),
        confidence: 0.2,
        explanation: format!(
            "{} to {} returned personal or sensitive data and carried no credential, but no call of the whole \
             recording carried one, so credentials were probably removed when it was made. Analyze a recording that \
             keeps them to know.",
            wording::count(calls, "successful call"),
            wording::list(&places),
        ),
        occurrences: calls,
        ..Conclusion::default()
    })
}

/// Some call of the service or, failing that, of the analysis carried a credential outside the URL.
fn credentials_are_recorded(ground: &Ground<'_>) -> bool {
    ground.credentialed_endpoints > 0 || ground.context.credentials_seen
}

/// What anybody could read there, unless that is the purpose.
fn exposed<'a>(subject: &Subject<'a>) -> Option<Vec<Held<'a>>> {
    let endpoint = subject.endpoint;
    if ground::is_open_by_design(endpoint) || !ground::is_call(endpoint) {
        return None;
    }
    let mut held = sensitive::held(endpoint, subject.classifier(), "response", PERSONAL);
    if endpoint.method == "POST" {
        held.retain(|one| !sensitive::is_issued(one.class));
    }
    held.iter().any(|one| !sensitive::is_weak(one.class)).then_some(held)
}
