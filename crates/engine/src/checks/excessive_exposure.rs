//! # More personal data than a caller can need
//!
//! **What.** One response carries many classes of personal data, or a list does so for many people at once.
//!
//! **Why it matters.** Clients filter what they show; attackers read what was sent. Lists multiply every leak by
//! their page size.
//!
//! **Signals and thresholds.** Medium: at least four distinct classes of personal weight with a sensitive one (0.7)
//! among them, or a list (`[]` in the path of the field) with at least three distinct classes and 20 distinct values
//! of one of them. Low: a list with a sensitive class and 20 distinct values. Secrets are `secret-in-response`.
//!
//! **False positives.** Somebody's own profile and account legitimately hold all of it, and so do exports: not
//! counted. Back-office lists do too: accept the finding there.
//!
//! **Fix.** Return what the caller's task needs; mask the rest.
//!
//! **References.** OWASP API3:2023, CWE-213.

use vedette_model::results::Severity;

use super::ground::Subject;
use super::sensitive::{self, Held, PERSONAL, SENSITIVE};
use super::{Check, Conclusion, Meta, Needs, Tally, wording};
use crate::quality::facts::Fact;

/// Distinct classes in one record from which no single task needs them all.
const CLASSES_MANY: usize = 4;
/// Distinct classes per item of a list.
const CLASSES_IN_LIST: usize = 3;
/// Distinct values of one field from which a list shows other people.
const VALUES_MANY: u64 = 20;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "excessive-exposure",
        title: "More personal data than a caller can need",
        severity: Severity::Medium,
        owasp: &["API3:2023"],
        cwe: &["CWE-213"],
        compliance: &["GDPR Art. 25", "CCPA 1798.100(c)", "ASVS 5.0.0 14.2.6", "ASVS 5.0.0 15.3.1"],
        compliance_by_data: true,
        facts: &[&[Fact::ResponseBody]],
        fix: "Return the fields that the caller's task needs, per role; mask numbers except their last digits; give \
              lists fewer fields than single records.",
    },
    needs: Needs::NOTHING,
    observe: None,
    endpoint: Some(endpoint),
    service: None,
};

fn endpoint(subject: &Subject<'_>, _: &Tally) -> Option<Conclusion> {
    let endpoint = subject.endpoint;
    let own = matches!(subject.function(), Some("profile" | "export" | "login" | "sign-up" | "token" | "admin"));
    if own || !subject.ground.inbound() {
        return None;
    }
    let mut held = sensitive::held(endpoint, subject.classifier(), "response", PERSONAL);
    held.retain(|one| one.level != "secret" && !matches!(one.class, "ip-address" | "mac-address" | "url"));
    let heaviest = held.first()?;
    let sensitive_too = heaviest.weight >= SENSITIVE;
    let listed: Vec<Held<'_>> = held.iter().filter(|one| one.name.contains("[]")).cloned().collect();
    let people = listed.iter().filter(|one| !sensitive::is_weak(one.class)).map(|one| one.distinct).max().unwrap_or(0);
    let classes = sensitive::classes(&held);
    let in_list = sensitive::classes(&listed).len();
    let (severity, what) = if people >= VALUES_MANY && in_list >= CLASSES_IN_LIST {
        (Severity::Medium, format!("Lists showed {in_list} classes of personal data for about {people} records"))
    } else if classes.len() >= CLASSES_MANY && sensitive_too {
        (Severity::Medium, format!("One response holds {} classes of personal data", classes.len()))
    } else if people >= VALUES_MANY && listed.iter().any(|one| one.weight >= SENSITIVE) {
        (Severity::Low, format!("Lists showed sensitive data for about {people} records"))
    } else {
        return None;
    };
    Some(Conclusion {
        place: None,
        severity: Some(severity),
        confidence: wording::confidence(heaviest.seen, 0.8 * heaviest.confidence),
        explanation: format!("{what}: {}.", sensitive::labels(&held)),
        evidence: sensitive::evidence(endpoint, &held),
        occurrences: heaviest.seen,
        compliance: sensitive::compliance(&held),
    })
}
