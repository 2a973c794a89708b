//! # List of any length in a request
//!
//! A request may carry a list of any length: memory and work grow with it.
use vedette_model::Severity;

use super::schemas::{Walk, has, is, named};
use super::{Document, Places, Rule};

pub(super) const RULE: Rule = Rule {
    id: "spec-array-without-limit",
    title: "List of any length in a request",
    severity: Severity::Medium,
    owasp: &["API4:2023"],
    cwe: &["CWE-770"],
    fix: "Set `maxItems`.",
    check,
    bad: r"paths: {/a: {post: {requestBody: {content: {application/json: {schema: {type: array, items: {type: integer}}}}}, responses: {'200': {description: ok}}}}}
",
    good: r"paths: {/a: {post: {requestBody: {content: {application/json: {schema: {type: array, maxItems: 9, items: {type: integer}}}}}, responses: {'200': {description: ok}}}}}
",
};

fn check(document: &Document<'_>, places: &mut Places) {
    let mut walk = Walk::new(&document.spec.root);
    for (operation, pointer, _) in document.request_schemas() {
        walk.from(pointer, &mut |at, schema, name| {
            if is(schema, "array") && !has(schema, &["maxItems", "enum"]) {
                places
                    .add(at, format!("{} of {} may have any number of items", named(name), Document::name(operation)));
            }
        });
    }
}
