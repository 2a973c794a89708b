//! What a GraphQL server answered to each root field, and failures inside HTTP 200.

use std::borrow::Cow;

use vedette_model::Exchange;
use vedette_model::limits::{CALLS_MAX, GRAPHQL_ROOTS_MAX};

use super::super::{Failure, Part, answer, events, members};
use super::document::Root;

/// Errors of one answer that are looked at.
const ERRORS_MAX: usize = 64;

/// The answers of an exchange, one per operation.
pub(super) struct Answers<'a> {
    all: Vec<&'a str>,
    /// The response is no GraphQL answer: what it is counts for every call.
    foreign: bool,
}

impl<'a> Answers<'a> {
    pub(super) fn of(exchange: &'a Exchange<'_>, asked: usize) -> Self {
        let mut all = Vec::new();
        let body = members::text(exchange.response_body.as_deref()).unwrap_or_default();
        if events::is_stream(exchange) {
            all.extend(events::data(body).into_iter().find(|data| is_answer(data)));
        } else if !members::array(body, |raw| {
            all.push(raw);
            all.len() < asked.min(CALLS_MAX)
        }) && is_answer(body)
        {
            all.push(body);
        }
        Self { foreign: all.is_empty(), all }
    }

    pub(super) fn at(&self, at: usize) -> Answer<'a> {
        Answer::of(self.all.get(at).copied(), self.foreign)
    }
}

fn is_answer(text: &str) -> bool {
    let mut found = false;
    members::object(text, |key, _| found |= matches!(key, "data" | "errors"));
    found
}

/// The answer to one operation, taken apart once.
pub(super) struct Answer<'a> {
    body: Option<&'a str>,
    foreign: bool,
    data: Vec<(String, &'a str)>,
    errors: &'a str,
    /// Each error with the root field that it names.
    about: Vec<(Option<String>, &'a str)>,
}

impl<'a> Answer<'a> {
    fn of(body: Option<&'a str>, foreign: bool) -> Self {
        let mut answer = Self { body, foreign, data: Vec::new(), errors: "[]", about: Vec::new() };
        let mut data = "";
        members::object(body.unwrap_or_default(), |key, raw| match key {
            "data" => data = raw,
            "errors" => answer.errors = raw,
            _ => {}
        });
        members::object(data, |key, raw| {
            if answer.data.len() < GRAPHQL_ROOTS_MAX {
                answer.data.push((key.to_owned(), raw));
            }
        });
        members::array(answer.errors, |error| {
            let root = members::get(error, "path").and_then(first_of);
            answer.about.push((root.map(Cow::into_owned), error));
            answer.about.len() < ERRORS_MAX
        });
        answer
    }

    pub(super) fn whole(&self) -> Part<'a> {
        match self.body {
            Some(body) => Part::one(body.as_bytes()),
            None if self.foreign => Part::Whole,
            None => Part::none(),
        }
    }

    /// What one root field got, and whether it failed: nothing, and an error that names it or none.
    pub(super) fn of_root(&self, root: &Root) -> (Part<'a>, Option<Failure>) {
        if self.body.is_none() {
            return (self.whole(), None);
        }
        let value = self.data.iter().find(|(key, _)| *key == root.key).map(|(_, raw)| *raw);
        let got = |raw: &str| Part::one(wrapped(&root.field, raw));
        if let Some(raw) = value.filter(|raw| !members::is_null(raw)) {
            return (got(raw), None);
        }
        match self.failure(Some(root)) {
            Some(failure) => {
                let errors = Part::one(format!("{{\"errors\":{}}}", self.errors).into_bytes());
                (errors, Some(failure))
            }
            None => (value.map_or_else(Part::none, got), None),
        }
    }

    /// The first error that is about a root field, or about the whole answer.
    pub(super) fn failure(&self, root: Option<&Root>) -> Option<Failure> {
        if root.is_none() && !self.data.is_empty() {
            return None;
        }
        let concerns =
            |about: &Option<String>| root.is_none_or(|root| about.as_ref().is_none_or(|about| *about == root.key));
        let (about, error) = self.about.iter().find(|(about, _)| concerns(about))?;
        Some(failure_of(error, about.is_some()))
    }
}

fn wrapped(field: &str, raw: &str) -> Vec<u8> {
    format!("{{\"data\":{{{}:{raw}}}}}", members::quoted(field)).into_bytes()
}

fn first_of(path: &str) -> Option<Cow<'_, str>> {
    let mut first = None;
    members::array(path, |raw| {
        first = members::string(raw);
        false
    });
    first
}

/// Errors without a path were raised before anything ran: the request was wrong (specification, 7.1.2).
fn failure_of(error: &str, ran: bool) -> Failure {
    let extensions = members::get(error, "extensions").unwrap_or_default();
    let code = members::get(extensions, "code").and_then(members::string).unwrap_or_default();
    let message = members::get(error, "message").and_then(members::string).unwrap_or_default();
    let told =
        members::get(extensions, "http").and_then(|http| members::get(http, "status")).and_then(members::integer);
    let status = match told {
        Some(status @ 400..600) => return Failure { status: status as u16, ..answer::failure(&code, "", 500) },
        _ if matches!(code.as_ref(), "BAD_USER_INPUT" | "GRAPHQL_VALIDATION_FAILED" | "GRAPHQL_PARSE_FAILED") => 400,
        _ if ran => 500,
        _ => 400,
    };
    answer::failure(&code, &message, status)
}
