//! Entities of a Backstage catalog: components and APIs with `spec.owner`.

use serde_json::Value;
use vedette_model::Diagnostic;

use super::stream::{Document, items, text};
use super::{Entry, OwnerFile, Pattern, Route, host};
use crate::document;

/// Methods of an OpenAPI path item.
const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch", "trace"];

pub(super) fn read(documents: &[Document<'_>], file: &mut OwnerFile) {
    for document in documents {
        let root = &document.root;
        let kind = text(root, "/kind").unwrap_or_default();
        if !matches!(kind, "Component" | "API" | "Resource" | "System") {
            continue;
        }
        let line = document.lines(&["/spec/owner".to_owned(), "/metadata".to_owned()]);
        let name = text(root, "/metadata/name").unwrap_or_default();
        let (Some(owner), Some(line)) = (text(root, "/spec/owner"), line.iter().max()) else {
            file.problems.push(Diagnostic {
                file: file.file.clone(),
                line: document.lines(&["/metadata".to_owned()]).first().copied().unwrap_or(0),
                column: 1,
                message: format!("{kind} `{name}` has no `spec.owner`"),
                hint: None,
            });
            continue;
        };
        let mut entry =
            Entry { owner: Some(plain(owner)), of: format!("{kind} {name}"), line: *line, ..Entry::default() };
        entry.names = names(root, name);
        if kind == "API" {
            definition(root, &mut entry);
        }
        file.entries.push(entry);
    }
}

/// `group:default/payments` as `payments`: the parts that are always the same say nothing.
fn plain(reference: &str) -> String {
    let name = reference.split_once(':').map_or(reference, |(_, name)| name);
    name.strip_prefix("default/").unwrap_or(name).to_owned()
}

/// What the entity is called here and in other systems.
fn names(root: &Value, name: &str) -> Vec<String> {
    let annotation = |key: &str| root.get("metadata")?.get("annotations")?.get(key)?.as_str();
    let repository = annotation("github.com/project-slug").or_else(|| annotation("gitlab.com/project-slug"));
    let names = [
        Some(name),
        annotation("backstage.io/kubernetes-id"),
        repository.and_then(|slug| slug.rsplit('/').next()),
        text(root, "/metadata/title").filter(|title| !title.contains(' ')),
    ];
    let mut names: Vec<String> =
        names.into_iter().flatten().filter(|name| !name.is_empty()).map(str::to_owned).collect();
    names.dedup();
    names
}

/// Servers and operations of an API's definition: in the entity itself, or the file that it names.
fn definition(root: &Value, entry: &mut Entry) {
    let Some(definition) = root.pointer("/spec/definition") else { return };
    for reference in ["$text", "$yaml", "$json", "$openapi"] {
        if let Some(file) = definition.get(reference).and_then(Value::as_str) {
            entry.files = Pattern::suffix(file);
        }
    }
    let Some(Ok(spec)) = definition.as_str().map(|text| document::read("definition", text)) else { return };
    let mut bases = Vec::new();
    for url in items(&spec, "/servers").iter().filter_map(|server| text(server, "/url")) {
        entry.hosts.extend(host(url).filter(|host| host.contains('.')));
        let path = url
            .split_once("://")
            .map_or(url, |(_, rest)| rest.find('/').map_or("", |at| rest.get(at..).unwrap_or_default()));
        bases.push(path.trim_end_matches('/').to_owned());
    }
    entry.hosts.extend(text(&spec, "/host").and_then(host));
    bases.extend(text(&spec, "/basePath").map(|path| path.trim_end_matches('/').to_owned()));
    if bases.is_empty() {
        bases.push(String::new());
    }
    bases.dedup();
    for (path, item) in spec.get("paths").and_then(Value::as_object).into_iter().flatten() {
        let methods = METHODS.iter().filter(|method| item.get(**method).is_some());
        let methods: Vec<String> = methods.map(|method| method.to_ascii_uppercase()).collect();
        let routes =
            bases.iter().map(|base| Route { path: format!("{base}{path}"), exact: true, methods: methods.clone() });
        entry.routes.extend(routes);
    }
}
