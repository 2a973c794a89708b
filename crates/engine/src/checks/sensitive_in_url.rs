//! # Personal or sensitive data in the URL
//!
//! **What.** A path or query parameter holds personal data: a card or account number, a national id, an e-mail address.
//!
//! **Why it matters.** URLs end up in the logs of every hop, in browser history and in `Referer` headers, where data
//! that must be protected is kept for years by people who do not know they have it.
//!
//! **Signals and thresholds.** A path or query field decided (confidence 0.5 and more) to hold such a class, at an
//! endpoint that answers with 2xx or 3xx (forms redirect). High for financial, health and national-id classes that were seen at least twice with
//! confidence 0.8 and more (these have checksums), medium when seen once or less surely, low for e-mail, phone,
//! postal address and date of birth.
//!
//! **False positives.** Names, places, and network addresses are what searches, maps and network tools are asked for:
//! not counted. Secrets are `credential-in-url`.
//!
//! **Fix.** Refer to people by an opaque id, and send search values in a body.
//!
//! **References.** OWASP API8:2023, CWE-598.

use vedette_model::results::Severity;

use super::ground::{self, Subject};
use super::sensitive::{self, PERSONAL, SENSITIVE};
use super::{Check, Conclusion, Meta, Needs, Tally, wording};
use crate::quality::facts::Fact;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "sensitive-in-url",
        title: "Personal or sensitive data in the URL",
        severity: Severity::Low,
        owasp: &["API8:2023"],
        cwe: &["CWE-598"],
        compliance: &["GDPR Art. 25", "ASVS 5.0.0 14.2.1"],
        compliance_by_data: true,
        facts: &[&[Fact::Query]],
        fix: "Address the record by an opaque id, and move search values into the body of a POST (or QUERY) request. \
              Clean the logs that hold the old URLs.",
    },
    needs: Needs::NOTHING,
    observe: None,
    endpoint: Some(endpoint),
    service: None,
};

fn endpoint(subject: &Subject<'_>, _: &Tally) -> Option<Conclusion> {
    let endpoint = subject.endpoint;
    if ground::accepted(endpoint) == 0 || endpoint.kind == "static" {
        return None;
    }
    let mut held = sensitive::held(endpoint, subject.classifier(), "request", PERSONAL);
    held.retain(|one| {
        let in_url = one.location.starts_with("request.query.") || one.location.starts_with("request.path.");
        in_url && one.level != "secret" && !sensitive::is_weak(one.class)
    });
    let heaviest = held.first()?;
    let severity = match heaviest.weight >= SENSITIVE {
        true if heaviest.confidence >= 0.8 && heaviest.seen >= 2 => Severity::High,
        true => Severity::Medium,
        false => Severity::Low,
    };
    let fields: Vec<String> = held.iter().map(|one| format!("{} ({})", one.name, one.label)).collect();
    let calls = heaviest.seen.clamp(1, endpoint.exchanges.max(1));
    Some(Conclusion {
        place: None,
        severity: Some(severity),
        confidence: wording::confidence(heaviest.seen, heaviest.confidence),
        explanation: format!(
            "{} carried personal or sensitive data in the URL: {}. Every log on the way keeps it.",
            wording::count(calls, "call"),
            wording::list(&fields),
        ),
        evidence: sensitive::evidence(endpoint, &held),
        occurrences: calls,
        compliance: sensitive::compliance(&held),
    })
}
