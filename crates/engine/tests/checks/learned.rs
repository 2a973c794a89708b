//! What an engine would have learned from the exchanges of a case, in small, with what the case says on top.
//!
//! Templates come from the `yaml endpoint` blocks; failing that, segments of digits are parameters. Fields and data
//! classes come from these blocks only.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vedette_engine::checks::{Context, Seen, TallySet, observe_all, shows_credentials};
use vedette_model::hash::HashKey;
use vedette_model::results::{
    Authentication, Caller, Distribution, Endpoint, Field, FieldClass, Operation, Orphan, Protocol, Sample, Service,
    Timeline, Violation,
};
use vedette_model::{Exchange, Timestamp};
use vedette_parse::classes::Classifier;
use vedette_parse::credentials::credentials;
use vedette_parse::protocol::Protocols;
use vedette_parse::url;

use crate::specs::{Block, Case, crowd};

/// Width of a timeline's buckets in seconds.
const BUCKET_SECS: i64 = 60;

/// The services of a case with their endpoints and what the checks remember of each.
pub(super) struct Learned {
    pub(super) services: Vec<(Service, Vec<Endpoint>, Vec<TallySet>)>,
    as_of: Option<Timestamp>,
}

impl Learned {
    pub(super) fn context<'a>(&self, classifier: &'a Classifier) -> Context<'a> {
        let mut endpoints = self.services.iter().flat_map(|(_, endpoints, _)| endpoints);
        Context { classifier, as_of: self.as_of, credentials_seen: endpoints.any(shows_credentials) }
    }
}

/// Learns from one case.
pub(super) fn learn(case: &Case, classifier: &Classifier) -> Learned {
    let of = |info: &'static str| case.blocks.iter().filter(move |block| block.info == info);
    let known: Vec<Value> = of("yaml endpoint").map(yaml).collect();
    let mut services: BTreeMap<String, Service> = BTreeMap::new();
    let mut endpoints: BTreeMap<(String, String, String), (Endpoint, TallySet)> = BTreeMap::new();
    let blocks = case.blocks.iter().filter(|block| block.info.starts_with("http"));
    let exchanges: Vec<Exchange<'_>> = blocks.flat_map(crowd::exchanges).collect();
    let active = active_secs(&exchanges);
    let mut protocols = Protocols::default();
    for (number, exchange) in (0_u64..).zip(&exchanges) {
        let host = exchange.host.as_deref().unwrap_or_default().to_owned();
        see_service(services.entry(host.clone()).or_default(), &host, exchange);
        let calls = protocols.read(exchange);
        let views: Vec<_> = calls.iter().map(|call| (Some(call), call.view(exchange))).collect();
        let whole = [(None, exchange.clone())];
        for (call, exchange) in if views.is_empty() { whole.as_slice() } else { views.as_slice() } {
            let name = call.and_then(|call| call.name.as_deref()).map(|name| format!("#{name}")).unwrap_or_default();
            let path = template(exchange, &known);
            let key = (host.clone(), exchange.method.to_string(), format!("{path}{name}"));
            let (endpoint, tallies) = endpoints.entry(key.clone()).or_default();
            let operation = call.and_then(|call| call.name.clone());
            endpoint.protocol = operation.map(|name| Protocol { path, operation: Some(name), ..Protocol::default() });
            (endpoint.service, endpoint.method, endpoint.template) = key;
            see(endpoint, exchange, number);
            let seen = Seen {
                exchange,
                seen_at: (0, number),
                credentials: &credentials(exchange, &HashKey::default()),
                query: &exchange.query.as_deref().map(|q| url::pairs(q).collect::<Vec<_>>()).unwrap_or_default(),
                classifier,
                inside: *call,
            };
            observe_all(&seen, tallies);
        }
    }
    for caller in endpoints.values_mut().flat_map(|(endpoint, _)| &mut endpoint.callers) {
        caller.active_secs = active.get(&caller.actor).copied();
    }
    for value in &known {
        overlay_endpoint(value, &mut services, &mut endpoints);
    }
    let as_of = exchanges.iter().filter_map(|exchange| exchange.at).max();
    let as_of = as_of.max(services.values().filter_map(|service| service.last_seen).max());
    let services = services.into_iter().map(|(name, mut service)| {
        for block in of("yaml service") {
            service = overlay(&service, &yaml(block));
        }
        service.name.clone_from(&name);
        let mine = endpoints.iter().filter(|((host, ..), _)| *host == name);
        let (endpoints, tallies) = mine.map(|(_, pair)| pair.clone()).unzip();
        (service, endpoints, tallies)
    });
    let services: Vec<_> = services.collect();
    let as_of = as_of.max(services.iter().filter_map(|(service, ..)| service.last_seen).max());
    Learned { services, as_of }
}

/// Seconds between the first and the last exchange of each address.
fn active_secs(exchanges: &[Exchange<'_>]) -> BTreeMap<String, u64> {
    let mut spans: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for exchange in exchanges {
        let (Some(ip), Some(at)) = (exchange.client_ip, exchange.at) else { continue };
        let span = spans.entry(ip.to_string()).or_insert((at.secs(), at.secs()));
        *span = (span.0.min(at.secs()), span.1.max(at.secs()));
    }
    spans.into_iter().map(|(actor, (first, last))| (actor, last.abs_diff(first))).collect()
}

fn see_service(service: &mut Service, host: &str, exchange: &Exchange<'_>) {
    host.clone_into(&mut service.name);
    service.exchanges += 1;
    service.direction = exchange.direction;
    service.first_seen = service.first_seen.or(exchange.at).min(exchange.at);
    service.last_seen = service.last_seen.max(exchange.at);
}

fn see(endpoint: &mut Endpoint, exchange: &Exchange<'_>, number: u64) {
    let html = exchange.response_headers.get("content-type").is_some_and(|kind| kind.contains("html"));
    endpoint.id = format!("{} {}{}", endpoint.method, endpoint.service, endpoint.template);
    if html { "page" } else { "api" }.clone_into(&mut endpoint.kind);
    "public".clone_into(&mut endpoint.exposure);
    endpoint.exchanges += 1;
    *endpoint.statuses.entry(exchange.status.to_string()).or_default() += 1;
    endpoint.first_seen = endpoint.first_seen.or(exchange.at).min(exchange.at);
    endpoint.last_seen = endpoint.last_seen.max(exchange.at);
    if let Some(kind) = exchange.response_headers.get("content-type") {
        endpoint.response_content_types = vec![kind.to_owned()];
    }
    let bytes = exchange.response_bytes.or(exchange.response_body.as_ref().map(|body| body.len() as u64));
    if let Some(bytes) = bytes.map(|bytes| bytes as f64) {
        let distribution = endpoint.response_bytes.get_or_insert_default();
        *distribution = Distribution {
            count: distribution.count + 1,
            p50: bytes,
            max: distribution.max.max(bytes),
            ..*distribution
        };
    }
    if endpoint.samples.len() < 3 {
        endpoint.samples.push(Sample {
            exchange: number,
            at: exchange.at,
            status: exchange.status,
            ..Sample::default()
        });
    }
    see_caller(endpoint, exchange);
    see_authentication(endpoint, exchange);
}

fn see_caller(endpoint: &mut Endpoint, exchange: &Exchange<'_>) {
    let actor = exchange.client_ip.map(|ip| ip.to_string()).unwrap_or_default();
    match endpoint.callers.iter_mut().find(|caller| caller.actor == actor) {
        Some(caller) => caller.exchanges += 1,
        None => endpoint.callers.push(Caller { actor, exchanges: 1, active_secs: None }),
    }
    endpoint.actors = endpoint.callers.len() as u64;
    let (Some(first), Some(at)) = (endpoint.first_seen, exchange.at) else { return };
    let timeline: &mut Timeline = &mut endpoint.timeline;
    timeline.bucket_secs = BUCKET_SECS as u64;
    let bucket = usize::try_from((at.secs() - first.secs()) / BUCKET_SECS).unwrap_or(0).min(10_000);
    timeline.exchanges.resize(timeline.exchanges.len().max(bucket + 1), 0);
    timeline.exchanges[bucket] += 1;
}

fn see_authentication(endpoint: &mut Endpoint, exchange: &Exchange<'_>) {
    let found = credentials(exchange, &HashKey::default());
    let credential = found.first();
    let scheme = match credential {
        Some(credential) => credential.scheme.id(),
        None if exchange.has_headers => "none",
        None => "unknown",
    };
    if !endpoint.authentication.iter().any(|known| known == scheme) {
        endpoint.authentication.push(scheme.to_owned());
        endpoint.authentication_details.push(Authentication { scheme: scheme.to_owned(), ..Authentication::default() });
    }
    let details = &mut endpoint.authentication_details;
    let Some(seen) = details.iter_mut().find(|known| known.scheme == scheme) else { return };
    seen.exchanges += 1;
    seen.successes += u64::from(exchange.succeeded());
    let Some(jwt) = credential.and_then(|credential| credential.jwt.as_ref()) else { return };
    if !seen.jwt_algorithms.contains(&jwt.algorithm) {
        seen.jwt_algorithms.push(jwt.algorithm.clone());
    }
    seen.jwt_without_expiry += u64::from(jwt.expires_at.is_none());
    if let (Some(issued), Some(expires)) = (jwt.issued_at, jwt.expires_at) {
        let lifetime = (expires.secs() - issued.secs()).max(0) as u64;
        seen.jwt_lifetime_secs = seen.jwt_lifetime_secs.max(Some(lifetime));
    }
}

/// The template of a known endpoint that fits, else the path with its numbers as parameters.
fn template(exchange: &Exchange<'_>, known: &[Value]) -> String {
    let fits = |template: &str| {
        let (segments, pattern): (Vec<&str>, Vec<&str>) =
            (exchange.path.split('/').collect(), template.split('/').collect());
        segments.len() == pattern.len() && segments.iter().zip(&pattern).all(|(s, p)| s == p || p.starts_with('{'))
    };
    let mine = known.iter().filter(|value| value["method"] == *exchange.method);
    let mut templates = mine.filter_map(|value| value["template"].as_str());
    if let Some(template) = templates.find(|template| fits(template)) {
        return template.to_owned();
    }
    let digits = |segment: &str| !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit());
    let segments = exchange.path.split('/').map(|segment| if digits(segment) { "{id}" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

fn overlay_endpoint(
    value: &Value,
    services: &mut BTreeMap<String, Service>,
    endpoints: &mut BTreeMap<(String, String, String), (Endpoint, TallySet)>,
) {
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let first = services.keys().next().cloned().unwrap_or_else(|| "api.shop.example".to_owned());
    let host = if value["service"].is_string() { text("service") } else { first };
    let (method, template) = (text("method"), text("template"));
    let service = services.entry(host.clone()).or_default();
    service.name.clone_from(&host);
    let (endpoint, _) = endpoints.entry((host.clone(), method.clone(), template.clone())).or_default();
    if endpoint.id.is_empty() {
        endpoint.id = format!("{method} {host}{template}");
        (endpoint.kind, endpoint.exposure) = ("api".to_owned(), "public".to_owned());
    }
    endpoint.service = host;
    *endpoint = overlay(endpoint, value);
    service.first_seen = service.first_seen.or(endpoint.first_seen).min(endpoint.first_seen.or(service.first_seen));
    service.last_seen = service.last_seen.max(endpoint.last_seen);
}

/// Lays the keys of `value` over `base`; elements of known lists may leave out what is zero.
fn overlay<T: serde::Serialize + serde::de::DeserializeOwned>(base: &T, value: &Value) -> T {
    let mut merged = serde_json::to_value(base).expect("results serialize");
    for (key, value) in value.as_object().expect("a mapping") {
        let element = match key.as_str() {
            "fields" => serde_json::to_value(Field::default()),
            "authentication_details" => serde_json::to_value(Authentication::default()),
            "callers" => serde_json::to_value(Caller::default()),
            "response_bytes" => serde_json::to_value(Distribution::default()),
            "timeline" => serde_json::to_value(Timeline::default()),
            "operation" => serde_json::to_value(Operation::default()),
            "orphans" => serde_json::to_value(Orphan::default()),
            _ => Ok(Value::Null),
        };
        merged[key] = complete(value, &element.expect("results serialize"));
    }
    serde_json::from_value(merged).unwrap_or_else(|error| panic!("{error}: {value}"))
}

/// Fills in what a mapping, or each mapping of a list, leaves out.
fn complete(value: &Value, element: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| complete(item, element)).collect(),
        Value::Object(object) if element.is_object() => {
            let mut full = element.clone();
            for (key, value) in object {
                let element = match key.as_str() {
                    "classes" => json!(FieldClass::default()),
                    "violations" => json!(Violation::default()),
                    _ => Value::Null,
                };
                full[key] = complete(value, &element);
            }
            full
        }
        other => other.clone(),
    }
}

fn yaml(block: &Block) -> Value {
    serde_saphyr::from_str(&block.text).unwrap_or_else(|error| panic!("{error}:\n{}", block.text))
}
