//! Learned schemas as a specification states them.

use serde_json::{Value, json};
use vedette_model::results::Field;

use super::Members;
use crate::schema::export::{NULL_UNSEEN, OPTIONAL};

/// Levels of a schema that are rewritten; deeper ones stay as they are.
const DEPTH_MAX: usize = 64;

/// A learned body schema as stated: caution taken out, data classes put in. `classes` are those of its fields, by
/// JSON path.
pub(super) fn stated(learned: &Value, fields: &[&Field]) -> Value {
    let mut schema = learned.clone();
    settle(&mut schema, "$", fields, DEPTH_MAX);
    schema
}

fn settle(schema: &mut Value, path: &str, fields: &[&Field], depth: usize) {
    let Some(members) = schema.as_object_mut().filter(|_| depth > 0) else { return };
    if members.remove(NULL_UNSEEN).is_some() {
        without_null(members);
    }
    if let Some(Value::Array(optional)) = members.remove(OPTIONAL) {
        let properties = members.get("properties").and_then(Value::as_object);
        let required: Vec<Value> = properties
            .into_iter()
            .flat_map(Members::keys)
            .filter(|name| !optional.iter().any(|other| other == name.as_str()))
            .map(|name| Value::from(name.as_str()))
            .collect();
        if !required.is_empty() {
            members.insert("required".into(), Value::Array(required));
        }
    }
    for (name, property) in members.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        settle(property, &format!("{path}.{name}"), fields, depth - 1);
    }
    if let Some(items) = members.get_mut("items") {
        settle(items, &format!("{path}[]"), fields, depth - 1);
    }
    if let Some(values) = members.get_mut("additionalProperties") {
        settle(values, &format!("{path}.*"), fields, depth - 1);
    }
    if let Some(classes) = fields.iter().find(|field| field.name == path).and_then(|field| classes(field)) {
        members.insert(CLASSES.into(), classes);
    }
}

/// The extension that names the data classes of a field.
pub(super) const CLASSES: &str = "x-vedette-classes";

fn classes(field: &Field) -> Option<Value> {
    let ids: Vec<&str> = field.classes.iter().map(|class| class.class.as_str()).collect();
    (!ids.is_empty()).then(|| json!(ids))
}

fn without_null(members: &mut Members) {
    let Some(Value::Array(types)) = members.get_mut("type") else { return };
    types.retain(|kind| kind != "null");
    if let [only] = types.as_mut_slice() {
        let only = only.take();
        members.insert("type".into(), only);
    }
}

/// The schema of a parameter: its types, format, range, and its values when they are a closed set.
pub(super) fn of_parameter(field: &Field) -> Value {
    let mut members = Members::new();
    let types: Vec<&str> = field.types.iter().map(String::as_str).filter(|kind| *kind != "null").collect();
    match types.as_slice() {
        [] => {}
        [only] => drop(members.insert("type".into(), json!(only))),
        several => drop(members.insert("type".into(), json!(several))),
    }
    if let Some(format) = &field.format {
        members.insert("format".into(), json!(format));
    }
    let number = matches!(types.as_slice(), ["integer" | "number"]);
    if number && field.min.is_some_and(|min| min >= 0.0) {
        members.insert("minimum".into(), json!(0));
    }
    if let Some(values) = closed_set(field).filter(|_| types == ["string"]) {
        members.insert("enum".into(), values);
    }
    if let Some(classes) = classes(field) {
        members.insert(CLASSES.into(), classes);
    }
    Value::Object(members)
}

/// Times that each of a few values must have come, on average, before they are all there are.
const REPEATS_MIN: u64 = 20;

fn closed_set(field: &Field) -> Option<Value> {
    let closed = !field.values.is_empty()
        && field.values.len() as u64 >= field.distinct
        && field.seen >= REPEATS_MIN * field.distinct
        && field.classes.is_empty();
    closed.then(|| json!(field.values))
}
