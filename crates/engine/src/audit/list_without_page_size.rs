//! # List without pages
//!
//! A GET that returns a list and takes no page size returns everything, however much it becomes.
use serde_json::Value;
use vedette_model::Severity;

use super::schemas::is;
use super::{Document, Places, Rule};

pub(super) const RULE: Rule = Rule {
    id: "spec-list-without-page-size",
    title: "List without pages",
    severity: Severity::Low,
    owasp: &["API4:2023"],
    cwe: &["CWE-770"],
    fix: "Take a page size with a maximum, and give lists in pages.",
    check,
    bad: r"paths: {/a: {get: {responses: {'200': {description: ok, content: {application/json: {schema: {type: array}}}}}}}}
",
    good: r"paths: {/a: {get: {parameters: [{name: limit, in: query, schema: {type: integer}}], responses: {'200': {description: ok, content: {application/json: {schema: {type: array}}}}}}}}
",
};

/// Parts of names of parameters that cut a list.
const PAGING: &[&str] =
    &["limit", "page", "per_page", "size", "top", "count", "first", "max", "offset", "cursor", "take"];

fn check(document: &Document<'_>, places: &mut Places) {
    for (operation, _, schema) in document.response_schemas() {
        let reference = schema.get("$ref").and_then(Value::as_str).and_then(|all| all.strip_prefix('#'));
        let schema = reference.and_then(|at| document.spec.root.pointer(at)).unwrap_or(schema);
        let list = schema.as_object().is_some_and(|members| is(members, "array") && !members.contains_key("maxItems"));
        let cut = operation.parameters.iter().any(|one| {
            let name = one.name.to_ascii_lowercase();
            PAGING.iter().any(|part| name.contains(part))
        });
        if operation.method == "GET" && list && !cut {
            places.add(&operation.pointer, format!("{} returns the whole list", Document::name(operation)));
        }
    }
}
