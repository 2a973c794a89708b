//! Routes against traffic: which are used, and what was called that no route takes.

use vedette_model::Severity;
use vedette_model::limits::AUDIT_PLACES_MAX;
use vedette_model::results::{self, Endpoint, Evidence, Finding, Results};
use vedette_parse::gateway::{Gateway, Matcher, Route, Serves, host_matches};

use super::{Place, id, is_harmless, of_places, route_missing, route_unused};

/// Endpoints of a service that routes without hosts must take for the gateway to be the service's.
const COVERS_SHARE: f64 = 0.5;

/// Service of exchanges whose log has no host.
const UNNAMED: &str = "default";

struct Compiled<'g> {
    route: &'g Route,
    matcher: Matcher,
}

impl Compiled<'_> {
    /// The route may be for this service: its hosts fit, or nothing is known of hosts.
    fn may_serve(&self, service: &str) -> bool {
        self.route.hosts.is_empty() || service == UNNAMED || self.names(service)
    }

    /// A host of the route is the service's; an application (`orders`) is the first label of its host.
    fn names(&self, service: &str) -> bool {
        let hosts = &self.route.hosts;
        if service.contains('.') {
            hosts.iter().any(|pattern| host_matches(pattern, service))
        } else {
            hosts.iter().any(|host| host.split('.').next() == Some(service))
        }
    }

    /// Its path says more than a version, so that a service that fits is likely meant.
    fn is_specific(&self) -> bool {
        let words =
            self.route.path.text.split('/').filter(|part| part.chars().filter(char::is_ascii_alphabetic).count() > 1);
        words.into_iter().any(|part| !matches!(part, "api" | "rest" | "rpc"))
    }

    /// Whether it takes an endpoint; `None` when that is not known.
    fn takes(&self, endpoint: &Endpoint) -> Option<bool> {
        let method = self.route.methods.is_empty() || self.route.methods.contains(&endpoint.method);
        if method { self.matcher.takes(&endpoint.template) } else { Some(false) }
    }
}

/// Fills in which services the gateway stands in front of and which routes are used, and gives what differs.
pub(super) fn compare(gateway: &Gateway, listed: &mut results::Gateway, results: &Results) -> Vec<Finding> {
    let routes: Vec<Compiled<'_>> =
        gateway.routes.iter().map(|route| Compiled { route, matcher: route.path.matcher() }).collect();
    let mut used: Vec<Option<bool>> = vec![None; routes.len()];
    let mut missing = Vec::new();
    for service in &results.services {
        let own: Vec<&Endpoint> = results.endpoints.iter().filter(|one| one.service == service.name).collect();
        if !covers(&routes, &service.name, &own) {
            continue;
        }
        listed.services.push(service.name.clone());
        for ((place, compiled), used) in routes.iter().enumerate().zip(&mut used) {
            if !compiled.may_serve(&service.name) {
                continue;
            }
            let taken = own.iter().filter(|endpoint| compiled.takes(endpoint) == Some(true));
            let exchanges: u64 = taken.map(|endpoint| endpoint.exchanges).sum();
            let unknown = matches!(compiled.matcher, Matcher::Unknown);
            *used = if unknown { None } else { Some(used.unwrap_or(false) || exchanges > 0) };
            if let Some(route) = listed.routes.get_mut(place) {
                route.exchanges += exchanges;
            }
        }
        let api = own.iter().filter(|one| one.is_api() && succeeded(one));
        missing.extend(api.filter(|one| {
            let mut takers = routes.iter().filter(|compiled| compiled.may_serve(&service.name));
            !takers.any(|compiled| compiled.takes(one) != Some(false))
        }));
    }
    for (route, used) in listed.routes.iter_mut().zip(&used) {
        route.used = *used;
    }
    let unused = routes.iter().zip(&used).filter(|(one, used)| **used == Some(false) && is_worth(one.route));
    let places = unused.map(|(one, _)| Place {
        at: one.route.at.clone(),
        what: one.route.name(),
        text: format!("no call of the traffic went to {}", one.route.name()),
        severity: Severity::Low,
        confidence: 0.5,
    });
    of_places(&route_unused::META, gateway, places.collect()).into_iter().chain(around(gateway, &missing)).collect()
}

/// Routes whose silence says something.
fn is_worth(route: &Route) -> bool {
    route.serves == Serves::Backend && !route.path.takes_all() && !is_harmless(route)
}

fn succeeded(endpoint: &Endpoint) -> bool {
    endpoint.statuses.keys().any(|status| status.starts_with('2') || status.starts_with('3'))
}

/// True when the gateway stands in front of a service: routes name its host, or, where one side does not know hosts, take
/// most of its endpoints by more than a catch-all.
fn covers(routes: &[Compiled<'_>], service: &str, endpoints: &[&Endpoint]) -> bool {
    if service.contains('.') && routes.iter().any(|compiled| compiled.names(service)) {
        return true;
    }
    let telling = |one: &&Compiled<'_>| one.is_specific() || service == UNNAMED && !one.route.path.takes_all();
    let takers = || routes.iter().filter(|one| one.may_serve(service)).filter(telling);
    let api: Vec<&&Endpoint> = endpoints.iter().filter(|one| one.is_api()).collect();
    let taken = api.iter().filter(|endpoint| takers().any(|one| one.takes(endpoint) == Some(true))).count();
    taken > 0 && taken as f64 >= COVERS_SHARE * api.len() as f64
}

/// The finding about endpoints that no route takes.
fn around(gateway: &Gateway, missing: &[&Endpoint]) -> Option<Finding> {
    let first = missing.first()?;
    let name = |endpoint: &Endpoint| format!("{} {} of {}", endpoint.method, endpoint.template, endpoint.service);
    let more = if missing.len() > 1 { format!(" and {} more endpoints", missing.len() - 1) } else { String::new() };
    let calls: u64 = missing.iter().map(|endpoint| endpoint.exchanges).sum();
    let evidence = missing.iter().take(AUDIT_PLACES_MAX).filter_map(|endpoint| {
        let sample = endpoint.samples.first()?;
        Some(Evidence {
            source: sample.source,
            exchange: sample.exchange,
            location: "request.path".to_owned(),
            excerpt: format!("{} answered {}", name(endpoint), sample.status),
            ..Evidence::default()
        })
    });
    let meta = &route_missing::META;
    let words = |all: &[&str]| all.iter().map(ToString::to_string).collect();
    Some(Finding {
        id: id(meta, gateway, ""),
        kind: meta.id.to_owned(),
        service: first.service.clone(),
        place: gateway.file().to_owned(),
        severity: meta.severity,
        confidence: 0.5,
        title: meta.title.to_owned(),
        explanation: format!("{}{more} answered calls, and no route of {} takes them.", name(first), gateway.file()),
        evidence: evidence.collect(),
        owasp: words(meta.owasp),
        cwe: words(meta.cwe),
        compliance: words(meta.compliance),
        fix: meta.fix.to_owned(),
        occurrences: calls,
        ..Finding::default()
    })
}
