//! Policies that attach to gateways and routes of the Gateway API.
//!
//! Envoy Gateway's are known by name. Of other implementations it is only known that they are there.

use super::super::{Cors, PathPattern, Setting};
use super::authorization::{self, Point};
use super::routes::{Attached, by_filter, cors};
use super::{Cluster, Object};
use crate::document::Node;

/// Kinds whose effect is known, or that change nothing here.
const KNOWN: &[&str] = &[
    "SecurityPolicy",
    "BackendTrafficPolicy",
    "ClientTrafficPolicy",
    "BackendTLSPolicy",
    "AuthorizationPolicy",
    "RequestAuthentication",
    "EnvoyPatchPolicy",
    "Telemetry",
    "ReferenceGrant",
];

impl<'t> Cluster<'t> {
    /// Policies of a kind at the route, and at its gateways.
    fn policies(&self, attached: &Attached<'t>, fits: impl Fn(&Object<'t>) -> bool) -> [Vec<&Object<'t>>; 2] {
        let Some(route) = self.objects.get(attached.route) else { return [Vec::new(), Vec::new()] };
        let at = |kind: &'t str, namespace: &'t str, name: &'t str| {
            let places = self.by_target.get(&(kind, namespace, name)).into_iter().flatten();
            places.filter_map(|place| self.objects.get(*place)).filter(|one| fits(one)).collect::<Vec<_>>()
        };
        let of_gateways = attached.gateways.iter().flat_map(|(namespace, name)| at("Gateway", namespace, name));
        [at(route.kind, route.namespace, route.name), of_gateways.collect()]
    }

    pub(super) fn authentication(&self, attached: &Attached<'t>, filters: &[Node], path: &PathPattern) -> Setting {
        let Some(route) = self.objects.get(attached.route) else { return Setting::Unknown("no route".to_owned()) };
        if let Some(setting) = by_filter(route, filters, "ExternalAuth") {
            return setting;
        }
        let [own, of_gateway] = self.policies(attached, |one| one.kind == "SecurityPolicy");
        // A policy at the route replaces the gateway's.
        let mut off = None;
        for policy in if own.is_empty() { &of_gateway } else { &own } {
            match security(policy) {
                Setting::Off(reason, at) => off = Some(Setting::Off(reason, at)),
                other => return other,
            }
        }
        let gateways: Vec<(&str, &str)> = attached.gateways.clone();
        let istio = authorization::judge(
            &self.of_kind("AuthorizationPolicy").collect::<Vec<_>>(),
            &Point { gateways: &gateways, labels: &[], workload: None },
            path,
        );
        match istio {
            Some(Setting::Off(reason, at)) => off = off.or(Some(Setting::Off(reason, at))),
            Some(other) => return other,
            None => {}
        }
        if let Some(reason) = self.unknown_policy(attached) {
            return Setting::Unknown(reason);
        }
        off.unwrap_or_else(|| {
            Setting::Off("no policy in the given files that asks who calls attaches to it".to_owned(), None)
        })
    }

    pub(super) fn rate_limit(&self, attached: &Attached<'t>, filters: &[Node]) -> Setting {
        let Some(route) = self.objects.get(attached.route) else { return Setting::Unknown("no route".to_owned()) };
        let all = self.policies(attached, |one| one.kind == "BackendTrafficPolicy");
        if let Some((policy, node)) = all.iter().flatten().find_map(|one| Some((one, one.spec("rateLimit")?))) {
            return Setting::On(format!("rateLimit of {}", policy.name), policy.at(node));
        }
        let extension = by_filter(route, filters, "\u{0}");
        if let Some(Setting::Unknown(reason)) = extension {
            return Setting::Unknown(reason);
        }
        match self.unknown_policy(attached) {
            Some(reason) => Setting::Unknown(reason),
            None => Setting::Off("no policy in the given files that limits calls attaches to it".to_owned(), None),
        }
    }

    pub(super) fn body_limit(&self, attached: &Attached<'t>) -> Setting {
        let all = self.policies(attached, |one| one.kind == "BackendTrafficPolicy");
        if let Some((policy, node)) = all.iter().flatten().find_map(|one| Some((one, one.spec("requestBuffer/limit")?)))
        {
            return Setting::On(format!("requestBuffer of {}", policy.name), policy.at(node));
        }
        if self.envoy {
            return Setting::Off("Envoy passes bodies of any size on without a `requestBuffer`".to_owned(), None);
        }
        Setting::Unknown("the Gateway API leaves it to its implementation".to_owned())
    }

    pub(super) fn cors(&self, attached: &Attached<'t>) -> Option<Cors> {
        let [own, of_gateway] = self.policies(attached, |one| one.kind == "SecurityPolicy");
        let policies = if own.is_empty() { of_gateway } else { own };
        policies.iter().find_map(|one| one.spec("cors").and_then(|node| cors(one.at(node), node)))
    }

    /// Why an implementation may do more than is known here.
    fn unknown_policy(&self, attached: &Attached<'t>) -> Option<String> {
        let all = self.policies(attached, |one| !KNOWN.contains(&one.kind));
        if let Some(policy) = all.iter().flatten().next() {
            return Some(format!("the {} {} attaches to it", policy.kind, policy.name));
        }
        let route = self.objects.get(attached.route)?;
        let annotations = route.node.find("metadata/annotations").map_or(&[][..], Node::members);
        let words = ["auth", "plugin", "middleware", "policy", "oidc"];
        let (name, _) = annotations.iter().find(|(name, _)| words.iter().any(|word| name.contains(word)))?;
        Some(format!("the annotation `{name}` may do it"))
    }

    /// TLS to backends as policies and resources say.
    pub(super) fn backends(&mut self) {
        self.destination_rules();
        for object in self.objects.iter().filter(|one| one.is("gateway.envoyproxy.io", "Backend")) {
            let Some(tls) = object.spec("tls") else { continue };
            let lax = tls.get("insecureSkipVerify").filter(|_| tls.flag_at("insecureSkipVerify") == Some(true));
            let host =
                object.list("endpoints").first().and_then(|one| one.text_at("fqdn/hostname")).unwrap_or(object.name);
            let verify = match lax {
                Some(node) => Setting::Off("`insecureSkipVerify: true`".to_owned(), Some(object.at(node))),
                None => Setting::Default("Envoy Gateway verifies unless told otherwise".to_owned()),
            };
            let (at, reach) = (object.at(tls), super::super::address::reach(host));
            let name = host.to_owned();
            self.gateway.backends.push(super::super::Backend {
                at,
                name,
                tls: true,
                verify,
                reach,
                authentication: None,
            });
        }
    }
}

/// What Envoy Gateway's `SecurityPolicy` asks.
fn security(policy: &Object<'_>) -> Setting {
    let guards = ["jwt", "oidc", "basicAuth", "apiKeyAuth", "extAuth"];
    if let Some((name, node)) = guards.iter().find_map(|name| Some((name, policy.spec(name)?))) {
        if node.flag_at("optional") == Some(true) {
            return Setting::Off(
                format!("`{name}` of {} lets calls without a token pass (`optional`)", policy.name),
                Some(policy.at(node)),
            );
        }
        return Setting::On(format!("{name} of {}", policy.name), policy.at(node));
    }
    match policy.spec("authorization/defaultAction") {
        Some(node) if node.text() == Some("Deny") => {
            Setting::On(format!("authorization of {}", policy.name), policy.at(node))
        }
        _ => Setting::Off(
            format!("the SecurityPolicy {} asks nobody who they are", policy.name),
            Some(policy.at(policy.node)),
        ),
    }
}
