//! A schema as JSON Schema 2020-12.
//!
//! What was observed is a sample of what the API means. A schema that says more than the sample supports breaks on
//! the next exchange, so each keyword asks for evidence; what was merely observed (ranges, lengths) stays with the
//! fields. Where too few bodies were seen, two annotations tell caution from observation, for readers rather than
//! validators: [`NULL_UNSEEN`] and [`OPTIONAL`].

use serde_json::{Map, Value, json};
use vedette_parse::classes::Classifier;

use super::fields::type_names;
use super::node::{Node, Object, types};
use super::scalar::Scalars;
use super::{keys, maps};

/// Annotation: `null` is allowed because nothing rules it out; it was not seen.
pub(crate) const NULL_UNSEEN: &str = "x-vedette-null-unseen";

/// Annotation of objects from which too few bodies were seen to require anything: the properties that some lacked.
pub(crate) const OPTIONAL: &str = "x-vedette-optional";

/// Bodies whose objects must all have had a property before it is required. After n of n the next lacks it with a
/// chance of 1 / (n + 2) (Laplace), and a body has many properties that stand or fall together.
const REQUIRED_MIN: u64 = 20;

/// Bodies that must all have had a value before `null` is ruled out.
const NOT_NULL_MIN: u64 = 20;

/// Bodies that must have shown the type of a property which most of its objects lack. Such objects are of several
/// kinds (a widget, an event), and the same name means something else in a kind not seen yet.
const RARE_MIN: u64 = 10;

/// Numbers that must all have been at least 0 before negative ones are ruled out.
const MINIMUM_MIN: u64 = 100;

/// Texts that must all have had a format.
const FORMAT_MIN: u64 = 5;

/// Texts per value of an enumeration.
const ENUM_REPEATS_MIN: u64 = 30;

/// Bodies that an enumeration must have come from.
const ENUM_BODIES_MIN: u64 = 30;

/// The schema of a node. Objects stay open: `additionalProperties` appears for maps only.
pub(super) fn json_schema(node: &Node, classifier: &Classifier) -> Value {
    Value::Object(schema(node, "", classifier))
}

fn schema(node: &Node, key: &str, classifier: &Classifier) -> Map<String, Value> {
    let mut out = Map::new();
    if node.bodies == 0 {
        return out; // Only ever null: nothing is known.
    }
    out.insert("type".into(), type_value(node));
    if node.bodies < NOT_NULL_MIN && node.types & types::NULL == 0 {
        out.insert(NULL_UNSEEN.into(), Value::Bool(true));
    }
    if let Some(scalars) = &node.scalars {
        describe_scalars(scalars, node, key, classifier, &mut out);
    }
    if let Some(items) = node.items.as_ref().filter(|items| items.node.seen > 0) {
        out.insert("items".into(), Value::Object(schema(&items.node, key, classifier)));
    }
    if let Some(object) = &node.object {
        describe_object(object, node.bodies, key, classifier, &mut out);
    }
    out
}

fn type_value(node: &Node) -> Value {
    let null = if node.bodies < NOT_NULL_MIN { types::NULL } else { 0 };
    let mut names = type_names(node.types | null);
    match names.len() {
        1 => Value::String(names.swap_remove(0)),
        _ => json!(names),
    }
}

fn describe_scalars(scalars: &Scalars, node: &Node, key: &str, classifier: &Classifier, out: &mut Map<String, Value>) {
    let numbers = scalars.integers + scalars.numbers;
    if numbers >= MINIMUM_MIN && scalars.min >= 0.0 {
        out.insert("minimum".into(), json!(0));
    }
    if let Some((format, true)) = scalars.format()
        && scalars.texts >= FORMAT_MIN
    {
        out.insert("format".into(), json!(format));
    }
    let only_texts = node.types & !(types::STRING | types::NULL) == 0;
    let counts = scalars.values.counts();
    if only_texts
        && scalars.is_closed_set()
        && counts.iter().all(|(_, count)| *count >= 2)
        && node.bodies >= ENUM_BODIES_MIN.max(NOT_NULL_MIN)
        && scalars.max_length > 0
        && scalars.texts >= ENUM_REPEATS_MIN * counts.len() as u64
        && scalars.tally.decide(classifier, key).is_empty()
    {
        let mut values: Vec<Value> = scalars.values.sorted().map(Value::from).collect();
        if node.types & types::NULL != 0 {
            values.push(Value::Null);
        }
        out.insert("enum".into(), Value::Array(values));
    }
}

fn describe_object(object: &Object, bodies: u64, key: &str, classifier: &Classifier, out: &mut Map<String, Value>) {
    if let Some(value) = maps::value_of(object) {
        out.insert("additionalProperties".into(), Value::Object(schema(&value, key, classifier)));
        return;
    }
    if object.properties.is_empty() {
        if let Some(entries) = &object.entries {
            out.insert("additionalProperties".into(), Value::Object(schema(&entries.node, key, classifier)));
        }
        return;
    }
    let mut properties = Map::new();
    let (mut required, mut optional) = (Vec::new(), Vec::new());
    for property in object.properties.sorted() {
        match (property.present == object.complete, bodies >= REQUIRED_MIN) {
            (true, true) => required.push(Value::from(&*property.key)),
            (false, false) => optional.push(Value::from(&*property.key)),
            _ => {}
        }
        let unsure = property.present * 2 < object.complete && property.node.bodies < RARE_MIN;
        let inner =
            if unsure { Map::new() } else { schema(&property.node, keys::telling(&property.key, key), classifier) };
        properties.insert(property.key.to_string(), Value::Object(inner));
    }
    out.insert("properties".into(), Value::Object(properties));
    if bodies < REQUIRED_MIN {
        out.insert(OPTIONAL.into(), Value::Array(optional));
    } else if !required.is_empty() {
        out.insert("required".into(), Value::Array(required));
    }
}
