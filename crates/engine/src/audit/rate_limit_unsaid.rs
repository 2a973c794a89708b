//! # No operation answers 429
//!
//! No operation declares 429 (Too Many Requests): either nothing is limited, or clients are not told.
use vedette_model::Severity;

use super::{Document, Places, Rule};

pub(super) const RULE: Rule = Rule {
    id: "spec-rate-limit-unsaid",
    title: "No operation answers 429",
    severity: Severity::Low,
    owasp: &["API4:2023"],
    cwe: &["CWE-770"],
    fix: "Declare 429 with `Retry-After` where calls are limited; limit them where they are not.",
    check,
    bad: r"paths: {/a: {get: {responses: {'200': {description: ok}}}}}
",
    good: r"paths: {/a: {get: {responses: {'200': {description: ok}, '429': {description: slow down}}}}}
",
};

fn check(document: &Document<'_>, places: &mut Places) {
    let spec = document.spec;
    let says = |status: &str| matches!(status, "429" | "4XX");
    let said = spec.operations.iter().flat_map(|one| &one.responses).any(|(status, _)| says(status));
    if !spec.operations.is_empty() && !said {
        places.add("/paths", "none of the operations answers 429".to_owned());
    }
}
