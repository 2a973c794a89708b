//! OpenAPI 2.0 (Swagger).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::openapi::{resolve, schemes, security};
use super::{Body, Operation, Parameter, Server, Spec, normalize, problem, text};
use crate::document::below;

const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch"];

/// Members of a parameter that are no schema keywords.
const NO_KEYWORDS: &[&str] =
    &["name", "in", "required", "description", "collectionFormat", "allowEmptyValue", "example", "examples"];

/// Member of the root where schemas are put that the document has no place for.
const MADE: &str = "x-vedette-schemas";

pub(super) fn spec(mut root: Value) -> Spec {
    normalize::schemas(&mut root);
    let mut spec = Spec { dialect: "Swagger 2.0".to_owned(), complete: true, ..Spec::default() };
    let info = root.get("info").unwrap_or(&Value::Null);
    spec.title = text(info, "title").unwrap_or_default();
    spec.version = text(info, "version").unwrap_or_default();
    spec.servers = servers(&root);
    spec.schemes = schemes(&root, "/securityDefinitions");
    let mut made = Map::new();
    paths(&root, &mut spec, &mut made);
    if let Some(members) = root.as_object_mut() {
        members.insert(MADE.to_owned(), Value::Object(made));
    }
    spec.root = root;
    spec
}

fn servers(root: &Value) -> Vec<Server> {
    let base = text(root, "basePath").unwrap_or_default();
    let Some(host) = text(root, "host") else {
        return if base.is_empty() { Vec::new() } else { vec![Server::parse(&base, |_| None)] };
    };
    let schemes: Vec<&str> =
        root.get("schemes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let schemes = if schemes.is_empty() { vec!["https"] } else { schemes };
    schemes.iter().map(|scheme| Server::parse(&format!("{scheme}://{host}{base}"), |_| None)).collect()
}

fn paths(root: &Value, spec: &mut Spec, made: &mut Map<String, Value>) {
    let Some(items) = root.get("paths").and_then(Value::as_object) else {
        spec.problems.push(problem("", "has no `paths`".to_owned()));
        return;
    };
    for (path, item) in items.iter().filter(|(path, _)| path.starts_with('/')) {
        let pointer = below("/paths", path);
        let (item, place) = match resolve(root, item, &pointer) {
            Ok(found) => found,
            Err(reference) => {
                spec.problems.push(problem(&pointer, format!("'{reference}' is not there")));
                continue;
            }
        };
        for method in METHODS {
            if let Some(declared) = item.get(*method) {
                let at = below(&place, method);
                operation(root, (path, item, &place), (method, declared, &at), spec, made);
            }
        }
    }
}

fn operation(
    root: &Value,
    (path, item, item_at): (&str, &Value, &str),
    (method, declared, pointer): (&str, &Value, &str),
    spec: &mut Spec,
    made: &mut Map<String, Value>,
) {
    let mut parameters: BTreeMap<(String, String), Parameter> = BTreeMap::new();
    let mut request: Option<Body> = None;
    let mut form = Form::default();
    let consumes = media(declared.get("consumes").or(root.get("consumes")));
    for (holder, at) in [(item, item_at), (declared, pointer)] {
        let list = holder.get("parameters").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for (place, one) in list.iter().enumerate() {
            let at = below(&below(at, "parameters"), &place.to_string());
            let (one, at) = match resolve(root, one, &at) {
                Ok(found) => found,
                Err(reference) => {
                    spec.problems.push(problem(&at, format!("'{reference}' is not there")));
                    continue;
                }
            };
            let (Some(name), Some(location)) = (text(one, "name"), text(one, "in")) else { continue };
            let required = one.get("required") == Some(&Value::Bool(true));
            match location.as_str() {
                "body" => {
                    let schema = one.get("schema").map(|_| below(&at, "schema"));
                    let media =
                        if consumes.is_empty() { vec!["application/json".to_owned()] } else { consumes.clone() };
                    let content = media.into_iter().map(|media| (media, schema.clone())).collect();
                    request = Some(Body { required, content, pointer: at });
                }
                "formData" => form.add(name, required, schema_of(one)),
                _ => {
                    let schema = Some(schema_of(one));
                    let key = (location.clone(), name.clone());
                    let required = required || location == "path";
                    parameters
                        .insert(key, Parameter { name, location, required, deprecated: false, schema, pointer: at });
                }
            }
        }
    }
    if !form.properties.is_empty() {
        request = Some(form.body(&consumes, pointer, made));
    }
    let produces = media(declared.get("produces").or(root.get("produces")));
    let responses = responses(root, declared, pointer, &produces, spec);
    spec.operations.push(Operation {
        id: text(declared, "operationId"),
        method: method.to_uppercase(),
        path: path.to_owned(),
        pointer: pointer.to_owned(),
        line: 0,
        deprecated: declared.get("deprecated") == Some(&Value::Bool(true)),
        parameters: parameters.into_values().collect(),
        request,
        responses,
        security: security(declared.get("security").or(root.get("security"))),
        servers: Vec::new(),
    });
}

fn responses(
    root: &Value,
    declared: &Value,
    pointer: &str,
    produces: &[String],
    spec: &mut Spec,
) -> Vec<(String, Body)> {
    let mut out = Vec::new();
    for (status, one) in declared.get("responses").and_then(Value::as_object).into_iter().flatten() {
        let at = below(&below(pointer, "responses"), status);
        match resolve(root, one, &at) {
            Ok((one, at)) if !status.starts_with("x-") => {
                let schema = one.get("schema").map(|_| below(&at, "schema"));
                let media = if produces.is_empty() { vec!["application/json".to_owned()] } else { produces.to_vec() };
                let content = schema
                    .map(|schema| media.into_iter().map(|media| (media, Some(schema.clone()))).collect())
                    .unwrap_or_default();
                out.push((status.clone(), Body { required: false, content, pointer: at }));
            }
            Ok(_) => {}
            Err(reference) => spec.problems.push(problem(&at, format!("'{reference}' is not there"))),
        }
    }
    out
}

fn media(list: Option<&Value>) -> Vec<String> {
    let each = list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    each.map(|media| media.split(';').next().unwrap_or(media).trim().to_ascii_lowercase()).collect()
}

/// A parameter's own keywords are its schema.
fn schema_of(parameter: &Value) -> Value {
    let mut members = parameter.as_object().cloned().unwrap_or_default();
    members.retain(|key, _| !NO_KEYWORDS.contains(&key.as_str()));
    Value::Object(members)
}

/// `formData` parameters are one body.
#[derive(Default)]
struct Form {
    properties: Map<String, Value>,
    required: Vec<Value>,
}

impl Form {
    fn add(&mut self, name: String, required: bool, schema: Value) {
        if required {
            self.required.push(Value::String(name.clone()));
        }
        self.properties.insert(name, schema);
    }

    fn body(self, consumes: &[String], pointer: &str, made: &mut Map<String, Value>) -> Body {
        let media = if consumes.is_empty() {
            vec!["application/x-www-form-urlencoded".to_owned(), "multipart/form-data".to_owned()]
        } else {
            consumes.to_vec()
        };
        let name = made.len().to_string();
        let schema = below(&below("", MADE), &name);
        let required = !self.required.is_empty();
        made.insert(name, json!({"type": "object", "properties": self.properties, "required": self.required}));
        let content = media.into_iter().map(|media| (media, Some(schema.clone()))).collect();
        Body { required, content, pointer: pointer.to_owned() }
    }
}
