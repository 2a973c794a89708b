//! # Some calls succeed without the credential that others carry
//!
//! **What.** Of the successful calls to one endpoint some carry a credential and some carry none.
//!
//! **Why it matters.** Either the credential is not checked, or one of several ways in (an old gateway route, a second
//! host, a method) skips the check. Callers believe the data is protected, and it is not.
//!
//! **Signals and thresholds.** At least one successful call of each sort, from a source that records headers, at an
//! endpoint that returns personal data or more, or that changes something. High when data of weight 0.7 and more is
//! concerned and answers without a credential are as large as those with one (at least half on average); medium for
//! contact data and for writes; nothing for other reads: public pages get a token from every client that has one.
//! Session cookies alone lower the severity by one step, because anonymous visitors get them too.
//!
//! **False positives.** Endpoints that show less to strangers ("who am I" answers `{}`) are told by the size of their
//! answers. Content that is public on purpose and contains contact data: accept the finding.
//!
//! **Fix.** Check the credential in one place for all methods and routes.
//!
//! **References.** OWASP API2:2023, CWE-287, CWE-306.

use vedette_model::results::Severity;

use super::ground::{self, Subject};
use super::sensitive::{self, PERSONAL, SENSITIVE};
use super::{Check, Conclusion, Meta, Needs, Note, Tally, View, wording};
use crate::quality::facts::Fact;

/// Slots of [`Tally::counts`].
const WITH: usize = 0;
const WITH_BYTES: usize = 1;
const WITHOUT_BYTES: usize = 2;
/// Calls with a credential stronger than a session cookie.
const STRONG: usize = 3;

/// Mean size of an answer without credential over one with, from which both are taken to say the same.
const SAME_SIZE: f64 = 0.5;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "mixed-authentication",
        title: "Some calls succeed without a credential",
        severity: Severity::Medium,
        owasp: &["API2:2023"],
        cwe: &["CWE-287", "CWE-306"],
        compliance: &["PCI DSS 4.0.1 6.2.4", "ASVS 5.0.0 6.3.4", "ASVS 5.0.0 8.2.1"],
        compliance_by_data: true,
        facts: &[&[Fact::RequestHeaders], &[Fact::Credential]],
        fix: "Check the credential in one place for every method and route of this endpoint, and answer 401 when it \
              is missing. If the endpoint is public on purpose, say so in its specification.",
    },
    needs: Needs::HEADERS,
    observe: Some(observe),
    endpoint: Some(endpoint),
    service: None,
};

fn observe(view: &View<'_>, note: &mut Note<'_>) {
    if !view.success || !view.call || !view.inbound() {
        return;
    }
    let bytes = view.answer_bytes();
    if view.anonymous() {
        note.add(WITHOUT_BYTES, bytes);
        note.hit(view, "request.headers", || "no credential".to_owned());
    } else if view.credentialed {
        note.add(WITH, 1);
        note.add(WITH_BYTES, bytes);
        note.add(STRONG, u64::from(view.strongly_credentialed()));
    }
}

fn endpoint(subject: &Subject<'_>, tally: &Tally) -> Option<Conclusion> {
    let endpoint = subject.endpoint;
    let (with, without) = (tally.count(WITH), tally.hits);
    if with == 0 || without == 0 || !subject.ground.inbound() || ground::is_open_by_design(endpoint) {
        return None;
    }
    let same_size = {
        let mean = |bytes: u64, calls: u64| bytes as f64 / calls as f64;
        mean(tally.count(WITHOUT_BYTES), without) >= SAME_SIZE * mean(tally.count(WITH_BYTES), with)
    };
    let mut held = sensitive::held(endpoint, subject.classifier(), "response", PERSONAL);
    held.retain(|one| !sensitive::is_weak(one.class) && !sensitive::is_issued(one.class));
    let heaviest = held.first();
    let write = ground::is_write(endpoint) && writes_something(subject);
    if !write && (heaviest.is_none() || !same_size) {
        return None;
    }
    let mut severity = if same_size && heaviest.is_some_and(|held| held.weight >= SENSITIVE && held.confidence >= 0.8) {
        Severity::High
    } else {
        Severity::Medium
    };
    if tally.count(STRONG) == 0 {
        severity = if severity == Severity::High { Severity::Medium } else { Severity::Low };
    }
    let concerned = match (held.is_empty(), write) {
        (false, _) => format!(" The endpoint returns {}.", sensitive::labels(&held)),
        (true, _) => " The endpoint changes data.".to_owned(),
    };
    Some(Conclusion {
        severity: Some(severity),
        confidence: wording::confidence(with.min(without), 0.9),
        explanation: format!(
            "{without} of {} carried no credential, while {with} sent {}.{concerned}",
            wording::count(with + without, "successful call"),
            ground::schemes_in_words(endpoint),
        ),
        compliance: sensitive::compliance(&held),
        ..Conclusion::default()
    })
}

/// Searches, feedback forms, tracking and file uploads of strangers use write methods without changing what others own.
fn writes_something(subject: &Subject<'_>) -> bool {
    !matches!(
        subject.function(),
        Some("search" | "feedback" | "cart" | "analytics" | "graphql" | "webhook" | "captcha" | "newsletter")
    )
}
