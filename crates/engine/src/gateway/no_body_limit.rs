//! # No limit on bodies
//!
//! **What.** A route forwards requests of any size.
//!
//! **Why it matters.** One caller fills memory and disks of the backend, or pays for nothing while the owner pays for
//! everything.
//!
//! **Signals and thresholds.** The limit in force at the route, or the product's default: nginx takes 1 MB, API Gateway 10
//! MB; Envoy, Kong, HAProxy and API Management take all. Low; medium where a limit was turned off on purpose.
//!
//! **False positives.** Backends that limit themselves; upload routes.
//!
//! **Fix.** Set a limit above all routes, and a larger one where files are sent.
//!
//! **References.** OWASP API4:2023, CWE-400, CWE-770.

use vedette_model::Severity;
use vedette_parse::gateway::{At, Gateway, Route, Setting};

use super::{Meta, Places, Rule, and_more, forwarding, sure};

pub(super) const RULE: Rule = Rule {
    meta: Meta {
        id: "gateway-hardening-no-body-limit",
        title: "No limit on bodies",
        severity: Severity::Low,
        owasp: &["API4:2023"],
        cwe: &["CWE-400", "CWE-770"],
        compliance: &[],
        compliance_by_data: false,
        facts: &[],
        fix: "Set the largest body that the API needs above all routes, and a larger one only where files are sent.",
    },
    check,
    bad: &[
        "server { listen 443 ssl; client_max_body_size 0; location / { proxy_pass http://api; } }",
        "_format_version: '3.0'\nservices: [{name: a, url: 'http://a', routes: [{paths: [/v1]}]}]\n",
    ],
    good: &[
        "server { listen 443 ssl; location / { proxy_pass http://api; } }",
        "_format_version: '3.0'\nplugins: [{name: request-size-limiting}]\nservices: [{name: a, url: 'http://a', routes: [{paths: [/v1]}]}]\n",
    ],
};

fn check(gateway: &Gateway, places: &mut Places) {
    // A limit that was turned off above many routes is one place.
    let mut off: Vec<(&At, &str, Vec<&Route>)> = Vec::new();
    for route in forwarding(gateway) {
        let Setting::Off(reason, at) = &route.body_limit else { continue };
        let reads = |one: &String| matches!(one.as_str(), "GET" | "HEAD" | "DELETE");
        if !route.methods.is_empty() && route.methods.iter().all(reads) {
            continue;
        }
        match (at, off.iter_mut().find(|(known, ..)| Some(*known) == at.as_ref())) {
            (None, _) => {
                let text = format!("{} takes bodies of any size: {reason}", route.name());
                places.add((&route.at, &route.name()), text, sure(gateway, 0.8));
            }
            (Some(_), Some((.., routes))) => routes.push(route),
            (Some(at), None) => off.push((at, reason, vec![route])),
        }
    }
    for (at, reason, routes) in off {
        let Some((first, rest)) = routes.split_first() else { continue };
        let text = format!("{}{} take bodies of any size: {reason}", first.name(), and_more(rest.len()));
        let text = if rest.is_empty() { text.replacen(" take ", " takes ", 1) } else { text };
        places.add_as(Severity::Medium, (at, &first.name()), text, sure(gateway, 0.8));
    }
}
