//! # Number without a range in a request
//!
//! A number without bounds can be negative, huge, or what the code never thought of.
use vedette_model::Severity;

use super::schemas::{Walk, has, is, named};
use super::{Document, Places, Rule};

pub(super) const RULE: Rule = Rule {
    id: "spec-number-without-range",
    title: "Number without a range in a request",
    severity: Severity::Low,
    owasp: &["API4:2023"],
    cwe: &["CWE-770"],
    fix: "Set `minimum` and `maximum`, or an integer `format`.",
    check,
    bad: r"paths: {/a: {post: {requestBody: {content: {application/json: {schema: {type: object, properties: {n: {type: integer}}}}}}, responses: {'200': {description: ok}}}}}
",
    good: r"paths: {/a: {post: {requestBody: {content: {application/json: {schema: {type: object, properties: {n: {type: integer, minimum: 1, maximum: 9}}}}}}, responses: {'200': {description: ok}}}}}
",
};

fn check(document: &Document<'_>, places: &mut Places) {
    let mut walk = Walk::new(&document.spec.root);
    for (operation, pointer, _) in document.request_schemas() {
        walk.from(pointer, &mut |at, schema, name| {
            if (is(schema, "integer") || is(schema, "number"))
                && !has(
                    schema,
                    &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "enum", "const", "format"],
                )
            {
                places.add(at, format!("{} of {} may be any number", named(name), Document::name(operation)));
            }
        });
    }
}
