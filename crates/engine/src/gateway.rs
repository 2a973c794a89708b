//! Judges configurations of gateways: who may call, how, and what stands behind. One file per rule; this is the registry.
//! A rule brings configurations that break it and some that do not, and a test runs all.
//!
//! Settings that cannot be told from the files ([`Unknown`](vedette_parse::gateway::Setting::Unknown)) are never judged, and
//! what only a default of the product decides is said to be one. With traffic, [`join`] also compares routes with endpoints.

mod list;
mod traffic;

mod admin_exposed;
mod backend_unauthenticated;
mod backend_unverified;
mod broad_subscription;
mod deprecated_version;
mod no_authentication;
mod no_body_limit;
mod no_rate_limit;
mod old_management_api;
mod permissive_cors;
mod plain_http;
mod public_network;
mod route_missing;
mod route_unused;
mod secret_in_clear;
mod weak_tls;

use vedette_model::Severity;
use vedette_model::hash::HashKey;
use vedette_model::limits::AUDIT_PLACES_MAX;
use vedette_model::results::{Evidence, Finding, Results};
use vedette_parse::gateway::{At, FactKind, Gateway, Product, Route, Serves};

use crate::checks::Meta;
use crate::conclude::order_findings;
use crate::functions;

/// One rule.
pub struct Rule {
    /// What it says of itself.
    pub meta: Meta,
    /// Tells the places that break it.
    check: fn(&Gateway, &mut Places),
    /// Configurations that break it.
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are for the test and the reader"))]
    bad: &'static [&'static str],
    /// And some that do not.
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are for the test and the reader"))]
    good: &'static [&'static str],
}

/// Every rule, worst first.
pub const RULES: &[Rule] = &[
    no_authentication::RULE,
    admin_exposed::RULE,
    secret_in_clear::RULE,
    plain_http::RULE,
    permissive_cors::RULE,
    weak_tls::RULE,
    backend_unverified::RULE,
    broad_subscription::RULE,
    public_network::RULE,
    backend_unauthenticated::RULE,
    old_management_api::RULE,
    no_rate_limit::RULE,
    no_body_limit::RULE,
    deprecated_version::RULE,
];

/// What every finding about gateways says of itself, the rules first, then those that need traffic.
pub fn metas() -> impl Iterator<Item = &'static Meta> {
    RULES.iter().map(|rule| &rule.meta).chain([&route_unused::META, &route_missing::META])
}

/// One place that breaks a rule.
struct Place {
    at: At,
    /// The route, listener, backend or whatever it is about: what stays when lines move.
    what: String,
    text: String,
    severity: Severity,
    confidence: f64,
}

/// Where a rule is broken.
struct Places {
    severity: Severity,
    all: Vec<Place>,
}

impl Places {
    /// A place with the rule's own severity.
    fn add(&mut self, place: (&At, &str), text: impl Into<String>, confidence: f64) {
        self.add_as(self.severity, place, text, confidence);
    }

    /// A place that is better or worse than usual: its line and what it is about. `text` is a clause without a period;
    /// the same line counts once for the same text.
    fn add_as(&mut self, severity: Severity, (at, what): (&At, &str), text: impl Into<String>, confidence: f64) {
        let text = text.into();
        // The line first: it tells nearly all apart, and there may be many.
        let same = |known: &Place| known.at.line == at.line && known.text == text && known.at.file == at.file;
        if !self.all.iter().any(same) {
            self.all.push(Place { at: at.clone(), what: what.to_owned(), text, severity, confidence });
        }
    }
}

/// Judges one gateway. Per rule, the worst places are a finding each, so that each can be fixed, accepted and compared
/// with an earlier analysis by itself; what is low is one finding with its first [`AUDIT_PLACES_MAX`] places.
pub fn judge(gateway: &Gateway) -> Vec<Finding> {
    let findings = RULES.iter().flat_map(|rule| {
        let mut places = Places { severity: rule.meta.severity, all: Vec::new() };
        (rule.check)(gateway, &mut places);
        of_places(&rule.meta, gateway, places.all)
    });
    findings.collect()
}

/// Adds gateways and what is found about them to results; where these hold traffic, routes are compared with it.
pub fn join(results: &mut Results, gateways: &[Gateway]) {
    for gateway in gateways {
        results.findings.extend(judge(gateway));
        let mut listed = list::listed(gateway);
        let compared = traffic::compare(gateway, &mut listed, results);
        results.findings.extend(compared);
        results.gateways.push(listed);
    }
    order_findings(&mut results.findings);
}

fn of_places(meta: &Meta, gateway: &Gateway, mut places: Vec<Place>) -> Vec<Finding> {
    // Stable: places of one severity stay in the order of the file.
    places.sort_by_key(|place| std::cmp::Reverse(place.severity));
    let alone = places.iter().filter(|place| place.severity > Severity::Low).count().min(AUDIT_PLACES_MAX);
    let rest = places.split_off(alone);
    let mut findings: Vec<Finding> = Vec::with_capacity(alone + 1);
    for (number, place) in places.iter().enumerate() {
        // Two servers may have the same route.
        let before = places.iter().take(number).filter(|other| other.what == place.what).count();
        let what = if before == 0 { place.what.clone() } else { format!("{} #{}", place.what, before + 1) };
        findings.extend(finding(meta, gateway, &what, std::slice::from_ref(place)));
    }
    findings.extend(finding(meta, gateway, "", &rest));
    findings
}

/// One finding of places, worst first; `what` they are about, empty for the whole file.
fn finding(meta: &Meta, gateway: &Gateway, what: &str, places: &[Place]) -> Option<Finding> {
    let worst = places.first()?;
    let more = match places.len() - 1 {
        0 => String::new(),
        1 => " 1 more place is alike.".to_owned(),
        n => format!(" {n} more places are alike."),
    };
    let evidence = places.iter().take(AUDIT_PLACES_MAX).map(|place| Evidence {
        location: gateway.product.name().to_owned(),
        excerpt: place.text.clone(),
        file: Some(place.at.file.to_string()),
        line: (place.at.line > 0).then_some(place.at.line as u64),
        ..Evidence::default()
    });
    let words = |all: &[&str]| all.iter().map(ToString::to_string).collect();
    Some(Finding {
        id: id(meta, gateway, what),
        kind: meta.id.to_owned(),
        service: gateway.file().to_owned(),
        place: if what.is_empty() { gateway.file().to_owned() } else { what.to_owned() },
        severity: worst.severity,
        confidence: worst.confidence,
        title: meta.title.to_owned(),
        explanation: format!("{}.{more}", capitalized(&worst.text)),
        evidence: evidence.collect(),
        owasp: words(meta.owasp),
        cwe: words(meta.cwe),
        compliance: words(meta.compliance),
        fix: meta.fix.to_owned(),
        occurrences: places.len() as u64,
        ..Finding::default()
    })
}

/// The same weakness of the same thing in the same file has the same id in every analysis.
fn id(meta: &Meta, gateway: &Gateway, what: &str) -> String {
    let text = [meta.id, gateway.product.name(), gateway.file(), what].join("\u{1f}");
    format!("{:016x}", HashKey::from_text("gateway").hash(text.as_bytes()))
}

/// Begins a sentence; code in back quotes and names stay as they are.
fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
    let word = text.split(' ').next().unwrap_or_default();
    let plain = word.chars().all(|c| c.is_ascii_lowercase());
    if plain { first + chars.as_str() } else { text.to_owned() }
}

/// Routes that forward calls of an API: no health checks, certificate challenges or preflights.
fn forwarding(gateway: &Gateway) -> impl Iterator<Item = &Route> {
    gateway.routes.iter().filter(|route| route.serves == Serves::Backend && !is_harmless(route))
}

fn is_harmless(route: &Route) -> bool {
    let path = &route.path.text;
    path.contains(".well-known")
        || matches!(function(route), Some("health"))
        || route.methods.iter().all(|method| method == "OPTIONS") && !route.methods.is_empty()
}

/// What a route is for, told from its path.
fn function(route: &Route) -> Option<&'static str> {
    let method = route.methods.first().map_or("POST", String::as_str);
    let path: String = route.path.text.chars().filter(|c| !"^$()?:\\*+|[]".contains(*c)).collect();
    functions::function(method, path.trim_end_matches('/'))
}

/// ` and 3 more routes`; nothing for none.
fn and_more(routes: usize) -> String {
    match routes {
        0 => String::new(),
        1 => " and 1 more route".to_owned(),
        n => format!(" and {n} more routes"),
    }
}

/// Facts of one kind become places as they are.
fn facts(gateway: &Gateway, kind: FactKind, places: &mut Places) {
    for fact in gateway.facts.iter().filter(|fact| fact.kind == kind) {
        places.add((&fact.at, &fact.text), fact.text.clone(), 1.0);
    }
}

/// How sure an absence is: resources of a cluster may stand in files that were not given.
fn sure(gateway: &Gateway, confidence: f64) -> f64 {
    if gateway.product == Product::Kubernetes { confidence * 0.75 } else { confidence }
}

#[cfg(test)]
mod tests;
