//! # Sensitive data sent to a third party
//!
//! **What.** Calls to somebody else's API carry personal data, financial or health data, or secrets in their content.
//!
//! **Why it matters.** What leaves the organization is protected by somebody else's care. The law wants to know every
//! such receiver, and an attacker who owns one of them owns the data.
//!
//! **Signals and thresholds.** Outbound exchanges whose path, query or body fields are decided to hold such a class.
//! Medium for classes of weight 0.7 and more, low for contact data, one step higher without TLS; high for a secret
//! with confidence 0.8 and more that is not in the place of a credential.
//!
//! **False positives.** Payment, mail and support providers exist to receive such data: accept the finding with the
//! contract's name. Credentials in headers, cookies and the bodies of token endpoints are how one logs in there.
//!
//! **Fix.** Send less, pseudonymize, and keep a register of receivers.
//!
//! **References.** OWASP API10:2023, CWE-1357, CWE-359.

use vedette_model::Direction;
use vedette_model::results::Severity;

use super::ground::{self, Subject};
use super::sensitive::{self, PERSONAL, SENSITIVE};
use super::{Check, Conclusion, Meta, Needs, Note, Tally, View, wording};
use crate::quality::facts::Fact;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "third-party-sensitive",
        title: "Sensitive data sent to a third party",
        severity: Severity::Medium,
        owasp: &["API10:2023"],
        cwe: &["CWE-1357", "CWE-359"],
        compliance: &["GDPR Art. 28", "PCI DSS 4.0.1 12.8.1", "ASVS 5.0.0 14.2.3"],
        compliance_by_data: true,
        facts: &[&[Fact::Outbound], &[Fact::Query, Fact::RequestBody]],
        fix: "Send only the fields the receiver needs, replace identities by pseudonyms, and enter the receiver in the \
              register of processors.",
    },
    needs: Needs::CLEARTEXT,
    observe: Some(observe),
    endpoint: Some(endpoint),
    service: None,
};

/// `hits`: outbound calls without TLS.
fn observe(view: &View<'_>, note: &mut Note<'_>) {
    if view.exchange.direction == Direction::Outbound {
        note.hit(view, "request.url", || "http://…".to_owned());
    }
}

fn endpoint(subject: &Subject<'_>, tally: &Tally) -> Option<Conclusion> {
    let endpoint = subject.endpoint;
    if subject.ground.service.direction != Direction::Outbound || ground::is_open_by_design(endpoint) {
        return None;
    }
    let mut held = sensitive::held(endpoint, subject.classifier(), "request", PERSONAL);
    held.retain(|one| {
        let content = ["request.path.", "request.query.", "request.body.", "request.form."];
        let in_content = content.iter().any(|place| one.location.starts_with(place));
        // A key in the query is how this API is called: `credential-in-url` speaks of it.
        let is_login = one.level == "secret" && one.location.starts_with("request.query.");
        in_content && !is_login && !sensitive::is_weak(one.class)
    });
    let heaviest = held.first()?;
    let secret = heaviest.level == "secret" && heaviest.confidence >= 0.8;
    let severity = match (heaviest.weight >= SENSITIVE, tally.hits > 0) {
        _ if secret => Severity::High,
        (true, true) => Severity::High,
        (true, false) | (false, true) => Severity::Medium,
        (false, false) => Severity::Low,
    };
    let clear = if tally.hits > 0 { ", without TLS" } else { "" };
    Some(Conclusion {
        place: None,
        severity: Some(severity),
        confidence: wording::confidence(heaviest.seen, heaviest.confidence),
        explanation: format!(
            "{} to {} sent {} out of the organization{clear}.",
            wording::count(endpoint.exchanges, "call"),
            endpoint.service,
            sensitive::labels(&held),
        ),
        evidence: sensitive::evidence(endpoint, &held),
        occurrences: endpoint.exchanges,
        compliance: sensitive::compliance(&held),
    })
}
