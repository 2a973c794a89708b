//! Schemas before and after, in the direction in which they are used: what a request may hold should not shrink, what a
//! response may hold should not grow.

use std::collections::BTreeSet;

use foldhash::fast::FixedState;
use hashbrown::HashSet;
use serde_json::{Map, Value};

use super::Level;

/// Levels that are followed.
const LEVELS: usize = 16;

/// Who reads what the schema describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// The service.
    Request,
    /// The caller.
    Response,
}

/// A comparison of two schemas.
pub(super) struct Schemas<'a> {
    roots: (&'a Value, &'a Value),
    direction: Direction,
    /// Pairs that were compared: schemas are recursive.
    seen: HashSet<(*const Value, *const Value), FixedState>,
    pub(super) found: Vec<(Level, &'static str, String)>,
}

/// Bounds of a value; whether a larger one allows more.
const BOUNDS: &[(&str, bool)] = &[
    ("maximum", true),
    ("exclusiveMaximum", true),
    ("maxLength", true),
    ("maxItems", true),
    ("maxProperties", true),
    ("minimum", false),
    ("exclusiveMinimum", false),
    ("minLength", false),
    ("minItems", false),
    ("minProperties", false),
];

impl<'a> Schemas<'a> {
    pub(super) fn new(roots: (&'a Value, &'a Value), direction: Direction) -> Self {
        Self { roots, direction, seen: HashSet::default(), found: Vec::new() }
    }

    pub(super) fn compare(&mut self, was: &'a Value, now: &'a Value, name: &str) {
        self.pair(was, now, name, LEVELS);
    }

    fn tell(&mut self, level: Level, kind: &'static str, text: String) {
        self.found.push((level, kind, text));
    }

    /// Less is allowed: breaks requests. More is allowed: breaks those who read responses.
    fn change(&mut self, narrower: bool, kind: &'static str, text: String) {
        let breaking = (self.direction == Direction::Request) == narrower;
        self.tell(if breaking { Level::Breaking } else { Level::Compatible }, kind, text);
    }

    fn pair(&mut self, was: &'a Value, now: &'a Value, name: &str, left: usize) {
        let (was, now) = (resolved(self.roots.0, was), resolved(self.roots.1, now));
        if left == 0 || !self.seen.insert((was, now)) {
            return;
        }
        let (Some(a), Some(b)) = (was.as_object(), now.as_object()) else { return };
        let (a, b) = (flat(self.roots.0, a), flat(self.roots.1, b));
        self.types(&a, &b, name);
        self.values(&a, &b, name);
        self.bounds(&a, &b, name);
        self.properties(&a, &b, name, left);
        if let (Some(a), Some(b)) = (a.get("items"), b.get("items")) {
            self.pair(a, b, &format!("{name}[]"), left - 1);
        }
    }

    fn types(&mut self, a: &Flat<'a>, b: &Flat<'a>, name: &str) {
        let (before, after) = (types(a), types(b));
        if before == after {
            return;
        }
        let words = |all: &BTreeSet<&str>| {
            if all.is_empty() { "anything".to_owned() } else { all.iter().copied().collect::<Vec<_>>().join(" or ") }
        };
        let text = format!("{name} is {} instead of {}", words(&after), words(&before));
        let covers = |wide: &BTreeSet<&str>, narrow: &BTreeSet<&str>| {
            let has = |kind: &&&str| wide.contains(**kind) || (**kind == "integer" && wide.contains("number"));
            wide.is_empty() || (!narrow.is_empty() && narrow.iter().filter(has).count() == narrow.len())
        };
        match (covers(&after, &before), covers(&before, &after)) {
            (true, false) => self.change(false, "type-widened", text),
            (false, true) => self.change(true, "type-narrowed", text),
            _ => self.tell(Level::Breaking, "type-changed", text),
        }
    }

    fn values(&mut self, a: &Flat<'a>, b: &Flat<'a>, name: &str) {
        let list = |members: &Flat<'a>| members.get("enum").and_then(|all| all.as_array());
        match (list(a), list(b)) {
            (Some(before), Some(after)) => {
                for gone in before.iter().filter(|value| !after.contains(value)) {
                    self.change(true, "enum-value-removed", format!("{name} cannot be {gone} any more"));
                }
                for added in after.iter().filter(|value| !before.contains(value)) {
                    self.change(false, "enum-value-added", format!("{name} can be {added} too"));
                }
            }
            (None, Some(_)) => self.change(true, "enum-added", format!("{name} is one of a few values now")),
            (Some(_), None) => {
                self.change(false, "enum-removed", format!("{name} can be any value now"));
                self.weaker(format!("{name} lost its list of values"));
            }
            (None, None) => {}
        }
    }

    /// A bound of the input went away.
    fn weaker(&mut self, text: String) {
        if self.direction == Direction::Request {
            self.tell(Level::Security, "bound-removed", text);
        }
    }

    fn bounds(&mut self, a: &Flat<'a>, b: &Flat<'a>, name: &str) {
        for (key, up) in BOUNDS {
            let number = |members: &Flat<'a>| members.get(key).and_then(serde_json::Value::as_f64);
            match (number(a), number(b)) {
                (Some(before), Some(after)) if after.total_cmp(&before).is_ne() => {
                    let text = format!("{key} of {name} is {after} instead of {before}");
                    self.change((after < before) == *up, "bound-changed", text);
                }
                (None, Some(after)) => self.change(true, "bound-added", format!("{name} has a {key} of {after} now")),
                (Some(_), None) => self.weaker(format!("{name} lost its {key}")),
                _ => {}
            }
        }
        match (a.get("pattern"), b.get("pattern")) {
            (Some(before), Some(after)) if before != after => {
                self.tell(Level::Breaking, "pattern-changed", format!("{name} has another pattern"));
            }
            (None, Some(_)) => self.change(true, "pattern-added", format!("{name} has a pattern now")),
            (Some(_), None) => self.weaker(format!("{name} lost its pattern")),
            _ => {}
        }
        let closed = |members: &Flat<'a>| members.get("additionalProperties") == Some(&Value::Bool(false));
        match (closed(a), closed(b)) {
            (true, false) => self.weaker(format!("{name} takes properties that it does not name")),
            (false, true) => self.change(true, "closed", format!("{name} takes only the properties that it names")),
            _ => {}
        }
    }

    fn properties(&mut self, a: &Flat<'a>, b: &Flat<'a>, name: &str, left: usize) {
        let required = |members: &Flat<'a>, key: &str| members.required.contains(key);
        for (key, was) in &a.properties {
            let inner = format!("{name}.{key}");
            let Some(now) = b.properties.iter().find(|(other, _)| other == key).map(|(_, now)| now) else {
                match self.direction {
                    Direction::Request => self.tell(Level::Compatible, "property-removed", format!("{inner} is gone")),
                    Direction::Response => self.tell(Level::Breaking, "property-removed", format!("{inner} is gone")),
                }
                continue;
            };
            match (required(a, key), required(b, key)) {
                (false, true) => self.change(true, "property-required", format!("{inner} is required now")),
                (true, false) => self.change(false, "property-optional", format!("{inner} may be missing now")),
                _ => {}
            }
            self.pair(was, now, &inner, left - 1);
        }
        for (key, schema) in b.properties.iter().filter(|(key, _)| !a.properties.iter().any(|(one, _)| one == key)) {
            let inner = format!("{name}.{key}");
            if self.direction == Direction::Request && required(b, key) {
                self.tell(Level::Breaking, "property-added", format!("{inner} is new and required"));
            } else {
                self.tell(Level::Compatible, "property-added", format!("{inner} is new"));
            }
            let classes = resolved(self.roots.1, schema).get("x-vedette-classes").and_then(Value::as_array);
            if let Some(classes) = classes.filter(|_| self.direction == Direction::Response) {
                let names: Vec<&str> = classes.iter().filter_map(Value::as_str).collect();
                self.tell(Level::Security, "data-class-added", format!("{inner} returns {}", names.join(", ")));
            }
        }
    }
}

/// A schema with the parts of its `allOf` laid together.
struct Flat<'a> {
    members: Vec<&'a Map<String, Value>>,
    properties: Vec<(&'a str, &'a Value)>,
    required: BTreeSet<&'a str>,
}

impl<'a> Flat<'a> {
    fn get(&self, key: &str) -> Option<&'a Value> {
        self.members.iter().find_map(|members| members.get(key))
    }
}

fn flat<'a>(root: &'a Value, members: &'a Map<String, Value>) -> Flat<'a> {
    let mut out = Flat { members: Vec::new(), properties: Vec::new(), required: BTreeSet::new() };
    let mut rest = vec![members];
    while let Some(members) = rest.pop().filter(|_| out.members.len() < LEVELS) {
        for (key, schema) in members.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if !out.properties.iter().any(|(known, _)| known == key) {
                out.properties.push((key, schema));
            }
        }
        let names = members.get("required").and_then(Value::as_array).into_iter().flatten();
        out.required.extend(names.filter_map(Value::as_str));
        let parts = members.get("allOf").and_then(Value::as_array).into_iter().flatten();
        rest.extend(parts.filter_map(|part| resolved(root, part).as_object()));
        out.members.push(members);
    }
    out
}

fn resolved<'a>(root: &'a Value, mut schema: &'a Value) -> &'a Value {
    for _ in 0..LEVELS {
        let reference = schema.get("$ref").and_then(Value::as_str).and_then(|all| all.strip_prefix('#'));
        match reference.and_then(|at| root.pointer(&vedette_parse::url::percent_decode(at))) {
            Some(target) => schema = target,
            None => break,
        }
    }
    schema
}

fn types<'a>(schema: &Flat<'a>) -> BTreeSet<&'a str> {
    match schema.get("type") {
        Some(Value::String(one)) => BTreeSet::from([one.as_str()]),
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => BTreeSet::new(),
    }
}
