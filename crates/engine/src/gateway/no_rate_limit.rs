//! # No rate limit
//!
//! **What.** A route forwards calls to a backend, and nothing limits how many.
//!
//! **Why it matters.** Guessing of passwords and ids, scraping and floods cost an attacker nothing.
//!
//! **Signals and thresholds.** The limit in force at the route, with the inheritance of the product. Filters that are there
//! but count nothing (Envoy's `filter_enabled` of 0 %) are no limit. Medium where passwords or tokens are asked for, low
//! elsewhere. Where limits are set in a place that was not given, nothing is said.
//!
//! **False positives.** A firewall or service in front that limits.
//!
//! **Fix.** Limit per caller at the level above all routes, and lower for login and tokens.
//!
//! **References.** OWASP API4:2023, CWE-770.

use vedette_model::Severity;
use vedette_parse::gateway::{Gateway, Setting};

use super::{Meta, Places, Rule, forwarding, function, sure};

/// Functions where guessing pays.
const GUESSED: &[&str] = &["login", "token", "password-reset", "mfa", "sign-up", "coupon", "payment", "invoice"];

pub(super) const RULE: Rule = Rule {
    meta: Meta {
        id: "gateway-hardening-no-rate-limit",
        title: "No rate limit",
        severity: Severity::Low,
        owasp: &["API4:2023"],
        cwe: &["CWE-770"],
        compliance: &[],
        compliance_by_data: false,
        facts: &[],
        fix: "Limit calls per caller (address, key or user) at the level above all routes, and lower for login, tokens and codes.",
    },
    check,
    bad: &[
        "server { listen 443 ssl; auth_basic x; location /login { proxy_pass http://api; } }",
        "_format_version: '3.0'\nplugins: [{name: rate-limiting, consumer: shop}]\nservices: [{name: a, url: 'http://a', routes: [{paths: [/v1]}]}]\n",
    ],
    good: &[
        "http { limit_req zone=one; server { listen 443 ssl; location /login { proxy_pass http://api; } } }",
        "_format_version: '3.0'\nservices: [{name: a, url: 'http://a', plugins: [{name: rate-limiting}], routes: [{paths: [/v1]}]}]\n",
        "frontend f\n  mode http\n  bind :443 ssl crt /c.pem\n  stick-table type ip size 1m expire 10s store http_req_rate(10s)\n  http-request track-sc0 src\n  http-request deny deny_status 429 if { sc_http_req_rate(0) gt 100 }\n  default_backend a\nbackend a\n  server a 10.0.0.1:80\n",
    ],
};

fn check(gateway: &Gateway, places: &mut Places) {
    for route in forwarding(gateway) {
        let Setting::Off(reason, _) = &route.rate_limit else { continue };
        let guessed = function(route).filter(|what| GUESSED.contains(what));
        let severity = if guessed.is_some() { Severity::Medium } else { places.severity };
        places.add_as(
            severity,
            (&route.at, &route.name()),
            format!("nothing limits calls of {}: {reason}", route.name()),
            sure(gateway, 0.7),
        );
    }
}
