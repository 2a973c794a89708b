//! Brings the schemas of OpenAPI 2.0 and 3.0 to JSON Schema 2020-12 (OpenAPI 3.1.1, appendix of changes from 3.0).

use serde_json::{Map, Value, json};
use vedette_model::limits::DOCUMENT_DEPTH_MAX;

/// Members whose values are data, not schemas.
const DATA: &[&str] = &["example", "examples", "default", "enum", "const", "x-examples"];

/// Rewrites all schemas of a document in place. Other objects lack the members concerned.
pub(super) fn schemas(value: &mut Value) {
    walk(value, false, 0);
}

/// `names`: the members of this object are names of properties, not keywords.
fn walk(value: &mut Value, names: bool, depth: usize) {
    if depth > DOCUMENT_DEPTH_MAX {
        return;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, false, depth + 1)),
        Value::Object(members) => {
            if !names {
                keywords(members);
            }
            for (key, member) in members.iter_mut() {
                if names || !DATA.contains(&key.as_str()) {
                    walk(member, !names && matches!(key.as_str(), "properties" | "patternProperties"), depth + 1);
                }
            }
        }
        _ => {}
    }
}

fn keywords(members: &mut Map<String, Value>) {
    // What stands beside a reference is ignored before 3.1.
    if members.get("$ref").is_some_and(Value::is_string) {
        members.retain(|key, _| key == "$ref");
        return;
    }
    bound(members, "minimum", "exclusiveMinimum");
    bound(members, "maximum", "exclusiveMaximum");
    if members.get("type").is_some_and(|kind| kind == "file") {
        members.remove("type");
    }
    let nullable = ["nullable", "x-nullable"].iter().any(|key| members.get(*key) == Some(&Value::Bool(true)));
    if nullable {
        allow_null(members);
    }
}

/// `exclusiveMinimum: true` beside `minimum: 1` becomes `exclusiveMinimum: 1`.
fn bound(members: &mut Map<String, Value>, limit: &str, exclusive: &str) {
    let Some(&Value::Bool(excluded)) = members.get(exclusive) else { return };
    members.remove(exclusive);
    if excluded && let Some(value) = members.remove(limit) {
        members.insert(exclusive.to_owned(), value);
    }
}

fn allow_null(members: &mut Map<String, Value>) {
    members.remove("nullable");
    members.remove("x-nullable");
    if let Some(Value::Array(values)) = members.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    match members.get_mut("type") {
        Some(kind @ Value::String(_)) => *kind = json!([kind.clone(), "null"]),
        Some(Value::Array(kinds)) => kinds.push(json!("null")),
        _ => {
            let own = std::mem::take(members);
            if !own.is_empty() {
                members.insert("anyOf".to_owned(), json!([own, {"type": "null"}]));
            }
        }
    }
}
