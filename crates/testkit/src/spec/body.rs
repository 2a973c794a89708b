//! Bodies from schemas. Members that name the object of the path carry its value, as services answer with what they
//! were asked for; the rest of an object is always the same for that object.

use serde_json::Value;

use super::document::Document;
use super::form::{Form, words};
use super::world::{Object, World, normalize};
use crate::json::Json;
use crate::rng::Rng;
use crate::values;
use crate::words::{CITIES, STREETS, TOPICS};

/// Deepest body.
const DEPTH_MAX: usize = 7;
/// Nodes of one body: schemas that contain each other would fill pages.
const NODES_MAX: usize = 260;
/// Schemas combined into one object.
const COMBINED_MAX: usize = 24;

/// Makes bodies of one document.
#[derive(Debug)]
pub(super) struct Bodies<'a> {
    /// The document.
    pub(super) document: &'a Document,
    /// Its objects.
    pub(super) world: &'a World,
}

/// What a body is about.
#[derive(Debug, Default)]
pub(super) struct About {
    /// Objects along the path.
    pub(super) path: Vec<Object>,
    /// The one that the body shows or writes.
    pub(super) own: Option<Object>,
    /// The ones that it lists, each after its parents.
    pub(super) items: Option<Vec<Vec<Object>>>,
}

struct Draft<'a> {
    rng: Rng,
    about: &'a mut About,
    depth: usize,
    nodes: usize,
}

impl Bodies<'_> {
    /// A value of `schema`.
    pub(super) fn value(&self, schema: &Value, about: &mut About, seed: u64) -> Json {
        let mut draft = Draft { rng: Rng::new(seed), about, depth: 0, nodes: NODES_MAX };
        self.node("", schema, &mut draft)
    }

    fn node(&self, name: &str, schema: &Value, draft: &mut Draft<'_>) -> Json {
        let schema = self.document.resolve(schema);
        draft.nodes = draft.nodes.saturating_sub(1);
        if schema.get("nullable") == Some(&Value::Bool(true)) && draft.depth > 0 && draft.rng.chance(0.15) {
            return Json::Null;
        }
        let mut members = Vec::new();
        let mut leaf = schema;
        self.members(schema, &mut members, &mut leaf, COMBINED_MAX, &mut draft.rng);
        if !members.is_empty() {
            return self.object(&members, draft);
        }
        let kind = leaf.get("type").and_then(|t| t.as_str().or_else(|| t.get(0).and_then(Value::as_str)));
        match kind {
            Some("array") => self.array(name, leaf, draft),
            Some("object") => self.map(leaf, draft),
            None if leaf.get("items").is_some() => self.array(name, leaf, draft),
            None if leaf.get("additionalProperties").is_some() => self.map(leaf, draft),
            None if leaf.get("enum").is_none() && leaf.get("example").is_none() && leaf.get("format").is_none() => {
                if draft.depth == 0 {
                    Json::Object(Vec::new())
                } else {
                    self.text(name, leaf, draft)
                }
            }
            Some("integer" | "number") => number(name, leaf, kind == Some("number"), &mut draft.rng),
            Some("boolean") => Json::Bool(draft.rng.chance(0.5)),
            Some("null") => Json::Null,
            _ => self.text(name, leaf, draft),
        }
    }

    /// Members of an object, those of combined schemas too. `leaf` becomes the schema that says the type.
    fn members<'v>(
        &'v self,
        schema: &'v Value,
        found: &mut Vec<(&'v str, &'v Value, bool)>,
        leaf: &mut &'v Value,
        budget: usize,
        rng: &mut Rng,
    ) {
        let schema = self.document.resolve(schema);
        if schema.get("type").is_some() || schema.get("enum").is_some() || schema.get("items").is_some() {
            *leaf = schema;
        }
        let required: Vec<&str> =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if found.iter().all(|(n, ..)| n != name) {
                found.push((name, property, required.contains(&name.as_str())));
            }
        }
        if budget == 0 {
            return;
        }
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.members(part, found, leaf, budget / 2, rng);
        }
        for choice in ["oneOf", "anyOf"] {
            let Some(choices) = schema.get(choice).and_then(Value::as_array) else { continue };
            if let Some(part) = choices.get(rng.skewed(choices.len())) {
                self.members(part, found, leaf, budget / 2, rng);
            }
        }
    }

    fn object(&self, members: &[(&str, &Value, bool)], draft: &mut Draft<'_>) -> Json {
        let own = draft.about.own.clone();
        let key = own.as_ref().and_then(|own| {
            let fits = |m: &(&str, &Value, bool)| self.can_carry(m.1, &own.value);
            key_member(&own.parameter, &members.iter().filter(|m| fits(m)).map(|m| m.0).collect::<Vec<_>>())
        });
        if let (Some(own), Some(_)) = (&own, key) {
            draft.about.own = None;
            draft.rng = Rng::new(own.seed ^ draft.depth as u64);
        }
        let mut object = Vec::new();
        draft.depth += 1;
        for (name, schema, required) in members {
            let full = draft.depth > DEPTH_MAX || draft.nodes == 0;
            if Some(*name) != key && (full || !(*required || draft.rng.chance(0.75))) && !object.is_empty() {
                continue;
            }
            let value = match (&own, key) {
                (Some(own), Some(key)) if key == *name => self.carrying(schema, &own.value),
                _ => self.member(name, schema, draft),
            };
            object.push(((*name).to_owned(), value));
        }
        draft.depth -= 1;
        Json::Object(object)
    }

    /// A member: a reference to an object of the path, a foreign key, or what the schema says.
    fn member(&self, name: &str, schema: &Value, draft: &mut Draft<'_>) -> Json {
        let normalized = normalize(name);
        let bound = draft.about.path.iter().find(|o| {
            let parameter = normalize(&o.parameter);
            parameter == normalized || parameter.strip_suffix("id") == Some(normalized.as_str())
        });
        let bound = bound.cloned().filter(|_| draft.rng.chance(0.9)).or_else(|| {
            let rng = &mut draft.rng;
            rng.chance(0.7).then(|| self.world.referred(name, rng)).flatten()
        });
        let Some(bound) = bound else { return self.node(name, schema, draft) };
        if self.can_carry(schema, &bound.value) {
            return self.carrying(schema, &bound.value);
        }
        if draft.depth >= DEPTH_MAX || draft.about.own.is_some() {
            return self.node(name, schema, draft);
        }
        // An object named as the parameter is (`owner`): it shows that object.
        let outer = draft.rng.clone();
        draft.about.own = Some(bound);
        let value = self.node(name, schema, draft);
        draft.about.own = None;
        draft.rng = outer;
        value
    }

    /// True when a value of the schema can be that text.
    fn can_carry(&self, schema: &Value, value: &str) -> bool {
        let schema = self.document.resolve(schema);
        match schema.get("type").and_then(Value::as_str) {
            Some("integer" | "number") => value.len() < 18 && value.bytes().all(|b| b.is_ascii_digit()),
            Some("string") => schema.get("enum").is_none(),
            Some(_) => false,
            None => {
                schema.get("properties").is_none() && schema.get("allOf").is_none() && schema.get("items").is_none()
            }
        }
    }

    fn carrying(&self, schema: &Value, value: &str) -> Json {
        let numeric =
            matches!(self.document.resolve(schema).get("type").and_then(Value::as_str), Some("integer" | "number"));
        if numeric { value.parse().map_or(Json::Null, Json::Int) } else { value.into() }
    }

    fn array(&self, name: &str, schema: &Value, draft: &mut Draft<'_>) -> Json {
        let null = Value::Null;
        let items = self.document.resolve(schema.get("items").unwrap_or(&null));
        let objects = items.get("properties").is_some() || items.get("allOf").is_some() || items.get("oneOf").is_some();
        if let Some(listed) = objects.then(|| draft.about.items.take()).flatten() {
            let path = draft.about.path.clone();
            let values: Vec<Json> = listed
                .into_iter()
                .map(|mut item| {
                    draft.about.own = item.pop();
                    draft.about.path = item;
                    draft.nodes = draft.nodes.max(40);
                    let value = self.node(name, items, draft);
                    draft.about.own = None;
                    value
                })
                .collect();
            draft.about.path = path;
            return Json::Array(values);
        }
        if draft.depth > DEPTH_MAX || draft.nodes == 0 {
            return Json::Array(Vec::new());
        }
        draft.depth += 1;
        let len = draft.rng.skewed(5);
        let values = (0..len).map(|_| self.node(name.trim_end_matches('s'), items, draft)).collect();
        draft.depth -= 1;
        Json::Array(values)
    }

    fn map(&self, schema: &Value, draft: &mut Draft<'_>) -> Json {
        let null = Value::Null;
        let inner = schema.get("additionalProperties").filter(|v| v.is_object()).unwrap_or(&null);
        if draft.depth > DEPTH_MAX || draft.nodes == 0 {
            return Json::Object(Vec::new());
        }
        draft.depth += 1;
        let mut members: Vec<(String, Json)> = Vec::new();
        for _ in 0..draft.rng.below(4) {
            let key = draft.rng.word(TOPICS);
            if members.iter().all(|(k, _)| k != key) {
                members.push((key.to_owned(), self.node(key, inner, draft)));
            }
        }
        draft.depth -= 1;
        Json::Object(members)
    }

    fn text(&self, name: &str, schema: &Value, draft: &mut Draft<'_>) -> Json {
        let rng = &mut draft.rng;
        if let Some(values) = schema.get("enum").and_then(Value::as_array).filter(|v| !v.is_empty()) {
            return scalar(rng.pick(values));
        }
        let example = schema.get("example").filter(|e| !e.is_object() && !e.is_array());
        if let Some(example) = example.filter(|_| rng.chance(0.2)) {
            return scalar(example);
        }
        if let Some(form) = schema.get("format").and_then(Value::as_str).and_then(formatted) {
            return form.value(rng, 0).into();
        }
        Json::Text(named(name, &self.document.literals, rng))
    }
}

fn formatted(format: &str) -> Option<Form> {
    Some(match format {
        "uuid" | "guid" => Form::Uuid,
        "date" => Form::Date,
        "date-time" => Form::DateTime,
        "email" => Form::Email,
        "ipv4" | "ip" => Form::Address,
        "hostname" => Form::Host,
        _ => return None,
    })
}

/// Text as a member of this name would hold it.
fn named(name: &str, literals: &[String], rng: &mut Rng) -> String {
    let words = words(name);
    let last = words.last().map_or("", String::as_str);
    match last {
        "email" | "mail" => Form::Email.value(rng, 0),
        "phone" | "mobile" | "fax" => values::phone(rng, "US"),
        "city" | "town" | "location" => rng.pick(CITIES).0.to_owned(),
        "country" => rng.pick(CITIES).2.to_owned(),
        "street" | "address" | "line1" | "address1" => format!("{} {}", rng.between(1, 180), rng.word(STREETS)),
        "url" | "uri" | "href" | "link" | "website" => format!("https://www.example.com/{}", values::slug(rng)),
        "date" | "at" | "time" | "created" | "updated" | "modified" | "timestamp" => Form::DateTime.value(rng, 0),
        "description" | "message" | "text" | "body" | "summary" | "comment" | "note" | "notes" | "content" => {
            sentence(rng)
        }
        "id" | "uuid" | "guid" | "token" | "hash" | "sha" | "etag" | "cursor" => rng.text(values::HEX, 24),
        "login" | "username" | "user" | "owner" | "author" | "handle" => values::login(rng),
        "firstname" | "lastname" | "fullname" | "contact" => values::person(rng).1.to_owned(),
        "name" | "title" | "label" | "displayname" => match rng.below(3) {
            0 => values::slug(rng),
            1 => Form::Title.value(rng, 0),
            _ => sentence(rng).trim_end_matches('.').to_owned(),
        },
        // Words of kinds and states are often the very words that paths are made of.
        "type" | "kind" | "category" | "status" | "state" | "action" | "event" | "scope" | "resource" | "object" => {
            if rng.chance(0.4) && !literals.is_empty() {
                rng.pick(literals).clone()
            } else {
                rng.word(TOPICS).to_owned()
            }
        }
        "color" => format!("#{}", rng.text(values::HEX, 6)),
        "version" => Form::Version.value(rng, 0),
        "currency" => "EUR".to_owned(),
        _ => match rng.below(6) {
            0 => rng.word(TOPICS).to_owned(),
            1 | 2 => values::slug(rng),
            _ => sentence(rng),
        },
    }
}

fn sentence(rng: &mut Rng) -> String {
    let words: Vec<&str> = (0..rng.between(3, 9)).map(|_| rng.word(TOPICS)).collect();
    format!("The {}.", words.join(" "))
}

fn number(name: &str, schema: &Value, fraction: bool, rng: &mut Rng) -> Json {
    if let Some(values) = schema.get("enum").and_then(Value::as_array).filter(|v| !v.is_empty()) {
        return scalar(rng.pick(values));
    }
    let low = schema.get("minimum").and_then(Value::as_f64).map_or(0, |v| v as i64);
    let usual = match words(name).last().map(String::as_str) {
        Some("id") => 9_000_000,
        Some("count" | "total" | "size" | "views") => 4_000,
        Some("at" | "time" | "timestamp") => 1_790_000_000,
        _ => 200,
    };
    let high = schema.get("maximum").and_then(Value::as_f64).map_or(low + usual, |v| v as i64).max(low);
    let value = rng.between(low, high.min(low.saturating_add(usual)));
    if fraction {
        Json::Hundredths(value.saturating_mul(100).saturating_add(rng.between(0, 99)))
    } else {
        Json::Int(value)
    }
}

fn scalar(value: &Value) -> Json {
    match value {
        Value::Bool(b) => Json::Bool(*b),
        Value::Number(n) => {
            n.as_i64().map_or_else(|| Json::Hundredths((n.as_f64().unwrap_or(0.0) * 100.0) as i64), Json::Int)
        }
        Value::String(text) => Json::Text(text.clone()),
        _ => Json::Null,
    }
}

/// The member by which an object of this path parameter is known, among those that could hold its value.
fn key_member<'m>(parameter: &str, members: &[&'m str]) -> Option<&'m str> {
    let wanted = normalize(parameter);
    let named = |name: &str| members.iter().find(|m| normalize(m) == name).copied();
    if let Some(member) = named(&wanted) {
        return Some(member);
    }
    let words = words(parameter);
    let last = words.last().map_or("", String::as_str);
    let suffixes: &[&str] = match last {
        "id" | "ids" => &["id", "gid", "uuid", "uid"],
        "uuid" | "guid" | "sid" | "gid" | "key" | "slug" | "code" | "number" | "email" | "symbol" | "hash" => &[],
        "name" | "username" | "login" => &["login", "username", "name", "slug"],
        _ if wanted.ends_with("id") => &["id", "gid", "uuid"],
        _ => &["slug", "login", "name", "key", "code", "username", "id", "title", "full_name"],
    };
    let by_suffix = (!last.is_empty()).then(|| named(last)).flatten();
    by_suffix
        .or_else(|| suffixes.iter().find_map(|s| named(s)))
        .or_else(|| ["id", "key", "name"].iter().find_map(|s| named(s)))
}
