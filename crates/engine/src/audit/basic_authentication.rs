//! # Password with every call
//!
//! HTTP Basic sends the password with every call: it ends up in logs, and cannot be limited or withdrawn.
use vedette_model::Severity;

use super::{Document, Places, Rule};

pub(super) const RULE: Rule = Rule {
    id: "spec-basic-authentication",
    title: "Password with every call",
    severity: Severity::Medium,
    owasp: &["API2:2023"],
    cwe: &["CWE-522"],
    fix: "Use short-lived tokens (OAuth 2.0, mutual TLS).",
    check,
    bad: r"paths: {}
components: {securitySchemes: {b: {type: http, scheme: basic}}}
",
    good: r"paths: {}
components: {securitySchemes: {b: {type: http, scheme: bearer}}}
",
};

fn check(document: &Document<'_>, places: &mut Places) {
    for (name, scheme) in &document.spec.schemes {
        if matches!(scheme.kind.as_str(), "basic" | "digest") {
            places.add(&document.scheme(name), format!("'{name}' sends the password itself"));
        }
    }
}
