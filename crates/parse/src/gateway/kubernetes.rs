//! Kubernetes: Gateway API and Istio resources, with the policies that attach to them.
//!
//! Resources of all files given belong together. Policies of implementations that are not known make a setting unknown,
//! never absent.

mod authorization;
mod istio;
mod policies;
mod routes;

use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::secrets::Secrets;
use super::{At, FactKind, Gateway, Listener, Oldest, Product, Reach, Tls, TlsVersion, Tree};
use crate::document::Node;

/// Groups whose resources are gateways, routes or policies.
const GROUPS: &[&str] =
    &["gateway.networking.k8s.io", "networking.istio.io", "security.istio.io", "gateway.envoyproxy.io"];

/// True for a resource, or a list with one, that says something about a gateway.
pub(super) fn is_known(root: &Node) -> bool {
    let group = root.text_at("apiVersion").and_then(|version| version.split('/').next()).unwrap_or_default();
    let kind = root.text_at("kind").unwrap_or_default();
    match (group, kind) {
        ("v1", "Secret") => true,
        ("v1", "List") => root.items_at("items").iter().any(|one| one.text_at("kind") != Some("List") && is_known(one)),
        (_, "") => false,
        _ => GROUPS.contains(&group) || root.find("spec/targetRef").or_else(|| root.find("spec/targetRefs")).is_some(),
    }
}

/// One resource.
struct Object<'t> {
    file: &'t Arc<str>,
    node: &'t Node,
    group: &'t str,
    kind: &'t str,
    name: &'t str,
    namespace: &'t str,
}

impl<'t> Object<'t> {
    fn of(file: &'t Arc<str>, node: &'t Node) -> Self {
        let text = |path: &str| node.text_at(path).unwrap_or_default();
        Self {
            file,
            node,
            group: text("apiVersion").split('/').next().unwrap_or_default(),
            kind: text("kind"),
            name: text("metadata/name"),
            namespace: node.text_at("metadata/namespace").unwrap_or("default"),
        }
    }

    fn at(&self, node: &Node) -> At {
        At::new(self.file, node.line)
    }

    fn spec(&self, path: &str) -> Option<&'t Node> {
        self.node.get("spec")?.find(path).filter(|node| !node.is_null())
    }

    fn list(&self, path: &str) -> &'t [Node] {
        self.spec(path).map_or(&[], Node::items)
    }

    fn is(&self, group: &str, kind: &str) -> bool {
        self.group == group && self.kind == kind
    }

    /// What it attaches to.
    fn targets(&self) -> impl Iterator<Item = &'t Node> + use<'t> {
        self.spec("targetRef").into_iter().chain(self.list("targetRefs"))
    }

    /// True when it attaches to a resource of its own namespace.
    fn attaches(&self, kind: &str, namespace: &str, name: &str) -> bool {
        self.namespace == namespace
            && self.targets().any(|one| one.text_at("kind") == Some(kind) && one.text_at("name") == Some(name))
    }
}

/// All resources, with the gateway that is made of them.
struct Cluster<'t> {
    objects: Vec<Object<'t>>,
    /// Places of objects by kind, and by what they attach to: kind, namespace, name.
    by_kind: HashMap<&'t str, Vec<usize>, FixedState>,
    by_target: HashMap<(&'t str, &'t str, &'t str), Vec<usize>, FixedState>,
    /// Envoy Gateway is in use.
    envoy: bool,
    gateway: Gateway,
    /// Listeners by gateway: namespace, name, section, place; true for Istio's.
    sections: Vec<Section<'t>>,
}

struct Section<'t> {
    istio: bool,
    namespace: &'t str,
    gateway: &'t str,
    listener: &'t str,
    place: usize,
}

/// Reads all resources as one gateway; `None` when none of them is one.
pub(super) fn read(trees: &[&Tree], secrets: &Secrets<'_>) -> Option<Gateway> {
    let mut objects = Vec::new();
    for tree in trees {
        objects.push(Object::of(&tree.file, &tree.root));
        objects.extend(tree.root.items_at("items").iter().map(|one| Object::of(&tree.file, one)));
    }
    objects.retain(|one| one.kind != "List");
    let first = objects.iter().find(|one| one.kind != "Secret")?;
    let mut gateway = Gateway::new(Product::Kubernetes, first.file);
    gateway.files.clear();
    for object in &objects {
        if !gateway.files.contains(object.file) {
            gateway.files.push(Arc::clone(object.file));
        }
        find_secrets(object, secrets, &mut gateway);
    }
    let mut by_kind: HashMap<&str, Vec<usize>, FixedState> = HashMap::default();
    let mut by_target: HashMap<(&str, &str, &str), Vec<usize>, FixedState> = HashMap::default();
    for (place, object) in objects.iter().enumerate() {
        by_kind.entry(object.kind).or_default().push(place);
        for target in object.targets() {
            if let (Some(kind), Some(name)) = (target.text_at("kind"), target.text_at("name")) {
                by_target.entry((kind, object.namespace, name)).or_default().push(place);
            }
        }
    }
    let envoy = objects.iter().any(|one| one.group == "gateway.envoyproxy.io");
    let mut cluster = Cluster { objects, by_kind, by_target, envoy, gateway, sections: Vec::new() };
    cluster.listeners();
    cluster.istio_listeners();
    cluster.routes();
    cluster.virtual_services();
    cluster.backends();
    cluster.mesh();
    Some(cluster.gateway)
}

fn find_secrets(object: &Object<'_>, secrets: &Secrets<'_>, gateway: &mut Gateway) {
    if object.kind != "Secret" {
        return secrets.tree(object.node, object.file, &mut gateway.secrets);
    }
    for (key, node) in ["data", "stringData"].iter().filter_map(|key| object.node.get(key)).flat_map(Node::members) {
        // Certificates are public.
        let certificate = key.rsplit('.').next().is_some_and(|end| matches!(end, "crt" | "cert"));
        if let Some(value) = node.text().filter(|_| !certificate) {
            Secrets::known(
                &format!("`{key}` of the Secret {}", object.name),
                value,
                &object.at(node),
                &mut gateway.secrets,
            );
        }
    }
}

impl<'t> Cluster<'t> {
    /// Objects of a kind, in their order.
    fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Object<'t>> {
        self.by_kind.get(kind).into_iter().flatten().filter_map(|place| self.objects.get(*place))
    }

    fn listeners(&mut self) {
        let gateways = self.objects.iter().filter(|one| one.is("gateway.networking.k8s.io", "Gateway"));
        for object in gateways {
            for listener in object.list("listeners") {
                let protocol = listener.text_at("protocol").unwrap_or("HTTP");
                let port = listener.number_at("port").unwrap_or_default();
                let host = listener.text_at("hostname").map_or(String::new(), |host| format!("{host} "));
                let section = listener.text_at("name").unwrap_or_default();
                let passes = listener.text_at("tls/mode") == Some("Passthrough");
                if passes || matches!(protocol, "TCP" | "UDP") {
                    continue;
                }
                let tls = matches!(protocol, "HTTPS" | "TLS").then(|| self.tls(object, section, listener));
                self.sections.push(Section {
                    istio: false,
                    namespace: object.namespace,
                    gateway: object.name,
                    listener: section,
                    place: self.gateway.listeners.len(),
                });
                self.gateway.listeners.push(Listener {
                    at: object.at(listener),
                    name: format!("{host}port {port} of {}", object.name),
                    reach: Reach::Anywhere,
                    tls,
                    behind: None,
                });
            }
        }
    }

    fn tls(&self, gateway: &Object<'_>, section: &str, listener: &Node) -> Tls {
        let policies = self.objects.iter().filter(|one| {
            one.kind == "ClientTrafficPolicy" && one.attaches("Gateway", gateway.namespace, gateway.name)
        });
        let fits = |one: &&Object<'_>| {
            one.targets().all(|target| target.text_at("sectionName").is_none_or(|name| name == section))
        };
        let minimum = policies.filter(fits).find_map(|one| Some((one, one.spec("tls/minVersion")?)));
        let ciphers = self
            .objects
            .iter()
            .filter(|one| one.kind == "ClientTrafficPolicy" && one.attaches("Gateway", gateway.namespace, gateway.name))
            .find_map(|one| Some((one.spec("tls/ciphers")?, one)))
            .map(|(node, one)| (node.texts().join(":"), one.at(node)));
        // Envoy Gateway writes `1.0`, which YAML reads as a number.
        let version = minimum.and_then(|(_, node)| {
            let text = node.text().map_or_else(
                || {
                    if let crate::document::Content::Number(n) = node.content {
                        format!("{n:.1}")
                    } else {
                        String::new()
                    }
                },
                str::to_owned,
            );
            TlsVersion::read(&format!("tls{text}"))
        });
        match (minimum, version) {
            (Some((object, node)), Some(version)) => Tls {
                at: object.at(node),
                oldest: Oldest { version, reason: format!("`minVersion` of {}", object.name), certain: true },
                ciphers,
            },
            _ => Tls { ciphers, ..Tls::unseen(&gateway.at(listener)) },
        }
    }

    /// Places of the listeners that a reference to a gateway means.
    fn listeners_of(&self, istio: bool, namespace: &str, name: &str, section: Option<&str>) -> Vec<usize> {
        let fits = |one: &&Section<'_>| {
            one.istio == istio
                && one.namespace == namespace
                && one.gateway == name
                && section.is_none_or(|wanted| one.listener == wanted)
        };
        self.sections.iter().filter(fits).map(|one| one.place).collect()
    }

    fn mesh(&mut self) {
        for object in self.objects.iter().filter(|one| one.is("security.istio.io", "PeerAuthentication")) {
            let ports = object
                .spec("portLevelMtls")
                .map_or(&[][..], Node::members)
                .iter()
                .filter_map(|(_, one)| one.get("mode"));
            for mode in object.spec("mtls/mode").into_iter().chain(ports).filter(|mode| mode.text() == Some("DISABLE"))
            {
                let text = format!("PeerAuthentication {} turns TLS between services off", object.name);
                self.gateway.facts.push(super::Fact { at: object.at(mode), kind: FactKind::PlainMesh, text });
            }
        }
    }
}
