//! Which endpoint does an exchange belong to? Made from results, asked for every row that is kept.
//!
//! Learning lands exchanges on provisional places; only the settled templates have the names and ids that people see.
//! A router holds those of one set of results. It reads masked paths as well: a mask stands where a parameter stands.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use smallvec::SmallVec;
use vedette_model::limits::SERVICE_NAME_BYTES_MAX;
use vedette_model::results::{Endpoint, Results};

use crate::engine::{bounded, method_number};
use crate::paths::trie::segments;
use crate::protocol::{OTHER, shown_hash};
use crate::routes::Routes;

/// The endpoints of one set of results by service, method, path and call.
#[derive(Debug, Default)]
pub struct Router {
    services: HashMap<Box<str>, Service, FixedState>,
}

/// Where an exchange belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Id of the endpoint in the results, as a number.
    pub endpoint_id: u64,
    /// `GET /v1/users/{userId}`, with `#call` behind it where the template has it.
    pub text: String,
}

#[derive(Debug)]
struct Service {
    paths: Routes,
    /// What is at each template of `paths`.
    places: Vec<Vec<AtMethod>>,
}

/// What one method does at one path template.
#[derive(Debug)]
struct AtMethod {
    method: u16,
    own: Option<Route>,
    calls: HashMap<Box<str>, Route, FixedState>,
}

impl Router {
    /// Takes the endpoints of results.
    pub fn new(results: &Results) -> Self {
        let mut by_service: HashMap<&str, Vec<&Endpoint>, FixedState> = HashMap::default();
        for endpoint in &results.endpoints {
            by_service.entry(&endpoint.service).or_default().push(endpoint);
        }
        let services = by_service.into_iter().map(|(name, endpoints)| (name.into(), Service::new(&endpoints)));
        Self { services: services.collect() }
    }

    /// Where a call of a path belongs; `None` where nothing is known. `service` in any case; `call` is the name inside
    /// the exchange ([`crate::engine::ObservedCall::name`]). A name that is not known falls to the endpoint that such
    /// names share, else to that of the path. Hot path: no allocation.
    pub fn route(&self, service: &str, method: &str, path: &str, call: Option<&str>) -> Option<&Route> {
        let service = self.service(service)?;
        let method = method_number(method);
        let mut clean = SmallVec::<[u8; 256]>::new();
        let path = canonical(bounded(path), &mut clean)?;
        let place = service.paths.best(path, |place| service.route(place, method, call).is_some())?;
        service.route(place, method, call)
    }

    /// Endpoints known.
    pub fn len(&self) -> usize {
        let at_path = |at: &AtMethod| at.calls.len() + usize::from(at.own.is_some());
        self.services.values().flat_map(|service| &service.places).flatten().map(at_path).sum()
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn service(&self, name: &str) -> Option<&Service> {
        if let Some(service) = self.services.get(name) {
            return Some(service);
        }
        let mut lower = SmallVec::<[u8; 256]>::new();
        let name = match name {
            "" => "default",
            long if long.len() > SERVICE_NAME_BYTES_MAX => OTHER,
            name => {
                lower.extend(name.bytes().map(|b| b.to_ascii_lowercase()));
                std::str::from_utf8(&lower).ok()?
            }
        };
        self.services.get(name)
    }
}

impl Service {
    fn new(endpoints: &[&Endpoint]) -> Self {
        let mut numbers: HashMap<&str, usize, FixedState> = HashMap::default();
        let mut templates: Vec<&str> = Vec::new();
        let mut places: Vec<Vec<AtMethod>> = Vec::new();
        // In the order of templates, as strays are matched.
        let mut endpoints = endpoints.to_vec();
        endpoints.sort_by(|a, b| (a.path_template(), &a.id).cmp(&(b.path_template(), &b.id)));
        for endpoint in endpoints {
            let template = endpoint.path_template();
            let number = *numbers.entry(template).or_insert_with(|| {
                templates.push(template.trim_end_matches('/'));
                places.push(Vec::new());
                places.len() - 1
            });
            if let Some(place) = places.get_mut(number) {
                add(place, endpoint);
            }
        }
        Self { paths: Routes::new(templates.into_iter()), places }
    }

    fn route(&self, place: usize, method: u16, call: Option<&str>) -> Option<&Route> {
        let at = self.places.get(place)?.iter().find(|at| at.method == method)?;
        let Some(call) = call else { return at.own.as_ref() };
        let named = at.calls.get(call).or_else(|| at.calls.get(shown_hash(call)));
        named.or_else(|| at.calls.get(OTHER)).or(at.own.as_ref())
    }
}

fn add(place: &mut Vec<AtMethod>, endpoint: &Endpoint) {
    let method = method_number(&endpoint.method);
    let at = place.iter().position(|at| at.method == method).unwrap_or_else(|| {
        place.push(AtMethod { method, own: None, calls: HashMap::default() });
        place.len() - 1
    });
    let Some(at) = place.get_mut(at) else { return };
    let route = Route {
        endpoint_id: u64::from_str_radix(&endpoint.id, 16).unwrap_or(0),
        text: format!("{} {}", endpoint.method, endpoint.template),
    };
    match endpoint.protocol.as_ref().and_then(|protocol| protocol.operation.as_deref()) {
        Some(call) => {
            at.calls.insert(call.into(), route);
        }
        None => at.own = Some(route),
    }
}

/// A path as templates are written: no empty segment, no slash at the end, no brace, not deeper than what is learned.
/// The buffer is for paths that are not so already.
fn canonical<'p>(path: &'p str, clean: &'p mut SmallVec<[u8; 256]>) -> Option<&'p str> {
    if !path.starts_with('/') {
        return None;
    }
    let path = path.trim_end_matches('/');
    let kept = segments(path).map(|segment| segment.len() + 1).sum::<usize>();
    if kept == path.len() && memchr::memchr2(b'{', b'}', path.as_bytes()).is_none() {
        return Some(path);
    }
    for segment in segments(path) {
        clean.push(b'/');
        for byte in segment.bytes() {
            match byte {
                b'{' => clean.extend_from_slice(b"%7B"),
                b'}' => clean.extend_from_slice(b"%7D"),
                _ => clean.push(byte),
            }
        }
    }
    std::str::from_utf8(clean).ok()
}

#[cfg(test)]
mod tests;
