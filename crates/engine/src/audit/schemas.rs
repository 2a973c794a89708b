//! Walks schemas with all that they refer to, each once.

use foldhash::fast::FixedState;
use hashbrown::HashSet;
use serde_json::{Map, Value};
use vedette_parse::document::below;

/// Levels that are followed.
const LEVELS: usize = 24;

/// What is told of one schema: its pointer, its members, and the name of the property that it describes.
pub(super) type Tell<'t> = dyn FnMut(&str, &Map<String, Value>, &str) + 't;

/// Tells every object schema reachable from schemas, each once however often it is referred to.
pub(super) struct Walk<'a> {
    root: &'a Value,
    seen: HashSet<String, FixedState>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(root: &'a Value) -> Self {
        Self { root, seen: HashSet::default() }
    }

    /// Walks from the schema at a pointer.
    pub(super) fn from(&mut self, pointer: &str, tell: &mut Tell<'_>) {
        if let Some(schema) = self.root.pointer(pointer) {
            self.schema(pointer, schema, "", LEVELS, tell);
        }
    }

    fn schema(&mut self, pointer: &str, schema: &'a Value, name: &str, left: usize, tell: &mut Tell<'_>) {
        let Some(members) = schema.as_object().filter(|_| left > 0) else { return };
        if let Some(reference) = members.get("$ref").and_then(Value::as_str).and_then(|all| all.strip_prefix('#')) {
            let target = vedette_parse::url::percent_decode(reference).into_owned();
            if let Some(schema) = self.root.pointer(&target) {
                self.schema(&target, schema, name, left - 1, tell);
            }
            return;
        }
        if !self.seen.insert(pointer.to_owned()) {
            return;
        }
        tell(pointer, members, name);
        for (key, each) in members.get("properties").and_then(Value::as_object).into_iter().flatten() {
            self.schema(&below(&below(pointer, "properties"), key), each, key, left - 1, tell);
        }
        for key in ["items", "additionalProperties"] {
            if let Some(each) = members.get(key) {
                self.schema(&below(pointer, key), each, name, left - 1, tell);
            }
        }
        for key in ["allOf", "anyOf", "oneOf"] {
            for (place, each) in members.get(key).and_then(Value::as_array).into_iter().flatten().enumerate() {
                self.schema(&below(&below(pointer, key), &place.to_string()), each, name, left - 1, tell);
            }
        }
    }
}

/// A schema allows a type.
pub(super) fn is(members: &Map<String, Value>, kind: &str) -> bool {
    match members.get("type") {
        Some(Value::String(one)) => one == kind,
        Some(Value::Array(all)) => all.iter().any(|one| one == kind),
        _ => false,
    }
}

/// A schema has one of these members.
pub(super) fn has(members: &Map<String, Value>, any: &[&str]) -> bool {
    any.iter().any(|key| members.contains_key(*key))
}

/// The property in words.
pub(super) fn named(name: &str) -> String {
    if name.is_empty() { "the body".to_owned() } else { format!("'{name}'") }
}
