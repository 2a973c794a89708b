//! Traffic of an API that somebody only described.

use serde_json::Value;

use super::body::{About, Bodies};
use super::document::{Document, Operation, Piece};
use super::world::{Object, World};
use crate::har::{Body, Entry, encode};
use crate::json::Json;
use crate::object;
use crate::rng::{Rng, hash};
use crate::values::{self, ALPHANUMERIC};
use crate::words::{CLIENTS, SCANNER_PATHS, TOPICS};

/// What to make.
#[derive(Clone, Debug)]
pub struct Options {
    /// Seed.
    pub seed: u64,
    /// Exchanges.
    pub exchanges: usize,
    /// String parameters without a format are words, ids included: the hard case for a learner.
    pub slugs: bool,
    /// Neither headers nor bodies: what an access log would have kept.
    pub no_bodies: bool,
}

/// Callers of the API.
const ACTORS: usize = 40;
/// Share of requests to paths that the API does not have.
const NOISE_SHARE: f64 = 0.02;
/// Items on the first page of a list.
const PAGE_ITEMS: usize = 10;
/// 2026-09-21T08:00:00Z
const START_US: i64 = 1_789_977_600_000_000;

struct Actor {
    ip: String,
    agent: &'static str,
    token: String,
}

struct Source<'a> {
    document: &'a Document,
    world: World,
    options: &'a Options,
    actors: Vec<Actor>,
    /// How errors look here.
    error_style: usize,
    /// Operations, the most called first.
    order: Vec<usize>,
    /// Weight of each of them.
    weights: Vec<u32>,
}

/// Makes traffic. Entries are in time order and carry their true templates.
pub fn generate(document: &Document, options: &Options) -> Vec<Entry> {
    let source = Source::new(document, options);
    let mut rng = Rng::labeled(options.seed, "traffic");
    let mut at = START_US;
    let mut entries = Vec::with_capacity(options.exchanges);
    // Every tenth attempt or fewer is refused; a document whose every path is another's ends here.
    for _ in 0..options.exchanges.saturating_mul(10) {
        if entries.len() == options.exchanges {
            break;
        }
        at += rng.between(40_000, 4_000_000);
        let entry = if rng.chance(NOISE_SHARE) { source.noise(&mut rng) } else { source.exchange(&mut rng) };
        let Some(mut entry) = entry else { continue };
        entry.at = at;
        if options.no_bodies {
            entry.response_bytes = entry.response_len();
            (entry.request_body, entry.response_body) = (None, None);
            entry.request_headers.clear();
            entry.response_headers.clear();
        }
        entries.push(entry);
    }
    entries
}

impl<'a> Source<'a> {
    fn new(document: &'a Document, options: &'a Options) -> Self {
        let mut rng = Rng::labeled(options.seed, "source");
        let actors = (0..ACTORS)
            .map(|_| Actor {
                ip: values::public_ip(&mut rng),
                agent: rng.word(CLIENTS),
                token: rng.text(ALPHANUMERIC, 40),
            })
            .collect();
        let mut order: Vec<usize> = (0..document.operations.len()).collect();
        rng.shuffle(&mut order);
        let weight = |(rank, operation): (usize, &usize)| {
            let factor = match document.operations.get(*operation).map(|o| o.method.as_str()) {
                Some("GET") => 10,
                Some("DELETE") => 2,
                _ => 4,
            };
            // Zipf's law over operations.
            (factor * 10_000 / (rank as u32 + 2)).max(1)
        };
        let weights = order.iter().enumerate().map(weight).collect();
        let world = World::new(document, options.seed, options.slugs);
        Self { document, world, options, actors, error_style: rng.below(4), order, weights }
    }

    fn exchange(&self, rng: &mut Rng) -> Option<Entry> {
        let index = *self.order.get(rng.weighted(&self.weights))?;
        let operation = self.document.operations.get(index)?;
        let objects = self.world.path(index, rng);
        let missing = !objects.is_empty() && rng.chance(0.03);
        let values =
            if missing { self.world.unknown(index, rng) } else { objects.iter().map(|o| o.value.clone()).collect() };
        let path = fill(operation, &values)?;
        // A value that is a literal of a sibling template would be routed there.
        let routed = route(&self.document.operations, &operation.method, &path)?;
        if shape(&routed.template) != shape(&operation.template) {
            return None;
        }
        let mut entry = self.request(operation, path, rng);
        entry.template = Some(operation.template.clone());
        let writes = matches!(operation.method.as_str(), "POST" | "PUT" | "PATCH");
        let created = (operation.method == "POST").then(|| self.world.items(index, &objects)).flatten();
        let own = match created {
            Some(count) => self.world.item(index, &objects, rng.below(count)),
            None if ends_in_parameter(operation) => objects.last().cloned(),
            None => None,
        };
        if writes {
            self.write_request_body(operation, &objects, own.as_ref(), &mut entry);
        }
        entry.status = if missing { 404 } else { status(operation, writes, rng) };
        if entry.status >= 400 {
            entry.response_body = Some(Body::json(&self.error(entry.status, values.last(), rng)));
        } else {
            self.answer(index, operation, objects, own, &mut entry, rng);
        }
        headers(&mut entry);
        Some(entry)
    }

    fn request(&self, operation: &Operation, path: String, rng: &mut Rng) -> Entry {
        let actor = rng.pick_skewed(&self.actors);
        let mut query = Vec::new();
        for parameter in &operation.query_parameters {
            if parameter.required || rng.chance(0.2) {
                let value = self.query_value(&parameter.name, &parameter.schema, parameter.example.as_ref(), rng);
                query.push((encode(&parameter.name), encode(&value)));
            }
        }
        Entry {
            duration_us: 4_000 + rng.between(0, 40) * rng.between(1, 9) * 1_000 + rng.between(0, 999),
            method: operation.method.clone(),
            origin: self.document.origin.clone(),
            path,
            query,
            http_version: "HTTP/1.1",
            request_headers: vec![
                ("accept".into(), "application/json".into()),
                ("user-agent".into(), actor.agent.into()),
                ("authorization".into(), format!("Bearer {}", actor.token)),
            ],
            client_ip: actor.ip.clone(),
            ..Entry::default()
        }
    }

    fn query_value(&self, name: &str, schema: &Value, example: Option<&Value>, rng: &mut Rng) -> String {
        if let Some(text) = example.and_then(Value::as_str).filter(|_| rng.chance(0.3)) {
            return text.to_owned();
        }
        if let Some(object) = self.world.referred(name, rng) {
            return object.value;
        }
        let bodies = Bodies { document: self.document, world: &self.world };
        match bodies.value(&object_of(name, schema), &mut About::default(), rng.bits()) {
            Json::Object(members) => match members.into_iter().next() {
                Some((_, Json::Text(text))) => text,
                Some((_, value @ (Json::Int(_) | Json::Hundredths(_) | Json::Bool(_)))) => value.to_string(),
                _ => rng.word(TOPICS).to_owned(),
            },
            _ => String::new(),
        }
    }

    fn write_request_body(&self, operation: &Operation, objects: &[Object], own: Option<&Object>, entry: &mut Entry) {
        let Some((mime, schema)) = &operation.request else { return };
        if !mime.contains("json") && !mime.contains("form") {
            return;
        }
        let bodies = Bodies { document: self.document, world: &self.world };
        let mut about = About { path: objects.to_vec(), own: own.cloned(), items: None };
        let seed = own.map_or_else(|| hash(&entry.path) ^ entry.duration_us as u64, |o| o.seed ^ 0xB0D7);
        let value = bodies.value(schema, &mut about, seed);
        entry.request_body = Some(match value {
            Json::Object(members) if mime.contains("urlencoded") => {
                let pair = |(name, value): (String, Json)| match value {
                    Json::Text(text) => format!("{}={}", encode(&name), encode(&text)),
                    other => format!("{}={}", encode(&name), encode(&other.to_string())),
                };
                let text = members.into_iter().map(pair).collect::<Vec<_>>().join("&");
                Body { mime: "application/x-www-form-urlencoded", text }
            }
            value => Body::json(&value),
        });
    }

    fn answer(
        &self,
        index: usize,
        operation: &Operation,
        objects: Vec<Object>,
        own: Option<Object>,
        entry: &mut Entry,
        rng: &mut Rng,
    ) {
        let content = operation.successes.iter().find(|(s, _)| *s == entry.status).and_then(|(_, c)| c.as_ref());
        if entry.status == 204 {
            return;
        }
        let items = (own.is_none()).then(|| self.world.items(index, &objects)).flatten().map(|count| {
            // A page of the list: mostly the first one.
            let skip = if count > PAGE_ITEMS && rng.chance(0.25) { PAGE_ITEMS } else { 0 };
            let page = skip..count.min(skip + PAGE_ITEMS);
            page.filter_map(|i| self.world.item(index, &objects, i)).collect::<Vec<_>>()
        });
        let below = |item: Object| objects.iter().cloned().chain([item]).collect::<Vec<_>>();
        let items = items.map(|items| items.into_iter().map(below).collect()).or_else(|| {
            // `GET /user/repos` shows what `/repos/{owner}/{repo}` serves.
            own.is_none().then(|| self.world.elsewhere(index, rng)).flatten()
        });
        let seed = own.as_ref().map_or_else(|| hash(&entry.path) ^ self.options.seed, |o| o.seed);
        let bodies = Bodies { document: self.document, world: &self.world };
        match content {
            Some((mime, schema)) if mime.contains("json") && schema.as_object().is_some_and(|s| !s.is_empty()) => {
                let mut about = About { path: objects, own, items };
                let mut value = bodies.value(schema, &mut about, seed);
                // Services often say which object it is even where their documents forget to.
                if let Some(own) = about.own.filter(|_| Rng::labeled(seed, "says id").chance(0.5)) {
                    let key = if own.parameter.to_lowercase().ends_with("id") { "id" } else { "name" };
                    value = value.with(key, own.value);
                }
                entry.response_body = Some(Body::json(&value));
            }
            Some((mime, _)) if !mime.contains("json") => entry.response_bytes = rng.between(200, 60_000) as usize,
            // Documents often leave responses open; the services behind them still answer.
            _ if Rng::labeled(self.options.seed, &operation.template).chance(0.75) => {
                entry.response_body = Some(Body::json(&undeclared(own.as_ref(), items.as_deref(), seed)));
            }
            _ => {}
        }
    }

    fn error(&self, status: u16, value: Option<&String>, rng: &mut Rng) -> Json {
        let message = match (status, value) {
            (401, _) => "The access token is missing or has expired".to_owned(),
            (403, _) => "This client may not do that".to_owned(),
            (404, Some(value)) => format!("Nothing found for '{value}'"),
            (429, _) => "Too many requests".to_owned(),
            (400 | 422, _) => format!("The field '{}' is not valid", rng.word(TOPICS)),
            _ => "Something went wrong".to_owned(),
        };
        let code = i64::from(status);
        match self.error_style {
            0 => object! { "message" => message },
            1 => object! { "error" => object! { "code" => code, "message" => message } },
            2 => object! { "errors" => Json::array([message]) },
            _ => object! { "title" => message, "status" => code, "type" => "about:blank" },
        }
    }

    fn noise(&self, rng: &mut Rng) -> Option<Entry> {
        let path = match rng.below(3) {
            0 => format!("/{}/{}", rng.word(TOPICS), values::slug(rng)),
            _ => rng.word(SCANNER_PATHS).to_owned(),
        };
        if self.document.operations.iter().any(|o| matches(o, &path)) {
            return None;
        }
        let mut entry = Entry {
            duration_us: rng.between(500, 3_000),
            method: "GET".into(),
            origin: self.document.origin.clone(),
            path,
            http_version: "HTTP/1.1",
            request_headers: vec![("user-agent".into(), rng.word(CLIENTS).into())],
            status: 404,
            client_ip: values::public_ip(rng),
            ..Entry::default()
        };
        entry.response_body = Some(Body::json(&self.error(404, None, rng)));
        headers(&mut entry);
        Some(entry)
    }
}

fn object_of(name: &str, schema: &Value) -> Value {
    serde_json::json!({ "type": "object", "required": [name], "properties": { name: schema } })
}

/// What a service answers whose document does not say.
fn undeclared(own: Option<&Object>, items: Option<&[Vec<Object>]>, seed: u64) -> Json {
    let show = |object: &Object| {
        let mut rng = Rng::new(object.seed);
        let key = if object.value.bytes().all(|b| b.is_ascii_digit()) || object.parameter.ends_with("id") {
            "id"
        } else {
            "name"
        };
        object! {
            key => &object.value, "state" => rng.word(&["active", "pending", "closed"]), "label" => rng.word(TOPICS),
            "createdAt" => format!("2026-0{}-1{}T09:00:00Z", rng.between(1, 9), rng.between(0, 9)), "count" => rng.between(0, 90),
        }
    };
    match (own, items) {
        (Some(own), _) => show(own),
        (None, Some(items)) => {
            object! { "items" => Json::array(items.iter().filter_map(|i| i.last()).map(show)), "total" => items.len() }
        }
        _ => object! { "status" => "ok", "took" => Rng::new(seed).between(1, 40) },
    }
}

fn status(operation: &Operation, writes: bool, rng: &mut Rng) -> u16 {
    let roll = rng.below(1_000);
    match roll {
        0..15 => 401,
        15..25 => 403,
        25..28 => 429,
        28..33 => 500,
        33..75 if writes => *rng.pick(&[400, 422]),
        _ => operation.successes.get(rng.skewed(operation.successes.len())).map_or(200, |(status, _)| *status),
    }
}

fn headers(entry: &mut Entry) {
    if let Some(body) = &entry.request_body {
        entry.request_headers.push(("content-type".into(), body.mime.into()));
    }
    if let Some(body) = &entry.response_body {
        entry.response_headers.push(("content-type".into(), body.mime.into()));
    }
    entry.response_headers.push(("cache-control".into(), "no-store".into()));
}

fn ends_in_parameter(operation: &Operation) -> bool {
    operation.segments.last().is_some_and(|s| s.iter().any(|p| matches!(p, Piece::Parameter(_))))
}

/// The path of a template with these values; none when a value is empty.
fn fill(operation: &Operation, values: &[String]) -> Option<String> {
    let mut path = String::new();
    for segment in &operation.segments {
        path.push('/');
        for piece in segment {
            match piece {
                Piece::Text(text) => path.push_str(text),
                Piece::Parameter(at) => path.push_str(&encode(values.get(*at).filter(|v| !v.is_empty())?)),
            }
        }
    }
    Some(path)
}

/// The operation that a server would route to: literal segments win from the left.
fn route<'a>(operations: &'a [Operation], method: &str, path: &str) -> Option<&'a Operation> {
    let literal =
        |o: &Operation| o.segments.iter().map(|s| matches!(s.as_slice(), [Piece::Text(_)])).collect::<Vec<_>>();
    operations.iter().filter(|o| o.method == method && matches(o, path)).max_by_key(|o| literal(o))
}

fn matches(operation: &Operation, path: &str) -> bool {
    let mut segments = path.split('/').skip(1);
    operation.segments.iter().all(|pieces| segments.next().is_some_and(|s| matches_segment(pieces, s)))
        && segments.next().is_none()
}

fn matches_segment(pieces: &[Piece], segment: &str) -> bool {
    match pieces {
        [Piece::Text(text)] => text == segment,
        [Piece::Parameter(_)] => !segment.is_empty(),
        [first, .., last] => {
            let head = if let Piece::Text(text) = first { text.as_str() } else { "" };
            let tail = if let Piece::Text(text) = last { text.as_str() } else { "" };
            segment.len() > head.len() + tail.len() && segment.starts_with(head) && segment.ends_with(tail)
        }
        [] => segment.is_empty(),
    }
}

/// A template without the names of its parameters.
fn shape(template: &str) -> String {
    let mut shape = String::new();
    let mut inside = false;
    for c in template.chars() {
        match c {
            '{' => inside = true,
            '}' => inside = false,
            _ if inside => continue,
            _ => {}
        }
        shape.push(c);
    }
    shape
}

#[cfg(test)]
mod tests;
