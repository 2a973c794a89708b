//! # Request takes properties that it does not name
//!
//! A request object that names properties and accepts others invites mass assignment: `"role": "admin"` passes.
use vedette_model::Severity;

use super::schemas::{Walk, has, named};
use super::{Document, Places, Rule};

pub(super) const RULE: Rule = Rule {
    id: "spec-open-request-object",
    title: "Request takes properties that it does not name",
    severity: Severity::Low,
    owasp: &["API3:2023"],
    cwe: &["CWE-915"],
    fix: "Set `additionalProperties: false` (or `unevaluatedProperties: false`) on objects that clients write.",
    check,
    bad: r"paths: {/a: {post: {requestBody: {content: {application/json: {schema: {type: object, properties: {n: {type: integer}}}}}}, responses: {'200': {description: ok}}}}}
",
    good: r"paths: {/a: {post: {requestBody: {content: {application/json: {schema: {type: object, properties: {n: {type: integer}}, additionalProperties: false}}}}, responses: {'200': {description: ok}}}}}
",
};

fn check(document: &Document<'_>, places: &mut Places) {
    let mut walk = Walk::new(&document.spec.root);
    for (operation, pointer, _) in document.request_schemas() {
        walk.from(pointer, &mut |at, schema, name| {
            let closed = has(schema, &["additionalProperties", "unevaluatedProperties", "allOf", "anyOf", "oneOf"]);
            if has(schema, &["properties"]) && !closed {
                places.add(at, format!("{} of {} takes other properties too", named(name), Document::name(operation)));
            }
        });
    }
}
