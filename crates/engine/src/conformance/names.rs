//! Which fields of a body does a schema know?

use serde_json::{Map, Value};
use vedette_model::limits::SPEC_REFERENCES_MAX;

use super::schemas::local;
use crate::schema::keys::is_data;

/// Levels of a body that are looked at.
const LEVELS: usize = 12;

/// Items of one array that are looked at.
const ITEMS: usize = 8;

/// Fields told per body.
const TOLD_MAX: usize = 8;

/// Tells the paths (`$.items[].price`) of fields that no schema names. Objects whose schema names nothing, or lets
/// any name in (`additionalProperties` with a schema or `true`, `patternProperties`), are open.
pub(super) fn unknown(root: &Value, schema: &Value, body: &Value, tell: &mut dyn FnMut(String)) {
    let mut walk = Walk { root, left: TOLD_MAX, tell };
    walk.value(&[schema], body, &mut "$".to_owned(), LEVELS);
}

struct Walk<'a, 't> {
    root: &'a Value,
    left: usize,
    tell: &'t mut dyn FnMut(String),
}

impl<'a> Walk<'a, '_> {
    fn value(&mut self, schemas: &[&'a Value], value: &Value, path: &mut String, levels: usize) {
        if levels == 0 || self.left == 0 || schemas.is_empty() {
            return;
        }
        let mut all = Vec::new();
        for schema in schemas {
            self.parts(schema, &mut all, SPEC_REFERENCES_MAX);
        }
        let length = path.len();
        match value {
            Value::Array(items) => {
                let below: Vec<&Value> = all.iter().filter_map(|schema| schema.get("items")).collect();
                path.push_str("[]");
                for item in items.iter().take(ITEMS) {
                    self.value(&below, item, path, levels - 1);
                }
                path.truncate(length);
            }
            Value::Object(members) => self.object(&all, members, path, levels),
            _ => {}
        }
    }

    fn object(
        &mut self,
        schemas: &[&'a Map<String, Value>],
        members: &Map<String, Value>,
        path: &mut String,
        levels: usize,
    ) {
        let length = path.len();
        let named: Vec<&Map<String, Value>> =
            schemas.iter().filter_map(|schema| schema.get("properties")?.as_object()).collect();
        let open = |schema: &&Map<String, Value>| {
            let additional = schema.get("additionalProperties");
            additional.is_some_and(|value| *value != Value::Bool(false)) || schema.contains_key("patternProperties")
        };
        let open = named.iter().all(|names| names.is_empty()) || schemas.iter().any(open);
        for (key, member) in members {
            let below: Vec<&Value> = named.iter().filter_map(|names| names.get(key)).collect();
            path.push('.');
            path.push_str(if is_data(key) || key.len() > 64 { "*" } else { key });
            if below.is_empty() && !open && self.left > 0 {
                self.left -= 1;
                (self.tell)(path.clone());
            }
            self.value(&below, member, path, levels - 1);
            path.truncate(length);
        }
    }

    /// A schema with all that it is composed of.
    fn parts(&self, schema: &'a Value, out: &mut Vec<&'a Map<String, Value>>, left: usize) {
        let Some(members) = schema.as_object().filter(|_| left > 0 && out.len() < 256) else { return };
        if out.iter().any(|known| std::ptr::eq(*known, members)) {
            return;
        }
        out.push(members);
        if let Some(target) = members.get("$ref").and_then(Value::as_str).and_then(local)
            && let Some(schema) = self.root.pointer(&target)
        {
            self.parts(schema, out, left - 1);
        }
        for key in ["allOf", "anyOf", "oneOf"] {
            for schema in members.get(key).and_then(Value::as_array).into_iter().flatten() {
                self.parts(schema, out, left - 1);
            }
        }
        for key in ["if", "then", "else"] {
            if let Some(schema) = members.get(key) {
                self.parts(schema, out, left - 1);
            }
        }
    }
}
