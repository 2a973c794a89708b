//! Judges a specification alone: authentication, input bounds, leaks, transport. One file per rule; this is the
//! registry. A rule brings a document that breaks it and one that does not, and a test runs both.

mod schemas;

mod api_key_in_query;
mod array_without_limit;
mod basic_authentication;
mod body_without_schema;
mod internal_server;
mod list_without_page_size;
mod no_authentication;
mod no_refusal;
mod number_without_range;
mod oauth_weak_flow;
mod open_request_object;
mod optional_authentication;
mod parameter_without_type;
mod plain_http;
mod rate_limit_unsaid;
mod secret_in_example;
mod secret_returned;
mod sensitive_parameter;
mod sequential_id;
mod text_without_limit;
mod undefined_scheme;

use serde_json::Value;
use vedette_model::Severity;
use vedette_model::hash::HashKey;
use vedette_model::limits::AUDIT_PLACES_MAX;
use vedette_model::results::{Evidence, Finding};
use vedette_parse::classes::Classifier;
use vedette_parse::document::{below, locate};
use vedette_parse::spec::{Operation, Spec, ancestors};

/// One rule.
pub struct Rule {
    /// Kind of its findings (`spec-no-authentication`).
    pub id: &'static str,
    /// In a few words.
    pub title: &'static str,
    /// How bad.
    pub severity: Severity,
    /// `API2:2023`.
    pub owasp: &'static [&'static str],
    /// `CWE-306`.
    pub cwe: &'static [&'static str],
    /// What to do, in plain words.
    pub fix: &'static str,
    /// Tells the places that break it.
    check: fn(&Document<'_>, &mut Places),
    /// Paths, components and so on of a document that breaks it (YAML, completed by the test).
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are for the test and the reader"))]
    bad: &'static str,
    /// And of one that does not.
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are for the test and the reader"))]
    good: &'static str,
}

/// What rules look at.
struct Document<'a> {
    spec: &'a Spec,
    classifier: &'a Classifier,
}

/// Where a rule is broken: JSON pointers with what is there.
#[derive(Default)]
struct Places(Vec<(String, String)>);

impl Places {
    fn add(&mut self, pointer: &str, text: impl Into<String>) {
        if !self.0.iter().any(|(known, _)| known == pointer) {
            self.0.push((pointer.to_owned(), text.into()));
        }
    }
}

/// Every rule, worst first.
pub const RULES: &[Rule] = &[
    no_authentication::RULE,
    undefined_scheme::RULE,
    secret_in_example::RULE,
    sensitive_parameter::RULE,
    plain_http::RULE,
    secret_returned::RULE,
    optional_authentication::RULE,
    basic_authentication::RULE,
    api_key_in_query::RULE,
    oauth_weak_flow::RULE,
    body_without_schema::RULE,
    parameter_without_type::RULE,
    array_without_limit::RULE,
    list_without_page_size::RULE,
    open_request_object::RULE,
    text_without_limit::RULE,
    number_without_range::RULE,
    rate_limit_unsaid::RULE,
    no_refusal::RULE,
    internal_server::RULE,
    sequential_id::RULE,
];

/// Judges a document; `text` is its file, for lines. Findings are worst first, one per rule, with the first
/// [`AUDIT_PLACES_MAX`] places.
pub fn audit(spec: &Spec, text: &str, classifier: &Classifier) -> Vec<Finding> {
    let document = Document { spec, classifier };
    let broken: Vec<(&Rule, Places)> = RULES
        .iter()
        .map(|rule| {
            let mut places = Places::default();
            (rule.check)(&document, &mut places);
            (rule, places)
        })
        .filter(|(_, places)| !places.0.is_empty())
        .collect();
    let shown = |places: &Places| places.0.len().min(AUDIT_PLACES_MAX);
    let wanted = broken.iter().flat_map(|(_, places)| places.0.iter().take(AUDIT_PLACES_MAX));
    let lines = locate(text, wanted.flat_map(|(pointer, _)| ancestors(pointer)));
    let line = |pointer: &str| ancestors(pointer).find_map(|at| lines.get(at)).map(|place| place.line as u64);
    let findings = broken.iter().map(|(rule, places)| {
        let evidence = places.0.iter().take(shown(places)).map(|(pointer, text)| Evidence {
            location: pointer.clone(),
            excerpt: text.clone(),
            file: Some(spec.file.clone()),
            line: line(pointer),
            ..Evidence::default()
        });
        finding(rule, spec, places, evidence.collect())
    });
    findings.collect()
}

fn finding(rule: &Rule, spec: &Spec, places: &Places, evidence: Vec<Evidence>) -> Finding {
    let count = places.0.len();
    let first = places.0.first().map_or("", |(_, text)| text);
    let explanation = if count == 1 { format!("{first}.") } else { format!("{first}, and {} more.", count - 1) };
    let words = |all: &[&str]| all.iter().map(ToString::to_string).collect();
    Finding {
        id: format!("{:016x}", HashKey::from_text("audit").hash([rule.id, &spec.title].join("\u{1f}").as_bytes())),
        kind: rule.id.to_owned(),
        service: spec.title.clone(),
        place: spec.file.clone(),
        severity: rule.severity,
        confidence: 1.0,
        title: rule.title.to_owned(),
        explanation,
        evidence,
        owasp: words(rule.owasp),
        cwe: words(rule.cwe),
        fix: rule.fix.to_owned(),
        occurrences: count as u64,
        ..Finding::default()
    }
}

impl Document<'_> {
    /// `GET /path`.
    fn name(operation: &Operation) -> String {
        format!("{} {}", operation.method, operation.path)
    }

    /// Callers must prove who they are, as far as declared.
    fn is_protected(operation: &Operation) -> bool {
        !operation.security.is_empty() && operation.security.iter().all(|one| !one.is_empty())
    }

    /// Pointer of a security scheme.
    fn scheme(&self, name: &str) -> String {
        let holder = if self.spec.dialect.starts_with("Swagger") {
            "/securityDefinitions"
        } else {
            "/components/securitySchemes"
        };
        below(holder, name)
    }

    /// Pointer of the servers.
    fn servers(&self) -> &'static str {
        if self.spec.dialect.starts_with("Swagger") { "/schemes" } else { "/servers" }
    }

    /// Schemas of all request bodies, with the operation that takes them.
    fn request_schemas(&self) -> impl Iterator<Item = (&Operation, &str, &Value)> {
        self.spec.operations.iter().flat_map(move |operation| {
            let content = operation.request.iter().flat_map(|body| &body.content);
            content.filter_map(move |(_, pointer)| {
                let pointer = pointer.as_deref()?;
                Some((operation, pointer, self.spec.root.pointer(pointer)?))
            })
        })
    }

    /// Schemas of all successful responses.
    fn response_schemas(&self) -> impl Iterator<Item = (&Operation, &str, &Value)> {
        self.spec.operations.iter().flat_map(move |operation| {
            let good = operation.responses.iter().filter(|(status, _)| status.starts_with('2'));
            good.flat_map(|(_, body)| &body.content).filter_map(move |(_, pointer)| {
                let pointer = pointer.as_deref()?;
                Some((operation, pointer, self.spec.root.pointer(pointer)?))
            })
        })
    }
}

#[cfg(test)]
mod tests;
