//! # Missing protective headers
//!
//! **What.** Answers lack the headers that tell browsers and caches to be careful.
//!
//! **Why it matters.** Without HSTS the first call can be caught in the clear, without `nosniff` an upload can become a
//! script, without `Cache-Control` personal data stays in shared caches. Each is a second line of defense.
//!
//! **Signals and thresholds.** At least three successful answers whose headers were recorded in full (the routine ones
//! that every server sends are there), nine in ten of them without `Strict-Transport-Security` (under HTTPS), without
//! `X-Content-Type-Options`, or, on pages, without a framing rule; and answers with personal data that may be stored
//! (no `no-store`, `no-cache` or `private`). Low for the last, info otherwise. One finding per service.
//!
//! **False positives.** Recordings that keep only some headers: not judged. Headers that a CDN in front adds.
//!
//! **Fix.** Set them once, at the gateway.
//!
//! **References.** OWASP API8:2023, CWE-693, CWE-525, RFC 6797, RFC 9111.

use vedette_model::Scheme;
use vedette_model::results::Severity;

use super::ground::Ground;
use super::sensitive::{self, PERSONAL};
use super::{Check, Conclusion, Meta, Needs, Note, Tally, View, wording};
use crate::quality::facts::Fact;

/// Slots of [`Tally::counts`]: answers that lack something.
const HSTS: usize = 0;
const NOSNIFF: usize = 1;
const STORABLE: usize = 2;
const FRAMING: usize = 3;

/// Header fields of a recording that kept them all.
const FIELDS_MIN: usize = 3;
/// Answers from which absence is a habit.
const ANSWERS_MIN: u64 = 3;
/// Share of answers from which absence is a habit.
const SHARE_MIN: f64 = 0.9;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "security-headers",
        title: "Missing protective headers",
        severity: Severity::Info,
        owasp: &["API8:2023"],
        cwe: &["CWE-693", "CWE-525"],
        compliance: &["PCI DSS 4.0.1 6.2.4", "ASVS 5.0.0 3.4.1", "ASVS 5.0.0 3.4.4", "ASVS 5.0.0 14.3.2"],
        compliance_by_data: true,
        facts: &[&[Fact::ResponseHeaders]],
        fix: "Set Strict-Transport-Security and X-Content-Type-Options: nosniff for all answers at the gateway, and \
              Cache-Control: no-store where personal data is returned.",
    },
    needs: Needs::HEADERS,
    observe: Some(observe),
    endpoint: None,
    service: Some(service),
};

fn observe(view: &View<'_>, note: &mut Note<'_>) {
    let answer = &view.answer;
    let recorded = answer.fields >= FIELDS_MIN && answer.routine > 0;
    if !view.success || !view.call || !recorded || !view.inbound() {
        return;
    }
    note.chance();
    let careful = |value: &str| ["no-store", "no-cache", "private"].iter().any(|word| value.contains(word));
    let page = answer.content_type.is_some_and(|kind| kind.starts_with("text/html"));
    let storable = view.exchange.method == "GET" && !answer.cache_control.is_some_and(careful);
    let lacks = [
        (HSTS, !answer.hsts && view.exchange.scheme == Scheme::Https, "no Strict-Transport-Security"),
        (NOSNIFF, !answer.nosniff, "no X-Content-Type-Options"),
        (STORABLE, storable, "no Cache-Control: no-store"),
        (FRAMING, page && !answer.framing, "no Content-Security-Policy"),
    ];
    let mut missing = None;
    for (slot, lacking, what) in lacks {
        if lacking {
            note.add(slot, 1);
            missing = missing.or(Some(what));
        }
    }
    if let Some(what) = missing {
        note.hit_distinct(view, "response.headers", || what.to_owned());
    }
}

fn service(ground: &Ground<'_>, tallies: &[&Tally]) -> Option<Conclusion> {
    let answers: u64 = tallies.iter().map(|tally| tally.chances).sum();
    if answers < ANSWERS_MIN || !ground.inbound() {
        return None;
    }
    let total = |slot: usize| tallies.iter().map(|tally| tally.count(slot)).sum::<u64>();
    let habit = |n: u64| n as f64 >= SHARE_MIN * answers as f64;
    let (hsts, nosniff, framing) = (total(HSTS), total(NOSNIFF), total(FRAMING));
    let mut said = Vec::new();
    if habit(hsts) {
        said.push(format!("{hsts} of {answers} answers lack Strict-Transport-Security"));
    }
    if habit(nosniff) {
        said.push(format!("{nosniff} of {answers} lack X-Content-Type-Options"));
    }
    if framing >= ANSWERS_MIN {
        said.push(format!("{} lack a framing rule", wording::count(framing, "page")));
    }
    let mut held = Vec::new();
    let mut storable = Vec::new();
    for (endpoint, tally) in ground.endpoints.iter().zip(tallies) {
        let personal = sensitive::held(endpoint, ground.context.classifier, "response", PERSONAL);
        if tally.count(STORABLE) > 0 && personal.iter().any(|one| !sensitive::is_weak(one.class)) {
            storable.push(wording::place(endpoint));
            held.extend(personal);
        }
    }
    if !storable.is_empty() {
        said.push(format!("caches may keep personal data of {}", wording::list(&storable)));
    }
    (!said.is_empty()).then(|| Conclusion {
        severity: Some(if storable.is_empty() { Severity::Info } else { Severity::Low }),
        confidence: wording::confidence(answers, 0.9),
        explanation: format!("{}.", said.join("; ")),
        compliance: sensitive::compliance(&held),
        ..Conclusion::default()
    })
}
