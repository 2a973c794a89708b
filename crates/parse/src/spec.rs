//! API specifications: what an API says of itself. OpenAPI 2.0 (Swagger), 3.0, 3.1 and 3.2, and Postman collections
//! 2.1, in JSON or YAML, as one small model.
//!
//! References to other files are bundled into one tree ([`Spec::root`]), so that every schema is a JSON pointer into
//! it; schemas are brought to JSON Schema 2020-12. Remote references are named and never fetched. Reading never fails
//! for a part: what cannot be understood is a located [`Diagnostic`], and the rest is used.

mod bundle;
mod normalize;
mod openapi;
mod postman;
mod swagger;

use serde_json::Value;
use vedette_model::Diagnostic;

use crate::document::{self, locate};

/// One specification.
#[derive(Clone, Debug, Default)]
pub struct Spec {
    /// File it was read from.
    pub file: String,
    /// `Swagger 2.0`, `OpenAPI 3.1.0`, `Postman 2.1`.
    pub dialect: String,
    /// `info.title`.
    pub title: String,
    /// `info.version`.
    pub version: String,
    /// Where the API is served; empty when it does not say.
    pub servers: Vec<Server>,
    /// What it declares, in the order of the paths.
    pub operations: Vec<Operation>,
    /// Security schemes by name.
    pub schemes: Vec<(String, Scheme)>,
    /// True when what is not declared is not allowed for: a Postman collection only shows examples.
    pub complete: bool,
    /// The bundled document with schemas in JSON Schema 2020-12.
    pub root: Value,
    /// What could not be understood.
    pub problems: Vec<Diagnostic>,
}

/// A place where an API is served.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// `https` or `http`, when said.
    pub scheme: Option<String>,
    /// Host in lower case, with `*` for variables; `None` when relative.
    pub host: Option<String>,
    /// Path before all paths, without a slash at its end.
    pub base: String,
}

/// One declared endpoint.
#[derive(Clone, Debug, Default)]
pub struct Operation {
    /// `operationId`.
    pub id: Option<String>,
    /// Upper case.
    pub method: String,
    /// As declared (`/users/{userId}`), without the server's base.
    pub path: String,
    /// JSON pointer of the operation in the file.
    pub pointer: String,
    /// Line of the operation in the file, from 1; 0 when it stands in another file.
    pub line: usize,
    /// Declared deprecated.
    pub deprecated: bool,
    /// Parameters, those of the path item included.
    pub parameters: Vec<Parameter>,
    /// Request body.
    pub request: Option<Body>,
    /// Responses by `200`, `2XX` or `default`.
    pub responses: Vec<(String, Body)>,
    /// Alternatives, each a set of scheme names; an empty set allows anonymous calls, no alternative says nothing.
    pub security: Vec<Vec<String>>,
    /// Servers of its own, in place of the document's.
    pub servers: Vec<Server>,
}

/// A declared parameter.
#[derive(Clone, Debug, Default)]
pub struct Parameter {
    /// Name as declared.
    pub name: String,
    /// `path`, `query`, `header` or `cookie`.
    pub location: String,
    /// Must be there.
    pub required: bool,
    /// Declared deprecated.
    pub deprecated: bool,
    /// JSON Schema of its value, possibly a reference into [`Spec::root`].
    pub schema: Option<Value>,
    /// JSON pointer in [`Spec::root`].
    pub pointer: String,
}

/// A declared body.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// Must be there (requests).
    pub required: bool,
    /// Media type in lower case, and pointer of its schema in [`Spec::root`].
    pub content: Vec<(String, Option<String>)>,
    /// JSON pointer in [`Spec::root`].
    pub pointer: String,
}

/// How a caller proves who it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scheme {
    /// `basic`, `bearer`, `digest`, `api-key-header`, `api-key-query`, `api-key-cookie`, `oauth2`, `openid-connect`,
    /// `mutual-tls`, or the HTTP scheme's own name.
    pub kind: String,
    /// Header, parameter or cookie of an API key.
    pub name: Option<String>,
}

/// Reads one specification. `fetch` gives the text of another local file, by its path relative to `file`.
///
/// # Errors
/// When the text is no JSON or YAML, or no specification: a diagnostic with its place.
pub fn read(file: &str, text: &str, fetch: &mut dyn FnMut(&str) -> Result<String, String>) -> Result<Spec, Diagnostic> {
    let root = document::read(file, text)?;
    let version = |key: &str| root.get(key).map(plain);
    let mut spec = match (version("openapi"), version("swagger")) {
        (Some(version), _) if version.starts_with("3.") => {
            let bundled = bundle::bundle(root, fetch);
            let mut spec = openapi::spec(bundled.root, &version);
            spec.problems.extend(bundled.problems);
            spec
        }
        (None, Some(version)) if version.starts_with('2') => {
            let bundled = bundle::bundle(root, fetch);
            let mut spec = swagger::spec(bundled.root);
            spec.problems.extend(bundled.problems);
            spec
        }
        (None, None) if postman::is_collection(&root) => postman::spec(root),
        (version, swagger) => return Err(unknown(file, version.or(swagger))),
    };
    file.clone_into(&mut spec.file);
    place(&mut spec, text);
    Ok(spec)
}

/// True when the beginning of a text looks like a specification rather than traffic.
pub fn is_spec(text: &str) -> bool {
    let head: String = text.chars().take(4_096).collect();
    ["openapi", "swagger"].iter().any(|key| head.contains(&format!("\"{key}\"")) || head.contains(&format!("{key}:")))
        || head.contains("schema.getpostman.com")
}

fn unknown(file: &str, version: Option<String>) -> Diagnostic {
    Diagnostic {
        file: file.to_owned(),
        line: 1,
        column: 1,
        message: match version {
            Some(version) => format!("OpenAPI {version} is not known"),
            None => {
                "no specification: neither `openapi`, `swagger` nor a Postman collection's `info.schema`".to_owned()
            }
        },
        hint: Some("OpenAPI 2.0 to 3.2 and Postman collections 2.1 are read".to_owned()),
    }
}

/// Finds the lines of operations, and turns pointers, which problems carry as their file, into lines.
fn place(spec: &mut Spec, text: &str) {
    let Spec { operations, problems, file, .. } = spec;
    let operations_at: Vec<String> = operations.iter().map(|one| one.pointer.clone()).collect();
    let problems_at: Vec<String> = problems.iter().map(|one| one.file.clone()).collect();
    let wanted = problems_at.iter().flat_map(|pointer| ancestors(pointer));
    let places = locate(text, wanted.chain(operations_at.iter().map(String::as_str)));
    for (operation, pointer) in operations.iter_mut().zip(&operations_at) {
        operation.line = places.get(pointer.as_str()).map_or(0, |place| place.line);
    }
    for (problem, pointer) in problems.iter_mut().zip(&problems_at) {
        file.clone_into(&mut problem.file);
        if let Some(place) = ancestors(pointer).find_map(|pointer| places.get(pointer)) {
            (problem.line, problem.column) = (place.line, place.column);
        }
    }
}

/// A pointer and those of what holds it, nearest first.
pub fn ancestors(pointer: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(pointer), |pointer| pointer.rfind('/').and_then(|at| pointer.get(..at)))
}

/// A problem at a pointer; [`place`] makes a line of it.
fn problem(pointer: &str, message: String) -> Diagnostic {
    Diagnostic { file: pointer.to_owned(), message, ..Diagnostic::default() }
}

/// Text of a scalar: versions are written `3.0` and `"3.0"`.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).map(plain).filter(|text| !text.is_empty())
}

impl Server {
    /// Reads a server URL; variables become `*` in the host and their default elsewhere.
    pub fn parse(url: &str, variable: impl Fn(&str) -> Option<String>) -> Self {
        let (scheme, rest) = match url.split_once("://") {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, url.strip_prefix("//").unwrap_or(url)),
        };
        let absolute = scheme.is_some() || url.starts_with("//");
        let (host, path) = match rest.find('/').filter(|_| absolute) {
            Some(at) => rest.split_at(at),
            None if absolute => (rest, ""),
            None => ("", rest),
        };
        let host = replaced(host, |_| "*".to_owned()).to_ascii_lowercase();
        let host = host.strip_suffix(":443").or(host.strip_suffix(":80")).unwrap_or(&host).to_owned();
        let path = replaced(path, |name| variable(name).unwrap_or_else(|| format!("{{{name}}}")));
        let path = path.split(['?', '#']).next().unwrap_or("").trim_end_matches('/');
        let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
        let scheme = scheme.filter(|scheme| matches!(*scheme, "http" | "https" | "ws" | "wss"));
        Self {
            scheme: scheme.map(str::to_owned),
            host: (absolute && !host.is_empty()).then_some(host),
            base: format!("{slash}{path}"),
        }
    }

    /// True when a service of this name may be the host.
    pub fn serves(&self, service: &str) -> bool {
        self.host.as_deref().is_some_and(|pattern| matches_host(pattern, service))
    }
}

/// `*` stands for one or more characters.
fn matches_host(pattern: &str, host: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == host,
        Some((before, after)) => host.strip_prefix(before).is_some_and(|rest| {
            (1..=rest.len()).filter(|&n| rest.is_char_boundary(n)).any(|n| matches_host(after, rest.split_at(n).1))
        }),
    }
}

/// Replaces `{name}` by what `with` gives.
fn replaced(text: &str, with: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once('{') {
        let Some((name, after)) = tail.split_once('}') else { break };
        out.push_str(before);
        out.push_str(&with(name));
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests;
