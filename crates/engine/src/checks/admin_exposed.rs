//! # Administration reachable from outside
//!
//! **What.** Routes for administrators answer calls that come from outside.
//!
//! **Why it matters.** They act on everybody's data. One stolen password, one missing check of the role, is enough.
//!
//! **Signals and thresholds.** An API endpoint whose path names administration, with a success, not known to be private
//! or internal. Without a credential, in a service whose other calls carry one: high for writes and for
//! sensitive data, medium for other reads. With credentials: low.
//!
//! **False positives.** Public settings that a front end reads from a path named `admin` are medium and deserve
//! another name. Login pages and pages that redirect to them are not counted. Sources that do not show credentials give
//! nothing.
//!
//! **Fix.** An inner address or VPN, a second factor, and a check of the role on every route.
//!
//! **References.** OWASP API5:2023, CWE-285, CWE-425.

use vedette_model::results::Severity;

use super::ground::{self, Subject};
use super::sensitive::{self, PERSONAL};
use super::{Check, Conclusion, Meta, Needs, Note, Tally, View, names, wording};

/// Slot of [`Tally::counts`]: calls with a credential.
const WITH: usize = 0;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "admin-exposed",
        title: "Administration reachable from outside",
        severity: Severity::Low,
        owasp: &["API5:2023"],
        cwe: &["CWE-285", "CWE-425"],
        compliance: &["PCI DSS 4.0.1 7.2.1", "PCI DSS 4.0.1 8.4.1"],
        fix: "Serve administration under an inner address or behind a VPN, demand a second factor, and check the role \
              on every route.",
    },
    needs: Needs::HEADERS,
    observe: Some(observe),
    endpoint: Some(endpoint),
    service: None,
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
    let judged = endpoint.kind == "api" && ground::is_call(endpoint) && subject.ground.inbound() && subject.public();
    if !judged || subject.function() != Some("admin") || ground::successes(endpoint) == 0 {
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
