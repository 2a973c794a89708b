//! Istio: gateways, virtual services and destination rules.

use vedette_model::limits::GATEWAY_ROUTES_MAX;

use super::super::address::reach;
use super::super::{
    At, Backend, Cors, Listener, Oldest, Origin, PathKind, PathPattern, Reach, Route, Serves, Setting, Tls, TlsVersion,
};
use super::authorization::{self, Point};
use super::{Cluster, Object, Section};
use crate::document::Node;

const NETWORKING: &str = "networking.istio.io";

impl<'t> Cluster<'t> {
    pub(super) fn istio_listeners(&mut self) {
        for object in self.objects.iter().filter(|one| one.is(NETWORKING, "Gateway")) {
            for server in object.list("servers") {
                let protocol = server.text_at("port/protocol").unwrap_or_default().to_ascii_uppercase();
                let mode = server.text_at("tls/mode").unwrap_or_default();
                let plain = matches!(protocol.as_str(), "HTTP" | "HTTP2" | "GRPC");
                if mode.ends_with("PASSTHROUGH") || !plain && !matches!(protocol.as_str(), "HTTPS" | "TLS") {
                    continue;
                }
                // A server that only redirects serves nothing.
                let redirects = plain && server.flag_at("tls/httpsRedirect") == Some(true);
                let port = server.number_at("port/number").unwrap_or_default();
                let host = server.items_at("hosts").first().and_then(Node::text).filter(|host| !host.ends_with('*'));
                let host = host.map_or(String::new(), |host| format!("{host} "));
                if !redirects {
                    self.sections.push(Section {
                        istio: true,
                        namespace: object.namespace,
                        gateway: object.name,
                        listener: "",
                        place: self.gateway.listeners.len(),
                    });
                }
                self.gateway.listeners.push(Listener {
                    at: object.at(server),
                    name: format!("{host}port {port} of {}", object.name),
                    reach: Reach::Anywhere,
                    tls: (!plain).then(|| tls(object, server)),
                    behind: None,
                });
            }
        }
    }

    pub(super) fn virtual_services(&mut self) {
        let mut made = Vec::new();
        for object in self.objects.iter().filter(|one| one.is(NETWORKING, "VirtualService")) {
            let mut gateways: Vec<(&str, &str)> = Vec::new();
            let mut listeners = Vec::new();
            for name in object.spec("gateways").map(Node::texts).unwrap_or_default() {
                let (namespace, name) = name.split_once('/').unwrap_or((object.namespace, name));
                listeners.extend(self.listeners_of(true, namespace, name, None));
                gateways.push((namespace, name));
            }
            // Without a gateway it is for the mesh only, where nobody from outside calls.
            if gateways.iter().all(|(_, name)| *name == "mesh") {
                continue;
            }
            for http in object.list("http") {
                made.extend(self.of_http(object, &gateways, &listeners, http));
            }
        }
        made.truncate(GATEWAY_ROUTES_MAX.saturating_sub(self.gateway.routes.len()));
        self.gateway.routes.extend(made);
    }

    fn of_http(
        &self,
        object: &Object<'t>,
        gateways: &[(&'t str, &'t str)],
        listeners: &[usize],
        http: &'t Node,
    ) -> Vec<Route> {
        let hosts = object.spec("hosts").map(Node::texts).unwrap_or_default();
        let hosts: Vec<String> = hosts.into_iter().filter(|host| *host != "*").map(str::to_ascii_lowercase).collect();
        let serves = match () {
            () if http.get("redirect").is_some() => Serves::Redirect,
            () if http.get("directResponse").is_some() => Serves::Fixed,
            () => Serves::Backend,
        };
        let everything = Node::default();
        let matches =
            if http.items_at("match").is_empty() { std::slice::from_ref(&everything) } else { http.items_at("match") };
        let target = http.items_at("route").first().and_then(|one| one.text_at("destination/host"));
        let of = |one: &Node| {
            let path = pattern(one);
            let method = one.text_at("method/exact").map(str::to_ascii_uppercase);
            Route {
                at: object.at(if one.line > 0 { one } else { http }),
                hosts: hosts.clone(),
                methods: method.into_iter().collect(),
                serves,
                listeners: listeners.to_vec(),
                authentication: self.who(object, gateways, target, &path),
                rate_limit: self.by_envoy_filter(
                    "ratelimit",
                    "no EnvoyFilter in the given files limits calls, and Istio has no limit of its own",
                ),
                body_limit: self.by_envoy_filter("filters.http.buffer", "Istio passes bodies of any size on"),
                cors: http.get("corsPolicy").map(|node| cors(object.at(node), node)),
                path,
                deprecated: None,
            }
        };
        matches.iter().map(of).collect()
    }

    fn who(
        &self,
        object: &Object<'t>,
        gateways: &[(&'t str, &'t str)],
        target: Option<&'t str>,
        path: &PathPattern,
    ) -> Setting {
        let mut labels = Vec::new();
        for gateway in self.of_kind("Gateway").filter(|one| one.group == NETWORKING) {
            if gateways.contains(&(gateway.namespace, gateway.name)) {
                labels.extend(gateway.spec("selector").map_or(&[][..], Node::members));
                if let Some(mode) = gateway
                    .list("servers")
                    .iter()
                    .filter_map(|one| one.find("tls/mode"))
                    .find(|mode| mode.text() == Some("MUTUAL"))
                {
                    return Setting::On("client certificates".to_owned(), gateway.at(mode));
                }
            }
        }
        let labels: Vec<(&str, &str)> =
            labels.iter().filter_map(|(name, node)| Some((name.as_str(), node.text()?))).collect();
        // `orders.shop.svc.cluster.local`: the service's name, and its namespace when it says one.
        let workload = target.map(|host| {
            let mut parts = host.split('.');
            let name = parts.next().unwrap_or_default();
            (parts.next().unwrap_or(object.namespace), name)
        });
        let judged = authorization::judge(
            &self.of_kind("AuthorizationPolicy").collect::<Vec<_>>(),
            &Point { gateways, labels: &labels, workload },
            path,
        );
        judged.unwrap_or_else(|| {
            let token = self.of_kind("RequestAuthentication").next();
            match token {
                Some(one) => Setting::Off(
                    format!("the RequestAuthentication {} only checks tokens that are there, and no AuthorizationPolicy requires one", one.name),
                    Some(one.at(one.node)),
                ),
                None => Setting::Off("no AuthorizationPolicy in the given files applies".to_owned(), None),
            }
        })
    }

    /// What only an EnvoyFilter can add to Istio; where it applies is not followed.
    fn by_envoy_filter(&self, word: &str, off: &str) -> Setting {
        for object in self.of_kind("EnvoyFilter") {
            let mut found = false;
            object.node.walk("", &mut |_, node| found |= node.text().is_some_and(|text| text.contains(word)));
            if found {
                return Setting::Unknown(format!("the EnvoyFilter {} may do it", object.name));
            }
        }
        Setting::Off(off.to_owned(), None)
    }

    pub(super) fn destination_rules(&mut self) {
        for object in self.objects.iter().filter(|one| one.is(NETWORKING, "DestinationRule")) {
            let policies = object
                .spec("trafficPolicy")
                .into_iter()
                .chain(object.list("subsets").iter().filter_map(|one| one.get("trafficPolicy")));
            let all: Vec<&Node> = policies
                .flat_map(|one| std::iter::once(one).chain(one.items_at("portLevelSettings")))
                .filter_map(|one| one.get("tls"))
                .collect();
            for tls in all {
                let host = object.spec("host").and_then(Node::text).unwrap_or(object.name);
                let mode = tls.text_at("mode").unwrap_or_default();
                let lax = tls.get("insecureSkipVerify").filter(|_| tls.flag_at("insecureSkipVerify") == Some(true));
                let verify = match (lax, mode) {
                    (Some(node), _) => Setting::Off("`insecureSkipVerify: true`".to_owned(), Some(object.at(node))),
                    (None, "ISTIO_MUTUAL") => Setting::Default("the mesh's certificates".to_owned()),
                    (None, _) if tls.get("caCertificates").is_some() || tls.get("credentialName").is_some() => {
                        Setting::On("caCertificates".to_owned(), object.at(tls))
                    }
                    (None, _) => {
                        Setting::Unknown("without `caCertificates` it depends on the release of Istio".to_owned())
                    }
                };
                self.gateway.backends.push(Backend {
                    at: object.at(tls),
                    name: host.to_owned(),
                    tls: matches!(mode, "SIMPLE" | "MUTUAL" | "ISTIO_MUTUAL"),
                    verify,
                    reach: reach(host),
                    authentication: None,
                });
            }
        }
    }
}

fn tls(object: &Object<'_>, server: &Node) -> Tls {
    let minimum = server.find("tls/minProtocolVersion");
    let version = minimum.and_then(Node::text).and_then(TlsVersion::read);
    let ciphers = server.find("tls/cipherSuites").map(|one| (one.texts().join(":"), object.at(one)));
    let oldest = match (minimum.and_then(Node::text), version) {
        (Some(text), Some(version)) => {
            Oldest { version, reason: format!("`minProtocolVersion: {text}`"), certain: true }
        }
        _ => Oldest { version: TlsVersion::Tls12, reason: "Istio's default".to_owned(), certain: true },
    };
    Tls { at: object.at(minimum.unwrap_or(server)), oldest, ciphers }
}

fn pattern(matches: &Node) -> PathPattern {
    let text = |kind: &str| matches.find("uri").and_then(|uri| uri.text_at(kind));
    match (text("exact"), text("prefix"), text("regex")) {
        (Some(exact), ..) => PathPattern::new(PathKind::Exact, exact),
        (_, Some(prefix), _) => PathPattern::new(PathKind::Prefix, prefix),
        (_, _, Some(regex)) => PathPattern::new(PathKind::Regex, format!("^(?:{regex})$")),
        _ => PathPattern::any(),
    }
}

fn cors(at: At, node: &Node) -> Cors {
    let credentials = node.flag_at("allowCredentials") == Some(true);
    let listed = node.items_at("allowOrigins");
    let any = listed.iter().any(|one| one.text_at("exact") == Some("*"));
    let open = |one: &Node| {
        one.text_at("regex").is_some_and(|text| matches!(text, ".*" | ".+" | "^.*$"))
            || one.text_at("prefix").is_some_and(|text| matches!(text, "" | "http" | "https://"))
    };
    let origin = match (any, listed.iter().any(open)) {
        (true, _) if credentials => Origin::Reflected,
        (true, _) => Origin::Any,
        (_, true) => Origin::Reflected,
        _ => Origin::Listed,
    };
    Cors { at, origin, credentials }
}
