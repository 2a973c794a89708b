//! Kong: the declarative format of decK and of DB-less nodes.
//!
//! Of plugins with one name the one nearest to the route is in force: route, then service, then everywhere. Those of a
//! consumer only hold for it.

use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use vedette_model::limits::GATEWAY_ROUTES_MAX;

use super::address::reach;
use super::secrets::Secrets;
use super::{
    Admin, At, Backend, Cors, Gateway, Listener, Origin, PathKind, PathPattern, Product, Reach, Route, Serves, Setting,
    Tls,
};
use crate::document::Node;

/// Plugins that ask who calls.
const GUARDS: &[&str] = &[
    "key-auth",
    "key-auth-enc",
    "basic-auth",
    "jwt",
    "jwt-signer",
    "oauth2",
    "oauth2-introspection",
    "openid-connect",
    "hmac-auth",
    "ldap-auth",
    "ldap-auth-advanced",
    "mtls-auth",
    "saml",
    "vault-auth",
    "header-cert-auth",
    "tls-handshake-modifier",
    "opa",
    "forward-auth",
    "oidc",
    "jwt-keycloak",
    "external-auth",
];

/// Plugins whose program or service decides.
const PROGRAMS: &[&str] =
    &["pre-function", "post-function", "serverless-functions", "aws-lambda", "azure-functions", "proxy-wasm", "acme"];

const LIMITS: &[&str] =
    &["rate-limiting", "rate-limiting-advanced", "service-protection", "ai-rate-limiting-advanced", "throttling"];

/// Plugins for everything that are looked at: Kong has one of a name.
const PLUGINS_MAX: usize = 200;

/// Reads one file.
pub(super) fn read(file: &Arc<str>, root: &Node, secrets: &Secrets<'_>) -> Gateway {
    let mut gateway = Gateway::new(Product::Kong, file);
    secrets.tree(root, file, &mut gateway.secrets);
    credentials(file, root, &mut gateway);
    let (mut of_route, mut of_service) = (HashMap::default(), HashMap::default());
    let mut everywhere = Vec::new();
    for plugin in root.items_at("plugins").iter().take(GATEWAY_ROUTES_MAX) {
        match (reference(plugin, "route"), reference(plugin, "service")) {
            (Some(route), _) => of_route.entry(route).or_insert_with(Vec::new).push(plugin),
            (None, Some(service)) => of_service.entry(service).or_insert_with(Vec::new).push(plugin),
            (None, None) if everywhere.len() < PLUGINS_MAX => everywhere.push(plugin),
            (None, None) => {}
        }
    }
    let mut reader = Reader { file, gateway, of_route, of_service, everywhere, listeners: [None; 3] };
    let mut services: HashMap<&str, &Node, FixedState> = HashMap::default();
    for service in root.items_at("services") {
        reader.service(service);
        services.extend(["name", "id"].into_iter().filter_map(|key| Some((service.text_at(key)?, service))));
    }
    for route in root.items_at("routes") {
        let service = reference(route, "service").and_then(|name| services.get(name)).copied();
        reader.route(route, service);
    }
    reader.gateway
}

struct Reader<'n> {
    file: &'n Arc<str>,
    gateway: Gateway,
    /// Plugins that stand outside of services, by the route or service that they name.
    of_route: HashMap<&'n str, Vec<&'n Node>, FixedState>,
    of_service: HashMap<&'n str, Vec<&'n Node>, FixedState>,
    everywhere: Vec<&'n Node>,
    /// Places of the listeners met: TLS, plain by default, plain because a route says so.
    listeners: [Option<usize>; 3],
}

#[derive(Clone, Copy)]
enum Level {
    Route,
    Service,
    Everywhere,
}

impl<'n> Reader<'n> {
    fn service(&mut self, service: &'n Node) {
        let url = service.text_at("url").map_or_else(
            || {
                let text = |key: &str, other: &str| service.text_at(key).unwrap_or(other).to_owned();
                format!("{}://{}", text("protocol", "http"), text("host", "?"))
            },
            str::to_owned,
        );
        let verify = service.get("tls_verify").filter(|one| !one.is_null());
        let verify = match (verify, service.flag_at("tls_verify")) {
            (Some(node), Some(true)) => Setting::On("tls_verify".to_owned(), self.at(node)),
            (Some(node), _) => Setting::Off("`tls_verify: false`".to_owned(), Some(self.at(node))),
            (None, _) => {
                Setting::Off("Kong verifies no backend certificate unless `tls_verify` is set".to_owned(), None)
            }
        };
        self.gateway.backends.push(Backend {
            at: self.at(service.get("url").or_else(|| service.get("host")).unwrap_or(service)),
            name: Secrets::without_user(&url),
            tls: ["https:", "grpcs:", "tls:", "wss:"].iter().any(|scheme| url.starts_with(scheme)),
            verify,
            reach: reach(&url),
            authentication: None,
        });
        let first = self.gateway.routes.len();
        for route in service.items_at("routes") {
            self.route(route, Some(service));
        }
        // The admin API behind a route of its own, which Kong's documents propose for remote administration.
        let port = service.number_at("port").unwrap_or_default();
        let local = reach(&url) == Reach::Loopback;
        if local
            && (matches!(port as u64, 8001 | 8444) || url.contains(":8001") || url.contains(":8444"))
            && let Some(route) = self.gateway.routes.get(first)
        {
            self.gateway.admins.push(Admin {
                at: route.at.clone(),
                name: format!("admin API through the route {}", route.name()),
                reach: Reach::Anywhere,
                guard: route.authentication.clone(),
                controls: true,
            });
        }
    }

    fn at(&self, node: &Node) -> At {
        At::new(self.file, node.line)
    }

    fn route(&mut self, route: &'n Node, service: Option<&'n Node>) {
        let listeners = self.listen(route);
        let paths = route.items_at("paths");
        let hosts: Vec<String> =
            route.find("hosts").map(Node::texts).unwrap_or_default().into_iter().map(str::to_ascii_lowercase).collect();
        let methods: Vec<String> = route
            .find("methods")
            .map(Node::texts)
            .unwrap_or_default()
            .into_iter()
            .map(str::to_ascii_uppercase)
            .collect();
        let plugins = self.plugins(route, service);
        let serves = if plugins.find(&["request-termination"]).is_some() {
            Serves::Fixed
        } else if plugins.find(&["redirect"]).is_some() {
            Serves::Redirect
        } else {
            Serves::Backend
        };
        let made = Route {
            at: self.at(route),
            hosts,
            path: PathPattern::any(),
            methods,
            serves,
            listeners,
            authentication: plugins.authentication(),
            rate_limit: plugins.rate_limit(),
            body_limit: plugins.body_limit(),
            cors: plugins.cors(),
            deprecated: deprecated(route).or_else(|| service.and_then(deprecated)),
        };
        if self.gateway.routes.len() + paths.len() >= GATEWAY_ROUTES_MAX {
            return;
        }
        if paths.is_empty() {
            self.gateway.routes.push(made.clone());
        }
        for path in paths {
            let text = path.text().unwrap_or("/");
            let path_pattern = match text.strip_prefix('~') {
                Some(regex) => PathPattern::new(PathKind::Regex, format!("^(?:{regex})")),
                None => PathPattern::new(PathKind::Prefix, text),
            };
            self.gateway.routes.push(Route { at: self.at(path), path: path_pattern, ..made.clone() });
        }
    }

    /// Kong's addresses are not in this file: what a route takes says whether plain HTTP is.
    fn listen(&mut self, route: &Node) -> Vec<usize> {
        let protocols = route.find("protocols").map(Node::texts);
        let (tls, plain) = match &protocols {
            None => (true, Some(1)),
            Some(all) => {
                let plain = all.iter().any(|one| matches!(*one, "http" | "grpc" | "ws"));
                (all.iter().any(|one| matches!(*one, "https" | "grpcs" | "wss")), plain.then_some(2))
            }
        };
        let mut places = Vec::new();
        for kind in tls.then_some(0).into_iter().chain(plain) {
            let known = self.listeners.get(kind).copied().flatten();
            let place = known.unwrap_or_else(|| {
                self.gateway
                    .listeners
                    .push(listener(kind, At::new(self.file, route.get("protocols").unwrap_or(route).line)));
                self.gateway.listeners.len() - 1
            });
            if let Some(slot) = self.listeners.get_mut(kind) {
                *slot = Some(place);
            }
            places.push(place);
        }
        places
    }

    /// The plugins in force at a route, nearest first.
    fn plugins(&self, route: &'n Node, service: Option<&'n Node>) -> Plugins<'n> {
        let mut all: Vec<(Level, &'n Node)> = Vec::new();
        all.extend(route.items_at("plugins").iter().map(|one| (Level::Route, one)));
        all.extend(service.into_iter().flat_map(|one| one.items_at("plugins")).map(|one| (Level::Service, one)));
        let named = |node: &'n Node| ["name", "id"].into_iter().filter_map(|key| node.text_at(key));
        let of = |node: &'n Node, map: &HashMap<&'n str, Vec<&'n Node>, FixedState>| {
            named(node).filter_map(|name| map.get(name)).flatten().copied().collect::<Vec<&'n Node>>()
        };
        all.extend(of(route, &self.of_route).into_iter().map(|one| (Level::Route, one)));
        all.extend(service.into_iter().flat_map(|one| of(one, &self.of_service)).map(|one| (Level::Service, one)));
        all.extend(self.everywhere.iter().map(|one| (Level::Everywhere, *one)));
        // A plugin for one consumer or group says nothing of the others.
        all.retain(|(_, one)| {
            let wide = ["consumer", "consumer_group"].iter().all(|key| one.get(key).is_none_or(Node::is_null));
            wide && one.flag_at("enabled") != Some(false)
        });
        all.sort_by_key(|(level, _)| *level as u8);
        Plugins { file: Arc::clone(self.file), all: all.into_iter().map(|(_, one)| one).collect() }
    }
}

fn listener(kind: usize, at: At) -> Listener {
    let behind = "the routes name no `protocols`, so Kong takes both, and TLS may end in front of it";
    Listener {
        name: if kind == 0 { "Kong's TLS listener" } else { "Kong's plain listener" }.to_owned(),
        reach: Reach::Anywhere,
        // Versions and ciphers are in kong.conf.
        tls: (kind == 0).then(|| Tls::unseen(&at)),
        at,
        behind: (kind == 1).then(|| behind.to_owned()),
    }
}

fn reference<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    let node = node.get(key)?;
    node.text().or_else(|| node.text_at("name")).or_else(|| node.text_at("id"))
}

fn deprecated(node: &Node) -> Option<String> {
    let tags = node.find("tags").map(Node::texts).unwrap_or_default();
    let tag =
        tags.into_iter().find(|tag| matches!(tag.to_ascii_lowercase().as_str(), "deprecated" | "legacy" | "sunset"))?;
    Some(format!("it is tagged `{tag}`"))
}

struct Plugins<'n> {
    file: Arc<str>,
    all: Vec<&'n Node>,
}

impl<'n> Plugins<'n> {
    fn find(&self, names: &[&str]) -> Option<&'n Node> {
        self.all.iter().find(|one| one.text_at("name").is_some_and(|name| names.contains(&name))).copied()
    }

    fn on(&self, plugin: &Node) -> Setting {
        Setting::On(plugin.text_at("name").unwrap_or_default().to_owned(), At::new(&self.file, plugin.line))
    }

    fn authentication(&self) -> Setting {
        if let Some(plugin) = self.find(GUARDS) {
            let anonymous =
                plugin.find("config/anonymous").filter(|one| one.text().is_some_and(|text| !text.is_empty()));
            return match anonymous {
                Some(node) => Setting::Off(
                    format!(
                        "`{}` lets callers without a credential in as an anonymous consumer",
                        plugin.text_at("name").unwrap_or_default()
                    ),
                    Some(At::new(&self.file, node.line)),
                ),
                None => self.on(plugin),
            };
        }
        if let Some(plugin) = self.find(&["ip-restriction"]) {
            return Setting::On("a list of addresses".to_owned(), At::new(&self.file, plugin.line));
        }
        match self.find(PROGRAMS) {
            Some(plugin) => {
                Setting::Unknown(format!("the program of `{}` may ask", plugin.text_at("name").unwrap_or_default()))
            }
            None => Setting::Off("no authentication plugin is in force".to_owned(), None),
        }
    }

    fn rate_limit(&self) -> Setting {
        match self.find(LIMITS) {
            Some(plugin) => self.on(plugin),
            None => Setting::Off("no rate limiting plugin is in force for every caller".to_owned(), None),
        }
    }

    fn body_limit(&self) -> Setting {
        match self.find(&["request-size-limiting"]) {
            Some(plugin) => self.on(plugin),
            None => Setting::Off("Kong's default of `client_max_body_size` is 0, which is no limit".to_owned(), None),
        }
    }

    fn cors(&self) -> Option<Cors> {
        let plugin = self.find(&["cors"])?;
        let credentials = plugin.flag_at("config/credentials") == Some(true);
        let origins = plugin.find("config/origins").map(Node::texts);
        let origin = match origins {
            // Without origins the plugin allows all.
            None => Origin::Any,
            Some(all) if all.contains(&"*") => Origin::Any,
            Some(all) if all.iter().any(|one| matches!(*one, ".*" | "^.*$" | "https?://.*")) => Origin::Reflected,
            Some(all) if all.contains(&"null") => Origin::Null,
            Some(_) => Origin::Listed,
        };
        // With credentials Kong answers `*` with the origin of the request.
        let origin = if origin == Origin::Any && credentials { Origin::Reflected } else { origin };
        Some(Cors { at: At::new(&self.file, plugin.line), origin, credentials })
    }
}

/// Credentials of consumers, whose names do not say so.
fn credentials(file: &Arc<str>, root: &Node, gateway: &mut Gateway) {
    for consumer in root.items_at("consumers") {
        let who = consumer.text_at("username").or_else(|| consumer.text_at("custom_id")).unwrap_or("?");
        for (list, key) in [
            ("keyauth_credentials", "key"),
            ("jwt_secrets", "secret"),
            ("hmacauth_credentials", "secret"),
            ("oauth2_credentials", "client_secret"),
        ] {
            for one in consumer.items_at(list) {
                let Some(node) = one.get(key) else { continue };
                let Some(value) = node.text() else { continue };
                Secrets::known(
                    &format!("the {key} of consumer {who}"),
                    value,
                    &At::new(file, node.line),
                    &mut gateway.secrets,
                );
            }
        }
    }
}
