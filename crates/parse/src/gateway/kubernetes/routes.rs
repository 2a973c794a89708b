//! Routes of the Gateway API: HTTPRoute and GRPCRoute.

use vedette_model::limits::GATEWAY_ROUTES_MAX;

use super::super::{At, Cors, Origin, PathKind, PathPattern, Route, Serves, Setting};
use super::{Cluster, Object};
use crate::document::Node;

/// What one route object refers to.
pub(super) struct Attached<'t> {
    pub(super) route: usize,
    /// Namespace and name of its gateways.
    pub(super) gateways: Vec<(&'t str, &'t str)>,
}

impl<'t> Cluster<'t> {
    pub(super) fn routes(&mut self) {
        for place in 0..self.objects.len() {
            let Some(object) = self.objects.get(place) else { return };
            if object.group != "gateway.networking.k8s.io" || !matches!(object.kind, "HTTPRoute" | "GRPCRoute") {
                continue;
            }
            let mut listeners = Vec::new();
            let mut attached = Attached { route: place, gateways: Vec::new() };
            for parent in
                object.list("parentRefs").iter().filter(|one| one.text_at("kind").is_none_or(|kind| kind == "Gateway"))
            {
                let Some(name) = parent.text_at("name") else { continue };
                let namespace = parent.text_at("namespace").unwrap_or(object.namespace);
                attached.gateways.push((namespace, name));
                listeners.extend(self.listeners_of(false, namespace, name, parent.text_at("sectionName")));
            }
            let made: Vec<Route> = object
                .list("rules")
                .iter()
                .flat_map(|rule| self.of_rule(object, &attached, rule, &listeners))
                .collect();
            let left = GATEWAY_ROUTES_MAX.saturating_sub(self.gateway.routes.len());
            self.gateway.routes.extend(made.into_iter().take(left));
        }
    }

    fn of_rule(&self, object: &Object<'t>, attached: &Attached<'t>, rule: &'t Node, listeners: &[usize]) -> Vec<Route> {
        let hosts = object.spec("hostnames").map(Node::texts).unwrap_or_default();
        let hosts: Vec<String> = hosts.into_iter().map(str::to_ascii_lowercase).collect();
        let filters = rule.items_at("filters");
        let has = |kind: &str| filters.iter().find(|one| one.text_at("type") == Some(kind));
        let serves = if has("RequestRedirect").is_some() {
            Serves::Redirect
        } else if rule.items_at("backendRefs").is_empty() && has("ExtensionRef").is_none() {
            Serves::Fixed
        } else {
            Serves::Backend
        };
        let everything = Node::default();
        let matches = if rule.items_at("matches").is_empty() {
            std::slice::from_ref(&everything)
        } else {
            rule.items_at("matches")
        };
        let of = |one: &Node| {
            let path = if object.kind == "GRPCRoute" { grpc_path(one) } else { http_path(one) };
            let line = if one.line > 0 { one } else { rule };
            let method = one.text_at("method").filter(|_| object.kind == "HTTPRoute");
            Route {
                at: object.at(line),
                hosts: hosts.clone(),
                methods: method.into_iter().map(str::to_ascii_uppercase).collect(),
                serves,
                listeners: listeners.to_vec(),
                authentication: self.authentication(attached, filters, &path),
                rate_limit: self.rate_limit(attached, filters),
                body_limit: self.body_limit(attached),
                cors: has("CORS")
                    .and_then(|one| cors(object.at(one), one.get("cors")?))
                    .or_else(|| self.cors(attached)),
                path,
                deprecated: None,
            }
        };
        matches.iter().map(of).collect()
    }
}

fn http_path(matches: &Node) -> PathPattern {
    let Some(path) = matches.get("path") else { return PathPattern::any() };
    let text = path.text_at("value").unwrap_or("/");
    match path.text_at("type") {
        Some("Exact") => PathPattern::new(PathKind::Exact, text),
        Some("RegularExpression") => PathPattern::new(PathKind::Regex, format!("^(?:{text})$")),
        _ => PathPattern::new(PathKind::Segments, text),
    }
}

fn grpc_path(matches: &Node) -> PathPattern {
    match (matches.text_at("method/service"), matches.text_at("method/method")) {
        (Some(service), Some(method)) => PathPattern::new(PathKind::Exact, format!("/{service}/{method}")),
        (Some(service), None) => PathPattern::new(PathKind::Segments, format!("/{service}")),
        _ => PathPattern::any(),
    }
}

/// `cors` of a route's filter or of a policy; both write it alike.
pub(super) fn cors(at: At, node: &Node) -> Option<Cors> {
    let origins = node.get("allowOrigins").map(Node::texts)?;
    let any = origins.iter().any(|one| matches!(*one, "*" | "http://*" | "https://*"));
    let credentials = node.flag_at("allowCredentials") == Some(true);
    let origin = match (any, credentials) {
        (true, true) => Origin::Reflected,
        (true, false) => Origin::Any,
        _ => Origin::Listed,
    };
    Some(Cors { at, origin, credentials })
}

/// The setting of a filter of a route itself, if one decides.
pub(super) fn by_filter(object: &Object<'_>, filters: &[Node], kind: &str) -> Option<Setting> {
    for filter in filters {
        match filter.text_at("type") {
            Some(of) if of == kind => return Some(Setting::On(kind.to_owned(), object.at(filter))),
            Some("ExtensionRef") => {
                let of = filter.text_at("extensionRef/kind").unwrap_or("extension");
                return Some(Setting::Unknown(format!("the {of} that a filter refers to may do it")));
            }
            _ => {}
        }
    }
    None
}
