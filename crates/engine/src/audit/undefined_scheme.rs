//! # Security scheme that is not defined
//!
//! An operation asks for a security scheme that the document does not define: tools then leave authentication out.
use vedette_model::Severity;

use super::{Document, Places, Rule};

pub(super) const RULE: Rule = Rule {
    id: "spec-undefined-scheme",
    title: "Security scheme that is not defined",
    severity: Severity::High,
    owasp: &["API2:2023"],
    cwe: &["CWE-1059"],
    fix: "Define the scheme under `components.securitySchemes`, or correct the name.",
    check,
    bad: r"paths: {/a: {get: {security: [{tokn: []}], responses: {'200': {description: ok}}}}}
",
    good: r"paths: {/a: {get: {responses: {'200': {description: ok}}}}}
security: [{t: []}]
components: {securitySchemes: {t: {type: http, scheme: bearer}}}
",
};

fn check(document: &Document<'_>, places: &mut Places) {
    let known = |name: &String| document.spec.schemes.iter().any(|(one, _)| one == name);
    for operation in &document.spec.operations {
        for name in operation.security.iter().flatten().filter(|name| !known(name)) {
            places.add(
                &operation.pointer,
                format!("{} asks for '{name}', which is not defined", Document::name(operation)),
            );
        }
    }
}
