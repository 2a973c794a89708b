//! Gateways as results list them.

use vedette_model::limits::GATEWAY_ROUTES_LISTED_MAX;
use vedette_model::results;
use vedette_parse::gateway::{Gateway, PathKind, Route, Serves, Setting};

/// A gateway without what traffic tells.
pub(super) fn listed(gateway: &Gateway) -> results::Gateway {
    results::Gateway {
        file: gateway.file().to_owned(),
        other_files: gateway.files.iter().skip(1).map(ToString::to_string).collect(),
        product: gateway.product.name().to_owned(),
        services: Vec::new(),
        routes: gateway.routes.iter().take(GATEWAY_ROUTES_LISTED_MAX).map(route).collect(),
        route_count: gateway.routes.len() as u64,
        problems: gateway.problems.iter().map(ToString::to_string).collect(),
    }
}

fn route(route: &Route) -> results::GatewayRoute {
    results::GatewayRoute {
        file: route.at.file.to_string(),
        line: (route.at.line > 0).then_some(route.at.line as u64),
        hosts: route.hosts.clone(),
        methods: route.methods.clone(),
        path: route.path.shown().to_owned(),
        path_kind: match route.path.kind {
            PathKind::Exact => "exact",
            PathKind::Prefix => "prefix",
            PathKind::Segments => "segments",
            PathKind::Regex => "regex",
            PathKind::Template => "template",
        }
        .to_owned(),
        serves: match route.serves {
            Serves::Backend => "backend",
            Serves::Files => "files",
            Serves::Redirect => "redirect",
            Serves::Fixed => "fixed",
        }
        .to_owned(),
        authentication: protection(&route.authentication),
        rate_limit: protection(&route.rate_limit),
        body_limit: protection(&route.body_limit),
        used: None,
        exchanges: 0,
    }
}

fn protection(setting: &Setting) -> results::Protection {
    let state = match setting {
        Setting::On(..) => "on",
        Setting::Default(_) => "default",
        Setting::Off(..) => "off",
        Setting::Unknown(_) => "unknown",
    };
    results::Protection { state: state.to_owned(), text: setting.to_string() }
}
