//! # Authentication is optional
//!
//! A requirement with an empty alternative (`{}`) lets anonymous calls through beside authenticated ones: which data
//! they get is a decision in code that nobody sees.
use vedette_model::Severity;

use super::{Document, Places, Rule};

pub(super) const RULE: Rule = Rule {
    id: "spec-optional-authentication",
    title: "Authentication is optional",
    severity: Severity::Medium,
    owasp: &["API2:2023"],
    cwe: &["CWE-306"],
    fix: "Split the operation, or state in its description what anonymous callers get.",
    check,
    bad: r"paths: {/a: {get: {security: [{t: []}, {}], responses: {'200': {description: ok}}}}}
components: {securitySchemes: {t: {type: http, scheme: bearer}}}
",
    good: r"paths: {/a: {get: {responses: {'200': {description: ok}}}}}
security: [{t: []}]
components: {securitySchemes: {t: {type: http, scheme: bearer}}}
",
};

fn check(document: &Document<'_>, places: &mut Places) {
    for operation in &document.spec.operations {
        let (open, closed): (Vec<_>, Vec<_>) = operation.security.iter().partition(|one| one.is_empty());
        if !open.is_empty() && !closed.is_empty() {
            places.add(&operation.pointer, format!("{} takes anonymous calls too", Document::name(operation)));
        }
    }
}
