//! # Protected operation that never refuses
//!
//! An operation asks for a credential and declares no answer for a call without one: nobody tests that it refuses.
use vedette_model::Severity;

use super::{Document, Places, Rule};

pub(super) const RULE: Rule = Rule {
    id: "spec-no-refusal",
    title: "Protected operation that never refuses",
    severity: Severity::Low,
    owasp: &["API2:2023"],
    cwe: &["CWE-1059"],
    fix: "Declare 401 and 403 (or `4XX`, `default`) where a credential is needed.",
    check,
    bad: r"paths: {/a: {get: {responses: {'200': {description: ok}}}}}
security: [{t: []}]
components: {securitySchemes: {t: {type: http, scheme: bearer}}}
",
    good: r"paths: {/a: {get: {responses: {'200': {description: ok}, '401': {description: who}}}}}
security: [{t: []}]
components: {securitySchemes: {t: {type: http, scheme: bearer}}}
",
};

fn check(document: &Document<'_>, places: &mut Places) {
    for operation in document.spec.operations.iter().filter(|one| Document::is_protected(one)) {
        let refuses = |status: &str| matches!(status, "401" | "403" | "4XX" | "default");
        if !operation.responses.iter().any(|(status, _)| refuses(status)) {
            places.add(&operation.pointer, format!("{} declares neither 401 nor 403", Document::name(operation)));
        }
    }
}
