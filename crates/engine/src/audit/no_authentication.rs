//! # Operation without authentication
//!
//! An operation declares no authentication, neither itself nor for the document. Operations whose path says that they
//! hand out credentials or say how the service is (`login`, `health`), and those that take authentication away on
//! purpose (`security: []`) for reading, are left out.
use vedette_model::Severity;

use super::{Document, Places, Rule};
use crate::functions;

/// Functions that anybody calls before having a credential, or that carry nothing.
const OPEN: &[&str] = &["login", "logout", "sign-up", "password-reset", "token", "mfa", "health", "docs"];

pub(super) const RULE: Rule = Rule {
    id: "spec-no-authentication",
    title: "Operation without authentication",
    severity: Severity::High,
    owasp: &["API2:2023"],
    cwe: &["CWE-306"],
    fix: "Declare a `security` requirement for the document, and `security: []` only where anybody may call.",
    check,
    bad: r"paths: {/orders: {post: {responses: {'200': {description: ok}}}}}
",
    good: r"paths: {/orders: {post: {responses: {'200': {description: ok}}}}, /login: {post: {security: [], responses: {'200': {description: ok}}}}}
security: [{t: []}]
components: {securitySchemes: {t: {type: http, scheme: bearer}}}
",
};

fn check(document: &Document<'_>, places: &mut Places) {
    for operation in &document.spec.operations {
        let open = functions::function(&operation.method, &operation.path).is_some_and(|what| OPEN.contains(&what));
        let reads = matches!(operation.method.as_str(), "GET" | "HEAD" | "OPTIONS");
        let meant = operation.security.iter().any(Vec::is_empty) && reads;
        let only_empty = operation.security.iter().all(Vec::is_empty);
        if only_empty && !open && !meant {
            places.add(&operation.pointer, format!("{} can be called by anybody", Document::name(operation)));
        }
    }
}
