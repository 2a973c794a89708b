//! Envoy: a static configuration, or what `/config_dump` of its admin interface gives.
//!
//! A filter is judged at each route: `typed_per_filter_config` of the route wins over that of its virtual host, and that
//! over the route configuration's.

mod filters;

use std::sync::Arc;

use vedette_model::limits::GATEWAY_ROUTES_MAX;

use self::filters::{Filter, Levels};
use super::address::reach;
use super::secrets::Secrets;
use super::{
    Admin, At, Backend, Gateway, Listener, Oldest, PathKind, PathPattern, Product, Reach, Route, Serves, Setting, Tls,
    TlsVersion,
};
use crate::document::Node;

/// True for an answer of `/config_dump`.
pub(super) fn is_dump(root: &Node) -> bool {
    root.items_at("configs").iter().any(|one| one.text_at("@type").is_some_and(|of| of.contains("envoy.admin.")))
}

/// Reads one configuration.
pub(super) fn read(file: &Arc<str>, root: &Node, secrets: &Secrets<'_>) -> Gateway {
    let mut gateway = Gateway::new(Product::Envoy, file);
    let parts = Parts::of(root);
    secrets.tree(root, file, &mut gateway.secrets);
    for cluster in &parts.clusters {
        gateway.backends.extend(backend(file, cluster));
    }
    for admin in &parts.admins {
        if let Some((address, node)) = socket_address(admin) {
            gateway.admins.push(Admin {
                at: At::new(file, node.line),
                name: format!("admin interface on {address}"),
                reach: reach(&address),
                guard: Setting::Off("Envoy's admin interface asks nobody who they are".to_owned(), None),
                controls: true,
            });
        }
    }
    for listener in &parts.listeners {
        let chains = field(listener, "filter_chains").map_or(&[][..], Node::items);
        for chain in chains.iter().chain(field(listener, "default_filter_chain")) {
            let filters = chain.items_at("filters").iter();
            for manager in filters.filter(|one| is(one, "http_connection_manager")).filter_map(typed) {
                connection_manager(&mut gateway, file, &parts, (listener, chain, manager));
            }
        }
    }
    gateway
}

/// A member by its name in snake case, or in the camel case that protobuf's JSON allows as well.
fn field<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    node.get(name).or_else(|| {
        let mut camel = String::with_capacity(name.len());
        let mut upper = false;
        for c in name.chars() {
            match c {
                '_' => upper = true,
                c if upper => {
                    camel.push(c.to_ascii_uppercase());
                    upper = false;
                }
                c => camel.push(c),
            }
        }
        node.get(&camel)
    })
}

/// A member further down, by names parted with `/`.
fn below<'n>(node: &'n Node, path: &str) -> Option<&'n Node> {
    path.split('/').try_fold(node, |node, name| field(node, name))
}

/// The configuration of an extension.
fn typed(node: &Node) -> Option<&Node> {
    field(node, "typed_config").or_else(|| node.get("config"))
}

/// True when an extension's name or type holds a word.
fn is(node: &Node, word: &str) -> bool {
    let in_type = typed(node).and_then(|config| config.text_at("@type")).is_some_and(|of| of.contains(word));
    in_type || node.text_at("name").is_some_and(|name| name.contains(word))
}

/// What a configuration or a dump of it consists of.
#[derive(Default)]
struct Parts<'n> {
    admins: Vec<&'n Node>,
    listeners: Vec<&'n Node>,
    clusters: Vec<&'n Node>,
    routes: Vec<&'n Node>,
}

impl<'n> Parts<'n> {
    fn of(root: &'n Node) -> Self {
        let mut parts = Self::default();
        parts.bootstrap(root);
        for dump in root.items_at("configs") {
            dump.get("bootstrap").into_iter().for_each(|bootstrap| parts.bootstrap(bootstrap));
            let all = |key: &str| field(dump, key).map_or(&[][..], Node::items).iter();
            parts.clusters.extend(all("dynamic_active_clusters").filter_map(|one| one.get("cluster")));
            let listeners = all("dynamic_listeners").filter_map(|one| below(one, "active_state/listener"));
            parts.listeners.extend(listeners);
            let routes = all("static_route_configs").chain(all("dynamic_route_configs"));
            parts.routes.extend(routes.filter_map(|one| field(one, "route_config")));
        }
        parts
    }

    fn bootstrap(&mut self, root: &'n Node) {
        self.admins.extend(root.get("admin"));
        if let Some(fixed) = field(root, "static_resources") {
            self.listeners.extend(fixed.items_at("listeners"));
            self.clusters.extend(fixed.items_at("clusters"));
        }
    }
}

fn socket_address(node: &Node) -> Option<(String, &Node)> {
    let socket = below(node, "address/socket_address")?;
    let port =
        field(socket, "port_value").and_then(|_| socket.number_at("port_value").or(socket.number_at("portValue")));
    let address = socket.text_at("address").unwrap_or("0.0.0.0");
    Some((port.map_or(address.to_owned(), |port| format!("{address}:{port}")), socket))
}

fn connection_manager(
    gateway: &mut Gateway,
    file: &Arc<str>,
    parts: &Parts<'_>,
    (listener, chain, manager): (&Node, &Node, &Node),
) {
    let (address, node) = socket_address(listener).unwrap_or_else(|| ("?".to_owned(), listener));
    let context = field(chain, "transport_socket").and_then(typed);
    let certificates = context.and_then(|context| {
        let node = field(context, "require_client_certificate")?;
        context_flag(context, "require_client_certificate").then_some(At::new(file, node.line))
    });
    let hops = field(manager, "xff_num_trusted_hops").is_some();
    let proxied =
        field(listener, "listener_filters").is_some_and(|all| all.items().iter().any(|one| is(one, "proxy_protocol")));
    let behind = (hops || proxied).then(|| "a trusted proxy is in front of it".to_owned());
    let place = gateway.listeners.len();
    gateway.listeners.push(Listener {
        at: At::new(file, node.line),
        reach: reach(&address),
        name: address,
        tls: context.map(|context| tls(file, context)),
        behind,
    });
    let filters: Vec<Filter<'_>> =
        field(manager, "http_filters").map_or(&[][..], Node::items).iter().map(Filter::of).collect();
    let inline = field(manager, "route_config");
    let named = below(manager, "rds/route_config_name").and_then(Node::text);
    let dynamic = named.and_then(|name| parts.routes.iter().find(|one| one.text_at("name") == Some(name)).copied());
    let Some(config) = inline.or(dynamic) else {
        let at = At::new(file, manager.line);
        return gateway.problem(
            &at,
            "its routes come from a control plane; give a dump of the running configuration to judge them",
        );
    };
    let secure = context.is_some();
    for host in field(config, "virtual_hosts").map_or(&[][..], Node::items) {
        let forced = field(host, "require_tls").and_then(Node::text).is_some_and(|when| when != "NONE");
        let listeners = if forced && !secure { Vec::new() } else { vec![place] };
        for route in host.items_at("routes") {
            if gateway.routes.len() >= GATEWAY_ROUTES_MAX {
                return;
            }
            let levels = Levels { route, host, config, certificates: certificates.clone() };
            gateway.routes.push(of_route(file, &levels, &filters, listeners.clone()));
        }
    }
}

fn context_flag(node: &Node, name: &str) -> bool {
    field(node, name).is_some_and(|flag| match &flag.content {
        crate::document::Content::Flag(flag) => *flag,
        _ => flag.flag_at("value").unwrap_or(false),
    })
}

fn of_route<'n>(file: &Arc<str>, levels: &Levels<'n>, filters: &[Filter<'n>], listeners: Vec<usize>) -> Route {
    let (route, host) = (levels.route, levels.host);
    let domains = host.items_at("domains").iter().filter_map(Node::text);
    let path = route.get("match").map_or_else(PathPattern::any, pattern);
    let serves = if route.get("redirect").is_some() {
        Serves::Redirect
    } else if field(route, "direct_response").is_some() {
        Serves::Fixed
    } else {
        Serves::Backend
    };
    let hosts = domains.filter(|domain| *domain != "*").map(|domain| domain.split(':').next().unwrap_or(domain));
    Route {
        at: At::new(file, route.line),
        hosts: hosts.map(str::to_ascii_lowercase).collect(),
        methods: route.get("match").map(methods).unwrap_or_default(),
        authentication: filters::authentication(file, levels, filters, &path),
        rate_limit: filters::rate_limit(file, levels, filters),
        body_limit: filters::body_limit(file, levels, filters),
        cors: filters::cors(file, levels, filters),
        path,
        serves,
        listeners,
        deprecated: None,
    }
}

fn pattern(matches: &Node) -> PathPattern {
    let text = |name: &str| field(matches, name).and_then(Node::text);
    let regex = field(matches, "safe_regex").and_then(|regex| regex.text_at("regex"));
    match (text("prefix"), text("path"), text("path_separated_prefix"), regex) {
        (Some(prefix), ..) => PathPattern::new(PathKind::Prefix, prefix),
        (_, Some(path), ..) => PathPattern::new(PathKind::Exact, path),
        (_, _, Some(prefix), _) => PathPattern::new(PathKind::Segments, prefix),
        // Envoy's expressions match the whole path.
        (_, _, _, Some(regex)) => PathPattern::new(PathKind::Regex, format!("^(?:{regex})$")),
        _ => PathPattern::any(),
    }
}

fn methods(matches: &Node) -> Vec<String> {
    let headers = matches.items_at("headers").iter().filter(|one| one.text_at("name") == Some(":method"));
    let exact = |one: &Node| {
        let text = field(one, "exact_match").or_else(|| below(one, "string_match/exact"))?.text()?;
        Some(text.to_ascii_uppercase())
    };
    headers.filter_map(exact).collect()
}

fn tls(file: &Arc<str>, context: &Node) -> Tls {
    let parameters = below(context, "common_tls_context/tls_params");
    let oldest = parameters.and_then(|one| field(one, "tls_minimum_protocol_version"));
    let version = oldest.and_then(Node::text).and_then(TlsVersion::read);
    let oldest_words = oldest.and_then(Node::text).unwrap_or_default();
    let ciphers = parameters
        .and_then(|one| field(one, "cipher_suites"))
        .map(|one| (one.texts().join(":").replace(['[', ']'], "").replace('|', ":"), At::new(file, one.line)));
    Tls {
        at: At::new(file, oldest.unwrap_or(context).line),
        oldest: match version {
            Some(version) => {
                Oldest { version, reason: format!("`tls_minimum_protocol_version: {oldest_words}`"), certain: true }
            }
            None => Oldest { version: TlsVersion::Tls12, reason: "Envoy's default".to_owned(), certain: true },
        },
        ciphers,
    }
}

fn backend(file: &Arc<str>, cluster: &Node) -> Option<Backend> {
    let name = cluster.text_at("name")?;
    let mut farthest = None;
    for locality in below(cluster, "load_assignment/endpoints").map_or(&[][..], Node::items) {
        for one in field(locality, "lb_endpoints").map_or(&[][..], Node::items) {
            let address = one.get("endpoint").and_then(socket_address);
            farthest = farthest.max(address.map(|(address, _)| reach(&address)));
        }
    }
    let context = field(cluster, "transport_socket").and_then(typed);
    let tls = context.filter(|context| context.text_at("@type").is_none_or(|of| of.contains("UpstreamTls")));
    Some(Backend {
        at: At::new(file, tls.or_else(|| cluster.get("name")).unwrap_or(cluster).line),
        name: name.to_owned(),
        tls: tls.is_some(),
        verify: tls.map_or_else(|| Setting::Off("no TLS".to_owned(), None), |context| verification(file, context)),
        reach: farthest.unwrap_or(Reach::Private),
        authentication: None,
    })
}

fn verification(file: &Arc<str>, context: &Node) -> Setting {
    let Some(common) = field(context, "common_tls_context") else { return unverified() };
    let combined = field(common, "combined_validation_context");
    let validation = field(common, "validation_context")
        .or_else(|| combined.and_then(|one| field(one, "default_validation_context")));
    let delivered = field(common, "validation_context_sds_secret_config")
        .or_else(|| combined.and_then(|one| field(one, "validation_context_sds_secret_config")));
    let trust = validation.and_then(|one| field(one, "trust_chain_verification"));
    if let Some(trust) = trust.filter(|one| one.text() == Some("ACCEPT_UNTRUSTED")) {
        return Setting::Off(
            "`trust_chain_verification: ACCEPT_UNTRUSTED`".to_owned(),
            Some(At::new(file, trust.line)),
        );
    }
    let anchors = [
        "trusted_ca",
        "system_root_certs",
        "ca_certificate_provider_instance",
        "verify_certificate_spki",
        "verify_certificate_hash",
        "custom_validator_config",
    ];
    let anchor = validation.and_then(|one| anchors.iter().find_map(|name| field(one, name)));
    match anchor.or(delivered) {
        Some(node) => Setting::On("validation_context".to_owned(), At::new(file, node.line)),
        None => unverified(),
    }
}

fn unverified() -> Setting {
    Setting::Off(
        "Envoy verifies no backend certificate without a `validation_context` that has a `trusted_ca`".to_owned(),
        None,
    )
}
