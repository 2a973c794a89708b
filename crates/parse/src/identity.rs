//! Who a request says it is, where only its owner knows: rules of a customer (`identity.yaml`).
//!
//! A rule takes a text from a header, a cookie, the query, the JSON body or a claim of a JWT, and may take it apart in
//! steps. The first rule that ends with something names the actor, before all that is recognized without rules. What
//! stands whole in a place of credentials is never shown, whatever a rule calls it.

mod config;

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use regex_automata::meta::Regex;
use vedette_model::hash::HashKey;
use vedette_model::{Diagnostic, Exchange};

use crate::credentials::{in_cookie, in_header, in_query_parameter, jwt, values};
use crate::protocol::members;
use crate::url;

/// The rules of one file.
#[derive(Debug)]
pub struct Extractors {
    rules: Vec<Rule>,
}

/// One rule.
#[derive(Debug)]
pub struct Rule {
    kind: ActorKind,
    from: Place,
    steps: Vec<Step>,
}

/// What a rule's text identifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum ActorKind {
    User,
    Client,
    Session,
}

/// Where a rule takes its text from.
#[derive(Debug)]
enum Place {
    Header(String),
    Cookie(String),
    Query(String),
    /// Keys from the root of the request's JSON body.
    Json(Vec<String>),
    /// Keys from the root of the claims of a JWT, wherever it travels.
    Claim(Vec<String>),
}

/// What is done with a text.
#[derive(Debug)]
enum Step {
    Base64,
    Json(Vec<String>),
    Regex(Regex),
}

/// An actor as a rule names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// A user by name.
    User(String),
    /// A client application by name.
    Client(String),
    /// A session by the keyed hash of its id.
    Session(u64),
}

/// How a rule fared with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There was nothing where it looks.
    Absent,
    /// There was something, and a step gave nothing; counted from 1. One past the last: what was left names nobody.
    Stuck(usize),
    /// It named the actor.
    Named(Named),
}

impl Extractors {
    /// Reads a file; says all that is wrong with it at once.
    pub fn read(file: &str, yaml: &str) -> Result<Self, Vec<Diagnostic>> {
        config::read(file, yaml).map(|rules| Self { rules })
    }

    /// The rules, in order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The actor of a request by the first rule that names one.
    pub fn name(&self, exchange: &Exchange<'_>, key: &HashKey) -> Option<Named> {
        self.rules.iter().find_map(|rule| match rule.apply(exchange, key) {
            Outcome::Named(named) => Some(named),
            Outcome::Absent | Outcome::Stuck(_) => None,
        })
    }
}

impl Rule {
    /// Tries a rule.
    pub fn apply(&self, exchange: &Exchange<'_>, key: &HashKey) -> Outcome {
        let Some(mut text) = self.from.text(exchange) else { return Outcome::Absent };
        for (number, step) in (1..).zip(&self.steps) {
            let Some(next) = step.apply(&text) else { return Outcome::Stuck(number) };
            text = Cow::Owned(next);
        }
        let Some(name) = values::identifier(&text) else { return Outcome::Stuck(self.steps.len() + 1) };
        let hash = key.hash(name.as_bytes());
        let shown = if self.is_secret() { format!("{hash:016x}") } else { name };
        Outcome::Named(match self.kind {
            ActorKind::User => Named::User(shown),
            ActorKind::Client => Named::Client(shown),
            ActorKind::Session => Named::Session(hash),
        })
    }

    /// A step in words, counted from 1.
    pub fn step(&self, number: usize) -> Option<String> {
        self.steps.get(number.checked_sub(1)?).map(ToString::to_string)
    }

    /// What it takes is a whole credential.
    fn is_secret(&self) -> bool {
        let carrier = match &self.from {
            Place::Header(name) => in_header(name),
            Place::Cookie(name) => in_cookie(name),
            Place::Query(name) => in_query_parameter(name),
            Place::Json(_) | Place::Claim(_) => false,
        };
        carrier && self.steps.is_empty()
    }
}

impl Place {
    fn text<'e>(&self, exchange: &'e Exchange<'_>) -> Option<Cow<'e, str>> {
        let text = match self {
            Self::Header(name) => Cow::Borrowed(exchange.request_headers.get(name)?),
            Self::Cookie(name) => cookies(exchange).find(|(known, _)| known == name)?.1.into(),
            Self::Query(name) => url::pairs(exchange.query.as_deref()?).find(|(known, _)| known == name)?.1,
            Self::Json(keys) => Cow::Owned(at(members::text(exchange.request_body.as_deref())?, keys)?),
            Self::Claim(keys) => tokens(exchange).find_map(|token| at(&jwt::payload(token)?, keys))?.into(),
        };
        (!text.trim().is_empty()).then_some(text)
    }
}

impl Step {
    fn apply(&self, text: &str) -> Option<String> {
        match self {
            Self::Base64 => {
                let text = text.trim();
                let bytes = jwt::LENIENT_STANDARD.decode(text).or_else(|_| jwt::URL_SAFE.decode(text)).ok()?;
                String::from_utf8(bytes).ok()
            }
            Self::Json(keys) => at(text, keys),
            Self::Regex(regex) => {
                let mut groups = regex.create_captures();
                regex.captures(text, &mut groups);
                let span = groups.get_group(1).or_else(|| groups.get_group(0))?;
                text.get(span.range()).map(str::to_owned)
            }
        }
    }
}

/// The scalar below a path of keys; items of arrays are counted from 0.
fn at(text: &str, keys: &[String]) -> Option<String> {
    let mut raw = text;
    for key in keys {
        raw = members::get(raw, key).or_else(|| {
            let (mut left, mut found) = (key.parse::<usize>().ok()?, None);
            members::array(raw, |item| {
                found = (left == 0).then_some(item);
                left = left.saturating_sub(1);
                found.is_none()
            });
            found
        })?;
    }
    members::string(raw).map(Cow::into_owned).or_else(|| members::integer(raw).map(|number| number.to_string()))
}

fn cookies<'e>(exchange: &'e Exchange<'_>) -> impl Iterator<Item = (&'e str, &'e str)> {
    exchange.request_headers.all("cookie").flat_map(url::cookies)
}

/// Everything in headers and cookies that looks like a JWT.
fn tokens<'e>(exchange: &'e Exchange<'_>) -> impl Iterator<Item = &'e str> {
    let headers = exchange.request_headers.iter().map(|(_, value)| value.rsplit(' ').next().unwrap_or(value));
    headers.chain(cookies(exchange).map(|(_, value)| value)).filter(|value| jwt::may_be(value))
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            ActorKind::User => "user",
            ActorKind::Client => "client",
            ActorKind::Session => "session",
        };
        match &self.from {
            Place::Header(name) => write!(f, "{kind} from header {name}")?,
            Place::Cookie(name) => write!(f, "{kind} from cookie {name}")?,
            Place::Query(name) => write!(f, "{kind} from query {name}")?,
            Place::Json(keys) => write!(f, "{kind} from json {}", keys.join("."))?,
            Place::Claim(keys) => write!(f, "{kind} from claim {}", keys.join("."))?,
        }
        self.steps.iter().try_for_each(|step| write!(f, ", {step}"))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Base64 => f.write_str("base64"),
            Self::Json(keys) => write!(f, "json {}", keys.join(".")),
            Self::Regex(_) => f.write_str("regex"),
        }
    }
}

#[cfg(test)]
mod tests;
