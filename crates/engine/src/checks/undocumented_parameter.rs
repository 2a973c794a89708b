//! # Query parameter that the specification does not have
//!
//! **What.** Successful calls of a declared operation carry query parameters that it does not declare.
//!
//! **Why it matters.** A parameter that the service reads and nobody declared is not validated by anything
//! (`debug=true`, `role=admin`, `fields=*`). One that the service ignores is a client's mistake or somebody's probe.
//!
//! **Signals and thresholds.** Undeclared names in the query of successful exchanges. Low; medium when the name asks for
//! rights or internals (`admin`, `debug`, `role`, `internal`, `test`, `bypass`). Operations with a free-form query object
//! accept any name.
//!
//! **False positives.** Tracking parameters that gateways add (`utm_source`).
//!
//! **Fix.** Declare it, or refuse unknown parameters.
//!
//! **References.** OWASP API3:2023, API8:2023, CWE-20, CWE-1059.

use vedette_model::results::Severity;

use super::ground::Subject;
use super::spec_drift::declared;
use super::{Check, Conclusion, Meta, Needs, Tally, wording};
use crate::quality::facts::Fact;

/// Words in a name that ask for rights or internals.
const LOADED: &[&str] = &["admin", "debug", "role", "internal", "test", "bypass", "sudo", "privilege", "force"];

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "undocumented-parameter",
        title: "Undeclared query parameter",
        severity: Severity::Low,
        owasp: &["API3:2023", "API8:2023"],
        cwe: &["CWE-20", "CWE-1059"],
        compliance: &["ASVS 5.0.0 2.2.1"],
        compliance_by_data: false,
        facts: &[&[Fact::Specification], &[Fact::Query]],
        fix: "Declare the parameter with its type, or let the service refuse parameters that it does not know.",
    },
    needs: Needs::NOTHING,
    observe: None,
    endpoint: Some(endpoint),
    service: None,
};

fn endpoint(subject: &Subject<'_>, _: &Tally) -> Option<Conclusion> {
    let operation = subject.endpoint.operation.as_ref()?;
    let undeclared: Vec<_> = operation.violations.iter().filter(|one| one.kind == "undocumented-parameter").collect();
    let name = |place: &str| place.rsplit_once("query.").map_or(place, |(_, name)| name).to_owned();
    let names: Vec<String> = undeclared.iter().map(|one| name(&one.place)).collect();
    let most = undeclared.iter().map(|one| one.share).fold(0.0, f64::max);
    let loaded = names.iter().any(|name| LOADED.iter().any(|word| name.to_ascii_lowercase().contains(word)));
    (!names.is_empty()).then(|| Conclusion {
        severity: Some(if loaded { Severity::Medium } else { Severity::Low }),
        confidence: wording::confidence(operation.checked, 0.9),
        explanation: format!(
            "{} in successful calls that {} does not declare: {}.",
            wording::count(names.len() as u64, "query parameter"),
            operation.spec,
            wording::list(&names),
        ),
        evidence: declared(operation)
            .into_iter()
            .chain(undeclared.iter().filter_map(|one| one.evidence.first().cloned()))
            .collect(),
        occurrences: (most * subject.endpoint.exchanges as f64).ceil().max(1.0) as u64,
        ..Conclusion::default()
    })
}
