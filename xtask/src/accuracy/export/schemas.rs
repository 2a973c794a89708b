//! Two schemas side by side: properties, what is required, types.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use vedette_parse::url::percent_decode;

use super::Score;

/// Levels of nested schemas that are compared.
const LEVELS: usize = 12;

/// What was found in all bodies compared.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) properties: Score,
    pub(super) required: Score,
    /// Places that both type.
    pub(super) typed: usize,
    /// Of them those where each exported type is a declared one.
    pub(super) agreeing: usize,
}

/// A schema with the alternatives and parts of it laid together.
#[derive(Default)]
struct Flat<'a> {
    types: BTreeSet<&'a str>,
    properties: Vec<(&'a str, &'a Value)>,
    required: BTreeSet<&'a str>,
    items: Option<&'a Value>,
    /// Keys are data: names of properties mean nothing.
    map: bool,
}

/// Compares an exported schema with the true one, each in its document.
pub(super) fn compare(own: (&Value, &Value), truth: (&Value, &Value), counts: &mut Counts) {
    level(own, truth, counts, LEVELS);
}

fn level<'a>(own: (&'a Value, &'a Value), truth: (&'a Value, &'a Value), counts: &mut Counts, left: usize) {
    let (mut a, mut b) = (Flat::default(), Flat::default());
    gather(own.0, own.1, true, &mut a, LEVELS);
    gather(truth.0, truth.1, true, &mut b, LEVELS);
    if !a.types.is_empty() && !b.types.is_empty() {
        counts.typed += 1;
        counts.agreeing += usize::from(agree(&a.types, &b.types));
    }
    if left == 0 {
        return;
    }
    if let (Some(own_items), Some(true_items)) = (a.items, b.items) {
        level((own.0, own_items), (truth.0, true_items), counts, left - 1);
    }
    if a.properties.is_empty() || b.properties.is_empty() || a.map || b.map {
        return;
    }
    let names = |flat: &Flat<'a>| flat.properties.iter().map(|(name, _)| *name).collect::<BTreeSet<&str>>();
    let (ours, theirs) = (names(&a), names(&b));
    counts.properties.add(&ours, &theirs);
    let both: BTreeSet<&str> = ours.intersection(&theirs).copied().collect();
    let within = |all: &BTreeSet<&'a str>| all.intersection(&both).copied().collect::<BTreeSet<&str>>();
    counts.required.add(&within(&a.required), &within(&b.required));
    for (name, schema) in &a.properties {
        if let Some((_, other)) = b.properties.iter().find(|(known, _)| known == name) {
            level((own.0, schema), (truth.0, other), counts, left - 1);
        }
    }
}

/// `null` tells that a value may be missing, which documents say in many ways; an integer is a number.
fn agree(own: &BTreeSet<&str>, truth: &BTreeSet<&str>) -> bool {
    own.iter().all(|one| *one == "null" || truth.contains(one) || (*one == "integer" && truth.contains("number")))
}

fn gather<'a>(root: &'a Value, schema: &'a Value, sure: bool, out: &mut Flat<'a>, left: usize) {
    let Some(members) = resolved(root, schema).as_object().filter(|_| left > 0) else { return };
    own_members(members, sure, out);
    for (key, sure) in [("allOf", sure), ("oneOf", false), ("anyOf", false)] {
        for part in members.get(key).and_then(Value::as_array).into_iter().flatten() {
            gather(root, part, sure, out, left - 1);
        }
    }
}

fn own_members<'a>(members: &'a Map<String, Value>, sure: bool, out: &mut Flat<'a>) {
    match members.get("type") {
        Some(Value::String(one)) => drop(out.types.insert(one)),
        Some(Value::Array(all)) => out.types.extend(all.iter().filter_map(Value::as_str)),
        _ => {}
    }
    for (name, schema) in members.get("properties").and_then(Value::as_object).into_iter().flatten() {
        if !out.properties.iter().any(|(known, _)| known == name) {
            out.properties.push((name, schema));
        }
    }
    if sure {
        let names = members.get("required").and_then(Value::as_array).into_iter().flatten();
        out.required.extend(names.filter_map(Value::as_str));
    }
    out.items = out.items.or_else(|| members.get("items"));
    out.map |= members.get("additionalProperties").is_some_and(Value::is_object);
}

fn resolved<'a>(root: &'a Value, mut schema: &'a Value) -> &'a Value {
    for _ in 0..LEVELS {
        let reference = schema.get("$ref").and_then(Value::as_str).and_then(|all| all.strip_prefix('#'));
        match reference.and_then(|at| root.pointer(&percent_decode(at))) {
            Some(target) => schema = target,
            None => break,
        }
    }
    schema
}
