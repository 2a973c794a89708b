//! Which crate may use which: the direction that ARCHITECTURE.md draws, checked against `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

/// Crates of the workspace and those they may depend on. A crate that is missing here is an error: a new crate needs
/// a place in the picture first.
const ALLOWED: &[(&str, &[&str])] = &[
    ("vedette-model", &[]),
    ("vedette-parse", &["vedette-model"]),
    ("vedette-engine", &["vedette-model", "vedette-parse"]),
    ("vedette-ingest", &["vedette-model", "vedette-parse"]),
    ("vedette-store", &["vedette-model"]),
    ("vedette-server", &["vedette-model", "vedette-parse", "vedette-engine", "vedette-ingest", "vedette-store"]),
    (
        "vedette",
        &[
            "vedette-model",
            "vedette-parse",
            "vedette-engine",
            "vedette-ingest",
            "vedette-server",
            "vedette-store",
            "vedette-testkit",
        ],
    ),
    ("vedette-testkit", &["vedette-model", "vedette-parse"]),
    ("xtask", &["vedette-model", "vedette-parse", "vedette-engine"]),
];

/// Crates that everybody may use in tests.
const DEVELOPMENT: &[&str] = &["vedette-testkit"];

/// Crates that stay pure: no async runtime below them.
const PURE: &[&str] = &["vedette-model", "vedette-parse", "vedette-engine"];

/// What a pure crate may not have anywhere below it.
const IMPURE: &[&str] = &["tokio", "async-std", "smol", "reqwest", "hyper"];

/// Every edge that should not be there, one sentence each.
pub(crate) fn complaints(root: &Path) -> Result<Vec<String>> {
    let metadata = metadata(root)?;
    let mut complaints = wrong_edges(&metadata);
    complaints.extend(impure_crates(&metadata));
    Ok(complaints)
}

/// The resolved dependency graph. Tried without network first.
pub(crate) fn metadata(root: &Path) -> Result<Metadata> {
    let mut command = MetadataCommand::new();
    command.current_dir(root).other_options(["--locked".to_owned(), "--offline".to_owned()]);
    if let Ok(metadata) = command.exec() {
        return Ok(metadata);
    }
    let mut online = MetadataCommand::new();
    online.current_dir(root).other_options(["--locked".to_owned()]);
    online.exec().context("cargo metadata failed")
}

fn wrong_edges(metadata: &Metadata) -> Vec<String> {
    let members = metadata.workspace_packages();
    let names: BTreeSet<&str> = members.iter().map(|package| package.name.as_str()).collect();
    let mut complaints = Vec::new();
    for package in &members {
        let name = package.name.as_str();
        let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| *known == name) else {
            complaints.push(format!("crate {name} has no place in xtask/src/edges.rs"));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|dependency| names.contains(dependency.name.as_str())) {
            let to = dependency.name.as_str();
            let development = dependency.kind == DependencyKind::Development && DEVELOPMENT.contains(&to);
            if !development && !allowed.contains(&to) {
                complaints.push(format!("{name} must not depend on {to}"));
            }
        }
    }
    complaints
}

fn impure_crates(metadata: &Metadata) -> Vec<String> {
    let names: BTreeMap<_, _> = metadata.packages.iter().map(|package| (&package.id, package.name.as_str())).collect();
    let edges: BTreeMap<_, Vec<_>> = metadata
        .resolve
        .iter()
        .flat_map(|resolve| &resolve.nodes)
        .map(|node| {
            let normal =
                node.deps.iter().filter(|dep| dep.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal));
            (&node.id, normal.map(|dep| &dep.pkg).collect())
        })
        .collect();
    let mut complaints = Vec::new();
    for package in metadata.workspace_packages().iter().filter(|package| PURE.contains(&package.name.as_str())) {
        let mut waiting = vec![&package.id];
        let mut seen = BTreeSet::new();
        while let Some(id) = waiting.pop() {
            if !seen.insert(id) {
                continue;
            }
            let name = names.get(id).copied().unwrap_or_default();
            if IMPURE.contains(&name) {
                complaints.push(format!("{} must not have {name} below it", package.name));
            }
            waiting.extend(edges.get(id).into_iter().flatten());
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    #[test]
    fn crates_depend_in_one_direction() {
        let complaints = super::complaints(crate::root()).unwrap();
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    }
}
