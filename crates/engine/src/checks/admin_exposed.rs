//! # Administration reachable from outside
//!
//! **What.** Routes for administrators answer calls that come from outside.
//!
//! **Why it matters.** They act on everybody's data. One stolen password, one missing check of the role, is enough.
//!
//! **Signals and thresholds.** An API endpoint whose path names administration, with a success, not known to be private
//! or internal. Without a credential, in a service whose other calls carry one: high for writes and for
//! sensitive data, medium for other reads. With credentials: low. Called from inside only, but beside endpoints of the
//! same service that the public calls: info, once per service, for whether a rule keeps the public out is not seen.
//!
//! **False positives.** Public settings that a front end reads from a path named `admin` are medium and deserve
//! another name. Login pages and pages that redirect to them are not counted. Sources that do not show credentials give
//! nothing.
//!
//! **Fix.** An inner address or VPN, a second factor, and a check of the role on every route.
//!
//! **References.** OWASP API5:2023, CWE-285, CWE-425.

use vedette_model::results::{Endpoint, Severity};

use super::ground::{self, Ground, Subject};
use super::sensitive::{self, PERSONAL};
use super::{Check, Conclusion, Meta, Needs, Note, Tally, View, names, wording};
use crate::quality::facts::Fact;

/// Slot of [`Tally::counts`]: calls with a credential.
const WITH: usize = 0;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "admin-exposed",
        title: "Administration reachable from outside",
        severity: Severity::Low,
        owasp: &["API5:2023"],
        cwe: &["CWE-285", "CWE-425"],
        compliance: &["PCI DSS 4.0.1 7.2.1", "PCI DSS 4.0.1 8.4.1", "ASVS 5.0.0 8.4.2"],
        compliance_by_data: true,
        facts: &[&[Fact::RequestHeaders], &[Fact::Credential], &[Fact::Status]],
        fix: "Serve administration under an inner address or behind a VPN, demand a second factor, and check the role \
              on every route.",
    },
    needs: Needs::HEADERS,
    observe: Some(observe),
    endpoint: Some(endpoint),
    service: Some(service),
};

/// `hits`: calls answered with 2xx that carried no credential.
fn observe(view: &View<'_>, note: &mut Note<'_>) {
    if !view.success || !view.call || !view.inbound() || !names::names_admin(&view.exchange.path) {
        return;
    }
    if view.anonymous() {
        note.hit(view, "request.headers", || "no credential".to_owned());
    } else if view.credentialed {
        note.add(WITH, 1);
    }
}

fn endpoint(subject: &Subject<'_>, tally: &Tally) -> Option<Conclusion> {
    let endpoint = subject.endpoint;
    if !is_administration(endpoint, subject.ground) || !subject.public() {
        return None;
    }
    let (open, closed) = (tally.hits, tally.count(WITH));
    let scrubbed = subject.ground.credentialed_endpoints == 0;
    let mut held = sensitive::held(endpoint, subject.classifier(), "response", PERSONAL);
    held.retain(|one| !sensitive::is_weak(one.class));
    let (severity, explanation) = match (open, closed) {
        (0, 0) => return None,
        (0, _) => (
            Severity::Low,
            format!(
                "{} to a route for administrators came from outside, with {}, by {}.",
                wording::count(closed, "successful call"),
                ground::schemes_in_words(endpoint),
                wording::count(endpoint.actors.max(1), "caller"),
            ),
        ),
        _ if scrubbed => return None,
        (open, _) => (
            if ground::is_write(endpoint) || !held.is_empty() { Severity::High } else { Severity::Medium },
            format!(
                "{} to a route for administrators carried no credential, while {} of the service {} called with one.",
                if closed == 0 {
                    wording::all_of(open, "successful call")
                } else {
                    format!("{open} of {}", wording::count(open + closed, "successful call"))
                },
                wording::count(subject.ground.credentialed_endpoints as u64, "endpoint"),
                wording::was(subject.ground.credentialed_endpoints as u64),
            ),
        ),
    };
    Some(Conclusion {
        severity: Some(severity),
        confidence: wording::confidence(open.max(closed), 0.85),
        explanation,
        occurrences: open.max(closed),
        compliance: sensitive::compliance(&held),
        ..Conclusion::default()
    })
}

/// Administration that was called from inside only, on a service that the public reaches: one rule keeps it closed.
fn service(ground: &Ground<'_>, tallies: &[&Tally]) -> Option<Conclusion> {
    let public = ground.endpoints.iter().filter(|e| e.is_api() && ground::is_public(e)).count();
    let mut places = Vec::new();
    let mut calls = 0;
    for (endpoint, tally) in ground.endpoints.iter().zip(tallies) {
        if is_administration(endpoint, ground) && !ground::is_public(endpoint) && tally.hits + tally.count(WITH) > 0 {
            places.push(wording::place(endpoint));
            calls += tally.hits + tally.count(WITH);
        }
    }
    (!places.is_empty() && public > 0).then(|| Conclusion {
        severity: Some(Severity::Info),
        confidence: 0.4,
        explanation: format!(
            "Calls to {} came from inside only, but the same service answers the public at {}: make sure that a rule \
             keeps outside callers from administration.",
            wording::list(&places),
            wording::count(public as u64, "endpoint"),
        ),
        occurrences: calls,
        ..Conclusion::default()
    })
}

fn is_administration(endpoint: &Endpoint, ground: &Ground<'_>) -> bool {
    endpoint.is_api()
        && ground::is_call(endpoint)
        && ground.inbound()
        && ground::function(endpoint) == Some("admin")
        && ground::successes(endpoint) > 0
}
