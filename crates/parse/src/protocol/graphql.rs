//! GraphQL over HTTP: a request in any of its forms becomes one call per root field.
//!
//! Forms: a JSON envelope or an array of them (batch), `GET` with query parameters, `application/graphql` text, and the
//! multipart request specification (uploads). A call is named by operation type and root field (`query.user`), whatever
//! its alias; its request is the field's arguments, variables filled in, and its response `{"data":{field:…}}`.
//!
//! A text that only the server knows (persisted query) is known by its hash; the engine finds the root field when some
//! exchange brought the text along.

mod answers;
mod document;

use std::borrow::Cow;
use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::FixedState;
use vedette_model::Exchange;
use vedette_model::limits::{CALLS_MAX, GRAPHQL_CACHE, GRAPHQL_CACHED_BYTES_MAX, GRAPHQL_FIELDS_MAX};

use super::{Call, Kind, Label, Measure, Part, Persisted, add_call, bounded_name, dispatch};
use super::{members, multipart};
use crate::url;
use answers::{Answer, Answers};
use document::{Document, Operation, Root};

/// Variables of one request that are filled in.
const VARIABLES_MAX: usize = 256;

/// What carries the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carrier {
    /// A JSON envelope or an array of them.
    Json,
    /// Query parameters.
    Query,
    /// The text alone.
    Text,
    /// A multipart form whose field `operations` is the envelope.
    Multipart,
}

/// Outlines of texts by the hash of the text; one text per place.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts(Vec<Option<Known>>);

/// A text with its outline; `None` for no GraphQL.
type Known = (Box<str>, Option<Arc<Document>>);

impl Texts {
    fn outline(&mut self, text: &str) -> Option<Arc<Document>> {
        if text.len() > GRAPHQL_CACHED_BYTES_MAX {
            return Document::read(text).map(Arc::new);
        }
        self.0.resize_with(GRAPHQL_CACHE, || None);
        let place = (FixedState::with_seed(0x9e).hash_one(text) as usize) % GRAPHQL_CACHE;
        if let Some(Some((known, document))) = self.0.get(place)
            && **known == *text
        {
            return document.clone();
        }
        let document = Document::read(text).map(Arc::new);
        let small = document.as_ref().is_none_or(|document| document.size() <= GRAPHQL_FIELDS_MAX / 10);
        if let Some(slot) = self.0.get_mut(place).filter(|_| small) {
            *slot = Some((text.into(), document.clone()));
        }
        document
    }
}

/// One operation as it was asked for.
#[derive(Default)]
struct Asked<'a> {
    text: Option<Cow<'a, str>>,
    operation: Option<Cow<'a, str>>,
    /// Raw JSON object.
    variables: Option<Cow<'a, str>>,
    hash: Option<String>,
}

/// The calls of a GraphQL exchange; none when it is not one after all.
pub(super) fn read<'a>(carrier: Carrier, exchange: &'a Exchange<'_>, texts: &mut Texts) -> Vec<Call<'a>> {
    let body = exchange.request_body.as_deref();
    let sure = dispatch::says_graphql(&exchange.path);
    let asked = match carrier {
        Carrier::Query => of_query(exchange).into_iter().collect(),
        Carrier::Text => {
            let text = members::text(body).map(Cow::Borrowed);
            vec![Asked { text, ..of_query(exchange).unwrap_or_default() }]
        }
        Carrier::Json => members::text(body).map(|text| of_json(text, sure)).unwrap_or_default(),
        Carrier::Multipart => {
            let operations = multipart::field(exchange, "operations");
            operations.map(|text| of_owned_json(&text, sure)).unwrap_or_default()
        }
    };
    let batch = asked.len() as u64;
    let answers = Answers::of(exchange, asked.len());
    let mut calls = Vec::new();
    for (at, asked) in asked.iter().enumerate().take(CALLS_MAX) {
        calls_of(asked, &answers.at(at), texts, &mut calls);
    }
    if batch > 1 {
        for call in &mut calls {
            call.measures.push((Measure::Batch, batch));
        }
    }
    calls
}

fn of_query<'a>(exchange: &'a Exchange<'_>) -> Option<Asked<'a>> {
    let mut asked = Asked::default();
    for (name, value) in url::pairs(exchange.query.as_deref()?) {
        match name.as_ref() {
            "query" => asked.text = Some(value),
            "operationName" => asked.operation = Some(value),
            "variables" => asked.variables = Some(value),
            "extensions" => asked.hash = persisted_hash(&value),
            _ => {}
        }
    }
    Some(asked)
}

/// `sure` accepts what only a known path makes GraphQL: an id of a stored text.
fn of_json(text: &str, sure: bool) -> Vec<Asked<'_>> {
    let mut out = Vec::new();
    let is_batch = members::array(text, |raw| {
        out.extend(envelope(raw, sure));
        out.len() < GRAPHQL_FIELDS_MAX
    });
    if !is_batch {
        out.extend(envelope(text, sure));
    }
    out
}

fn of_owned_json(text: &str, sure: bool) -> Vec<Asked<'static>> {
    let owned = |text: Option<Cow<'_, str>>| text.map(|text| Cow::Owned(text.into_owned()));
    let own = |asked: Asked<'_>| Asked {
        text: owned(asked.text),
        operation: owned(asked.operation),
        variables: owned(asked.variables),
        hash: asked.hash,
    };
    of_json(text, sure).into_iter().map(own).collect()
}

fn envelope(text: &str, sure: bool) -> Option<Asked<'_>> {
    let mut asked = Asked::default();
    let mut stored = None;
    members::object(text, |key, raw| match key {
        "query" | "mutation" => asked.text = members::string(raw).or(asked.text.take()),
        "operationName" => asked.operation = members::string(raw).filter(|name| !name.is_empty()),
        "variables" => asked.variables = Some(Cow::Borrowed(raw)),
        "extensions" => asked.hash = persisted_hash(raw).or(asked.hash.take()),
        "documentId" | "doc_id" | "queryId" | "id" | "sha256Hash" => stored = members::string(raw),
        _ => {}
    });
    if asked.hash.is_none() && asked.text.is_none() && sure {
        asked.hash = stored.and_then(|id| hash_of(&id));
    }
    let is_text = asked.text.as_deref().is_some_and(looks_like_text);
    let known = is_text || asked.hash.is_some() || (sure && asked.operation.is_some());
    known.then_some(asked)
}

/// REST searches have a `query` too: a GraphQL text begins with a selection or a key word, and has a selection.
fn looks_like_text(text: &str) -> bool {
    let start = text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t', ',']);
    let begins = ["{", "query", "mutation", "subscription", "fragment", "#"];
    begins.iter().any(|sign| start.starts_with(sign)) && text.contains('{')
}

fn persisted_hash(extensions: &str) -> Option<String> {
    let persisted = members::get(extensions, "persistedQuery")?;
    hash_of(&members::string(members::get(persisted, "sha256Hash")?)?)
}

fn hash_of(text: &str) -> Option<String> {
    let fine = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b':' | b'.');
    (!text.is_empty() && text.len() <= 128 && text.bytes().all(fine))
        .then(|| text.get(..64.min(text.len())).unwrap_or_default().to_ascii_lowercase())
}

/// The calls of one operation.
fn calls_of<'a>(asked: &Asked<'_>, answer: &Answer<'a>, texts: &mut Texts, calls: &mut Vec<Call<'a>>) {
    let document = asked.text.as_deref().filter(|text| looks_like_text(text)).and_then(|text| texts.outline(text));
    let operation = document.as_ref().and_then(|document| document.operation(asked.operation.as_deref()));
    let Some(operation) = operation else {
        calls.extend(unknown(asked, answer));
        return;
    };
    let variables = Variables::of(asked.variables.as_deref());
    let cost = operation.cost(|name| variables.get(name));
    let mut roots: Vec<String> = operation.roots.iter().map(|root| name(operation, root)).collect();
    roots.sort_unstable();
    roots.dedup();
    // One names the call, two say that none does.
    roots.truncate(2);
    for root in &operation.roots {
        let mut call = Call::named(Kind::GraphQl, &name(operation, root));
        call.request = Part::one(root.request(|name| variables.get(name)));
        (call.response, call.failure) = answer.of_root(root);
        call.measures.extend([
            (Measure::Depth, operation.depth),
            (Measure::Cost, cost),
            (Measure::Aliases, operation.aliases),
        ]);
        label(&mut call, asked.operation.as_deref().or(operation.name.as_deref()));
        if let Some(hash) = &asked.hash {
            call.labels.push((Label::Way, Cow::Borrowed("registered")));
            call.persisted = Some(Persisted { hash: hash.clone(), roots: roots.clone() });
        }
        add_call(calls, call);
    }
}

fn name(operation: &Operation, root: &Root) -> String {
    bounded_name(&format!("{}.{}", operation.kind, root.field))
}

/// A call whose text is not known: named by its hash, shown by its operation name.
fn unknown<'a>(asked: &Asked<'_>, answer: &Answer<'a>) -> Option<Call<'a>> {
    let mut call = match (&asked.hash, asked.operation.as_deref()) {
        (Some(hash), _) => Call::named(Kind::GraphQl, &format!("persisted.{hash}")),
        (None, Some(operation)) => Call::named(Kind::GraphQl, &format!("operation.{operation}")),
        (None, None) => return None,
    };
    if let Some(variables) = asked.variables.as_deref().filter(|text| members::is_container(text)) {
        call.request = Part::one(variables.as_bytes().to_vec());
    } else {
        call.request = Part::none();
    }
    call.response = answer.whole();
    call.failure = answer.failure(None);
    label(&mut call, asked.operation.as_deref());
    if let Some(hash) = &asked.hash {
        call.labels.push((Label::Way, Cow::Borrowed("persisted")));
        call.persisted = Some(Persisted { hash: hash.clone(), roots: Vec::new() });
    }
    Some(call)
}

fn label(call: &mut Call<'_>, operation: Option<&str>) {
    if let Some(operation) = operation {
        call.labels.push((Label::Operation, Cow::Owned(bounded_name(operation))));
    }
}

/// Values of variables, as raw JSON.
struct Variables<'v>(Vec<(String, &'v str)>);

impl<'v> Variables<'v> {
    fn of(raw: Option<&'v str>) -> Self {
        let mut all = Vec::new();
        if let Some(raw) = raw {
            members::object(raw, |name, value| {
                if all.len() < VARIABLES_MAX {
                    all.push((name.to_owned(), value));
                }
            });
        }
        Self(all)
    }

    fn get(&self, wanted: &str) -> Option<&'v str> {
        self.0.iter().find(|(name, _)| name == wanted).map(|(_, value)| *value)
    }
}
