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
use vedette_parse::gateway::{Gateway, Setting};

use super::{Meta, Places, Rule, forwarding, sure};

pub(super) const RULE: Rule = Rule {
    meta: Meta {
        id: "gateway-hardening-no-body-limit",
        title: "No limit on bodies",
        severity: Severity::Low,
        owasp: &["API4:2023"],
        cwe: &["CWE-400", "CWE-770"],
        compliance: &[],
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
    for route in forwarding(gateway) {
        let Setting::Off(reason, at) = &route.body_limit else { continue };
        let reads = !route.methods.is_empty()
            && route.methods.iter().all(|one| matches!(one.as_str(), "GET" | "HEAD" | "DELETE"));
        if reads {
            continue;
        }
        let severity = if at.is_some() { Severity::Medium } else { places.severity };
        let text = format!("{} takes bodies of any size: {reason}", route.name());
        places.add_as(severity, at.as_ref().unwrap_or(&route.at), text, sure(gateway, 0.8));
    }
}
