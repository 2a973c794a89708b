//! # Declared and never called
//!
//! **What.** Operations of a specification that no call met.
//!
//! **Why it matters.** Either the operation is gone and the specification misleads, or it is there and nobody watches
//! it: unused code is attack surface without a benefit.
//!
//! **Signals and thresholds.** A specification declares the service, and operations of it were not met in the analyzed
//! traffic. One finding per service, info: a short recording meets few operations.
//!
//! **False positives.** Yearly jobs, traffic of one region or of one gateway.
//!
//! **Fix.** Ask the owner; remove what is gone from the specification, and what nobody needs from the service.
//!
//! **References.** OWASP API9:2023, CWE-1059.

use vedette_model::results::Severity;

use super::ground::Ground;
use super::{Check, Conclusion, Meta, Needs, Tally, wording};
use crate::quality::facts::Fact;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "orphan-operation",
        title: "Declared and never called",
        severity: Severity::Info,
        owasp: &["API9:2023"],
        cwe: &["CWE-1059"],
        compliance: &[],
        compliance_by_data: false,
        facts: &[&[Fact::Specification]],
        fix: "Remove operations that are gone from the specification, and those that nobody needs from the service.",
    },
    needs: Needs::NOTHING,
    observe: None,
    endpoint: None,
    service: Some(service),
};

fn service(ground: &Ground<'_>, _: &[&Tally]) -> Option<Conclusion> {
    let orphans = &ground.service.orphans;
    if orphans.is_empty() {
        return None;
    }
    let named: Vec<String> = orphans.iter().map(|one| format!("{} {}", one.method, one.path)).collect();
    let deprecated = orphans.iter().filter(|one| one.deprecated).count();
    let gone = match deprecated {
        0 => String::new(),
        1 => " 1 of them is deprecated and can go.".to_owned(),
        n => format!(" {n} of them are deprecated and can go."),
    };
    Some(Conclusion {
        confidence: 0.5,
        explanation: format!(
            "{} of {} had no call: {}.{gone}",
            wording::count(orphans.len() as u64, "declared operation"),
            wording::list(&ground.service.specs),
            wording::list(&named),
        ),
        occurrences: orphans.len() as u64,
        ..Conclusion::default()
    })
}
