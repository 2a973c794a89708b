//! Istio's AuthorizationPolicy: does a call have to say who makes it?
//!
//! A call passes two places, the gateway and the workload, and each has its own policies. Where `ALLOW` policies apply, one
//! of them must fit; a rule that names no caller and fits the path lets everybody in.

use super::super::{PathPattern, Setting};
use super::Object;
use crate::document::Node;

/// Where policies must apply to count.
pub(super) struct Point<'p> {
    /// Namespace and name of the gateways in front.
    pub(super) gateways: &'p [(&'p str, &'p str)],
    /// Labels of the pods that are the gateway.
    pub(super) labels: &'p [(&'p str, &'p str)],
    /// Namespace and name of the service behind.
    pub(super) workload: Option<(&'p str, &'p str)>,
}

/// Namespace whose policies hold for the whole mesh unless it was configured otherwise.
const ROOT_NAMESPACE: &str = "istio-system";

/// Who may call a path; `None` when no policy applies.
pub(super) fn judge(policies: &[&Object<'_>], point: &Point<'_>, path: &PathPattern) -> Option<Setting> {
    let policies = || policies.iter().copied();
    let at_gateway: Vec<&Object<'_>> = policies().filter(|one| at_gateway(one, point)).collect();
    let at_workload: Vec<&Object<'_>> = policies().filter(|one| at_workload(one, point)).collect();
    let mut off = None;
    for here in [at_gateway, at_workload] {
        match at_point(&here, path) {
            None => {}
            Some(Setting::Off(reason, at)) => off = Some(Setting::Off(reason, at)),
            Some(other) => return Some(other),
        }
    }
    off
}

fn at_gateway(policy: &Object<'_>, point: &Point<'_>) -> bool {
    if policy.targets().next().is_some() {
        return point.gateways.iter().any(|(namespace, name)| policy.attaches("Gateway", namespace, name));
    }
    match policy.spec("selector/matchLabels").map(Node::members) {
        Some(wanted) => {
            !wanted.is_empty()
                && wanted.iter().all(|(name, value)| {
                    point.labels.iter().any(|(known, own)| known == name && value.text() == Some(*own))
                })
        }
        None => policy.namespace == ROOT_NAMESPACE && !point.labels.is_empty(),
    }
}

fn at_workload(policy: &Object<'_>, point: &Point<'_>) -> bool {
    let Some((namespace, service)) = point.workload else { return false };
    if policy.targets().next().is_some() {
        return policy.attaches("Service", namespace, service);
    }
    let labels = policy.spec("selector/matchLabels").map(Node::members);
    let named = |all: &[(String, Node)]| {
        let names = ["app", "app.kubernetes.io/name", "k8s-app"];
        all.iter().any(|(name, value)| names.contains(&name.as_str()) && value.text() == Some(service))
    };
    match labels {
        Some(all) => policy.namespace == namespace && named(all),
        None => policy.namespace == namespace || policy.namespace == ROOT_NAMESPACE,
    }
}

fn at_point(policies: &[&Object<'_>], path: &PathPattern) -> Option<Setting> {
    let action =
        |one: &&&Object<'_>, wanted: &str| one.spec("action").and_then(Node::text).unwrap_or("ALLOW") == wanted;
    for policy in policies.iter().filter(|one| action(one, "CUSTOM") || action(one, "DENY")) {
        for rule in policy.list("rules") {
            let refuses = action(&policy, "CUSTOM") || names_no_caller(rule);
            match covers(rule, path) {
                Cover::Whole if refuses => {
                    return Some(Setting::On(format!("AuthorizationPolicy {}", policy.name), policy.at(rule)));
                }
                Cover::Part if refuses => {
                    return Some(Setting::Unknown(format!(
                        "the AuthorizationPolicy {} asks at parts of it",
                        policy.name
                    )));
                }
                _ => {}
            }
        }
    }
    let allowing: Vec<&&Object<'_>> = policies.iter().filter(|one| action(one, "ALLOW")).collect();
    let first = allowing.first()?;
    for policy in &allowing {
        for rule in policy.list("rules") {
            if !names_caller(rule) && !matches!(covers(rule, path), Cover::None) {
                let reason = format!("a rule of the AuthorizationPolicy {} lets anybody in", policy.name);
                return Some(Setting::Off(reason, Some(policy.at(rule))));
            }
        }
    }
    Some(Setting::On(format!("AuthorizationPolicy {}", first.name), first.at(first.node)))
}

/// A rule that only fits callers who are named.
fn names_caller(rule: &Node) -> bool {
    let kinds = ["requestPrincipals", "principals", "ipBlocks", "remoteIpBlocks", "namespaces", "serviceAccounts"];
    let sources = rule.items_at("from");
    let named =
        |one: &Node| one.get("source").is_some_and(|source| kinds.iter().any(|kind| !source.items_at(kind).is_empty()));
    let claims = rule.items_at("when").iter().any(|one| {
        one.text_at("key").is_some_and(|key| key.starts_with("request.auth.") || key.starts_with("source."))
    });
    (!sources.is_empty() && sources.iter().all(named)) || claims
}

/// A rule of `DENY` that fits callers without a token.
fn names_no_caller(rule: &Node) -> bool {
    let kinds = ["notRequestPrincipals", "notPrincipals", "notIpBlocks", "notRemoteIpBlocks"];
    rule.items_at("from")
        .iter()
        .any(|one| one.get("source").is_some_and(|source| kinds.iter().any(|kind| !source.items_at(kind).is_empty())))
}

enum Cover {
    None,
    Part,
    Whole,
}

/// Whether a rule fits all calls of a path.
fn covers(rule: &Node, path: &PathPattern) -> Cover {
    let to = rule.items_at("to");
    if to.is_empty() {
        return Cover::Whole;
    }
    let mut part = false;
    for operation in to.iter().filter_map(|one| one.get("operation")) {
        let paths = operation.get("paths").map(Node::texts);
        let narrow = ["methods", "hosts", "ports"].iter().any(|key| operation.get(key).is_some());
        match paths {
            None if !narrow => return Cover::Whole,
            None => part = true,
            Some(all) => {
                for one in all {
                    let stem = one.trim_end_matches("{**}").trim_end_matches('*');
                    let inside = if stem.len() < one.len() { path.text.starts_with(stem) } else { path.text == one };
                    if inside && !narrow {
                        return Cover::Whole;
                    }
                    part |= inside || one.starts_with(&path.text) || one.starts_with('*');
                }
            }
        }
    }
    if part { Cover::Part } else { Cover::None }
}
