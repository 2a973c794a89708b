//! Kong's declarative configuration: owners stand in the tags of services and routes.

use std::collections::BTreeMap;

use serde_json::Value;

use super::stream::{Document, Pending, items, place, text, texts};
use super::{Entry, OwnerFile, Route, host, is_owner_key};

pub(super) fn read(documents: &[Document<'_>], file: &mut OwnerFile) {
    let mut found = Found { document: 0, pending: Vec::new() };
    for (at, document) in documents.iter().enumerate() {
        found.document = at;
        let root = &document.root;
        let services = items(root, "/services");
        let by_name: BTreeMap<&str, &Value> =
            services.iter().filter_map(|service| Some((text(service, "/name")?, service))).collect();
        for (i, service) in services.iter().enumerate() {
            let pointer = format!("/services/{i}");
            let name = text(service, "/name").unwrap_or_default();
            let owner = owner(service);
            if let Some(owner) = &owner {
                let mut entry = entry(owner, format!("service {name}"));
                entry.names.extend(named(name));
                // What stands behind the gateway is what a capture behind it sees.
                entry.hosts.extend(text(service, "/host").or_else(|| text(service, "/url")).and_then(host));
                found.add(pointer.clone(), entry);
            }
            for (j, route) in items(service, "/routes").iter().enumerate() {
                found.route(route, format!("{pointer}/routes/{j}"), owner.as_deref(), name);
            }
        }
        for (i, route) in items(root, "/routes").iter().enumerate() {
            let of = text(route, "/service/name").or_else(|| text(route, "/service")).unwrap_or_default();
            let inherited = by_name.get(of).and_then(|service| owner(service));
            found.route(route, format!("/routes/{i}"), inherited.as_deref(), of);
        }
    }
    place(documents, found.pending, file);
}

/// Entries on their way.
struct Found {
    document: usize,
    pending: Vec<Pending>,
}

impl Found {
    fn add(&mut self, pointer: String, entry: Entry) {
        self.pending.push(Pending { document: self.document, pointer, entry });
    }

    fn route(&mut self, route: &Value, pointer: String, inherited: Option<&str>, service: &str) {
        let own = owner(route);
        let Some(owner) = own.as_deref().or(inherited) else { return };
        let name = text(route, "/name").unwrap_or(service);
        let mut entry = entry(owner, format!("route {name}"));
        entry.hosts = texts(route.get("hosts")).iter().filter_map(|text| host(text)).collect();
        let methods: Vec<String> =
            texts(route.get("methods")).iter().map(|method| method.to_ascii_uppercase()).collect();
        let paths = texts(route.get("paths"));
        let literals = paths.iter().filter_map(|path| literal(path));
        entry.routes = literals.map(|path| Route { path, exact: false, methods: methods.clone() }).collect();
        if entry.routes.iter().any(|route| route.path == "/" && route.methods.is_empty()) {
            entry.routes.clear();
        } else if entry.routes.is_empty() && !paths.is_empty() {
            // Expressions without a literal: which paths they mean is not known.
            return;
        }
        if entry.hosts.is_empty() {
            entry.names.extend(named(service));
        }
        self.add(pointer, entry);
    }
}

fn entry(owner: &str, of: String) -> Entry {
    Entry { owner: Some(owner.to_owned()), of, ..Entry::default() }
}

fn named(name: &str) -> Option<String> {
    (!name.is_empty()).then(|| name.to_owned())
}

/// The path before the first thing that a regular expression (`~/orders/\d+`) leaves open.
fn literal(path: &str) -> Option<String> {
    let Some(regex) = path.strip_prefix('~') else { return Some(path.to_owned()) };
    let end = regex.find(['(', '[', '\\', '.', '*', '+', '?', '$', '{', '|']).unwrap_or(regex.len());
    let literal = regex.get(..end).unwrap_or_default().trim_start_matches('^');
    let whole = if end == regex.len() { literal } else { literal.rsplit_once('/').map_or("", |(before, _)| before) };
    (!whole.is_empty()).then(|| whole.to_owned())
}

/// `owner:payments`, `team=payments` or `team-payments` among the tags.
fn owner(value: &Value) -> Option<String> {
    let tags = texts(value.get("tags"));
    let bound = tags.iter().find_map(|tag| {
        let (key, owner) = tag.split_once([':', '='])?;
        (is_owner_key(key.trim()) && !owner.trim().is_empty()).then(|| owner.trim().to_owned())
    });
    bound.or_else(|| tags.into_iter().find(|tag| tag.starts_with("team-") || tag.starts_with("squad-")))
}
