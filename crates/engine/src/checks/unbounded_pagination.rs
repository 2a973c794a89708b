//! # Pages without an upper bound
//!
//! **What.** A caller may ask for as many items as it likes in one answer, or a list returns everything at once.
//!
//! **Why it matters.** One cheap request makes an expensive answer: the service can be starved, or copied in one call.
//!
//! **Signals and thresholds.** A page-size parameter of 1,000 or more that was honored: the call succeeded and the answer
//! has at least 16 bytes for each item asked for. Or a list (`[]` in its fields) without any paging parameter whose
//! largest answer is 1 MB or more. Low; medium when answers reach 5 MB.
//!
//! **False positives.** Exports are meant to be large: not counted. An answer that is large for another reason.
//!
//! **Fix.** Cap the page size in the service, and page every list.
//!
//! **References.** OWASP API4:2023, CWE-770.

use vedette_model::results::{Endpoint, Severity};

use super::ground::{self, Subject};
use super::{Check, Conclusion, Meta, Needs, Note, Tally, View, names, wording};
use crate::quality::facts::Fact;

/// Page size that few clients have a use for.
const PAGE_LARGE: u64 = 1_000;
/// Bytes that the smallest item of a JSON list takes (`{"id":"1234567"}`).
const ITEM_BYTES: u64 = 16;
/// An answer that should have been paged, in bytes.
const ANSWER_LARGE: f64 = 1e6;
/// An answer that costs memory on both sides, in bytes.
const ANSWER_HUGE: f64 = 5e6;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "unbounded-pagination",
        title: "Pages without an upper bound",
        severity: Severity::Low,
        owasp: &["API4:2023"],
        cwe: &["CWE-770"],
        compliance: &["ASVS 5.0.0 15.2.2"],
        compliance_by_data: false,
        facts: &[&[Fact::Query]],
        fix: "Cap the page size in the service (a few hundred items), page every list with a cursor, and offer large \
              copies as an export job.",
    },
    needs: Needs::QUERY,
    observe: Some(observe),
    endpoint: Some(endpoint),
    service: None,
};

fn observe(view: &View<'_>, note: &mut Note<'_>) {
    for (name, value) in view.query {
        // A number of at least four digits: nearly every parameter ends here.
        if value.len() < 4 || value.len() > 9 || !view.success || !names::is_page_size(name) {
            continue;
        }
        let Ok(size) = value.parse::<u64>() else { continue };
        let bytes = view.exchange.response_bytes.unwrap_or_else(|| view.answer_bytes());
        if size >= PAGE_LARGE && bytes >= size.saturating_mul(ITEM_BYTES) {
            note.hit_distinct(view, &format!("request.query.{name}"), || size.to_string());
        }
    }
}

fn endpoint(subject: &Subject<'_>, tally: &Tally) -> Option<Conclusion> {
    let endpoint = subject.endpoint;
    if !subject.ground.inbound() || !endpoint.is_api() || matches!(subject.function(), Some("export" | "download")) {
        return None;
    }
    let largest = endpoint.response_bytes.map_or(0.0, |bytes| bytes.max);
    let explanation = if tally.hits > 0 {
        let sizes: Vec<String> = tally.evidence.iter().map(|e| e.excerpt.clone()).collect();
        format!(
            "{} asked for pages of {} items and got them.",
            wording::count(tally.hits, "successful call"),
            wording::list(&sizes)
        )
    } else if endpoint.method == "GET" && largest >= ANSWER_LARGE && is_unpaged_list(endpoint) {
        format!("The list has no paging parameter, and its largest answer has {:.1} MB.", largest / 1e6)
    } else {
        return None;
    };
    Some(Conclusion {
        severity: Some(if largest >= ANSWER_HUGE { Severity::Medium } else { Severity::Low }),
        confidence: wording::confidence(tally.hits.max(1), 0.8),
        explanation,
        ..Conclusion::default()
    })
}

fn is_unpaged_list(endpoint: &Endpoint) -> bool {
    let list = endpoint.fields.iter().any(|f| f.side == "response" && f.location == "body" && f.name.contains("[]"));
    let paged = endpoint.fields.iter().any(|f| f.location == "query" && names::is_paging(&f.name));
    list && !paged && ground::successes(endpoint) > 0
}
