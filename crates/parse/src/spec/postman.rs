//! Postman collections 2.0 and 2.1 (schema.getpostman.com). A collection shows examples of calls: what it does not show
//! is not forbidden.

use serde_json::Value;
use vedette_model::limits::DOCUMENT_DEPTH_MAX;

use super::{Body, Operation, Parameter, Server, Spec, problem, text};
use crate::document::below;

pub(super) fn is_collection(root: &Value) -> bool {
    let named = root.pointer("/info/schema").and_then(Value::as_str).is_some_and(|schema| schema.contains("postman"));
    root.get("item").is_some_and(Value::is_array) && (named || root.pointer("/info/_postman_id").is_some())
}

pub(super) fn spec(root: Value) -> Spec {
    let mut spec = Spec { dialect: "Postman 2.1".to_owned(), ..Spec::default() };
    let info = root.get("info").unwrap_or(&Value::Null);
    spec.title = text(info, "name").unwrap_or_default();
    spec.version = text(info, "version").unwrap_or_default();
    items(&root, "", &root, &mut spec, 0);
    let mut servers: Vec<Server> = spec.operations.iter().flat_map(|one| one.servers.clone()).collect();
    servers.dedup();
    spec.servers = servers;
    spec.root = root;
    spec
}

fn items(holder: &Value, at: &str, root: &Value, spec: &mut Spec, depth: usize) {
    let list = holder.get("item").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for (place, item) in list.iter().enumerate().filter(|_| depth < DOCUMENT_DEPTH_MAX) {
        let at = below(&below(at, "item"), &place.to_string());
        items(item, &at, root, spec, depth + 1);
        if let Some(request) = item.get("request") {
            match operation(request, item, &below(&at, "request"), root) {
                Some(operation) => add(spec, operation),
                None => spec.problems.push(problem(&at, "a request without a URL".to_owned())),
            }
        }
    }
}

/// Several requests of a collection may be one operation.
fn add(spec: &mut Spec, new: Operation) {
    let known = spec.operations.iter_mut().find(|one| one.method == new.method && one.path == new.path);
    let Some(own) = known else {
        spec.operations.push(new);
        return;
    };
    for parameter in new.parameters {
        if !own.parameters.iter().any(|one| one.name == parameter.name && one.location == parameter.location) {
            own.parameters.push(parameter);
        }
    }
    for (status, body) in new.responses {
        if !own.responses.iter().any(|(known, _)| *known == status) {
            own.responses.push((status, body));
        }
    }
}

fn operation(request: &Value, item: &Value, at: &str, root: &Value) -> Option<Operation> {
    let url = match request {
        Value::String(url) => url.clone(),
        _ => match request.get("url")? {
            Value::String(url) => url.clone(),
            url => text(url, "raw").or_else(|| assembled(url))?,
        },
    };
    let (address, query) = url.split_once('?').unwrap_or((&url, ""));
    let (server, path) = split(address, root);
    let mut parameters: Vec<Parameter> = crate::url::pairs(query)
        .map(|(name, _)| Parameter {
            name: name.into_owned(),
            location: "query".to_owned(),
            pointer: below(at, "url"),
            ..Parameter::default()
        })
        .collect();
    parameters.dedup_by(|a, b| a.name == b.name);
    let responses = item.get("response").and_then(Value::as_array).into_iter().flatten();
    Some(Operation {
        id: text(item, "name"),
        method: text(request, "method").unwrap_or_else(|| "GET".to_owned()).to_uppercase(),
        path,
        pointer: at.to_owned(),
        parameters,
        request: body(request, at),
        responses: responses.filter_map(|one| Some((text(one, "code")?, Body::default()))).collect(),
        servers: vec![server],
        ..Operation::default()
    })
}

/// The URL from its parts, where `raw` is missing.
fn assembled(url: &Value) -> Option<String> {
    let joined = |key: &str, by: &str| match url.get(key) {
        Some(Value::Array(parts)) => Some(parts.iter().map(super::plain).collect::<Vec<_>>().join(by)),
        Some(value) => Some(super::plain(value)),
        None => None,
    };
    let path = joined("path", "/")?;
    Some(format!("{}/{}", joined("host", ".").unwrap_or_default(), path.trim_start_matches('/')))
}

/// The server of an address, and its path with `:name` and `{{name}}` as parameters.
fn split(address: &str, root: &Value) -> (Server, String) {
    let variable = |name: &str| -> Option<String> {
        let all = root.get("variable")?.as_array()?;
        let found = all.iter().find(|one| text(one, "key").as_deref() == Some(name))?;
        text(found, "value")
    };
    // `{{baseUrl}}/users` or `https://{{host}}/users`: the first variable is the server when nothing stands before it.
    let mut address = address.to_owned();
    if let Some((name, rest)) = address.strip_prefix("{{").and_then(|rest| rest.split_once("}}")) {
        address = format!("{}{rest}", variable(name).unwrap_or_default());
    }
    let (origin, path) = match address.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
            (format!("{scheme}://{}", host.replace("{{", "{").replace("}}", "}")), path.to_owned())
        }
        None if address.starts_with('/') => (String::new(), address),
        None => {
            let (host, path) = address.find('/').map_or((address.as_str(), ""), |at| address.split_at(at));
            let host = host.replace("{{", "{").replace("}}", "}");
            (if host.is_empty() { host } else { format!("https://{host}") }, path.to_owned())
        }
    };
    let segment = |segment: &str| match (segment.strip_prefix(':'), segment.strip_prefix("{{")) {
        (Some(name), _) if !name.is_empty() => format!("{{{name}}}"),
        (_, Some(name)) => format!("{{{}}}", name.trim_end_matches("}}")),
        _ => segment.to_owned(),
    };
    let path: Vec<String> = path.split('/').map(segment).collect();
    let path = path.join("/");
    (Server::parse(&origin, |_| None), if path.is_empty() { "/".to_owned() } else { path })
}

fn body(request: &Value, at: &str) -> Option<Body> {
    let body = request.get("body").filter(|body| !body.is_null())?;
    let media = match text(body, "mode")?.as_str() {
        "urlencoded" => "application/x-www-form-urlencoded",
        "formdata" => "multipart/form-data",
        "graphql" => "application/json",
        _ if body.pointer("/options/raw/language").is_some_and(|language| language == "xml") => "application/xml",
        _ => "application/json",
    };
    Some(Body { required: false, content: vec![(media.to_owned(), None)], pointer: below(at, "body") })
}
