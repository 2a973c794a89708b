//! # Traffic differs from the specification
//!
//! **What.** Exchanges of a declared operation do not conform to it: statuses, media types, fields or types that it does
//! not declare, required parameters or bodies that are missing, or success without the authentication it demands.
//!
//! **Why it matters.** Clients, gateways and tests believe the specification. Where it is wrong, validation is off or
//! wrong too, and an answer with undeclared fields is how data leaks unnoticed.
//!
//! **Signals and thresholds.** Violations among the exchanges compared (all of an endpoint when they are few, a sample
//! otherwise). High when calls succeeded without the declared authentication, medium when values violate their schema
//! or required things are missing, low for what is merely undocumented. Answers that any gateway gives (401, 403, 404,
//! 405, 429, 5xx) need no declaration. Undeclared query parameters have a finding of their own.
//!
//! **False positives.** A specification that is newer than the recorded traffic.
//!
//! **Fix.** Correct the side that is wrong; `vedette openapi patch` writes what was observed into the specification.
//!
//! **References.** OWASP API9:2023, API8:2023, CWE-1059.

use vedette_model::results::{Evidence, Operation, Severity, Violation};

use super::ground::Subject;
use super::{Check, Conclusion, Meta, Needs, Tally, wording};
use crate::quality::facts::Fact;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "spec-drift",
        title: "Differs from the specification",
        severity: Severity::Medium,
        owasp: &["API9:2023", "API8:2023"],
        cwe: &["CWE-1059"],
        compliance: &[],
        compliance_by_data: false,
        facts: &[&[Fact::Specification]],
        fix: "Correct the service or its specification; `vedette openapi patch` proposes the lines that describe what \
              was observed.",
    },
    needs: Needs::NOTHING,
    observe: None,
    endpoint: Some(endpoint),
    service: None,
};

fn endpoint(subject: &Subject<'_>, _: &Tally) -> Option<Conclusion> {
    let operation = subject.endpoint.operation.as_ref()?;
    let drift: Vec<&Violation> =
        operation.violations.iter().filter(|one| one.kind != "undocumented-parameter").collect();
    let worst = drift.iter().map(|one| severity(&one.kind)).max()?;
    // The worst ones tell the story.
    let mut told: Vec<&Violation> = drift.clone();
    told.sort_by(|a, b| severity(&b.kind).cmp(&severity(&a.kind)).then(b.share.total_cmp(&a.share)));
    let sentences: Vec<String> =
        told.iter().take(3).map(|one| format!("{} ({})", in_words(one), percent(one.share))).collect();
    let more = match drift.len().saturating_sub(3) {
        0 => String::new(),
        n => format!("; and {n} more"),
    };
    Some(Conclusion {
        severity: Some(worst),
        confidence: wording::confidence(operation.checked, 0.95),
        explanation: format!(
            "{} of {} compared with {} conform. {}{more}.",
            percent(operation.conforming),
            wording::count(operation.checked, "exchange"),
            operation.spec,
            sentences.join("; "),
        ),
        evidence: declared(operation)
            .into_iter()
            .chain(told.iter().filter_map(|one| one.evidence.first().cloned()))
            .collect(),
        occurrences: ((1.0 - operation.conforming) * subject.endpoint.exchanges as f64).ceil().max(1.0) as u64,
        ..Conclusion::default()
    })
}

/// Where the operation is declared.
pub(super) fn declared(operation: &Operation) -> Option<Evidence> {
    operation.line.map(|line| Evidence {
        location: operation.pointer.clone(),
        excerpt: "declared here".to_owned(),
        file: Some(operation.spec.clone()),
        line: Some(line),
        ..Evidence::default()
    })
}

fn severity(kind: &str) -> Severity {
    match kind {
        "missing-authentication" => Severity::High,
        "undocumented-status" | "undocumented-content-type" | "undocumented-field" => Severity::Low,
        _ => Severity::Medium,
    }
}

fn in_words(one: &Violation) -> String {
    let kind = one.kind.replace('-', " ");
    format!("{kind} at {}: {}", one.place, one.text)
}

fn percent(share: f64) -> String {
    // Never rounded to "all" or "none".
    match share {
        s if s >= 1.0 => "100 %".to_owned(),
        s if s <= 0.0 => "0 %".to_owned(),
        s => format!("{:.0} %", (s * 100.0).clamp(1.0, 99.0)),
    }
}
