//! # API key in the URL
//!
//! URLs are written to logs, histories and `Referer` headers, and a key in them with them.
use vedette_model::Severity;

use super::{Document, Places, Rule};

pub(super) const RULE: Rule = Rule {
    id: "spec-api-key-in-query",
    title: "API key in the URL",
    severity: Severity::Medium,
    owasp: &["API2:2023"],
    cwe: &["CWE-598"],
    fix: "Take the key from a header.",
    check,
    bad: r"paths: {}
components: {securitySchemes: {k: {type: apiKey, in: query, name: key}}}
",
    good: r"paths: {}
components: {securitySchemes: {k: {type: apiKey, in: header, name: X-Key}}}
",
};

fn check(document: &Document<'_>, places: &mut Places) {
    for (name, scheme) in &document.spec.schemes {
        if scheme.kind == "api-key-query" {
            places.add(&document.scheme(name), format!("'{name}' is a query parameter"));
        }
    }
}
