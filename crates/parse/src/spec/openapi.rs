//! OpenAPI 3.0, 3.1 and 3.2.

use std::collections::BTreeMap;

use serde_json::Value;
use vedette_model::limits::SPEC_REFERENCES_MAX;

use super::{Body, Operation, Parameter, Scheme, Server, Spec, normalize, problem, text};
use crate::document::below;

/// Methods of a path item; 3.2 adds `query` and `additionalOperations`.
const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

pub(super) fn spec(mut root: Value, version: &str) -> Spec {
    if version.starts_with("3.0") {
        normalize::schemas(&mut root);
    }
    let mut spec = Spec { dialect: format!("OpenAPI {version}"), complete: true, ..Spec::default() };
    let info = root.get("info").unwrap_or(&Value::Null);
    spec.title = text(info, "title").unwrap_or_default();
    spec.version = text(info, "version").unwrap_or_default();
    spec.servers = servers(root.get("servers"));
    spec.schemes = schemes(&root, "/components/securitySchemes");
    paths(&root, &mut spec);
    spec.root = root;
    spec
}

fn servers(list: Option<&Value>) -> Vec<Server> {
    let each = list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default().iter();
    each.filter_map(|server| {
        let url = text(server, "url")?;
        let variable = |name: &str| text(server.get("variables")?.get(name)?, "default");
        Some(Server::parse(&url, variable))
    })
    .collect()
}

fn paths(root: &Value, spec: &mut Spec) {
    let Some(paths) = root.get("paths") else {
        if root.get("webhooks").is_none() && root.get("components").is_none() {
            spec.problems.push(problem("", "has no `paths`".to_owned()));
        }
        return;
    };
    let Some(items) = paths.as_object() else {
        spec.problems.push(problem("/paths", "`paths` is no object".to_owned()));
        return;
    };
    for (path, item) in items.iter().filter(|(path, _)| !path.starts_with("x-")) {
        let pointer = below("/paths", path);
        if !path.starts_with('/') {
            spec.problems.push(problem(&pointer, format!("the path '{path}' does not begin with a slash")));
            continue;
        }
        let (item, place) = match resolve(root, item, &pointer) {
            Ok(found) => found,
            Err(reference) => {
                spec.problems.push(problem(&pointer, format!("'{reference}' is not there")));
                continue;
            }
        };
        if !item.is_object() {
            spec.problems.push(problem(&pointer, format!("the path '{path}' is no object")));
            continue;
        }
        let more = item.get("additionalOperations").and_then(Value::as_object);
        let own = METHODS.iter().filter_map(|method| Some((method.to_uppercase(), *method, item.get(*method)?)));
        for (method, key, declared) in own {
            let at = below(&place, key);
            operation(root, (path, item, &place), (&method, declared, &at), spec);
        }
        for (method, declared) in more.into_iter().flatten() {
            let at = below(&below(&place, "additionalOperations"), method);
            operation(root, (path, item, &place), (&method.to_uppercase(), declared, &at), spec);
        }
    }
}

fn operation(root: &Value, item: (&str, &Value, &str), declared: (&str, &Value, &str), spec: &mut Spec) {
    let ((path, item, item_at), (method, declared, pointer)) = (item, declared);
    if !declared.is_object() {
        spec.problems.push(problem(pointer, format!("{method} {path} is no object")));
        return;
    }
    let mut parameters: BTreeMap<(String, String), Parameter> = BTreeMap::new();
    for (holder, at) in [(item, item_at), (declared, pointer)] {
        let list = holder.get("parameters").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for (place, one) in list.iter().enumerate() {
            let at = below(&below(at, "parameters"), &place.to_string());
            match resolve(root, one, &at) {
                Ok((one, at)) => {
                    if let Some(parameter) = parameter(one, &at) {
                        parameters.insert((parameter.location.clone(), parameter.name.clone()), parameter);
                    }
                }
                Err(reference) => spec.problems.push(problem(&at, format!("'{reference}' is not there"))),
            }
        }
    }
    let request = declared.get("requestBody").and_then(|one| {
        let at = below(pointer, "requestBody");
        body(root, one, &at, spec)
    });
    let mut responses = Vec::new();
    for (status, one) in declared.get("responses").and_then(Value::as_object).into_iter().flatten() {
        let at = below(&below(pointer, "responses"), status);
        if !status.starts_with("x-")
            && let Some(body) = body(root, one, &at, spec)
        {
            responses.push((status.to_ascii_uppercase().replace("DEFAULT", "default"), body));
        }
    }
    let own = declared.get("servers").or(item.get("servers"));
    spec.operations.push(Operation {
        id: text(declared, "operationId"),
        method: method.to_owned(),
        path: path.to_owned(),
        pointer: pointer.to_owned(),
        line: 0,
        deprecated: declared.get("deprecated") == Some(&Value::Bool(true)),
        parameters: parameters.into_values().collect(),
        request,
        responses,
        security: security(declared.get("security").or(root.get("security"))),
        servers: servers(own),
    });
}

fn parameter(one: &Value, at: &str) -> Option<Parameter> {
    let content = one.get("content").and_then(Value::as_object).and_then(|content| content.values().next());
    let location = text(one, "in")?;
    Some(Parameter {
        name: text(one, "name")?,
        required: one.get("required") == Some(&Value::Bool(true)) || location == "path",
        location,
        deprecated: one.get("deprecated") == Some(&Value::Bool(true)),
        // A value that is itself a document (JSON in a parameter) is not judged.
        schema: one.get("schema").filter(|_| content.is_none()).cloned(),
        pointer: at.to_owned(),
    })
}

fn body(root: &Value, one: &Value, at: &str, spec: &mut Spec) -> Option<Body> {
    let (one, at) = match resolve(root, one, at) {
        Ok(found) => found,
        Err(reference) => {
            spec.problems.push(problem(at, format!("'{reference}' is not there")));
            return None;
        }
    };
    let mut content = Vec::new();
    for (media, described) in one.get("content").and_then(Value::as_object).into_iter().flatten() {
        let place = below(&below(&below(&at, "content"), media), "schema");
        let essence = media.split(';').next().unwrap_or(media).trim().to_ascii_lowercase();
        content.push((essence, described.get("schema").map(|_| place)));
    }
    Some(Body { required: one.get("required") == Some(&Value::Bool(true)), content, pointer: at })
}

/// Alternatives of a `security` member.
pub(super) fn security(value: Option<&Value>) -> Vec<Vec<String>> {
    let Some(list) = value.and_then(Value::as_array) else { return Vec::new() };
    if list.is_empty() {
        return vec![Vec::new()]; // `security: []` takes authentication away.
    }
    list.iter().filter_map(|one| Some(one.as_object()?.keys().cloned().collect())).collect()
}

/// The security schemes at a pointer (`/components/securitySchemes`, `/securityDefinitions`).
pub(super) fn schemes(root: &Value, pointer: &str) -> Vec<(String, Scheme)> {
    let all = root.pointer(pointer).and_then(Value::as_object);
    let named = all.into_iter().flatten().filter_map(|(name, one)| {
        let (one, _) = resolve(root, one, "").ok()?;
        let place = text(one, "in").unwrap_or_default();
        let kind = match text(one, "type")?.as_str() {
            "http" => text(one, "scheme")?.to_ascii_lowercase(),
            "apiKey" => format!("api-key-{place}"),
            "openIdConnect" => "openid-connect".to_owned(),
            "mutualTLS" => "mutual-tls".to_owned(),
            kind => kind.to_owned(),
        };
        Some((name.clone(), Scheme { kind, name: text(one, "name").filter(|_| !place.is_empty()) }))
    });
    named.collect()
}

/// Follows references; gives the value with its own pointer, or the reference that leads nowhere.
pub(super) fn resolve<'v>(root: &'v Value, value: &'v Value, at: &str) -> Result<(&'v Value, String), String> {
    let (mut value, mut at) = (value, at.to_owned());
    for _ in 0..SPEC_REFERENCES_MAX {
        let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return Ok((value, at)) };
        let pointer = crate::url::percent_decode(reference.strip_prefix('#').unwrap_or(reference)).into_owned();
        match root.pointer(&pointer).filter(|_| reference.starts_with('#')) {
            Some(target) => (value, at) = (target, pointer),
            None => return Err(reference.to_owned()),
        }
    }
    Err(at)
}
