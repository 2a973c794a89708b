//! # Sensitive data without a credential
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
//! A name, an address of a machine or a place alone is not enough: catalogs, maps and logs are full of them.
//!
//! **False positives.** Recorders and browsers remove credentials from what they write ("sanitized HAR"). When no call
//! to the service ever carried one, absence proves little: one finding for the service says so, info in general,
//! medium (low for contact data) when calls to other services of the analysis carry credentials. Login, sign-up, password reset, tokens, health and
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
use crate::quality::facts::Fact;

/// Successful calls from which an open door is a habit and not a slip.
const CALLS_FOR_CRITICAL: u64 = 5;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "unauthenticated-sensitive",
        title: "Sensitive data without a credential",
        severity: Severity::High,
        owasp: &["API2:2023"],
        cwe: &["CWE-306"],
        compliance: &["PCI DSS 4.0.1 6.2.4", "NIST SP 800-228", "ASVS 5.0.0 8.2.1"],
        compliance_by_data: true,
        facts: &[&[Fact::RequestHeaders], &[Fact::Credential], &[Fact::RequestBody, Fact::ResponseBody, Fact::Query]],
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
    let (endpoint, peers) = (subject.endpoint, subject.ground.credentialed_endpoints);
    if tally.hits == 0 || tally.hits < tally.chances || !subject.ground.inbound() || peers == 0 {
        return None;
    }
    let held = exposed(subject)?;
    let heaviest = held.first()?;
    let severity = if heaviest.weight < SENSITIVE {
        Severity::Medium
    } else if subject.public() && tally.hits >= CALLS_FOR_CRITICAL && heaviest.confidence >= 0.8 {
        Severity::Critical
    } else {
        Severity::High
    };
    let contrast = match peers {
        1 => "another endpoint of the service is called with one".to_owned(),
        n => format!("{n} other endpoints of the service are called with one"),
    };
    Some(Conclusion {
        severity: Some(severity),
        confidence: wording::confidence(tally.hits, heaviest.confidence),
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

/// Says once per service that nobody carries a credential there: the service is open, or the recording was scrubbed.
fn service(ground: &Ground<'_>, tallies: &[&Tally]) -> Option<Conclusion> {
    if !ground.inbound() || ground.credentialed_endpoints > 0 {
        return None;
    }
    let mut calls = 0;
    let mut places = Vec::new();
    let mut all_held = Vec::new();
    for (endpoint, tally) in ground.endpoints.iter().zip(tallies) {
        if tally.hits > 0
            && let Some(held) = exposed(&Subject { endpoint, ground })
        {
            calls += tally.hits;
            places.push(wording::place(endpoint));
            all_held.extend(held);
        }
    }
    if places.is_empty() {
        return None;
    }
    let heavy = all_held.iter().any(|held| held.weight >= SENSITIVE);
    let known = ground.context.credentials_seen;
    let severity = match (known, heavy) {
        (false, _) => Severity::Info,
        (true, true) => Severity::Medium,
        (true, false) => Severity::Low,
    };
    let doubt = if known {
        "calls to other services did. Either this service is open to anybody, or its recording was scrubbed"
    } else {
        "no call of the whole recording carried one, so credentials were probably removed when it was made. Analyze \
         a recording that keeps them to know"
    };
    Some(Conclusion {
        severity: Some(severity),
        confidence: if known { 0.4 } else { 0.2 },
        explanation: format!(
            "{} to {} returned personal or sensitive data and carried no credential, but {doubt}.",
            wording::count(calls, "successful call"),
            wording::list(&places),
        ),
        occurrences: calls,
        compliance: if known { sensitive::compliance(&all_held) } else { Vec::new() },
        ..Conclusion::default()
    })
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
