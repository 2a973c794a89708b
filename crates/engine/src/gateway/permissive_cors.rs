//! # CORS lets every page in
//!
//! **What.** Pages of any origin may read answers of a route: `*`, the origin of the request sent back, or `null`.
//!
//! **Why it matters.** With credentials, any page that a user opens reads the API in the user's name. Without, any page
//! uses the API from its visitors' addresses, also from inside of a network.
//!
//! **Signals and thresholds.** The origins that the gateway answers with. High when the request's origin or `null` is sent
//! back together with credentials, medium when it is sent back without, low for `*` (browsers then send no credentials).
//!
//! **False positives.** Public data that is meant for every page.
//!
//! **Fix.** List the origins.
//!
//! **References.** OWASP API8:2023, CWE-942.

use vedette_model::Severity;
use vedette_parse::gateway::{Cors, Gateway, Origin, Route, Serves};

use super::{Meta, Places, Rule, and_more};

pub(super) const RULE: Rule = Rule {
    meta: Meta {
        id: "gateway-hardening-permissive-cors",
        title: "CORS lets every page in",
        severity: Severity::Medium,
        owasp: &["API8:2023"],
        cwe: &["CWE-942"],
        compliance: &["OWASP ASVS 5 V3"],
        compliance_by_data: false,
        facts: &[],
        fix: "List the origins that need the API; send `Access-Control-Allow-Credentials` only to those.",
    },
    check,
    bad: &[
        "server { listen 443 ssl; location / { add_header Access-Control-Allow-Origin $http_origin; add_header Access-Control-Allow-Credentials true; proxy_pass http://api; } }",
        "_format_version: '3.0'\nplugins: [{name: cors, config: {origins: ['*'], credentials: true}}]\nservices: [{name: a, url: 'http://a', routes: [{paths: [/v1]}]}]\n",
    ],
    good: &[
        "map $http_origin $allowed { default ''; https://shop.example $http_origin; }\nserver { listen 443 ssl; location / { add_header Access-Control-Allow-Origin $allowed; proxy_pass http://api; } }",
        "_format_version: '3.0'\nplugins: [{name: cors, config: {origins: ['https://shop.example'], credentials: true}}]\nservices: [{name: a, url: 'http://a', routes: [{paths: [/v1]}]}]\n",
    ],
};

fn check(gateway: &Gateway, places: &mut Places) {
    // A policy that holds for many routes is one place.
    let mut policies: Vec<(&Cors, Vec<&Route>)> = Vec::new();
    let read = |route: &&Route| !matches!(route.serves, Serves::Redirect | Serves::Files);
    for route in gateway.routes.iter().filter(read) {
        let Some(cors) = &route.cors else { continue };
        match policies.iter_mut().find(|(known, _)| known.at == cors.at) {
            Some((_, routes)) => routes.push(route),
            None => policies.push((cors, vec![route])),
        }
    }
    for (cors, routes) in policies {
        let (severity, what) = match (cors.origin, cors.credentials) {
            (Origin::Reflected, true) => (Severity::High, "the origin of the request, with credentials"),
            (Origin::Null, true) => (Severity::High, "`null`, with credentials"),
            (Origin::Reflected, false) => (places.severity, "the origin of the request"),
            (Origin::Null, false) => (places.severity, "`null`"),
            (Origin::Any, true) => (Severity::Low, "`*`, with credentials, which browsers refuse"),
            (Origin::Any, false) => (Severity::Low, "`*`"),
            (Origin::Listed, _) => continue,
        };
        let Some((first, rest)) = routes.split_first() else { continue };
        let text = format!("pages of any origin may read {}{}: allowed is {what}", first.name(), and_more(rest.len()));
        places.add_as(severity, (&cors.at, &first.name()), text, 0.9);
    }
}
