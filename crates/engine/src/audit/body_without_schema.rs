//! # Request body without a schema
//!
//! A JSON request body without a schema accepts anything.
use vedette_model::Severity;

use super::{Document, Places, Rule};

pub(super) const RULE: Rule = Rule {
    id: "spec-body-without-schema",
    title: "Request body without a schema",
    severity: Severity::Medium,
    owasp: &["API8:2023"],
    cwe: &["CWE-20"],
    fix: "Describe the body, so that a gateway can refuse what does not fit.",
    check,
    bad: r"paths: {/a: {post: {requestBody: {content: {application/json: {}}}, responses: {'200': {description: ok}}}}}
",
    good: r"paths: {/a: {post: {requestBody: {content: {application/json: {schema: {type: object}}}}, responses: {'200': {description: ok}}}}}
",
};

fn check(document: &Document<'_>, places: &mut Places) {
    for operation in &document.spec.operations {
        if let Some(body) = &operation.request
            && body.content.iter().any(|(media, schema)| media.contains("json") && schema.is_none())
        {
            places.add(&operation.pointer, format!("{} takes any JSON", Document::name(operation)));
        }
    }
}
