//! One exchange against its operation.

use std::borrow::Cow;

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::Value;
use vedette_model::limits::{CONFORMANCE_BODY_BYTES_MAX, SPEC_REFERENCES_MAX};
use vedette_model::{Exchange, Side};
use vedette_parse::credentials::Credential;
use vedette_parse::spec::{Body, Operation, Parameter};
use vedette_parse::{stored, url};

use super::contract::Declared;
use super::kind::ViolationKind;
use super::names::unknown;
use super::schemas::local;
use crate::schema::keys::is_data;

/// Violations told of one body.
const ERRORS_MAX: usize = 8;

/// One way in which an exchange differs from its operation. Nothing of a value is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) kind: ViolationKind,
    pub(crate) place: Box<str>,
    pub(crate) text: Box<str>,
}

stored!(Broken { kind, place, text });

/// An exchange with what was read of it.
pub(crate) struct Call<'a> {
    pub(crate) exchange: &'a Exchange<'a>,
    pub(crate) query: &'a [(Cow<'a, str>, Cow<'a, str>)],
    pub(crate) credentials: &'a [Credential],
}

/// Compares. What a service refused (4xx, 5xx) says nothing of the request's form, only of the answer's.
pub(crate) fn judge(declared: &Declared, operation: &Operation, call: &Call<'_>) -> Vec<Broken> {
    let mut judge = Judge { declared, operation, call, found: Vec::new() };
    if call.exchange.succeeded() {
        judge.parameters();
        judge.request();
        judge.authentication();
    }
    judge.response();
    judge.found
}

struct Judge<'a> {
    declared: &'a Declared,
    operation: &'a Operation,
    call: &'a Call<'a>,
    found: Vec<Broken>,
}

impl<'a> Judge<'a> {
    fn tell(&mut self, kind: ViolationKind, place: String, text: impl Into<Box<str>>) {
        let broken = Broken { kind, place: place.into(), text: text.into() };
        if !self.found.contains(&broken) {
            self.found.push(broken);
        }
    }

    fn parameters(&mut self) {
        let (exchange, root) = (self.call.exchange, &self.declared.spec.root);
        let declared = self.operation.parameters.iter();
        let (query, others): (Vec<&'a Parameter>, Vec<&'a Parameter>) =
            declared.partition(|one| one.location == "query");
        let form = |one: &&Parameter| one.schema.as_ref().is_some_and(|schema| kind_of(root, schema) == Some("object"));
        let any_name = query.iter().any(form);
        for (name, value) in self.call.query {
            let base = name.split('[').next().unwrap_or(name);
            let known = query
                .iter()
                .find(|one| one.name == **name)
                .or_else(|| query.iter().find(|one| one.name.split('[').next() == Some(base)));
            match known {
                Some(one) if one.name == **name => self.value(one, value),
                Some(_) => {}
                None if any_name || !self.declared.spec.complete => {}
                None => {
                    let shown = if is_data(name) || name.len() > 64 { "*" } else { name };
                    let place = format!("request.query.{shown}");
                    self.tell(ViolationKind::UndocumentedParameter, place, "the operation has no such parameter");
                }
            }
        }
        // A source without queries cannot show that one is missing.
        if exchange.query.is_some() || exchange.has_headers {
            for one in query.iter().filter(|one| one.required && !form(one)) {
                let base = one.name.split('[').next().unwrap_or(&one.name);
                if !self.call.query.iter().any(|(name, _)| name.split('[').next() == Some(base)) {
                    self.tell(ViolationKind::MissingParameter, format!("request.query.{}", one.name), "it is required");
                }
            }
        }
        if exchange.has_headers {
            for one in others {
                self.header_or_cookie(one);
            }
        }
    }

    fn header_or_cookie(&mut self, one: &Parameter) {
        let headers = &self.call.exchange.request_headers;
        let ignored =
            ["accept", "content-type", "authorization"].iter().any(|name| one.name.eq_ignore_ascii_case(name));
        let value = match one.location.as_str() {
            // OpenAPI 3.1.1, 4.8.12.2: these three are described elsewhere.
            "header" if !ignored => headers.get(&one.name.to_ascii_lowercase()).map(Cow::Borrowed),
            "cookie" => headers
                .get("cookie")
                .and_then(|all| url::cookies(all).find(|(name, _)| *name == one.name).map(|(_, value)| value.into())),
            _ => return,
        };
        match value {
            Some(value) => self.value(one, &value),
            None if one.required => {
                let place = format!("request.{}.{}", one.location, one.name);
                self.tell(ViolationKind::MissingParameter, place, "it is required");
            }
            None => {}
        }
    }

    /// A parameter's value against its schema.
    fn value(&mut self, one: &Parameter, text: &str) {
        let Some(schema) = &one.schema else { return };
        let Some(value) = typed(&self.declared.spec.root, schema, text) else { return };
        let root = &self.declared.spec.root;
        let Some(validator) = self.declared.schemas.of(root, &one.pointer, schema) else { return };
        let first = validator.iter_errors(&value).next().map(|error| told(&error));
        if let Some(text) = first {
            self.tell(ViolationKind::InvalidParameter, format!("request.{}.{}", one.location, one.name), text);
        }
    }

    fn request(&mut self) {
        let exchange = self.call.exchange;
        let body = exchange.request_body.as_deref().filter(|body| !body.is_empty());
        match (&self.operation.request, body) {
            (Some(declared), Some(body)) => {
                self.body(declared, body, (Side::Request, "request.body"), ViolationKind::InvalidRequest);
            }
            (Some(declared), None)
                if declared.required && exchange.has_headers && exchange.request_bytes == Some(0) =>
            {
                self.tell(ViolationKind::MissingBody, "request.body".to_owned(), "it is required");
            }
            _ => {}
        }
    }

    fn authentication(&mut self) {
        let alternatives = &self.operation.security;
        let optional = alternatives.is_empty() || alternatives.iter().any(Vec::is_empty);
        if !optional && self.call.exchange.has_headers && self.call.credentials.is_empty() {
            let names: Vec<&str> = alternatives.iter().flatten().map(String::as_str).collect();
            let text = format!("{} declared, the call carried no credential and succeeded", names.join(" or "));
            self.tell(ViolationKind::MissingAuthentication, "request.header.authorization".to_owned(), text);
        }
    }

    fn response(&mut self) {
        let exchange = self.call.exchange;
        if exchange.status == 0 || exchange.status == 304 {
            return;
        }
        let status = exchange.status.to_string();
        let class = format!("{}XX", exchange.status / 100);
        let responses = &self.operation.responses;
        let of = |wanted: &str| responses.iter().find(|(status, _)| status == wanted).map(|(_, body)| body);
        let Some(declared) = of(&status).or_else(|| of(&class)).or_else(|| of("default")) else {
            // Gateways and frameworks answer these for every operation.
            let general = matches!(exchange.status, 401 | 403 | 404 | 405 | 429 | 500..=599);
            if !general && self.declared.spec.complete && !responses.is_empty() {
                self.tell(
                    ViolationKind::UndocumentedStatus,
                    format!("response.{status}"),
                    "the operation declares no such answer",
                );
            }
            return;
        };
        if let Some(body) = exchange.response_body.as_deref().filter(|body| !body.is_empty()) {
            let place = format!("response.{status}.body");
            self.body(declared, body, (Side::Response, &place), ViolationKind::InvalidResponse);
        }
    }

    fn body(&mut self, declared: &Body, body: &[u8], (side, place): (Side, &str), kind: ViolationKind) {
        if declared.content.is_empty() {
            return;
        }
        let media = self
            .call
            .exchange
            .content_type(side)
            .map(|media| media.split(';').next().unwrap_or(media).trim().to_ascii_lowercase());
        let content = declared.content.iter();
        let found = match &media {
            Some(media) => content.clone().find(|(known, _)| media_fits(known, media)),
            None => content.clone().find(|(known, _)| known.contains("json")),
        };
        let Some((known, schema)) = found else {
            if let Some(media) = media.filter(|_| self.declared.spec.complete) {
                let known: Vec<&str> = declared.content.iter().map(|(known, _)| known.as_str()).collect();
                let text = format!("{} declared, {} found", known.join(" or "), shown_media(&media));
                self.tell(ViolationKind::UndocumentedContentType, place.replace(".body", ".header.content-type"), text);
            }
            return;
        };
        let json = known.contains("json") || media.is_some_and(|media| media.contains("json"));
        let Some(pointer) = schema.as_ref().filter(|_| json && body.len() <= CONFORMANCE_BODY_BYTES_MAX) else {
            return;
        };
        let Ok(value) = serde_json::from_slice::<Value>(body) else { return };
        let root = &self.declared.spec.root;
        if let Some(validator) = self.declared.schemas.at(root, pointer) {
            let errors: Vec<(String, String)> = validator
                .iter_errors(&value)
                .take(ERRORS_MAX)
                .map(|error| (path_of(&error, &value), told(&error)))
                .collect();
            for (path, text) in errors {
                self.tell(kind, format!("{place}.{path}"), text);
            }
        }
        if let Some(schema) = root.pointer(pointer) {
            let mut fields = Vec::new();
            unknown(root, schema, &value, &mut |path| fields.push(path));
            for path in fields {
                self.tell(ViolationKind::UndocumentedField, format!("{place}.{path}"), "no schema names it");
            }
        }
    }
}

/// Text as the schema's type; `None` for what has no plain form.
fn typed(root: &Value, schema: &Value, text: &str) -> Option<Value> {
    match kind_of(root, schema) {
        Some("integer" | "number") => {
            let number: Option<serde_json::Number> = serde_json::from_str(text).ok();
            Some(number.map_or_else(|| Value::String(text.to_owned()), Value::Number))
        }
        Some("boolean") => Some(match text {
            "true" | "false" => Value::Bool(text == "true"),
            other => Value::String(other.to_owned()),
        }),
        Some("string") => Some(Value::String(text.to_owned())),
        // Lists are written in many styles (4.8.12.6).
        _ => None,
    }
}

/// The only type of a schema, `null` aside.
fn kind_of<'v>(root: &'v Value, mut schema: &'v Value) -> Option<&'v str> {
    for _ in 0..SPEC_REFERENCES_MAX {
        match schema.get("$ref").and_then(Value::as_str).and_then(local) {
            Some(pointer) => schema = root.pointer(&pointer)?,
            None => break,
        }
    }
    match schema.get("type")? {
        Value::String(kind) => Some(kind),
        Value::Array(kinds) => {
            let mut kinds = kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null");
            kinds.next().filter(|_| kinds.next().is_none())
        }
        _ => None,
    }
}

/// `*/*`, `application/*`, or the same type; `application/problem+json` is also `application/json`.
fn media_fits(declared: &str, media: &str) -> bool {
    declared == media
        || declared == "*/*"
        || declared.strip_suffix('*').is_some_and(|start| media.starts_with(start))
        || (declared == "application/json" && media.ends_with("+json"))
}

fn shown_media(media: &str) -> &str {
    let plain = media.len() <= 80 && media.bytes().all(|b| b.is_ascii_alphanumeric() || b"/+-._".contains(&b));
    if plain { media } else { "another" }
}

/// `$.items[].price` of an error.
fn path_of(error: &ValidationError<'_>, body: &Value) -> String {
    let mut path = "$".to_owned();
    let mut at = Some(body);
    for token in error.instance_path().to_string().split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        match at {
            Some(Value::Array(items)) => {
                path.push_str("[]");
                at = token.parse::<usize>().ok().and_then(|place| items.get(place));
            }
            other => {
                path.push('.');
                path.push_str(if is_data(&token) || token.len() > 64 { "*" } else { &token });
                at = other.and_then(|value| value.get(&token));
            }
        }
    }
    path
}

/// What a schema wanted, in words; the value stays out.
fn told(error: &ValidationError<'_>) -> String {
    use ValidationErrorKind as Kind;
    match error.kind() {
        Kind::Type { kind } => {
            let wanted = match kind {
                TypeKind::Single(one) => one.to_string(),
                TypeKind::Multiple(all) => all.iter().map(|one| one.to_string()).collect::<Vec<_>>().join(" or "),
            };
            format!("{wanted} expected, {} found", type_of(error.instance()))
        }
        Kind::Enum { options } => {
            let known = options.as_array().map_or(0, Vec::len);
            format!("not one of the {known} values declared")
        }
        Kind::Constant { .. } => "not the constant declared".to_owned(),
        Kind::Required { property } => format!("lacks {property}, which is required"),
        Kind::Format { format } => format!("no {format}"),
        Kind::Pattern { .. } => "does not fit the pattern".to_owned(),
        Kind::MaxLength { limit } => format!("longer than {limit} characters"),
        Kind::MinLength { limit } => format!("shorter than {limit} characters"),
        Kind::Maximum { limit } => format!("above {limit}"),
        Kind::Minimum { limit } => format!("below {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("not below {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("not above {limit}"),
        Kind::MaxItems { limit } => format!("more than {limit} items"),
        Kind::MinItems { limit } => format!("fewer than {limit} items"),
        Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } => "fits none of the alternatives".to_owned(),
        Kind::OneOfMultipleValid { .. } => "fits several alternatives that exclude each other".to_owned(),
        Kind::AdditionalProperties { .. } | Kind::UnevaluatedProperties { .. } => {
            "has fields that are not allowed".to_owned()
        }
        other => format!("violates `{}`", other.keyword()),
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
