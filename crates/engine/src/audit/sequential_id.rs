//! # Objects are found by counting
//!
//! A path parameter that names an object is an integer: whoever counts finds all objects whose access is not checked.
use vedette_model::Severity;

use super::{Document, Places, Rule};

pub(super) const RULE: Rule = Rule {
    id: "spec-sequential-id",
    title: "Objects are found by counting",
    severity: Severity::Info,
    owasp: &["API1:2023"],
    cwe: &["CWE-639"],
    fix: "Use UUIDs, and check on every call that the caller may see the object.",
    check,
    bad: r"paths: {'/a/{id}': {get: {parameters: [{name: id, in: path, required: true, schema: {type: integer}}], responses: {'200': {description: ok}}}}}
",
    good: r"paths: {'/a/{id}': {get: {parameters: [{name: id, in: path, required: true, schema: {type: string, format: uuid}}], responses: {'200': {description: ok}}}}}
",
};

fn check(document: &Document<'_>, places: &mut Places) {
    for operation in &document.spec.operations {
        for one in operation.parameters.iter().filter(|one| one.location == "path") {
            let integer =
                one.schema.as_ref().is_some_and(|schema| schema.get("type").is_some_and(|kind| kind == "integer"));
            let id = one.name.to_ascii_lowercase().ends_with("id");
            if integer && id {
                places.add(&one.pointer, format!("'{}' of {} is an integer", one.name, Document::name(operation)));
            }
        }
    }
}
