//! # Endpoint that no specification declares
//!
//! **What.** Calls succeed at an endpoint that the specification of its service does not have.
//!
//! **Why it matters.** What is not declared is not reviewed, not tested and not in the gateway's rules: a left-over, a
//! debugging aid, or a feature that somebody shipped around the process.
//!
//! **Signals and thresholds.** A specification was given that declares the service (a server of it has its name, or at
//! least half of the service's endpoints are in it), and an endpoint with a success is not in it. Medium; high when
//! its answers carry sensitive data; low when it was called once. `OPTIONS`, `HEAD`, pages and static files are left out.
//!
//! **False positives.** A specification that is older than the service, or that describes only a part of it.
//!
//! **Fix.** Declare it or remove it: `vedette openapi patch` writes the declaration.
//!
//! **References.** OWASP API9:2023, CWE-1059.

use vedette_model::results::{Endpoint, Severity};

use super::ground::{self, Subject};
use super::{Check, Conclusion, Meta, Needs, Tally, sensitive, wording};
use crate::quality::facts::Fact;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "shadow-endpoint",
        title: "Not in the specification",
        severity: Severity::Medium,
        owasp: &["API9:2023"],
        cwe: &["CWE-1059"],
        compliance: &["PCI DSS 4.0.1 6.3.2"],
        compliance_by_data: false,
        facts: &[&[Fact::Specification]],
        fix: "Declare it in the specification (`vedette openapi patch` proposes the lines), or remove the route.",
    },
    needs: Needs::NOTHING,
    observe: None,
    endpoint: Some(endpoint),
    service: None,
};

fn endpoint(subject: &Subject<'_>, _: &Tally) -> Option<Conclusion> {
    let (endpoint, service) = (subject.endpoint, subject.ground.service);
    let successes = ground::successes(endpoint);
    if service.specs.is_empty() || endpoint.operation.is_some() || successes == 0 {
        return None;
    }
    if !endpoint.is_api() || !ground::is_call(endpoint) {
        return None;
    }
    // The operations behind one path are one gap of the specification: the first of them tells it.
    let same_path = |e: &&Endpoint| e.method == endpoint.method && e.path_template() == endpoint.path_template();
    if subject.ground.endpoints.iter().find(same_path).is_some_and(|first| first.id != endpoint.id) {
        return None;
    }
    let sensitive = sensitive::held(endpoint, subject.classifier(), "response", sensitive::SENSITIVE);
    let path_known =
        subject.ground.endpoints.iter().any(|e| e.path_template() == endpoint.path_template() && e.operation.is_some());
    let what = if path_known { "does not declare this method of the path" } else { "does not declare it" };
    let carries = if sensitive.is_empty() {
        String::new()
    } else {
        format!(" Its answers carry {}.", sensitive::labels(&sensitive))
    };
    Some(Conclusion {
        severity: Some(match (sensitive.is_empty(), endpoint.exchanges) {
            (false, _) => Severity::High,
            (true, 1) => Severity::Low,
            _ => Severity::Medium,
        }),
        confidence: wording::confidence(successes, 0.95),
        explanation: format!(
            "{} of {} succeeded, and {} {what}.{carries}",
            wording::count(successes, "call"),
            wording::count(endpoint.actors.max(1), "caller"),
            wording::list(&service.specs),
        ),
        occurrences: successes,
        ..Conclusion::default()
    })
}
