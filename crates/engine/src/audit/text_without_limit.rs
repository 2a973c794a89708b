//! # Text of any length in a request
//!
//! A request may carry a text of any length.
use vedette_model::Severity;

use super::schemas::{Walk, has, is, named};
use super::{Document, Places, Rule};

pub(super) const RULE: Rule = Rule {
    id: "spec-text-without-limit",
    title: "Text of any length in a request",
    severity: Severity::Low,
    owasp: &["API4:2023"],
    cwe: &["CWE-770"],
    fix: "Set `maxLength`, or a `pattern`, `format` or `enum` that bounds it.",
    check,
    bad: r"paths: {/a: {post: {requestBody: {content: {application/json: {schema: {type: object, properties: {n: {type: string}}, additionalProperties: false}}}}, responses: {'200': {description: ok}}}}}
",
    good: r"paths: {/a: {post: {requestBody: {content: {application/json: {schema: {type: object, properties: {n: {type: string, maxLength: 9}}, additionalProperties: false}}}}, responses: {'200': {description: ok}}}}}
",
};

fn check(document: &Document<'_>, places: &mut Places) {
    let mut walk = Walk::new(&document.spec.root);
    for (operation, pointer, _) in document.request_schemas() {
        walk.from(pointer, &mut |at, schema, name| {
            if is(schema, "string") && !has(schema, &["maxLength", "enum", "const", "pattern", "format"]) {
                places.add(at, format!("{} of {} may have any length", named(name), Document::name(operation)));
            }
        });
    }
}
