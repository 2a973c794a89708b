//! Schemas of a specification, compiled when first needed and kept.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Arc, RwLock};

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::{Map, Value, json};
use vedette_parse::url::percent_decode;

/// Steps back that one pattern may take before it is given up: patterns are the user's, values are the caller's.
const BACKTRACK_MAX: usize = 10_000;

/// Schemas that were compiled.
#[derive(Debug, Default)]
pub(crate) struct Schemas {
    /// By what they were made of; `None` where a schema cannot be compiled.
    known: RwLock<HashMap<String, Option<Arc<Validator>>, FixedState>>,
    /// Patterns that could not be used and are not looked at.
    left_out: RwLock<BTreeSet<String>>,
}

impl Schemas {
    /// The compiled schema at a pointer of `root`.
    pub(crate) fn at(&self, root: &Value, pointer: &str) -> Option<Arc<Validator>> {
        // References in one step share what they point to.
        let target = root.pointer(pointer).and_then(|schema| local(schema.get("$ref")?.as_str()?));
        let pointer = target.as_deref().unwrap_or(pointer);
        self.get(pointer, root, || json!({"$ref": fragment(pointer)}))
    }

    /// The compiled form of a schema that stands in `root` under another name.
    pub(crate) fn of(&self, root: &Value, name: &str, schema: &Value) -> Option<Arc<Validator>> {
        self.get(name, root, || schema.clone())
    }

    /// Patterns that could not be used in any schema compiled so far.
    pub(crate) fn patterns_left_out(&self) -> Vec<String> {
        self.left_out.read().map(|all| all.iter().cloned().collect()).unwrap_or_default()
    }

    fn get(&self, key: &str, root: &Value, schema: impl FnOnce() -> Value) -> Option<Arc<Validator>> {
        if let Some(known) = self.known.read().ok().and_then(|known| known.get(key).cloned()) {
            return known;
        }
        let mut patterns = Vec::new();
        let made = compile(root, schema(), &mut patterns).map(Arc::new);
        if let (false, Ok(mut left_out)) = (patterns.is_empty(), self.left_out.write()) {
            left_out.extend(patterns);
        }
        if let Ok(mut known) = self.known.write() {
            known.insert(key.to_owned(), made.clone());
        }
        made
    }
}

/// Judges a value by a whole schema (JSON Schema 2020-12) as bodies are judged; `None` when it cannot be compiled. For
/// test suites.
pub fn accepts(schema: &Value, value: &Value) -> Option<bool> {
    compile(schema, schema.clone(), &mut Vec::new()).map(|validator| validator.is_valid(value))
}

/// Compiles a schema with all that it refers to, and nothing else of the document. One pattern in another dialect must
/// not cost all the rest of a schema: it goes to `left_out`.
fn compile(root: &Value, schema: Value, left_out: &mut Vec<String>) -> Option<Validator> {
    let mut document = schema;
    let mut seen: HashSet<String, FixedState> = HashSet::default();
    let mut next: Vec<String> = references(&document);
    while let Some(pointer) = next.pop() {
        if !seen.insert(pointer.clone()) || document.pointer(&pointer).is_some() {
            continue;
        }
        let target = root.pointer(&pointer)?;
        next.extend(references(target));
        if let Some(members) = document.as_object_mut() {
            place(members, &pointer, target.clone());
        }
    }
    build(&document).or_else(|| {
        drop_patterns(&mut document, left_out);
        if left_out.is_empty() { None } else { build(&document) }
    })
}

fn build(document: &Value) -> Option<Validator> {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(false)
        .with_pattern_options(PatternOptions::fancy_regex().backtrack_limit(BACKTRACK_MAX))
        .build(document)
        .ok()
}

/// Takes out every `pattern` that cannot be used.
fn drop_patterns(schema: &mut Value, left_out: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            let pattern = members.get("pattern").and_then(Value::as_str).map(str::to_owned);
            if let Some(pattern) = pattern.filter(|pattern| build(&json!({"pattern": pattern})).is_none()) {
                members.remove("pattern");
                left_out.push(pattern);
            }
            members.values_mut().for_each(|below| drop_patterns(below, left_out));
        }
        Value::Array(items) => items.iter_mut().for_each(|below| drop_patterns(below, left_out)),
        _ => {}
    }
}

/// Local pointers that a schema refers to; anchors stand in the schema itself.
fn references(schema: &Value) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = vec![schema];
    while let Some(value) = rest.pop() {
        match value {
            Value::Object(members) => {
                let pointer = members.get("$ref").and_then(Value::as_str).and_then(local);
                out.extend(pointer.filter(|pointer| pointer.starts_with('/')));
                rest.extend(members.values());
            }
            Value::Array(items) => rest.extend(items),
            _ => {}
        }
    }
    out
}

/// A pointer as the fragment of a reference (RFC 6901, section 6): pointers into paths hold the braces of templates.
fn fragment(pointer: &str) -> String {
    let mut out = String::with_capacity(pointer.len() + 1);
    out.push('#');
    for byte in pointer.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The pointer of a local reference.
pub(super) fn local(reference: &str) -> Option<String> {
    reference.strip_prefix('#').map(|pointer| percent_decode(pointer).into_owned())
}

/// Puts a value at a pointer, with objects on the way.
fn place(document: &mut Map<String, Value>, pointer: &str, value: Value) {
    let tokens: Vec<String> =
        pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~")).collect();
    let Some((last, way)) = tokens.split_last() else { return };
    let mut at = document;
    for token in way {
        let below = at.entry(token.clone()).or_insert_with(|| Value::Object(Map::new()));
        if !below.is_object() {
            *below = Value::Object(Map::new());
        }
        let Some(members) = below.as_object_mut() else { return };
        at = members;
    }
    at.insert(last.clone(), value);
}
