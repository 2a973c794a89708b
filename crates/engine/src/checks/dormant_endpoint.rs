//! # Unused for 30 days
//!
//! **What.** Endpoints that were in use and have not been called for 30 days.
//!
//! **Why it matters.** What nobody uses nobody watches, and it still answers.
//!
//! **Signals and thresholds.** At least three exchanges with a success once, none in the last 30 days before the end of
//! the analyzed traffic, in a service that was in use since. One finding per service, low.
//!
//! **False positives.** Yearly jobs. Traffic that does not reach over more than 30 days shows nothing.
//!
//! **Fix.** Ask the owner; switch off what is not needed.
//!
//! **References.** OWASP API9:2023, CWE-1059.

use vedette_model::results::Severity;

use super::ground::{self, Ground};
use super::{Check, Conclusion, Meta, Needs, Tally, wording};
use crate::quality::facts::Fact;

/// Time without a call after which an endpoint is dormant, in seconds.
const DORMANT_SECS: i64 = 30 * 86_400;
/// Exchanges from which an endpoint was in use and not tried once.
const EXCHANGES_MIN: u64 = 3;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "dormant-endpoint",
        title: "Unused for 30 days",
        severity: Severity::Low,
        owasp: &["API9:2023"],
        cwe: &["CWE-1059"],
        compliance: &["PCI DSS 4.0.1 6.3.2", "ASVS 5.0.0 15.2.3"],
        compliance_by_data: false,
        facts: &[&[Fact::Time]],
        fix: "Ask the owner whether it is still needed; if not, remove the route.",
    },
    needs: Needs::NOTHING,
    observe: None,
    endpoint: None,
    service: Some(service),
};

fn service(ground: &Ground<'_>, _: &[&Tally]) -> Option<Conclusion> {
    let as_of = ground.context.as_of?;
    if ground.window_secs() < DORMANT_SECS || !ground.inbound() {
        return None;
    }
    let idle = |last: vedette_model::Timestamp| as_of.secs() - last.secs();
    if ground.service.last_seen.is_none_or(|last| idle(last) >= DORMANT_SECS) {
        return None;
    }
    let judged = ground.endpoints.iter().filter(|e| e.is_api());
    let mut dormant: Vec<_> = judged
        .clone()
        .filter(|e| e.exchanges >= EXCHANGES_MIN && ground::successes(e) > 0 && ground::is_call(e))
        .filter_map(|e| e.last_seen.map(|last| (idle(last), e)).filter(|(idle, _)| *idle >= DORMANT_SECS))
        .collect();
    dormant.sort_by_key(|(idle, endpoint)| (std::cmp::Reverse(*idle), &endpoint.template));
    let named: Vec<String> = dormant
        .iter()
        .map(|(idle, endpoint)| format!("{} ({} days)", wording::place(endpoint), idle / 86_400))
        .collect();
    (!named.is_empty()).then(|| Conclusion {
        confidence: 0.7,
        explanation: format!(
            "{} of {} had no call in the last 30 days: {}.",
            named.len(),
            wording::count(judged.count() as u64, "endpoint"),
            wording::list(&named),
        ),
        occurrences: named.len() as u64,
        ..Conclusion::default()
    })
}
