//! # Parameter without a type
//!
//! A parameter without a schema, or with one that says nothing, accepts anything.
use serde_json::Value;
use vedette_model::Severity;

use super::{Document, Places, Rule};

pub(super) const RULE: Rule = Rule {
    id: "spec-parameter-without-type",
    title: "Parameter without a type",
    severity: Severity::Medium,
    owasp: &["API8:2023"],
    cwe: &["CWE-20"],
    fix: "Give the parameter a schema with a type and bounds.",
    check,
    bad: r"paths: {/a: {get: {parameters: [{name: q, in: query}], responses: {'200': {description: ok}}}}}
",
    good: r"paths: {/a: {get: {parameters: [{name: q, in: query, schema: {type: string}}], responses: {'200': {description: ok}}}}}
",
};

fn check(document: &Document<'_>, places: &mut Places) {
    let says = |schema: &Value| {
        schema.as_object().is_some_and(|all| {
            ["type", "$ref", "enum", "const", "anyOf", "oneOf", "allOf"].iter().any(|key| all.contains_key(*key))
        })
    };
    for operation in &document.spec.operations {
        for one in &operation.parameters {
            // `content` describes it in another way.
            let content = document.spec.root.pointer(&one.pointer).is_some_and(|all| all.get("content").is_some());
            if !content && !one.schema.as_ref().is_some_and(says) {
                let text =
                    format!("{} parameter '{}' of {} has no type", one.location, one.name, Document::name(operation));
                places.add(&one.pointer, text);
            }
        }
    }
}
