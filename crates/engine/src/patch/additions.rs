//! What a specification lacks.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use vedette_model::limits::SPEC_REFERENCES_MAX;
use vedette_model::results::{Endpoint, Operation, Results, Violation};
use vedette_parse::document::below;
use vedette_parse::spec::Spec;
use vedette_parse::url::percent_decode;

use crate::openapi::{learned_operation, stated_schema};

/// One thing to add.
pub(super) struct Addition {
    /// In words (`GET /a: query parameter 'x'`).
    pub(super) what: String,
    /// Where and what, the best place first: the next is taken where the one before does not exist.
    pub(super) places: Vec<Place>,
}

/// A member for a mapping, or an item for a sequence.
pub(super) struct Place {
    /// JSON pointer of the mapping or sequence.
    pub(super) holder: String,
    /// Key of the member; `None` for an item.
    pub(super) key: Option<String>,
    pub(super) value: Value,
}

impl Place {
    fn member(holder: &str, key: &str, value: Value) -> Self {
        Self { holder: holder.to_owned(), key: Some(key.to_owned()), value }
    }
}

pub(super) fn of(results: &Results, spec: &Spec) -> Vec<Addition> {
    let mut out = Vec::new();
    let mut fields: BTreeMap<String, Addition> = BTreeMap::new();
    let mut paths: BTreeMap<String, Addition> = BTreeMap::new();
    let declared = |endpoint: &&Endpoint| {
        results.services.iter().any(|one| one.name == endpoint.service && one.specs.contains(&spec.file))
    };
    let mut endpoints: Vec<&Endpoint> = results
        .endpoints
        .iter()
        .filter(|one| one.is_api() && one.path_template() == one.template)
        .filter(declared)
        .collect();
    endpoints.sort_by(|a, b| (&a.template, &a.method).cmp(&(&b.template, &b.method)));
    for endpoint in endpoints {
        match &endpoint.operation {
            Some(operation) if operation.spec == spec.file => {
                for violation in &operation.violations {
                    if violation.kind == "undocumented-field" {
                        if let Some((key, addition)) = field(endpoint, operation, violation, spec) {
                            fields.entry(key).or_insert(addition);
                        }
                    } else {
                        out.extend(of_violation(endpoint, operation, violation));
                    }
                }
            }
            None if endpoint.statuses.keys().any(|status| status.starts_with('2')) => {
                shadow(endpoint, spec, &mut paths);
            }
            _ => {}
        }
    }
    out.extend(fields.into_values());
    out.extend(paths.into_values());
    if spec.dialect.starts_with("OpenAPI 3.0") {
        out.iter_mut().flat_map(|one| &mut one.places).for_each(|place| nullable(&mut place.value));
    }
    out
}

/// `type: [string, "null"]` as OpenAPI 3.0 writes it; other unions have no form there and lose their type.
fn nullable(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(nullable),
        Value::Object(members) => {
            if let Some(Value::Array(kinds)) = members.get("type").cloned() {
                let mut others = kinds.iter().filter(|kind| *kind != "null");
                match (others.next(), others.next()) {
                    (Some(one), None) => members.insert("type".to_owned(), one.clone()),
                    _ => members.remove("type"),
                };
                if kinds.iter().any(|kind| kind == "null") && members.contains_key("type") {
                    members.insert("nullable".to_owned(), Value::Bool(true));
                }
            } else if members.get("type").is_some_and(|kind| kind == "null") {
                members.remove("type");
            }
            members.iter_mut().for_each(|(_, member)| nullable(member));
        }
        _ => {}
    }
}

fn name(endpoint: &Endpoint) -> String {
    format!("{} {}", endpoint.method, endpoint.template)
}

fn of_violation(endpoint: &Endpoint, operation: &Operation, violation: &Violation) -> Option<Addition> {
    let at = &operation.pointer;
    match violation.kind.as_str() {
        "undocumented-parameter" => {
            let parameter = violation.place.strip_prefix("request.query.").filter(|name| *name != "*")?;
            let learned = endpoint.fields.iter().find(|one| one.location == "query" && one.name == parameter);
            let kind = learned.and_then(|field| field.types.first()).map_or("string", String::as_str);
            let item = json!({"in": "query", "name": parameter, "required": false, "schema": {"type": kind}});
            let holder = below(at, "parameters");
            Some(Addition {
                what: format!("{}: query parameter '{parameter}'", name(endpoint)),
                places: vec![
                    Place { holder, key: None, value: item.clone() },
                    Place::member(at, "parameters", json!([item])),
                ],
            })
        }
        "undocumented-status" => {
            let status = violation.place.strip_prefix("response.")?;
            let operation = learned_operation(endpoint, &endpoint.template);
            let value = operation.pointer(&format!("/responses/{status}"))?.clone();
            Some(Addition {
                what: format!("{}: response {status}", name(endpoint)),
                places: vec![Place::member(&below(at, "responses"), status, plain(value))],
            })
        }
        _ => None,
    }
}

/// A property, at the schema that its object has in the specification; several operations may share it.
fn field(endpoint: &Endpoint, operation: &Operation, violation: &Violation, spec: &Spec) -> Option<(String, Addition)> {
    let (place, path) = violation.place.split_once(".body.$")?;
    let declared = spec.operations.iter().find(|one| one.pointer == operation.pointer)?;
    let (body, learned) = match place.strip_prefix("response.") {
        Some(status) => {
            let class = format!("{}XX", status.get(..1)?);
            let of = |wanted: &str| declared.responses.iter().find(|(known, _)| known == wanted).map(|(_, body)| body);
            (of(status).or_else(|| of(&class)).or_else(|| of("default"))?, endpoint.response_schemas.get(status)?)
        }
        None => (declared.request.as_ref()?, endpoint.request_schema.as_ref()?),
    };
    let pointer = body.content.iter().find(|(media, _)| media.contains("json"))?.1.as_deref()?;
    let (holder, key) = match path.rsplit_once('.') {
        Some((holder, key)) if key != "*" => (holder, key),
        _ => return None,
    };
    if key.ends_with("[]") {
        return None;
    }
    let mut at = resolved(spec, pointer)?;
    let mut seen = learned;
    for step in holder.split('.') {
        let (property, lists) =
            step.split_once("[]").map_or((step, 0), |(name, rest)| (name, 1 + rest.matches("[]").count()));
        if !property.is_empty() {
            at = resolved(spec, &holder_of(spec, &at, property)?)?;
            seen = seen.pointer(&below("/properties", property))?;
        }
        for _ in 0..lists {
            at = resolved(spec, &below(&at, "items"))?;
            seen = seen.get("items")?;
        }
    }
    let schema = seen.pointer(&below("/properties", key)).map_or_else(|| json!({}), stated_schema);
    let target = with_properties(spec, &at)?;
    let what = format!("property '{key}' at {target} ({})", name(endpoint));
    let places = vec![Place::member(&below(&target, "properties"), key, plain(schema))];
    Some((format!("{target}/{key}"), Addition { what, places }))
}

/// The pointer of a property's schema, also where a part of `allOf` and the like names it.
fn holder_of(spec: &Spec, at: &str, property: &str) -> Option<String> {
    let own = below(&below(at, "properties"), property);
    if spec.root.pointer(&own).is_some() {
        return Some(own);
    }
    parts(spec, at).into_iter().find_map(|part| holder_of(spec, &part, property))
}

/// The schema itself, or its part, that names properties.
fn with_properties(spec: &Spec, at: &str) -> Option<String> {
    if spec.root.pointer(&below(at, "properties")).is_some() {
        return Some(at.to_owned());
    }
    parts(spec, at).into_iter().find_map(|part| with_properties(spec, &part))
}

fn parts(spec: &Spec, at: &str) -> Vec<String> {
    let all = ["allOf", "anyOf", "oneOf"].iter().filter_map(|key| {
        let holder = below(at, key);
        let count = spec.root.pointer(&holder)?.as_array()?.len();
        Some(
            (0..count).filter_map(move |place| resolved(spec, &below(&holder, &place.to_string()))).collect::<Vec<_>>(),
        )
    });
    all.flatten().take(64).collect()
}

/// Follows references from a pointer to the pointer of what they mean, within the file.
fn resolved(spec: &Spec, pointer: &str) -> Option<String> {
    let mut pointer = pointer.to_owned();
    for _ in 0..SPEC_REFERENCES_MAX {
        let schema = spec.root.pointer(&pointer)?;
        match schema.get("$ref").and_then(Value::as_str).and_then(|all| all.strip_prefix('#')) {
            Some(target) => pointer = percent_decode(target).into_owned(),
            None => return Some(pointer),
        }
    }
    None
}

/// An endpoint that is not declared: a method of a known path, or a new path.
fn shadow(endpoint: &Endpoint, spec: &Spec, paths: &mut BTreeMap<String, Addition>) {
    if matches!(endpoint.method.as_str(), "OPTIONS" | "HEAD" | "OTHER" | "CONNECT") {
        return;
    }
    let bases = spec.servers.iter().map(|server| server.base.as_str());
    let base = bases.filter(|base| endpoint.template.starts_with(&format!("{base}/"))).max_by_key(|base| base.len());
    let path = endpoint.template.get(base.map_or(0, str::len)..).unwrap_or(&endpoint.template);
    let method = endpoint.method.to_lowercase();
    let value = plain(learned_operation(endpoint, path));
    if spec.operations.iter().any(|one| one.path == path) {
        let places = vec![Place::member(&below("/paths", path), &method, value)];
        paths.insert(
            format!("{path} {method}"),
            Addition { what: format!("{}: the operation", name(endpoint)), places },
        );
        return;
    }
    let addition = paths.entry(path.to_owned()).or_insert_with(|| Addition {
        what: String::new(),
        places: vec![Place::member("/paths", path, Value::Object(Map::new()))],
    });
    let comma = if addition.what.is_empty() { "" } else { ", " };
    addition.what = format!("{}{comma}{}", addition.what, name(endpoint));
    if let Some(methods) = addition.places.first_mut().and_then(|place| place.value.as_object_mut()) {
        methods.insert(method, value);
    }
}

/// Without our extensions and without security: which scheme is meant is the owner's to say.
fn plain(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => {
            members.retain(|key, _| !key.starts_with("x-vedette") && key != "security" && key != "example");
            for (_, member) in members.iter_mut() {
                *member = plain(member.take());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = plain(item.take())),
        _ => {}
    }
    value
}
