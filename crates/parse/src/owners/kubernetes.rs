//! Kubernetes manifests: owners stand in labels and annotations of services, ingresses and namespaces.

use std::collections::BTreeMap;

use serde_json::Value;

use super::stream::{Document, Pending, items, place, text, texts};
use super::{Entry, OwnerFile, Route, host, is_owner_key};

/// Label of the application that something belongs to, which stands for an owner when nothing else does.
const PART_OF: &str = "app.kubernetes.io/part-of";

pub(super) fn read(documents: &[Document<'_>], file: &mut OwnerFile) {
    let mut objects: Vec<(usize, &Value, String)> = Vec::new();
    for (at, document) in documents.iter().enumerate() {
        let list = items(&document.root, "/items");
        objects.extend(list.iter().enumerate().map(|(i, item)| (at, item, format!("/items/{i}"))));
        if list.is_empty() {
            objects.push((at, &document.root, String::new()));
        }
    }
    let of_kind = |kind: &'static str| {
        objects.iter().map(|(_, object, _)| *object).filter(move |object| text(object, "/kind") == Some(kind))
    };
    let namespaces: BTreeMap<&str, String> =
        of_kind("Namespace").filter_map(|one| Some((text(one, "/metadata/name")?, owner(one)?))).collect();
    let of_namespace = |object: &Value| namespaces.get(namespace(object)).cloned();
    let services: BTreeMap<(&str, &str), String> = of_kind("Service")
        .filter_map(|one| {
            Some(((namespace(one), text(one, "/metadata/name")?), owner(one).or_else(|| of_namespace(one))?))
        })
        .collect();
    let mut pending = Vec::new();
    for (document, object, pointer) in &objects {
        let (Some(kind), Some(name)) = (text(object, "/kind"), text(object, "/metadata/name")) else { continue };
        let own = owner(object).or_else(|| of_namespace(object));
        let mut add = |entry: Entry| {
            pending.push(Pending { document: *document, pointer: format!("{pointer}/metadata"), entry });
        };
        match kind {
            "Service" => {
                let Some(owner) = own else { continue };
                add(Entry {
                    owner: Some(owner),
                    of: format!("Service {name}"),
                    names: vec![name.to_owned()],
                    hosts: service_hosts(name, namespace(object)),
                    ..Entry::default()
                });
            }
            "Ingress" | "HTTPRoute" | "VirtualService" => {
                for (hosts, route, backend) in rules(kind, object) {
                    let behind =
                        backend.as_deref().and_then(|backend| services.get(&(namespace(object), backend)).cloned());
                    let Some(owner) = own.clone().or(behind) else { continue };
                    let routes = route.into_iter().filter(|route| route.path != "/" || route.exact).collect();
                    add(Entry { owner: Some(owner), of: format!("{kind} {name}"), hosts, routes, ..Entry::default() });
                }
            }
            _ => {}
        }
    }
    place(documents, pending, file);
}

/// The hosts that a service answers at within its cluster.
fn service_hosts(name: &str, namespace: &str) -> Vec<String> {
    let full = format!("{name}.{namespace}").to_ascii_lowercase();
    vec![format!("{full}.svc.cluster.local"), format!("{full}.svc"), full]
}

fn namespace(object: &Value) -> &str {
    text(object, "/metadata/namespace").unwrap_or("default")
}

/// Hosts with a path and the service behind it.
type Rule = (Vec<String>, Option<Route>, Option<String>);

fn rules(kind: &str, object: &Value) -> Vec<Rule> {
    let mut rules = Vec::new();
    let hosts = |value: Option<&Value>| -> Vec<String> { texts(value).iter().filter_map(|text| host(text)).collect() };
    let route =
        |path: Option<&str>, exact: bool| path.map(|path| Route { path: path.to_owned(), exact, methods: Vec::new() });
    match kind {
        "Ingress" => {
            for rule in items(object, "/spec/rules") {
                if items(rule, "/http/paths").is_empty() {
                    rules.push((hosts(rule.get("host")), None, None));
                }
                for path in items(rule, "/http/paths") {
                    let backend = text(path, "/backend/service/name").or_else(|| text(path, "/backend/serviceName"));
                    let exact = text(path, "/pathType") == Some("Exact");
                    rules.push((
                        hosts(rule.get("host")),
                        route(text(path, "/path"), exact),
                        backend.map(str::to_owned),
                    ));
                }
            }
        }
        "HTTPRoute" => {
            let own = hosts(object.pointer("/spec/hostnames"));
            for rule in items(object, "/spec/rules") {
                let backend =
                    items(rule, "/backendRefs").first().and_then(|backend| text(backend, "/name")).map(str::to_owned);
                let matches = items(rule, "/matches");
                if matches.is_empty() {
                    rules.push((own.clone(), None, backend.clone()));
                }
                for one in matches {
                    let exact = text(one, "/path/type") == Some("Exact");
                    rules.push((own.clone(), route(text(one, "/path/value"), exact), backend.clone()));
                }
            }
        }
        _ => {
            let own = hosts(object.pointer("/spec/hosts"));
            for rule in items(object, "/spec/http") {
                let backend = items(rule, "/route").first().and_then(|route| text(route, "/destination/host"));
                let backend = backend.and_then(|host| host.split('.').next()).map(str::to_owned);
                let matches = items(rule, "/match");
                if matches.is_empty() {
                    rules.push((own.clone(), None, backend.clone()));
                }
                for one in matches {
                    let exact = text(one, "/uri/exact");
                    rules.push((
                        own.clone(),
                        route(exact.or_else(|| text(one, "/uri/prefix")), exact.is_some()),
                        backend.clone(),
                    ));
                }
            }
        }
    }
    rules
}

/// The owner in annotations or labels; what says it outright before the application.
fn owner(object: &Value) -> Option<String> {
    let maps = ["/metadata/annotations", "/metadata/labels"];
    let members = || maps.iter().filter_map(|pointer| object.pointer(pointer)?.as_object()).flatten();
    let said = members().find(|(key, _)| is_owner_key(key)).or_else(|| members().find(|(key, _)| *key == PART_OF));
    said.and_then(|(_, value)| value.as_str()).map(str::trim).filter(|owner| !owner.is_empty()).map(str::to_owned)
}
