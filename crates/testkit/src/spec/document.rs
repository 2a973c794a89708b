//! An OpenAPI 3.x document, read as far as a generator of traffic needs it.

use serde_json::Value;

use crate::rng::hash;

/// `$ref`s followed in a row before a document is taken for circular.
const REFERENCES_MAX: usize = 16;

/// Why no traffic can be made from a document.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// Neither JSON nor YAML.
    #[error("cannot read the document: {0}")]
    Unreadable(String),
    /// No `openapi: 3…`.
    #[error("not an OpenAPI 3 document (its version is {0:?})")]
    Version(String),
    /// No path with a method that could be called.
    #[error("the document declares no operation")]
    NoOperation,
}

/// A document with its operations drawn out.
#[derive(Debug)]
pub struct Document {
    root: Value,
    /// Scheme and host of the first server (`https://api.example.com`).
    pub origin: String,
    /// What can be called, in the order of the document.
    pub operations: Vec<Operation>,
    /// Some of the literal path segments: words of collections and actions that bodies mention as values too.
    pub literals: Vec<String>,
}

/// One declared operation.
#[derive(Debug)]
pub struct Operation {
    /// Upper-case method.
    pub method: String,
    /// Template with the base path of the server.
    pub template: String,
    /// The template in segments, each in pieces (`{id}.json` has two).
    pub segments: Vec<Vec<Piece>>,
    /// Path parameters in the order of the template.
    pub path_parameters: Vec<Parameter>,
    /// Query parameters.
    pub query_parameters: Vec<Parameter>,
    /// Media type and schema of the request body.
    pub request: Option<(String, Value)>,
    /// Success statuses with media type and schema.
    pub successes: Vec<(u16, Option<(String, Value)>)>,
}

/// A part of a path segment.
#[derive(Debug, PartialEq)]
pub enum Piece {
    /// As it is.
    Text(String),
    /// The path parameter of this index.
    Parameter(usize),
}

/// A declared parameter.
#[derive(Debug)]
pub struct Parameter {
    /// Name.
    pub name: String,
    /// Schema, `null` when there is none.
    pub schema: Value,
    /// Example of the parameter itself.
    pub example: Option<Value>,
    /// Always sent.
    pub required: bool,
}

impl Document {
    /// Reads JSON or YAML. `base` replaces the path of the first server when given.
    pub fn read(text: &str, base: Option<&str>) -> Result<Self, SpecError> {
        let root: Value = match serde_json::from_str(text) {
            Ok(root) => root,
            Err(_) if text.trim_start().starts_with('{') => {
                return Err(SpecError::Unreadable("it looks like JSON and is broken".into()));
            }
            Err(_) => serde_saphyr::from_str(text).map_err(|e| SpecError::Unreadable(e.to_string()))?,
        };
        let version = root.get("openapi").and_then(Value::as_str).unwrap_or_default();
        if !version.starts_with("3.") {
            return Err(SpecError::Version(version.to_owned()));
        }
        let (origin, server_path) = server(&root);
        let base = base.unwrap_or(&server_path).trim_end_matches('/').to_owned();
        let mut document = Self { root, origin, operations: Vec::new(), literals: Vec::new() };
        document.operations = document.all_operations(&base);
        if document.operations.is_empty() {
            return Err(SpecError::NoOperation);
        }
        document.literals = literals(&document.operations);
        Ok(document)
    }

    /// Follows `$ref` inside the document; what cannot be followed is `null`.
    pub fn resolve<'a>(&'a self, mut value: &'a Value) -> &'a Value {
        for _ in 0..REFERENCES_MAX {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return value };
            let pointer = reference.strip_prefix('#').map(crate::har::decode);
            match pointer.and_then(|p| self.root.pointer(&p)) {
                Some(target) => value = target,
                None => return &Value::Null,
            }
        }
        &Value::Null
    }

    fn all_operations(&self, base: &str) -> Vec<Operation> {
        let mut operations = Vec::new();
        let paths = self.root.get("paths").and_then(Value::as_object);
        for (path, item) in paths.into_iter().flatten() {
            // A template with a query or fragment names operations, not paths; no server routes by it.
            if !path.starts_with('/') || path.contains(['?', '#']) {
                continue;
            }
            let item = self.resolve(item);
            for method in ["get", "put", "post", "delete", "patch"] {
                if let Some(declared) = item.get(method) {
                    operations.push(self.operation(method, &format!("{base}{path}"), item, declared));
                }
            }
        }
        operations
    }

    fn operation(&self, method: &str, template: &str, item: &Value, declared: &Value) -> Operation {
        let listed = |v: &Value| v.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
        let parameters: Vec<Value> = listed(declared).into_iter().chain(listed(item)).collect();
        let mut in_path = Vec::new();
        let mut in_query: Vec<Parameter> = Vec::new();
        for parameter in &parameters {
            let parameter = self.resolve(parameter);
            let Some(name) = parameter.get("name").and_then(Value::as_str) else { continue };
            let read = Parameter {
                name: name.to_owned(),
                schema: parameter.get("schema").map_or(Value::Null, |s| self.resolve(s).clone()),
                example: parameter.get("example").cloned(),
                required: parameter.get("required").and_then(Value::as_bool).unwrap_or(false),
            };
            match parameter.get("in").and_then(Value::as_str) {
                Some("path") => in_path.push(read),
                Some("query") if in_query.iter().all(|q| q.name != name) => in_query.push(read),
                _ => {}
            }
        }
        let (segments, path_parameters) = split(template, in_path);
        Operation {
            method: method.to_uppercase(),
            template: template.to_owned(),
            segments,
            path_parameters,
            query_parameters: in_query,
            request: declared.get("requestBody").and_then(|body| self.content(self.resolve(body))),
            successes: self.successes(declared),
        }
    }

    fn successes(&self, declared: &Value) -> Vec<(u16, Option<(String, Value)>)> {
        let responses = declared.get("responses").and_then(Value::as_object);
        let mut found = Vec::new();
        for (status, response) in responses.into_iter().flatten() {
            let status = match status.as_str() {
                "2XX" | "2xx" | "default" => 200,
                other => other.parse().unwrap_or(0),
            };
            if (200..300).contains(&status) && found.iter().all(|(s, _)| *s != status) {
                found.push((status, self.content(self.resolve(response))));
            }
        }
        if found.is_empty() {
            found.push((200, None));
        }
        found.sort_by_key(|(status, _)| *status);
        found
    }

    /// Media type and schema, JSON preferred.
    fn content(&self, body: &Value) -> Option<(String, Value)> {
        let content = body.get("content")?.as_object()?;
        let (mime, media) = content.iter().find(|(m, _)| m.contains("json")).or_else(|| content.iter().next())?;
        let mime = if mime.contains('*') { "application/json" } else { mime };
        Some((mime.to_owned(), media.get("schema").map_or(Value::Null, |s| self.resolve(s).clone())))
    }
}

/// Origin and path of the first server, variables replaced by their defaults.
fn server(root: &Value) -> (String, String) {
    let server = root.pointer("/servers/0");
    let mut url = server.and_then(|s| s.get("url")).and_then(Value::as_str).unwrap_or("/").to_owned();
    for (name, variable) in server.and_then(|s| s.get("variables")).and_then(Value::as_object).into_iter().flatten() {
        let default = variable.get("default").and_then(Value::as_str).unwrap_or("default");
        url = url.replace(&format!("{{{name}}}"), default);
    }
    let unusable = || ("https://api.example.com".to_owned(), String::new());
    if url.contains(['{', ' ', '?', '#']) {
        return unusable();
    }
    match url.split_once("://") {
        Some((scheme @ ("http" | "https"), rest)) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            (format!("{scheme}://{host}"), format!("/{path}"))
        }
        // `//host/path` takes the scheme of the document (RFC 3986, section 4.2).
        None if url.starts_with("//") => {
            let (host, path) = url.trim_start_matches('/').split_once('/').unwrap_or((url.trim_matches('/'), ""));
            (format!("https://{host}"), format!("/{path}"))
        }
        None if url.starts_with('/') => (unusable().0, url),
        _ => unusable(),
    }
}

/// Splits a template into segments of pieces and puts its parameters in order; an undeclared one is free text.
fn split(template: &str, mut declared: Vec<Parameter>) -> (Vec<Vec<Piece>>, Vec<Parameter>) {
    let mut parameters: Vec<Parameter> = Vec::new();
    let mut segments = Vec::new();
    for segment in template.split('/').skip(1) {
        let mut pieces = Vec::new();
        let mut rest = segment;
        while let Some((text, (name, after))) =
            rest.split_once('{').and_then(|(text, r)| r.split_once('}').map(|p| (text, p)))
        {
            if !text.is_empty() {
                pieces.push(Piece::Text(text.to_owned()));
            }
            let at = declared.iter().position(|p| p.name == name);
            let free = || Parameter { name: name.to_owned(), schema: Value::Null, example: None, required: true };
            parameters.push(at.map_or_else(free, |at| declared.swap_remove(at)));
            pieces.push(Piece::Parameter(parameters.len() - 1));
            rest = after;
        }
        if !rest.is_empty() || pieces.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        segments.push(pieces);
    }
    (segments, parameters)
}

/// Words of the paths that are values too. In two recorded APIs every fifth and every seventh literal segment was,
/// nearly always of a member like `type`, `kind` or `source`.
fn literals(operations: &[Operation]) -> Vec<String> {
    let mut words: Vec<String> = operations
        .iter()
        .flat_map(|o| &o.segments)
        .filter_map(|s| match s.as_slice() {
            [Piece::Text(text)] if text.len() > 2 && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') => {
                Some(text.clone())
            }
            _ => None,
        })
        .collect();
    words.sort();
    words.dedup();
    words.retain(|w| hash(w).is_multiple_of(5));
    words
}
